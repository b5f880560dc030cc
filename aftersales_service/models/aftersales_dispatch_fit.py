from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from ..tools.turn import take_turn

SUPERVISOR = "aftersales_service.aftersales_service_group_supervisor"


class AftersalesDispatch(models.Model):
    """Who may be sent: crew, refusals, and who decides all the same (R22, R31, R70)."""

    _inherit = "aftersales.dispatch"

    watcher_id = fields.Many2one(
        comodel_name="hr.employee",
        domain="[('id', 'in', crew_ids)]",
        tracking=True,
        help="Who of the crew does nothing but watch, as when something is lifted.",
    )
    crew_size = fields.Integer(related="job_type_id.crew_size", string="Minimum Crew")
    needs_watcher = fields.Boolean(
        related="job_type_id.watcher", string="With a Watcher"
    )

    @api.constrains("watcher_id", "crew_ids", "technician_id")
    def _check_watcher(self):
        """The watcher is one of those who go, and does not lead the work (R31)."""
        # The job of a colleague is not for every dispatcher to read.
        for dispatch in self.sudo():
            watcher = dispatch.watcher_id
            if watcher and watcher not in dispatch.crew_ids:
                raise ValidationError(
                    self.env._(
                        "%(dispatch)s: %(watcher)s watches only as one of the crew; "
                        "who leads the work cannot watch it.",
                        dispatch=dispatch.name,
                        watcher=watcher.name,
                    )
                )

    # ------------------------------------------------------------
    # FIT
    # ------------------------------------------------------------

    def _ensure_fit(self, reason):
        result = super()._ensure_fit(reason)
        reason = (reason or self.env.context.get("aftersales_override") or "").strip()
        self._ensure_crew()
        # Two who send the same people: the second one sees where they are by then.
        take_turn(self.sudo().technician_id | self.sudo().crew_ids)
        refused = self._get_refused()
        clean = self.filtered(lambda dispatch: not refused[dispatch])
        open_ones = (self - clean).filtered(
            lambda dispatch: reason or not dispatch._is_decided(refused[dispatch])
        )
        if open_ones:
            open_ones._ensure_may_override(refused, reason)
        for dispatch in open_ones:
            dispatch._step(
                {
                    "override_reason": reason,
                    "override_by_id": self.env.uid,
                    "override_text": "\n".join(refused[dispatch]),
                }
            )
        if former := clean.filtered("override_reason"):
            former._step(
                {
                    "override_reason": False,
                    "override_by_id": False,
                    "override_text": False,
                }
            )
        return result

    def _after_reschedule(self):
        result = super()._after_reschedule()
        # A new time of ours is for those who have time then.
        # What went back to the dispatcher is out of sight for a technician by now.
        coming_sudo = self.sudo().filtered(lambda d: d.state == "assigned")
        coming_sudo.sudo(self.env.su)._ensure_fit(None)
        return result

    def _ensure_crew(self):
        """Refuse crews that are too small or without a watcher (R31).

        :raise UserError: naming what is missing
        """
        for dispatch in self:
            job_type = dispatch.job_type_id
            missing = job_type.crew_size - len(dispatch._get_people())
            if missing > 0:
                dispatch._refuse(
                    self.env._(
                        "“%(job)s” asks for a crew of at least %(size)s, the "
                        "responsible technician included: name %(missing)s more.",
                        job=job_type.name,
                        size=job_type.crew_size,
                        missing=missing,
                    )
                )
            if job_type.watcher and not dispatch.watcher_id:
                dispatch._refuse(
                    self.env._(
                        "“%s” needs a watcher: say who of the crew only watches.",
                        job_type.name,
                    )
                )

    def _get_refused(self):
        """Return ``{dispatch: ["person: reason against him", …]}``.

        Other visits at the same time are left to the booking, which names them.

        :raise UserError: when somebody has no working hours at all
        """
        Suggestion = self.env["aftersales.suggestion"]
        planned = self.filtered(lambda dispatch: dispatch.date_start)
        # Names of colleagues are told, see the suggestion.
        crew_sudo = planned.sudo().technician_id | planned.sudo().crew_ids
        result, final = {dispatch: [] for dispatch in self}, []
        if not crew_sudo:
            return result
        people = Suggestion._get_people(
            crew_sudo,
            min(planned.mapped("date_start")),
            max(planned.mapped("date_end")),
            without=planned.ids,
        )
        batch = planned._get_spans()
        for dispatch in planned:
            job = Suggestion._prepare_job(
                dispatch.ticket_id,
                dispatch.job_type_id,
                dispatch.date_start,
                dispatch.date_end,
            )
            for employee in dispatch.sudo()._get_people():  # only the names are told
                share = dispatch._get_share(job, employee)
                person = people[employee.id]
                others = [
                    span for other, span in batch[employee.id] if other != dispatch
                ]
                person = replace(person, visits=person.visits + others)
                for refusal, words in Suggestion._get_refusals(share, person):
                    text = f"{employee.name}: {words}"
                    if refusal.code == "calendar":
                        final.append(text)
                    elif refusal.code != "visit":
                        result[dispatch].append(text)
        if final:
            self._refuse(
                "\n".join(
                    [*final, self.env._("Send somebody else until that is done.")]
                )
            )
        return result

    def _get_spans(self):
        """Return ``{employee id: [(dispatch, (begin, end))]}`` of these visits."""
        spans = defaultdict(list)
        for dispatch in self:
            for employee in dispatch.sudo()._get_people():  # compared alone
                span = (dispatch.date_start, dispatch.date_end)
                spans[employee.id].append((dispatch, span))
        return spans

    def _get_share(self, job, employee):
        """Return what the visit asks of one of those who go.

        Grade and skills are asked of who leads it, licences of everybody.
        """
        self.ensure_one()
        if employee.id == self.technician_id.id:
            return job
        return replace(job, stars=0, skills=frozenset())

    def _is_decided(self, refused):
        """Tell whether a supervisor has said why in spite of all these refusals.

        So a visit does not go back to him each time it is moved by an hour.
        """
        self.ensure_one()
        known = (self.override_text or "").splitlines()
        return bool(refused and self.override_reason) and set(refused) <= set(known)

    def _ensure_may_override(self, refused, reason):
        """Refuse to send people all the same, unless a supervisor says why.

        :param refused: dict ``{dispatch: [text]}``
        :raise UserError: naming each refusal and the way out
        """
        may = self.env.su or self.env.user.has_group(SUPERVISOR)
        if may and reason:
            return
        way_out = (
            self.env._(
                "Choose somebody else or another time. To send him all the same, press "
                "Find a Technician and say why."
            )
            if may
            else self.env._(
                "Choose somebody else or another time. A supervisor may send him all "
                "the same and says why."
            )
        )
        self._refuse("\n".join([text for d in self for text in refused[d]] + [way_out]))

    # ------------------------------------------------------------
    # PICK LIST
    # ------------------------------------------------------------

    def action_find_technician(self):
        """Open the ranked technicians to choose from, for a new or a changed plan.

        :raise UserError: when the user is no dispatcher or the visit has begun
        """
        self.ensure_one()
        self._ensure_can(
            "can_assign",
            self.env._(
                "Only the dispatcher assigns visits, for a verified ticket being worked "
                "on and before the visit begins."
            ),
        )
        start = self.date_start or self._get_next_hour()
        pick = self.env["aftersales.dispatch.pick"].create(
            {
                "dispatch_id": self.id,
                "date_start": start,
                "hours": self.planned_hours or self.job_type_id.hours or 2.0,
                "reason": self.override_reason,
                "line_ids": [
                    Command.create({"employee_id": employee.id, "role": role})
                    for employee, role in self._get_roles().items()
                ],
            }
        )
        pick._fill()
        return pick._get_action()

    def _get_roles(self):
        """Return ``{employee: his part in the visit}``."""
        self.ensure_one()
        roles = dict.fromkeys(self.crew_ids, "crew")
        if self.watcher_id:
            roles[self.watcher_id] = "watcher"
        if self.technician_id:
            roles[self.technician_id] = "lead"
        return roles

    @api.model
    def _get_next_hour(self):
        now = fields.Datetime.now()
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
