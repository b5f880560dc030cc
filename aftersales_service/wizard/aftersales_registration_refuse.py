from odoo import fields, models


class AftersalesRegistrationRefuse(models.TransientModel):
    """Asks why registrations are refused."""

    _name = "aftersales.registration.refuse"
    _description = "Refuse a Registration"

    registration_ids = fields.Many2many(
        comodel_name="aftersales.registration",
        string="Registrations",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    reason = fields.Char(
        required=True, help="The customer reads it, in the words you write."
    )

    def action_apply(self):
        """Refuse the registrations with this reason.

        :raise UserError: as the refusal itself
        """
        self.ensure_one()
        self.registration_ids.action_refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}
