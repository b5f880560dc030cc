from odoo import models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "aftersales.trained.mixin"]
    _training_link = "partner_id"
