from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date

from ..tools.remedy import Repair

# A change of one of these may give a right, or take its ground away.
DECISIVE = frozenset(
    {
        "equipment_id",
        "component_id",
        "severity",
        "performance_fault",
        "return_wanted",
        "inspection_report",
        "usage_hours",
        "usage_km",
        "exclusion_id",
        "fault_id",
        "found_fault_id",
        "repeat_of_id",
        "date_open",
        "service_kind",
        "state",
    }
)
STAFF = "aftersales_service.aftersales_service_group_technician"


class AftersalesTicket(models.Model):
    """What the law wants to know of a ticket, and which rights it gave (R17, R18)."""

    _inherit = "aftersales.ticket"

    performance_fault = fields.Boolean(
        default=True,
        tracking=True,
        groups=STAFF,
        help="The unit does not do what it should. Off for questions, training and "
        "planned maintenance: the customer has no right from them.",
    )
    severity = fields.Selection(
        selection=[("general", "General"), ("serious", "Serious")],
        default="general",
        required=True,
        tracking=True,
        groups=STAFF,
        help="Serious: the unit is unsafe or useless with this fault.",
    )
    return_wanted = fields.Boolean(
        string="Wants to Return It",
        copy=False,
        tracking=True,
        groups=STAFF,
        help="The customer wants to give the unit back or exchange it.",
    )
    inspection_report = fields.Char(
        copy=False,
        tracking=True,
        groups=STAFF,
        help="Number and office of the quality inspection report that the customer "
        "showed.",
    )
    usage_hours = fields.Float(
        string="Hours Run",
        compute="_compute_usage",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        groups=STAFF,
        help="On the counter when the fault was reported.",
    )
    usage_km = fields.Float(
        string="Kilometres Run",
        compute="_compute_usage",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        groups=STAFF,
        help="On the counter when the fault was reported.",
    )
    repair_count = fields.Integer(
        string="Repairs",
        readonly=True,
        copy=False,
        groups=STAFF,
        help="How often the ticket was solved by a repair; help by phone is none.",
    )
    remedy_ids = fields.One2many(
        comodel_name="aftersales.remedy",
        inverse_name="ticket_id",
        string="Remedies",
        groups=STAFF,
    )
    remedy_count = fields.Integer(
        string="Number of Remedies", compute="_compute_remedy_count", groups=STAFF
    )
    remedy_alert = fields.Char(
        string="Right of the Customer",
        compute="_compute_remedy_alert",
        groups=STAFF,
        help="Rights that wait for a decision.",
    )
    remedy_outlook = fields.Html(
        string="Next Rights",
        compute="_compute_remedy_outlook",
        sanitize=False,
        groups=STAFF,
        help="How near the customer is to the next right, the nearest first.",
    )
    remedy_check_date = fields.Datetime(
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups=STAFF,
        help="When the next right may arise by time alone.",
    )

    _ticket_usage_positive = models.Constraint(
        "CHECK (COALESCE(usage_hours, 0) >= 0 AND COALESCE(usage_km, 0) >= 0)",
        "A unit cannot have run less than nothing.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("equipment_id")
    def _compute_usage(self):
        for ticket in self:
            unit = ticket.equipment_id
            ticket.usage_hours = unit.usage_hours or ticket.usage_hours
            ticket.usage_km = unit.usage_km or ticket.usage_km

    @api.depends("remedy_ids")
    def _compute_remedy_count(self):
        for ticket in self:
            ticket.remedy_count = len(ticket.remedy_ids)

    @api.depends("remedy_ids.state", "remedy_ids.date_deadline", "remedy_ids.facts")
    @api.depends_context("lang")
    def _compute_remedy_alert(self):
        Remedy = self.env["aftersales.remedy"]
        labels = dict(Remedy._fields["remedy"]._description_selection(self.env))
        for ticket in self:
            lines = [
                self.env._(
                    "%(remedy)s: %(reason)s (%(reference)s), answer by %(date)s",
                    remedy=remedy.choices_label or labels[remedy.remedy],
                    reason=remedy.reason,
                    reference=remedy.legal_reference,
                    date=format_date(self.env, remedy.date_deadline) or "–",
                )
                for remedy in ticket.remedy_ids
                if remedy.state == "proposed"
            ]
            ticket.remedy_alert = "; ".join(lines) or False

    @api.depends(
        *(name for name in sorted(DECISIVE)),
        "repair_count",
        "line_ids.state",
        "custody_ids.date_out",
        "custody_ids.stop_ids.date_end",
    )
    @api.depends_context("lang")
    def _compute_remedy_outlook(self):
        Remedy = self.env["aftersales.remedy"]
        outlook = Remedy._get_outlook(self._origin)
        for ticket in self:
            rows = [
                Markup("<li>%s%s<br/><span class='text-muted'>%s · %s</span></li>")
                % (
                    Markup("<span class='badge text-bg-danger me-2'>%s</span>")
                    % self.env._("Reached")
                    if finding.met
                    else "",
                    Markup("<b>%s</b>") % Remedy._explain_finding(facts),
                    rule.name,
                    rule.legal_reference,
                )
                for rule, facts, finding in outlook.get(ticket._origin.id, ())
            ]
            ticket.remedy_outlook = (
                Markup("<ul class='list-unstyled mb-0'>%s</ul>") % Markup("").join(rows)
                if rows
                else False
            )

    # ------------------------------------------------------------
    # FACTS
    # ------------------------------------------------------------

    def _get_repair(self):
        """Return the ticket as the rules count it."""
        self.ensure_one()
        solved = self.state in ("solved", "closed")
        rounds = self.repair_count
        if solved and not rounds and self.remote_result != "solved":
            # Solved before repairs were counted.
            rounds = 1
        return Repair(
            ticket=self.id,
            order=(self.date_open, self.id),
            day=self.equipment_id._get_local_day(self.date_open),
            path=self.env["aftersales.remedy"]._get_path(self.component_id),
            severity=self.severity or "general",
            rounds=rounds,
            solved=solved,
            excluded=bool(self.exclusion_id),
        )

    def _get_calendar(self):
        """Return the working hours of the team, else those of the company."""
        self.ensure_one()
        # Deadlines follow the calendar, whoever looks at them.
        ticket_sudo = self.sudo()
        return (
            ticket_sudo.team_id.calendar_id
            or ticket_sudo.company_id.resource_calendar_id
        )

    def _get_working_days(self):
        """Return a function that tells whether a day is a working day."""
        return self._get_calendar()._aftersales_get_working_days()

    # ------------------------------------------------------------
    # FOLLOWING
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        tickets._propose_remedies()
        return tickets

    def write(self, vals):
        repaired = self.browse()
        if vals.get("state") == "solved" and self._is_by_method():
            repaired = self.filtered(
                lambda ticket: ticket.state not in ("solved", "closed")
                and ticket.remote_result != "solved"
            )
        units = self.equipment_id if "equipment_id" in vals else False
        result = super().write(vals)
        for count, group in repaired.grouped("repair_count").items():
            group._step({"repair_count": count + 1})
        if units is not False:
            moved = self.custody_ids.equipment_id
            if moved:
                (units | moved)._count_repair_days()
        if DECISIVE & vals.keys():
            self._propose_remedies()
        return result

    def _propose_remedies(self):
        """See which rights the tickets give now, and propose them."""
        concerned = self.filtered("equipment_id")
        if concerned:
            self.env["aftersales.remedy"]._propose_for(concerned)

    def _note_next_check(self, found):
        """Keep when a right may next arise by time alone, for the scheduled action.

        :param dict found: of ``aftersales.remedy._find_rights``
        """
        dates = {}
        # Also tickets that the user does not see are looked at by the scheduler.
        for ticket in self.sudo():
            checks = [
                finding.check
                for _rule, finding in found.get(ticket, ())
                if finding.check
            ]
            date = min(checks, default=False)
            if ticket.remedy_check_date != date:
                dates.setdefault(date, self.browse())
                dates[date] |= ticket
        for date, tickets in dates.items():
            tickets.sudo()._step({"remedy_check_date": date})  # as above

    def action_view_remedies(self):
        """Open the remedies of these tickets."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_remedy_action"
        )
        return {**action, "domain": [("ticket_id", "in", self.ids)], "context": {}}
