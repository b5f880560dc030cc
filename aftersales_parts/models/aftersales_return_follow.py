from odoo import fields, models

from .aftersales_return import HOLDING_STATES


class AftersalesReturn(models.Model):
    """The return follows the transfers, credit notes and repairs made for it."""

    _inherit = "aftersales.return"

    can_receive_again = fields.Boolean(compute="_compute_can")

    def _compute_can(self):
        result = super()._compute_can()
        for rma in self:
            # Whoever may cancel a return may also expect its goods anew.
            rma.can_receive_again = rma.can_cancel and rma._waits_for_no_transfer()
        return result

    def _waits_for_no_transfer(self):
        """Tell whether goods are missing that no transfer is to bring."""
        self.ensure_one()
        # The transfers of the return, for whoever handles it.
        lines_sudo = self.line_ids.sudo()
        return self.state in HOLDING_STATES and any(
            line._get_outstanding() and not line._get_expected_moves()
            for line in lines_sudo
        )

    def action_receive_again(self):
        """Expect goods anew whose transfer the warehouse cancelled.

        :return: action that opens the new transfers
        :raise UserError: when nothing is missing, or a transfer waits for it already
        """
        self._ensure_can(
            "can_receive_again",
            self.env._(
                "Nothing is missing that no transfer waits for: everything came, or the "
                "warehouse still expects it."
            ),
        )
        for rma in self:
            if rma.state in ("received", "inspected"):
                rma._step(
                    {
                        "state": "authorised",
                        "receive_date": False,
                        "inspect_date": False,
                    }
                )
        return self._open_documents(self._create_receipts())

    def _follow_moves(self):
        """Move on when what was announced is here."""
        here = self.filtered(lambda rma: rma.state == "authorised" and rma._is_here())
        if here:
            here._step({"state": "received", "receive_date": fields.Datetime.now()})
            here._after_receipt()

    def _is_here(self):
        """Tell whether all that was announced came, or no more of it is to come."""
        self.ensure_one()
        lines = self.line_ids
        return (
            any(lines.mapped("quantity_received")) and not lines._get_expected_moves()
        )

    def _follow_cancelled(self, moves):
        """Say that the warehouse does not expect goods any more, and move on.

        :param moves: cancelled moves that were to bring goods of these returns
        """
        for rma in self.filtered(lambda rma: rma.state in HOLDING_STATES):
            products = moves.filtered(
                lambda move, rma=rma: move.aftersales_return_line_id.return_id == rma
            ).product_id
            rma.message_post(
                body=self.env._(
                    "The warehouse cancelled the receipt of %s. Expect the goods again, "
                    "or cancel the return.",
                    ", ".join(products.mapped("display_name")),
                )
            )
        self._follow_moves()

    def _after_receipt(self):
        """Hook: the goods of these returns are here."""
