import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

# Written by the decision alone.
FACTS = frozenset(
    {
        "name",
        "state",
        "equipment_id",
        "refuse_reason",
        "decided_by_id",
        "decide_date",
    }
)
# What the decision was about; it stays as it was decided.
CLAIM = frozenset(
    {
        "company_id",
        "partner_id",
        "product_id",
        "product_text",
        "serial",
        "invoice_ref",
        "purchase_date",
        "note",
    }
)
DESK = "aftersales_service.aftersales_service_group_agent"


class AftersalesRegistration(models.Model):
    """A unit that a customer says he owns, to be confirmed by a person (R13, R16)."""

    _name = "aftersales.registration"
    _description = "Unit Registration"
    _inherit = ["aftersales.document.mixin", "mail.thread", "mail.activity.mixin"]
    _facts = FACTS
    _order = "id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        check_company=True,
        index=True,
        tracking=True,
    )
    partner_phone = fields.Char(related="partner_id.phone", string="Phone")
    serial = fields.Char(
        string="Serial Number", required=True, index="trigram", tracking=True
    )
    product_text = fields.Char(
        string="Product as Typed", help="What the customer calls it."
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        check_company=True,
        index="btree_not_null",
        domain="[('type', '!=', 'service'), ('company_id', 'in', [False, company_id])]",
        tracking=True,
        help="Needed when no unit in use has this serial number.",
    )
    invoice_ref = fields.Char(string="Invoice Number", tracking=True)
    purchase_date = fields.Date(tracking=True)
    note = fields.Text(string="Remarks")
    state = fields.Selection(
        selection=[
            ("pending", "To Check"),
            ("confirmed", "Confirmed"),
            ("refused", "Refused"),
        ],
        default="pending",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        help="To Check: sent by the customer, nobody has decided yet.\n"
        "Confirmed: the unit is registered to the customer.\n"
        "Refused: the customer was told why.",
    )
    equipment_id = fields.Many2one(
        comodel_name="aftersales.equipment",
        string="Unit",
        check_company=True,
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    refuse_reason = fields.Char(
        string="Refused because", readonly=True, copy=False, tracking=True
    )
    decided_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Decided by",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    decide_date = fields.Datetime(string="Decided on", readonly=True, copy=False)
    # Whether a serial number is known, and whose it is, is not for the portal.
    match_ids = fields.Many2many(
        comodel_name="aftersales.equipment",
        string="Units with This Serial Number",
        compute="_compute_match_ids",
        groups=DESK,
    )
    can_confirm = fields.Boolean(compute="_compute_can")
    can_refuse = fields.Boolean(compute="_compute_can")

    _name_uniq = models.UniqueIndex(
        "(company_id, name) WHERE name <> '/'",
        "The number of a registration must be unique per company.",
    )
    _refuse_reason_set = models.Constraint(
        "CHECK (state <> 'refused' OR refuse_reason IS NOT NULL)",
        "A refused registration says why.",
    )
    _pending_idx = models.Index("(company_id) WHERE state = 'pending'")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("serial", "company_id")
    def _compute_match_ids(self):
        by_key = self._find_units(only_in_use=False)
        for registration in self:
            registration.match_ids = by_key.get(registration._get_serial_key(), False)

    @api.depends("state")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        is_agent = self.env.su or self.env.user.has_group(DESK)
        for registration in self:
            pending = is_agent and registration.state == "pending"
            registration.can_confirm = registration.can_refuse = pending

    @api.depends("name", "serial")
    def _compute_display_name(self):
        for registration in self:
            parts = (registration.name, registration.serial)
            registration.display_name = " · ".join(part for part in parts if part)

    # ------------------------------------------------------------
    # CONSTRAINS
    # ------------------------------------------------------------

    @api.constrains("serial")
    def _check_serial(self):
        if any(not registration.serial.strip() for registration in self):
            raise ValidationError(self.env._("Type the serial number of the unit."))

    @api.constrains("purchase_date")
    def _check_purchase_date(self):
        today = fields.Date.context_today(self)
        if late := self.filtered(lambda r: r.purchase_date and r.purchase_date > today):
            raise ValidationError(
                self.env._(
                    "Nothing was bought in the future, correct the purchase date: %s",
                    ", ".join(late.mapped("display_name")),
                )
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        self._number(vals_list)
        registrations = super().create(vals_list)
        registrations._call_supervisor()
        return registrations

    def write(self, vals):
        self._ensure_no_facts(vals)
        if CLAIM & vals.keys() and not self._is_by_method():
            self._ensure_pending()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        """A decision is a record and stays (R66)."""
        self._ensure_pending()

    def _ensure_pending(self):
        if decided := self.filtered(lambda r: r.state != "pending"):
            raise UserError(
                self.env._(
                    "These registrations are decided and stay as they are; correct "
                    "the unit instead: %s",
                    ", ".join(decided.mapped("display_name")),
                )
            )

    def _call_supervisor(self):
        """Give the supervisor of the company's team a to-do, if there is one."""
        teams = self.env["aftersales.team"].search(
            [
                ("company_id", "in", self.company_id.ids),
                ("supervisor_id", "!=", False),
            ]
        )
        supervisors = {}
        for team in teams:
            supervisors.setdefault(team.company_id, team.supervisor_id)
        for company, registrations in self.grouped("company_id").items():
            if supervisor := supervisors.get(company):
                registrations.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._("Check the registration"),
                    user_id=supervisor.id,
                )

    # ------------------------------------------------------------
    # MATCHING
    # ------------------------------------------------------------

    @api.model
    def _clean_serial(self, serial):
        """Return a serial number as it is compared: people read it off a plate."""
        return " ".join((serial or "").split()).lower()

    def _find_units(self, only_in_use=True):
        """Return ``{(company, serial): units}`` with the typed serial numbers.

        Neither case nor the archive hides a unit: the number is taken.
        """
        typed = {" ".join((registration.serial or "").split()) for registration in self}
        domain = Domain("company_id", "in", self.company_id.ids) & Domain.OR(
            Domain("serial", "=ilike", re.sub(r"([\\%_])", r"\\\1", serial))
            for serial in typed
            if serial
        )
        if only_in_use:
            domain &= Domain("state", "=", "active")
        Equipment = self.env["aftersales.equipment"].with_context(active_test=False)
        return Equipment.search(domain, order="state, id desc").grouped(
            lambda unit: (unit.company_id, self._clean_serial(unit.serial))
        )

    def _get_serial_key(self):
        self.ensure_one()
        return self.company_id, self._clean_serial(self.serial)
