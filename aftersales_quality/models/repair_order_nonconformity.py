from odoo import fields, models


class RepairOrder(models.Model):
    """Failing goods are found in a repair, or reworked by one (R52)."""

    _name = "repair.order"
    _inherit = ["repair.order", "aftersales.nonconforming.mixin"]
    _nonconformity_field = "repair_id"

    aftersales_nonconformity_id = fields.Many2one(
        comodel_name="aftersales.nonconformity",
        string="Reworks",
        index="btree_not_null",
        check_company=True,
        copy=False,
        help="Nonconformity whose goods this order makes good again.",
    )
