from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

AGENT = "aftersales_service.aftersales_service_group_agent"
LEAD = "aftersales_quality.aftersales_quality_group_lead"
OWNER = "aftersales_quality.mail_activity_type_aftersales_feedback"
ALARM = "aftersales_quality.mail_activity_type_aftersales_feedback_alarm"
FACTS = frozenset(
    {"name", "state", "answered_by_id", "date_answered", "alarm_date", "overdue_told"}
)
# What whoever raised the issue may still complete while it is open.
RAISED = frozenset({"kind", "topic", "alarm", "product_id", "lot_id", "description"})
# What the desk and quality decide, and the answer.
ROUTED = frozenset(
    {
        "answer",
        "company_id",
        "date",
        "date_due",
        "dispatch_id",
        "nonconformity_id",
        "owner_id",
        "raised_by_id",
        "repair_id",
        "return_id",
        "ticket_id",
    }
)


class AftersalesProductFeedback(models.Model):
    """What a job shows about a product, with an owner and a day (R96, F107).

    A defect of the product and a unit that cannot be repaired are the general
    manager's at once; the rest is summed up each week.
    """

    _name = "aftersales.product.feedback"
    _description = "Product Feedback"
    _inherit = [
        "aftersales.document.mixin",
        "aftersales.archive.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _facts = FACTS
    _kept_states = ("answered",)
    _order = "date desc, id desc"
    _rec_names_search = ["name", "description"]
    _check_company_auto = True
    _mail_post_access = "read"
    _step_access = "read"

    kind = fields.Selection(
        selection=[
            ("design", "Product Design"),
            ("production", "Made in Production"),
            ("purchased", "Purchased Part"),
        ],
        string="Where It Comes from",
        required=True,
        default="design",
        tracking=True,
    )
    topic = fields.Selection(
        selection=[
            ("quality", "Product Quality"),
            ("wish", "Wish of Customers"),
            ("problem", "Problem at Work"),
        ],
        required=True,
        default="quality",
        help="Part of the weekly summary in which it stands.",
    )
    alarm = fields.Selection(
        selection=[
            ("none", "Ordinary"),
            ("defect", "Defect of the Product"),
            ("unrepairable", "Cannot Be Repaired"),
        ],
        string="How Grave",
        required=True,
        default="none",
        tracking=True,
        help="A defect and a unit that cannot be repaired are reported to the general "
        "manager at once.",
    )
    alarm_date = fields.Datetime(
        string="General Manager Told on", readonly=True, copy=False
    )
    date = fields.Date(
        string="Raised on",
        required=True,
        default=lambda self: self.env.company._aftersales_today(),
        copy=False,
    )
    raised_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Raised by",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.user,
        copy=False,
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        compute="_compute_product_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    lot_id = fields.Many2one(
        comodel_name="stock.lot",
        compute="_compute_product_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
        domain="[('product_id', '=', product_id)]",
    )
    description = fields.Text(string="What Was Seen", required=True)
    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        compute="_compute_ticket_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
    )
    dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch",
        string="Visit",
        index="btree_not_null",
        check_company=True,
    )
    return_id = fields.Many2one(
        comodel_name="aftersales.return", index="btree_not_null", check_company=True
    )
    repair_id = fields.Many2one(
        comodel_name="repair.order",
        string="Workshop Repair",
        index="btree_not_null",
        check_company=True,
    )
    nonconformity_id = fields.Many2one(
        comodel_name="aftersales.nonconformity",
        index="btree_not_null",
        check_company=True,
    )
    owner_id = fields.Many2one(
        comodel_name="res.users",
        compute="_compute_owner_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Who answers: the lead of quality until it is given to somebody.",
    )
    date_due = fields.Date(
        string="Answer Due on",
        compute="_compute_date_due",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    answer = fields.Text(copy=False, help="What is done about it, or why nothing is.")
    answered_by_id = fields.Many2one(
        comodel_name="res.users", string="Answered by", readonly=True, copy=False
    )
    date_answered = fields.Datetime(string="Answered on", readonly=True, copy=False)
    overdue_told = fields.Boolean(readonly=True, copy=False)
    state = fields.Selection(
        selection=[
            ("open", "Open"),
            ("answered", "Answered"),
            ("cancelled", "Cancelled"),
        ],
        default="open",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        copy=False,
        group_expand=True,
    )
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    can_edit = fields.Boolean(compute="_compute_can")
    can_route = fields.Boolean(compute="_compute_can")
    can_answer = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")

    _open_idx = models.Index("(company_id, date_due) WHERE state = 'open'")
    _day_idx = models.Index("(company_id, date)")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("dispatch_id", "return_id", "repair_id", "nonconformity_id")
    def _compute_ticket_id(self):
        for feedback in self:
            feedback.ticket_id = (
                feedback.ticket_id
                or feedback.dispatch_id.ticket_id
                or feedback.return_id.ticket_id
                or feedback.repair_id.aftersales_ticket_id
                or feedback.nonconformity_id.ticket_id
            )

    @api.depends("ticket_id", "repair_id", "nonconformity_id", "return_id")
    def _compute_product_id(self):
        """The product the job is about, unless another one was chosen."""
        for feedback in self:
            lines = feedback.return_id.line_ids
            line = lines if len(lines) == 1 else lines.browse()
            for source in (
                feedback.nonconformity_id,
                feedback.repair_id,
                line,
                feedback.ticket_id,
            ):
                if feedback.product_id:
                    break
                feedback.product_id = source.product_id
                feedback.lot_id = source.lot_id

    @api.depends("company_id")
    def _compute_owner_id(self):
        for feedback in self:
            # Who leads quality is no secret.
            company_sudo = feedback.company_id.sudo()
            feedback.owner_id = (
                feedback.owner_id
                or company_sudo.aftersales_quality_lead_id
                or (company_sudo and company_sudo._aftersales_supervisor())
            )

    @api.depends("date", "company_id")
    def _compute_date_due(self):
        for feedback in self:
            # How long an answer takes is no secret.
            days = feedback.company_id.sudo().aftersales_feedback_days
            feedback.date_due = feedback.date_due or (
                feedback.date and feedback.date + timedelta(days=days)
            )

    @api.depends("state", "date_due")
    def _compute_is_overdue(self):
        for feedback in self:
            today = feedback.company_id and feedback.company_id._aftersales_today()
            due = feedback.date_due
            feedback.is_overdue = feedback.state == "open" and bool(due and due < today)

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in" or list(value) != [True]:
            return NotImplemented
        return Domain.OR(self._get_overdue_domain(c) for c in self.env.companies)

    @api.model
    def _get_overdue_domain(self, company):
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "open")
            & Domain("date_due", "<", company._aftersales_today())
        )

    @api.depends("state", "owner_id", "raised_by_id")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        user, desk = self.env.user, self._is_desk()
        for feedback in self:
            still_open = feedback.state == "open" or not feedback.id
            # Whoever raises it completes it.
            raised = feedback.raised_by_id == user or not feedback.id
            feedback.can_edit = still_open and (desk or raised)
            feedback.can_route = still_open and desk
            owner = desk or feedback.owner_id == user
            feedback.can_answer = bool(feedback.id) and still_open and owner
            feedback.can_cancel = bool(feedback.id) and still_open and desk

    @api.model
    def _is_desk(self):
        """Tell whether the user works on everybody's feedback."""
        user = self.env.user
        return self.env.su or user.has_group(AGENT) or user.has_group(LEAD)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        desk = self._is_desk()
        for vals in vals_list:
            self._ensure_no_facts(vals)
            if not desk:
                # Nobody raises an issue in somebody else's name.
                vals["raised_by_id"] = self.env.uid
        self._number(vals_list)
        feedback = super().create(vals_list)
        feedback._ask_owners()
        feedback._raise_alarm()
        return feedback

    def write(self, vals):
        self._ensure_no_facts(vals)
        if not self._is_by_method():
            self._ensure_editable(vals)
        before = {row: row.owner_id for row in self} if "owner_id" in vals else {}
        res = super().write(vals)
        if before:
            moved = self.filtered(lambda row: row.owner_id != before[row])
            moved._ask_owners()
        if "alarm" in vals:
            self._raise_alarm()
        return res

    def _ensure_editable(self, vals):
        """Refuse changes of what was answered, and by those it is not for.

        :raise UserError: naming the issues and the way out
        """
        given = vals.keys() & (RAISED | ROUTED)
        if not given:
            return
        if ended := self.filtered(lambda row: row.state != "open"):
            ended._refuse(
                self.env._("What was answered stays as it is; raise a new issue.")
            )
        if self._is_desk():
            return
        user = self.env.user
        for row in self:
            allowed = RAISED if row.raised_by_id == user else frozenset()
            if row.owner_id == user:
                allowed |= {"answer"}
            if given - allowed:
                row._refuse(
                    self.env._(
                        "Who raised it says what he saw, the owner answers; the desk "
                        "or quality gives it to somebody and moves the day."
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_open(self):
        """What was answered or reported to the general manager is a record."""
        if kept := self.filtered(lambda row: row.state != "open" or row.alarm_date):
            kept._refuse(self.env._("It is on record: cancel it instead."))

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def action_answer(self, answer=None):
        """Say what is done about it; whoever raised it is told (R96).

        :param str answer: the answer, the one on the form when empty
        :raise UserError: without an answer, twice, or for others than owner and desk
        """
        self._ensure_can(
            "can_answer", self.env._("The owner or the desk answers what is open.")
        )
        mute = self.filtered(lambda row: not (answer or row.answer or "").strip())
        if mute:
            mute._refuse(self.env._("Say first what is done about it."))
        for row in self:
            # Owners of other departments answer, and change nothing else.
            row.sudo()._by_method().write(
                {
                    "state": "answered",
                    "answer": answer or row.answer,
                    "answered_by_id": self.env.uid,
                    "date_answered": fields.Datetime.now(),
                }
            )
            if row.raised_by_id != self.env.user:
                row._notify(
                    row.raised_by_id,
                    lambda talk: talk.env._(
                        "Answer to %(feedback)s: %(answer)s",
                        feedback=talk.display_name,
                        answer=talk.answer,
                    ),
                )
        # To-dos are also somebody else's.
        self.sudo().activity_unlink([OWNER, ALARM])
        return True

    def action_cancel(self):
        """Drop what was raised twice or by mistake.

        :raise UserError: for others than the desk, and when it was answered
        """
        self._ensure_can("can_cancel", self.env._("The desk drops what is still open."))
        self._by_method().write({"state": "cancelled"})
        # To-dos are also somebody else's.
        self.sudo().activity_unlink([OWNER, ALARM])
        return True

    # ------------------------------------------------------------
    # WHO IS TOLD
    # ------------------------------------------------------------

    def _raise_alarm(self):
        """Report grave issues to the general manager at once: to-do and mail (R96)."""
        grave = self.filtered(lambda row: row.alarm != "none" and not row.alarm_date)
        for row in grave:
            # Whom the company names is no secret.
            company_sudo = row.company_id.sudo()
            manager = (
                company_sudo.aftersales_general_manager_id
                or company_sudo._aftersales_supervisor()
            )
            if not manager.active:
                continue
            row.sudo()._by_method().write({"alarm_date": fields.Datetime.now()})  # fact
            row._give_to_do(ALARM, manager, company_sudo._aftersales_today())
            row._notify(
                manager,
                lambda talk: talk.env._(
                    "%(how)s: %(feedback)s, %(product)s. %(words)s",
                    how=talk._say_value(talk._fields["alarm"], talk.alarm),
                    feedback=talk.name,
                    product=talk.product_id.display_name or "–",
                    words=talk.description,
                ),
            )

    def _ask_owners(self):
        """Give the owners the to-do to answer."""
        # Who was asked before has nothing to do any more.
        self.sudo().activity_unlink([OWNER])
        still_open = self.filtered(lambda row: row.state == "open")
        for (owner, due), rows in still_open.grouped(
            lambda row: (row.owner_id, row.date_due)
        ).items():
            if owner:
                rows._give_to_do(OWNER, owner, due)

    def _give_to_do(self, kind, user, day):
        # Activities are for others than the user, too.
        rows_sudo = self.sudo().with_context(mail_activity_quick_update=True)
        rows_sudo.activity_schedule(kind, user_id=user.id, date_deadline=day)

    def _notify(self, user, say):
        """Write a user about the issue, in his words."""
        self.ensure_one()
        # Mails to others are nobody's right.
        talk = self.with_context(lang=user.lang or self.env.lang).sudo()
        text = say(talk)
        talk.message_notify(
            partner_ids=user.partner_id.ids,
            subject=text.splitlines()[0],
            body=text,
            author_id=self.company_id.sudo().partner_id.id,  # whose mail it is
            force_send=False,
        )
