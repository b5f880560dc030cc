from odoo import fields, models
from odoo.tools import SQL

FIX_STATES = [
    ("fixed", "Fixed First Time"),
    ("not_fixed", "Not Fixed First Time"),
    ("open", "Too Early to Say"),
]


class AftersalesDispatchReport(models.Model):
    """Visits that were made, with the measures of ``market.md`` section 5.

    Rates are means of 0 and 1, empty where the question does not arise, so that they
    are right in every group of a pivot. Fixes and repeats are told only when the days
    to look back are over: before, only the failures would be known.
    """

    _name = "aftersales.dispatch.report"
    _description = "Visits Analysis"
    _auto = False
    _rec_name = "dispatch_id"
    _order = "date desc, id desc"
    _depends = {
        "aftersales.dispatch": [
            "ticket_id",
            "company_id",
            "technician_id",
            "team_id",
            "zone_id",
            "product_id",
            "equipment_id",
            "partner_id",
            "job_type_id",
            "state",
            "result",
            "date_start",
            "arrive_date",
            "finish_date",
            "work_hours",
            "travel_hours",
        ],
        "aftersales.ticket": [
            "company_id",
            "date_open",
            "state",
            "service_kind",
            "service_mode",
            "equipment_id",
            "reopen_count",
            "repeat_of_id",
            "duplicate_of_id",
            "arrive_deadline",
            "arrive_missed",
        ],
        "aftersales.reschedule": ["dispatch_id", "requested_by"],
        "res.company": ["aftersales_punctual_minutes", "aftersales_first_fix_days"],
    }

    dispatch_id = fields.Many2one("aftersales.dispatch", readonly=True)
    ticket_id = fields.Many2one("aftersales.ticket", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    technician_id = fields.Many2one("hr.employee", readonly=True)
    team_id = fields.Many2one("aftersales.team", readonly=True)
    zone_id = fields.Many2one("aftersales.zone", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    equipment_id = fields.Many2one("aftersales.equipment", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    job_type_id = fields.Many2one("aftersales.job.type", readonly=True)
    service_kind = fields.Selection(
        selection=lambda self: self.env["aftersales.ticket"]
        ._fields["service_kind"]
        ._description_selection(self.env),
        readonly=True,
    )
    state = fields.Selection(
        selection=[
            ("on_site", "Working on Site"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        readonly=True,
    )
    date = fields.Datetime(
        readonly=True, help="When it was finished; else when it began."
    )

    visit_count = fields.Integer(string="Visits", readonly=True)
    done_count = fields.Integer(string="Visits Done", readonly=True)
    failed_count = fields.Integer(string="Visits Failed", readonly=True)
    work_hours = fields.Float(readonly=True, help="On site, of one person.")
    travel_hours = fields.Float(readonly=True, help="On the way, of one person.")
    on_time = fields.Float(
        string="Punctuality",
        aggregator="avg",
        readonly=True,
        help="Share of the arrivals not later than the agreed time and the minutes of "
        "grace of the company.",
    )
    in_promise = fields.Float(
        string="Arrival Promise Kept",
        aggregator="avg",
        readonly=True,
        help="Share of the first arrivals within the promise given with the call.",
    )
    postponed_count = fields.Integer(
        string="Postponed by Us",
        readonly=True,
        help="How often we moved the agreed time.",
    )
    is_first = fields.Boolean(
        string="First Visit", readonly=True, help="First visit of its ticket."
    )
    fix_state = fields.Selection(
        selection=FIX_STATES, string="First-Time Fix", readonly=True
    )
    first_fix = fields.Float(
        string="First-Time Fix Rate",
        aggregator="avg",
        readonly=True,
        help="Share of the tickets solved by their first visit, never reopened and "
        "with nothing new for the unit in the days after. Tickets whose days are not "
        "over are left out.",
    )
    first_fix_open = fields.Integer(
        string="Fix: Too Early to Say",
        readonly=True,
        help="First visits whose days to look back are not over.",
    )
    came_again = fields.Float(
        string="Repeat Rate",
        aggregator="avg",
        readonly=True,
        help="Share of the solving visits after which the unit needed us again within "
        "the days to look back. Visits whose days are not over are left out.",
    )
    again_count = fields.Integer(
        string="Came Again",
        readonly=True,
        help="Solving visits after which the unit needed us again, also those whose "
        "days are not over.",
    )
    hours_to_arrive = fields.Float(
        string="Hours from Call to Arrival", aggregator="avg", readonly=True
    )
    hours_to_finish = fields.Float(
        string="Hours from Call to Finish", aggregator="avg", readonly=True
    )

    # ------------------------------------------------------------
    # QUERY
    # ------------------------------------------------------------

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT v.*,
                   CASE WHEN v.is_first AND v.counts THEN CASE
                       WHEN NOT v.settled THEN 'open'
                       WHEN v.solved AND v.is_last AND NOT v.again
                            AND v.ticket_state IN ('solved', 'closed')
                            AND v.reopen_count = 0 THEN 'fixed'
                       ELSE 'not_fixed' END
                   END AS fix_state,
                   CASE WHEN v.is_first AND v.counts AND v.settled THEN (
                       v.solved AND v.is_last AND NOT v.again
                       AND v.ticket_state IN ('solved', 'closed')
                       AND v.reopen_count = 0)::int
                   END AS first_fix,
                   (v.is_first AND v.counts AND NOT v.settled)::int
                       AS first_fix_open,
                   CASE WHEN v.solved AND v.is_last AND v.counts AND v.settled
                       THEN v.again::int END AS came_again,
                   (v.solved AND v.is_last AND v.counts AND v.again)::int
                       AS again_count,
                   CASE WHEN v.is_first THEN
                       EXTRACT(EPOCH FROM v.arrive_date - v.date_open) / 3600
                   END AS hours_to_arrive,
                   CASE WHEN v.solved AND v.is_last THEN
                       EXTRACT(EPOCH FROM v.finish_date - v.date_open) / 3600
                   END AS hours_to_finish,
                   CASE WHEN v.is_first AND v.arrive_deadline IS NOT NULL THEN (
                       v.arrive_date <= v.arrive_deadline
                       AND (v.arrive_missed IS NULL
                            OR v.arrive_date <= v.arrive_missed))::int
                   END AS in_promise
              FROM (%(visits)s) v
            """,
            visits=self._get_visits_query(),
        )

    def _get_visits_query(self):
        """Return the visits that were made, each beside what came before and after."""
        return SQL(
            """
            SELECT d.id, d.id AS dispatch_id, d.ticket_id, d.company_id,
                   d.technician_id, d.team_id, d.zone_id, d.product_id,
                   d.equipment_id, d.partner_id, d.job_type_id, d.state,
                   d.arrive_date, d.finish_date,
                   t.service_kind, t.date_open, t.arrive_deadline, t.arrive_missed,
                   t.state AS ticket_state,
                   COALESCE(t.reopen_count, 0) AS reopen_count,
                   COALESCE(d.finish_date, d.arrive_date, d.date_start) AS date,
                   1 AS visit_count,
                   (d.state = 'done')::int AS done_count,
                   (d.state = 'failed')::int AS failed_count,
                   d.work_hours, d.travel_hours,
                   CASE WHEN d.arrive_date IS NOT NULL AND d.date_start IS NOT NULL
                       THEN (d.arrive_date <= d.date_start + make_interval(
                           mins => COALESCE(c.aftersales_punctual_minutes, 0)))::int
                   END AS on_time,
                   (SELECT COUNT(*) FROM aftersales_reschedule r
                     WHERE r.dispatch_id = d.id AND r.requested_by = 'company')
                       AS postponed_count,
                   (d.state = 'done' AND d.result = 'solved') AS solved,
                   (t.state <> 'cancelled' AND t.duplicate_of_id IS NULL
                    AND t.service_kind IS DISTINCT FROM 'internal') AS counts,
                   COALESCE(d.finish_date, d.arrive_date) + w.days <= %(now)s
                       AS settled,
                   d.arrive_date IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM aftersales_dispatch e
                        WHERE e.ticket_id = d.ticket_id AND e.arrive_date IS NOT NULL
                          AND (e.arrive_date, e.id) < (d.arrive_date, d.id)
                   ) AS is_first,
                   d.arrive_date IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM aftersales_dispatch e
                        WHERE e.ticket_id = d.ticket_id AND e.arrive_date IS NOT NULL
                          AND (e.arrive_date, e.id) > (d.arrive_date, d.id)
                   ) AS is_last,
                   d.arrive_date IS NOT NULL AND (
                       EXISTS (SELECT 1 FROM aftersales_ticket n
                                WHERE n.repeat_of_id = t.id AND %(later)s)
                       OR t.equipment_id IS NOT NULL AND EXISTS (
                           SELECT 1 FROM aftersales_ticket n
                            WHERE n.equipment_id = t.equipment_id
                              AND n.id <> t.id
                              AND n.service_kind IS DISTINCT FROM 'internal'
                              AND %(later)s
                              AND (n.service_mode IN ('onsite', 'workshop')
                                   OR EXISTS (
                                  SELECT 1 FROM aftersales_dispatch e
                                   WHERE e.ticket_id = n.id
                                     AND e.arrive_date IS NOT NULL)))
                   ) AS again
              FROM aftersales_dispatch d
              JOIN aftersales_ticket t ON t.id = d.ticket_id
              JOIN res_company c ON c.id = d.company_id
              CROSS JOIN LATERAL (SELECT make_interval(
                  days => COALESCE(c.aftersales_first_fix_days, 30)) AS days) w
             WHERE d.state IN ('on_site', 'done', 'failed')
            """,
            now=fields.Datetime.now(),
            later=SQL(
                "n.state <> 'cancelled' AND n.duplicate_of_id IS NULL "
                "AND n.date_open > COALESCE(d.finish_date, d.arrive_date) "
                "AND n.date_open <= COALESCE(d.finish_date, d.arrive_date) + w.days"
            ),
        )

    def action_open_visit(self):
        """Open the visit of this row."""
        self.ensure_one()
        return self.dispatch_id.get_formview_action()
