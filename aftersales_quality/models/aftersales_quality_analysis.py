from odoo import fields, models
from odoo.tools import SQL

# Dimensions of the monthly analysis: field of the view.
DIMENSIONS = ("cause_id", "product_id", "supplier_id", "lot_id", "service_months")


class AftersalesQualityAnalysis(models.Model):
    """Cases by cause, product, supplier, lot and month in service (R63, F105, F106).

    One row for each nonconformity, and for each complaint that no nonconformity tells
    of, so that nothing counts twice. Cancelled and refused ones do not count.
    """

    _name = "aftersales.quality.analysis"
    _description = "Quality Analysis"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "document"
    _depends = {
        "aftersales.nonconformity": [
            "name",
            "found_on",
            "company_id",
            "product_id",
            "lot_id",
            "supplier_id",
            "cause_id",
            "department_id",
            "quantity",
            "cost_total",
            "state",
            "complaint_id",
            "ticket_id",
            "disposition",
        ],
        "aftersales.complaint": [
            "name",
            "date",
            "company_id",
            "product_id",
            "cause_id",
            "department_id",
            "bad_quantity",
            "amount",
            "state",
            "equipment_id",
        ],
        "aftersales.equipment": ["lot_id", "delivery_date", "company_id"],
        "aftersales.ticket": ["equipment_id"],
        "aftersales.cause": ["department_id", "kind"],
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id"],
        "res.partner": ["tz"],
    }

    date = fields.Date(string="Found on", readonly=True)
    source = fields.Selection(
        selection=[("nonconformity", "Nonconformity"), ("complaint", "Complaint")],
        string="Case",
        readonly=True,
    )
    document = fields.Char(readonly=True)
    nonconformity_id = fields.Many2one("aftersales.nonconformity", readonly=True)
    complaint_id = fields.Many2one("aftersales.complaint", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    categ_id = fields.Many2one("product.category", string="Category", readonly=True)
    lot_id = fields.Many2one("stock.lot", string="Lot/Serial Number", readonly=True)
    supplier_id = fields.Many2one("res.partner", readonly=True)
    cause_id = fields.Many2one("aftersales.cause", readonly=True)
    cause_kind = fields.Selection(
        selection=lambda self: self.env["aftersales.cause"]
        ._fields["kind"]
        ._description_selection(self.env),
        string="Kind of Cause",
        readonly=True,
    )
    department_id = fields.Many2one("hr.department", readonly=True)
    disposition = fields.Selection(
        selection=lambda self: self.env["aftersales.nonconformity"]
        ._fields["disposition"]
        ._description_selection(self.env),
        readonly=True,
    )
    service_months = fields.Integer(
        string="Months in Service",
        readonly=True,
        aggregator="avg",
        help="Whole months from the delivery of the unit to the day it was found.",
    )
    is_dated = fields.Boolean(
        string="Delivery Known",
        readonly=True,
        help="Only then the months in service are known: 0 may be new, or unknown.",
    )
    quantity = fields.Float(digits="Product Unit", readonly=True)
    cost = fields.Monetary(readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT found.*, company.currency_id, template.categ_id,
                   cause.kind AS cause_kind,
                   CASE WHEN unit.delivery_date <= found.date THEN
                        EXTRACT(YEAR FROM AGE(found.date, unit.delivery_date)) * 12
                        + EXTRACT(MONTH FROM AGE(found.date, unit.delivery_date))
                   END::int AS service_months,
                   COALESCE(unit.delivery_date <= found.date, FALSE) AS is_dated
              FROM (%s UNION ALL %s) found
              JOIN res_company company ON company.id = found.company_id
              LEFT JOIN aftersales_equipment unit ON unit.id = found.equipment_id
              LEFT JOIN product_product item ON item.id = found.product_id
              LEFT JOIN product_template template ON template.id = item.product_tmpl_id
              LEFT JOIN aftersales_cause cause ON cause.id = found.cause_id
            """,
            self._query_nonconformities(),
            self._query_complaints(),
        )

    def _query_nonconformities(self):
        """Return the nonconformities with the unit they were found in."""
        return SQL(
            """
            SELECT row.id * 2 AS id, row.found_on AS date, 'nonconformity' AS source,
                   row.name AS document, row.id AS nonconformity_id, row.complaint_id,
                   row.company_id, row.product_id, row.lot_id, row.supplier_id,
                   row.cause_id, row.department_id, row.disposition, row.quantity,
                   %(cost)s AS cost,
                   COALESCE(own.id, ticket.equipment_id) AS equipment_id
              FROM aftersales_nonconformity row
              LEFT JOIN aftersales_ticket ticket ON ticket.id = row.ticket_id
              LEFT JOIN LATERAL (
                    SELECT sold.id
                      FROM aftersales_equipment sold
                     WHERE sold.lot_id = row.lot_id
                       AND sold.company_id = row.company_id
                     ORDER BY sold.delivery_date DESC NULLS LAST, sold.id DESC
                     LIMIT 1) own ON TRUE
             WHERE row.state <> 'cancelled'
            """,
            cost=self._query_nonconformity_cost(),
        )

    def _query_nonconformity_cost(self):
        """Return what a nonconformity, ``row``, costs (hook)."""
        return SQL("COALESCE(row.cost_total, 0)")

    def _query_complaints(self):
        """Return the complaints that no nonconformity tells of."""
        return SQL(
            """
            SELECT complaint.id * 2 + 1,
                   (complaint.date AT TIME ZONE 'UTC'
                    AT TIME ZONE COALESCE(home.tz, 'UTC'))::date,
                   'complaint', complaint.name, NULL::int, complaint.id,
                   complaint.company_id, complaint.product_id, unit.lot_id, NULL::int,
                   complaint.cause_id,
                   COALESCE(complaint.department_id, cause.department_id),
                   NULL::varchar, COALESCE(NULLIF(complaint.bad_quantity, 0), 1),
                   COALESCE(complaint.amount, 0), complaint.equipment_id
              FROM aftersales_complaint complaint
              JOIN res_company company ON company.id = complaint.company_id
              JOIN res_partner home ON home.id = company.partner_id
              LEFT JOIN aftersales_cause cause ON cause.id = complaint.cause_id
              LEFT JOIN aftersales_equipment unit ON unit.id = complaint.equipment_id
             WHERE complaint.state <> 'rejected'
               AND NOT EXISTS (
                    SELECT FROM aftersales_nonconformity row
                     WHERE row.complaint_id = complaint.id
                       AND row.state <> 'cancelled')
            """
        )
