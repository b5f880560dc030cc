from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.fields import Command


class SaleOrderLine(models.Model):
    """Service contracts sold by an order line (R19)."""

    _inherit = "sale.order.line"

    def _aftersales_follow_contracts(self, kept):
        """Let the contracts of these lines begin, end, begin again.

        :param dict kept: units to cover, by line
        """
        Contract = self.env["aftersales.contract"]._by_method()
        sold = Contract.search([("sale_line_id", "in", self.ids)]).grouped(
            "sale_line_id"
        )
        new_vals = []
        for line in self:
            units, contract = kept[line], sold.get(line)
            if not contract:
                units = line._aftersales_get_eligible(units)
                if units and line.product_id.aftersales_sells == "contract":
                    new_vals.append(line._aftersales_prepare_contract_vals(units))
            elif units:
                line._aftersales_give_contract(contract, units)
            elif line.aftersales_has_cover or (
                contract.state == "draft" and line.order_id.state == "cancel"
            ):
                reason = line._aftersales_get_take_back_reason()
                contract._take_back(reason)
        if contracts := Contract.create(new_vals):
            contracts._begin_sold()

    def _aftersales_give_contract(self, contract, units):
        """Let the contract of a line begin, or take in units delivered since."""
        if contract.state == "draft" or contract.taken_back:
            floor = self._aftersales_get_floor(units)
            if not contract.coverage_ids and contract.date_start < floor:
                # Confirmed later than offered: the period is as long, not as early.
                end = contract._get_next_end(floor)
                contract.write({"date_start": floor, "date_end": end})
            contract._begin_sold()
        if contract.state != "active":
            return
        if not self.aftersales_has_cover:
            self.aftersales_has_cover = True
        # A unit that a supervisor has taken out left its cover behind.
        new = self._aftersales_get_eligible(units) - contract.equipment_ids
        new -= contract.coverage_ids.equipment_id
        new = new.filtered(lambda unit: unit._is_held_by(contract.partner_id))
        if new:
            contract.write({"equipment_ids": [Command.link(unit.id) for unit in new]})
            contract._sync_coverage()
            new._decide_open_lines()

    def _aftersales_prepare_contract_vals(self, units):
        """Return the values of the contract that the line sells (hook)."""
        self.ensure_one()
        order, product = self.order_id, self.product_id
        holder = units.partner_id[:1].commercial_partner_id or order.partner_id
        units = units.filtered(lambda unit: unit._is_held_by(holder))
        start = self._aftersales_get_contract_start(units)
        months = product.aftersales_contract_months
        Contract = self.env["aftersales.contract"]
        return {
            "partner_id": holder.id,
            "company_id": self.company_id.id,
            "user_id": order.user_id.id,
            "sale_line_id": self.id,
            "product_id": product.id,
            "equipment_ids": [Command.set(units.ids)],
            "date_start": start,
            "date_end": Contract._get_last_day(start, months),
            "covers_labour": product.aftersales_contract_covers_labour,
            "covers_parts": product.aftersales_contract_covers_parts,
            "covers_travel": product.aftersales_contract_covers_travel,
            "visits_included": round(
                product.aftersales_contract_visits_included * self.product_uom_qty
            ),
            "hours_included": product.aftersales_contract_hours_included
            * self.product_uom_qty,
            "price": order.currency_id._convert(
                self.price_subtotal,
                self.company_id.currency_id,
                company=self.company_id,
                date=start,
            ),
        }

    def _aftersales_get_contract_start(self, units):
        """Return the first day of a contract: not before what runs already has ended."""
        self.ensure_one()
        start = self._aftersales_get_floor(units)
        running = units.coverage_ids.filtered(
            lambda cover: cover.source == "contract" and cover.date_end >= start
        )
        ends = running.mapped("date_end")
        return max(ends) + relativedelta(days=1) if ends else start

    def _aftersales_tell_obstacles(self):
        """Plan a to-do for the salesperson of lines that will never cover anything."""
        # Also when it is the customer who confirms by his signature.
        for line in self.sudo():
            if obstacle := line._aftersales_get_obstacle():
                order = line.order_id
                user = order.user_id or order.company_id._aftersales_supervisor()
                order._message_log(body=obstacle)
                if user:
                    order.activity_schedule(
                        "mail.mail_activity_data_warning",
                        summary=self.env._("Sold cover does not begin"),
                        note=obstacle,
                        user_id=user.id,
                    )
