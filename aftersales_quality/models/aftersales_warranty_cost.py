from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.aftersales_service.models.aftersales_ticket_line import COVERAGES


class AftersalesWarrantyCost(models.Model):
    """What warranty, goodwill and contracts cost us, by the supplier of what failed.

    One row for each line of a ticket that was done and that we bear at least in part.
    Parts count at the value of the stock books, hours at their hourly cost. The supplier
    is that of the purchase which the removed lot came with; where it is not known, the
    first supplier of the product. Labour and travel go with the dearest part of their
    ticket; of a ticket without parts, with its unit (R57).
    """

    _name = "aftersales.warranty.cost"
    _description = "Warranty Cost"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "ticket_line_id"
    _depends = {
        "aftersales.ticket.line": [
            "ticket_id",
            "company_id",
            "kind",
            "product_id",
            "quantity",
            "state",
            "date_done",
            "coverage",
            "share_company",
            "cost_total",
            "old_lot_id",
        ],
        "aftersales.ticket": ["exclusion_id", "lot_id", "product_id", "equipment_id"],
        "aftersales.return": ["ticket_id"],
        "aftersales.return.line": ["inspection", "return_id"],
        "stock.move": [
            "aftersales_ticket_line_id",
            "state",
            "value",
            "location_id",
            "location_dest_id",
            "purchase_line_id",
            "origin_returned_move_id",
            "date",
        ],
        "stock.move.line": ["lot_id", "move_id", "product_id"],
        "purchase.order": ["partner_id"],
        "purchase.order.line": ["order_id"],
        "product.supplierinfo": ["partner_id", "product_tmpl_id", "sequence"],
    }

    date = fields.Datetime(string="Done on", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    ticket_line_id = fields.Many2one(
        "aftersales.ticket.line", string="Line of a Ticket", readonly=True
    )
    ticket_id = fields.Many2one("aftersales.ticket", readonly=True)
    equipment_id = fields.Many2one("aftersales.equipment", string="Unit", readonly=True)
    kind = fields.Selection(
        selection=[
            ("part", "Part"),
            ("labour", "Labour"),
            ("travel", "Travel"),
            ("freight", "Freight"),
        ],
        readonly=True,
        help="Fees that cost us something count as freight.",
    )
    coverage = fields.Selection(selection=COVERAGES, string="Who Pays", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    failed_product_id = fields.Many2one(
        "product.product", string="What Failed", readonly=True
    )
    failed_lot_id = fields.Many2one("stock.lot", readonly=True)
    supplier_id = fields.Many2one("res.partner", readonly=True)
    basis = fields.Selection(
        selection=[
            ("purchase", "Bought from Him"),
            ("guess", "Usual Supplier (Guess)"),
        ],
        string="Supplier Known by",
        readonly=True,
    )
    receipt_id = fields.Many2one("stock.move", readonly=True)
    receipt_date = fields.Datetime(string="Received on", readonly=True)
    quantity = fields.Float(digits="Product Unit", readonly=True)
    cost = fields.Monetary(
        string="Our Cost", readonly=True, help="What of it we bear ourselves."
    )
    exclusion_id = fields.Many2one(
        "aftersales.exclusion", string="Caused by the Customer", readonly=True
    )
    misuse = fields.Boolean(string="Found Misused", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT line.id, line.id AS ticket_line_id, line.date_done AS date,
                   line.company_id, company.currency_id, line.ticket_id,
                   ticket.equipment_id,
                   CASE line.kind WHEN 'fee' THEN 'freight' ELSE line.kind END AS kind,
                   line.coverage, line.product_id, line.quantity,
                   item.id AS failed_product_id, lot.id AS failed_lot_id,
                   COALESCE(bought.supplier_id, seller.supplier_id) AS supplier_id,
                   CASE WHEN bought.supplier_id IS NOT NULL THEN 'purchase'
                        WHEN seller.supplier_id IS NOT NULL THEN 'guess' END AS basis,
                   bought.receipt_id, bought.receipt_date,
                   COALESCE(booked.value, line.cost_total, 0)
                       * line.share_company / 100 AS cost,
                   ticket.exclusion_id,
                   EXISTS (SELECT FROM aftersales_return rma
                             JOIN aftersales_return_line back ON back.return_id = rma.id
                            WHERE rma.ticket_id = ticket.id
                              AND back.inspection = 'misuse') AS misuse
              FROM aftersales_ticket_line line
              JOIN aftersales_ticket ticket ON ticket.id = line.ticket_id
              JOIN res_company company ON company.id = line.company_id
              LEFT JOIN LATERAL (%(failed)s) failed ON TRUE
              LEFT JOIN product_product item ON item.id =
                   COALESCE(failed.product_id, ticket.product_id)
              LEFT JOIN stock_lot lot ON lot.id =
                   CASE WHEN failed.id IS NULL THEN ticket.lot_id ELSE failed.lot_id END
              LEFT JOIN LATERAL (%(bought)s) bought ON TRUE
              LEFT JOIN LATERAL (%(seller)s) seller ON bought.supplier_id IS NULL
              LEFT JOIN LATERAL (%(booked)s) booked ON line.kind = 'part'
             WHERE line.state = 'used' AND line.share_company > 0
               AND (line.kind <> 'fee' OR line.cost_total > 0)
            """,
            failed=self._query_failed(),
            bought=self._query_bought(),
            seller=self._query_seller(),
            booked=self._query_booked(),
        )

    @api.model
    def _query_failed(self):
        """Return the part of the ticket that has caused the line."""
        return SQL(
            """
            SELECT part.id, part.product_id, part.old_lot_id AS lot_id
              FROM aftersales_ticket_line part
             WHERE part.ticket_id = line.ticket_id
               AND part.kind = 'part' AND part.state = 'used'
               AND part.share_company > 0
               AND (line.kind <> 'part' OR part.id = line.id)
             ORDER BY part.cost_total DESC NULLS LAST, part.id
             LIMIT 1
            """
        )

    @api.model
    def _query_bought(self):
        """Return the first purchase that the failed lot came with."""
        return SQL(
            """
            SELECT vendor.commercial_partner_id AS supplier_id, move.id AS receipt_id,
                   move.date AS receipt_date
              FROM stock_move_line detail
              JOIN stock_move move ON move.id = detail.move_id
              JOIN purchase_order_line bill ON bill.id = move.purchase_line_id
              JOIN purchase_order purchase ON purchase.id = bill.order_id
              JOIN res_partner vendor ON vendor.id = purchase.partner_id
              JOIN stock_location origin ON origin.id = move.location_id
             WHERE detail.product_id = lot.product_id AND detail.lot_id = lot.id
               AND move.state = 'done' AND move.company_id = line.company_id
               AND origin.usage = 'supplier' AND move.origin_returned_move_id IS NULL
             ORDER BY move.date, move.id
             LIMIT 1
            """
        )

    @api.model
    def _query_seller(self):
        """Return the first supplier of the failed product."""
        return SQL(
            """
            SELECT vendor.commercial_partner_id AS supplier_id
              FROM product_supplierinfo info
              JOIN res_partner vendor ON vendor.id = info.partner_id
             WHERE info.product_tmpl_id = item.product_tmpl_id
               AND (info.product_id IS NULL OR info.product_id = item.id)
               AND (info.company_id IS NULL OR info.company_id = line.company_id)
             ORDER BY info.sequence, info.min_qty, info.price, info.id
             LIMIT 1
            """
        )

    @api.model
    def _query_booked(self):
        """Return what the stock books say that the part was worth."""
        return SQL(
            """
            SELECT SUM(COALESCE(move.value, 0)
                       * CASE WHEN origin.usage IN ('internal', 'transit')
                              THEN 1 ELSE -1 END) AS value
              FROM stock_move move
              JOIN stock_location origin ON origin.id = move.location_id
              JOIN stock_location target ON target.id = move.location_dest_id
             WHERE move.aftersales_ticket_line_id = line.id AND move.state = 'done'
               AND (origin.usage IN ('internal', 'transit'))
                   <> (target.usage IN ('internal', 'transit'))
            """
        )

    def action_view_ticket(self):
        """Open the ticket."""
        self.ensure_one()
        return self.env["aftersales.equipment"]._get_form_action(self.ticket_id)
