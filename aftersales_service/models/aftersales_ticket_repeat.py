from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

STAFF = "aftersales_service.aftersales_service_group_technician"


class AftersalesTicket(models.Model):
    """The same fault of the same unit again (R07)."""

    _inherit = "aftersales.ticket"

    repeat_of_id = fields.Many2one(
        compute="_compute_repeat_of_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Earlier ticket of the same unit and fault; found by itself when it was "
        "solved a short time ago.",
    )
    repeat_manual = fields.Boolean(
        string="Repeat Decided by Hand",
        compute="_compute_repeat_manual",
        store=True,
        readonly=False,
        copy=False,
        groups=STAFF,
        help="Somebody set or removed the earlier ticket: it is not looked for again "
        "until the unit changes.",
    )
    repeat_ids = fields.One2many(
        comodel_name="aftersales.ticket",
        inverse_name="repeat_of_id",
        string="Came Again as",
    )
    is_repeat = fields.Boolean(
        string="Repeat Repair",
        compute="_compute_is_repeat",
        store=True,
        precompute=True,
        groups=STAFF,
    )
    repeat_total = fields.Integer(
        string="Repeat Repairs",
        compute="_compute_is_repeat",
        store=True,
        precompute=True,
        groups=STAFF,
        help="1 for a repeat repair, to be summed up.",
    )
    repeat_count = fields.Integer(
        string="Came Again",
        compute="_compute_repeat_count",
        store=True,
        recursive=True,
        copy=False,
        aggregator="max",
        groups=STAFF,
        help="How often the fault came again after this ticket.",
    )
    repeat_notice = fields.Char(
        string="Same Fault",
        compute="_compute_repeat_notice",
        groups=STAFF,
    )

    _repeat_idx = models.Index(
        "(equipment_id, done_date) WHERE state IN ('solved', 'closed')"
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    def _compute_repeat_manual(self):
        """Keep the links of the time before they were found by themselves."""
        for ticket in self:
            ticket.repeat_manual = bool(ticket.repeat_of_id)

    @api.depends("equipment_id", "fault_id", "found_fault_id", "date_open")
    def _compute_repeat_of_id(self):
        """Find the latest earlier repair of the same fault, for the whole batch.

        The rule: same unit, same fault or one above it in the tree, solved within the
        company's window before the call (R07). What a person decided stays.
        """
        asked = self.filtered(
            lambda ticket: ticket.equipment_id
            and (ticket.fault_id or ticket.found_fault_id)
            and ticket.date_open
            and not ticket.repeat_manual
        )
        candidates = asked._find_repaired()
        # The tree of all of them at once.
        known = asked.union(*candidates.values()).sudo()
        (known.fault_id | known.found_fault_id).fetch()
        for ticket in self:
            earlier = ticket.repeat_of_id
            if ticket.repeat_manual:
                same_unit = earlier.equipment_id == ticket.equipment_id
                ticket.repeat_of_id = earlier if same_unit else False
                continue
            origin = ticket._origin
            ticket.repeat_of_id = next(
                (
                    candidate
                    for candidate in candidates.get(ticket.equipment_id._origin, ())
                    if candidate != origin and ticket._is_repeat_of(candidate)
                ),
                False,
            )

    def _find_repaired(self):
        """Return ``{unit: tickets}`` that these may repeat, the latest first."""
        if not self:
            return {}
        opened = self.mapped("date_open")
        days = max(self.company_id.mapped("aftersales_repeat_days"), default=0)
        since = min(opened) - timedelta(days=days)
        solved = Domain("done_date", ">=", since) | (
            Domain("done_date", "=", False) & Domain("solve_date", ">=", since)
        )
        # It is a repeat whoever registers it, also of a colleague's ticket.
        return (
            self.sudo()
            .search_fetch(
                Domain("equipment_id", "in", self.equipment_id._origin.ids)
                & Domain("state", "in", ("solved", "closed"))
                & (
                    Domain("fault_id", "!=", False)
                    | Domain("found_fault_id", "!=", False)
                )
                & Domain("date_open", "<=", max(opened))
                & solved,
                order="date_open DESC, id DESC",
            )
            .grouped("equipment_id")
        )

    def _is_repeat_of(self, earlier):
        """Tell whether this call is about the fault repaired on an earlier ticket."""
        self.ensure_one()
        end = earlier.done_date or earlier.solve_date
        window = timedelta(days=self.company_id.aftersales_repeat_days)
        if not end <= self.date_open <= end + window:
            return False
        # Once both were looked at, what was found counts, not what was reported.
        if self.found_fault_id and earlier.found_fault_id:
            pairs = [(self.found_fault_id, earlier.found_fault_id)]
        else:
            pairs = [
                (own, other)
                for own in self.fault_id | self.found_fault_id
                for other in earlier.fault_id | earlier.found_fault_id
            ]
        return any(self._is_same_branch(*pair) for pair in pairs)

    @api.model
    def _is_same_branch(self, one, other):
        one, other = one.parent_path or "", other.parent_path or ""
        return bool(one and other) and (one.startswith(other) or other.startswith(one))

    @api.depends("repeat_of_id", "state")
    def _compute_is_repeat(self):
        for ticket in self:
            ticket.is_repeat = ticket.repeat_of_id and ticket.state != "cancelled"
            ticket.repeat_total = int(ticket.is_repeat)

    @api.depends("repeat_ids.is_repeat", "repeat_ids.repeat_count")
    def _compute_repeat_count(self):
        for ticket in self:
            ticket.repeat_count = sum(
                again.repeat_total + again.repeat_count
                for again in ticket.repeat_ids._origin
            )

    @api.depends("repeat_of_id", "repeat_count")
    @api.depends_context("lang")
    def _compute_repeat_notice(self):
        for ticket in self:
            texts = []
            # The story of the unit is for whoever works on it.
            ticket_sudo = ticket.sudo()
            if earlier := ticket_sudo.repeat_of_id:
                texts.append(
                    self.env._(
                        "Repeat repair: the same fault was solved on %(date)s "
                        "(%(ticket)s).",
                        date=earlier._get_repair_day() or "–",
                        ticket=earlier.name,
                    )
                )
            if ticket_sudo.repeat_count:
                texts.append(
                    self.env._(
                        "The fault came again (%(count)s): %(tickets)s.",
                        count=ticket_sudo.repeat_count,
                        tickets=", ".join(ticket_sudo.repeat_ids.mapped("name")),
                    )
                )
            ticket.repeat_notice = " ".join(texts) or False

    def _get_repair_day(self):
        """Return the day of the solution where the company works, in words."""
        self.ensure_one()
        moment = self.done_date or self.solve_date
        return moment and format_date(
            self.env, self.company_id._aftersales_today(moment)
        )

    # ------------------------------------------------------------
    # DECIDED BY HAND
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(
            [
                {**vals, "repeat_manual": bool(vals.get("repeat_of_id"))}
                for vals in vals_list
            ]
        )
        # Precomputing leaves the unsaved records there.
        tickets.repeat_of_id.invalidate_recordset(["repeat_ids"], flush=False)
        return tickets

    def write(self, vals):
        if "repeat_of_id" in vals:
            vals = {**vals, "repeat_manual": True}
        elif "equipment_id" in vals:
            vals = {**vals, "repeat_manual": False}
        return super().write(vals)

    def action_view_repeats(self):
        """Open the tickets of the same fault: those before and those after."""
        self.ensure_one()
        chain = self
        while found := (chain.repeat_of_id | chain.repeat_ids) - chain:
            chain |= found
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_ticket_action"
        )
        return {
            **action,
            "name": self.env._("Same Fault"),
            "domain": [("id", "in", chain.ids)],
            "context": {},
        }
