from odoo import models

from .aftersales_return_line import CUSTOMER_GOODS


class AftersalesReturn(models.Model):
    """The transfers that bring the goods: the warehouse works in its own screens."""

    _inherit = "aftersales.return"

    def _create_receipts(self):
        """Make the transfers of authorised returns: what becomes ours, what does not."""
        for rma in self:
            for lines in rma._group_lines_for_receipt():
                rma._create_receipt(lines)

    def _group_lines_for_receipt(self):
        """Return the lines by the transfer they come with."""
        self.ensure_one()
        theirs = self.line_ids.filtered(lambda line: line.remedy in CUSTOMER_GOODS)
        return [lines for lines in (self.line_ids - theirs, theirs) if lines]

    def _create_receipt(self, lines):
        """Make one transfer for many deliveries, as Odoo's own return wizard does."""
        self.ensure_one()
        # Made by the return behind its own rules: agents have no right on transfers.
        receipt_sudo = self.env["stock.picking"].sudo()
        receipt_sudo = receipt_sudo.create(self._prepare_receipt(lines))
        # See above.
        wizard_sudo = self.env["stock.return.picking"].sudo().create({})
        for line in lines:
            item_sudo = wizard_sudo.product_return_moves.create(
                line._prepare_return_item(wizard_sudo)
            )
            item_sudo.with_context(aftersales_return_line_id=line.id)._process_line(
                receipt_sudo
            )
        receipt_sudo.action_confirm()
        receipt_sudo.action_assign()
        lines._put_serials(receipt_sudo)
        return receipt_sudo

    def _prepare_receipt(self, lines):
        self.ensure_one()
        # The warehouse's own settings, for who returns.
        warehouse_sudo = self.warehouse_id.sudo()
        theirs = bool(lines.filtered(lambda line: line.remedy in CUSTOMER_GOODS))
        picking_type_sudo = (
            warehouse_sudo.aftersales_custody_type_id
            if theirs
            else warehouse_sudo.aftersales_return_type_id
        )
        return {
            "partner_id": self.partner_id.id,
            "picking_type_id": picking_type_sudo.id,
            "location_id": self._get_customer_location(lines).id,
            "location_dest_id": picking_type_sudo.default_location_dest_id.id,
            "owner_id": self.partner_id.id if theirs else False,
            "origin": self.name,
            "company_id": self.company_id.id,
            "aftersales_return_id": self.id,
        }

    def _get_customer_location(self, lines):
        # See _prepare_receipt.
        delivered_sudo = lines.move_id.sudo().location_dest_id
        return delivered_sudo[:1] or self.partner_id.sudo().property_stock_customer
