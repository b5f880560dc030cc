from odoo import fields, models
from odoo.tools import SQL


class AftersalesDispatchReport(models.Model):
    """Solving visits by whether the unit needed us again, for a list to open."""

    _inherit = "aftersales.dispatch.report"

    repeat_state = fields.Selection(
        selection=[("again", "Came Again"), ("stayed", "Stayed Away")],
        string="After the Solution",
        readonly=True,
        help="Empty while the days to look back are not over.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT visit.*, CASE visit.came_again WHEN 1 THEN 'again'
                                                  WHEN 0 THEN 'stayed'
                   END AS repeat_state
              FROM (%s) visit
            """,
            super()._table_query,
        )
