from odoo import api, fields, models
from odoo.fields import Command

from .aftersales_ticket_estimate import OPEN_STATES


class AftersalesTicket(models.Model):
    """Who else bears a share gets a bill of it (R21)."""

    _inherit = "aftersales.ticket"

    can_bill_third_party = fields.Boolean(compute="_compute_can_bill_third_party")

    @api.depends(
        "state",
        "line_ids.state",
        "line_ids.amount_third_party",
        "line_ids.sale_line_ids.state",
    )
    @api.depends_context("uid", "su")
    def _compute_can_bill_third_party(self):
        for ticket in self:
            ticket.can_bill_third_party = (
                ticket._is_desk()
                and ticket.state in (*OPEN_STATES, "solved")
                and bool(ticket._get_unbilled_lines())
            )

    def _get_unbilled_lines(self):
        """Return the lines whose third party has no bill of its share yet."""
        lines = self.line_ids.filtered(
            lambda line: line.state != "unused" and line.amount_third_party
        )
        # Orders are not the desk's to see, that one exists is.
        billed = lines.sudo().sale_line_ids.filtered(
            lambda offer: offer.aftersales_payer == "third_party"
            and offer.state != "cancel"
        )
        return lines - billed.aftersales_ticket_line_id.with_env(self.env)

    def action_bill_third_party(self):
        """Draft one order for each third party that bears a share of the work (R21).

        :raise UserError: when no share is left to bill
        """
        self._ensure_can(
            "can_bill_third_party",
            self.env._(
                "The desk bills third parties for shares that they bear and have no "
                "bill of yet."
            ),
        )
        for ticket in self:
            lines = ticket._get_unbilled_lines()
            # As for estimates: the desk has no rights on sales.
            Order = self.env["sale.order"].sudo().with_company(ticket.company_id)
            orders_sudo = Order._by_method().create(
                [
                    ticket._prepare_third_party_vals(partner, shares)
                    for partner, shares in lines.grouped("third_party_id").items()
                ]
            )
            ticket._message_log(
                body=self.env._(
                    "Third party's share: %s",
                    ", ".join(
                        f"{order.name} ({order.partner_id.name})"
                        for order in orders_sudo
                    ),
                )
            )
        self.invalidate_recordset(["estimate_ids"])
        return True

    def _prepare_third_party_vals(self, partner, lines):
        """Return the values of the order that bills a third party its shares (hook)."""
        self.ensure_one()
        # Taxes and list of the third party are not the desk's to see.
        partner_sudo = partner.sudo().with_company(self.company_id)
        position = partner_sudo.env["account.fiscal.position"]._get_fiscal_position(
            partner_sudo
        )
        pricelist = partner_sudo.property_product_pricelist
        terms = {
            "currency": pricelist.currency_id or self.company_id.currency_id,
            "fiscal_position": position,
            "lang": partner_sudo.lang or self.env.lang,
        }
        return {
            "partner_id": partner.id,
            "company_id": self.company_id.id,
            "pricelist_id": pricelist.id,
            "fiscal_position_id": position.id,
            "origin": self.name,
            "aftersales_ticket_id": self.id,
            "aftersales_payer": "third_party",
            "order_line": [
                Command.create(line._prepare_third_party_line_vals(**terms))
                for line in lines
            ],
        }
