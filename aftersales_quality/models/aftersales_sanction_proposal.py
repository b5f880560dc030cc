from datetime import datetime, time, timedelta

from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

# Events that are looked at again: what comes late, still counts.
DAYS = 31
BATCH_SIZE = 100


class AftersalesSanction(models.Model):
    """Sanctions proposed by rule from what is on record, each event once (R61)."""

    _inherit = "aftersales.sanction"

    # ------------------------------------------------------------
    # FOR OTHERS
    # ------------------------------------------------------------

    @api.model
    def _propose(self, trigger, employee, source, team=None, **values):
        """Propose what the rule of an event names; twice gives the same record.

        Who causes it need not have any right on sanctions, nor does he get one.

        :param str trigger: one of the events of the rules
        :param employee: hr.employee or hr.employee.public; where nobody is found, the
            leader of the team stands in
        :param source: record that shows the event, of one company
        :param team: aftersales.team whose leader stands in
        :param values: other values of the sanction, such as ``date``, ``description``
            or ``complaint_id``
        :return: the sanction; nothing without a rule, without anybody, for archived
            employees, and for what happened before the rule was valid
        """
        event = self._prepare_event(trigger, employee, source, **values)
        # Only what a rule names is made, and nobody reads it without the right.
        found_sudo = self.sudo()._propose_batch(source.company_id, [event], {0: team})
        return found_sudo.sudo(self.env.su)

    @api.model
    def _prepare_event(self, trigger, employee, source, **values):
        """Return the values of a proposal; see :meth:`_propose`."""
        return {
            "trigger": trigger,
            "employee_id": employee.id if employee else False,
            "company_id": source.company_id.id,
            "res_model": source._name,
            "res_id": source.id,
            "source_name": source.display_name,
            **values,
        }

    @api.model
    def _propose_batch(self, company, events, teams=None):
        """Propose several events of one company at once; see :meth:`_propose`.

        :param company: res.company
        :param events: list of dicts of values
        :param teams: ``{number of the event: team whose leader stands in}``
        :return: the sanctions, also those that were there already
        """
        rules = self.env["aftersales.sanction.rule"]._get_rules(company)
        today = company._aftersales_today()
        due, known = [], self._find_proposed(events)
        found = self.browse()
        for number, event in enumerate(events):
            applied = rules.get(event["trigger"])
            event.setdefault("date", today)
            if not applied or event["date"] < applied.date_from:
                continue
            if not event["employee_id"]:
                leader = self._get_leader((teams or {}).get(number), company)
                event.update(employee_id=leader.id, stands_in=True)
            key = self._get_event_key(event)
            if key in known:
                found |= known[key]
            elif event["employee_id"]:
                due.append(event)
        Employee = self.env["hr.employee"]
        people = Employee.browse({event["employee_id"] for event in due}).exists()
        active = set(people.filtered("active").ids)
        due = [event for event in due if event["employee_id"] in active]
        return found | self._by_method().create(due).with_env(self.env)

    @api.model
    def _get_event_key(self, event):
        if event["trigger"] == "missed_call":
            # Once a day: ten calls of one hour are one absence.
            return event["trigger"], event["employee_id"], event["date"]
        return (
            event["trigger"],
            event["employee_id"],
            (event["res_model"], event["res_id"]),
        )

    @api.model
    def _find_proposed(self, events):
        """Return ``{key of an event: sanction}`` of what was proposed before."""
        ids = [event["res_id"] for event in events]
        days = [event["date"] for event in events if event.get("date")]
        found = self.search(
            Domain("res_id", "!=", False)
            & Domain("reverses_id", "=", False)
            & (
                Domain("res_id", "in", ids)
                & Domain("res_model", "in", [event["res_model"] for event in events])
                | Domain("trigger", "=", "missed_call") & Domain("date", "in", days)
            )
        )
        return {
            self._get_event_key(
                {
                    "trigger": one.trigger,
                    "employee_id": one.employee_id.id,
                    "date": one.date,
                    "res_model": one.res_model,
                    "res_id": one.res_id,
                }
            ): one
            for one in found
        }

    @api.model
    def _get_leader(self, team, company):
        """Return the employee who leads a team, if any."""
        leader = team and team.sudo().supervisor_id  # who leads is no secret
        if not leader:
            return self.env["hr.employee"]
        return (
            self.env["hr.employee"]
            .sudo()  # likewise; the rest of his file is not asked for
            .search(
                [("user_id", "=", leader.id), ("company_id", "=", company.id)], limit=1
            )
        )

    # ------------------------------------------------------------
    # SCHEDULED ACTION
    # ------------------------------------------------------------

    @api.model
    def _cron_propose(self):
        """Propose from unanswered calls, visits without check-out, repeat repairs.

        What is proposed already is not looked at again: safe when killed, when run
        twice, and in two processes.
        """
        Cron = self.env["ir.cron"]
        for company in self.env["res.company"].search([("active", "=", True)]):
            rules = self.env["aftersales.sanction.rule"]._get_rules(company)
            for trigger, find in (
                ("missed_call", self._find_missed_calls),
                ("left", self._find_left),
                ("repeat_repair", self._find_repeats),
            ):
                if trigger not in rules:
                    continue
                last = max(
                    rules[trigger].date_from,
                    company._aftersales_today() - timedelta(days=DAYS),
                )
                since = datetime.combine(last, time()) - timedelta(days=1)
                while events := find(company, since):
                    try:
                        made = self._propose_batch(company, events)
                        self.env.flush_all()
                    except (SerializationFailure, UniqueViolation):
                        # Another process is at it: looked at again next time.
                        self.env.cr.rollback()
                        self.env.invalidate_all()
                        return
                    if not Cron._commit_progress(len(made)):
                        return
                    if not made:
                        break

    @api.model
    def _run_find(self, query):
        """Return events of rows: record, employee, day."""
        self.env.flush_all()
        return self.env.execute_query(query)

    @api.model
    def _prepare_events(self, trigger, model, rows, company):
        names = self.env[model].browse([row[0] for row in rows])
        return [
            {
                "trigger": trigger,
                "employee_id": employee,
                "company_id": company.id,
                "date": day,
                "res_model": model,
                "res_id": record.id,
                "source_name": record.display_name,
            }
            for record, (_id, employee, day) in zip(names, rows, strict=True)
        ]

    @api.model
    def _get_zone(self, company):
        return company.sudo().partner_id.tz or "UTC"  # no secret

    @api.model
    def _find_missed_calls(self, company, since):
        """Find days with unanswered calls in the hours of the hotline, per person.

        Those on duty answer for them; where nobody was on the roster, the leader.
        """
        zone = self._get_zone(company)
        query = SQL(
            """
            SELECT DISTINCT ON (worker.id, day.local) call.id, worker.id, day.local
              FROM aftersales_missed_call call
              JOIN aftersales_team team ON team.id = call.team_id
              LEFT JOIN aftersales_missed_call_duty_rel duty
                ON duty.aftersales_missed_call_id = call.id
              JOIN resource_resource resource
                ON resource.user_id = COALESCE(duty.res_users_id, team.supervisor_id)
              JOIN hr_employee worker ON worker.resource_id = resource.id
               AND worker.company_id = call.company_id AND worker.active
             CROSS JOIN LATERAL (SELECT (call.date_call AT TIME ZONE 'UTC'
                                         AT TIME ZONE %(zone)s)::date AS local) day
             WHERE call.company_id = %(company)s AND call.in_hours = 'inside'
               AND call.date_call >= %(since)s AND day.local >= %(first)s
               AND NOT EXISTS (
                   SELECT FROM aftersales_sanction sanction
                    WHERE sanction.employee_id = worker.id
                      AND sanction.trigger = 'missed_call'
                      AND sanction.res_id IS NOT NULL AND sanction.date = day.local)
             ORDER BY worker.id, day.local, call.date_call, call.id
             LIMIT %(limit)s
            """,
            **self._get_find_params(company, since, zone),
        )
        rows = self._run_find(query)
        return self._prepare_events(
            "missed_call", "aftersales.missed.call", rows, company
        )

    @api.model
    def _find_left(self, company, since):
        """Find visits whose technician left without checking out."""
        zone = self._get_zone(company)
        query = SQL(
            """
            SELECT visit.id, worker.id, day.local
              FROM aftersales_dispatch visit
              JOIN hr_employee worker ON worker.id = visit.technician_id
               AND worker.active
             CROSS JOIN LATERAL (SELECT (visit.arrive_date AT TIME ZONE 'UTC'
                                         AT TIME ZONE %(zone)s)::date AS local) day
             WHERE visit.company_id = %(company)s AND visit.left_without_check_out
               AND visit.arrive_date >= %(since)s AND day.local >= %(first)s
               AND NOT EXISTS (
                   SELECT FROM aftersales_sanction sanction
                    WHERE sanction.res_model = 'aftersales.dispatch'
                      AND sanction.res_id = visit.id
                      AND sanction.employee_id = worker.id
                      AND sanction.trigger = 'left')
             ORDER BY day.local, visit.id
             LIMIT %(limit)s
            """,
            **self._get_find_params(company, since, zone),
        )
        return self._prepare_events(
            "left", "aftersales.dispatch", self._run_find(query), company
        )

    @api.model
    def _find_repeats(self, company, since):
        """Find solved repeat repairs, and who did the repair that did not last."""
        zone = self._get_zone(company)
        query = SQL(
            """
            SELECT ticket.id, worker.id, day.local
              FROM aftersales_ticket ticket
              JOIN LATERAL (
                   SELECT technician_id FROM aftersales_dispatch
                    WHERE ticket_id = ticket.repeat_of_id AND state = 'done'
                    ORDER BY finish_date DESC NULLS LAST, id DESC LIMIT 1
                   ) visit ON TRUE
              JOIN hr_employee worker ON worker.id = visit.technician_id
               AND worker.active
             CROSS JOIN LATERAL (SELECT (ticket.solve_date AT TIME ZONE 'UTC'
                                         AT TIME ZONE %(zone)s)::date AS local) day
             WHERE ticket.company_id = %(company)s AND ticket.is_repeat
               AND ticket.repeat_of_id IS NOT NULL
               AND ticket.state IN ('solved', 'closed')
               AND ticket.solve_date >= %(since)s AND day.local >= %(first)s
               AND NOT EXISTS (
                   SELECT FROM aftersales_sanction sanction
                    WHERE sanction.res_model = 'aftersales.ticket'
                      AND sanction.res_id = ticket.id
                      AND sanction.employee_id = worker.id
                      AND sanction.trigger = 'repeat_repair')
             ORDER BY day.local, ticket.id
             LIMIT %(limit)s
            """,
            **self._get_find_params(company, since, zone),
        )
        return self._prepare_events(
            "repeat_repair", "aftersales.ticket", self._run_find(query), company
        )

    @api.model
    def _get_find_params(self, company, since, zone):
        return {
            "zone": zone,
            "company": company.id,
            "since": since,
            "first": (since + timedelta(days=1)).date(),
            "limit": BATCH_SIZE,
        }
