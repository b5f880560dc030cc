from odoo import api, fields, models


class AftersalesPartRequestLine(models.Model):
    """One part of a request."""

    _name = "aftersales.part.request.line"
    _description = "Line of a Part Request"
    _order = "request_id, sequence, id"
    _check_company_auto = True

    request_id = fields.Many2one(
        comodel_name="aftersales.part.request",
        string="Part Request",
        required=True,
        index=True,
        ondelete="cascade",
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, index=True, precompute=True
    )
    state = fields.Selection(related="request_id.state", store=True, precompute=True)
    product_id = fields.Many2one(
        comodel_name="product.product",
        string="Part",
        required=True,
        index=True,
        check_company=True,
        domain="[('type', '=', 'consu')]",
    )
    quantity = fields.Float(digits="Product Unit", default=1.0, required=True)
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit of Measure")
    ticket_line_id = fields.Many2one(
        comodel_name="aftersales.ticket.line",
        index="btree_not_null",
        check_company=True,
        copy=False,
        ondelete="set null",
        help="Line of the ticket the part is for.",
    )
    note = fields.Char(string="Remark")
    move_ids = fields.One2many(
        comodel_name="stock.move",
        inverse_name="aftersales_request_line_id",
        string="Moves",
        copy=False,
        groups="stock.group_stock_user",
    )
    quantity_arrived = fields.Float(
        string="Arrived",
        digits="Product Unit",
        compute="_compute_supply",
        compute_sudo=True,
    )
    supply_text = fields.Char(
        string="Comes from",
        compute="_compute_supply",
        compute_sudo=True,
        help="Which depot sends it, or that it is purchased.",
    )

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "More than nothing is asked for."
    )

    @api.depends("move_ids.state", "move_ids.quantity", "move_ids.location_id")
    @api.depends_context("lang")
    def _compute_supply(self):
        for line in self:
            moves = line.move_ids.filtered(lambda move: move.state != "cancel")
            done = moves.filtered(lambda move: move.state == "done")
            line.quantity_arrived = done._aftersales_sum()
            line.supply_text = ", ".join(
                line._say_supply(move) for move in moves.sorted("id")
            )

    def _say_supply(self, move):
        """Say where a move comes from and how far it is."""
        depot = move.location_id.warehouse_id.name or move.location_id.display_name
        quantity = f"{move.product_qty:g}"
        if move.state == "done":
            return self.env._(
                "%(quantity)s from %(depot)s: arrived", quantity=quantity, depot=depot
            )
        if move.procure_method == "make_to_order" or move.move_orig_ids:
            return self.env._(
                "%(quantity)s purchased for %(depot)s", quantity=quantity, depot=depot
            )
        if move.state == "assigned":
            return self.env._(
                "%(quantity)s from %(depot)s", quantity=quantity, depot=depot
            )
        return self.env._(
            "%(quantity)s missing in %(depot)s", quantity=quantity, depot=depot
        )

    @api.depends("quantity", "product_id.display_name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.quantity:g} × {line.product_id.display_name}"

    # ------------------------------------------------------------
    # CREATE, WRITE
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.request_id._ensure_editable()
        return lines

    def write(self, vals):
        self.request_id._ensure_editable()
        result = super().write(vals)
        if "request_id" in vals:
            self.request_id._ensure_editable()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        self.request_id._ensure_editable()
