from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestEquipmentRegister(AftersalesCommon):
    """Proves R13, R16: units sold before go-live, their holder, their end."""

    def _register(self, serial="OLD-1", **values):
        return (
            self.env["aftersales.equipment"]
            .with_user(self.agent)
            .create(
                {
                    "product_id": self.harvester.id,
                    "serial": serial,
                    "partner_id": self.farmer.id,
                    **values,
                }
            )
        )

    def test_agent_registers_by_hand(self):
        """An agent without rights on stock registers a serial number."""
        form = Form(self.env["aftersales.equipment"].with_user(self.agent))
        form.product_id = self.harvester
        form.serial = "OLD-7"
        form.partner_id = self.farmer
        form.proof = "Invoice 2019/114 of 3 May 2019"
        unit = form.save()
        lot = unit.sudo().lot_id
        self.assertEqual(lot.name, "OLD-7")
        self.assertEqual(lot.company_id, self.company)
        self.assertEqual(unit.source, "import")
        self.assertTrue(unit.is_serialised)
        self.assertNotEqual(unit.name, "/")

    def test_known_serial_is_reused(self):
        lot = self._lots("OLD-2")
        self.assertEqual(self._register("OLD-2").sudo().lot_id, lot)

    def test_registered_twice(self):
        first = self._register("OLD-3")
        with self.assertRaisesRegex(UserError, first.name):
            self._register("OLD-3", partner_id=self.other_farmer.id)

    def test_serial_corrected_by_hand(self):
        unit = self._register("OLD-4")
        unit.serial = "OLD-5"
        self.assertEqual(unit.sudo().lot_id.name, "OLD-5")
        self.assertEqual(unit.serial, "OLD-5")

    def test_untracked_product_keeps_the_typed_number(self):
        unit = self._register("HD-9", product_id=self.header.id)
        self.assertFalse(unit.sudo().lot_id)
        self.assertEqual(unit.serial, "HD-9")

    def test_dates_in_wrong_order(self):
        with self.assertRaisesRegex(ValidationError, "Installation Date"):
            self._register(
                delivery_date=date(2026, 5, 2), installation_date=date(2026, 5, 1)
            )

    def test_found_by_anything_typed(self):
        """R01: serial, voucher, order, customer or phone in one field."""
        unit = self._sold_unit("FIND-1")
        Unit = self.env["aftersales.equipment"].with_user(self.agent)
        for text in (
            "FIND-1",
            unit.name,
            unit.sale_order_id.name,
            "Farmer Wang",
            "13800138000",
            "138-0013-8000",
        ):
            found = [record_id for record_id, _name in Unit.name_search(text)]
            self.assertIn(unit.id, found, text)
        self.assertFalse(Unit.name_search("no such serial"))

    def test_scrap_and_back(self):
        unit = self._register("OLD-6")
        with self.assertRaises(UserError):
            unit.action_scrap("Burnt")
        unit.with_user(self.supervisor).action_scrap("Burnt")
        self.assertEqual(unit.state, "scrapped")
        self.assertEqual(unit.close_reason, "Burnt")
        with self.assertRaises(UserError):
            unit.action_register_resale(self.other_farmer.id)
        again = self._register("OLD-6")
        with self.assertRaisesRegex(UserError, again.name):
            unit.with_user(self.supervisor).action_reactivate()
        again.with_user(self.supervisor).action_scrap()
        unit.with_user(self.supervisor).action_reactivate()
        self.assertEqual(unit.state, "active")
        self.assertFalse(unit.close_date)

    def test_history_is_not_deleted(self):
        unit = self._sold_unit("KEEP")
        with self.assertRaisesRegex(UserError, unit.name):
            unit.with_user(self.manager).unlink()
        plain = self._register("FREE")
        with self.assertRaises(AccessError):
            plain.unlink()
        plain.with_user(self.manager).unlink()
        ticketed = self._register("TICKET")
        self._ticket(equipment_id=ticketed.id)
        with self.assertRaisesRegex(UserError, ticketed.name):
            ticketed.with_user(self.manager).unlink()

    def test_replacement_chain(self):
        first, second = self._register("R-1"), self._register("R-2")
        second.replaces_id = first
        self.assertEqual(first.replaced_by_id, second)
        with self.assertRaises(ValidationError):
            first.replaces_id = second

    def test_foreign_serial_is_not_attached(self):
        """The lot of another product or company cannot be claimed."""
        other = self.env["res.company"].create({"name": "Other Works"})
        lot = self.env["stock.lot"].create(
            {
                "name": "X-1",
                "product_id": self.harvester.id,
                "company_id": other.id,
            }
        )
        unit = self._register("X-1")
        self.assertNotEqual(unit.sudo().lot_id, lot)
        with self.assertRaises(UserError):
            unit.sudo().lot_id = lot
            unit.flush_recordset()
