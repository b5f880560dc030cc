from odoo import api, fields, models
from odoo.tools import SQL

# Ratio: numerator, denominator, factor.
RATIOS = {
    "ppm": ("defective", "received", 1_000_000),
    "recovery_claimed": ("recovered", "claimed", 100),
    "recovery_cost": ("recovered", "warranty_cost", 100),
    "answer_days": ("answer_time", "answers", 1),
}


class AftersalesSupplierScorecard(models.Model):
    """How a supplier does, month by month (R57): one row for each of both.

    Defect PPM counts all pieces that were received, also those that went back;
    recovery is told against what was claimed and against all that his parts have cost.
    Claims belong to the month in which they were sent, costs to that of the work. A
    ratio of several months is that of their sums.
    """

    _name = "aftersales.supplier.scorecard"
    _description = "Supplier Scorecard"
    _auto = False
    _order = "month desc, partner_id"
    _rec_name = "partner_id"
    _depends = {
        "aftersales.supplier.claim": [
            "state",
            "kind",
            "quantity",
            "partner_id",
            "date_sent",
            "date_answered",
            "amount_claimed",
            "amount_agreed",
            "amount_credited",
        ],
        "aftersales.supplier.claim.line": ["kind", "quantity", "claim_id"],
        "aftersales.ticket.line": ["state", "date_done", "cost_total", "share_company"],
        "stock.move": ["state", "quantity", "date", "purchase_line_id"],
        "purchase.order": ["partner_id"],
    }

    month = fields.Date(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Supplier", readonly=True)
    received = fields.Float(
        string="Received Pieces",
        digits="Product Unit",
        readonly=True,
        help="All pieces that came with purchases, also those that went back later.",
    )
    defective = fields.Float(
        string="Defective Pieces",
        digits="Product Unit",
        readonly=True,
        help="Pieces on claims and service requests that were sent and not refused.",
    )
    ppm = fields.Float(
        string="Defect PPM",
        digits=(16, 0),
        readonly=True,
        aggregator="avg",
        help="Defective pieces of a million received ones.",
    )
    warranty_cost = fields.Monetary(
        readonly=True, help="All that his failed parts have cost us, claimed or not."
    )
    claimed = fields.Monetary(string="Amount Claimed", readonly=True)
    agreed = fields.Monetary(string="Amount Agreed", readonly=True)
    recovered = fields.Monetary(
        readonly=True, help="On posted credit notes of the claims of the month."
    )
    recovery_claimed = fields.Float(
        string="Recovered of Claimed (%)", readonly=True, aggregator="avg"
    )
    recovery_cost = fields.Float(
        string="Recovered of All Cost (%)", readonly=True, aggregator="avg"
    )
    answers = fields.Integer(readonly=True)
    answer_time = fields.Float(string="Days of All Answers", readonly=True)
    answer_days = fields.Float(
        string="Days to Answer (Mean)", readonly=True, aggregator="avg"
    )
    open_claims = fields.Integer(
        readonly=True, help="Sent in the month and neither settled nor refused."
    )

    @property
    def _table_query(self):
        ratios = SQL(", ").join(
            SQL(
                "COALESCE(%s * %s / NULLIF(%s, 0), 0) AS %s",
                factor,
                SQL("SUM(%s)", SQL.identifier("fact", numerator)),
                SQL("SUM(%s)", SQL.identifier("fact", denominator)),
                SQL.identifier(name),
            )
            for name, (numerator, denominator, factor) in RATIOS.items()
        )
        return SQL(
            """
            SELECT ROW_NUMBER() OVER (
                       ORDER BY fact.company_id, fact.partner_id, fact.month) AS id,
                   fact.company_id, fact.partner_id, fact.month,
                   MIN(company.currency_id) AS currency_id,
                   SUM(received) AS received, SUM(defective) AS defective,
                   SUM(warranty_cost) AS warranty_cost, SUM(claimed) AS claimed,
                   SUM(agreed) AS agreed, SUM(recovered) AS recovered,
                   SUM(answers) AS answers, SUM(answer_time) AS answer_time,
                   SUM(open_claims) AS open_claims, %s
              FROM (%s UNION ALL %s UNION ALL %s) fact
              JOIN res_company company ON company.id = fact.company_id
             GROUP BY fact.company_id, fact.partner_id, fact.month
            """,
            ratios,
            self._query_received(),
            self._query_claimed(),
            self._query_cost(),
        )

    @api.model
    def _query_received(self):
        """Return the pieces that came with purchases, by supplier and month."""
        return SQL(
            """
            SELECT move.company_id, vendor.commercial_partner_id AS partner_id,
                   DATE_TRUNC('month', move.date)::date AS month,
                   SUM(move.quantity * unit.factor / own.factor) AS received,
                   0.0 AS defective, 0.0 AS warranty_cost, 0.0 AS claimed,
                   0.0 AS agreed, 0.0 AS recovered, 0 AS answers,
                   0.0 AS answer_time, 0 AS open_claims
              FROM stock_move move
              JOIN purchase_order_line bill ON bill.id = move.purchase_line_id
              JOIN purchase_order purchase ON purchase.id = bill.order_id
              JOIN res_partner vendor ON vendor.id = purchase.partner_id
              JOIN stock_location origin ON origin.id = move.location_id
              JOIN product_product item ON item.id = move.product_id
              JOIN product_template template ON template.id = item.product_tmpl_id
              JOIN uom_uom unit ON unit.id = move.product_uom
              JOIN uom_uom own ON own.id = template.uom_id
             WHERE move.state = 'done' AND origin.usage = 'supplier'
               AND move.origin_returned_move_id IS NULL
             GROUP BY 1, 2, 3
            """
        )

    @api.model
    def _query_claimed(self):
        """Return claims that were sent, by supplier and month."""
        return SQL(
            """
            SELECT claim.company_id, vendor.commercial_partner_id,
                   DATE_TRUNC('month', claim.date_sent)::date, 0.0,
                   SUM(CASE WHEN claim.state IN ('refused', 'cancelled') THEN 0
                            ELSE COALESCE(part.quantity, CASE WHEN claim.kind = 'claim'
                                          THEN 0 ELSE claim.quantity END) END),
                   0.0,
                   SUM(CASE WHEN claim.state <> 'cancelled'
                            THEN claim.amount_claimed ELSE 0 END),
                   SUM(CASE WHEN claim.state NOT IN ('refused', 'cancelled')
                            THEN claim.amount_agreed ELSE 0 END),
                   SUM(COALESCE(claim.amount_credited, 0)),
                   COUNT(claim.date_answered)::int,
                   SUM(COALESCE(EXTRACT(EPOCH FROM
                       claim.date_answered - claim.date_sent) / 86400, 0)),
                   (COUNT(*) FILTER (
                       WHERE claim.state IN ('sent', 'answered', 'agreed')))::int
              FROM aftersales_supplier_claim claim
              JOIN res_partner vendor ON vendor.id = claim.partner_id
              LEFT JOIN LATERAL (
                    SELECT SUM(line.quantity) AS quantity
                      FROM aftersales_supplier_claim_line line
                     WHERE line.claim_id = claim.id AND line.kind = 'part') part ON TRUE
             WHERE claim.date_sent IS NOT NULL
             GROUP BY 1, 2, 3
            """
        )

    @api.model
    def _query_cost(self):
        """Return all warranty cost, by supplier of what failed and month."""
        return SQL(
            """
            SELECT cost.company_id, cost.supplier_id,
                   DATE_TRUNC('month', cost.date)::date, 0.0, 0.0, SUM(cost.cost),
                   0.0, 0.0, 0.0, 0, 0.0, 0
              FROM (%s) cost
             WHERE cost.supplier_id IS NOT NULL AND cost.exclusion_id IS NULL
               AND NOT cost.misuse
             GROUP BY 1, 2, 3
            """,
            self.env["aftersales.warranty.cost"]._table_query,
        )

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Aggregate ratios as sum by sum, not as a mean of the months."""
        name, _sep, how = aggregate_spec.partition(":")
        if name not in RATIOS or how != "avg":
            return super()._read_group_select(aggregate_spec, query)
        numerator, denominator, factor = RATIOS[name]
        return SQL(
            "COALESCE(%s * SUM(%s) / NULLIF(SUM(%s), 0), 0)",
            factor,
            self._field_to_sql(self._table, numerator, query),
            self._field_to_sql(self._table, denominator, query),
        )

    # ------------------------------------------------------------
    # ROWS BEHIND THE NUMBERS
    # ------------------------------------------------------------

    def _get_period(self, field):
        """Domain of the month of one row, on a date of another model."""
        self.ensure_one()
        first = self.month
        return [
            (field, ">=", first),
            (field, "<", fields.Date.add(first, months=1)),
            ("company_id", "=", self.company_id.id),
        ]

    def action_view_claims(self):
        """Open the claims that were sent to the supplier in the month."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_supplier_claim_action"
        )
        return action | {
            "domain": [
                ("partner_id", "child_of", self.partner_id.id),
                *self._get_period("date_sent"),
            ],
            "context": {"create": False},
        }

    def action_view_receipts(self):
        """Open what was received from the supplier in the month."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Received"),
            "res_model": "stock.move",
            "views": [(False, "list"), (False, "form")],
            "domain": [
                (
                    "purchase_line_id.order_id.partner_id",
                    "child_of",
                    self.partner_id.id,
                ),
                ("location_id.usage", "=", "supplier"),
                ("origin_returned_move_id", "=", False),
                ("state", "=", "done"),
                *self._get_period("date"),
            ],
            "context": {"create": False},
        }

    def action_view_costs(self):
        """Open the warranty cost of the supplier in the month."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_warranty_cost_action"
        )
        return action | {
            "domain": [
                ("supplier_id", "=", self.partner_id.id),
                ("exclusion_id", "=", False),
                ("misuse", "=", False),
                *self._get_period("date"),
            ],
            "context": {},
            "views": [(False, "list"), (False, "pivot")],
        }
