from odoo import fields, models
from odoo.fields import Domain


class AftersalesCampaign(models.Model):
    """A campaign of a containment is for its units alone (R36, R63)."""

    _inherit = "aftersales.campaign"

    containment_id = fields.Many2one(
        comodel_name="aftersales.containment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
    )

    def _get_unit_domain(self):
        domain = super()._get_unit_domain()
        if self.containment_id:
            domain &= Domain(
                "containment_unit_ids",
                "any",
                [("containment_id", "=", self.containment_id.id)],
            )
        return domain

    def action_view_containment(self):
        """Open the containment whose customers are told."""
        return self.containment_id.get_formview_action()
