"""How the properties of the suite are searched for counter-examples: the same way each run."""

import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path

import support
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

# What hypothesis keeps for itself is not kept in the repository.
set_hypothesis_home_dir(Path(tempfile.gettempdir(), "aftersales-hypothesis"))
COMMON = {
    "derandomize": True,
    "database": None,
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
}
PLAIN = settings(max_examples=2000 if support.FULL else 40, **COMMON)
# Each example makes records in a database, and is short as it is.
STATEFUL = settings(
    max_examples=200 if support.FULL else 8, phases=[Phase.generate], **COMMON
)

DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))
# Whole minutes, as people note them.
MOMENTS = st.integers(0, 4 * 365 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1) + timedelta(minutes=minutes)
)


def near(moment, days=30):
    """Moments from a moment on."""
    return st.integers(0, days * 24 * 60).map(
        lambda minutes: moment + timedelta(minutes=minutes)
    )


@st.composite
def spans(draw, around, count=4, days=20):
    """Some spans of time that begin within days of a moment."""
    found = []
    for _number in range(draw(st.integers(0, count))):
        begin = draw(near(around, days))
        found.append((begin, begin + timedelta(minutes=draw(st.integers(1, 4000)))))
    return found
