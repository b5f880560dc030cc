from odoo import models
from odoo.exceptions import UserError


class RepairOrder(models.Model):
    """Repair card, cost notice and certificate on paper (R28, R51, R67)."""

    _inherit = "repair.order"

    def _get_card_filename(self):
        self.ensure_one()
        return self.env._("Repair Card %s", self.name.replace("/", "-"))

    def _get_cost_filename(self):
        self.ensure_one()
        return self.env._("Repair Cost Notice %s", self.name.replace("/", "-"))

    def _get_release_filename(self):
        self.ensure_one()
        return self.env._("Repair Certificate %s", self.name.replace("/", "-"))

    def _get_paper_lang(self):
        """Return the language of the customer."""
        self.ensure_one()
        return self.partner_id.lang or self.env.lang

    def _get_cost_orders(self):
        """Return the estimates that the customer accepts and pays.

        Called as superuser: whoever prints the notice sees no orders.
        """
        self.ensure_one()
        orders = self.aftersales_ticket_id.sale_ids._aftersales_estimates()
        return orders.filtered(lambda order: order.state != "cancel")

    def _ensure_cost_notice(self):
        """Refuse a notice of costs before the customer was made an estimate.

        :raise UserError: naming the repairs
        """
        # See _get_cost_orders.
        bare = self.filtered(lambda repair: not repair.sudo()._get_cost_orders())
        if bare:
            raise UserError(
                self.env._(
                    "%s: nothing was estimated yet. Note work and parts, then make the "
                    "estimate on the ticket.",
                    ", ".join(bare.mapped("name")),
                )
            )

    def _ensure_certificate(self):
        """Refuse a certificate before the release check.

        :raise UserError: naming the repairs
        """
        if unreleased := self.filtered(
            lambda repair: not repair.aftersales_release_date
        ):
            raise UserError(
                self.env._(
                    "%s: the certificate is printed once the repair was checked and "
                    "released.",
                    ", ".join(unreleased.mapped("name")),
                )
            )

    def _get_guarantee_end(self):
        """Return until when the repair is guaranteed, the last day of its promises."""
        self.ensure_one()
        covers = self.aftersales_ticket_id.repair_coverage_ids
        return max(covers.mapped("date_end"), default=False)
