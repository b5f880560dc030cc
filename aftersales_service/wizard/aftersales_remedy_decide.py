from odoo import api, fields, models

from ..models.aftersales_remedy_rule import REMEDIES


class AftersalesRemedyDecide(models.TransientModel):
    """Asks what the customer gets, or why he does not."""

    _name = "aftersales.remedy.decide"
    _description = "Decide on a Remedy"

    remedy_ids = fields.Many2many(
        comodel_name="aftersales.remedy",
        string="Remedies",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    decision = fields.Selection(
        selection=[("approve", "Approve"), ("refuse", "Refuse")],
        required=True,
        readonly=True,
        default="approve",
    )
    choices_label = fields.Char(
        string="Customer May Choose", compute="_compute_choices_label"
    )
    choice = fields.Selection(
        selection=REMEDIES,
        string="Given",
        help="What the customer chose; empty: what the rule gives in the first place.",
    )
    reason = fields.Char()

    @api.depends("remedy_ids")
    def _compute_choices_label(self):
        for wizard in self:
            labels = dict.fromkeys(wizard.remedy_ids.mapped("choices_label"))
            wizard.choices_label = "; ".join(filter(None, labels))

    def action_apply(self):
        """Decide on the remedies.

        :raise UserError: as the decision itself
        """
        self.ensure_one()
        if self.decision == "approve":
            self.remedy_ids.action_approve(self.choice or None, self.reason)
        else:
            self.remedy_ids.action_refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}
