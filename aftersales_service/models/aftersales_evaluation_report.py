from odoo import fields, models
from odoo.tools import SQL


class AftersalesEvaluationReport(models.Model):
    """Items of the evaluation cards: marks by technician, item, month, team, product.

    One row for each item of each card. The response rate is answers through cards
    sent (a card that waits for its day does not count yet), satisfaction the share of
    marks 3 and 4.
    """

    _name = "aftersales.evaluation.report"
    _description = "Evaluation by Customers"
    _auto = False
    _depends = {
        "rating.rating": [
            "res_model",
            "consumed",
            "rated_on",
            "partner_id",
            "aftersales_dispatch_id",
            "aftersales_technician_id",
            "aftersales_company_id",
            "aftersales_send_date",
            "aftersales_attitude",
            "aftersales_skill",
            "aftersales_arrival",
            "aftersales_promise",
            "aftersales_opinion",
        ],
        "aftersales.dispatch": ["ticket_id", "team_id", "product_id", "finish_date"],
    }
    _order = "finish_date desc, card_id desc, item"
    _rec_name = "dispatch_id"

    card_id = fields.Integer(string="Cards", aggregator="count_distinct", readonly=True)
    answer_id = fields.Integer(
        string="Answers", aggregator="count_distinct", readonly=True
    )
    dispatch_id = fields.Many2one("aftersales.dispatch", readonly=True)
    ticket_id = fields.Many2one("aftersales.ticket", readonly=True)
    technician_id = fields.Many2one("hr.employee", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    team_id = fields.Many2one("aftersales.team", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    finish_date = fields.Datetime(string="Visit on", readonly=True)
    rated_on = fields.Datetime(string="Answered on", readonly=True)
    item = fields.Selection(
        selection=[
            ("attitude", "Attitude"),
            ("skill", "Skill"),
            ("arrival", "Arrival Time"),
            ("promise", "Promises Kept"),
        ],
        readonly=True,
    )
    level = fields.Float(
        string="Mark (1–4)", aggregator="avg", digits=(3, 2), readonly=True
    )
    satisfied = fields.Float(
        string="Satisfied (%)",
        aggregator="avg",
        digits=(5, 1),
        readonly=True,
        help="Share of the marks satisfied and very satisfied.",
    )
    response = fields.Float(
        string="Response Rate (%)",
        aggregator="avg",
        digits=(5, 1),
        readonly=True,
        help="Answers through cards sent.",
    )
    opinion = fields.Selection(
        selection=[("suggestion", "Suggestion"), ("complaint", "Complaint")],
        string="Kind of Words",
        readonly=True,
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT card.id * 4 + item.number AS id,
                   card.id AS card_id,
                   CASE WHEN card.consumed THEN card.id END AS answer_id,
                   visit.id AS dispatch_id,
                   visit.ticket_id,
                   card.aftersales_technician_id AS technician_id,
                   card.partner_id,
                   visit.team_id,
                   visit.product_id,
                   card.aftersales_company_id AS company_id,
                   visit.finish_date,
                   CASE WHEN card.consumed THEN card.rated_on END AS rated_on,
                   item.name AS item,
                   item.level::int AS level,
                   CASE WHEN item.level IS NOT NULL
                        THEN 100.0 * (item.level::int >= 3)::int END AS satisfied,
                   CASE WHEN card.consumed THEN 100.0
                        WHEN card.aftersales_send_date <= %s THEN 0.0
                   END AS response,
                   card.aftersales_opinion AS opinion
              FROM rating_rating card
              JOIN aftersales_dispatch visit
                ON visit.id = card.aftersales_dispatch_id
        CROSS JOIN LATERAL (VALUES
                       (0, 'attitude', card.aftersales_attitude),
                       (1, 'skill', card.aftersales_skill),
                       (2, 'arrival', card.aftersales_arrival),
                       (3, 'promise', card.aftersales_promise)
                   ) AS item (number, name, level)
             WHERE card.res_model = 'aftersales.dispatch'
            """,
            fields.Datetime.now(),
        )
