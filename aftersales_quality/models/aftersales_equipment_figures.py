from odoo import models


class AftersalesEquipment(models.Model):
    """Units found by their delivery, and by when they changed, for the figures."""

    _inherit = "aftersales.equipment"

    _figure_day_idx = models.Index("(company_id, delivery_date)")
    _figure_change_idx = models.Index("(write_date)")
