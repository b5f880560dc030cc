from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.base.models.ir_cron import IrCron

from .nonconformity_common import NonconformityCommon


@tagged("post_install", "-at_install")
class TestContainment(NonconformityCommon):
    """Proves R63: from one lot to its stock, units, customers, notices and work."""

    def _units_of(self, lots, product=None):
        """Create vouchers of units in use, as an import does."""
        return self.env["aftersales.equipment"].create(
            [
                {
                    "product_id": lot.product_id.id,
                    "lot_id": lot.id,
                    "partner_id": self.farmer.id,
                    "delivery_date": "2026-06-01",
                }
                for lot in lots
            ]
        )

    def _serials(self, prefix, count):
        return self.env["stock.lot"].create(
            [
                {
                    "name": f"{prefix}-{number:03}",
                    "product_id": self.harvester.id,
                    "company_id": self.company.id,
                }
                for number in range(count)
            ]
        )

    def _contain(self, **values):
        Containment = self.env["aftersales.containment"]
        return Containment.with_user(self.quality_lead).create(
            {
                "title": "Exchange the pump",
                "product_id": self.harvester.id,
                **values,
            }
        )

    def test_lot_to_stock_units_and_parts(self):
        receipt = self._bought("P-7", 5)
        lot = receipt.move_line_ids.lot_id
        other = self._bought("P-8", 1).move_line_ids.lot_id
        row = self._fail(lot_id=lot.id)
        # One is built into a machine, one was built in and taken out again, one was
        # sold over the counter.
        machines = self._units_of(self._serials("M", 2))
        for machine in machines:
            ticket = self._ticket(equipment_id=machine.id)
            self.env["aftersales.ticket.line"].create(
                {
                    "ticket_id": ticket.id,
                    "kind": "part",
                    "product_id": self.pump.id,
                    "new_lot_id": lot.id,
                    "state": "used",
                    "date_done": "2026-08-01 08:00:00",
                }
            )
        self.env["aftersales.ticket.line"].create(
            {
                "ticket_id": ticket.id,
                "kind": "part",
                "product_id": self.pump.id,
                "old_lot_id": lot.id,
                "new_lot_id": other.id,
                "state": "used",
                "date_done": "2026-09-01 08:00:00",
            }
        )
        order = self._sell((self.pump, 1), partner=self.other_farmer)
        self._deliver(order, lots=lot)
        free = lot.product_qty
        containment = self._contain(nonconformity_id=row.id, product_id=self.pump.id)
        self.assertEqual(containment.lot_ids, lot)
        containment.action_start()
        self.assertEqual(containment.state, "running")
        self.assertEqual(self._free(), 0)
        self.assertEqual(containment.quantity_held, free)
        units = containment.unit_ids
        self.assertEqual(units.equipment_id, machines[0])
        self.assertEqual(set(units.mapped("reason")), {"built_in", "delivered"})
        self.assertEqual(units.partner_id, self.farmer + self.other_farmer)
        containment.action_update()
        self.assertEqual(containment.unit_ids, units)
        with self.assertRaisesRegex(UserError, "would be kept apart again"):
            containment.action_release()
        containment.action_create_tickets()
        self.assertEqual(len(units.ticket_id), 2)
        # New goods of the lot are kept apart, too, and released in the end.
        self.env["stock.quant"]._update_available_quantity(
            self.pump, self.stock, 2, lot_id=lot
        )
        containment.action_update()
        self.assertEqual(self._free(), 0)
        with self.assertRaisesRegex(UserError, "2 units"):
            containment.action_close()
        units.ticket_id.with_user(self.supervisor).action_cancel("Served already")
        containment.action_close()
        containment.action_release()
        self.assertEqual(self._free(), free + 2)

    def test_fifty_units_in_the_same_queries(self):
        lots = self._serials("F", 51)
        self._units_of(lots)
        # What is asked once is asked before.
        warm = self._contain(lot_ids=self._serials("W", 1).ids)
        self._units_of(warm.sudo().lot_ids)
        warm.action_start()
        warm.action_create_tickets()
        counts = []
        for part in (lots[:1], lots[1:]):
            containment = self._contain(lot_ids=part.ids)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            containment.action_start()
            containment.action_create_tickets()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(containment.ticket_count, len(part))
        self.assertLess(counts[1] - counts[0], 25, counts)
        tickets = containment.sudo().unit_ids.ticket_id.with_user(self.env.user)
        containment.action_create_tickets()
        self.assertEqual(containment.unit_ids.ticket_id, tickets)
        self.assertEqual(containment.completion, 0)
        tickets[:10].action_open()
        for ticket in tickets[:10]:
            ticket.resolution = "Exchanged"
        tickets[:10].action_solve()
        containment.invalidate_recordset()
        self.assertEqual(containment.solved_count, 10)
        self.assertAlmostEqual(containment.completion, 10 / 50)

    def test_range_and_later_units(self):
        lots = self._serials("R", 6)
        self._units_of(lots[:3])
        containment = self._contain(serial_from="R-001", serial_to="R-004")
        containment.action_start()
        self.assertEqual(containment.unit_ids.lot_id, lots[1:3])
        containment.action_create_tickets()
        later = self._units_of(lots[3:])

        def no_commit(_self, processed=0, *, remaining=None, deactivate=False):
            return float("inf")

        with patch.object(IrCron, "_commit_progress", no_commit):
            self.env["aftersales.containment"]._cron_follow()
            self.env["aftersales.containment"]._cron_follow()
        self.assertEqual(containment.unit_ids.equipment_id[2:], later[:2])
        self.assertEqual(len(containment.unit_ids.ticket_id), 4)
        self.assertEqual(
            containment.unit_ids[-1].ticket_id.symptom, "Exchange the pump"
        )

    def test_campaign_tells_these_customers_alone(self):
        lots = self._serials("K", 2)
        unit, other = self._units_of(lots)
        other.partner_id = self.other_farmer
        containment = self._contain(lot_ids=lots[:1].ids)
        containment.action_start()
        containment.action_create_campaign()
        containment.action_create_campaign()
        campaign = containment.campaign_id.with_user(self.supervisor)
        campaign.action_plan()
        self.assertEqual(campaign.recipient_ids.partner_id, self.farmer)

    def test_guards(self):
        with self.assertRaisesRegex(UserError, "which goods"):
            self._contain().action_start()
        containment = self._contain(lot_ids=self._serials("G", 1).ids)
        with self.assertRaisesRegex(UserError, "started first"):
            containment.action_create_tickets()
        with self.assertRaises(UserError):
            containment.with_user(self.agent).action_start()
        with self.assertRaisesRegex(UserError, "State"):
            containment.state = "done"
        containment.action_start()
        with self.assertRaisesRegex(UserError, "another one"):
            containment.product_id = self.pump
        with self.assertRaisesRegex(UserError, "No unit"):
            containment.action_create_campaign()
        with self.assertRaisesRegex(UserError, "drafts"):
            containment.with_user(self.manager).unlink()
