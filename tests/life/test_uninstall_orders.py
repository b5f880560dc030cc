"""Floors leave in any order, and come back.

At full size only; tests/life/test_install_matrix.py takes them away from the top down.
"""

import host
import pytest
import snapshot
import support

__test__ = support.FULL
SOLD = 3


class Departure:
    """A database with units, from which floors leave and to which they come back."""

    def __init__(self, database, leaving):
        self.database = database
        self.before = host.story(database, "sell", SOLD)
        self.units_before = host.units(database)
        self.left = support.odoo("module", "uninstall", "-d", database, leaving)
        self.gone = self._gone()

    def _gone(self):
        return {
            addon
            for addon in support.FLOORS
            if support.rows(
                self.database,
                "SELECT 1 FROM ir_module_module WHERE name = %s "
                "AND state = 'uninstalled'",
                [addon],
            )
        }

    def come_back(self):
        """Install what left; return Odoo's run and how many units a sale makes."""
        run = support.server(self.database, "-i", ",".join(sorted(self.gone)))
        known = host.units(self.database)
        host.story(self.database, "sell", SOLD)
        return run, host.units(self.database) - known


@pytest.fixture(scope="module", params=support.FLOORS[:2])
def departure(request):
    with support.installed_copy("departure") as database:
        yield Departure(database, request.param)


def test_floors_above_leave_along(departure):
    """Proves: a floor takes those above it along, and Odoo's log is clean."""
    departure.left.check()
    support.report(departure.left.bad, "log")
    assert departure.units_before == SOLD
    floors = set(support.FLOORS[-len(departure.gone) :])
    assert departure.gone == floors and len(floors) > 1


def test_odoo_goes_on(departure):
    """Proves: Odoo's own work is done as before, and every view can be shown."""
    departure.left.check()
    host.assert_works(host.story(departure.database, "flows"))
    support.report(host.story(departure.database, "views")["findings"], "broken views")
    if len(departure.gone) == len(support.FLOORS):
        support.report(snapshot.traces(departure.database), "traces of us")


def test_floors_come_back(departure):
    """Proves: what left can be installed again, and serves as it did."""
    run, units = departure.come_back()
    run.check()
    support.report(run.bad, "log")
    assert units == SOLD
