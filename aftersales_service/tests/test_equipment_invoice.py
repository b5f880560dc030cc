from odoo.tests import tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestEquipmentInvoice(AftersalesCommon):
    """Proves R16: a unit knows its invoice line as soon as that is posted."""

    def test_draft_counts_nothing(self):
        unit = self._sold_unit("A1")
        invoice = self._invoice(unit.sale_order_id, post=False)
        self.assertFalse(unit.invoice_line_ids)
        invoice.action_post()
        self.assertEqual(unit.invoice_line_ids, invoice.invoice_line_ids)
        self.assertEqual(unit.invoice_ref, invoice.name)
        self.assertEqual(invoice.aftersales_equipment_count, 1)

    def test_reset_and_cancel_release(self):
        unit = self._sold_unit("A2")
        invoice = self._invoice(unit.sale_order_id)
        invoice.button_draft()
        self.assertFalse(unit.invoice_line_ids)
        invoice.action_post()
        self.assertEqual(unit.invoice_line_ids, invoice.invoice_line_ids)
        invoice.button_draft()
        invoice.button_cancel()
        self.assertFalse(unit.invoice_line_ids)

    def test_fifty_serials_on_two_invoices(self):
        """First delivered – first invoiced."""
        lots = self._lots(*[f"B{i:02}" for i in range(50)])
        order = self._sell((self.harvester, 50))
        self._deliver(order, lots=lots[:30])
        first = self._invoice(order)
        self._deliver(order, lots=lots[30:])
        second = self._invoice(order)
        units = self._units(order)
        self.assertEqual(units[:30].invoice_line_ids, first.invoice_line_ids)
        self.assertEqual(units[30:].invoice_line_ids, second.invoice_line_ids)
        self.assertTrue(all(len(unit.invoice_line_ids) == 1 for unit in units))
        first.button_draft()
        self.assertEqual(units[:20].invoice_line_ids, second.invoice_line_ids)
        self.assertFalse(units[20:].invoice_line_ids)
        first.action_post()
        self.assertEqual(units[:30].invoice_line_ids, first.invoice_line_ids)

    def test_invoiced_before_delivery(self):
        self.harvester.invoice_policy = "order"
        lots = self._lots("C1", "C2")
        order = self._sell((self.harvester, 2))
        invoice = self._invoice(order)
        self._deliver(order, lots=lots)
        self.assertEqual(self._units(order).invoice_line_ids, invoice.invoice_line_ids)

    def test_credit_note_of_a_returned_unit(self):
        """The unit that went back gives up its invoice, not the others."""
        lots = self._lots("D1", "D2", "D3")
        order = self._sell((self.harvester, 3))
        picking = self._deliver(order, lots=lots)
        invoice = self._invoice(order)
        units = self._units(order)
        back = self._return(picking, {self.harvester: 1})
        self._validate(back, lots=lots[0])
        self.assertEqual(units[0].state, "returned")
        self.assertEqual(units[0].invoice_line_ids, invoice.invoice_line_ids)
        refund = self._credit(invoice, {self.harvester: 1})
        self.assertFalse(units[0].invoice_line_ids)
        self.assertEqual(units[1].invoice_line_ids, invoice.invoice_line_ids)
        self.assertEqual(units[2].invoice_line_ids, invoice.invoice_line_ids)
        refund.button_draft()
        self.assertEqual(units[0].invoice_line_ids, invoice.invoice_line_ids)

    def test_refund_of_a_hand_made_kind(self):
        """A credit note without a link to an invoice takes the newest one."""
        lots = self._lots("E1", "E2")
        order = self._sell((self.harvester, 2))
        self._deliver(order, lots=lots[:1])
        first = self._invoice(order)
        self._deliver(order, lots=lots[1:])
        second = self._invoice(order)
        refund = self._credit(second)
        refund.button_draft()
        refund.reversed_entry_id = False
        refund.action_post()
        units = self._units(order)
        self.assertEqual(units[0].invoice_line_ids, first.invoice_line_ids)
        self.assertFalse(units[1].invoice_line_ids)

    def test_accountant_posts(self):
        """Whoever posts needs no right on after-sales."""
        unit = self._sold_unit("F1")
        invoice = self._invoice(unit.sale_order_id, post=False)
        invoice.with_user(self.accountant).action_post()
        self.assertEqual(unit.invoice_line_ids, invoice.invoice_line_ids)
        self.assertEqual(
            invoice.with_user(self.accountant).aftersales_equipment_count, 1
        )

    def test_two_lines_of_one_order(self):
        lots = self._lots("G1")
        self._stock(self.header, 2)
        order = self._sell((self.harvester, 1), (self.header, 2))
        self._deliver(order, lots=lots)
        invoice = self._invoice(order)
        for unit in self._units(order):
            self.assertEqual(unit.invoice_line_ids.product_id, unit.product_id)
            self.assertEqual(unit.invoice_line_ids.move_id, invoice)
