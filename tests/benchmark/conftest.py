"""What the benchmarks share."""

import pytest
from benchmark import table


@pytest.fixture
def note(record_property):
    """Note a row of the one table that is printed when all tests are done.

    README has the same rows, until it is written anew.
    """

    def add(row):
        record_property(*table.as_property(row))
        assert table.is_shown(row), (
            f"{row.key} is not in README.md: setup/proof benchmark --readme"
        )
        return row

    return add
