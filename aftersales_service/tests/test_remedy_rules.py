from odoo.tests import tagged

from .remedy_common import RemedyCommon


@tagged("post_install", "-at_install")
class TestRemedyRules(RemedyCommon):
    """Proves R17, R18: each shipped row gives its right on its side of the threshold.

    ``_case_<row>(over)`` tells a story of a unit; with ``over`` it goes one step
    further, and only then the row speaks.
    """

    def test_each_row_on_both_sides(self):
        for code in self._shipped():
            rule = self._rule(code)
            for over in (False, True):
                with self.subTest(rule=code, over=over):
                    unit = getattr(self, f"_case_{code}")(over)
                    found = rule in self._rules_of(unit)
                    self.assertEqual(found, over, unit.remedy_ids.mapped("reason"))

    def test_no_row_without_its_test(self):
        missing = [
            code for code in self._shipped() if not hasattr(self, f"_case_{code}")
        ]
        self.assertFalse(missing)
        self.assertGreater(len(self._shipped()), 20)

    def test_each_row_cites_its_article(self):
        for code in self._shipped():
            rule = self._rule(code)
            with self.subTest(rule=code):
                self.assertRegex(rule.legal_reference, r"art\. \d|busy season")
                self.assertTrue(rule.country_id)
                self.assertGreater(rule.answer_days, 0)
                if code.startswith(("general", "farm")):
                    self.assertIn("secondary source", rule.note)

    def _shipped(self):
        data = self.env["ir.model.data"].search(
            [
                ("module", "=", "aftersales_service"),
                ("model", "=", "aftersales.remedy.rule"),
            ],
            order="id",
        )
        return [
            name.removeprefix("aftersales_remedy_rule_") for name in data.mapped("name")
        ]

    # ------------------------------------------------------------
    # GENERAL GOODS, 1995
    # ------------------------------------------------------------

    def _case_general_7_days(self, over):
        unit = self._unit(self.general, "2026-03-01")
        self._fault(unit, "2026-03-08" if over else "2026-03-09")
        return unit

    def _case_general_15_days(self, over):
        unit = self._unit(self.general, "2026-03-01")
        self._fault(unit, "2026-03-16" if over else "2026-03-17")
        return unit

    def _case_general_2_repairs(self, over):
        return self._twice(self.general, over)

    def _case_general_90_days_parts(self, over):
        return self._without_parts(self.general, over)

    def _case_general_30_days_repairer(self, over):
        return self._slow_repairer(self.general, over)

    # ------------------------------------------------------------
    # FARM MACHINES, 2010
    # ------------------------------------------------------------

    def _case_farm_30_working_days(self, over):
        unit = self._unit(self.machine)
        # Thirty working days after Monday, 2 March 2026 is Monday, 13 April.
        ticket = self._fault(unit, "2026-03-02")
        self._stay(ticket, "2026-03-02")
        self._schedule("2026-04-14" if over else "2026-04-13")
        return unit

    def _case_farm_2_serious(self, over):
        return self._twice(self.machine, over, severity="serious")

    def _case_farm_2_general(self, over):
        unit = self._unit(self.machine, "2026-03-02")
        self._repair(unit, "2026-05-22", "frame")
        self._repair(unit, "2026-06-05", "frame")
        # The first season begins on 20 May: thirty days later is 19 June.
        self._fault(unit, "2026-06-19" if over else "2026-06-20", "frame")
        return unit

    def _case_farm_serious_again(self, over):
        return self._again(
            "farm_2_serious",
            over,
            ("2026-02-02", "2026-02-09", "2026-02-16", "2026-02-23"),
            severity="serious",
        )

    def _case_farm_general_again(self, over):
        return self._again(
            "farm_2_general",
            over,
            ("2026-05-22", "2026-05-25", "2026-05-28", "2026-06-08"),
        )

    def _case_farm_busy_main(self, over):
        unit = self._unit(self.machine)
        self._fault(unit, "2026-06-01", "frame")
        self._schedule("2026-06-05" if over else "2026-06-04")
        return unit

    def _case_farm_busy_other(self, over):
        unit = self._unit(self.machine)
        self._fault(unit, "2026-06-01", "battery")
        self._schedule("2026-06-03" if over else "2026-06-02")
        return unit

    # ------------------------------------------------------------
    # CARS, 2021
    # ------------------------------------------------------------

    def _case_car_7_days(self, over):
        unit = self._unit(self.car, "2026-03-01")
        day = "2026-03-08" if over else "2026-03-09"
        ticket = self._fault(unit, day, "car_engine")
        with self._at(day):
            self._part(ticket, self.bolt, state="planned")
        return unit

    def _case_car_60_days_safety(self, over):
        unit = self._unit(self.car, "2026-03-01", usage_km=2999)
        self._fault(
            unit,
            "2026-04-30" if over else "2026-05-01",
            "car_brakes",
            severity="serious",
        )
        return unit

    def _case_car_60_days_assembly(self, over):
        unit = self._unit(self.car, "2026-03-01", usage_km=3000 if over else 3001)
        self._fault(unit, "2026-03-20", "car_gearbox")
        return unit

    def _case_car_5_days_loaner(self, over):
        unit = self._unit(self.car)
        ticket = self._fault(unit, "2026-03-02")
        self._stay(ticket, "2026-03-02 01:00:00")
        self._schedule("2026-03-07 01:00:01" if over else "2026-03-07 01:00:00")
        return unit

    def _case_car_2_serious(self, over):
        unit = self._unit(self.car)
        self._repair(unit, "2026-05-04", "car_brakes", severity="serious")
        second = "serious" if over else "general"
        self._repair(unit, "2026-05-11", "car_fuel", severity=second)
        self._fault(unit, "2026-05-18", "car_steering", severity="serious")
        return unit

    def _case_car_2_assemblies(self, over):
        unit = self._unit(self.car)
        self._repair(unit, "2026-05-04", "car_engine", part=self.bolt)
        if over:
            self._repair(unit, "2026-05-11", "car_engine", part=self.oil)
        self._fault(unit, "2026-05-18", "car_engine")
        return unit

    def _case_car_2_parts(self, over):
        unit = self._unit(self.car)
        self._repair(unit, "2026-05-04", "car_brakes", part=self.bolt)
        part = self.bolt if over else self.oil
        self._repair(unit, "2026-05-11", "car_brakes", part=part)
        self._fault(unit, "2026-05-18", "car_brakes")
        return unit

    def _case_car_30_days(self, over):
        unit = self._unit(self.car)
        first = self._fault(unit, "2026-03-02", "car_body")
        # Twenty-five days, of which a rescue takes one.
        self._stay(
            first,
            "2026-03-02 01:00:00",
            "2026-03-27 01:00:00",
            [("rescue", "2026-03-03 01:00:00", "2026-03-04 01:00:00")],
        )
        self._solve(first, "2026-03-27")
        second = self._fault(unit, "2026-04-01", "car_fuel")
        self._stay(second, "2026-04-01 09:00:00")
        self._schedule("2026-04-07 09:00:01" if over else "2026-04-07 09:00:00")
        return unit

    def _case_car_4_repairs(self, over):
        unit = self._unit(self.car)
        for day in ("04", "06", "08", "11"):
            self._repair(unit, f"2026-05-{day}", "car_suspension")
        ticket = self._fault(unit, "2026-05-18", "car_suspension")
        if over:
            self._solve(ticket, "2026-05-18")
        return unit

    # ------------------------------------------------------------
    # HOUSE RULES
    # ------------------------------------------------------------

    def _case_house_30_days_repairer(self, over):
        return self._slow_repairer(self._plain_goods(), over)

    def _case_house_90_days_parts(self, over):
        return self._without_parts(self._plain_goods(), over)

    def _case_house_busy_2_repairs(self, over):
        unit = self._unit(self.machine)
        # The first repair lies before the season or in it.
        self._repair(unit, "2026-05-21" if over else "2026-05-19", "battery")
        self._repair(unit, "2026-05-25", "battery")
        self._fault(unit, "2026-06-25", "battery")
        return unit

    def _case_house_return_7_days(self, over):
        unit = self._unit(self._plain_goods(), "2026-03-01")
        self._fault(
            unit,
            "2026-03-08" if over else "2026-03-09",
            performance_fault=False,
            return_wanted=True,
        )
        return unit

    def _case_house_return_report(self, over):
        unit = self._unit(self._plain_goods(), "2026-03-01")
        self._fault(
            unit,
            "2026-03-09" if over else "2026-03-08",
            return_wanted=True,
            inspection_report="QI 17, county office",
        )
        return unit

    # ------------------------------------------------------------
    # STORIES
    # ------------------------------------------------------------

    def _plain_goods(self):
        """Return goods for which only the house rules speak."""
        self.general.aftersales_class_id = False
        self.addCleanup(
            setattr, self.general, "aftersales_class_id", self._class("general")
        )
        return self.general

    def _twice(self, product, over, component="frame", **values):
        """The same fault comes back after its first or its second repair."""
        unit = self._unit(product)
        first = self._repair(unit, "2026-02-02", component, **values)
        if over:
            self._repair(unit, "2026-02-09", **values, repeat_of_id=first.id)
        self._fault(unit, "2026-02-16", component, **values)
        return unit

    def _again(self, code, over, days, **values):
        """The fault comes back once more, and the part was replaced or not."""
        unit = self._unit(self.machine)
        self._repair(unit, days[0], "frame", **values)
        self._repair(unit, days[1], "frame", **values)
        ticket = self._fault(unit, days[2], "frame", **values)
        remedy = ticket.remedy_ids.filtered(lambda r: r.rule_id == self._rule(code))
        with self._at(days[2]):
            remedy.action_approve()
            if over:
                remedy.action_done()
            ticket.action_solve()
        self._fault(unit, days[3], "frame", **values)
        return unit

    def _slow_repairer(self, product, over):
        """Thirty or thirty-one days in repair, besides ten for the maker's parts."""
        unit = self._unit(product)
        ticket = self._fault(unit, "2026-03-01")
        self._stay(ticket, "2026-03-01", stops=[("parts", "2026-03-05", "2026-03-15")])
        self._schedule("2026-04-11" if over else "2026-04-10")
        return unit

    def _without_parts(self, product, over):
        """Ninety or ninety-one days since the hand-in; the part was noted later."""
        unit = self._unit(product)
        ticket = self._fault(unit, "2026-03-01")
        self._stay(ticket, "2026-03-01", stops=[("parts", "2026-03-05", None)])
        self._schedule("2026-05-31" if over else "2026-05-30")
        return unit
