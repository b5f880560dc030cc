from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_datetime

from ..tools.phone import is_same_number, key_of
from ..tools.question import Question

LAST_CALLS = 5


class AftersalesTicketCall(models.TransientModel):
    """The telephone form: number, customer, unit, symptom, save (R01)."""

    _name = "aftersales.ticket.call"
    _description = "Telephone Call"

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, default=lambda self: self.env.company
    )
    phone = fields.Char(help="Number on the display, in any notation.")
    caller_ids = fields.Many2many(
        comodel_name="res.partner",
        relation="aftersales_ticket_call_partner_rel",
        string="Contacts with This Number",
        compute="_compute_caller_ids",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
    )
    partner_name = fields.Char(
        string="Caller",
        compute="_compute_partner_name",
        store=True,
        readonly=False,
        help="Who calls. A number that is not known needs no contact: the name is kept "
        "on the ticket.",
    )
    can_create_contact = fields.Boolean(compute="_compute_can_create_contact")
    create_contact = fields.Boolean(
        help="Keep name and number of the caller as a new contact."
    )
    unit_ids = fields.Many2many(
        comodel_name="aftersales.equipment",
        relation="aftersales_ticket_call_equipment_rel",
        string="Units of the Customer",
        compute="_compute_unit_ids",
    )
    unit_domain = fields.Binary(compute="_compute_unit_domain")
    equipment_id = fields.Many2one(
        comodel_name="aftersales.equipment",
        string="Unit",
        compute="_compute_equipment_id",
        store=True,
        readonly=False,
    )
    warranty_text = fields.Char(string="Warranty", compute="_compute_warranty_text")
    symptom = fields.Char()
    priority = fields.Selection(
        selection=[("0", "Normal"), ("1", "Urgent"), ("2", "Very Urgent")], default="0"
    )
    team_id = fields.Many2one(
        comodel_name="aftersales.team",
        default=lambda self: self.env["aftersales.team"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        ),
    )
    similar_ids = fields.Many2many(
        comodel_name="aftersales.ticket",
        relation="aftersales_ticket_call_similar_rel",
        string="Open Tickets of the Same Unit or Phone",
        compute="_compute_ticket_ids",
    )
    existing_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        string="Add to",
        compute="_compute_existing_id",
        store=True,
        readonly=False,
        help="Open ticket that the caller means.",
    )
    history = fields.Html(
        string="Last Calls", compute="_compute_ticket_ids", sanitize=False
    )
    solution_ids = fields.Many2many(
        comodel_name="aftersales.solution",
        relation="aftersales_ticket_call_solution_rel",
        string="Known Solutions",
        compute="_compute_solution_ids",
    )
    missed_call_id = fields.Many2one(
        comodel_name="aftersales.missed.call", readonly=True
    )
    missed_count = fields.Integer(
        string="Missed Calls of This Number", compute="_compute_missed_count"
    )

    # ------------------------------------------------------------
    # WHO CALLS
    # ------------------------------------------------------------

    @api.depends("phone", "company_id")
    def _compute_caller_ids(self):
        for call in self:
            known = self.env["res.partner"]._aftersales_find_by_phones(
                [call.phone or ""], call.company_id
            )
            call.caller_ids = known[call.phone or ""]

    @api.depends("caller_ids")
    def _compute_partner_id(self):
        """Take the only family with this number; of several the agent chooses."""
        for call in self:
            callers = call.caller_ids._origin
            if not callers:
                # Another number of somebody who was found by his name.
                call.partner_id = call.partner_id
            elif call.partner_id not in callers:
                persons = callers.filtered(lambda caller: not caller.is_company)
                one = len(callers.commercial_partner_id) == 1
                call.partner_id = (persons or callers)[:1] if one else False

    @api.depends("partner_id", "phone")
    def _compute_partner_name(self):
        for call in self:
            if call.partner_id:
                call.partner_name = call.partner_id.name
            elif key_of(call.phone) and not call.partner_name:
                earlier = call._get_earlier(limit=1)
                call.partner_name = earlier.partner_name
            else:
                call.partner_name = call.partner_name

    @api.depends_context("uid")
    def _compute_can_create_contact(self):
        self.can_create_contact = self.env["res.partner"].has_access("create")

    @api.depends("phone", "company_id")
    def _compute_missed_count(self):
        for call in self:
            call.missed_count = len(call._get_missed_calls())

    def _get_missed_calls(self):
        """Return the calls of this number that wait to be called back."""
        self.ensure_one()
        key = key_of(self.phone)
        if not key:
            return self.missed_call_id
        calls = self.env["aftersales.missed.call"].search(
            Domain("phone_key", "=", key)
            & Domain("state", "=", "open")
            & Domain("company_id", "=", self.company_id.id)
        )
        return calls.filtered(lambda missed: is_same_number(missed.phone, self.phone))

    # ------------------------------------------------------------
    # WHICH UNIT
    # ------------------------------------------------------------

    def _get_unit_domain(self):
        """Domain of the units in use of the customer, of all when he is not known."""
        self.ensure_one()
        in_use = Domain("state", "=", "active") & Domain(
            "company_id", "=", self.company_id.id
        )
        callers = self.partner_id or self.caller_ids
        if not callers:
            return in_use
        families = callers._origin.commercial_partner_id
        return in_use & Domain.OR(
            Domain(field, "child_of", families.ids)
            for field in ("partner_id", "site_id", "dealer_id")
        )

    @api.depends("partner_id", "caller_ids", "company_id")
    def _compute_unit_ids(self):
        Equipment = self.env["aftersales.equipment"]
        for call in self:
            if call.partner_id or call.caller_ids:
                call.unit_ids = Equipment.search(call._get_unit_domain(), limit=200)
            else:
                # Of an unknown caller every unit may be meant: nothing to list.
                call.unit_ids = Equipment

    @api.depends("partner_id", "caller_ids", "company_id")
    def _compute_unit_domain(self):
        for call in self:
            call.unit_domain = list(call._get_unit_domain())

    @api.depends("unit_ids")
    def _compute_equipment_id(self):
        for call in self:
            units = call.unit_ids._origin
            unknown = not (call.partner_id or call.caller_ids)
            if call.equipment_id and (unknown or call.equipment_id in units):
                call.equipment_id = call.equipment_id
            elif call.partner_id and len(units) == 1:
                call.equipment_id = units
            else:
                call.equipment_id = False

    @api.depends("equipment_id")
    def _compute_warranty_text(self):
        Equipment = self.env["aftersales.equipment"]
        for call in self:
            unit = call.equipment_id._origin
            if not unit:
                call.warranty_text = False
                continue
            question = Question(unit=unit, kind="labour", day=unit._get_local_day())
            answer = Equipment._decide_coverages([question])[0]
            call.warranty_text = Equipment._explain_coverage(
                answer["code"], answer["facts"]
            )

    # ------------------------------------------------------------
    # WHAT HE CALLED FOR BEFORE
    # ------------------------------------------------------------

    def _get_earlier(self, limit=LAST_CALLS):
        """Return the last tickets of this number, unit or customer, newest first."""
        self.ensure_one()
        alike = Domain.FALSE
        if key := key_of(self.phone):
            alike |= Domain("phone_key", "=", key)
        if self.equipment_id:
            alike |= Domain("equipment_id", "=", self.equipment_id._origin.id)
        if self.partner_id:
            alike |= Domain("partner_id", "=", self.partner_id._origin.id)
        if alike.is_false():
            return self.env["aftersales.ticket"]
        return self.env["aftersales.ticket"].search(
            alike & Domain("company_id", "=", self.company_id.id),
            order="date_open desc, id desc",
            limit=limit,
        )

    @api.depends("phone", "equipment_id", "partner_id", "company_id")
    def _compute_ticket_ids(self):
        Ticket = self.env["aftersales.ticket"]
        states = dict(Ticket._fields["state"]._description_selection(self.env))
        for call in self:
            unit = call.equipment_id._origin
            found = Ticket._find_similar(unit, [call.phone], call.company_id)
            call.similar_ids = found.filtered(
                lambda ticket, call=call, unit=unit: ticket._is_similar(
                    unit, call.phone, call.company_id
                )
            )
            call.history = Markup("").join(
                Markup("<div>%s</div>")
                % " · ".join(
                    filter(
                        None,
                        (
                            format_datetime(
                                self.env, ticket.date_open, dt_format="short"
                            ),
                            ticket.partner_name,
                            ticket.display_name,
                            ticket.unit_label,
                            states[ticket.state],
                        ),
                    )
                )
                for ticket in call._get_earlier()
            )

    @api.depends("similar_ids")
    def _compute_existing_id(self):
        for call in self:
            similar = call.similar_ids._origin
            if call.existing_id not in similar:
                call.existing_id = similar if len(similar) == 1 else False

    @api.depends("equipment_id", "symptom", "company_id")
    def _compute_solution_ids(self):
        """Propose what helped before, while the customer is on the line (R11)."""
        Ticket = self.env["aftersales.ticket"]
        for call in self:
            call.solution_ids = Ticket._propose_solutions(
                call.equipment_id.product_id,
                self.env["aftersales.fault"],
                call.symptom,
                call.company_id,
                limit=3,
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_save(self):
        """Register the call as a new ticket.

        :raise UserError: when nobody could be called back, or nothing is said
        """
        ticket = self._register_call()
        return self._get_done_action(
            self.env._("%s is registered.", ticket.display_name)
        )

    def action_save_and_open(self):
        """Register the call as a new ticket, and open it.

        :raise UserError: as :meth:`action_save`
        """
        return self.env["aftersales.equipment"]._get_form_action(self._register_call())

    def action_add(self):
        """Add the call to an open ticket of the same unit or phone.

        :raise UserError: without the ticket, or when nothing is said
        """
        self.ensure_one()
        ticket = self.existing_id
        if not ticket or ticket not in self.similar_ids:
            raise UserError(self.env._("Choose the open ticket that the caller means."))
        self._ensure_symptom()
        ticket.check_access("write")
        caller = " · ".join(filter(None, (self.partner_name, self.phone)))
        ticket.message_post(
            body=Markup("<b>%s</b> %s<br/>%s")
            % (self.env._("Called again:"), caller, self.symptom),
            subtype_xmlid="mail.mt_note",
            partner_ids=ticket.user_id.partner_id.ids,
        )
        ticket._take_answer()
        self._get_missed_calls()._link(ticket)
        return self._get_done_action(self.env._("Added to %s.", ticket.display_name))

    def _ensure_symptom(self):
        if not (self.symptom or "").strip():
            raise UserError(self.env._("Say in a few words what is wrong."))

    def _register_call(self):
        self.ensure_one()
        self._ensure_symptom()
        if not (self.partner_id or self.partner_name or self.phone):
            raise UserError(
                self.env._("Note who calls: a number, a name or a customer.")
            )
        if self.create_contact and not self.partner_id:
            self._create_contact()
        ticket = self.env["aftersales.ticket"].create(self._prepare_ticket_vals())
        missed = self._get_missed_calls() | self.missed_call_id
        missed.filtered(lambda call: call.state == "open")._link(ticket)
        return ticket

    def _create_contact(self):
        """Keep the caller as a contact.

        :raise UserError: without a name
        :raise AccessError: when the user may not create contacts
        """
        if not (self.partner_name or "").strip():
            raise UserError(self.env._("Type the name of the new contact."))
        self.partner_id = self.env["res.partner"].create(
            {"name": self.partner_name.strip(), "phone": self.phone}
        )

    def _prepare_ticket_vals(self):
        """Return the values of the ticket (hook)."""
        self.ensure_one()
        vals = {
            "channel": "phone",
            "symptom": self.symptom.strip(),
            "priority": self.priority,
            "company_id": self.company_id.id,
            "equipment_id": self.equipment_id.id,
            "partner_name": self.partner_name,
        }
        if self.team_id:
            vals["team_id"] = self.team_id.id
        if self.phone:
            vals["partner_phone"] = self.phone
        if self.partner_id and not self.equipment_id:
            vals["partner_id"] = self.partner_id.id
        return vals

    def _get_done_action(self, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
