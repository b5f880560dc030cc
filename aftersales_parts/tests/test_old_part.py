from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .job_common import TODAY, JobCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestOldPart(JobCommon):
    """Proves R47: old for new under warranty, as the customer decides when he pays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keeper = new_test_user(
            cls.env,
            "parts_keeper",
            groups="stock.group_stock_user",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
            lang="en_US",
        )

    def _used(self, coverage="goodwill", **values):
        self._stock(self.belt, 5, self.van)
        visit, line = self._visit_with(2, **values)
        if coverage:
            line.with_user(self.supervisor).action_override(coverage, "Our fault")
        visit.action_arrive()
        line.action_use()
        return line

    def _due(self, line):
        return self.env["aftersales.old.part"].search([("line_id", "=", line.id)])

    def test_old_part_is_due_back_for_the_new_one(self):
        part = self._due(self._used())
        self.assertEqual(part.state, "due")
        self.assertEqual(part.quantity, 2)
        self.assertEqual(part.technician_id, self.chen)
        self.assertEqual(str(part.date_due), "2026-06-16")
        with self.assertRaises(UserError):
            part.with_user(self.technician).action_receive()
        part.with_user(self.keeper).action_receive()
        self.assertEqual(part.state, "received")
        place = self.warehouse.aftersales_old_parts_id
        self.assertEqual(self._here(place), (2, 0))
        self.assertEqual(part.move_id.value, 0)
        self.assertFalse(place._should_be_valued())
        self.assertEqual(self.belt.free_qty, 0)
        self.assertEqual(self.belt.total_value, 120)
        with self.assertRaisesRegex(UserError, "each of them once"):
            part.with_user(self.keeper).action_receive()
        self.assertEqual(self._here(place), (2, 0))

    def test_who_pays_decides(self):
        kept = self._used(coverage=None)
        self.assertEqual(kept.old_part, "keep")
        self.assertFalse(self._due(kept))
        self._stock(self.belt, 5)
        given = self._used(None, old_part_wish="back", technician=self.zhou)
        self.assertEqual(self._due(given).state, "due")
        given.ticket_id.with_user(self.agent).action_estimate()
        text = given.ticket_id.sudo().order_id.order_line.name
        self.assertIn("comes back to us", text)

    def test_due_follows_the_line_until_it_is_received(self):
        line = self._used()
        line.with_user(self.supervisor).quantity = 1
        self.assertEqual(self._due(line).quantity, 1)
        line.with_user(self.supervisor).state = "unused"
        self.assertFalse(self._due(line))
        line.with_user(self.supervisor).state = "used"
        self.assertEqual(len(self._due(line)), 1)

    def test_serial_is_named_on_receipt(self):
        motor = self.env["product.product"].create(
            {
                "name": "Motor",
                "type": "consu",
                "is_storable": True,
                "tracking": "serial",
                "aftersales_kind": "spare",
                "aftersales_voucher": "none",
            }
        )
        old, new = self.env["stock.lot"].create(
            [
                {"name": name, "product_id": motor.id, "company_id": self.company.id}
                for name in ("OLD-1", "NEW-1")
            ]
        )
        self.env["stock.quant"]._update_available_quantity(
            motor, self.van, 1, lot_id=new
        )
        visit, line = self._visit_with(1, motor)
        line.with_user(self.supervisor).action_override("goodwill", "Our fault")
        visit.action_arrive()
        line.action_use()
        part = self._due(line)
        with self.assertRaisesRegex(UserError, "Name the serial"):
            part.with_user(self.keeper).action_receive()
        part.with_user(self.keeper).lot_id = old
        part.with_user(self.keeper).action_receive()
        self.assertEqual(part.sudo().move_id.lot_ids, old)

    def test_supervisor_does_without_one_and_says_why(self):
        part = self._due(self._used())
        with self.assertRaises(UserError):
            part.with_user(self.agent).action_waive("Lost")
        with self.assertRaisesRegex(UserError, "Say why"):
            part.with_user(self.supervisor).action_waive(" ")
        part.with_user(self.supervisor).action_waive("Burnt with the machine")
        self.assertEqual(part.state, "waived")

    def test_overdue_is_reminded_once(self):
        part = self._due(self._used())
        OldPart = self.env["aftersales.old.part"]
        domain = OldPart._get_remind_domain()
        self.assertNotIn(part, OldPart.search(domain))
        with freeze_time(TODAY + timedelta(days=15)):
            self.assertIn(part, OldPart.search([("is_overdue", "=", True)]))
            due = OldPart.search(OldPart._get_remind_domain())
            self.assertIn(part, due)
            part._remind()
            self.assertEqual(part.activity_ids.user_id, self.technician)
            self.assertNotIn(part, OldPart.search(OldPart._get_remind_domain()))
