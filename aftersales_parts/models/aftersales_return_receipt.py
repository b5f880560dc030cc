from odoo import models


class AftersalesReturn(models.Model):
    """The transfers that bring the goods: the warehouse works in its own screens."""

    _inherit = "aftersales.return"

    def _ensure_complete(self):
        result = super()._ensure_complete()
        if homeless := self.filtered(lambda rma: not rma.warehouse_id):
            homeless._refuse(self.env._("Say which warehouse receives the goods."))
        for rma in self:
            if wrong := rma.line_ids.filtered(
                lambda line: line.lot_id
                and line.tracking == "serial"
                and line.uom_id.compare(line.quantity, 1) != 0
            ):
                rma._refuse(
                    self.env._(
                        "A serial number is one piece: give each its own line, or "
                        "leave the number to the warehouse: %s",
                        ", ".join(wrong.mapped("lot_id.display_name")),
                    )
                )
        return result

    def _create_receipts(self):
        """Make the transfers of authorised returns: what becomes ours, what does not.

        Only what has not come yet is expected, so that a second call adds nothing.

        :return: the transfers
        """
        # Made by the return behind its own rules: agents have no right on transfers.
        receipts_sudo = self.env["stock.picking"].sudo()
        # The warehouse's own settings, for who returns.
        self.warehouse_id.sudo()._aftersales_ensure_complete()
        for rma in self:
            for lines in rma._group_lines_for_receipt():
                receipts_sudo |= rma._create_receipt(lines)
        return receipts_sudo

    def _group_lines_for_receipt(self):
        """Return the lines by the transfer they come with."""
        self.ensure_one()
        expected = self.line_ids.filtered(
            # What another transfer is to bring is not announced a second time.
            lambda line: line._get_outstanding() > 0
            and not line.sudo()._get_expected_moves()
        )
        return list(expected.grouped(lambda line: line._get_receipt_places()).values())

    def _create_receipt(self, lines):
        """Make one transfer for many deliveries, as Odoo's own return wizard does."""
        self.ensure_one()
        # Made by the return behind its own rules: agents have no right on transfers.
        receipt_sudo = self.env["stock.picking"].sudo()
        receipt_sudo = receipt_sudo.create(self._prepare_receipt(lines))
        # See above.
        wizard_sudo = self.env["stock.return.picking"].sudo().create({})
        items_sudo = wizard_sudo.product_return_moves.create(
            [line._prepare_return_item(wizard_sudo) for line in lines]
        )
        items_sudo._aftersales_create_moves(receipt_sudo, lines)
        # Nothing is merged, and nothing is procured from a customer.
        receipt_sudo.move_ids._action_confirm(merge=False)
        receipt_sudo.action_assign()
        lines._leave_serials_to_warehouse(receipt_sudo)
        return receipt_sudo

    def _prepare_receipt(self, lines):
        self.ensure_one()
        source, destination, theirs = lines[0]._get_receipt_places()
        # The warehouse's own settings, for who returns.
        warehouse_sudo = self.warehouse_id.sudo()
        picking_type_sudo = (
            warehouse_sudo.aftersales_custody_type_id
            if theirs
            else warehouse_sudo.aftersales_return_type_id
        )
        return {
            "partner_id": self.partner_id.id,
            "picking_type_id": picking_type_sudo.id,
            "location_id": source.id,
            "location_dest_id": destination.id,
            "owner_id": self.partner_id.id if theirs else False,
            "origin": self.name,
            "company_id": self.company_id.id,
            "aftersales_return_id": self.id,
        }
