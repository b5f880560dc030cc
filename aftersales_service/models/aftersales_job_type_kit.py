from odoo import fields, models


class AftersalesJobType(models.Model):
    """What such a visit takes along besides the kit of each crew (R23)."""

    _inherit = "aftersales.job.type"

    kit_item_ids = fields.One2many(
        comodel_name="aftersales.kit.item", inverse_name="job_type_id", string="Kit"
    )
