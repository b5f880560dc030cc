from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.aftersales_dispatch_fit import SUPERVISOR


class AftersalesDispatchPick(models.TransientModel):
    """The ranked technicians for a visit, of whom the dispatcher chooses."""

    _name = "aftersales.dispatch.pick"
    _description = "Find a Technician"

    dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    dispatch_state = fields.Selection(related="dispatch_id.state")
    job_type_id = fields.Many2one(related="dispatch_id.job_type_id")
    customer_label = fields.Char(related="dispatch_id.customer_label")
    unit_label = fields.Char(related="dispatch_id.unit_label")
    zone_id = fields.Many2one(related="dispatch_id.zone_id")
    asked = fields.Char(string="The Job Asks", compute="_compute_asked")
    date_start = fields.Datetime(string="Start", required=True)
    hours = fields.Float(required=True)
    looked_start = fields.Datetime(string="Start of the List", readonly=True)
    looked_hours = fields.Float(string="Hours of the List", readonly=True)
    is_stale = fields.Boolean(compute="_compute_is_stale")
    line_ids = fields.One2many(
        comodel_name="aftersales.dispatch.pick.line",
        inverse_name="pick_id",
        string="Technicians",
    )
    summary = fields.Char(string="Chosen", compute="_compute_chosen")
    is_refused = fields.Boolean(compute="_compute_chosen")
    has_warnings = fields.Boolean(compute="_compute_has_warnings")
    is_supervisor = fields.Boolean(compute="_compute_is_supervisor")
    reason = fields.Char(
        string="Sent All the Same Because",
        help="Kept on the dispatch order with what spoke against it.",
    )

    @api.depends("job_type_id")
    def _compute_asked(self):
        for pick in self:
            job = pick.job_type_id
            parts = [
                job.crew_size > 1 and self.env._("crew of %s", job.crew_size),
                job.watcher and self.env._("a watcher"),
                job.grade_id and "★" * job.grade_id.stars,
                *job.skill_ids.mapped("name"),
                *job.licence_ids.mapped("name"),
            ]
            pick.asked = " · ".join(part for part in parts if part)

    @api.depends("date_start", "hours", "looked_start", "looked_hours")
    def _compute_is_stale(self):
        for pick in self:
            pick.is_stale = (pick.date_start, pick.hours) != (
                pick.looked_start,
                pick.looked_hours,
            )

    @api.depends("line_ids.role", "line_ids.can_go")
    def _compute_chosen(self):
        roles = dict(
            self.env["aftersales.dispatch.pick.line"]
            ._fields["role"]
            ._description_selection(self.env)
        )
        for pick in self:
            chosen = pick.line_ids.filtered("role")
            pick.summary = ", ".join(
                f"{line.employee_id.name} ({roles[line.role]})"
                for line in chosen.sorted(lambda line: list(roles).index(line.role))
            )
            pick.is_refused = not all(chosen.mapped("can_go"))

    @api.depends("line_ids.warnings")
    def _compute_has_warnings(self):
        for pick in self:
            pick.has_warnings = any(pick.line_ids.mapped("warnings"))

    @api.depends_context("uid")
    def _compute_is_supervisor(self):
        self.is_supervisor = self.env.user.has_group(SUPERVISOR)

    # ------------------------------------------------------------
    # LIST
    # ------------------------------------------------------------

    def _fill(self):
        """List the technicians for the time looked at, keeping who was chosen."""
        self.ensure_one()
        roles = {line.employee_id.id: line.role for line in self.line_ids}
        verdicts = self.dispatch_id.ticket_id._suggest_technicians(
            self.date_start, self.hours, self.dispatch_id
        )
        labels = self.dispatch_id.ticket_id._get_suggestion_labels()
        self.write(
            {
                "looked_start": self.date_start,
                "looked_hours": self.hours,
                "line_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "sequence": rank,
                                "employee_id": verdict["employee_id"],
                                "role": roles.get(verdict["employee_id"]),
                                "stars": verdict["stars"],
                                "score": verdict["score"],
                                "parts": " · ".join(
                                    f"{labels[part]} {points:g}"
                                    for part, points in verdict["parts"].items()
                                ),
                                "refusals": "\n".join(verdict["refusals"]),
                                "warnings": "\n".join(verdict["warnings"]),
                                "can_go": not verdict["refusals"],
                                "final": verdict["final"],
                            }
                        )
                        for rank, verdict in enumerate(verdicts, 1)
                    ),
                ],
            }
        )

    def action_refresh(self):
        """Look again, for another time."""
        self._fill()
        return self._get_action()

    def _get_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._(
                "Technicians for %s", self.dispatch_id.display_name or ""
            ),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    # ------------------------------------------------------------
    # CHOICE
    # ------------------------------------------------------------

    def action_assign(self):
        """Send whoever is chosen.

        :raise UserError: without somebody responsible, or when somebody is refused
        """
        self._choose()
        dispatch = self.dispatch_id
        if dispatch.state == "draft":
            dispatch.action_assign(reason=self.reason)
        return {"type": "ir.actions.act_window_close"}

    def action_keep(self):
        """Put the choice on the order, to be assigned later."""
        self._choose()
        return {"type": "ir.actions.act_window_close"}

    def _choose(self):
        """Write the choice on the order; an assigned one is assigned anew by that."""
        self.ensure_one()
        by_role = self.line_ids.grouped("role")
        none = self.line_ids.browse()
        lead = by_role.get("lead", none).employee_id
        if not lead:
            raise UserError(self.env._("Choose who is responsible for the visit."))
        watcher = by_role.get("watcher", none).employee_id
        crew = by_role.get("crew", none).employee_id | watcher
        vals = {
            "technician_id": lead.id,
            "crew_ids": [Command.set(crew.ids)],
            "watcher_id": watcher.id,
            "date_start": self.date_start,
            "date_end": self.date_start + timedelta(hours=self.hours),
        }
        # For visits that are assigned already the reason goes along with the change.
        self.dispatch_id.with_context(aftersales_override=self.reason).write(vals)
