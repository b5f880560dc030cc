from odoo import api, fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    aftersales_old_part_back = fields.Boolean(
        string="Replaces an Old Part",
        compute="_compute_aftersales_old_part_back",
        store=True,
        readonly=False,
        help="Built in, it replaces a part: under warranty the old one is due back, on "
        "paid jobs the customer decides.",
    )

    @api.depends("aftersales_kind", "tracking", "aftersales_component_id")
    def _compute_aftersales_old_part_back(self):
        for template in self:
            kind = template.aftersales_kind
            template.aftersales_old_part_back = kind == "spare" or (
                not kind
                and template.type == "consu"
                and bool(template.aftersales_component_id)
            )
