import base64

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .refund_common import RefundCommon

PROOF = base64.b64encode(b"Receipt of 2019")


@tagged("post_install", "-at_install")
class TestFreeCredit(RefundCommon):
    """Proves R48: money for what was sold before the register began, by the manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.unit = cls.env["aftersales.equipment"].create(
            {"product_id": cls.header.id, "partner_id": cls.farmer.id}
        )

    def _old_unit_back(self):
        rma = self.env["aftersales.return"].create(
            {
                "partner_id": self.farmer.id,
                "line_ids": [
                    Command.create(
                        {
                            "equipment_id": self.unit.id,
                            "remedy": "refund",
                            "note": "Broken",
                            "cause_id": self.cause.id,
                        }
                    )
                ],
            }
        )
        rma.action_authorise()
        self._received(rma)
        rma.line_ids.inspection = "scrap"
        rma.action_inspect()
        return rma

    def _wizard(self, rma, user, **values):
        wizard = self.env["aftersales.return.free.credit"].with_user(user)
        return wizard.with_context(active_id=rma.id).create(
            {
                "price_unit": 800,
                "proof": PROOF,
                "proof_name": "receipt.txt",
                "reason": "Sold in 2019",
                **values,
            }
        )

    def test_flagged_with_proof_by_the_manager(self):
        rma = self._old_unit_back()
        with self.assertRaisesRegex(UserError, "manager"):
            rma.with_user(self.agent).action_refund()
        with self.assertRaises(AccessError):
            self._wizard(rma, self.agent)
        wizard = self._wizard(rma, self.manager)
        self.assertEqual(wizard.line_id, rma.line_ids)
        wizard.action_apply()
        refund = rma.refund_ids
        self.assertTrue(refund.aftersales_free_credit)
        self.assertEqual((refund.move_type, refund.state), ("out_refund", "draft"))
        self.assertFalse(refund.reversed_entry_id)
        self.assertEqual(refund.amount_untaxed, 800)
        self.assertEqual(refund.attachment_ids.mapped("name"), ["receipt.txt"])
        refund.with_user(self.accountant).action_post()
        self.assertEqual(rma.line_ids.quantity_refunded, 1)
        rma.action_done()
        self.assertEqual(rma.state, "done")

    def test_never_twice_nor_without_proof(self):
        rma = self._old_unit_back()
        as_manager = rma.with_user(self.manager)
        line = as_manager.line_ids
        with self.assertRaisesRegex(UserError, "proof"):
            as_manager._credit_freely({line: 800}, [], "Sold in 2019")
        with self.assertRaisesRegex(UserError, "Say why"):
            as_manager._credit_freely({line: 800}, [("a", PROOF)], " ")
        as_manager._credit_freely({line: 800}, [("a", PROOF)], "Sold in 2019")
        with self.assertRaises(UserError):
            as_manager._credit_freely({line: 800}, [("a", PROOF)], "Again")

    def test_not_where_a_sale_is_known(self):
        order = self._sold(quantity=2)
        rma = self._came_back(order.picking_ids.move_ids, 1)
        with self.assertRaises(UserError):
            rma.with_user(self.manager)._credit_freely(
                {rma.line_ids: 5000}, [("a", PROOF)], "More"
            )
