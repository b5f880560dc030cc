from psycopg2 import IntegrityError, OperationalError

from odoo import api, fields, models
from odoo.fields import Command


class AftersalesPartsPlan(models.Model):
    """What a confirmed plan orders: from vendors, and between depots (R43)."""

    _inherit = "aftersales.parts.plan"

    def action_confirm(self):
        """Draft the purchase orders of the plan, and ask the depots that supply others.

        One order for each vendor and depot; the buyer sends it. Depots with a parent
        are supplied by its transfers.

        :return: action that opens the orders
        :raise UserError: for others than buyers and managers, twice, or when a part
            has no vendor
        """
        self._lock()
        self._ensure_can(
            "can_confirm",
            self.env._("A manager or buyer confirms a proposal, once."),
        )
        lines = self.line_ids.filtered(
            lambda line: line.product_id.uom_id.compare(line.quantity, 0.0) > 0
        )
        if idle := self.filtered(lambda plan: not plan.line_ids & lines):
            idle._refuse(self.env._("Nothing is to be ordered; propose or add parts."))
        lines._ensure_orderable()
        self._step(
            {
                "state": "confirmed",
                "confirm_date": fields.Datetime.now(),
                "confirmed_by_id": self.env.uid,
            }
        )
        # Managers decide what is bought, buyers what is sent; neither has all the
        # rights on orders and transfers that the other has.
        for plan_sudo in self.sudo():
            wanted = plan_sudo.line_ids & lines
            plan_sudo = plan_sudo.with_company(plan_sudo.company_id)
            plan_sudo._create_orders(
                wanted.filtered(lambda line: not line.parent_depot_id)
            )
            plan_sudo._ask_depots(wanted.filtered("parent_depot_id"))
        return self[:1].action_view_orders() if len(self) == 1 else True

    def _create_orders(self, lines):
        """Draft one purchase order for each vendor and depot."""
        orders = self.env["purchase.order"]
        for (vendor, depot), bought in lines.grouped(
            lambda line: (line.vendor_id, line.warehouse_id)
        ).items():
            order = orders.create(self._prepare_order(vendor, depot))
            order.order_line = [
                Command.create(line._prepare_purchase_line(order)) for line in bought
            ]
            orders += order
        return orders

    def _prepare_order(self, vendor, depot):
        self.ensure_one()
        company = self.company_id
        local = vendor.with_company(company)
        fiscal = self.env["account.fiscal.position"].with_company(company)
        return {
            "partner_id": vendor.id,
            "company_id": company.id,
            "user_id": vendor.buyer_id.id,
            "picking_type_id": depot.in_type_id.id,
            "currency_id": (
                local.property_purchase_currency_id or company.currency_id
            ).id,
            "payment_term_id": local.property_supplier_payment_term_id.id,
            "fiscal_position_id": fiscal._get_fiscal_position(vendor).id,
            "origin": self.name,
        }

    def _ask_depots(self, lines):
        """Let Odoo's resupply routes bring parts from parent depots."""
        Rule = self.env["stock.rule"]
        procurements = []
        for line in lines:
            depot, product = line.warehouse_id, line.product_id
            route = depot.resupply_route_ids.filtered(
                lambda route, parent=line.parent_depot_id: (
                    route.supplier_wh_id == parent
                )
            )
            procurements.append(
                Rule.Procurement(
                    product,
                    line.quantity,
                    product.uom_id,
                    depot.lot_stock_id,
                    self.name,
                    self.name,
                    self.company_id,
                    {
                        "route_ids": route,
                        "warehouse_id": depot,
                        "date_planned": fields.Datetime.to_datetime(
                            max(self.month, fields.Date.today())
                        ),
                        "aftersales_plan_line_id": line.id,
                    },
                )
            )
        Rule.run(procurements)

    # ------------------------------------------------------------
    # EVERY MONTH
    # ------------------------------------------------------------

    @api.model
    def _cron_plan(self):
        """Propose the plan of the month to come, company by company, once (R43).

        Companies that keep no parts get none. Killed or run twice, a company has one
        plan: each is made and committed by itself, under the company's lock.
        """
        Cron = self.env["ir.cron"]
        companies = self.env["res.company"].search([("active", "=", True)])
        due = [company for company in companies if self._is_due(company)]
        if not Cron._commit_progress(remaining=len(due)):
            return
        for company in due:
            try:
                self.with_company(company)._plan_company(company)
            except (OperationalError, IntegrityError):
                # Another process is at it.
                self.env.cr.rollback()
            if not Cron._commit_progress(1):
                return

    @api.model
    def _plan_company(self, company):
        """Propose and tell the plan of one company, unless another process does."""
        if not company.try_lock_for_update(allow_referencing=True):
            return
        if self._is_due(company):
            plan = self.create({"company_id": company.id})
            plan._propose()
            plan._tell()

    @api.model
    def _is_due(self, company):
        """Tell whether a company keeps parts and has no plan for the next month."""
        local = self.with_company(company)
        if local.search_count(
            [("company_id", "=", company.id), ("month", "=", local._default_month())],
            limit=1,
        ):
            return False
        return bool(
            self.env["product.template"].search_count(
                [
                    ("aftersales_kind", "!=", False),
                    ("is_storable", "=", True),
                    ("company_id", "in", [False, company.id]),
                ],
                limit=1,
            )
            and self.env["aftersales.team"].search_count(
                [("company_id", "=", company.id)], limit=1
            )
        )

    def _tell(self):
        """Ask the supervisor to look at the proposal."""
        for plan in self:
            user = plan.company_id._aftersales_supervisor()
            if user and plan.line_ids:
                plan.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=plan.with_context(lang=user.lang).env._(
                        "Look through the parts plan of the month"
                    ),
                    user_id=user.id,
                )
