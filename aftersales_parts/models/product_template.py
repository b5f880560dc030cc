from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    aftersales_kind = fields.Selection(
        selection=[
            ("accessory", "Accessory"),
            ("spare", "Spare Part"),
            ("makeup", "Make-up Part"),
            ("gift", "Gift"),
        ],
        string="Kind of Part",
        help="What it is in the parts department: accessories come with the machine, "
        "spare parts replace what broke, make-up parts were missing at delivery, "
        "gifts go out with a sale.",
    )
