from odoo import api, fields, models
from odoo.tools import SQL


class AftersalesTicket(models.Model):
    """How long the customer waited for the solution, for the figures."""

    _inherit = "aftersales.ticket"

    repair_hours = fields.Float(
        string="Hours to Repair",
        compute="_compute_repair_hours",
        aggregator="avg",
        groups="aftersales_service.aftersales_service_group_technician",
        help="From the call to the solution, with all waiting.",
    )

    _figure_open_idx = models.Index("(company_id, date_open)")
    _figure_done_idx = models.Index(
        "(company_id, done_date) WHERE done_date IS NOT NULL"
    )
    # What came of a unit after a visit.
    _figure_unit_idx = models.Index(
        "(equipment_id, date_open) WHERE equipment_id IS NOT NULL"
    )
    _figure_change_idx = models.Index("(write_date)")

    @api.depends("date_open", "done_date")
    def _compute_repair_hours(self):
        for ticket in self:
            begin, end = ticket.date_open, ticket.done_date
            seconds = (end - begin).total_seconds() if begin and end else 0.0
            ticket.repair_hours = seconds / 3600

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr != "repair_hours":
            return super()._field_to_sql(alias, field_expr, query)
        return SQL(
            "EXTRACT(EPOCH FROM %s - %s) / 3600",
            self._field_to_sql(alias, "done_date", query),
            self._field_to_sql(alias, "date_open", query),
        )
