from odoo import api, models


class ResPartner(models.Model):
    """Visits and their evaluation cards are part of a person's file (R66)."""

    _inherit = "res.partner"

    @api.model
    def _get_aftersales_person_models(self):
        return [*super()._get_aftersales_person_models(), "aftersales.dispatch"]
