from odoo import api, fields, models

from odoo.addons.stock.models.stock_rule import ProcurementException


class AftersalesDeliveryDayLine(models.Model):
    """Goods of an order of the day, with the stock as it was in the evening (R54)."""

    _name = "aftersales.delivery.day.line"
    _description = "Goods of an Order of a Day"
    _order = "day_id desc, order_id, id"
    _check_company_auto = True

    day_id = fields.Many2one(
        comodel_name="aftersales.delivery.day",
        string="List of the Day",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="day_id.company_id", store=True, index=True, precompute=True
    )
    date = fields.Date(related="day_id.date", store=True, precompute=True)
    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Order Line",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    order_id = fields.Many2one(
        comodel_name="sale.order",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(
        related="order_id.partner_id",
        string="Customer",
        store=True,
        precompute=True,
        index=True,
    )
    user_id = fields.Many2one(related="order_id.user_id", string="Salesperson")
    product_id = fields.Many2one(
        comodel_name="product.product", required=True, readonly=True, index=True
    )
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit of Measure")
    warehouse_id = fields.Many2one(
        comodel_name="stock.warehouse", readonly=True, check_company=True
    )
    date_planned = fields.Datetime(string="Delivery on", readonly=True)
    quantity = fields.Float(
        string="To Deliver", digits="Product Unit", readonly=True, aggregator=None
    )
    reserved_quantity = fields.Float(
        string="Reserved",
        digits="Product Unit",
        readonly=True,
        aggregator=None,
        help="Kept for this order already.",
    )
    free_quantity = fields.Float(
        string="From Free Stock",
        digits="Product Unit",
        readonly=True,
        aggregator=None,
        help="What of the free stock of the warehouse is for this order. Two orders of "
        "a day are not promised the same piece.",
    )
    missing_quantity = fields.Float(
        string="Missing", digits="Product Unit", readonly=True
    )
    ordered_quantity = fields.Float(
        string="Ordered", digits="Product Unit", readonly=True
    )
    order_date = fields.Datetime(string="Ordered on", readonly=True)
    ordered_by_id = fields.Many2one(
        comodel_name="res.users", string="Ordered by", readonly=True
    )
    obstacle = fields.Char(
        string="Not Ordered because",
        readonly=True,
        help="What the warehouse rules say.",
    )
    state = fields.Selection(
        selection=[
            ("available", "In Stock"),
            ("missing", "Missing"),
            ("ordered", "Ordered"),
            ("covered", "Covered Otherwise"),
        ],
        required=True,
        readonly=True,
        default="available",
        index=True,
        help="Covered otherwise: goods came, are on order already, or are not wanted "
        "any more.",
    )

    # However often the job runs: an order line is listed once.
    _sale_line_uniq = models.UniqueIndex(
        "(sale_line_id)", "A line of an order is listed once."
    )

    @api.depends("order_id.name", "product_id.display_name")
    def _compute_display_name(self):
        for line in self:
            parts = (line.order_id.name, line.product_id.display_name)
            line.display_name = " · ".join(filter(None, parts))

    # ------------------------------------------------------------
    # ORDERING
    # ------------------------------------------------------------

    def _order_missing(self):
        """Order what these lines miss, product by product, by the warehouse's rules."""
        wanted = self.filtered(
            lambda line: line.sale_line_id.state == "sale" and line._get_open() > 0
        )
        (self - wanted).write({"state": "covered", "obstacle": False})
        groups = wanted.grouped(lambda line: (line.warehouse_id, line.product_id))
        shortages = self._get_shortages(groups)
        for (warehouse, product), lines in groups.items():
            uom = product.uom_id
            need = sum(line._get_missing_now() for line in lines)
            quantity = min(need, shortages[warehouse, product])
            if uom.compare(quantity, 0) > 0:
                if obstacle := lines._procure(warehouse, product, quantity):
                    lines.obstacle = obstacle
                    continue
            lines._note_ordered(quantity)

    def _get_open(self):
        """Return what is still to be delivered, in the product's unit."""
        self.ensure_one()
        line = self.sale_line_id
        return line.product_uom_id._compute_quantity(
            line.product_uom_qty - line.qty_delivered, self.product_id.uom_id
        )

    def _get_missing_now(self):
        self.ensure_one()
        return max(min(self.missing_quantity, self._get_open()), 0.0)

    @api.model
    def _get_shortages(self, groups):
        """Return ``{(warehouse, product): quantity}`` that nothing covers any more.

        :param groups: pairs of warehouse and product
        """
        by_warehouse = {}
        for warehouse, product in groups:
            by_warehouse[warehouse] = by_warehouse.get(warehouse, product) | product
        shortages = {}
        for warehouse, products in by_warehouse.items():
            place = warehouse.lot_stock_id
            # Requests to vendors that are not confirmed are no forecast yet.
            asked, _by_warehouse = products._get_quantity_in_progress(
                location_ids=place.ids
            )
            here = products.with_context(location=place.id)
            # What moved in the meantime counts.
            here.invalidate_recordset(["virtual_available"])
            for product in here:
                left = product.virtual_available + asked[product.id, place.id]
                shortages[warehouse, product] = max(-left, 0.0)
        return shortages

    def _procure(self, warehouse, product, quantity):
        """Ask the rules of the warehouse for goods.

        :return: why they cannot, in words; nothing when they could
        """
        rules = self.env["stock.rule"].with_company(warehouse.company_id)
        days = self.day_id
        procurement = rules.Procurement(
            product,
            quantity,
            product.uom_id,
            warehouse.lot_stock_id,
            ", ".join(days.mapped("name")),
            ", ".join(days.mapped("name")),
            warehouse.company_id,
            {
                "warehouse_id": warehouse,
                "company_id": warehouse.company_id,
                "date_planned": max(
                    min(filter(None, self.mapped("date_planned")), default=None)
                    or fields.Datetime.now(),
                    fields.Datetime.now(),
                ),
            },
        )
        try:
            with self.env.cr.savepoint():
                # As from the replenishment: without a vendor it refuses, in words.
                rules.with_context(from_orderpoint=True).run(
                    [procurement], raise_user_error=False
                )
        except ProcurementException as error:
            return " ".join(
                str(text) for _procurement, text in error.procurement_exceptions
            )
        return None

    def _note_ordered(self, quantity):
        """Note which lines an ordered quantity is for; the others are covered."""
        now = fields.Datetime.now()
        for line in self:
            part = min(line._get_missing_now(), quantity)
            quantity -= part
            ordered = line.product_id.uom_id.compare(part, 0) > 0
            line.write(
                {
                    "state": "ordered" if ordered else "covered",
                    "ordered_quantity": part,
                    "order_date": now if ordered else False,
                    "ordered_by_id": self.env.uid if ordered else False,
                    "obstacle": False,
                }
            )
