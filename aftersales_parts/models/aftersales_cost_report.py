from odoo import fields, models
from odoo.tools import SQL

from ..tools.cost_book import Row

BATCH = 2000


class AftersalesCostReport(models.Model):
    """What parts cost by month, supplier, product and cause: for finance (R56).

    One row for each move that took a part to a customer or into a repair, at the value
    of the stock books; parts noted on tickets without a move count at the cost of
    their day. What came back unused is taken off.
    """

    _name = "aftersales.cost.report"
    _description = "Parts Cost"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "product_id"
    _depends = {
        "stock.move": [
            "state",
            "date",
            "value",
            "quantity",
            "product_uom",
            "product_id",
            "location_id",
            "location_dest_id",
            "repair_id",
            "aftersales_ticket_line_id",
            "aftersales_request_line_id",
            "aftersales_return_line_id",
        ],
        "aftersales.ticket.line": [
            "kind",
            "state",
            "date_done",
            "quantity",
            "cost_total",
            "product_id",
            "coverage",
            "ticket_id",
        ],
        "aftersales.ticket": ["fault_id", "found_fault_id", "partner_id", "team_id"],
        "aftersales.return.line": ["cause_id", "return_id"],
        "repair.order": ["aftersales_ticket_id", "aftersales_return_line_id"],
        "product.supplierinfo": ["partner_id", "product_tmpl_id", "sequence"],
    }

    date = fields.Datetime(string="Used on", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    product_id = fields.Many2one("product.product", string="Part", readonly=True)
    categ_id = fields.Many2one("product.category", string="Category", readonly=True)
    supplier_id = fields.Many2one("res.partner", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    ticket_id = fields.Many2one("aftersales.ticket", readonly=True)
    return_id = fields.Many2one("aftersales.return", readonly=True)
    team_id = fields.Many2one("aftersales.team", readonly=True)
    fault_id = fields.Many2one("aftersales.fault", readonly=True)
    cause_id = fields.Many2one("aftersales.cause", readonly=True)
    coverage = fields.Selection(
        selection=lambda self: self.env["aftersales.ticket.line"]
        ._fields["coverage"]
        ._description_selection(self.env),
        string="Who Pays",
        readonly=True,
    )
    source = fields.Selection(
        selection=[
            ("ticket", "Ticket"),
            ("repair", "Workshop"),
            ("request", "Part Request"),
            ("return", "Exchange"),
        ],
        string="Used for",
        readonly=True,
    )
    document = fields.Char(readonly=True)
    quantity = fields.Float(digits="Product Unit", readonly=True)
    cost = fields.Monetary(readonly=True, help="Value in the stock books.")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT used.*, company.currency_id, template.categ_id,
                   seller.partner_id AS supplier_id
              FROM (%s UNION ALL %s) used
              JOIN res_company company ON company.id = used.company_id
              JOIN product_product item ON item.id = used.product_id
              JOIN product_template template ON template.id = item.product_tmpl_id
              LEFT JOIN LATERAL (
                    SELECT info.partner_id
                      FROM product_supplierinfo info
                     WHERE info.product_tmpl_id = template.id
                       AND (info.product_id IS NULL OR info.product_id = item.id)
                       AND (info.company_id IS NULL
                            OR info.company_id = used.company_id)
                     ORDER BY info.sequence, info.min_qty, info.price, info.id
                     LIMIT 1) seller ON TRUE
            """,
            self._query_moves(),
            self._query_noted(),
        )

    def _query_moves(self):
        """Return what was booked: parts of tickets, requests, repairs, exchanges."""
        return SQL(
            """
            SELECT move.id * 2 AS id, move.date, move.company_id, move.product_id,
                   COALESCE(ticket.partner_id, rma.partner_id, repair.partner_id)
                       AS partner_id,
                   ticket.id AS ticket_id, rma.id AS return_id, ticket.team_id,
                   COALESCE(ticket.found_fault_id, ticket.fault_id) AS fault_id,
                   back.cause_id, line.coverage,
                   CASE WHEN line.id IS NOT NULL THEN 'ticket'
                        WHEN repair.id IS NOT NULL THEN 'repair'
                        WHEN asked.id IS NOT NULL THEN 'request'
                        ELSE 'return' END AS source,
                   COALESCE(ticket.name, repair.name, request.name, rma.name)
                       AS document,
                   move.quantity * unit.factor / own.factor
                       * CASE WHEN gone.out THEN 1 ELSE -1 END AS quantity,
                   COALESCE(move.value, 0)
                       * CASE WHEN gone.out THEN 1 ELSE -1 END AS cost
              FROM stock_move move
              JOIN stock_location origin ON origin.id = move.location_id
              JOIN stock_location target ON target.id = move.location_dest_id
             CROSS JOIN LATERAL (
                    SELECT origin.usage IN ('internal', 'transit') AS out) gone
              JOIN product_product item ON item.id = move.product_id
              JOIN product_template template ON template.id = item.product_tmpl_id
              JOIN uom_uom unit ON unit.id = move.product_uom
              JOIN uom_uom own ON own.id = template.uom_id
              LEFT JOIN repair_order repair ON repair.id = move.repair_id
              LEFT JOIN aftersales_ticket_line line
                ON line.id = move.aftersales_ticket_line_id
              LEFT JOIN aftersales_part_request_line asked
                ON asked.id = move.aftersales_request_line_id
              LEFT JOIN aftersales_part_request request ON request.id = asked.request_id
              LEFT JOIN aftersales_return_line back
                ON back.id = COALESCE(move.aftersales_return_line_id,
                                      repair.aftersales_return_line_id)
              LEFT JOIN aftersales_return rma ON rma.id = back.return_id
              LEFT JOIN aftersales_ticket ticket
                ON ticket.id = COALESCE(line.ticket_id, repair.aftersales_ticket_id,
                                        request.ticket_id, rma.ticket_id)
             WHERE move.state = 'done'
               AND (origin.usage IN ('internal', 'transit')
                    AND target.usage IN ('customer', 'production')
                 OR origin.usage IN ('customer', 'production')
                    AND target.usage IN ('internal', 'transit')
                    AND move.aftersales_return_line_id IS NULL)
               AND (move.aftersales_ticket_line_id IS NOT NULL
                 OR move.aftersales_request_line_id IS NOT NULL
                 OR move.repair_id IS NOT NULL AND move.repair_line_type IS NOT NULL
                 OR move.aftersales_return_line_id IS NOT NULL
                    AND NOT EXISTS (
                        SELECT FROM stock_move_line detail
                         WHERE detail.move_id = move.id
                           AND detail.owner_id IS NOT NULL))
            """
        )

    def _query_noted(self):
        """Return parts noted on tickets that no move booked."""
        return SQL(
            """
            SELECT line.id * 2 + 1, line.date_done, line.company_id, line.product_id,
                   ticket.partner_id, ticket.id, NULL::int, ticket.team_id,
                   COALESCE(ticket.found_fault_id, ticket.fault_id), NULL::int,
                   line.coverage, 'ticket', ticket.name, line.quantity,
                   COALESCE(line.cost_total, 0)
              FROM aftersales_ticket_line line
              JOIN aftersales_ticket ticket ON ticket.id = line.ticket_id
             WHERE line.kind = 'part' AND line.state = 'used'
               AND line.product_id IS NOT NULL
               AND NOT EXISTS (SELECT FROM stock_move move
                                WHERE move.aftersales_ticket_line_id = line.id
                                  AND move.state <> 'cancel')
            """
        )

    # ------------------------------------------------------------
    # ROWS FOR THE WORKBOOK
    # ------------------------------------------------------------

    def _stream(self, domain):
        """Yield the rows of a domain for the workbook, in constant memory.

        They come through a cursor of the database server, a batch at a time; names are
        read once for each batch.

        :param domain: which rows; the rules of the reader apply
        """
        query = self._search(domain, order="date, id")
        columns = (
            "id",
            "date",
            "document",
            "product_id",
            "supplier_id",
            "cause_id",
            "fault_id",
            "coverage",
            "quantity",
            "cost",
        )
        code = query.select(*(SQL.identifier(query.table, name) for name in columns))
        self.env.flush_all()
        # One day's worth of thousands of rows is never in our memory at once.
        cursor = self.env.cr._cnx.cursor(name="aftersales_cost_report")
        try:
            cursor.itersize = BATCH
            cursor.execute(code.code, code.params)
            while batch := cursor.fetchmany(BATCH):
                yield from self._name_rows(batch)
        finally:
            cursor.close()

    def _name_rows(self, batch):
        """Return rows of the database with names in the language of the reader."""
        payers = dict(self._fields["coverage"]._description_selection(self.env))
        names = {}
        for model, index in (
            ("product.product", 3),
            ("res.partner", 4),
            ("aftersales.cause", 5),
            ("aftersales.fault", 6),
        ):
            # Finance reads the names of what it pays for, and nothing else of it.
            records_sudo = self.env[model].sudo().browse({row[index] for row in batch})
            records_sudo = records_sudo.filtered("id")
            names[index] = dict(
                records_sudo.mapped(lambda record: (record.id, record.display_name))
            )
            # The next batch has its own; these are not kept.
            records_sudo.invalidate_recordset(flush=False)
        return [
            Row(
                day=row[1],
                document=row[2] or "",
                product=names[3].get(row[3], ""),
                supplier=names[4].get(row[4], ""),
                cause=names[5].get(row[5]) or names[6].get(row[6], ""),
                payer=payers.get(row[7], ""),
                quantity=float(row[8] or 0.0),
                cost=float(row[9] or 0.0),
            )
            for row in batch
        ]
