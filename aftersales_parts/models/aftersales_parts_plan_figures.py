from collections import defaultdict
from functools import partial

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.tools import SQL

from ..tools.parts_plan import Figures, growth, propose

# Places of a depot: its own and its vans, where goods are fit for use.
PLACES = """
    SELECT place.id, COALESCE(place.aftersales_depot_id, place.warehouse_id) AS depot_id
      FROM stock_location place
      JOIN stock_warehouse depot
        ON depot.id = COALESCE(place.aftersales_depot_id, place.warehouse_id)
     WHERE place.usage = 'internal' AND depot.company_id = %(company)s AND depot.active
       AND place.aftersales_old_parts IS NOT TRUE
       AND (depot.aftersales_quarantine_id IS NULL
            OR place.id <> depot.aftersales_quarantine_id)
"""
SERVICE = """
    (move.aftersales_ticket_line_id IS NOT NULL
     OR move.aftersales_request_line_id IS NOT NULL
     OR move.aftersales_return_line_id IS NOT NULL
     OR move.repair_id IS NOT NULL OR move.sale_line_id IS NULL)
"""
# The periods of a figure, each with its first day and the day after its last one.
PERIODS = {
    "used": ("begin", "end"),
    "used_season": ("season", "season_end"),
    "used_year": ("year", "end"),
    "sold": ("begin", "end"),
}


def _sum(name, day, condition="TRUE"):
    """Return the SQL of the quantity that a figure sums up in its period."""
    begin, end = PERIODS[name]
    return f"""SUM(quantity) FILTER (WHERE {condition}
        AND {day} >= %({begin})s AND {day} < %({end})s)"""


def _done_moves(here, there, sign, service):
    """Return the SQL of done moves between depots and customers or repairs.

    :param str here: which end of the move is in the depot
    :param str sign: minus for what came back
    :param str service: tells whether after-sales used it, or it was sold
    """
    return f"""
        SELECT place.depot_id, move.product_id, move.date AS moved,
               {service} AS service,
               {sign} move.quantity * unit.factor / own.factor AS quantity
          FROM stock_move move
          JOIN place ON place.id = move.{here}
          JOIN stock_location away ON away.id = move.{there}
           AND away.usage IN ('customer', 'production')
          JOIN product_product item ON item.id = move.product_id
          JOIN product_template template ON template.id = item.product_tmpl_id
          JOIN uom_uom unit ON unit.id = move.product_uom
          JOIN uom_uom own ON own.id = template.uom_id
         WHERE move.state = 'done' AND move.product_id = ANY(%(products)s)
           AND move.date >= LEAST(%(season)s::date, %(year)s::date)
    """


class AftersalesPartsPlan(models.Model):
    """The figures of a plan, read for all depots and parts together (R43)."""

    _inherit = "aftersales.parts.plan"

    def action_compute(self):
        """Read the figures anew and propose; what somebody changed stays changed.

        :raise UserError: for others than supervisors, and once it is confirmed
        """
        self._lock()
        self._ensure_can(
            "can_compute", self.env._("A supervisor proposes what is not confirmed.")
        )
        for plan in self:
            plan._propose()
        return True

    def _propose(self):
        """Make the lines of the plan from what is known today."""
        self.ensure_one()
        # Orders, stock and costs are read for the whole company, whoever plans.
        plan_sudo = self.sudo().with_company(self.company_id)
        plan_sudo.env.flush_all()
        products = plan_sudo._read_products()
        figures, factors = plan_sudo._read_figures(products.ids)
        depots = plan_sudo.env["stock.warehouse"].search(
            [("company_id", "=", self.company_id.id)]
        )
        parents = {
            depot.id: depot.aftersales_parent_depot_id.filtered("active").id or None
            for depot in depots
        }
        digits = plan_sudo.env["decimal.precision"].precision_get("Product Unit")
        piece = plan_sudo.env.ref("uom.product_uom_unit")
        fine = {  # litres and metres are not rounded to whole ones
            product.id
            for product in products
            if not product.uom_id._has_common_reference(piece)
        }
        proposals = propose(
            figures,
            parents,
            self.months,
            factors,
            step=lambda product: 10**-digits if product in fine else 1.0,
            depots=depots.ids,
        )
        plan_sudo._write_lines(proposals, parents, products)

    def _write_lines(self, proposals, parents, products):
        edited = {
            (line.warehouse_id.id, line.product_id.id): line
            for line in self.line_ids
            if line.quantity != line.proposal
            or line.vendor_id != line.seller_id
            or line.note
        }
        vendors = self._read_vendors(products.ids)
        costs = {product.id: product.standard_price for product in products}
        values = []
        for (depot, product), proposal in proposals.items():
            known = proposal.figures
            line = edited.pop((depot, product), None)
            values.append(
                {
                    "plan_id": self.id,
                    "warehouse_id": depot,
                    "product_id": product,
                    "parent_depot_id": parents.get(depot),
                    "needed": known.needed,
                    "used": known.used / self.months,
                    "used_season": known.used_season,
                    "installed": proposal.installed,
                    "sold": known.sold / self.months,
                    "ordered": known.ordered,
                    "supplied": proposal.supplied,
                    "promised": known.promised,
                    "on_hand": known.on_hand,
                    "on_order": known.on_order,
                    "minimum": known.minimum,
                    "low_stock": proposal.low_stock,
                    "forecast": proposal.forecast,
                    "proposal": proposal.quantity,
                    "quantity": line.quantity if line else proposal.quantity,
                    "seller_id": vendors.get(product),
                    "vendor_id": line.vendor_id.id if line else vendors.get(product),
                    "note": line.note if line else False,
                    "cost": costs.get(product, 0.0),
                }
            )
        # What somebody added by hand is not in the figures: it stays.
        added = self.env["aftersales.parts.plan.line"].union(*edited.values())
        (self.line_ids - added).unlink()
        self.line_ids._by_method().create(values)

    # ------------------------------------------------------------
    # READING
    # ------------------------------------------------------------

    def _read_products(self):
        """Return the parts: what is called one, was used as one or is asked for."""
        ids = [
            row[0]
            for row in self._run(
                """
                SELECT item.id
                  FROM product_product item
                  JOIN product_template template ON template.id = item.product_tmpl_id
                 WHERE item.active AND template.active AND template.is_storable
                   AND (template.company_id IS NULL OR template.company_id = %(company)s)
                   AND (template.aftersales_kind IS NOT NULL
                    OR EXISTS (
                        SELECT FROM aftersales_ticket_line line
                         WHERE line.product_id = item.id AND line.kind = 'part'
                           AND line.company_id = %(company)s
                           AND (line.state = 'planned' OR line.date_done >= %(year)s))
                    OR EXISTS (
                        SELECT FROM aftersales_part_request_line asked
                         WHERE asked.product_id = item.id
                           AND asked.company_id = %(company)s))
                """
            )
        ]
        return self.env["product.product"].browse(ids)

    def _read_figures(self, product_ids):
        """Return ``({(depot, product): Figures}, {product: growth})``."""
        figures = defaultdict(Figures)
        if not product_ids:
            return figures, {}
        run = partial(self._run, products=product_ids)
        for name, rows in (
            *self._read_gone(run),
            ("ordered", self._read_ordered(run)),
            ("promised", self._read_promised(run)),
            ("needed", self._read_needed(run)),
            ("on_hand", self._read_on_hand(run)),
            ("on_order", self._read_on_order(run)),
            ("minimum", self._read_minimum(run)),
        ):
            for depot, product, quantity in rows:
                known = figures[depot, product]
                setattr(known, name, getattr(known, name) + float(quantity or 0.0))
        return figures, self._read_growth(run)

    def _run(self, query, **values):
        """Run a query with the depots' places, the days and the company of the plan."""
        today = self.company_id._aftersales_today()
        first = self.month
        last_year = first - relativedelta(years=1)
        return self.env.execute_query(
            SQL(
                f"WITH place AS ({PLACES}) {query}",
                company=self.company_id.id,
                begin=first - relativedelta(months=self.months),
                end=min(first, today + relativedelta(days=1)),
                season=last_year,
                season_end=last_year + relativedelta(months=1),
                year=min(first, today) - relativedelta(years=1),
                main=self._get_main_depot().id,
                **values,
            )
        )

    def _get_main_depot(self):
        """Return the depot of what names none: the head office."""
        return self.env["stock.warehouse"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("aftersales_parent_depot_id", "=", False),
            ],
            limit=1,
        )

    def _read_gone(self, run):
        """Yield use and sales: done moves out, less what came back unused."""
        out = _done_moves("location_id", "location_dest_id", "", SERVICE)
        back = _done_moves("location_dest_id", "location_id", "-", "TRUE")
        rows = run(
            f"""
            SELECT depot_id, product_id,
                   {_sum("used", "moved", "service")},
                   {_sum("used_season", "moved", "service")},
                   {_sum("used_year", "moved", "service")},
                   {_sum("sold", "moved", "NOT service")}
              FROM ({out} UNION ALL
                    {back} AND (move.aftersales_ticket_line_id IS NOT NULL
                                OR move.repair_id IS NOT NULL)) gone
             GROUP BY depot_id, product_id
            """
        )
        for index, name in enumerate(PERIODS, 2):
            yield name, [(row[0], row[1], max(row[index] or 0, 0)) for row in rows]
        # Used, and not booked (yet).
        noted = run(
            f"""
            SELECT %(main)s, line.product_id,
                   {_sum("used", "date_done")},
                   {_sum("used_season", "date_done")},
                   {_sum("used_year", "date_done")}
              FROM aftersales_ticket_line line
             WHERE line.kind = 'part' AND line.state = 'used'
               AND line.company_id = %(company)s
               AND line.product_id = ANY(%(products)s)
               AND line.date_done >= LEAST(%(season)s::date, %(year)s::date)
               AND NOT EXISTS (SELECT FROM stock_move move
                                WHERE move.aftersales_ticket_line_id = line.id
                                  AND move.state = 'done')
             GROUP BY line.product_id
            """
        )
        for index, name in enumerate(("used", "used_season", "used_year"), 2):
            yield name, [(row[0], row[1], row[index]) for row in noted]

    def _read_open_moves(self, run, here, there, condition):
        """Return what open moves take out of depots, or bring into them.

        :param str here: which end of the move is in the depot
        :param str condition: SQL about the move and its other end, ``away``, which
            is a place of the depot ``other`` if of any
        """
        return run(
            f"""
            SELECT place.depot_id, move.product_id, SUM(move.product_qty)
              FROM stock_move move
              JOIN place ON place.id = move.{here}
              JOIN stock_location away ON away.id = move.{there}
              LEFT JOIN place other ON other.id = away.id
             WHERE move.state IN ('waiting', 'confirmed', 'partially_available',
                                  'assigned')
               AND move.product_id = ANY(%(products)s) AND ({condition})
             GROUP BY place.depot_id, move.product_id
            """
        )

    def _read_ordered(self, run):
        return self._read_open_moves(
            run,
            "location_id",
            "location_dest_id",
            f"away.usage = 'customer' AND NOT {SERVICE}",
        )

    def _read_promised(self, run):
        """What is on its way out to another depot."""
        return self._read_open_moves(
            run,
            "location_id",
            "location_dest_id",
            "away.usage = 'transit' OR other.depot_id <> place.depot_id",
        )

    def _read_needed(self, run):
        """Planned parts of open tickets, and what technicians asked for."""
        planned = run(
            """
            SELECT COALESCE(source.depot_id, %(main)s), line.product_id,
                   SUM(line.quantity)
              FROM aftersales_ticket_line line
              JOIN aftersales_ticket ticket ON ticket.id = line.ticket_id
               AND ticket.state IN ('new', 'open', 'waiting')
              LEFT JOIN LATERAL (
                    SELECT place.depot_id
                      FROM stock_move move
                      JOIN place ON place.id = move.location_id
                     WHERE move.aftersales_ticket_line_id = line.id
                       AND move.state <> 'cancel'
                     ORDER BY move.id DESC LIMIT 1) source ON TRUE
             WHERE line.kind = 'part' AND line.state = 'planned'
               AND line.company_id = %(company)s
               AND line.product_id = ANY(%(products)s)
             GROUP BY 1, line.product_id
            """
        )
        return [*planned, *self._read_requested(run)]

    def _read_requested(self, run):
        """What technicians asked for, beyond planned parts, and did not get yet."""
        return run(
            """
            SELECT COALESCE(request.warehouse_id, %(main)s), line.product_id,
                   SUM(GREATEST(line.quantity - COALESCE(came.quantity, 0), 0))
              FROM aftersales_part_request_line line
              JOIN aftersales_part_request request ON request.id = line.request_id
               AND request.state IN ('submitted', 'approved')
              LEFT JOIN aftersales_ticket_line planned
                ON planned.id = line.ticket_line_id AND planned.state = 'planned'
              LEFT JOIN LATERAL (
                    SELECT SUM(move.product_qty) AS quantity
                      FROM stock_move move
                     WHERE move.aftersales_request_line_id = line.id
                       AND move.state = 'done') came ON TRUE
             WHERE planned.id IS NULL AND request.company_id = %(company)s
               AND line.product_id = ANY(%(products)s)
             GROUP BY 1, line.product_id
            """
        )

    def _read_on_hand(self, run):
        return run(
            """
            SELECT place.depot_id, quant.product_id, SUM(quant.quantity)
              FROM stock_quant quant
              JOIN place ON place.id = quant.location_id
             WHERE quant.owner_id IS NULL AND quant.product_id = ANY(%(products)s)
             GROUP BY place.depot_id, quant.product_id
            """
        )

    def _read_on_order(self, run):
        """What comes from vendors and other depots; requests for quotation too."""
        moves = self._read_open_moves(
            run,
            "location_dest_id",
            "location_id",
            "away.usage IN ('supplier', 'transit') OR other.depot_id <> place.depot_id",
        )
        quotations = run(
            """
            SELECT type.warehouse_id, line.product_id, SUM(line.product_uom_qty)
              FROM purchase_order_line line
              JOIN purchase_order bought ON bought.id = line.order_id
               AND bought.state IN ('draft', 'sent', 'to approve')
              JOIN stock_picking_type type ON type.id = bought.picking_type_id
             WHERE bought.company_id = %(company)s
               AND type.warehouse_id IS NOT NULL
               AND line.product_id = ANY(%(products)s)
             GROUP BY type.warehouse_id, line.product_id
            """
        )
        return [*moves, *quotations]

    def _read_minimum(self, run):
        return run(
            """
            SELECT place.depot_id, rule.product_id, SUM(rule.product_min_qty)
              FROM stock_warehouse_orderpoint rule
              JOIN place ON place.id = rule.location_id
             WHERE rule.active AND rule.product_id = ANY(%(products)s)
             GROUP BY place.depot_id, rule.product_id
            """
        )

    def _read_growth(self, run):
        """Return ``{product: factor}`` by the machines in the field, now and before."""
        units = run(
            """
            SELECT unit.product_id, SUM(unit.quantity),
                   SUM(unit.quantity) FILTER (WHERE unit.delivery_date < %(year)s)
              FROM aftersales_equipment unit
             WHERE unit.state = 'active' AND unit.company_id = %(company)s
             GROUP BY unit.product_id
            """
        )
        now = {machine: quantity for machine, quantity, _before in units}
        before = {machine: quantity or 0 for machine, _now, quantity in units}
        used = defaultdict(dict)
        for product, machine, quantity in run(
            """
            SELECT line.product_id, unit.product_id, SUM(line.quantity)
              FROM aftersales_ticket_line line
              JOIN aftersales_equipment unit ON unit.id = line.equipment_id
             WHERE line.kind = 'part' AND line.state = 'used'
               AND line.company_id = %(company)s AND line.date_done >= %(year)s
               AND line.product_id = ANY(%(products)s)
             GROUP BY line.product_id, unit.product_id
            """
        ):
            used[product][machine] = quantity
        return {
            product: growth(machines, now, before) for product, machines in used.items()
        }

    def _read_vendors(self, product_ids):
        """Return ``{product: its first vendor}`` of vendors who may deliver today."""
        return dict(
            self._run(
                """
                SELECT DISTINCT ON (item.id) item.id, seller.partner_id
                  FROM product_product item
                  JOIN product_supplierinfo seller
                    ON seller.product_tmpl_id = item.product_tmpl_id
                   AND (seller.product_id IS NULL OR seller.product_id = item.id)
                  JOIN res_partner vendor ON vendor.id = seller.partner_id
                   AND vendor.active
                 WHERE item.id = ANY(%(products)s)
                   AND (seller.company_id IS NULL OR seller.company_id = %(company)s)
                   AND (seller.date_start IS NULL OR seller.date_start <= %(today)s)
                   AND (seller.date_end IS NULL OR seller.date_end >= %(today)s)
                 ORDER BY item.id, seller.sequence, seller.min_qty, seller.price,
                          seller.id
                """,
                products=product_ids,
                today=fields.Date.today(),
            )
        )
