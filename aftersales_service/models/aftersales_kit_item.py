from odoo import api, fields, models

KINDS = [("tool", "Tool"), ("part", "Part"), ("material", "Material")]


class AftersalesKitItem(models.Model):
    """What a crew takes along, on every visit or for one kind of job (R23)."""

    _name = "aftersales.kit.item"
    _description = "Kit of the Crews"
    _order = "sequence, id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(selection=KINDS, required=True, default="tool")
    name = fields.Char(
        compute="_compute_name",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        translate=True,
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        check_company=True,
        index="btree_not_null",
        help="Whose stock is looked at before departure; empty for tools that are in "
        "every van.",
    )
    quantity = fields.Float(default=1.0, digits="Product Unit", required=True)
    job_type_id = fields.Many2one(
        comodel_name="aftersales.job.type",
        check_company=True,
        index=True,
        ondelete="cascade",
        help="Empty: each crew takes it along on every visit.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", index=True, help="Empty: for every company."
    )

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "Of what is taken along, there is more than nothing."
    )

    @api.depends("product_id")
    def _compute_name(self):
        for item in self:
            item.name = item.product_id.display_name or item.name
