"""Several people at the same ticket, goods, money or complaint at the same moment.

One wins; the others read why they are too late, or nothing happens.
"""

import json
import subprocess
from pathlib import Path

import pytest
import support

PROGRAM = Path(__file__).with_name("parallel_users.py")
PLAYS = (
    ("2-in-turn", "4-in-turn", "2-at-once", "4-at-once", "8-at-once")
    if support.FULL
    else ("2-in-turn",)
)
ONE, ALL, SOME = "one", "all", "some"
# What is true afterwards, however many they are, and who passes.
EXPECTED = {
    # The desk and the field
    "ticket solved": ([["solved"], 1], ONE),
    "ticket solved and cancelled": (True, ONE),
    "ticket closed and reopened": (1, SOME),
    "tickets merged into each other": (["cancelled", "new"], ONE),
    "visit drafted": (1, ALL),
    "estimate": (1, ONE),
    "overlapping visits assigned": (True, SOME),
    "visits without time for the way": (True, SOME),
    "visit dragged": (True, SOME),
    "visit finished": ([["done"], 1], ALL),
    "visit finished and given up": (True, SOME),
    "hours of one person": (True, ONE),
    "contract renewed": (1, ONE),
    "last visit of a contract": (1, ALL),
    "unit resold": ("Dealer Zhao", ALL),
    "unit handed in on several tickets": (1, ONE),
    "extensions confirmed": (True, ALL),
    "call without answer": (True, SOME),
    "call noted": (1, ONE),
    "visit plan": (True, ALL),
    "report of a day": (1, ALL),
    # Goods and money
    "return authorised": (1, ONE),
    "return authorised and refused": (True, SOME),
    "return refunded": (2, ALL),
    "refunded while the remedy changes": (True, SOME),
    "return inspected": (0, ONE),
    "return closed and refunded": (True, SOME),
    "return exchanged": (2, ALL),
    "return repaired": (1, ONE),
    "part request approved": (2, ONE),
    "part used": (4, ALL),
    "last part of a van": (1, ALL),
    "tool handed out": (1, ONE),
    "loaner lent to several": (1, ONE),
    "loss charged": (1, ONE),
    "parts plan ordered": (5, ONE),
    "parcel received": (1, ONE),
    # Complaints, causes, people
    "complaint validated": (["validated"], ONE),
    "complaint committed": (["committed"], ONE),
    "complaint investigating": (["investigating"], ONE),
    "complaint proposed": (["proposed"], ALL),
    "complaint agreed": (["agreed"], ONE),
    "complaint accountable": (["accountable"], ONE),
    "complaint improved": (["improved"], ONE),
    "complaint archived": (["archived"], ONE),
    "complaint approved": (["approved", "waiting", "next"], ONE),
    "complaint delegated": (1, SOME),
    "sanction approved": (["approved"], ONE),
    "sanction approved and refused": (1, ONE),
    "sanction appealed": (1, ONE),
    "action followed up": (1, ONE),
    "costs claimed twice": (True, ONE),
    "claim credited": (1, ONE),
    "nonconformity decided": (["decided"], ONE),
    "nonconformity split": (5, ONE),
    "nonconformity split and decided": (5, SOME),
    "containment begun": (["running"], ONE),
    "tickets of a containment": (1, SOME),
    "campaign of a containment": (1, SOME),
    "month sheet checked while it is measured": (["checked"], SOME),
    "month sheet approved": (["approved"], ONE),
    # Somebody else wrote the same record: it is done again, and nothing is there twice
    "solved again": ({}, ALL),
    "assigned again": ({}, ALL),
    "authorised again": ({}, ALL),
    "refunded again": ({}, ALL),
    "lent again": ({}, ALL),
    "found valid again": ({}, ALL),
    "sanctioned again": ({}, ALL),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What each person of each case was told, and what was true afterwards."""
    result = tmp_path_factory.mktemp("parallel") / "told.json"
    with support.installed_copy("parallel") as database:
        done = subprocess.run(
            [
                support.env("AFTERSALES_PYTHON"),
                str(PROGRAM),
                support.env("AFTERSALES_CONF"),
                database,
                str(result),
                *PLAYS,
            ],
            capture_output=True,
            check=False,
            text=True,
            timeout=3600,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-5000:]
    return json.loads(result.read_text("utf-8"))


def test_every_case_is_judged(told):
    assert set(told) == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_one_wins_the_others_read_why(name, told):
    """Proves: no step is taken twice, and nobody meets an error for being second."""
    facts, passing = EXPECTED[name]
    for play, outcome in told[name].items():
        answers = outcome["answers"]
        passed = answers.count("passed")
        late = [answer for answer in answers if answer != "passed"]
        assert all(answer.startswith("refused: ") for answer in late), (play, late)
        assert outcome["facts"] == facts, (play, outcome)
        assert passed >= 1, (play, late)
        assert passing != ONE or passed == 1, (play, answers)
        assert passing != ALL or not late, (play, late)
