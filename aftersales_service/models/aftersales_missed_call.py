from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools.phone import is_same_number, key_of

FACTS = frozenset({"state", "date_done", "done_by_id", "ticket_id", "duty_ids"})


class AftersalesMissedCall(models.Model):
    """A call to the hotline that nobody answered (R10)."""

    _name = "aftersales.missed.call"
    _description = "Missed Call"
    _inherit = [
        "aftersales.fact.mixin",
        "mail.thread",
        "aftersales.person.mixin",
        "aftersales.import.mixin",
    ]
    _facts = FACTS
    _rec_name = "phone"
    _order = "date_call desc, id desc"
    _check_company_auto = True

    team_id = fields.Many2one(
        comodel_name="aftersales.team",
        required=True,
        index=True,
        check_company=True,
        default=lambda self: self.env["aftersales.team"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        ),
    )
    company_id = fields.Many2one(related="team_id.company_id", store=True, index=True)
    phone = fields.Char(
        required=True, help="Number of the caller as the telephone system shows it."
    )
    phone_key = fields.Char(
        compute="_compute_phone_key",
        store=True,
        precompute=True,
        export_string_translation=False,
    )
    date_call = fields.Datetime(
        string="Called on",
        required=True,
        index=True,
        default=fields.Datetime.now,
    )
    call_ref = fields.Char(
        string="Call ID",
        copy=False,
        help="Number of the call in the telephone system; one that is reported twice is "
        "recorded once.",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        index="btree_not_null",
        help="Found by the number.",
    )
    partner_name = fields.Char(string="Caller")
    duty_ids = fields.Many2many(
        comodel_name="res.users",
        relation="aftersales_missed_call_duty_rel",
        string="On Duty",
        readonly=True,
        copy=False,
        help="Who was on duty when the call came.",
    )
    in_hours = fields.Selection(
        selection=[("inside", "Within Hours"), ("outside", "Out of Hours")],
        string="Hotline Hours",
        compute="_compute_in_hours",
        store=True,
        help="Whether the hotline should have answered.",
    )
    state = fields.Selection(
        selection=[
            ("open", "To Call Back"),
            ("called_back", "Called Back"),
            ("registered", "Ticket Registered"),
        ],
        default="open",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    date_done = fields.Datetime(string="Called Back on", readonly=True, copy=False)
    done_by_id = fields.Many2one(
        comodel_name="res.users", string="Called Back by", readonly=True, copy=False
    )
    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    note = fields.Char()
    age_hours = fields.Float(
        string="Waiting (Hours)",
        compute="_compute_age_hours",
        aggregator=None,
        help="From the call to the call back, or until now.",
    )

    _ref_uniq = models.UniqueIndex(
        "(team_id, call_ref) WHERE call_ref IS NOT NULL",
        "This call of the telephone system is recorded already.",
    )
    _open_idx = models.Index("(company_id, date_call) WHERE state = 'open'")
    _phone_idx = models.Index("(phone_key) WHERE state = 'open'")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("phone")
    def _compute_phone_key(self):
        for call in self:
            call.phone_key = key_of(call.phone)

    @api.depends("team_id", "date_call")
    def _compute_in_hours(self):
        for team, calls in self.grouped("team_id").items():
            moments = {call.date_call for call in calls if call.date_call}
            answers = team._are_hotline_hours(moments) if team else {}
            for call in calls:
                inside = answers.get(call.date_call, True)
                call.in_hours = "inside" if inside else "outside"

    @api.depends("date_call", "date_done")
    def _compute_age_hours(self):
        now = fields.Datetime.now()
        for call in self:
            begin = call.date_call or now
            waited = (call.date_done or now) - begin
            call.age_hours = waited.total_seconds() / 3600

    @api.depends("phone", "partner_id.name", "partner_name")
    def _compute_display_name(self):
        for call in self:
            names = (call.phone, call.partner_id.name or call.partner_name)
            call.display_name = " · ".join(filter(None, names))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.constrains("date_call")
    def _check_date_call(self):
        now = fields.Datetime.now()
        if early := self.filtered(lambda call: call.date_call > now):
            raise ValidationError(
                self.env._(
                    "These calls cannot be recorded in the future: %s",
                    ", ".join(early.mapped("display_name")),
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        # Whom a call concerns is looked up, not announced to anybody.
        calls = super(
            AftersalesMissedCall,
            self.with_context(mail_create_nosubscribe=True, mail_create_nolog=True),
        ).create(vals_list)
        calls = calls.with_env(self.env)
        calls._find_customers()
        calls._note_duty()
        return calls

    def write(self, vals):
        self._ensure_no_facts(vals)
        result = super().write(vals)
        if {"team_id", "date_call"} & vals.keys() and not self._is_by_method():
            self._note_duty()
        return result

    def _find_customers(self):
        """Find who called by the number; one number of several families is nobody's."""
        unknown = self.filtered(lambda call: not call.partner_id and call.phone_key)
        for company, calls in unknown.grouped("company_id").items():
            known = self.env["res.partner"]._aftersales_find_by_phones(
                set(calls.mapped("phone")), company
            )
            for phone, alike in calls.grouped("phone").items():
                if len(known[phone].commercial_partner_id) == 1:
                    persons = known[phone].filtered(lambda who: not who.is_company)
                    alike.partner_id = (persons or known[phone])[:1]

    def _note_duty(self):
        """Note who was on duty when the calls came."""
        if not self:
            return
        duties = self.team_id._get_duties(
            min(self.mapped("date_call")), max(self.mapped("date_call"))
        )
        for call in self:
            users = duties.filtered(
                lambda duty, call=call: (
                    duty.team_id == call.team_id
                    and duty.date_from <= call.date_call < duty.date_to
                )
            ).user_id
            if users != call.duty_ids:
                call._by_method().duty_ids = users

    # ------------------------------------------------------------
    # TELEPHONE SYSTEM
    # ------------------------------------------------------------

    @api.model
    def record_missed_call(self, phone, date=None, team_id=None, call_ref=None):
        """Record a call that nobody answered; for telephone systems (R10).

        :param str phone: number of the caller in any notation, empty when he hides it
        :param str date: moment of the call as ``YYYY-MM-DD HH:MM:SS`` in UTC, now when
            empty
        :param int team_id: the team called; the first one of the company when empty
        :param str call_ref: number of the call in the telephone system; a call that is
            reported twice is recorded once
        :return: id of the record
        :raise AccessError: for others than the desk
        """
        Team = self.env["aftersales.team"]
        Team._ensure_desk()
        if not team_id:
            team_id = Team.search(
                [("company_id", "=", self.env.company.id)], limit=1
            ).id
        if call_ref:
            known = self.search(
                [("team_id", "=", team_id), ("call_ref", "=", str(call_ref))], limit=1
            )
            if known:
                return known.id
        vals = {
            "phone": (phone or "").strip() or self.env._("Hidden number"),
            "team_id": team_id,
            "call_ref": str(call_ref) if call_ref else False,
        }
        if date:
            vals["date_call"] = date
        return self.create(vals).id

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_called_back(self):
        """Note that the caller was called back, whatever he had wanted.

        All his open calls to the team are answered with it.

        :raise UserError: when it is answered already
        """
        self._ensure_open()
        self._answer({"state": "called_back"})
        return True

    def action_register(self):
        """Open the telephone form for the caller; saving it links the ticket."""
        self.ensure_one()
        self._ensure_open()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_ticket_call_action"
        )
        return {
            **action,
            "context": {
                "default_phone": self.phone,
                "default_partner_id": self.partner_id.id,
                "default_partner_name": self.partner_name,
                "default_team_id": self.team_id.id,
                "default_missed_call_id": self.id,
            },
        }

    def action_reopen(self):
        """Put calls back on the list that were answered by mistake."""
        self._by_method().write(
            {"state": "open", "date_done": False, "done_by_id": False}
        )
        return True

    def action_view_ticket(self):
        """Open the ticket of the call."""
        self.ensure_one()
        return self.env["aftersales.equipment"]._get_form_action(self.ticket_id)

    def _ensure_open(self):
        if done := self.filtered(lambda call: call.state != "open"):
            raise UserError(
                self.env._(
                    "These calls are answered already: %s",
                    ", ".join(done.mapped("display_name")),
                )
            )

    def _link(self, ticket):
        """Note that these calls led to a ticket."""
        self._answer({"state": "registered", "ticket_id": ticket.id})

    def _answer(self, vals):
        open_calls = self._get_open_of_callers()
        if open_calls:
            open_calls._by_method().write(
                {
                    **vals,
                    "date_done": fields.Datetime.now(),
                    "done_by_id": self.env.uid,
                }
            )

    def _get_open_of_callers(self):
        """Return the open calls of the same numbers to the same teams."""
        found = self.search(
            Domain("state", "=", "open")
            & Domain("team_id", "in", self.team_id.ids)
            & Domain("phone_key", "in", self.filtered("phone_key").mapped("phone_key"))
        )
        return self | found.filtered(
            lambda other: any(
                other.team_id == call.team_id
                and is_same_number(other.phone, call.phone)
                for call in self
            )
        )

    @api.model
    def get_import_templates(self):
        """Offer the template for missed calls in the import screen."""
        return [
            {
                "label": self.env._("Template for missed calls"),
                "template": "/aftersales/import_template/aftersales.missed.call",
            }
        ]

    @api.model
    def _get_import_columns(self):
        return [
            (
                "phone",
                True,
                "+86 138 0013 8000",
                self.env._("Number of the caller, in any notation."),
            ),
            (
                "date_call",
                True,
                fields.Datetime.now() - timedelta(hours=1),
                self.env._("When the call came, in your own time zone."),
            ),
            (
                "team_id",
                False,
                "",
                self.env._("Name of the team called; the first one when empty."),
            ),
            (
                "call_ref",
                False,
                "20260412-0017",
                self.env._("Number of the call in the telephone system."),
            ),
            ("partner_name", False, "", self.env._("Name of the caller, if known.")),
            ("note", False, "", self.env._("Anything else.")),
        ]

    @api.model
    def _get_import_keys(self):
        return [("call_ref",)]

    # ------------------------------------------------------------
    # PERSONS
    # ------------------------------------------------------------

    _person_links = ("partner_id",)
    _person_fields = frozenset({"partner_id", "partner_name", "phone"})

    @api.model
    def _get_person_domain(self, persons):
        """Calls of these contacts, and from their numbers."""
        domain = super()._get_person_domain(persons)
        keys = {key_of(phone) for phone in persons.mapped("phone")} - {None}
        if keys:
            domain |= Domain("partner_id", "=", False) & Domain(
                "phone_key", "in", list(keys)
            )
        return domain

    @api.model
    def _get_person_columns(self):
        return ["phone", "partner_name", "date_call", "state", "date_done", "note"]

    def _get_erased_label(self):
        self.ensure_one()
        return fields.Datetime.to_string(self.date_call)

    def _prepare_erased_vals(self, persons):
        return {
            **super()._prepare_erased_vals(persons),
            "partner_id": False,
            "partner_name": False,
            "phone": self._get_erased_text(),
            "note": False,
        }
