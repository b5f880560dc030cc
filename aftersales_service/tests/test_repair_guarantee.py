from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from .warranty_common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestRepairGuarantee(WarrantyCommon):
    """Proves R14: a repaired item is guaranteed at least 30 days."""

    def _repair(self, unit, day, *products):
        with freeze_time(f"{day} 02:00:00"):
            ticket = self._ticket(equipment_id=unit.id)
            for product in products:
                self._line(ticket, product, state="used")
            ticket.action_solve()
        return ticket

    def test_paid_repair_is_guaranteed(self):
        unit = self._proven_unit()
        unit.delivery_date = "2024-01-10"
        self._repair(unit, "2026-06-01", self.battery_part)
        answer = unit._decide_coverage("part", self.battery_part, date="2026-07-01")
        self.assertEqual(answer["coverage_id"].source, "repair")
        answer = unit._decide_coverage("part", self.battery_part, date="2026-07-02")
        self.assertEqual(answer["code"], "expired")
        answer = unit._decide_coverage("part", self.panel, date="2026-06-15")
        self.assertFalse(answer["covered"], "for the repaired item alone")

    def test_solved_again_gives_no_second_guarantee(self):
        unit = self._proven_unit()
        ticket = self._repair(unit, "2026-06-01", self.battery_part)
        with freeze_time("2026-06-10 02:00:00"):
            ticket.action_reopen("Again")
            ticket.action_solve()
        repair = unit.coverage_ids.filtered(lambda c: c.source == "repair")
        self.assertEqual(repair.mapped("date_end"), [date(2026, 7, 10)])

    def test_length_is_that_of_the_policy_sold_with_the_unit(self):
        self.policy.term_ids.create(
            {
                "policy_id": self.policy.id,
                "component_id": self._component("repaired").id,
                "duration": 60,
                "duration_unit": "day",
                "covers_travel": False,
            }
        )
        unit = self._proven_unit()
        self.assertNotIn(self._component("repaired"), unit.coverage_ids.component_id)
        self._repair(unit, "2026-06-01", self.battery_part)
        repair = unit.coverage_ids.filtered(lambda c: c.source == "repair")
        self.assertEqual(repair.date_end, date(2026, 7, 31))
        self.assertFalse(repair.covers_travel)

    def test_work_on_the_whole_unit_promises_nothing(self):
        unit = self._proven_unit()
        with freeze_time("2026-06-01 02:00:00"):
            ticket = self._ticket(equipment_id=unit.id)
            self._line(ticket, self.labour, "labour", state="used")
            ticket.action_solve()
        self.assertNotIn("repair", unit.coverage_ids.mapped("source"))
