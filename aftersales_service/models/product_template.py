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

    aftersales_policy_id = fields.Many2one(
        comodel_name="aftersales.warranty.policy",
        string="Warranty Policy",
        company_dependent=True,
        check_company=True,
        help="Terms that units of this product get when they are sold; for a product "
        "that sells an extension, the terms it adds. Empty: those of the category.",
    )
    aftersales_class_id = fields.Many2one(
        comodel_name="aftersales.product.class",
        string="Kind of Goods",
        index="btree_not_null",
        ondelete="restrict",
        help="Which laws hold for the product. Empty: the kind of the category.",
    )
    aftersales_component_id = fields.Many2one(
        comodel_name="aftersales.component",
        string="Component Group",
        index="btree_not_null",
        help="Component group of the product when it is built in as a part.",
    )
    aftersales_sells = fields.Selection(
        selection=[
            ("none", "Nothing"),
            ("extension", "Warranty Extension"),
            ("contract", "Service Contract"),
        ],
        string="Sells Cover",
        default="none",
        required=True,
        help="What the customer gets for the units named on the order line.",
    )
    aftersales_clearance = fields.Boolean(
        string="Clearance Goods",
        help="Sold as clearance goods: served as usual, the company bears no cost.",
    )
    aftersales_maker_id = fields.Many2one(
        comodel_name="res.partner",
        string="Maker Who Serves It",
        index="btree_not_null",
        help="Goods of a third party: his promise applies, he is called first, and our "
        "own help is paid for.",
    )
    aftersales_maker_promise = fields.Text(
        string="Maker's Promise",
        translate=True,
        help="What the maker promises, and how he is reached.",
    )

    aftersales_equipment_count = fields.Integer(
        string="Units", compute="_compute_aftersales_equipment_count"
    )

    @api.depends("tracking")
    def _compute_aftersales_voucher(self):
        for template in self:
            serialised = template.tracking == "serial"
            if serialised and template.aftersales_voucher in (False, "none"):
                template.aftersales_voucher = "serial"
            elif not template.aftersales_voucher:
                template.aftersales_voucher = "none"

    def _get_aftersales_class(self):
        """Return the kind of goods: the product's own, else its category's."""
        self.ensure_one()
        found, category = self.aftersales_class_id, self.categ_id
        while not found and category:
            found, category = category.aftersales_class_id, category.parent_id
        return found

    def _compute_aftersales_equipment_count(self):
        Equipment = self.env["aftersales.equipment"]
        counts = {}
        if Equipment.has_access("read"):
            products = self.product_variant_ids
            for product, count in Equipment._read_group(
                [("product_id", "in", products.ids)], ["product_id"], ["__count"]
            ):
                template = product.product_tmpl_id
                counts[template] = counts.get(template, 0) + count
        for template in self:
            template.aftersales_equipment_count = counts.get(template, 0)

    def action_view_aftersales_equipment(self):
        """Open the sold units of these products."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_equipment_action"
        )
        return {
            **action,
            "domain": [("product_id", "in", self.product_variant_ids.ids)],
            "context": {"create": False},
        }
