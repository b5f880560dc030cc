from datetime import timedelta

from odoo import api, fields, models

AGENT = "aftersales_service.aftersales_service_group_agent"
# Days back of which the figures are.
FIGURE_DAYS = 365


class AftersalesTechnicianMixin(models.AbstractModel):
    """Figures of a technician's visits of the last year, on his file (R32).

    For dispatchers, who have no rights on employees, and not for colleagues.
    """

    _inherit = "aftersales.technician.mixin"

    aftersales_arrival_count = fields.Integer(
        string="Arrivals", compute="_compute_aftersales_figures"
    )
    aftersales_punctuality = fields.Float(
        string="Punctuality",
        compute="_compute_aftersales_figures",
        help="Share of his arrivals not later than the agreed time and the minutes of "
        "grace.",
    )
    aftersales_fix_count = fields.Integer(
        string="First Visits Judged",
        compute="_compute_aftersales_figures",
        help="First visits whose days to look back are over.",
    )
    aftersales_first_fix_rate = fields.Float(
        string="First-Time Fix",
        compute="_compute_aftersales_figures",
        help="Share of the tickets solved by his first visit with nothing new in the "
        "days after.",
    )
    aftersales_solved_count = fields.Integer(
        string="Solving Visits Judged",
        compute="_compute_aftersales_figures",
        help="Solving visits whose days to look back are over.",
    )
    aftersales_repeat_rate = fields.Float(
        string="Repeat Rate",
        compute="_compute_aftersales_figures",
        help="Share of his solving visits after which the unit needed us again.",
    )

    @api.depends_context("uid")
    def _compute_aftersales_figures(self):
        shown = self._aftersales_get_shown(AGENT)
        since = fields.Datetime.now() - timedelta(days=FIGURE_DAYS)
        # Dispatchers see how punctual technicians are, not the report itself.
        Report = self.env["aftersales.dispatch.report"].sudo()
        rows = Report._read_group(
            [("technician_id", "in", shown.ids), ("date", ">=", since)],
            ["technician_id"],
            [
                "on_time:count",
                "on_time:avg",
                "first_fix:count",
                "first_fix:avg",
                "came_again:count",
                "came_again:avg",
            ],
        )
        figures = {person.id: values for person, *values in rows}
        for person in self:
            arrivals, punctual, judged, fixed, solved, again = figures.get(
                person._origin.id, (0,) * 6
            )
            person.aftersales_arrival_count = arrivals
            person.aftersales_punctuality = punctual or 0.0
            person.aftersales_fix_count = judged
            person.aftersales_first_fix_rate = fixed or 0.0
            person.aftersales_solved_count = solved
            person.aftersales_repeat_rate = again or 0.0
