from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

SUPERVISOR = "aftersales_service.aftersales_service_group_supervisor"
MANAGER = "aftersales_service.aftersales_service_group_manager"
BUYER = "purchase.group_purchase_user"
FACTS = frozenset({"name", "state", "confirm_date", "confirmed_by_id"})


class AftersalesPartsPlan(models.Model):
    """What parts each depot needs in a month, and what is bought for it (R43, R44)."""

    _name = "aftersales.parts.plan"
    _description = "Parts Plan"
    _inherit = ["aftersales.document.mixin", "mail.thread", "mail.activity.mixin"]
    _facts = FACTS
    _step_access = "read"
    _order = "month desc, id desc"
    _check_company_auto = True

    month = fields.Date(
        required=True,
        default=lambda self: self._default_month(),
        help="Its first day; the plan is for this month.",
    )
    months = fields.Integer(
        string="Months Looked back",
        required=True,
        default=3,
        help="Use and sales of these last months are averaged.",
    )
    state = fields.Selection(
        selection=[
            ("draft", "Proposal"),
            ("confirmed", "Confirmed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    line_ids = fields.One2many(
        comodel_name="aftersales.parts.plan.line",
        inverse_name="plan_id",
        string="Lines",
        copy=False,
    )
    line_count = fields.Integer(compute="_compute_totals")
    low_stock_count = fields.Integer(string="Low Stock", compute="_compute_totals")
    budget = fields.Monetary(
        compute="_compute_totals",
        help="What the parts that are bought cost.",
    )
    order_count = fields.Integer(
        string="Purchase Orders", compute="_compute_documents", compute_sudo=True
    )
    picking_count = fields.Integer(
        string="Transfers between Depots",
        compute="_compute_documents",
        compute_sudo=True,
    )
    confirm_date = fields.Datetime(string="Confirmed on", readonly=True, copy=False)
    confirmed_by_id = fields.Many2one(
        comodel_name="res.users", string="Confirmed by", readonly=True, copy=False
    )
    can_compute = fields.Boolean(compute="_compute_can")
    can_confirm = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")

    _month_uniq = models.UniqueIndex(
        "(company_id, month) WHERE state <> 'cancelled'",
        "There is a parts plan for this month already.",
    )
    _name_uniq = models.UniqueIndex(
        "(name, company_id)", "The number of a parts plan is given once in a company."
    )
    _months_sane = models.Constraint(
        "CHECK (months BETWEEN 1 AND 24)", "A plan looks back between 1 and 24 months."
    )

    @api.model
    def _default_month(self):
        today = self.env.company._aftersales_today()
        return today.replace(day=1) + relativedelta(months=1)

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("line_ids.amount", "line_ids.low_stock")
    def _compute_totals(self):
        groups = self.env["aftersales.parts.plan.line"]._read_group(
            [("plan_id", "in", self.ids)],
            ["plan_id", "low_stock"],
            ["__count", "budget:sum"],
        )
        figures = {}
        for plan, low, count, budget in groups:
            known = figures.setdefault(plan.id, [0, 0, 0.0])
            known[0] += count
            known[1] += count if low else 0
            known[2] += budget
        for plan in self:
            count, low, budget = figures.get(plan._origin.id, (0, 0, 0.0))
            plan.line_count = count
            plan.low_stock_count = low
            plan.budget = budget

    def _compute_documents(self):
        """Count what was made of the plans; the number is for who may see the plan."""
        orders = dict(
            self.env["purchase.order.line"]._read_group(
                [("aftersales_plan_id", "in", self.ids)],
                ["aftersales_plan_id"],
                ["order_id:count_distinct"],
            )
        )
        pickings = dict(
            self.env["stock.move"]._read_group(
                [("aftersales_plan_line_id.plan_id", "in", self.ids)],
                ["aftersales_plan_id"],
                ["picking_id:count_distinct"],
            )
        )
        for plan in self:
            plan.order_count = orders.get(plan, 0)
            plan.picking_count = pickings.get(plan, 0)

    @api.depends("state")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        user, su = self.env.user, self.env.su
        plans = su or user.has_group(SUPERVISOR)
        buys = su or user.has_group(MANAGER) or user.has_group(BUYER)
        for plan in self:
            draft = plan.state == "draft"
            plan.can_compute = draft and plans
            plan.can_confirm = draft and buys
            plan.can_cancel = draft and plans

    @api.depends("name", "month")
    def _compute_display_name(self):
        for plan in self:
            month = plan.month and f"{plan.month:%Y-%m}"
            plan.display_name = " · ".join(part for part in (plan.name, month) if part)

    # ------------------------------------------------------------
    # CREATE, WRITE
    # ------------------------------------------------------------

    @api.constrains("month")
    def _check_month(self):
        if wrong := self.filtered(lambda plan: plan.month.day != 1):
            raise ValidationError(
                self.env._(
                    "%s: a plan is for a month; give its first day.",
                    ", ".join(wrong.mapped("display_name")),
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            self._ensure_no_facts(vals)
            if month := fields.Date.to_date(vals.get("month")):
                vals["month"] = month.replace(day=1)
        self._number(vals_list)
        # The index on the month must know which were given up.
        self.flush_model(["state"])
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        if vals.keys() & {"month", "months", "company_id"}:
            self._ensure_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        if kept := self.filtered(lambda plan: plan.state == "confirmed"):
            raise UserError(
                self.env._(
                    "Orders came of these plans, they are kept: %s",
                    ", ".join(kept.mapped("display_name")),
                )
            )

    def _ensure_draft(self):
        """Refuse to change a plan that is no proposal any more.

        :raise UserError: naming the plans
        """
        if fixed := self.filtered(lambda plan: plan.state != "draft"):
            fixed._refuse(
                self.env._("Only proposals are changed; make the next plan instead.")
            )

    def _step(self, vals):
        return self._by_method().write(vals)

    def _lock(self):
        """Keep others from taking a step with these plans until this one is done."""
        self.flush_recordset()
        self.env.cr.execute(
            "SELECT id FROM aftersales_parts_plan WHERE id = ANY(%s) ORDER BY id "
            "FOR NO KEY UPDATE",
            [self.ids],
        )
        self.invalidate_recordset(["state"])

    def action_cancel(self):
        """Give up proposals.

        :raise UserError: once they are confirmed
        """
        self._lock()
        self._ensure_can(
            "can_cancel", self.env._("A supervisor gives up what is a proposal.")
        )
        self._step({"state": "cancelled"})
        return True

    def action_view_lines(self):
        """Open the lines, to be sorted, grouped and edited."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_parts.aftersales_parts_plan_line_action"
        )
        return {
            **action,
            "domain": [("plan_id", "=", self.id)],
            "context": {"search_default_to_buy": 1},
        }

    def action_view_orders(self):
        """Open the purchase orders that came of the plan."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "purchase.order",
            "name": self.env._("Purchase Orders"),
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("order_line.aftersales_plan_id", "=", self.id)],
        }

    def action_view_pickings(self):
        """Open the transfers between depots that came of the plan."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "stock.picking",
            "name": self.env._("Transfers between Depots"),
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("move_ids.aftersales_plan_id", "=", self.id)],
        }
