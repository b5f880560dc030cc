from odoo import fields, models


class AftersalesReturnFreeCredit(models.TransientModel):
    """Asks for price and proof of goods whose sale nobody knows."""

    _name = "aftersales.return.free.credit"
    _description = "Free Credit Note"

    return_id = fields.Many2one(
        comodel_name="aftersales.return",
        required=True,
        default=lambda self: self.env.context.get("active_id"),
    )
    currency_id = fields.Many2one(related="return_id.currency_id")
    line_id = fields.Many2one(
        comodel_name="aftersales.return.line",
        string="Goods",
        required=True,
        domain="[('return_id', '=', return_id)]",
        default=lambda self: self._get_default_line(),
    )
    price_unit = fields.Monetary(
        string="Price per Unit",
        required=True,
        help="As the proof says, without taxes unless the taxes of the product are "
        "included in its price.",
    )
    proof = fields.Binary(string="Proof of Purchase", required=True)
    proof_name = fields.Char()
    reason = fields.Char(required=True)

    def _get_default_line(self):
        rma = self.env["aftersales.return"].browse(self.env.context.get("active_id"))
        return rma._get_free_lines()[:1] if rma.exists() else None

    def action_apply(self):
        """Draft the flagged credit note.

        :raise UserError: see the return
        """
        self.ensure_one()
        rma = self.return_id
        move = rma._credit_freely(
            {self.line_id: self.price_unit},
            [(self.proof_name, self.proof)],
            self.reason,
        )
        return rma._open_documents(move)
