from odoo.exceptions import UserError
from odoo.tests import tagged

from .refund_common import RefundCommon


@tagged("post_install", "-at_install")
class TestRefund(RefundCommon):
    """Proves R48: money back is tied to the invoice, and never more than was invoiced."""

    # ------------------------------------------------------------
    # BOTH INVOICING POLICIES
    # ------------------------------------------------------------

    def test_each_step_is_right_to_the_cent_under_both_policies(self):
        for policy, product in self.policies.items():
            with self.subTest(policy=policy):
                owed = self._balance()
                order = self._sold(product, quantity=5)
                line, move = order.order_line, order.picking_ids.move_ids
                self.assertEqual(self._balance() - owed, 5000)
                rma = self._came_back(move, 2)
                self.assertEqual((line.qty_delivered, line.qty_invoiced), (3, 5))
                rma.action_refund()
                refund = rma.refund_ids
                self.assertEqual(refund.state, "draft")
                self.assertEqual((line.qty_delivered, line.qty_invoiced), (3, 3))
                self.assertEqual(line.qty_to_invoice, 0)
                self.assertEqual(line.invoice_status, "invoiced")
                self.assertEqual(rma.line_ids.quantity_refunded, 0)
                self.assertEqual(self._balance() - owed, 5000)
                with self.assertRaisesRegex(UserError, "not refunded"):
                    rma.action_done()
                refund.action_post()
                self.assertEqual(rma.line_ids.quantity_refunded, 2)
                self.assertEqual(self._balance() - owed, 3000)
                self.assertEqual((line.qty_invoiced, line.qty_to_invoice), (3, 0))
                self.assertEqual(line.product_uom_qty, 3 if policy == "order" else 5)
                rma.action_done()
                self.assertEqual(rma.state, "done")
                with self.assertRaises(UserError):
                    order._create_invoices(final=True)

    def test_credit_note_is_tied_to_invoice_and_order(self):
        order = self._sold(quantity=5)
        invoice = order.invoice_ids
        rma = self._came_back(order.picking_ids.move_ids, 2)
        refund = self._refunded(rma)
        item = refund.invoice_line_ids
        self.assertEqual(refund.reversed_entry_id, invoice)
        self.assertEqual(refund.aftersales_return_id, rma)
        self.assertEqual(item.sale_line_ids, order.order_line)
        self.assertEqual(item.aftersales_return_line_id, rma.line_ids)
        self.assertEqual((item.quantity, refund.amount_total), (2, 2000))
        self.assertEqual(invoice.amount_residual, 3000)
        self.assertEqual(rma.line_ids.invoice_line_id, invoice.invoice_line_ids)

    def test_lines_that_do_not_come_back_are_left_out(self):
        tax = self._tax("Ten", 10)
        other = self._product("Filter", taxes_id=tax.ids)
        order = self._order(
            (self.oil, 2, {"tax_ids": tax.ids}), (other, 3, {"tax_ids": tax.ids})
        )
        self._deliver(order)
        self._invoice(order)
        move = order.picking_ids.move_ids.filtered(lambda m: m.product_id == other)
        refund = self._refunded(self._came_back(move, 1))
        self.assertEqual(refund.invoice_line_ids.product_id, other)
        self.assertEqual(refund.amount_total, 1100)
        self.assertEqual(refund.amount_tax, 100)

    def test_pressed_twice_it_opens_the_draft(self):
        order = self._sold(quantity=5)
        rma = self._came_back(order.picking_ids.move_ids, 2)
        first = rma.action_refund()
        again = rma.action_refund()
        self.assertEqual(first["res_id"], again["res_id"])
        self.assertEqual(len(rma.refund_ids), 1)
        rma.refund_ids.action_post()
        self.assertEqual(rma.action_refund()["res_id"], first["res_id"])
        self.assertEqual(len(rma.refund_ids), 1)

    def test_nothing_before_receipt_and_inspection(self):
        order = self._sold(quantity=5)
        rma = self._rma(
            (order.picking_ids.move_ids, 2, {"remedy": "refund", "note": "Broken"})
        )
        rma.action_authorise()
        with self.assertRaisesRegex(UserError, "goods that came"):
            rma.action_refund()
        self._received(rma)
        with self.assertRaisesRegex(UserError, "not inspected"):
            rma.action_refund()
        rma.line_ids.inspection = "resaleable"
        rma.action_inspect()
        self.assertEqual(self._refunded(rma).amount_total, 2000)

    # ------------------------------------------------------------
    # SEVERAL INVOICES, PARTS OF THEM
    # ------------------------------------------------------------

    def test_several_invoices_first_invoiced_first(self):
        for policy, product in self.policies.items():
            with self.subTest(policy=policy):
                order = self._sell((product, 5))
                self._deliver(order, quantity=3)
                first = self._invoice(order)
                if policy == "order":
                    first.button_draft()
                    first.invoice_line_ids.quantity = 3
                    first.action_post()
                self._deliver(order)
                second = self._invoice(order)
                moves = order.picking_ids.move_ids.sorted("id")
                rma = self._rma(
                    (moves[0], 3, {"remedy": "refund", "inspection_required": False}),
                    (moves[1], 1, {"remedy": "refund", "inspection_required": False}),
                    description="Not needed",
                )
                rma.action_authorise()
                self._received(rma)
                refunds = self._refunded(rma)
                by_invoice = {
                    move.reversed_entry_id: sum(
                        move.invoice_line_ids.mapped("quantity")
                    )
                    for move in refunds
                }
                self.assertEqual(by_invoice, {first: 3, second: 1})
                self.assertEqual(order.order_line.qty_invoiced, 1)
                self.assertEqual(order.order_line.qty_to_invoice, 0)
                self.assertEqual(rma.line_ids.mapped("quantity_refunded"), [3, 1])

    def test_not_invoiced_nothing_to_credit(self):
        for policy, product in self.policies.items():
            with self.subTest(policy=policy):
                order = self._sold(product, quantity=5, invoice=False)
                rma = self._came_back(order.picking_ids.move_ids, 2)
                self.assertEqual(order.order_line.qty_to_invoice, 3)
                rma.action_refund()
                self.assertFalse(rma.refund_ids)
                rma.action_done()
                self.assertEqual(self._invoice(order).amount_total, 3000)
                self.assertEqual(order.order_line.qty_to_invoice, 0)

    def test_partly_invoiced_credits_what_he_does_not_keep(self):
        for policy, product in self.policies.items():
            with self.subTest(policy=policy):
                order = self._sold(product, quantity=5, invoice=False)
                invoice = self._invoice(order, post=False)
                invoice.invoice_line_ids.quantity = 3
                invoice.action_post()
                rma = self._came_back(order.picking_ids.move_ids, 4)
                refund = self._refunded(rma)
                self.assertEqual(refund.invoice_line_ids.quantity, 2)
                line = order.order_line
                self.assertEqual((line.qty_delivered, line.qty_invoiced), (1, 1))
                self.assertEqual(line.qty_to_invoice, 0)
                rma.action_done()

    def test_draft_invoice_is_named(self):
        order = self._sold(quantity=2, invoice=False)
        invoice = self._invoice(order, post=False)
        rma = self._came_back(order.picking_ids.move_ids, 1)
        with self.assertRaisesRegex(UserError, "draft"):
            rma.action_refund()
        invoice.action_post()
        self.assertEqual(self._refunded(rma).amount_total, 1000)

    # ------------------------------------------------------------
    # BESIDE US
    # ------------------------------------------------------------

    def test_credit_note_made_by_core_counts(self):
        for policy, product in self.policies.items():
            with self.subTest(policy=policy):
                order = self._sold(product, quantity=2)
                rma = self._came_back(order.picking_ids.move_ids, 2)
                self._credit(order.invoice_ids)
                rma.action_refund()
                self.assertFalse(rma.refund_ids)
                rma.action_done()
                self.assertEqual(order.order_line.qty_to_invoice, 0)

    def test_core_beside_our_draft_stops_the_second_one(self):
        order = self._sold(quantity=2)
        invoice = order.invoice_ids
        rma = self._came_back(order.picking_ids.move_ids, 2)
        draft = self._refunded(rma, post=False)
        self._credit(invoice)
        with self.assertRaisesRegex(UserError, "another credit note"):
            draft.action_post()
        draft.unlink()
        rma.action_refund()
        self.assertFalse(rma.refund_ids)
        rma.action_done()

    def test_posted_never_above_accepted(self):
        order = self._sold(quantity=5)
        rma = self._came_back(order.picking_ids.move_ids, 2)
        draft = self._refunded(rma, post=False)
        draft.invoice_line_ids.quantity = 3
        with self.assertRaisesRegex(UserError, "3 would be credited, but only 2"):
            draft.action_post()
        draft.invoice_line_ids.quantity = 1
        draft.action_post()
        self.assertEqual(rma.line_ids.quantity_refunded, 1)
        self.assertEqual(self._refunded(rma).invoice_line_ids.quantity, 1)
        self.assertEqual(rma.line_ids.quantity_refunded, 2)

    # ------------------------------------------------------------
    # WHAT GOES WRONG
    # ------------------------------------------------------------

    def test_credit_note_cancelled_or_deleted_frees_its_quantity(self):
        for policy, product in self.policies.items():
            with self.subTest(policy=policy):
                order = self._sold(product, quantity=5)
                order.action_lock()
                line = order.order_line
                ordered = 3 if policy == "order" else 5
                rma = self._came_back(order.picking_ids.move_ids, 2)
                self._refunded(rma, post=False).unlink()
                self.assertEqual(line.product_uom_qty, 5)
                self.assertEqual(line.qty_invoiced, 5)
                draft = self._refunded(rma, post=False)
                self.assertEqual(line.product_uom_qty, ordered)
                draft.button_cancel()
                self.assertEqual(line.product_uom_qty, 5)
                posted = self._refunded(rma)
                self.assertEqual(line.product_uom_qty, ordered)
                rma.action_done()
                posted.button_draft()
                self.assertEqual(rma.state, "inspected")
                self.assertEqual(rma.line_ids.quantity_refunded, 0)
                self.assertEqual(line.product_uom_qty, ordered)
                posted.button_cancel()
                self.assertEqual(line.product_uom_qty, 5)
                again = self._refunded(rma)
                self.assertEqual(again.invoice_line_ids.quantity, 2)
                self.assertEqual(line.product_uom_qty, ordered)
                self.assertEqual(line.qty_to_invoice, 0)
                self.assertEqual(line.price_unit, 1000)

    def test_full_return_keeps_the_agreed_price(self):
        product = self.policies["order"]
        order = self._sold(product, quantity=2)
        product.list_price = 1500
        draft = self._refunded(
            self._came_back(order.picking_ids.move_ids, 2), post=False
        )
        self.assertEqual(order.order_line.product_uom_qty, 0)
        self.assertEqual(order.order_line.price_unit, 1000)
        draft.unlink()
        self.assertEqual(order.order_line.product_uom_qty, 2)
        self.assertEqual(order.order_line.price_unit, 1000)
        self.assertEqual(order.order_line.qty_to_invoice, 0)

    def test_invoice_cancelled_in_between(self):
        order = self._sold(quantity=2)
        invoice = order.invoice_ids
        rma = self._came_back(order.picking_ids.move_ids, 1)
        draft = self._refunded(rma, post=False)
        invoice.button_draft()
        with self.assertRaisesRegex(UserError, "not posted any more|only 0 of"):
            draft.action_post()
        draft.unlink()
        with self.assertRaisesRegex(UserError, "draft"):
            rma.action_refund()
        invoice.button_cancel()
        rma.action_refund()
        self.assertFalse(rma.refund_ids)
        self.assertEqual(self._invoice(order).amount_total, 1000)

    def test_product_archived(self):
        order = self._sold(quantity=2)
        rma = self._came_back(order.picking_ids.move_ids, 1)
        order.order_line.product_id.product_tmpl_id.active = False
        self.assertEqual(self._refunded(rma).amount_total, 1000)

    def test_locked_period(self):
        order = self._sold(quantity=2)
        rma = self._came_back(order.picking_ids.move_ids, 1)
        self.company.sale_lock_date = "2098-12-31"
        draft = self._refunded(rma, post=False)
        self.assertGreater(str(draft.date), "2098-12-31")

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    def test_agent_drafts_accounting_posts(self):
        order = self._sold(quantity=2)
        rma = self._came_back(order.picking_ids.move_ids, 1)
        action = rma.with_user(self.agent).action_refund()
        self.assertEqual(action["tag"], "display_notification")
        refund = rma.refund_ids
        self.assertEqual(len(refund), 1)
        refund.with_user(self.accountant).action_post()
        self.assertEqual(rma.line_ids.quantity_refunded, 1)
        with self.assertRaises(UserError):
            rma.with_user(self.warehouse_user).action_refund()

    def test_nobody_types_what_a_credit_note_pays_back(self):
        order = self._sold(quantity=5)
        rma = self._came_back(order.picking_ids.move_ids, 2)
        self._refunded(rma, post=False)
        other = self._sold(quantity=1).invoice_ids._reverse_moves()
        rows = other.invoice_line_ids.with_user(self.accountant)
        with self.assertRaisesRegex(UserError, "is not typed"):
            rows.aftersales_return_line_id = rma.line_ids.id
        with self.assertRaisesRegex(UserError, "is not typed"):
            rows.create(
                {
                    "move_id": other.id,
                    "product_id": self.oil.id,
                    "aftersales_return_line_id": rma.line_ids.id,
                }
            )

    def test_other_postings_pay_nothing(self):
        first, second = (self._sold(quantity=1, invoice=False) for _i in range(2))
        invoices = [order._create_invoices() for order in (first, second)]
        invoices[0].action_post()
        self.env.flush_all()
        statements = []
        execute = type(self.env.cr).execute

        def spy(cr, query, *args, **kwargs):
            statements.append(str(query))
            return execute(cr, query, *args, **kwargs)

        self.patch(type(self.env.cr), "execute", spy)
        invoices[1].action_post()
        self.env.flush_all()
        self.assertFalse(
            [text for text in statements if 'FROM "aftersales_return' in text]
        )
