from odoo import api, fields, models
from odoo.exceptions import UserError

from .stock_move_part import OPEN_STATES

LINKS = frozenset({"aftersales_return_id", "aftersales_parcel_id"})


class StockPicking(models.Model):
    _inherit = "stock.picking"

    aftersales_return_id = fields.Many2one(
        comodel_name="aftersales.return",
        string="Return (RMA)",
        index="btree_not_null",
        check_company=True,
        copy=False,
    )

    aftersales_can_inspect = fields.Boolean(compute="_compute_aftersales_can_inspect")

    @api.depends("state", "aftersales_return_id.can_inspect")
    @api.depends_context("uid", "su")
    def _compute_aftersales_can_inspect(self):
        self.aftersales_can_inspect = False
        concerned = self.filtered("aftersales_return_id")
        if concerned and concerned.aftersales_return_id.has_access("read"):
            for picking in concerned:
                picking.aftersales_can_inspect = (
                    picking.aftersales_return_id.can_inspect
                    and any(
                        line.quantity_to_inspect or line.quantity_in_rework
                        for line in picking.move_ids.aftersales_return_line_id
                    )
                )

    def action_aftersales_note_findings(self):
        """Open the form on which the findings on the goods of this transfer are noted.

        :raise UserError: when nothing of it waits for its inspection
        """
        self.ensure_one()
        rma = self.aftersales_return_id
        rma._ensure_can(
            "can_inspect", self.env._("Only goods that were received are inspected.")
        )
        lines = self.move_ids.aftersales_return_line_id
        return self.env["aftersales.return.inspect"]._get_action(lines)

    def _create_backorder_picking(self):
        """What is still to come, or to go, belongs to the same return or parcel."""
        backorder = super()._create_backorder_picking()
        if self.aftersales_return_id or self.aftersales_parcel_id:
            # Nobody types these links; see _aftersales_ensure_not_linked.
            backorder.sudo().write({name: self[name].id for name in LINKS})
        return backorder

    def write(self, vals):
        self._aftersales_ensure_not_linked(vals)
        return super().write(vals)

    def _aftersales_ensure_not_linked(self, vals):
        """Refuse to type which return or parcel a transfer belongs to.

        The return counts what its transfers brought, and the parcel follows them.

        :raise UserError: naming the transfers
        """
        if self.env.su or not LINKS & vals.keys():
            return
        linked = self.filtered(
            lambda picking: any(
                name in vals and picking[name].id != vals[name] for name in LINKS
            )
        )
        if linked:
            raise UserError(
                self.env._(
                    "%s: which return the goods belong to is not typed; it follows from "
                    "the return, which makes its own transfers.",
                    ", ".join(linked.mapped("display_name")),
                )
            )

    # ------------------------------------------------------------
    # WAITING FOR THE INSPECTION
    # ------------------------------------------------------------

    def action_cancel(self):
        self._aftersales_ensure_not_under_inspection()
        return super().action_cancel()

    def do_unreserve(self):
        self._aftersales_ensure_not_under_inspection()
        return super().do_unreserve()

    def _aftersales_ensure_not_under_inspection(self):
        """Keep returned goods reserved until their inspection says where they go.

        :raise UserError: naming the transfers
        """
        held = self.filtered(
            lambda picking: picking.aftersales_return_id
            and picking.picking_type_id.code == "internal"
            and picking.state not in ("done", "cancel")
        )
        if not held:
            return
        # The return says what was found; the warehouse may read it, others not.
        lines_sudo = held.move_ids.aftersales_return_line_id.sudo()
        waiting_sudo = lines_sudo._get_inspection_moves(OPEN_STATES)
        if waiting := held.filtered(lambda picking: picking.move_ids & waiting_sudo):
            raise UserError(
                self.env._(
                    "%s keeps returned goods from being promised to somebody else until "
                    "they are inspected: note the findings instead.",
                    ", ".join(waiting.mapped("name")),
                )
            )
