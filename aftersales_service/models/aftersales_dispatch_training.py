from odoo import models


class AftersalesDispatch(models.Model):
    _name = "aftersales.dispatch"
    _inherit = ["aftersales.dispatch", "aftersales.trained.mixin"]
    _training_link = "dispatch_id"
