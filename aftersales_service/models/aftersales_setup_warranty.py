from odoo import api, fields, models


class AftersalesSetupStep(models.Model):
    """The first step that gives the products their warranty (R14)."""

    _inherit = "aftersales.setup.step"

    code = fields.Selection(
        selection_add=[("warranty", "Warranty of the products"), ("numbering",)]
    )

    @api.model
    def _get_hints(self):
        return {
            **super()._get_hints(),
            "warranty": self.env._(
                "Put a policy on products or categories. Units sold before get it with "
                "Apply Policy Again in the gear menu of their list."
            ),
        }

    @api.model
    def _check_warranty(self, companies):
        return {
            company: (
                bool(promised),
                self.env._(
                    "Units with a policy: %(promised)s of %(total)s",
                    promised=promised,
                    total=total,
                ),
            )
            for company, total, promised in self.env[
                "aftersales.equipment"
            ]._read_group(
                [("company_id", "in", companies.ids)],
                ["company_id"],
                ["__count", "warranty_policy_id:count"],
            )
        }
