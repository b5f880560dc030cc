from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_date


class AftersalesContract(models.Model):
    """How a contract is sold and renewed: by a line of a sales order (R19)."""

    _inherit = "aftersales.contract"

    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Sold with",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        help="Order line that sold the contract; it begins with the order.",
    )
    sale_order_id = fields.Many2one(
        related="sale_line_id.order_id",
        string="Sales Order",
        store=True,
        index="btree_not_null",
    )
    order_ref = fields.Char(
        related="sale_order_id.name",
        string="Order Number",
        help="Number of the sales order, readable without rights on sales.",
    )
    taken_back = fields.Boolean(
        readonly=True,
        copy=False,
        help="Cancelled because its order was cancelled or credited; begins again when "
        "that is undone.",
    )
    renews_id = fields.Many2one(
        comodel_name="aftersales.contract",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
    )
    renewal_ids = fields.One2many(
        comodel_name="aftersales.contract",
        inverse_name="renews_id",
        string="Renewals",
        readonly=True,
        copy=False,
    )
    renewed_by_id = fields.Many2one(
        comodel_name="aftersales.contract",
        string="Renewed by",
        compute="_compute_renewed_by_id",
    )
    can_sell = fields.Boolean(compute="_compute_can_sell")
    can_renew = fields.Boolean(compute="_compute_can_sell")

    _sale_line_uniq = models.UniqueIndex(
        "(sale_line_id) WHERE sale_line_id IS NOT NULL",
        "An order line sells one contract.",
    )
    _renews_uniq = models.UniqueIndex(
        "(renews_id) WHERE renews_id IS NOT NULL AND state <> 'cancelled'",
        "This contract is renewed already.",
    )

    @api.depends("renewal_ids.state")
    def _compute_renewed_by_id(self):
        for contract in self:
            # Also a renewal that a colleague sells.
            contract.renewed_by_id = contract.sudo().renewal_ids.filtered(
                lambda renewal: renewal.state != "cancelled"
            )[:1]

    @api.depends("state", "product_id", "user_id", "sale_order_id.state", "renewal_ids")
    @api.depends_context("uid", "su")
    def _compute_can_sell(self):
        for contract in self:
            order_sudo = contract.sudo().sale_order_id  # whoever's order it is
            sellable = bool(contract.product_id) and contract._is_seller()
            contract.can_sell = (
                sellable
                and contract.state in ("draft", "active")
                and (not order_sudo or order_sudo.state == "cancel")
            )
            contract.can_renew = (
                sellable
                and contract.state in ("active", "expired")
                and not contract.renewed_by_id
            )

    def _is_seller(self):
        """Tell whether the user sells this contract: the desk, or its salesperson."""
        self.ensure_one()
        user = self.env.user
        # Whose order it is, also for who may not read it.
        order_sudo = self.sudo().sale_order_id
        return (
            self.env.su
            or user.has_group("aftersales_service.aftersales_service_group_agent")
            or user.has_group("sales_team.group_sale_salesman_all_leads")
            or (
                user.has_group("sales_team.group_sale_salesman")
                and user in (self.user_id or user, order_sudo.user_id)
            )
        )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_sell(self):
        """Draft the quotation by which contracts registered by hand are paid.

        A draft begins when the customer confirms it.

        :raise UserError: without a product, or when there is a quotation already
        """
        self._ensure_can_sell(
            "can_sell",
            self.env._(
                "A quotation is drafted by the desk or the salesperson, once, with the "
                "product that sells the contract."
            ),
        )
        self._draft_quotations()
        return self._get_order_action()

    def action_renew(self):
        """Draft the quotation for the next period: same product, units and price.

        The renewal begins when the customer confirms it (R19).

        :raise UserError: when the contract is not in force, is renewed already, or has
            no product
        """
        self._ensure_can_sell(
            "can_renew",
            self.env._(
                "Contracts in force or expired are renewed by the desk or their "
                "salesperson, once, with the product that sells them."
            ),
        )
        # The index on renewals must see the cancelled ones first.
        self.renewal_ids.flush_recordset()
        # A salesman draws up the next contract by the terms of the last, no other.
        contracts_sudo = self.sudo()
        renewals = contracts_sudo._by_method().create(
            [contract._prepare_renewal_vals() for contract in contracts_sudo]
        )
        renewals = renewals.with_env(self.env)
        renewals._draft_quotations()
        return renewals._get_order_action()

    def _ensure_can_sell(self, rule, way_out):
        self.check_access("read")
        if refused := self.filtered(lambda contract: not contract[rule]):
            refused._refuse(way_out)

    def _prepare_renewal_vals(self):
        """Return the values of the contract of the next period (hook)."""
        self.ensure_one()
        start = self.date_end + relativedelta(days=1)
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "user_id": self.user_id.id,
            "product_id": self.product_id.id,
            "price": self.price,
            "date_start": start,
            "date_end": self._get_next_end(start),
            "equipment_ids": [Command.set(self._get_coverable_units().ids)],
            "covers_labour": self.covers_labour,
            "covers_parts": self.covers_parts,
            "covers_travel": self.covers_travel,
            "visits_included": self.visits_included,
            "hours_included": self.hours_included,
            "renews_id": self.id,
        }

    def _get_next_end(self, start):
        """Return the last day of a period as long as this one, in whole months if so."""
        self.ensure_one()
        length = relativedelta(self.date_end + relativedelta(days=1), self.date_start)
        return start + length - relativedelta(days=1)

    # ------------------------------------------------------------
    # QUOTATION
    # ------------------------------------------------------------

    def _draft_quotations(self):
        """Draft one quotation per contract."""
        # The desk has no right on orders; it offers what the contract says.
        contracts_sudo = self.sudo()
        Order = contracts_sudo.env["sale.order"]
        orders = Order.create(
            [contract._prepare_quotation_vals() for contract in contracts_sudo]
        )
        lines = Order.env["sale.order.line"].create(
            [
                contract._prepare_quotation_line_vals(order)
                for contract, order in zip(contracts_sudo, orders, strict=True)
            ]
        )
        for contract, line in zip(contracts_sudo, lines, strict=True):
            contract._by_method().sale_line_id = line

    def _prepare_quotation_vals(self):
        """Return the values of the quotation (hook)."""
        self.ensure_one()
        former = (self.renews_id or self).sale_order_id
        vals = {
            "partner_id": (former.partner_id or self.partner_id).id,
            "company_id": self.company_id.id,
            "origin": (self.renews_id or self).name,
            "user_id": self.user_id.id,
        }
        if former:
            vals |= {
                "partner_invoice_id": former.partner_invoice_id.id,
                "pricelist_id": former.pricelist_id.id,
            }
        return vals

    def _prepare_quotation_line_vals(self, order):
        """Return the values of the order line that sells the contract (hook)."""
        self.ensure_one()
        lang = order.partner_id.lang or self.env.lang
        contract = self.with_context(lang=lang)
        price = self.currency_id._convert(
            self.price,
            order.currency_id,
            company=self.company_id,
            date=fields.Date.to_date(order.date_order),
        )
        return {
            "order_id": order.id,
            "product_id": self.product_id.id,
            "product_uom_qty": 1,
            "price_unit": price,
            "name": contract._get_quotation_text(),
            "aftersales_equipment_ids": [Command.set(self._get_coverable_units().ids)],
        }

    def _get_quotation_text(self):
        """Return what the customer reads on the quotation, in his language."""
        self.ensure_one()
        return "\n".join(
            [
                self.product_id.get_product_multiline_description_sale(),
                self.env._(
                    "%(name)s: %(start)s to %(end)s, not before your confirmation",
                    name=self.name,
                    start=format_date(self.env, self.date_start),
                    end=format_date(self.env, self.date_end),
                ),
                *self._get_coverable_units().mapped("display_name"),
            ]
        )

    def _get_order_action(self):
        """Return the action that shows the orders, or says which were drafted."""
        # Only their numbers, when the user may not read orders.
        orders_sudo = self.sudo().sale_order_id
        orders = orders_sudo.with_env(self.env)
        if orders.has_access("read"):
            action = {
                "type": "ir.actions.act_window",
                "name": self.env._("Quotations"),
                "res_model": "sale.order",
                "view_mode": "list,form",
                "domain": [("id", "in", orders.ids)],
            }
            if len(orders) == 1:
                action |= {"views": [(False, "form")], "res_id": orders.id}
            return action
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Drafted for sales: %s", ", ".join(orders_sudo.mapped("name"))
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_view_order(self):
        """Open the sales orders that sold these contracts."""
        return self._get_order_action()

    def action_view_renewal(self):
        """Open the contract that follows this one."""
        return self.renewed_by_id._get_list_action()
