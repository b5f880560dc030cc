from odoo import models


class AftersalesEightDMixin(models.AbstractModel):
    """The eight disciplines of a case, filled from its records.

    There is no second register: team and causes come from the joint meetings, measures
    and their effect from the actions. What is not there yet is printed as open.
    """

    _name = "aftersales.eight.d.mixin"
    _description = "Document with an 8D Report"

    def _get_eight_d_problem(self):
        """Return (label, text) of what the problem is (hook)."""
        return []

    def _get_eight_d_notes(self):
        """Return texts of ``team``, ``escape`` and ``recognition`` (hook)."""
        return {}

    def _get_eight_d_closed(self):
        """Return the day the case was closed, if it is (hook)."""
        return False

    def _get_eight_d_begun(self):
        """Return the day the problem was found (hook)."""
        return self.create_date.date()

    def _get_eight_d(self):
        """Return the disciplines for the print.

        :return: list of dicts with ``code``, ``title``, ``date`` (None while it is
            open), ``lines`` of (label, text), and ``actions``
        """
        self.ensure_one()
        # Whoever reads the case prints all of it.
        case_sudo = self.sudo()
        actions = case_sudo.action_ids.filtered(
            lambda action: action.state != "cancelled"
        ).sorted("id")
        meetings = case_sudo.meeting_ids.filtered(
            lambda meeting: meeting.state != "cancelled"
        ).sorted("date")
        by_kind = {
            kind: actions.filtered(lambda action, kind=kind: action.kind == kind)
            for kind in ("containment", "corrective", "preventive")
        }
        corrective = by_kind["corrective"]
        notes = case_sudo._get_eight_d_notes()
        closed = case_sudo._get_eight_d_closed()
        team = case_sudo._get_eight_d_team(meetings, actions, notes)
        causes = case_sudo._get_eight_d_causes(meetings, notes)
        found = meetings.filtered("confirmed_on")[-1:]
        return [
            {
                "code": "D1",
                "title": self.env._("Team"),
                "date": bool(team) and self._get_local_day(meetings[:1].date),
                "lines": team,
            },
            {
                "code": "D2",
                "title": self.env._("Problem"),
                "date": case_sudo._get_eight_d_begun(),
                "lines": case_sudo._get_eight_d_problem(),
            },
            {
                "code": "D3",
                "title": self.env._("Containment"),
                "date": self._get_last(by_kind["containment"], "date_done"),
                "actions": by_kind["containment"],
            },
            {
                "code": "D4",
                "title": self.env._("Root Cause"),
                "date": bool(case_sudo.cause_id) and self._get_local_day(found.date),
                "lines": causes,
            },
            {
                "code": "D5",
                "title": self.env._("Corrective Actions Chosen"),
                "date": self._get_last(corrective, "date"),
                "actions": corrective,
            },
            {
                "code": "D6",
                "title": self.env._("Corrective Actions Carried Out and Checked"),
                "date": self._get_last(corrective, "date_checked"),
                "lines": self._get_eight_d_results(corrective),
            },
            {
                "code": "D7",
                "title": self.env._("Prevention Elsewhere"),
                "date": self._get_last(by_kind["preventive"], "date_done"),
                "actions": by_kind["preventive"],
            },
            {
                "code": "D8",
                "title": self.env._("Closing and Recognition"),
                "date": closed,
                "lines": [
                    (self.env._("Recognition"), notes["recognition"]),
                ]
                if notes.get("recognition")
                else [],
            },
        ]

    def _get_local_day(self, moment):
        """Return the day of a moment where the company works."""
        return moment and self.company_id._aftersales_today(moment)

    def _get_last(self, actions, name):
        """Return the last day of a field when all actions have one, else nothing."""
        if not actions or not all(action[name] for action in actions):
            return False
        day = max(actions.mapped(name))
        return self._get_local_day(day) if hasattr(day, "hour") else day

    def _get_eight_d_team(self, meetings, actions, notes):
        """Return chair, attendees who came, owners, and who else belongs to it."""
        came = meetings.attendee_ids.filtered("attended")
        people = {
            attendee.partner_id: f"{attendee.partner_id.name}"
            + (f" ({attendee.role})" if attendee.role else "")
            for attendee in came
        }
        for user in actions.owner_id | meetings.chair_id:
            people.setdefault(user.partner_id, user.name)
        lines = [
            (self.env._("Chair"), ", ".join(meetings.chair_id.mapped("name"))),
            (self.env._("Members"), ", ".join(people.values())),
            (self.env._("Besides"), notes.get("team")),
        ]
        return [line for line in lines if line[1]]

    def _get_eight_d_causes(self, meetings, notes):
        """Return cause, department, the five whys, and why it was found late."""
        lines = [
            (self.env._("Cause"), self.cause_id.display_name),
            (self.env._("Process"), self.cause_id.process),
            (self.env._("Department"), self.cause_id.department_id.name),
        ]
        lines += [
            (self.env._("Why %s", number), why.answer)
            for number, why in enumerate(meetings.why_ids.sorted(), start=1)
        ]
        lines.append((self.env._("Why it was not found earlier"), notes.get("escape")))
        return [line for line in lines if line[1]]

    def _get_eight_d_results(self, actions):
        """Return what was done, with its evidence and what the check showed."""
        lines = []
        for action in actions.filtered("date_done"):
            texts = [action.evidence, ", ".join(action.evidence_ids.mapped("name"))]
            if action.effective:
                texts.append(
                    action._say_value(action._fields["effective"], action.effective)
                )
            texts.append(action.check_note)
            lines.append(
                (action.name, "; ".join(text for text in texts if text) or "–")
            )
        return lines
