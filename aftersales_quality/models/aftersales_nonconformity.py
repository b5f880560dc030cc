from odoo import api, fields, models

FACTS = frozenset({"name", "state"})


class AftersalesNonconformity(models.Model):
    """One failing product or lot and what becomes of it (R52, R63)."""

    _name = "aftersales.nonconformity"
    _description = "Nonconformity"
    _inherit = ["aftersales.document.mixin", "mail.thread", "mail.activity.mixin"]
    _facts = FACTS
    _order = "id desc"
    _check_company_auto = True

    product_id = fields.Many2one(
        comodel_name="product.product",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="Lot/Serial Number",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('product_id', '=', product_id)]",
        check_company=True,
    )
    quantity = fields.Float(
        digits="Product Unit", default=1.0, required=True, tracking=True
    )
    cause_id = fields.Many2one(
        comodel_name="aftersales.cause",
        index="btree_not_null",
        tracking=True,
        ondelete="restrict",
        check_company=True,
    )
    disposition = fields.Selection(
        selection=[
            ("rework", "Rework"),
            ("repair", "Repair"),
            ("concession", "Concession"),
            ("scrap", "Scrap"),
        ],
        tracking=True,
        copy=False,
    )
    state = fields.Selection(
        selection=[
            ("open", "Open"),
            ("decided", "Decided"),
            ("inspection", "Inspected Again"),
            ("done", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        default="open",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        copy=False,
    )
    return_line_id = fields.Many2one(
        comodel_name="aftersales.return.line",
        string="Line of a Return",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    complaint_id = fields.Many2one(
        comodel_name="aftersales.complaint",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "A nonconformity is about a quantity above zero."
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        self._number(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        return super().write(vals)
