from freezegun import freeze_time

from odoo.tests import tagged

from .supplier_common import SupplierCommon


@tagged("post_install", "-at_install")
class TestSupplierScorecard(SupplierCommon):
    """Proves R57 and its figures by hand: PPM, recovery, days to answer."""

    def _score(self, month=None):
        self.env.flush_all()
        domain = [("partner_id", "=", self.supplier.id)]
        if month:
            domain.append(("month", "=", month))
        return self.env["aftersales.supplier.scorecard"].search(domain)

    def _settle(self, claimed, agreed, answered):
        claim = self._sent(claimed)
        with freeze_time(answered):
            claim.line_ids.write({"agreed": agreed, "cut_reason": "Wear"})
            claim.action_answer()
            claim.action_agree()
            claim.action_credit()
            refund = claim.sudo().refund_id
            refund.invoice_date = "2026-11-18"
            refund.action_post()
        return claim

    def test_figures_by_hand(self):
        with freeze_time("2026-11-03 04:00:00"):
            # 10 received by the order of the class; 6 more, of which 4 go back.
            self.receipt.move_ids.date = "2026-11-02 04:00:00"
            order = self._buy(self.supplier, self.other_lot, 6, 30.0)
            order.picking_ids.move_ids.date = "2026-10-20 04:00:00"
            back = self._return(order.picking_ids, {self.belt: 4})
            back.move_ids.picked = True
            back.button_validate()
            self._failed()
            self._failed()
            # 100 of 200 spent are claimed; two pieces on two lines of parts.
            self._settle(100, 80, "2026-11-05 04:00:00")
            self._settle(50, 50, "2026-11-07 04:00:00")
            self._sent(30, answer="Not ours").action_refuse()
            open_claim = self._sent(20)
        november = self._score("2026-11-01")
        self.assertEqual(len(november), 1)
        self.assertEqual(november.received, 10)
        # Two settled, one open, the refused one is no defect.
        self.assertEqual(november.defective, 3)
        self.assertEqual(november.ppm, 300_000)
        self.assertEqual(november.warranty_cost, 200)
        self.assertEqual((november.claimed, november.recovered), (200, 130))
        self.assertEqual(november.recovery_claimed, 65)
        self.assertEqual(november.recovery_cost, 65)
        # 2, 4 and 0 days.
        self.assertEqual((november.answers, november.answer_days), (3, 2))
        self.assertEqual(november.open_claims, 1)
        # Of both months: all pieces count that came, also those that went back.
        [(ppm, share)] = self.env["aftersales.supplier.scorecard"]._read_group(
            [("partner_id", "=", self.supplier.id)],
            [],
            ["ppm:avg", "recovery_claimed:avg"],
        )
        self.assertEqual((ppm, share), (3 / 16 * 1_000_000, 65))
        claims = self._open(november.action_view_claims())
        self.assertEqual(sum(claims.mapped("amount_credited")), 130)
        self.assertIn(open_claim.sudo(), claims)
        costs = self._open(november.action_view_costs())
        self.assertEqual(sum(costs.mapped("cost")), 200)
        moves = self._open(november.action_view_receipts())
        self.assertEqual(sum(moves.mapped("quantity")), 10)

    def _open(self, action):
        return self.env[action["res_model"]].search(action["domain"])

    def test_who_may_read(self):
        for user in (self.buyer, self.quality_lead, self.supervisor, self.accountant):
            self.assertTrue(self._score().with_user(user).mapped("received"))
        for user in (self.quality_lead, self.supervisor):
            self.supplier.with_user(user).action_view_aftersales_scorecard()
        self._sent()
        self.assertEqual(self.supplier.with_user(self.buyer).aftersales_claim_count, 1)
        self.assertEqual(self.supplier.with_user(self.agent).aftersales_claim_count, 0)
