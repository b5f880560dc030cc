from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

AGENT = "aftersales_service.aftersales_service_group_agent"
# Columns of the attendance sheet
ROW = ("name", "role", "phone", "certificate")
LEVELS = [
    ("1", "Dissatisfied"),
    ("2", "Fair"),
    ("3", "Satisfied"),
    ("4", "Very Satisfied"),
]


class AftersalesTraining(models.Model):
    """Training of a customer's operators, training or drill of our staff (R37, R70)."""

    _name = "aftersales.training"
    _description = "Training"
    _inherit = [
        "aftersales.document.mixin",
        "hr.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _facts = frozenset({"name", "state"})
    _order = "date desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(string="Training")
    kind = fields.Selection(
        selection=[("customer", "Customer's Operators"), ("staff", "Own Staff")],
        required=True,
        default="customer",
        index=True,
        tracking=True,
    )
    staff_kind = fields.Selection(
        selection=[
            ("training", "Training"),
            ("emergency", "Emergency Training"),
            ("drill", "Emergency Drill"),
        ],
        string="Kind of Training",
        compute="_compute_staff_kind",
        store=True,
        readonly=False,
        precompute=True,
    )
    state = fields.Selection(
        selection=[
            ("planned", "Planned"),
            ("done", "Held"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="planned",
        copy=False,
        index=True,
        tracking=True,
    )
    date = fields.Date(
        required=True,
        index=True,
        copy=False,
        default=lambda self: self.env.company._aftersales_today(),
        tracking=True,
    )
    hours = fields.Float(default=2.0, required=True)
    place = fields.Char(help="Empty: at the customer's, or on our own premises.")
    trainer_id = fields.Many2one(
        comodel_name="hr.employee",
        default=lambda self: self._get_default_trainer(),
        index="btree_not_null",
        help="Who trains, or leads the drill.",
    )
    trainer_user_id = fields.Many2one(
        related="trainer_id.user_id", store=True, string="User of the Trainer"
    )
    topics = fields.Text(help="What is taught, or drilled.")
    result = fields.Text(copy=False, help="How it went, what has to be better.")

    # ------------------------------------------------------------
    # The customer's operators
    # ------------------------------------------------------------
    dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch",
        string="Dispatch Order",
        check_company=True,
        index="btree_not_null",
        copy=False,
    )
    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        compute="_compute_ticket_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
    )
    equipment_id = fields.Many2one(
        comodel_name="aftersales.equipment",
        string="Unit",
        compute="_compute_from_ticket",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        compute="_compute_from_ticket",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
        tracking=True,
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        compute="_compute_from_ticket",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
    )
    participant_ids = fields.One2many(
        comodel_name="aftersales.training.participant",
        inverse_name="training_id",
        string="Participants",
    )
    level_before = fields.Selection(
        selection=LEVELS,
        string="Before the Training",
        copy=False,
        help="How satisfied they were with what they knew of the product.",
    )
    opinion_before = fields.Text(string="Wishes and Opinions Before", copy=False)
    level_after = fields.Selection(
        selection=LEVELS,
        string="After the Training",
        copy=False,
        help="How satisfied they are with the training.",
    )
    opinion_after = fields.Text(string="Wishes and Opinions After", copy=False)
    signature = fields.Image(
        string="Customer's Signature",
        max_width=1024,
        max_height=1024,
        copy=False,
        attachment=True,
    )
    signed_by = fields.Char(copy=False)

    # ------------------------------------------------------------
    # Own staff
    # ------------------------------------------------------------
    employee_ids = fields.Many2many(
        comodel_name="hr.employee",
        relation="aftersales_training_hr_employee_rel",
        string="Staff",
    )
    participant_count = fields.Integer(compute="_compute_participant_count")
    can_hold = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")
    can_reopen = fields.Boolean(compute="_compute_can")

    _name_uniq = models.UniqueIndex(
        "(company_id, name) WHERE name <> '/'",
        "The number of a training must be unique per company.",
    )
    _hours_in_a_day = models.Constraint(
        "CHECK (hours > 0 AND hours <= 24)",
        "The hours of a training lie between 0 and 24.",
    )
    _staff_has_kind = models.Constraint(
        "CHECK (kind <> 'staff' OR staff_kind IS NOT NULL)",
        "Say what kind of training of the staff it is.",
    )
    _duty_idx = models.Index("(company_id, staff_kind, date) WHERE kind = 'staff'")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _get_default_trainer(self):
        # Whose user one is, is for everybody to know of himself.
        employees_sudo = self.env.user.sudo().employee_ids
        own = employees_sudo.filtered_domain([("company_id", "=", self.env.company.id)])
        return own[:1].id

    @api.depends("kind")
    def _compute_staff_kind(self):
        for training in self:
            if training.kind == "staff":
                training.staff_kind = training.staff_kind or "training"
            else:
                training.staff_kind = False

    @api.depends("dispatch_id")
    def _compute_ticket_id(self):
        for training in self:
            training.ticket_id = training.dispatch_id.ticket_id or training.ticket_id

    @api.depends("ticket_id", "equipment_id")
    def _compute_from_ticket(self):
        for training in self:
            ticket = training.ticket_id
            unit = ticket.equipment_id or training.equipment_id
            training.equipment_id = unit
            training.partner_id = (
                ticket.partner_id or unit.partner_id or training.partner_id
            )
            training.product_id = (
                ticket.product_id or unit.product_id or training.product_id
            )

    @api.depends("kind", "participant_ids", "employee_ids")
    def _compute_participant_count(self):
        for training in self:
            own = training.kind == "staff"
            people = training.employee_ids if own else training.participant_ids
            training.participant_count = len(people)

    @api.depends("state")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        is_agent = self.env.su or self.env.user.has_group(AGENT)
        for training in self:
            training.can_hold = training.state == "planned"
            training.can_cancel = training.state == "planned"
            training.can_reopen = is_agent and training.state != "planned"

    @api.depends("name", "kind", "partner_id", "staff_kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["staff_kind"]._description_selection(self.env))
        for training in self:
            what = (
                kinds.get(training.staff_kind)
                if training.kind == "staff"
                else training.partner_id.name
            )
            training.display_name = " · ".join(filter(None, (training.name, what)))

    # ------------------------------------------------------------
    # CONSTRAINS
    # ------------------------------------------------------------

    @api.constrains("kind", "partner_id")
    def _check_customer(self):
        if self._is_by_method():
            return  # somebody was erased
        for training in self:
            if training.kind == "customer" and not training.partner_id:
                raise ValidationError(
                    self.env._(
                        "%s: say whose operators are trained: the customer, his unit, "
                        "the ticket or the visit.",
                        training.name,
                    )
                )

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            self._ensure_no_facts(vals)
        self._number(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_held(self):
        """What was held is a record."""
        if held := self.filtered(lambda training: training.state == "done"):
            held._refuse(self.env._("Held trainings stay in the register."))

    def action_hold(self):
        """Note that the training was held.

        :raise UserError: before its day, or without participants and topics
        """
        self._ensure_can("can_hold", self.env._("It is held or cancelled already."))
        for training in self:
            if training.date > training.company_id._aftersales_today():
                training._refuse(self.env._("Its day has not come: change the date."))
            if not training.participant_count:
                training._refuse(self.env._("Name those who took part."))
            if not (training.topics or "").strip():
                training._refuse(self.env._("Say what was taught."))
        return self._step("done")

    def action_cancel(self):
        """Cancel trainings that are not held.

        :raise UserError: when one was held
        """
        self._ensure_can("can_cancel", self.env._("Only planned ones are cancelled."))
        return self._step("cancelled")

    def action_reopen(self):
        """Put trainings back to planned, to mend them.

        :raise UserError: below agents, or when it is planned
        """
        self._ensure_can(
            "can_reopen", self.env._("Only the desk takes held ones up again.")
        )
        return self._step("planned")

    def _step(self, state):
        self._by_method().write({"state": state})
        return True

    # ------------------------------------------------------------
    # OPENING
    # ------------------------------------------------------------

    @api.model
    def _get_action(self, domain, **defaults):
        """Return the register of some trainings, with the values of a new one."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_training_action"
        )
        return {
            **action,
            "domain": list(Domain(domain)),
            "context": {f"default_{field}": value for field, value in defaults.items()},
        }

    def _get_print_lang(self):
        """Return the language of the attendance sheet: that of who signs it."""
        self.ensure_one()
        own = self.env.lang or "en_US"
        # The language of a customer is no secret.
        return (self.kind == "customer" and self.partner_id.sudo().lang) or own

    def _get_sheet_rows(self):
        """Return the rows to sign, some of them empty for whoever comes, too."""
        self.ensure_one()
        if self.kind == "staff":
            # The name and job of a colleague are no secret.
            people_sudo = self.sudo().employee_ids
            rows = [
                {"name": person.name, "role": person.job_title}
                for person in people_sudo
            ]
        else:
            rows = self.participant_ids.read(["name", "role", "phone", "certificate"])
        rows = [{name: row.get(name) or "" for name in ROW} for row in rows]
        empty = max(3, 12 - len(rows)) if self.state == "planned" else 0
        return rows + [dict.fromkeys(ROW, "")] * empty

    def _get_file_name(self):
        self.ensure_one()
        return f"{self.env._('Attendance')} {self.name}".replace("/", "-")
