from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .supplier_common import SupplierCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-18 04:00:00")
class TestSupplierCredit(SupplierCommon):
    """Proves R57: goods go to the supplier and come back, his credit note is followed."""

    def _post(self, refund):
        refund = refund.with_user(self.accountant)
        refund.invoice_date = "2026-11-18"
        refund.action_post()
        return refund

    # ------------------------------------------------------------
    # MONEY
    # ------------------------------------------------------------

    def test_draft_by_the_claim_posted_by_accounting(self):
        claim = self._agreed(100, 80)
        claim.action_credit()
        refund = claim.sudo().refund_id
        self.assertEqual(refund.state, "draft")
        self.assertEqual((refund.amount_untaxed, refund.ref), (80, claim.name))
        self.assertEqual(claim.state, "agreed")
        with self.assertRaisesRegex(UserError, "waits as a draft"):
            claim.action_credit()
        with self.assertRaisesRegex(UserError, "deletes or cancels"):
            claim.action_cancel()
        with self.assertRaises(AccessError):
            refund.with_user(self.quality_lead).action_post()
        self._post(refund)
        self.assertEqual((claim.state, claim.amount_credited), ("done", 80))
        refund.button_draft()
        self.assertEqual((claim.state, claim.amount_credited), ("agreed", 0))
        refund.button_cancel()
        self.assertFalse(claim.refund_id)
        self.assertTrue(claim.can_credit)

    def test_reversed_credit_note_opens_the_claim(self):
        claim = self._agreed()
        claim.action_credit()
        refund = self._post(claim.sudo().refund_id).sudo()
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=refund.ids
        )
        wizard = wizard.create({"journal_id": refund.journal_id.id})
        wizard.refund_moves()
        back = wizard.new_move_ids
        back.invoice_date = "2026-11-18"
        back.action_post()
        self.assertEqual((claim.state, claim.amount_credited), ("agreed", 0))

    def test_partial_credit_and_the_rest(self):
        claim = self._agreed(100, 80)
        claim.action_credit()
        refund = claim.sudo().refund_id
        refund.invoice_line_ids.price_unit = 50
        self._post(refund)
        self.assertEqual((claim.state, claim.amount_credited), ("agreed", 50))
        self.assertIn("difference", claim.credit_warning)
        claim.action_credit()
        rest = claim.sudo().refund_id
        self.assertEqual(rest.amount_untaxed, 30)
        self._post(rest)
        self.assertEqual(claim.state, "done")
        self.assertFalse(claim.credit_warning)

    def test_accounting_links_the_vendors_own_credit_note(self):
        claim = self._agreed()

        def refund(partner):
            return self.env["account.move"].create(
                {
                    "move_type": "in_refund",
                    "partner_id": partner.id,
                    "invoice_date": "2026-11-18",
                    "invoice_line_ids": [
                        (0, 0, {"name": "Credit", "price_unit": 80, "tax_ids": []})
                    ],
                }
            )

        with self.assertRaisesRegex(ValidationError, "settled by a vendor credit note"):
            refund(self.rival).with_user(self.accountant).aftersales_claim_id = claim.id
        own = refund(self.supplier)
        own.action_post()
        own.with_user(self.accountant).aftersales_claim_id = claim.id
        self.assertEqual((claim.state, claim.refund_id.id), ("done", own.id))
        own.with_user(self.accountant).aftersales_claim_id = False
        self.assertEqual(claim.state, "agreed")
        # The same over a contract field, by whoever follows the claim.
        claim.refund_id = own.id
        self.assertEqual(claim.state, "done")
        unsettled = self._sent()
        with self.assertRaisesRegex(ValidationError, "agreed before"):
            refund(self.supplier).aftersales_claim_id = unsettled.id

    def test_credit_copies_the_bill_and_is_compared_with_the_purchase(self):
        lot = self.lot.copy({"name": "B-3"})
        order = self._buy(self.supplier, lot, 4, 50.0, bill=True)
        self._failed(lot=lot)
        claim = self._claim()
        claim.action_collect()
        claim.action_send()
        for line in claim.line_ids:
            line.write({"agreed": 35, "cut_reason": "Wear"})
        claim.action_answer()
        claim.action_agree()
        self.assertEqual(claim.amount_bought, 50)
        self.assertIn("were bought for", claim.credit_warning)
        claim.action_credit()
        refund = claim.sudo().refund_id
        billed = order.invoice_ids.invoice_line_ids
        part = refund.invoice_line_ids.filtered("product_id")
        self.assertEqual(refund.reversed_entry_id, order.invoice_ids)
        self.assertEqual(part.account_id, billed.account_id)
        self.assertEqual(part.tax_ids, billed.tax_ids)
        self.assertEqual((refund.amount_untaxed, len(refund.invoice_line_ids)), (70, 2))
        self._post(refund)
        self.assertEqual(claim.state, "done")
        # Ordered and billed quantities are not touched.
        self.assertEqual(order.order_line.qty_invoiced, 4)

    def test_foreign_vendor_at_the_rate_of_the_agreement(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            [
                {
                    "currency_id": euro.id,
                    "company_id": self.company.id,
                    "name": day,
                    "rate": rate,
                }
                for day, rate in (("2026-11-01", 0.33), ("2026-11-20", 0.5))
            ]
        )
        self.supplier.with_company(self.company).property_purchase_currency_id = euro
        claim = self._agreed(100, 70)
        claim.action_credit()
        refund = claim.sudo().refund_id
        self.assertEqual(refund.currency_id, euro)
        self.assertAlmostEqual(refund.amount_untaxed, 23.1)
        with freeze_time("2026-11-22 04:00:00"):
            refund.invoice_date = "2026-11-22"
            refund.action_post()
        # The rate moved meanwhile: that is no cut of the supplier's.
        self.assertEqual(claim.state, "done")
        self.assertAlmostEqual(claim.amount_credited, 70)

    # ------------------------------------------------------------
    # GOODS
    # ------------------------------------------------------------

    def test_failed_lot_goes_back_as_a_return_of_its_receipt(self):
        self._failed()
        claim = self._claim()
        claim.action_collect()
        with self.assertRaisesRegex(UserError, "after he was sent"):
            claim.action_return_goods()
        claim.action_send()
        claim.action_return_goods()
        picking = claim.sudo().picking_ids
        move = picking.move_ids
        self.assertEqual(move.origin_returned_move_id, self.receipt.move_ids)
        self.assertEqual(picking.return_id, self.receipt)
        self.assertEqual(move.move_line_ids.lot_id, self.lot)
        self.assertEqual((move.quantity, picking.state), (1, "assigned"))
        with self.assertRaisesRegex(UserError, "once"):
            claim.action_return_goods()
        with self.assertRaisesRegex(UserError, "validates or cancels its transfers"):
            claim.action_cancel()
        self._ship(picking)
        self.assertEqual(self.order.order_line.qty_received, 10)
        # Repaired, it comes into quarantine and is inspected.
        claim.action_receive_goods()
        came, looked = (
            claim.sudo().picking_ids.filtered(lambda item: item != picking).sorted("id")
        )
        self.assertEqual(came.location_dest_id, self.warehouse.aftersales_quarantine_id)
        self.assertEqual(looked.state, "waiting")
        self._ship(came)
        self.assertEqual(looked.state, "assigned")
        self._ship(looked)
        self.assertEqual(looked.location_dest_id, self.stock)
        self.assertEqual(self.order.order_line.qty_received, 10)

    def _ship(self, picking):
        picking = picking.with_user(self.warehouse_user)
        picking.move_ids.picked = True
        picking.button_validate()

    def test_old_parts_go_to_the_vendor_and_good_ones_stay(self):
        hose = self.env["product.product"].create(
            {"name": "Hose", "type": "consu", "is_storable": True}
        )
        self._stock(hose, 5)
        claim = self._claim(
            line_ids=[
                (0, 0, {"product_id": hose.id, "quantity": 2, "claimed": 20}),
            ]
        )
        claim.action_send()
        with self.assertRaisesRegex(UserError, "not in our hands.*2 × Hose"):
            claim.action_return_goods()
        self.warehouse._aftersales_ensure_complete()
        self._stock(hose, 3, self.warehouse.aftersales_old_parts_id)
        claim.action_return_goods()
        picking = claim.sudo().picking_ids
        self.assertEqual(picking.location_id, self.warehouse.aftersales_old_parts_id)
        self.assertEqual(picking.location_dest_id.usage, "supplier")
        self._ship(picking)
        self.assertEqual(picking.state, "done")
