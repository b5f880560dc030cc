from odoo import api, fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    aftersales_voucher = fields.Selection(
        selection=[
            ("serial", "One per serial number"),
            ("line", "One per delivered line"),
            ("none", "None"),
        ],
        string="Service Voucher",
        compute="_compute_aftersales_voucher",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="What a delivery to a customer makes: a service voucher for each serial "
        "or lot number, one for the whole delivered line, or none.",
    )

    @api.depends("tracking")
    def _compute_aftersales_voucher(self):
        for template in self:
            serialised = template.tracking == "serial"
            if serialised and template.aftersales_voucher in (False, "none"):
                template.aftersales_voucher = "serial"
            elif not template.aftersales_voucher:
                template.aftersales_voucher = "none"
