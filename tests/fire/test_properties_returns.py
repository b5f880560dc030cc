"""Whatever is announced, received, cancelled and returned in whatever order (R48)."""

from hypothesis import given
from hypothesis import strategies as st
from properties import STATEFUL

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.aftersales_parts.tests.common import PartsCommon

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["announce", "announce", "receive", "cancel", "bring_back"]),
        st.integers(1, 30),
    ),
    min_size=2,
    max_size=6,
)


@tagged("post_install", "-at_install")
class TestReturnableSequences(PartsCommon):
    """Proves: returnable = delivered − announced − returned, between 0 and delivered."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._stock(cls, cls.oil, 1000)
        # Of one order line in dozens, counted in pieces; and of one in pieces.
        cls.dozen = cls._delivered(cls, 2, cls.env.ref("uom.product_uom_dozen"))
        cls.pieces = cls._delivered(cls, 5, cls.oil.uom_id)

    def _delivered(self, quantity, uom):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.farmer.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.oil.id,
                            "product_uom_qty": quantity,
                            "product_uom_id": uom.id,
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        picking = order.picking_ids
        picking.action_assign()
        picking.move_ids.picked = True
        picking.button_validate()
        order._create_invoices().action_post()
        return picking.move_ids

    @STATEFUL
    @given(steps=STEPS, dozen=st.booleans())
    def test_any_sequence(self, steps, dozen):
        savepoint = self.env.cr.savepoint()
        try:
            self._play(self.dozen if dozen else self.pieces, steps)
        finally:
            savepoint.close(rollback=True)

    def _play(self, move, steps):
        self.move, self.delivered = move, move.product_qty
        self.waiting, self.announced, self.back = [], 0.0, 0.0
        for step, quantity in steps:
            getattr(self, f"_{step}")(quantity)
            lines = self.env["aftersales.return.line"].sudo()
            free = lines._get_free(move)[move, None]
            self.assertEqual(free, self._left(), (step, quantity))
            self.assertGreaterEqual(free, 0)
            self.assertLessEqual(free, self.delivered)
            sold = move.sale_line_id
            pieces = sold.product_uom_id._compute_quantity(
                sold.qty_delivered, self.oil.uom_id
            )
            # Odoo writes what is delivered in hundredths of the unit of the order.
            self.assertAlmostEqual(pieces, self.delivered - self.back, delta=0.0601)

    def _left(self):
        return self.delivered - self.announced - self.back

    def _refused(self, act):
        """Tell whether something is refused, and leave nothing of it then."""
        try:
            with self.env.cr.savepoint():
                act()
        except UserError:
            return True
        return False

    def _announce(self, quantity):
        rma = self._rma((self.move, quantity, {"remedy": "refund"}))
        refused = self._refused(rma.action_authorise)
        self.assertEqual(refused, quantity > self._left())
        if not refused:
            self.waiting.append(rma)
            self.announced += quantity

    def _receive(self, quantity):
        """A part of what was announced comes; the rest is still expected."""
        if not self.waiting:
            return
        rma = self.waiting[0]
        expected = rma.line_ids._get_expected_moves()
        came = min(quantity, expected.product_qty)
        expected.quantity = came
        expected.picked = True
        expected.picking_id.with_context(skip_backorder=True).button_validate()
        self.announced -= came
        self.back += came
        if not rma.line_ids._get_expected_moves():
            self.waiting.remove(rma)

    def _cancel(self, _quantity):
        """Nothing came of it yet: what was announced may come another way."""
        untouched = [
            rma
            for rma in self.waiting
            if not any(rma.line_ids.mapped("quantity_received"))
        ]
        if untouched:
            untouched[0].action_cancel("Kept")
            self.announced -= sum(untouched[0].line_ids.mapped("quantity"))
            self.waiting.remove(untouched[0])

    def _bring_back(self, quantity):
        """The warehouse uses Odoo's own wizard, without any return of ours."""
        done = []

        def act():
            done.append(self._return(self.move.picking_id, {self.oil: quantity}))

        refused = self._refused(act)
        self.assertEqual(refused, quantity > self._left())
        if not refused:
            self._validate(done[0])
            self.back += quantity
