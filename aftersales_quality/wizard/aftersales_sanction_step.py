from odoo import api, fields, models

STEPS = [
    ("speak", "Write Own Words"),
    ("decline", "Note the Hearing"),
    ("refuse", "Refuse"),
    ("cancel", "Cancel"),
    ("reverse", "Take Back"),
    ("appeal", "Appeal"),
]


class AftersalesSanctionStep(models.TransientModel):
    """Asks for the words that a step of a sanction needs (R61)."""

    _name = "aftersales.sanction.step"
    _description = "Step of a Sanction"

    step = fields.Selection(selection=STEPS, required=True, readonly=True)
    sanction_ids = fields.Many2many(
        comodel_name="aftersales.sanction",
        string="Sanctions and Rewards",
        required=True,
        readonly=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    has_user = fields.Boolean(compute="_compute_has_user")
    text = fields.Text(string="Words")
    witness_id = fields.Many2one(
        comodel_name="res.users",
        domain="[('share', '=', False)]",
        help="Who was there: neither the employee nor you.",
    )

    @api.depends("sanction_ids")
    def _compute_has_user(self):
        for wizard in self:
            wizard.has_user = any(wizard.sanction_ids.mapped("user_id"))

    def action_apply(self):
        """Take the step.

        :raise UserError: as the step itself
        """
        self.ensure_one()
        sanctions = self.sanction_ids
        if self.step == "decline":
            sanctions.action_decline(self.witness_id.id, self.text)
        else:
            getattr(sanctions, f"action_{self.step}")(self.text)
        return {"type": "ir.actions.act_window_close"}
