from odoo import api, fields, models
from odoo.fields import Command

from odoo.addons.aftersales_service.models.aftersales_ticket import OPEN_STATES

from .aftersales_return import OPEN_STATES as OPEN_RETURNS


class AftersalesTicket(models.Model):
    """The workshop's part of a ticket: the return that brings the unit, its repair."""

    _inherit = "aftersales.ticket"

    repair_ids = fields.One2many(
        comodel_name="repair.order",
        inverse_name="aftersales_ticket_id",
        string="Repair Orders",
        groups="aftersales_service.aftersales_service_group_technician,"
        "stock.group_stock_user",
    )
    workshop_count = fields.Integer(
        string="Repairs in Workshop",
        compute="_compute_workshop_count",
        compute_sudo=True,
    )
    repair_coverage_ids = fields.One2many(
        comodel_name="aftersales.coverage",
        inverse_name="ticket_id",
        string="Guarantees of Repairs",
        domain=[("source", "=", "repair")],
    )
    can_workshop = fields.Boolean(compute="_compute_can_workshop")

    @api.depends("repair_ids")
    def _compute_workshop_count(self):
        for ticket in self:
            ticket.workshop_count = len(ticket.repair_ids)

    @api.depends("state", "to_verify", "equipment_id", "product_id", "service_mode")
    @api.depends_context("uid", "su")
    def _compute_can_workshop(self):
        # Whether it is on its way already, for whoever looks.
        Line = self.env["aftersales.return.line"].sudo()
        groups = Line._read_group(
            [
                ("return_id.ticket_id", "in", self.ids),
                ("remedy", "=", "repair"),
                ("state", "in", OPEN_RETURNS),
            ],
            ["return_id"],
        )
        busy = {rma.ticket_id.id for (rma,) in groups}
        for ticket in self:
            ticket.can_workshop = (
                ticket._is_desk()
                and ticket.state in OPEN_STATES
                and not ticket.to_verify
                and ticket.service_mode == "workshop"
                and bool(ticket.equipment_id or ticket.product_id)
                and ticket._origin.id not in busy
            )

    # ------------------------------------------------------------
    # INTO THE WORKSHOP
    # ------------------------------------------------------------

    def action_workshop(self):
        """Announce the unit to the workshop: a return for repair, ready to be received.

        :return: action that opens the return
        :raise UserError: on tickets that are finished, name no product, or have a
            return for repair already
        """
        self._ensure_can(
            "can_workshop",
            self.env._(
                "The desk sends what a verified, open ticket of the workshop names, "
                "once: its unit or product."
            ),
        )
        returns = self.env["aftersales.return"].create(
            [ticket._prepare_workshop_vals() for ticket in self]
        )
        returns.action_authorise()
        self.invalidate_recordset(["can_workshop"])
        return returns._open_documents(returns)

    def _prepare_workshop_vals(self):
        """Return the values of the return that brings the unit (hook)."""
        self.ensure_one()
        unit = self.equipment_id
        return {
            "ticket_id": self.id,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "line_ids": [
                Command.create(
                    {
                        "equipment_id": unit.id,
                        "product_id": (unit.product_id or self.product_id).id,
                        "lot_id": (unit.lot_id or self.lot_id).id,
                        "quantity": 1.0,
                        "remedy": "repair",
                        "note": self.symptom,
                    }
                )
            ],
        }

    def action_view_repairs(self):
        """Open the repair orders of the ticket."""
        self.check_access("read")
        return self.env["aftersales.return"]._open_documents(self.repair_ids)

    def action_hand_back(self):
        if self.custody_id.picking_in_id:
            return self.custody_id._open_hand_back()
        return super().action_hand_back()

    def action_solve(self):
        self._ensure_repaired()
        return super().action_solve()

    def _ensure_repaired(self):
        """A ticket is not solved while its unit is being repaired.

        :raise UserError: naming ticket and repair order
        """
        # Repair orders of the ticket, for whoever solves it.
        Repair = self.env["repair.order"].sudo()
        open_sudo = Repair.search(
            [
                ("aftersales_ticket_id", "in", self.ids),
                ("state", "not in", ("done", "cancel")),
            ],
            limit=1,
        )
        if open_sudo:
            # Back to the rights of the user.
            open_sudo.aftersales_ticket_id.sudo(False)._refuse(
                self.env._(
                    "Repair %s is not finished; finish or cancel it first.",
                    open_sudo.name,
                )
            )

    # ------------------------------------------------------------
    # MONEY
    # ------------------------------------------------------------

    def _make_estimate(self):
        order_sudo = super()._make_estimate()
        self._link_repair_parts(order_sudo)
        self._pause_returns()
        return order_sudo

    def _link_repair_parts(self, order_sudo):
        """Parts that the workshop builds in are delivered by it, not by the order."""
        lines_sudo = order_sudo.order_line.aftersales_ticket_line_id
        moves_sudo = lines_sudo._get_repair_moves()
        by_line = {
            line.aftersales_ticket_line_id.id: line for line in order_sudo.order_line
        }
        for move in moves_sudo.filtered(lambda move: move.state != "cancel"):
            offer = by_line.get(move.aftersales_ticket_line_id.id)
            if offer and offer.aftersales_payer != "third_party":
                move.sale_line_id = offer

    def _pause_returns(self):
        """The customer is asked for money: the promise of the return stands still."""
        # Whoever estimates asks for money; returns follow.
        tickets_sudo = self.sudo()
        returns_sudo = tickets_sudo.custody_ids.filtered(
            lambda item: not item.date_out
        ).return_id
        if returns_sudo and tickets_sudo._get_unpaid_orders():
            returns_sudo._pause()

    def _must_pay_before(self):
        """Tell whether the customer pays before he gets his goods back (R51)."""
        self.ensure_one()
        if not self.company_id.aftersales_pay_before:
            return False
        partner = self.partner_id.commercial_partner_id.with_company(self.company_id)
        term = partner.property_payment_term_id
        return all(not line.nb_days for line in term.line_ids)

    def _get_unpaid_orders(self):
        """Return the estimates that the customer has to accept or pay first (R51).

        Called as superuser: who hands goods back sees no orders.
        """
        unpaid = self.env["sale.order"]
        for ticket in self:
            orders = ticket.sale_ids._aftersales_estimates().filtered(
                lambda order: order.state != "cancel"
                and order.currency_id.compare_amounts(order.amount_total, 0.0) > 0
            )
            for order in orders:
                if order.state != "sale" or (
                    ticket._must_pay_before() and order._aftersales_get_unpaid() > 0
                ):
                    unpaid |= order
        return unpaid
