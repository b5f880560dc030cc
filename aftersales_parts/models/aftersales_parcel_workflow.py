from odoo import api, fields, models

AGENT = "aftersales_service.aftersales_service_group_agent"
KEEPER = "stock.group_stock_user"
ENDED = ("done", "cancel")


class AftersalesParcel(models.Model):
    """From the gate to its return, or back to its sender (R49)."""

    _inherit = "aftersales.parcel"

    can_receive = fields.Boolean(compute="_compute_can")
    can_match = fields.Boolean(compute="_compute_can")
    can_send_back = fields.Boolean(compute="_compute_can")

    @api.depends("state")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        is_agent = self.env.su or self.env.user.has_group(AGENT)
        is_keeper = is_agent or self.env.user.has_group(KEEPER)
        for parcel in self:
            parcel.can_receive = is_keeper and parcel.state == "draft"
            parcel.can_match = is_agent and parcel.state in ("held", "matched")
            parcel.can_send_back = is_agent and parcel.state == "held"

    def action_receive(self):
        """Put parcels that are here on hold: their sender's, promised to nobody.

        :raise UserError: when they are received already, or a serial is missing
        """
        self._ensure_can("can_receive", self.env._("It was received already."))
        for parcel in self:
            if parcel.tracking != "none" and not (parcel.serial or "").strip():
                parcel._refuse(
                    self.env._("Type in the serial that stands on the goods.")
                )
            parcel_sudo = parcel.sudo()  # the desk has no right on transfers
            warehouse_sudo = parcel_sudo.warehouse_id
            warehouse_sudo._aftersales_ensure_complete()
            picking_sudo = parcel_sudo.picking_ids.create(
                parcel_sudo._prepare_transfer(
                    warehouse_sudo.aftersales_custody_type_id,
                    parcel_sudo._get_owner()
                    .with_company(parcel.company_id)
                    .property_stock_customer,
                    warehouse_sudo.aftersales_hold_id,
                    parcel_sudo._find_lot(),
                )
            )
            parcel_sudo._validate_transfer(picking_sudo)
            parcel._step({"state": "held", "hold_move_id": picking_sudo.move_ids.id})
        return True

    def action_match(self, return_line_id):
        """Say which return a parcel belongs to; its goods come with it.

        They are booked at once, or when the return is authorised.

        :param int return_line_id: a line of a requested or authorised return
        :raise UserError: when it is about other goods, or all of them came already
        """
        self.ensure_one()
        self._ensure_can("can_match", self.env._("Only parcels on hold are matched."))
        line = self.env["aftersales.return.line"].browse(return_line_id)
        line.check_access("read")
        if line.product_id != self.product_id or line.company_id != self.company_id:
            self._refuse(
                self.env._(
                    "%s is about other goods than the parcel.", line.display_name
                )
            )
        if line.state not in ("draft", "authorised"):
            self._refuse(
                self.env._("%s is no longer expected.", line.return_id.display_name)
            )
        self._step({"state": "matched", "return_line_id": line.id})
        if line.state == "authorised":
            self._book_into_return()
        return True

    def action_send_back(self):
        """Refuse parcels: their goods go back to the sender, the warehouse sends them.

        :return: action that opens the transfers
        :raise UserError: when one is not on hold
        """
        self._ensure_can(
            "can_send_back", self.env._("Only parcels on hold go back to their sender.")
        )
        pickings_sudo = self.env["stock.picking"].sudo()  # see action_receive
        for parcel in self:
            picking_sudo = parcel.sudo()._create_way_back()
            parcel._step({"state": "refused"})
            pickings_sudo |= picking_sudo
        return True

    def _create_way_back(self):
        """Return a new transfer from hold to the sender, with its goods reserved."""
        self.ensure_one()
        held = self.hold_move_id
        picking = self.env["stock.picking"].create(
            self._prepare_transfer(
                self.warehouse_id.out_type_id,
                held.location_dest_id,
                held.location_id,
                held.move_line_ids.lot_id,
                held,
            )
        )
        picking.move_ids._action_confirm(merge=False)
        picking.action_assign()
        return picking

    def _validate_transfer(self, picking):
        picking.move_ids._action_confirm(merge=False)
        picking.move_ids.picked = True
        picking._action_done()

    def _book_into_return(self):
        """Let the goods come with the return they belong to.

        They leave the place of the sender's goods and come in with the receipt of the
        return, whose rules on serials and quantities hold for them too.
        """
        for parcel in self:
            parcel_sudo = parcel.sudo()  # see action_receive
            line_sudo = parcel_sudo.return_line_id
            lot_sudo = parcel_sudo.hold_move_id.move_line_ids.lot_id
            way_back_sudo = parcel_sudo._create_way_back()
            way_back_sudo.move_ids.picked = True
            # First, so that the transfer that leaves is not taken for a refusal.
            parcel._step({"state": "booked"})
            way_back_sudo._action_done()
            if not line_sudo._get_expected_moves():
                line_sudo.return_id._create_receipts()
            move_sudo = line_sudo._get_expected_moves()[:1]
            if not move_sudo:
                parcel._refuse(
                    self.env._(
                        "All goods of %s came already.",
                        line_sudo.return_id.display_name,
                    )
                )
            move_sudo.move_line_ids.unlink()
            move_sudo.move_line_ids = [
                fields.Command.create(
                    {
                        **move_sudo._prepare_move_line_vals(quantity=0),
                        "product_uom_id": parcel_sudo.uom_id.id,
                        "quantity": parcel.quantity,
                        "lot_id": lot_sudo.id,
                        "picked": True,
                    }
                )
            ]
            move_sudo.picking_id.with_context(cancel_backorder=False)._action_done()
            line_sudo.return_id.message_post(
                body=self.env._("Parcel %s was booked into this return.", parcel.name)
            )

    def _follow_sent_back(self):
        """Close parcels all of whose goods left again."""
        gone = self.filtered(
            lambda parcel: parcel.state == "refused"
            and all(picking.state in ENDED for picking in parcel.picking_ids)
        )
        if gone:
            gone._step({"state": "sent_back"})

    def _follow_kept(self):
        """Let the desk decide again on parcels whose way back was cancelled."""
        kept = self.filtered(
            lambda parcel: parcel.state == "refused"
            and parcel.picking_ids.sorted("id")[-1:].state == "cancel"
        )
        if kept:
            kept._step({"state": "held"})

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def _step(self, vals):
        """Write the facts of a step."""
        # Behind its own rule; the warehouse receives, the desk decides.
        return self.sudo()._by_method().write(vals)

    def _ensure_not_received(self):
        """Refuse other goods once they are on a transfer.

        :raise UserError: naming the parcels
        """
        if received := self.filtered(lambda parcel: parcel.state != "draft"):
            received._refuse(
                self.env._(
                    "The goods are on hold as they came; send them back instead."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_received(self):
        self._ensure_not_received()
