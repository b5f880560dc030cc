from odoo import fields, models
from odoo.exceptions import UserError

# An object, not a word: a context sent from outside cannot contain it.
RELEASED = object()
# Failing goods are scrapped or go back to their supplier; they go nowhere else.
WAYS_OUT = ("inventory", "supplier")


class StockMove(models.Model):
    """Failing goods leave the place apart only by a decision about them (R52)."""

    _inherit = "stock.move"

    aftersales_nonconformity_id = fields.Many2one(
        comodel_name="aftersales.nonconformity",
        index="btree_not_null",
        readonly=True,
        copy=False,
    )
    aftersales_containment_id = fields.Many2one(
        comodel_name="aftersales.containment",
        index="btree_not_null",
        readonly=True,
        copy=False,
    )

    def _action_done(self, cancel_backorder=False):
        self._aftersales_ensure_released()
        return super()._action_done(cancel_backorder=cancel_backorder)

    def _aftersales_ensure_released(self):
        """Refuse to take failing goods out of the place apart by hand.

        :raise UserError: naming the goods and the way out
        """
        apart = self.env["stock.warehouse"]._aftersales_get_apart_ids()
        if not apart or self.env.context.get("aftersales_released") is RELEASED:
            return
        # Whatever lies apart is asked about, whoever moves it.
        kept_sudo = self.sudo().move_line_ids.filtered(
            lambda item: item.picked
            and item.location_id._aftersales_is_within(apart)
            and item.location_dest_id.usage not in WAYS_OUT
            and not item.location_dest_id._aftersales_is_within(apart)
        )
        if kept_sudo:
            raise UserError(
                self.env._(
                    "%s is kept apart because it fails. Its nonconformity decides: "
                    "after rework it is inspected again, and released by that.",
                    ", ".join(
                        (item.lot_id or item.product_id).display_name
                        for item in kept_sudo
                    ),
                )
            )
