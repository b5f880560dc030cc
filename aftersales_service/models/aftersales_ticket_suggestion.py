from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.suggestion import rank, rate


class AftersalesTicket(models.Model):
    """Who is the right one for a visit."""

    _inherit = "aftersales.ticket"

    def suggest_technicians(self, date_start, hours=2.0, dispatch_id=None):
        """Return every technician of the company, ranked, for scripts and screens.

        :param date_start: planned start, datetime or text in UTC
        :param float hours: how long the visit takes
        :param int dispatch_id: visit to be moved, whose booked time does not count
        :return: see :meth:`_suggest_technicians`
        :raise UserError: when the user is no dispatcher, or the time cannot be
        """
        self.ensure_one()
        self._ensure_can(
            "can_dispatch",
            self.env._(
                "Only the desk sends somebody, for verified unfinished tickets."
            ),
        )
        dispatch = self.dispatch_ids.filtered(lambda d: d.id == dispatch_id)
        # Scripts name no language: they read that of their user.
        reader = self.with_context(lang=self.env.lang or self.env.user.lang)
        return reader._suggest_technicians(date_start, hours, dispatch)

    def _suggest_technicians(self, date_start, hours, dispatch=None):
        """Return every technician of the company, ranked (R22, R31, R32, R70).

        Those who can go come first, then the better score, then the name. The number
        of queries does not depend on the number of technicians.

        :param date_start: planned start, naive UTC, datetime or text
        :param float hours: how long the visit takes
        :param dispatch: visit to be moved, whose booked time does not count
        :return: list of dicts with ``employee_id``, ``name``, ``stars``, ``score``,
            ``parts`` (dict of named parts of the score), ``refusals`` (list of texts,
            empty when he can go), ``warnings`` (list of texts) and ``final`` (refused
            whatever a supervisor says)
        :raise UserError: when the time cannot be
        """
        self.ensure_one()
        begin, end = self._get_suggestion_span(date_start, hours)
        dispatch = dispatch or self.env["aftersales.dispatch"]
        Suggestion = self.env["aftersales.suggestion"]
        # Employees are for human resources to read; of technicians the names are told.
        Employee = self.env["hr.employee"].sudo()
        people_sudo = Employee.search(
            [
                ("aftersales_technician", "=", True),
                ("company_id", "=", self.company_id.id),
            ]
        )
        job = Suggestion._prepare_job(
            self, dispatch.job_type_id or self.job_type_id, begin, end, dispatch.zone_id
        )
        people = Suggestion._get_people(
            people_sudo, begin, end, self.equipment_id, dispatch.ids
        )
        points = self.company_id._aftersales_get_points()
        verdicts = []
        for employee in people_sudo:
            person = people[employee.id]
            refusals = Suggestion._get_refusals(job, person)
            parts = rate(job, person, points)
            verdicts.append(
                {
                    "employee_id": employee.id,
                    "name": employee.name,
                    "stars": person.stars,
                    "score": round(sum(parts.values()), 1),
                    "parts": parts,
                    "refusals": [words for _refusal, words in refusals],
                    "warnings": Suggestion._get_warnings(job, person),
                    "final": any(refusal.final for refusal, _words in refusals),
                }
            )
        return rank(verdicts)

    @api.model
    def _get_suggestion_span(self, date_start, hours):
        """Return (begin, end) of a planned visit.

        :raise UserError: without start, or when it takes no time or longer than a day
        """
        begin = fields.Datetime.to_datetime(date_start)
        if not begin:
            raise UserError(self.env._("Say when the visit is to begin."))
        if not 0 < (hours or 0) <= 24:
            raise UserError(self.env._("A visit takes more than 0 and up to 24 hours."))
        return begin, begin + timedelta(hours=hours)

    @api.model
    def _get_suggestion_labels(self):
        """Return ``{part of the score: its name}``."""
        return {
            "preference": self.env._("Wished by the customer"),
            "zone": self.env._("Zone"),
            "unit": self.env._("Knows the unit"),
            "skill": self.env._("Skills"),
            "grade": self.env._("Grade"),
            "load": self.env._("Free day"),
            "rating": self.env._("Rating"),
            "licence": self.env._("Licence missing"),
        }
