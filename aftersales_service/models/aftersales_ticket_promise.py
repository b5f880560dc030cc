from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.clock import CLOCKS, STATES, URGENCY, overall, state_of
from .aftersales_ticket import OPEN_STATES
from .aftersales_ticket_clock import CLOCK_STOPS

SELECTION = [
    ("on_track", "On Track"),
    ("warning", "At Risk"),
    ("late", "Late"),
    ("met", "In Time"),
    ("missed", "Missed"),
]
STATE_FIELDS = {f"{clock}_state": clock for clock in CLOCKS}


class AftersalesTicket(models.Model):
    """Whether the promises of a ticket are kept, true the moment it is asked (R03).

    Late is no stored word that a job must write in time: it is the deadline against
    now, in Python for one ticket and in SQL for searching and grouping.
    """

    _inherit = "aftersales.ticket"

    sla_state = fields.Selection(
        selection=SELECTION,
        string="Promise",
        compute="_compute_sla_state",
        search="_search_sla_state",
        help="Late: a promised time is over. At Risk: it will be over soon.\n"
        "Missed: it was over when we came. In Time: we were there before.",
    )
    respond_state = fields.Selection(
        selection=SELECTION,
        string="Response",
        compute="_compute_sla_state",
        search="_search_respond_state",
    )
    arrive_state = fields.Selection(
        selection=SELECTION,
        string="Arrival",
        compute="_compute_sla_state",
        search="_search_arrive_state",
    )
    solve_state = fields.Selection(
        selection=SELECTION,
        string="Solving",
        compute="_compute_sla_state",
        search="_search_solve_state",
    )

    @api.depends(
        "state",
        *CLOCK_STOPS.values(),
        *(f"{clock}_{part}" for clock in CLOCKS for part in ("deadline", "missed")),
        *(f"{clock}_{part}" for clock in CLOCKS for part in ("warning", "hold")),
    )
    def _compute_sla_state(self):
        now = fields.Datetime.now()
        for ticket in self:
            by_clock = {
                clock: state_of(
                    ticket[f"{clock}_deadline"],
                    ticket[f"{clock}_warning"],
                    ticket[f"{clock}_hold"],
                    ticket[CLOCK_STOPS[clock]] or None,
                    ticket[f"{clock}_missed"],
                    ticket.state not in OPEN_STATES,
                    now,
                )
                for clock in CLOCKS
                if ticket.state != "cancelled"
            }
            for clock in CLOCKS:
                ticket[f"{clock}_state"] = by_clock.get(clock)
            ticket.sla_state = overall(by_clock.values())

    # ------------------------------------------------------------
    # SEARCH AND GROUP
    # ------------------------------------------------------------

    def _search_respond_state(self, operator, value):
        return self._search_clock_state(CLOCKS[:1], operator, value)

    def _search_arrive_state(self, operator, value):
        return self._search_clock_state(CLOCKS[1:2], operator, value)

    def _search_solve_state(self, operator, value):
        return self._search_clock_state(CLOCKS[2:], operator, value)

    def _search_sla_state(self, operator, value):
        return self._search_clock_state(CLOCKS, operator, value)

    @api.model
    def _search_clock_state(self, clocks, operator, value):
        """Search tickets by the state of their clocks now."""
        if operator != "in":
            return NotImplemented
        wanted = set(value)
        if wanted == {"late"}:
            return self._get_late_domain(clocks)

        def in_states(model, alias, query):
            state = model._get_state_sql(clocks, alias, query)
            # Tickets without a promise are looked for as “not set”.
            condition = SQL("%s IN %s", state, tuple(wanted & {*STATES}) or ("",))
            if False in wanted:
                condition = SQL("(%s OR %s IS NULL)", condition, state)
            return condition

        return Domain.custom(to_sql=in_states)

    @api.model
    def _get_late_domain(self, clocks=CLOCKS):
        """Domain of open tickets with a broken promise, for the indexes to answer."""
        now = fields.Datetime.now()
        late = []
        for clock in clocks:
            stop, deadline, hold, missed = (
                CLOCK_STOPS[clock],
                f"{clock}_deadline",
                f"{clock}_hold",
                f"{clock}_missed",
            )

            def held_late(model, alias, query, hold=hold, deadline=deadline):
                # A clock that was stopped too late.
                return SQL(
                    "%s > %s",
                    model._field_to_sql(alias, hold, query),
                    model._field_to_sql(alias, deadline, query),
                )

            late += [
                Domain(stop, "=", False)
                & Domain(deadline, "<", now)
                & (Domain(hold, "=", False) | Domain.custom(to_sql=held_late)),
                Domain(stop, "=", False) & Domain(missed, "!=", False),
            ]
        return self._get_open_domain() & Domain.OR(late)

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "sla_state":
            return self._get_state_sql(CLOCKS, alias, query)
        if clock := STATE_FIELDS.get(field_expr):
            return self._get_state_sql((clock,), alias, query)
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _get_state_sql(self, clocks, alias, query):
        """Return the state of clocks as SQL, as ``state_of`` and ``overall`` say it.

        Each clock is looked at once, whatever the number of states: lists of a hundred
        thousand tickets are grouped by it.
        """
        ranks = [self._get_clock_rank_sql(clock, alias, query) for clock in clocks]
        return SQL("(%s)[LEAST(%s)]", list(URGENCY), SQL(", ").join(ranks))

    @api.model
    def _get_clock_rank_sql(self, clock, alias, query):
        """Return the place of a clock's state in the order of urgency, from 1."""
        column = {
            part: self._field_to_sql(alias, f"{clock}_{part}", query)
            for part in ("deadline", "warning", "hold", "missed")
        }
        now = fields.Datetime.now()
        return SQL(
            "CASE WHEN %(state)s = 'cancelled' THEN NULL "
            "WHEN %(stop)s IS NOT NULL THEN CASE "
            "WHEN %(stop)s > LEAST(%(deadline)s, %(missed)s) THEN %(is_missed)s "
            "WHEN %(deadline)s IS NOT NULL THEN %(is_met)s END "
            "WHEN %(state)s NOT IN %(open)s THEN CASE "
            "WHEN %(missed)s IS NOT NULL THEN %(is_missed)s END "
            "WHEN %(missed)s IS NOT NULL OR %(moment)s > %(deadline)s THEN %(is_late)s "
            "WHEN %(deadline)s IS NULL THEN NULL "
            "WHEN %(moment)s >= %(warning)s THEN %(is_warning)s "
            "ELSE %(is_on_track)s END",
            **column,
            **{f"is_{state}": rank for rank, state in enumerate(URGENCY, start=1)},
            state=self._field_to_sql(alias, "state", query),
            stop=self._field_to_sql(alias, CLOCK_STOPS[clock], query),
            moment=SQL("COALESCE(%s, %s)", column["hold"], now),
            open=OPEN_STATES,
        )
