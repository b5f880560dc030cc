from odoo import api, fields, models

REMEDIES = [
    ("refund", "Refund"),
    ("exchange", "Exchange"),
    ("repair", "Repair"),
    ("send_back", "Send Back"),
]
PRICE_RULES = [
    ("paid", "Price Paid"),
    ("current", "Price of Today"),
    ("original", "Original Price"),
]
# Goods of these stay the customer's: they are ours to keep, not to sell.
CUSTOMER_GOODS = ("repair", "send_back")


class AftersalesReturnLine(models.Model):
    """One product of a return, tied to what went out (R48–R53)."""

    _name = "aftersales.return.line"
    _description = "Line of a Return"
    _inherit = ["aftersales.fact.mixin"]
    _facts = frozenset(
        {
            "quantity_received",
            "quantity_refunded",
            "quantity_replaced",
            "quantity_given_back",
            "quantity_uninvoiced",
            "quantity_lowered",
            "quantity_due_back",
            "due_back_reminded",
        }
    )
    _order = "return_id, sequence, id"
    _check_company_auto = True

    return_id = fields.Many2one(
        comodel_name="aftersales.return",
        required=True,
        index=True,
        ondelete="cascade",
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        related="return_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        related="return_id.partner_id", store=True, index=True, precompute=True
    )
    state = fields.Selection(
        related="return_id.state", store=True, index=True, precompute=True
    )

    # ------------------------------------------------------------
    # What went out
    # ------------------------------------------------------------
    move_id = fields.Many2one(
        comodel_name="stock.move",
        string="Delivered with",
        compute="_compute_from_unit",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('state', '=', 'done'), ('location_dest_id.usage', '=', 'customer')]",
        help="The done delivery these goods came from.",
    )
    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Order Line",
        compute="_compute_sale_line_id",
        store=True,
        precompute=True,
        index="btree_not_null",
    )
    invoice_line_id = fields.Many2one(
        comodel_name="account.move.line",
        compute="_compute_invoice_line_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
        help="The posted invoice line it was paid with.",
    )
    equipment_id = fields.Many2one(
        comodel_name="aftersales.equipment",
        string="Unit",
        index="btree_not_null",
        check_company=True,
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        compute="_compute_from_unit",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        check_company=True,
    )
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit of Measure")
    tracking = fields.Selection(related="product_id.tracking")
    lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="Serial or Lot",
        compute="_compute_from_unit",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
        domain="[('product_id', '=', product_id)]",
    )
    quantity = fields.Float(
        digits="Product Unit",
        default=1.0,
        required=True,
        help="In the unit of measure of the product.",
    )
    returnable_quantity = fields.Float(
        string="Returnable",
        digits="Product Unit",
        compute="_compute_returnable_quantity",
        help="What may still come back: delivered less returned less all other open "
        "requests.",
    )

    # ------------------------------------------------------------
    # What is wished, and why
    # ------------------------------------------------------------
    reason_id = fields.Many2one(
        comodel_name="aftersales.return.reason",
        index="btree_not_null",
        check_company=True,
    )
    remedy = fields.Selection(
        selection=REMEDIES,
        compute="_compute_remedy",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    inspection_required = fields.Boolean(
        string="Inspected on Arrival",
        compute="_compute_inspection_required",
        store=True,
        readonly=False,
        precompute=True,
        help="Without an inspection the goods go on stock as they arrive.",
    )
    price_rule = fields.Selection(
        selection=PRICE_RULES,
        compute="_compute_price_rule",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="What is credited for it.",
    )
    cause_id = fields.Many2one(
        comodel_name="aftersales.cause",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    department_id = fields.Many2one(
        comodel_name="hr.department",
        compute="_compute_department_id",
        store=True,
        readonly=False,
        check_company=True,
        help="Which department caused it.",
    )
    employee_id = fields.Many2one(
        comodel_name="hr.employee",
        string="Person",
        check_company=True,
        groups="aftersales_service.aftersales_service_group_technician,"
        "hr.group_hr_user",
        help="Who caused it.",
    )
    note = fields.Char(string="Fault")

    # ------------------------------------------------------------
    # What became of it
    # ------------------------------------------------------------
    stock_move_ids = fields.One2many(
        comodel_name="stock.move",
        inverse_name="aftersales_return_line_id",
        string="Moves",
        copy=False,
    )
    refund_line_ids = fields.One2many(
        comodel_name="account.move.line",
        inverse_name="aftersales_return_line_id",
        string="Lines of Credit Notes",
        copy=False,
    )
    repair_ids = fields.One2many(
        comodel_name="repair.order",
        inverse_name="aftersales_return_line_id",
        string="Repair Orders",
        copy=False,
    )
    quantity_received = fields.Float(
        string="Received",
        digits="Product Unit",
        compute="_compute_moved",
        compute_sudo=True,
        store=True,
    )
    quantity_replaced = fields.Float(
        string="Replaced",
        digits="Product Unit",
        compute="_compute_moved",
        compute_sudo=True,
        store=True,
    )
    quantity_given_back = fields.Float(
        string="Given Back",
        digits="Product Unit",
        compute="_compute_moved",
        compute_sudo=True,
        store=True,
    )
    quantity_refunded = fields.Float(
        string="Refunded",
        digits="Product Unit",
        compute="_compute_quantity_refunded",
        compute_sudo=True,
        store=True,
        help="On posted credit notes.",
    )
    quantity_settled = fields.Float(
        string="Settled",
        digits="Product Unit",
        compute="_compute_quantity_settled",
        help="Refunded, replaced or given back, as the remedy of the line asks.",
    )
    inspection = fields.Selection(
        selection=[
            ("pending", "Pending"),
            ("resaleable", "Resaleable"),
            ("rework", "Rework"),
            ("scrap", "Scrap"),
            ("no_fault", "No Fault Found"),
            ("misuse", "Misuse"),
        ],
        required=True,
        default="pending",
        copy=False,
    )
    replacement_lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="New Serial",
        copy=False,
        check_company=True,
        index="btree_not_null",
    )

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "A return is of more than nothing."
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("move_id", "equipment_id")
    def _compute_from_unit(self):
        for line in self:
            unit = line.equipment_id
            # Who returns does not read transfers.
            move_sudo = line.move_id.sudo() or unit.move_id.sudo()
            line.move_id = move_sudo.sudo(False)
            line.product_id = move_sudo.product_id or unit.product_id or line.product_id
            if unit:
                line.lot_id = unit.lot_id
            elif line.lot_id and line.lot_id.product_id != line.product_id:
                line.lot_id = False
            else:
                lots_sudo = move_sudo.move_line_ids.lot_id
                only = lots_sudo if len(lots_sudo) == 1 else lots_sudo.browse()
                line.lot_id = line.lot_id or only.sudo(False)  # see above

    @api.depends("move_id")
    def _compute_sale_line_id(self):
        for line in self:
            # See _compute_from_unit.
            move_sudo = line.move_id.sudo()
            first_sudo = move_sudo and move_sudo._aftersales_first_move()
            line.sale_line_id = first_sudo.sale_line_id

    @api.depends("sale_line_id", "equipment_id")
    def _compute_invoice_line_id(self):
        for line in self:
            if line.invoice_line_id:
                continue
            # See _compute_from_unit.
            invoiced_sudo = line.equipment_id.sudo().invoice_line_ids or (
                line.sale_line_id.sudo().invoice_lines
            )
            posted_sudo = invoiced_sudo.filtered(
                lambda item: item.parent_state == "posted"
                and item.move_id.move_type == "out_invoice"
            )
            # First invoiced, first credited.
            line.invoice_line_id = posted_sudo.sorted("id")[:1].sudo(False)

    @api.depends("reason_id")
    def _compute_remedy(self):
        for line in self:
            line.remedy = line.remedy or line.reason_id.remedy or "refund"

    @api.depends("cause_id")
    def _compute_department_id(self):
        for line in self:
            line.department_id = line.cause_id.department_id or line.department_id

    @api.depends(
        "remedy",
        "stock_move_ids.state",
        "stock_move_ids.quantity",
        "stock_move_ids.location_id",
        "stock_move_ids.location_dest_id",
    )
    def _compute_moved(self):
        for line in self:
            done = line.stock_move_ids.filtered(lambda move: move.state == "done")
            came = done.filtered(lambda move: move._aftersales_comes_from_customer())
            went = done.filtered(lambda move: move._aftersales_is_delivery())
            line.quantity_received = came._aftersales_sum()
            replaced = line.remedy == "exchange"
            # What goes back as it came replaces nothing.
            back = went.filtered(lambda m, came=came: m.origin_returned_move_id in came)
            back = back if replaced else went
            line.quantity_replaced = (went - back)._aftersales_sum()
            line.quantity_given_back = back._aftersales_sum()

    @api.depends(
        "refund_line_ids.parent_state",
        "refund_line_ids.quantity",
        "refund_line_ids.product_uom_id",
    )
    def _compute_quantity_refunded(self):
        for line in self:
            line.quantity_refunded = line._get_credited(("posted",))

    # ------------------------------------------------------------
    # WHAT IS SETTLED
    # ------------------------------------------------------------

    def _get_accepted_quantity(self):
        """Return what came and is settled by the remedy of the line."""
        self.ensure_one()
        return self.quantity_received

    @api.depends(
        "remedy", "quantity_refunded", "quantity_replaced", "quantity_given_back"
    )
    def _compute_quantity_settled(self):
        for line in self:
            line.quantity_settled = line._get_settled_quantity()

    def _get_settled_quantity(self):
        """Return what of it was settled: refunded, replaced or given back."""
        self.ensure_one()
        settled = {"refund": "quantity_refunded", "exchange": "quantity_replaced"}
        return self[settled.get(self.remedy, "quantity_given_back")]

    def _is_settled(self):
        """Tell whether nothing is left to do for the line."""
        self.ensure_one()
        accepted, settled = self._get_accepted_quantity(), self._get_settled_quantity()
        return self.product_id.uom_id.compare(settled, accepted) >= 0

    def _get_credited(self, states):
        """Return what is on credit notes in these states, in the product's unit."""
        self.ensure_one()
        return sum(
            item.product_uom_id._compute_quantity(
                item.quantity, line_uom, rounding_method="HALF-UP"
            )
            if (line_uom := self.product_id.uom_id) != item.product_uom_id
            else item.quantity
            for item in self.refund_line_ids
            if item.parent_state in states
        )

    @api.depends("return_id.name", "product_id.display_name", "lot_id.name")
    def _compute_display_name(self):
        for line in self:
            parts = (
                line.return_id.name,
                line.product_id.display_name,
                line.lot_id.name,
            )
            line.display_name = " · ".join(part for part in parts if part)
