from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

OPEN = ("draft", "planned")


class AftersalesVisitPlan(models.Model):
    """The visits of one quarter, split into its months (R35)."""

    _name = "aftersales.visit.plan"
    _description = "Visit Plan"
    _inherit = ["aftersales.fact.mixin", "aftersales.place.mixin", "mail.thread"]
    _facts = frozenset({"state", "approved_by_id", "approve_date"})
    _order = "year desc, quarter desc, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    year = fields.Integer(
        required=True,
        aggregator=None,
        default=lambda self: self._get_next_quarter()[0],
    )
    quarter = fields.Selection(
        selection=[("1", "Q1"), ("2", "Q2"), ("3", "Q3"), ("4", "Q4")],
        required=True,
        default=lambda self: self._get_next_quarter()[1],
    )
    date_start = fields.Date(
        string="First Day", compute="_compute_dates", store=True, precompute=True
    )
    date_end = fields.Date(
        string="Until", compute="_compute_dates", store=True, precompute=True
    )
    class_ids = fields.Many2many(
        comodel_name="aftersales.customer.class",
        string="Customer Classes",
        help="Only these classes; all when empty.",
    )
    team_id = fields.Many2one(
        comodel_name="aftersales.team", check_company=True, index="btree_not_null"
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Visitor",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Who visits, unless another is named on the visit.",
    )
    visit_ids = fields.One2many(
        comodel_name="aftersales.callback",
        inverse_name="visit_plan_id",
        string="Customer Visits",
    )
    visit_count = fields.Integer(
        string="Customer Visits Planned", compute="_compute_counts"
    )
    done_count = fields.Integer(string="Visits Done", compute="_compute_counts")
    state = fields.Selection(
        selection=[("draft", "Draft"), ("approved", "Approved")],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
    )
    approved_by_id = fields.Many2one(
        comodel_name="res.users", readonly=True, copy=False
    )
    approve_date = fields.Datetime(string="Approved on", readonly=True, copy=False)
    can_generate = fields.Boolean(compute="_compute_can")
    can_approve = fields.Boolean(compute="_compute_can")

    _year_sane = models.Constraint(
        "CHECK (year BETWEEN 2000 AND 2200)", "Check the year of the plan."
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _get_next_quarter(self):
        """Return year and number of the quarter after the present one."""
        day = self.env.company._aftersales_today() + relativedelta(months=3)
        return day.year, str((day.month - 1) // 3 + 1)

    @api.depends("year", "quarter")
    def _compute_name(self):
        for plan in self:
            plan.name = f"{plan.year} Q{plan.quarter}"

    @api.depends("year", "quarter")
    def _compute_dates(self):
        for plan in self:
            month = int(plan.quarter or 1) * 3 - 2
            plan.date_start = date(plan.year or 2000, month, 1)
            plan.date_end = plan.date_start + relativedelta(months=3, days=-1)

    def _compute_counts(self):
        groups = self.env["aftersales.callback"]._read_group(
            [("visit_plan_id", "in", self.ids), ("state", "!=", "cancelled")],
            ["visit_plan_id", "state"],
            ["__count"],
        )
        counts = {(plan.id, state): count for plan, state, count in groups}
        for plan in self:
            key = plan._origin.id
            plan.done_count = counts.get((key, "done"), 0)
            plan.visit_count = plan.done_count + sum(
                counts.get((key, state), 0) for state in OPEN
            )

    @api.depends("state")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        is_supervisor = self.env.su or self.env.user.has_group(
            "aftersales_service.aftersales_service_group_supervisor"
        )
        for plan in self:
            draft = plan.state == "draft"
            plan.can_generate = is_supervisor and draft
            plan.can_approve = is_supervisor and draft

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        if kept := self.filtered(lambda plan: plan.state != "draft"):
            raise UserError(
                self.env._(
                    "Approved plans are kept: %s", ", ".join(kept.mapped("name"))
                )
            )

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def action_generate(self):
        """Look up the visits due in the quarter; what is planned stays as it is.

        Visits of customers not due any more go, missing ones come, in the order in
        which they are due and spread over the months that are left.

        :raise UserError: once approved, or when the quarter is over
        """
        self.check_access("write")
        if refused := self.filtered(lambda plan: not plan.can_generate):
            raise UserError(
                self.env._(
                    "Visits are looked up by supervisors while the plan is a draft: %s",
                    ", ".join(refused.mapped("name")),
                )
            )
        for plan in self:
            plan._generate()
        return True

    def action_approve(self):
        """Approve the plan: its visits are to be done.

        :raise UserError: without visits, or for others than supervisors
        """
        self.check_access("write")
        if refused := self.filtered(
            lambda plan: not plan.can_approve or not plan.visit_count
        ):
            raise UserError(
                self.env._(
                    "A supervisor approves drafts that have visits: %s",
                    ", ".join(refused.mapped("name")),
                )
            )
        drafts = self.visit_ids.filtered(lambda visit: visit.state == "draft")
        drafts._by_method().write({"state": "planned"})
        self._by_method().write(
            {
                "state": "approved",
                "approved_by_id": self.env.uid,
                "approve_date": fields.Datetime.now(),
            }
        )
        return True

    def action_view_visits(self):
        """Open the visits of the plan."""
        self.ensure_one()
        return self.env["aftersales.callback"]._get_list_action(
            [("visit_plan_id", "=", self.id)], {"search_default_group_planned": 1}
        )

    # ------------------------------------------------------------
    # WHO IS DUE
    # ------------------------------------------------------------

    def _generate(self):
        self.ensure_one()
        months = self._get_months_left()
        due_days = self._get_due_days()
        visits = self.visit_ids.filtered(lambda visit: visit.state in OPEN)
        obsolete = visits.filtered(lambda visit: visit.partner_id not in due_days)
        # Proposals of the plan alone, which nobody approved.
        obsolete.sudo().unlink()
        visits -= obsolete
        # Visits withdrawn by hand do not come back.
        known = self.visit_ids.partner_id
        missing = [partner for partner in due_days if partner not in known]
        counts = {month: 0 for month in months}
        for visit in visits:
            month = visit.date_planned.replace(day=1)
            if month in counts:
                counts[month] += 1
        vals_list = [
            self._prepare_visit_vals(partner, month)
            for partner, month in zip(
                missing, self._spread(len(missing), counts), strict=True
            )
        ]
        Callback = self.env["aftersales.callback"]._by_method()
        Callback.with_context(mail_create_nosubscribe=True).create(vals_list)

    def _get_months_left(self):
        """Return the first days of the months of the quarter that are not over."""
        first = self.company_id._aftersales_today().replace(day=1)
        months = [self.date_start + relativedelta(months=index) for index in range(3)]
        left = [month for month in months if month >= first]
        if not left:
            raise UserError(self.env._("%s is over, plan the next quarter.", self.name))
        return left

    @api.model
    def _spread(self, count, counts):
        """Return the months of so many new visits, evenly, earliest first.

        :param dict counts: visits that each month has already, in order
        """
        total = count + sum(counts.values())
        months = []
        for index, (month, present) in enumerate(counts.items()):
            left = len(counts) - index
            share = -(-total // left)
            take = max(0, min(share - present, count - len(months)))
            months += [month] * take
            total -= present + take
        # What months that are full already push over goes to the last.
        months += [list(counts)[-1]] * (count - len(months))
        return months

    def _get_due_days(self):
        """Return ``{customer: day his visit is due}`` in the order of these days."""
        self.ensure_one()
        partners = self.env["res.partner"].search(self._get_customer_domain())
        partners -= self._get_excluded(partners)
        last_days = self._get_last_days(partners)
        due = {}
        for partner in partners:
            months = partner.aftersales_class_id.months
            last = last_days.get(partner.id)
            day = last + relativedelta(months=months) if last else self.date_start
            if day <= self.date_end:
                due[partner] = day
        return dict(sorted(due.items(), key=lambda item: (item[1], item[0].id)))

    def _get_customer_domain(self):
        classed = (
            Domain("aftersales_class_id", "in", self.class_ids.ids)
            if self.class_ids
            else Domain("aftersales_class_id", "!=", False)
        )
        return (
            classed
            & Domain("company_id", "in", [False, self.company_id.id])
            & self._get_place_domain()
        )

    def _get_excluded(self, partners):
        """Return customers who want no calls, or are in another open plan."""
        Callback = self.env["aftersales.callback"]
        opted_out = Callback._get_opted_out(partners.mapped("phone_sanitized"))
        groups = Callback._read_group(
            Domain("kind", "=", "visit")
            & Domain("company_id", "=", self.company_id.id)
            & Domain("partner_id", "in", partners.ids)
            & Domain("state", "in", OPEN)
            & Domain("visit_plan_id", "!=", self.id),
            ["partner_id"],
        )
        planned = partners.browse(partner.id for (partner,) in groups)
        return planned | partners.filtered(lambda p: p.phone_sanitized in opted_out)

    def _get_last_days(self, partners):
        """Return ``{customer id: day of his last visit or service}``."""
        # Also what was done at his other contacts, whoever may see it.
        family = partners.with_context(active_test=False).search_fetch(
            [("commercial_partner_id", "in", partners.commercial_partner_id.ids)],
            ["commercial_partner_id"],
        )
        company = Domain("company_id", "=", self.company_id.id)
        concerned = company & Domain("partner_id", "in", family.ids)
        visits = self.env["aftersales.callback"]._read_group(
            concerned & Domain("kind", "=", "visit") & Domain("state", "=", "done"),
            ["partner_id"],
            ["date_done:max"],
        )
        services = self.env["aftersales.ticket"]._read_group(
            concerned & Domain("state", "in", ("solved", "closed")),
            ["partner_id"],
            ["solve_date:max"],
        )
        by_commercial = {}
        for partner, moment in [*visits, *services]:
            if moment:
                day = self.company_id._aftersales_today(moment)
                key = partner.commercial_partner_id.id
                by_commercial[key] = max(day, by_commercial.get(key, day))
        return {
            partner.id: by_commercial[partner.commercial_partner_id.id]
            for partner in partners
            if partner.commercial_partner_id.id in by_commercial
        }

    def _prepare_visit_vals(self, partner, month):
        """Return the values of one visit (hook)."""
        self.ensure_one()
        last = month + relativedelta(months=1, days=-1)
        return {
            "kind": "visit",
            "channel": "visit",
            "state": "draft",
            "company_id": self.company_id.id,
            "team_id": self.team_id.id,
            "user_id": self.user_id.id,
            "visit_plan_id": self.id,
            "partner_id": partner.id,
            "partner_name": partner.name,
            "phone": partner.phone,
            "date_planned": month,
            "date_deadline": last,
        }
