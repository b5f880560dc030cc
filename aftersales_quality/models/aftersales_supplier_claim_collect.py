from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools.supplier_claim import get_claimed


class AftersalesSupplierClaim(models.Model):
    """Lines from what the supplier's failed parts have really cost us (R57)."""

    _inherit = "aftersales.supplier.claim"

    can_collect = fields.Boolean(compute="_compute_can_collect")

    @api.depends("state", "kind")
    @api.depends_context("uid", "su")
    def _compute_can_collect(self):
        works = self.env.su or self.browse().has_access("write")
        for claim in self:
            claim.can_collect = (
                works and claim.state == "draft" and claim.kind != "request"
            )

    @api.depends("line_ids.date", "partner_id", "company_id")
    def _compute_claim_until(self):
        agreements = self.env["aftersales.supplier.agreement"]._get_for(self)
        for claim in self:
            days = agreements[claim].claim_days
            first = min(filter(None, claim.line_ids.mapped("date")), default=None)
            claim.claim_until = bool(days and first) and first + timedelta(days=days)

    def action_collect(self):
        """Add what the supplier's failed parts have cost and nobody has claimed (R57).

        :return: a notice that says how many were added, and how many left out
        :raise UserError: when there is nothing to claim; with the reason of each cost
            that was left out
        """
        self._ensure_can(
            "can_collect",
            self.env._("Costs are collected for claims that were not sent yet."),
        )
        added, left = 0, 0
        for claim in self:
            lines, reasons = claim._collect()
            added, left = added + len(lines), left + len(reasons)
        return self._get_collect_notice(added, left)

    def _collect(self):
        """Add lines; return them and the texts of what was left out."""
        self.ensure_one()
        # The costs are read from the tables, not from what waits to be written.
        self.env.flush_all()
        Cost = self.env["aftersales.warranty.cost"]
        Cost.invalidate_model()
        costs = Cost.search(self._get_collect_domain(), order="date, id")
        agreements = self.env["aftersales.supplier.agreement"]._get_for(self)
        agreement = agreements[self]
        terms = agreement._get_terms()
        # A cost on this very claim is claimed, too.
        taken = self._get_taken(costs)
        vals_list, reasons = [], []
        for cost in costs:
            if cost.id in taken and taken[cost.id] == self.name:
                continue
            reason = self._get_left_out(cost, agreement, taken)
            claimed = get_claimed(terms, cost.kind, cost.cost, cost.quantity)
            if not reason and self.currency_id.is_zero(claimed):
                reason = self.env._(
                    "nothing to claim by the agreement, or no cost known"
                )
            if reason:
                reasons.append(f"{self._name_cost(cost)}: {reason}")
            else:
                vals_list.append(self._prepare_line(cost, claimed))
        lines = self.line_ids.with_env(self._by_method().env).create(vals_list)
        if not lines:
            self._refuse(
                "\n".join(reasons)
                or self.env._(
                    "No warranty cost of this supplier is left to claim; look at the "
                    "days, the tickets, and who the supplier of the failed parts is."
                )
            )
        self._by_method().write({"left_out": "\n".join(reasons) or False})
        return lines, reasons

    def _get_collect_domain(self):
        """Domain of the costs of this supplier that are asked for (hook)."""
        self.ensure_one()
        domain = Domain("company_id", "=", self.company_id.id) & Domain(
            "supplier_id", "=", self.partner_id.commercial_partner_id.id
        )
        # Chosen by a colleague perhaps who may read them.
        if tickets_sudo := self.sudo().ticket_ids:
            domain &= Domain("ticket_id", "in", tickets_sudo.ids)
        if self.date_from:
            domain &= Domain("date", ">=", self.date_from)
        if self.date_to:
            domain &= Domain("date", "<", self.date_to + timedelta(days=1))
        return domain

    def _get_taken(self, costs):
        """Return ``{ticket line id: number of the claim it is on}``."""
        # Perhaps a claim of a colleague that the user does not see.
        lines_sudo = self.env["aftersales.supplier.claim.line"].sudo()
        lines_sudo = lines_sudo.search(
            [("ticket_line_id", "in", costs.ids), ("live", "=", True)]
        )
        return {line.ticket_line_id.id: line.claim_id.name for line in lines_sudo}

    def _get_left_out(self, cost, agreement, taken):
        """Return in words why a cost is not claimed; None when it is (hook)."""
        self.ensure_one()
        # Findings, for whoever claims; the ticket itself is not his to read.
        cost_sudo = cost.sudo()
        if cost_sudo.exclusion_id:
            return self.env._(
                "caused by the customer (%s)", cost_sudo.exclusion_id.display_name
            )
        if cost.misuse:
            return self.env._(
                "caused by the customer (misuse, found by the inspection)"
            )
        if cost.id in taken:
            return self.env._("claimed already with %s", taken[cost.id])
        company = self.company_id
        failed = company._aftersales_today(cost.date)
        today = company._aftersales_today()
        if agreement.claim_days:
            last = failed + timedelta(days=agreement.claim_days)
            if last < today:
                return self.env._(
                    "had to be claimed by %s", format_date(self.env, last)
                )
        if agreement.warranty_months and cost.receipt_date:
            bought = company._aftersales_today(cost.receipt_date)
            end = bought + relativedelta(months=agreement.warranty_months)
            if end < failed:
                return self.env._(
                    "the supplier's warranty ended on %s", format_date(self.env, end)
                )
        return None

    def _name_cost(self, cost):
        # The number of a ticket is no secret to who claims its costs.
        return cost.sudo().ticket_line_id.display_name

    def _prepare_line(self, cost, claimed):
        """Return the values of the line that claims a cost (hook)."""
        self.ensure_one()
        is_part = cost.kind == "part"
        bought = 0.0
        if cost.basis == "purchase" and is_part:
            # What it was bought for, read off the receipt.
            receipt_sudo = cost.receipt_id.sudo()
            pieces = receipt_sudo._aftersales_sum()
            bought = pieces and receipt_sudo.value / pieces * cost.quantity
        return {
            "claim_id": self.id,
            "kind": cost.kind,
            "product_id": cost.failed_product_id.id if is_part else cost.product_id.id,
            "lot_id": cost.failed_lot_id.id if is_part else False,
            "quantity": cost.quantity,
            "name": self._name_cost(cost),
            "date": self.company_id._aftersales_today(cost.date),
            "ticket_line_id": cost.id,
            "basis": cost.basis,
            "receipt_id": cost.receipt_id.id,
            "cost": cost.cost,
            "cost_bought": bought,
            "claimed": self.currency_id.round(claimed),
        }

    def _get_collect_notice(self, added, left):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if left else "success",
                "message": self.env._(
                    "Costs added: %(added)s. Left out, see the reasons: %(left)s.",
                    added=added,
                    left=left,
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
