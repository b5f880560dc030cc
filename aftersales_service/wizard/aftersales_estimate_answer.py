from odoo import fields, models


class AftersalesEstimateAnswer(models.TransientModel):
    """Asks for the customer's answer to an estimate, given by word of mouth (R27)."""

    _name = "aftersales.estimate.answer"
    _description = "Customer's Answer to an Estimate"

    estimate_id = fields.Many2one(
        comodel_name="aftersales.estimate",
        required=True,
        readonly=True,
        default=lambda self: self.env.context.get("active_id"),
    )
    answer = fields.Selection(
        selection=[("yes", "Agrees"), ("no", "Refuses")],
        string="The Customer",
        required=True,
        default="yes",
    )
    by = fields.Char(string="Who Said So", required=True)
    note = fields.Char(
        string="When and How",
        required=True,
        help="His words, the number called, the time: what we can show later.",
    )

    def action_apply(self):
        """Note the answer.

        :raise UserError: as the estimate itself
        """
        self.ensure_one()
        if self.answer == "yes":
            self.estimate_id.action_note_consent(self.by, self.note)
        else:
            self.estimate_id.action_note_refusal(self.by, self.note)
        return {"type": "ir.actions.act_window_close"}
