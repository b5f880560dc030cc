from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_retention_years = fields.Integer(
        related="company_id.aftersales_retention_years", readonly=False
    )

    def action_open_aftersales_setup(self):
        """Open the settings that managers of after-sales keep themselves."""
        return self.env["aftersales.setup"]._get_page_action()
