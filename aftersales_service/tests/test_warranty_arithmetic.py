from datetime import date

from odoo.tests.common import BaseCase

from ..tools.warranty import Cover, Pool, Unit, Work, decide, last_day, prolong

ALL = frozenset({"labour", "part", "travel"})
DAY = date(2026, 6, 1)


class TestWarrantyArithmetic(BaseCase):
    """Proves R14 without a database: lengths of terms, and which promise speaks."""

    def _cover(self, key, source="policy", **values):
        values = {
            "date_start": date(2026, 1, 1),
            "date_end": date(2026, 12, 31),
            "kinds": ALL,
            "component": "machine",
            **values,
        }
        return Cover(key=key, source=source, **values)

    def _decide(self, covers, path=("machine",), unit=None, **work):
        unit = Unit(covers=tuple(covers), **(unit or {}))
        work = {"kind": "part", "day": DAY, "path": path, **work}
        return decide(unit, Work(**work), roots={"machine"})

    def test_last_day_of_a_term(self):
        for start, duration, unit, end in (
            (date(2026, 5, 2), 3, "month", date(2026, 8, 2)),
            (date(2026, 1, 31), 1, "month", date(2026, 2, 28)),
            (date(2024, 2, 29), 1, "year", date(2025, 2, 28)),
            (date(2026, 5, 2), 30, "day", date(2026, 6, 1)),
            (date(2026, 5, 2), 0, "month", None),
        ):
            with self.subTest(start=start, duration=duration, unit=unit):
                self.assertEqual(last_day(start, duration, unit), end)
        self.assertEqual(prolong(date(2026, 8, 2), 12), date(2026, 8, 14))

    def test_the_specific_term_speaks_alone(self):
        machine = self._cover("machine")
        battery = self._cover("battery", component="battery", date_end=date(2026, 4, 1))
        path = ("machine", "electrical", "battery")
        decision = self._decide([machine, battery], path)
        self.assertEqual((decision.code, decision.cover.key), ("expired", "battery"))
        decision = self._decide([machine, battery], ("machine", "engine"))
        self.assertEqual(decision.cover.key, "machine")

    def test_a_longer_specific_term_outlives_the_machine(self):
        machine = self._cover("machine", date_end=date(2026, 5, 1))
        main = self._cover("main", component="main", date_end=date(2027, 5, 1))
        decision = self._decide([machine, main], ("machine", "main", "frame"))
        self.assertEqual((decision.code, decision.cover.key), ("covered", "main"))

    def test_extension_of_the_machine(self):
        """It prolongs the machine and its main parts, not what was carved out."""
        machine = self._cover("machine", date_end=date(2026, 5, 1))
        longer = self._cover("main", component="main", date_end=date(2026, 5, 20))
        battery = self._cover("battery", component="battery", date_end=date(2026, 4, 1))
        extension = self._cover("extension", "extension", date_start=date(2026, 5, 2))
        covers = [machine, longer, battery, extension]
        for path, code in (
            (("machine",), "covered"),
            (("machine", "main"), "covered"),
            (("machine", "battery"), "expired"),
        ):
            with self.subTest(path=path):
                self.assertEqual(self._decide(covers, path).code, code)
        named = self._cover(
            "named", "extension", component="battery", date_start=date(2026, 5, 2)
        )
        decision = self._decide([*covers, named], ("machine", "battery"))
        self.assertEqual(decision.cover.key, "named")

    def test_warranty_pays_before_contract(self):
        contract = self._cover("contract", "contract", pool=Pool(visits=1))
        decision = self._decide([contract, self._cover("policy")])
        self.assertEqual(decision.cover.key, "policy")
        self.assertEqual(contract.pool.visits, 1)

    def test_contract_is_counted_per_ticket(self):
        contract = self._cover("contract", "contract", pool=Pool(visits=1))
        codes = [
            self._decide([contract], ticket=ticket).code for ticket in (1, 1, 2, 1)
        ]
        self.assertEqual(codes, ["covered", "covered", "visits", "covered"])

    def test_contract_hours(self):
        contract = self._cover("contract", "contract", pool=Pool(hours=5))
        codes = [
            self._decide([contract], kind="labour", quantity=quantity).code
            for quantity in (3, 3, 2, 0.5)
        ]
        self.assertEqual(codes, ["covered", "hours", "covered", "hours"])
        part = self._decide([contract], quantity=100)
        self.assertEqual(part.code, "covered", "parts take no hours")

    def test_a_finding_voids_the_warranty_not_every_contract(self):
        covers = [self._cover("policy"), self._cover("contract", "contract")]
        decision = self._decide(covers, excluded=True)
        self.assertEqual(decision.cover.key, "contract")
        decision = self._decide(covers, excluded=True, voids_contract=True)
        self.assertEqual((decision.code, decision.cover), ("excluded", None))

    def test_guarantee_of_a_repair_is_for_the_part(self):
        repair = self._cover("repair", "repair", component=None, product="pump")
        self.assertTrue(self._decide([repair], product="pump").covered)
        self.assertEqual(self._decide([repair], product="belt").code, "component")
        repair = self._cover("repair", "repair", component="wear", product="belt")
        path = ("machine", "wear")
        self.assertTrue(self._decide([repair], path, product="belt").covered)
        self.assertFalse(self._decide([repair], path, product="chain").covered)
        self.assertTrue(self._decide([repair], path, kind="labour").covered)
