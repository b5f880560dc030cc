from odoo import api, fields, models

from .aftersales_return import HOLDING_STATES
from .aftersales_return_workflow import AGENT


class AftersalesReturn(models.Model):
    """Goods that do not come back although they were replaced are sold (R48)."""

    _inherit = "aftersales.return"

    can_offer_kept = fields.Boolean(compute="_compute_can_offer_kept")

    @api.depends("state", "line_ids.is_back_overdue")
    @api.depends_context("uid", "su")
    def _compute_can_offer_kept(self):
        is_agent = self.env.su or self.env.user.has_group(AGENT)
        for rma in self:
            rma.can_offer_kept = (
                is_agent
                and rma.state in HOLDING_STATES
                and any(rma.line_ids.mapped("is_back_overdue"))
            )

    def action_offer_kept(self):
        """Make quotations for goods that were replaced and are overdue.

        :return: action that opens them, also those of before
        :raise UserError: when nothing is overdue
        """
        self._ensure_can(
            "can_offer_kept",
            self.env._(
                "Goods are offered to the customer when they are overdue after their "
                "replacement."
            ),
        )
        self._take_turns()
        overdue = self.line_ids.filtered("is_back_overdue")
        # The quotations of others count.
        known_sudo = overdue.sudo().order_line_ids.filtered(
            lambda item: item.aftersales_kept and item.state in ("draft", "sent")
        )
        new = overdue.filtered(
            lambda line: line not in known_sudo.aftersales_return_line_id
        )
        orders_sudo = new._create_orders("_prepare_kept_item") | known_sudo.order_id
        # Opened by who may read them.
        return self._open_documents(orders_sudo.sudo(False))
