from odoo import api, fields, models
from odoo.fields import Command

from .aftersales_return import HOLDING_STATES
from .aftersales_return_line import CUSTOMER_GOODS
from .aftersales_return_workflow import AGENT


class AftersalesReturn(models.Model):
    """Giving customers' goods back: the return of the return, signed for (R28)."""

    _inherit = "aftersales.return"

    can_hand_back = fields.Boolean(compute="_compute_can_hand_back")

    @api.depends("state", "line_ids.quantity_received", "line_ids.quantity_given_back")
    @api.depends_context("uid", "su")
    def _compute_can_hand_back(self):
        allowed = (
            self.env.su
            or self.env.user.has_group(AGENT)
            or self.env.user.has_group("stock.group_stock_user")
        )
        for rma in self:
            rma.can_hand_back = (
                allowed
                and rma.state in HOLDING_STATES
                and any(
                    line.remedy in CUSTOMER_GOODS
                    and line.quantity_received > line.quantity_given_back
                    for line in rma.line_ids
                )
            )

    def _ensure_can_hand_back(self):
        self._ensure_can(
            "can_hand_back",
            self.env._(
                "Goods are handed back that stay the customer's and are here, while "
                "the return is open."
            ),
        )

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def action_hand_back(self):
        """Open the hand-back of everything that is ready, with its signature.

        :raise UserError: when nothing of the customer's is here
        """
        self._ensure_can_hand_back()
        # Items of the return, for whoever hands them back.
        return (
            self.sudo()
            .custody_ids.filtered(lambda item: not item.date_out)
            ._open_hand_back()
        )

    def action_prepare_hand_back(self, custody_ids=None):
        """Make the transfers that hand goods back, for the warehouse to validate.

        :param list custody_ids: the items; all that are ready when empty
        :return: action that opens the transfers
        :raise UserError: when nothing is ready
        """
        self._ensure_can_hand_back()
        pickings = self._prepare_hand_back(custody_ids)
        # Back to the rights of the user.
        return self._open_documents(pickings.sudo(False))

    def action_hand_over(
        self, signed_by=None, signature=None, tracking_ref=None, custody_ids=None
    ):
        """Hand goods back at the counter, or to a carrier, now (R28).

        :param str signed_by: who takes them
        :param signature: his signature, an image in base64
        :param str tracking_ref: carrier and number of the parcel instead
        :param list custody_ids: the items; all that are ready when empty
        :raise UserError: without signature or parcel, unrepaired, or unpaid where it is
            due
        """
        self._ensure_can_hand_back()
        pickings_sudo = self._prepare_hand_back(custody_ids)
        pickings_sudo.write(
            {
                "aftersales_signed_by": (signed_by or "").strip(),
                "aftersales_tracking_ref": (tracking_ref or "").strip(),
                **({"signature": signature} if signature else {}),
            }
        )
        pickings_sudo._aftersales_ensure_signed()
        for picking in pickings_sudo:
            picking.move_ids.picked = True
            picking.with_context(skip_backorder=True).button_validate()
        return True

    # ------------------------------------------------------------
    # TRANSFERS
    # ------------------------------------------------------------

    def _prepare_hand_back(self, custody_ids=None):
        """Return, as superuser, the open transfers that hand goods back."""
        # Made behind the rules above: the desk has no right on transfers.
        items_sudo = self.sudo().custody_ids.filtered(
            lambda item: not item.date_out
            and item.picking_in_id
            and (not custody_ids or item.id in custody_ids)
        )
        pickings_sudo = self.env["stock.picking"].sudo()  # as above
        for rma in self.sudo():
            pickings_sudo |= rma._create_hand_back(
                items_sudo.filtered(lambda item, rma=rma: item.return_id == rma),
                all_items=not custody_ids,
            )
        if not pickings_sudo:
            self._refuse(
                self.env._(
                    "Nothing is ready to be handed back: finish or cancel the repairs "
                    "first."
                )
            )
        return pickings_sudo

    def _create_hand_back(self, items, all_items=True):
        """Make the missing transfer of items; return the open ones that hold them."""
        self.ensure_one()
        ready = items.filtered(lambda item: not item._get_open_repairs())
        if not all_items:
            self._ensure_repaired(items - ready)
        waiting = self.picking_ids.filtered(
            lambda picking: picking.aftersales_is_hand_back
            and picking.state not in ("done", "cancel")
        )
        held = ready.browse()
        pickings = waiting.browse()
        for picking in waiting:
            inside = picking._aftersales_get_items() & ready
            if all_items or inside:
                if extra := picking._aftersales_get_items() - items:
                    # Others wait on the same transfer: they get one of their own.
                    picking.action_cancel()
                    ready |= extra if all_items else extra.browse()
                    continue
                pickings |= picking
                held |= inside
        missing = ready - held
        if missing:
            pickings |= self._create_hand_back_transfer(missing)
        return pickings

    def _create_hand_back_transfer(self, items):
        self.ensure_one()
        warehouse = self.warehouse_id
        receipt = items.picking_in_id[:1]
        picking = self.env["stock.picking"].create(
            {
                "partner_id": self.partner_id.id,
                "picking_type_id": warehouse.out_type_id.id,
                "location_id": receipt.location_dest_id.id,
                "location_dest_id": receipt.location_id.id,
                "origin": self.name,
                "company_id": self.company_id.id,
                "aftersales_return_id": self.id,
                "aftersales_is_hand_back": True,
                "move_ids": [
                    Command.create(vals)
                    for vals in map(self._prepare_hand_back_move, items)
                    if vals
                ],
            }
        )
        # Each item keeps a move of its own, with its serial and its owner.
        picking.move_ids._action_confirm(merge=False)
        for item, move in zip(items, picking.move_ids.sorted("id"), strict=True):
            move._do_unreserve()
            move.move_line_ids.unlink()
            self.env["stock.move.line"].create(
                {
                    "move_id": move.id,
                    "picking_id": picking.id,
                    "product_id": item.product_id.id,
                    "lot_id": item.lot_id.id,
                    "owner_id": self._get_owner(item).id,
                    "quantity": move.product_uom_qty,
                    "location_id": move.location_id.id,
                    "location_dest_id": move.location_dest_id.id,
                }
            )
        return picking

    def _get_owner(self, item):
        return item.picking_in_id.owner_id or self.partner_id

    def _prepare_hand_back_move(self, item):
        """Return the values of the move that returns the return of an item (hook)."""
        self.ensure_one()
        line = item.return_line_id
        _quantity, origin = line._get_received_items()[item.lot_id]
        return {
            "product_id": item.product_id.id,
            "product_uom": item.product_id.uom_id.id,
            "product_uom_qty": item._get_quantity_here(),
            "location_id": origin.location_dest_id.id,
            "location_dest_id": origin.location_id.id,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "origin_returned_move_id": origin.id,
            "to_refund": False,
            "procure_method": "make_to_stock",
            "restrict_partner_id": self._get_owner(item).id,
            "aftersales_return_line_id": line.id,
        }

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def _ensure_can_leave(self, items):
        """Refuse items that are not repaired, or not paid where that is due.

        :param items: items of this return
        :raise UserError: naming what is missing and the way out
        """
        self._ensure_repaired(items.filtered(lambda item: item._get_open_repairs()))
        if notice := self._say_unpaid(items):
            self._refuse(
                self.env._(
                    "%s; a supervisor may release the goods unpaid, with a reason.",
                    notice,
                )
            )

    def _ensure_repaired(self, items):
        if repairs := items._get_open_repairs():
            self._refuse(
                self.env._(
                    "These repairs are not finished: %s; finish or cancel them.",
                    ", ".join(repairs.mapped("name")),
                )
            )

    def _say_unpaid(self, items):
        """Return what is to be accepted or paid before items leave, empty if nothing.

        Called as superuser: who hands goods back sees no orders.
        """
        if not items or self.release_reason:
            return ""
        tickets = items.ticket_id
        repaired = items.repair_ids.filtered(lambda repair: repair.state == "done")
        asked = repaired.aftersales_ticket_id.filtered("needs_consent")
        unestimated = asked.filtered(lambda ticket: ticket._get_unestimated_lines())
        if unestimated:
            return self.env._(
                "The customer pays for work on %s and was not asked: make the estimate",
                ", ".join(unestimated.mapped("name")),
            )
        notices = []
        for order in tickets._get_unpaid_orders():
            if order.state != "sale":
                notices.append(
                    self.env._(
                        "Estimate %s waits for the customer's answer", order.name
                    )
                )
            else:
                notices.append(
                    self.env._(
                        "%(amount)s of order %(order)s are to be paid before the goods "
                        "go back",
                        amount=order.currency_id.format(order._aftersales_get_unpaid()),
                        order=order.name,
                    )
                )
        return "; ".join(notices)

    # ------------------------------------------------------------
    # FOLLOWING
    # ------------------------------------------------------------

    def _follow_hand_back(self):
        """Close the items that left with done transfers, and note it on their repairs."""
        # Whoever validates the transfer; what is written follows the done moves.
        for item in self.sudo().custody_ids:
            if item.date_out or not item.picking_in_id or item._get_quantity_here() > 0:
                continue
            moves = item._get_hand_backs().sorted("date")
            if moves:
                item._leave(moves[-1].picking_id, moves[-1].date)
