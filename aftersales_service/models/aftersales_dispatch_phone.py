from datetime import timedelta
from urllib.parse import quote

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.day_text import say_day
from .aftersales_dispatch import BOOKED_STATES
from .aftersales_dispatch_workflow import AGENT


class AftersalesDispatch(models.Model):
    """What the technician sees of a visit on his phone (R25)."""

    _inherit = "aftersales.dispatch"

    line_ids = fields.One2many(
        comodel_name="aftersales.ticket.line",
        inverse_name="dispatch_id",
        string="Parts and Hours",
    )
    hazard_ids = fields.One2many(
        comodel_name="aftersales.hazard",
        inverse_name="dispatch_id",
        string="Hazards",
    )
    damage_ids = fields.One2many(
        comodel_name="aftersales.damage",
        inverse_name="dispatch_id",
        string="Damage and Accidents",
    )
    fault_id = fields.Many2one(related="ticket_id.fault_id")
    found_fault_id = fields.Many2one(
        related="ticket_id.found_fault_id", readonly=False, string="Fault Really Found"
    )
    fault_required = fields.Boolean(related="team_id.fault_required")
    ticket_description = fields.Html(related="ticket_id.description")
    place = fields.Char(
        compute="_compute_place",
        compute_sudo=True,
        help="Where to go, in one line.",
    )
    navigate_url = fields.Char(compute="_compute_place", compute_sudo=True)
    day_label = fields.Char(string="Day", compute="_compute_day_label")
    time_label = fields.Char(string="Time", compute="_compute_day_label")
    can_escalate = fields.Boolean(compute="_compute_can_escalate")
    escalate_date = fields.Datetime(string="Escalated on", readonly=True, copy=False)
    escalate_reason = fields.Char(
        readonly=True, copy=False, help="Why the job is beyond the technician."
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("ticket_id.site_id", "ticket_id.partner_id")
    def _compute_place(self):
        for dispatch in self:
            ticket = dispatch.ticket_id
            address = ticket.site_id or ticket.partner_id
            parts = (
                address.state_id.name,
                address.city,
                address.street,
                address.street2,
            )
            place = " ".join(part for part in parts if part)
            dispatch.place = place
            dispatch.navigate_url = place and dispatch._get_map_url(place, address)

    def _get_map_url(self, place, address):
        """Return the link that opens a map at the place (hook)."""
        if address.country_id.code == "CN":
            return f"https://uri.amap.com/search?keyword={quote(place)}"
        place = f"{place} {address.zip or ''} {address.country_id.name or ''}".strip()
        return f"https://www.google.com/maps/search/?api=1&query={quote(place)}"

    @api.depends("date_start", "date_end")
    @api.depends_context("tz", "lang")
    def _compute_day_label(self):
        today = fields.Date.context_today(self)
        near = {
            today - timedelta(days=1): self.env._("Yesterday"),
            today: self.env._("Today"),
            today + timedelta(days=1): self.env._("Tomorrow"),
        }
        for dispatch in self:
            if not dispatch.date_start:
                dispatch.day_label = dispatch.time_label = False
                continue
            begin, end = (
                fields.Datetime.context_timestamp(dispatch, moment)
                for moment in (dispatch.date_start, dispatch.date_end)
            )
            day = begin.date()
            dispatch.day_label = near.get(day) or say_day(self.env, day)
            dispatch.time_label = f"{begin:%H:%M} – {end:%H:%M}"

    @api.depends("state", "user_ids")
    @api.depends_context("uid", "su")
    def _compute_can_escalate(self):
        is_agent = self.env.su or self.env.user.has_group(AGENT)
        for dispatch in self:
            own = is_agent or self.env.user in dispatch.user_ids
            dispatch.can_escalate = own and dispatch.state in BOOKED_STATES

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def action_escalate(self, reason=None):
        """Say that the job is beyond one's skill: the supervisor plans anew (R08).

        :param str reason: what is needed, mandatory
        :raise UserError: without a reason, or when the visit is not running
        """
        self._ensure_can(
            "can_escalate",
            self.env._("Only who is sent escalates a job, before it is finished."),
        )
        if not (reason or "").strip():
            self._refuse(self.env._("Say what is needed: skill, tool, part."))
        self._step(
            {
                "escalate_date": fields.Datetime.now(),
                "escalate_reason": reason,
                "result": "follow_up",
            }
        )
        self._message_log_batch(
            bodies=dict.fromkeys(
                self.ids, self.env._("Beyond the technician's skill: %s", reason)
            )
        )
        self._notify_supervisor(
            "aftersales_service.mail_activity_type_aftersales_beyond_skill", reason
        )
        return True

    def action_add_part(self):
        """Note a part that was used."""
        return self._get_line_action("part", self.env._("Part"))

    def action_add_hours(self):
        """Note hours of work."""
        return self._get_line_action("labour", self.env._("Hours"))

    def _get_line_action(self, kind, name):
        """Open the small form of a line of this visit, noted as done."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "aftersales.ticket.line",
            "views": [
                [
                    self.env.ref(
                        "aftersales_service.aftersales_ticket_line_view_form_phone"
                    ).id,
                    "form",
                ]
            ],
            "target": "new",
            "context": {
                "default_ticket_id": self.ticket_id.id,
                "default_dispatch_id": self.id,
                "default_kind": kind,
                "default_state": "used",
            },
        }

    def action_add_hazard(self):
        """Record something dangerous (R79)."""
        return self._get_finding_action("aftersales.hazard", self.env._("Hazard"))

    def action_add_damage(self):
        """Record a damage or accident (R80)."""
        return self._get_finding_action("aftersales.damage", self.env._("Damage"))

    def _get_finding_action(self, model, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_dispatch_id": self.id},
        }

    def action_navigate(self):
        """Open the map at the customer's."""
        self.ensure_one()
        if not self.navigate_url:
            self._refuse(self.env._("The address of the customer is not known."))
        return {"type": "ir.actions.act_url", "url": self.navigate_url, "target": "new"}

    def _after_assignment(self):
        result = super()._after_assignment()
        self._take_planned_lines()
        return result

    def _take_planned_lines(self):
        """Give what is planned on the tickets to the visit that is to do it."""
        # The desk plans on the ticket; whose visit does it is decided here.
        lines_sudo = self.env["aftersales.ticket.line"].sudo()
        lines_sudo = lines_sudo.search(
            Domain("ticket_id", "in", self.ticket_id.ids)
            & Domain("state", "=", "planned")
            & (
                Domain("dispatch_id", "=", False)
                | Domain("dispatch_id.state", "in", ("done", "failed", "cancelled"))
            )
        )
        visits = {dispatch.ticket_id.id: dispatch.id for dispatch in self}
        for line in lines_sudo._by_method():
            line.dispatch_id = visits[line.ticket_id.id]
