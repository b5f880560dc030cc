from odoo import fields, models


class AftersalesPolicyReapply(models.TransientModel):
    """Asks for the policy that sold units get again, and why."""

    _name = "aftersales.policy.reapply"
    _description = "Apply a Warranty Policy Again"

    equipment_ids = fields.Many2many(
        comodel_name="aftersales.equipment",
        string="Units",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    equipment_count = fields.Integer(compute="_compute_equipment_count")
    policy_id = fields.Many2one(
        comodel_name="aftersales.warranty.policy",
        string="Warranty Policy",
        help="Empty: the policy that the product of each unit has on its day of sale.",
    )
    reason = fields.Char(required=True, help="Kept in the history of each unit.")

    def _compute_equipment_count(self):
        for wizard in self:
            wizard.equipment_count = len(wizard.equipment_ids)

    def action_apply(self):
        """Give the units the terms of the policy anew.

        :raise UserError: as :meth:`action_reapply_policy` of the units
        """
        self.ensure_one()
        self.equipment_ids.action_reapply_policy(self.reason, self.policy_id.id)
        return {"type": "ir.actions.act_window_close"}
