from odoo.exceptions import AccessError
from odoo.tests import tagged

from .warranty_common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestTicketCost(WarrantyCommon):
    """Proves that free work keeps its cost, which only supervisors see."""

    def setUp(self):
        super().setUp()
        self.unit = self._proven_unit()
        self.ticket = self._ticket(
            equipment_id=self.unit.id, user_id=self.technician.id
        )
        self.fitter = self.env["hr.employee"].create(
            {
                "name": "Fitter",
                "user_id": self.technician.id,
                "company_id": self.company.id,
                "hourly_cost": 35,
            }
        )

    def test_labour_at_hourly_cost_and_parts_at_cost(self):
        ticket = self.ticket.with_user(self.technician)
        labour = self._line(
            ticket, self.labour, kind="labour", quantity=2, employee_id=self.fitter.id
        )
        part = self._line(ticket, self.frame_part, quantity=3)
        (labour | part).action_use()
        labour, part = (
            labour.with_user(self.supervisor),
            part.with_user(self.supervisor),
        )
        self.assertEqual((labour.coverage, labour.amount_customer), ("warranty", 0))
        self.assertEqual((labour.cost_unit, labour.cost_total), (35, 70))
        self.assertEqual((part.cost_unit, part.cost_total), (80, 240))
        self.assertEqual(self.ticket.with_user(self.supervisor).cost_total, 310)

    def test_labour_of_nobody_costs_what_the_service_costs(self):
        self.labour.standard_price = 25
        line = self._line(self.ticket, self.labour, kind="labour", state="used")
        self.assertEqual(line.cost_total, 25)

    def test_planned_work_costs_nothing_and_the_day_of_use_counts(self):
        line = self._line(self.ticket, self.frame_part)
        self.assertFalse(line.cost_total)
        line.action_use()
        self.frame_part.standard_price = 500
        self.assertEqual(line.cost_total, 80)

    def test_correcting_who_did_it_corrects_the_cost(self):
        line = self._line(
            self.ticket,
            self.labour,
            kind="labour",
            employee_id=self.fitter.id,
            state="used",
        )
        master = self.env["hr.employee"].create(
            {"name": "Master", "company_id": self.company.id, "hourly_cost": 60}
        )
        line.with_user(self.supervisor).employee_id = master
        self.assertEqual(line.cost_total, 60)

    def test_work_noted_as_done_has_its_price(self):
        """Noted afterwards, it costs what it would have cost when planned."""
        line = self._line(self.ticket, self.belt, state="used")
        self.assertEqual(line.amount_customer, 200)

    def test_costs_are_for_supervisors_in_every_way(self):
        self.env.ref("base.group_allow_export").user_ids = self.technician | self.agent
        line = self._line(self.ticket, self.frame_part, state="used")
        for user in (self.technician, self.agent):
            mine, ticket = line.with_user(user), self.ticket.with_user(user)
            Line = mine.browse()
            for attempt in (
                lambda mine=mine: mine.read(["cost_total"]),
                lambda mine=mine: mine.read(["cost_unit"]),
                lambda ticket=ticket: ticket.read(["cost_total"]),
                lambda Line=Line: Line.search([("cost_total", ">", 0)]),
                lambda Line=Line: Line.search([], order="cost_total"),
                lambda Line=Line: Line._read_group([], [], ["cost_total:sum"]),
                lambda Line=Line: Line._read_group([("cost_unit", ">", 1)]),
                lambda mine=mine: mine.export_data(["cost_total"]),
            ):
                with self.assertRaises(AccessError):
                    attempt()
            self.assertNotIn("cost_total", mine.read()[0])
            self.assertNotIn("cost_unit", mine.fields_get())
        self.assertEqual(
            line.with_user(self.supervisor).read(["cost_total"])[0]["cost_total"], 80
        )
