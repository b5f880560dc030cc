from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class AftersalesVanStock(models.Model):
    """What lies in the vans, with its minimum and maximum."""

    _name = "aftersales.van.stock"
    _description = "Van Stock"
    _auto = False
    _order = "location_id, product_id"
    _rec_name = "product_id"

    location_id = fields.Many2one(
        comodel_name="stock.location", string="Van", readonly=True
    )
    technician_id = fields.Many2one(comodel_name="hr.employee", readonly=True)
    warehouse_id = fields.Many2one(
        comodel_name="stock.warehouse", string="Refilled from", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    product_id = fields.Many2one(
        comodel_name="product.product", string="Part", readonly=True
    )
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit of Measure")
    # Pieces of different parts do not add up.
    quantity = fields.Float(
        string="In the Van", digits="Product Unit", readonly=True, aggregator=None
    )
    reserved = fields.Float(
        string="Reserved for Visits",
        digits="Product Unit",
        readonly=True,
        aggregator=None,
    )
    free = fields.Float(
        string="Free in the Van", digits="Product Unit", readonly=True, aggregator=None
    )
    minimum = fields.Float(digits="Product Unit", readonly=True, aggregator=None)
    maximum = fields.Float(digits="Product Unit", readonly=True, aggregator=None)
    to_refill = fields.Float(
        digits="Product Unit",
        readonly=True,
        aggregator=None,
        help="What is missing to the maximum, once less than the minimum is free.",
    )

    @property
    def _table_query(self):
        # Read as written: what a form has just changed counts.
        self.env["stock.quant"].flush_model()
        self.env["stock.warehouse.orderpoint"].flush_model()
        self.env["stock.location"].flush_model()
        return SQL(
            """
            WITH van AS (
                SELECT id, parent_path, aftersales_technician_id, aftersales_depot_id,
                       company_id
                  FROM stock_location
                 WHERE aftersales_technician_id IS NOT NULL AND active
            ), held AS (
                SELECT van.id AS van_id, quant.product_id,
                       SUM(quant.quantity) AS quantity,
                       SUM(quant.reserved_quantity) AS reserved
                  FROM van
                  JOIN stock_location place
                    ON place.parent_path LIKE van.parent_path || '%%'
                  JOIN stock_quant quant ON quant.location_id = place.id
                 GROUP BY van.id, quant.product_id
            ), rule AS (
                SELECT location_id AS van_id, product_id,
                       MAX(product_min_qty) AS minimum,
                       MAX(product_max_qty) AS maximum
                  FROM stock_warehouse_orderpoint
                 WHERE active AND location_id IN (SELECT id FROM van)
                 GROUP BY location_id, product_id
            ), both_sides AS (
                SELECT COALESCE(held.van_id, rule.van_id) AS van_id,
                       COALESCE(held.product_id, rule.product_id) AS product_id,
                       COALESCE(held.quantity, 0) AS quantity,
                       COALESCE(held.reserved, 0) AS reserved,
                       COALESCE(rule.minimum, 0) AS minimum,
                       COALESCE(rule.maximum, 0) AS maximum
                  FROM held
                  FULL JOIN rule
                    ON rule.van_id = held.van_id AND rule.product_id = held.product_id
            )
            SELECT van.id::bigint * 10000000 + side.product_id AS id,
                   van.id AS location_id,
                   van.aftersales_technician_id AS technician_id,
                   van.aftersales_depot_id AS warehouse_id,
                   van.company_id,
                   side.product_id,
                   side.quantity,
                   side.reserved,
                   side.quantity - side.reserved AS free,
                   side.minimum,
                   side.maximum,
                   CASE WHEN side.quantity - side.reserved < side.minimum
                        THEN side.maximum - side.quantity + side.reserved
                        ELSE 0 END AS to_refill
              FROM both_sides side
              JOIN van ON van.id = side.van_id
            """
        )

    def action_print_count(self):
        """Print the count sheets of these vans, else of one's own.

        :raise UserError: without any van
        """
        # Whose van it is, is no secret to who asks for his own.
        people_sudo = self.env.user.sudo().employee_ids
        vans = self.location_id or self.location_id.union(
            *self.location_id._aftersales_get_vans(
                people_sudo, self.env.companies
            ).values()
        ).with_env(self.env)
        if not vans:
            raise UserError(self.env._("You have no van yet: a supervisor makes one."))
        return vans.action_aftersales_print_count()

    @api.depends("product_id", "location_id")
    def _compute_display_name(self):
        for row in self:
            names = (row.location_id.name, row.product_id.display_name)
            row.display_name = " · ".join(name for name in names if name)
