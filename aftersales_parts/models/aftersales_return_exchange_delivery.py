from odoo import fields, models
from odoo.exceptions import UserError


class AftersalesReturnLine(models.Model):
    """Deliveries of replacements: procurements, as those of the order."""

    _inherit = "aftersales.return.line"

    def _ensure_replaceable(self):
        """Refuse to send what is no longer kept.

        :raise UserError: naming the products and the way out
        """
        # The product may be archived, or no longer seen by the user.
        archived = self.sudo().filtered(
            lambda line: not (line.replacement_product_id or line.product_id).active
            and not line._get_replacement_moves()
        )
        if archived:
            raise UserError(
                self.env._(
                    "%s: no longer in the range. Choose another product as the "
                    "replacement on its line.",
                    ", ".join(archived.mapped("product_id.display_name")),
                )
            )

    def _send_replacements(self):
        """Make the deliveries of what is still to be replaced.

        :return: all living deliveries of these lines, new and old
        :raise UserError: when no rule of the warehouse brings a product to the customer
        """
        procurements = []
        missing = self.browse()
        for line in self:
            quantity = line._get_quantity_to_replace()
            if quantity:
                procurements.append(line._prepare_replacement(quantity))
                missing |= line
        if procurements:
            # Who exchanges has no right on transfers; the return has its own rules.
            self.env["stock.rule"].sudo().run(procurements)
            missing._ensure_sent()
            missing._reserve_planned_serials()
        # As above.
        return self._get_replacement_moves().picking_id.sudo(False)

    def _prepare_replacement(self, quantity):
        """Return the procurement of a quantity of the line's product.

        After the receipt it is the order's own, so that what was delivered on it is
        right again. What leaves before the faulty goods are back, or replaces what no
        order is known of, has nothing to do with an order.
        """
        self.ensure_one()
        company = self.company_id
        # Addresses, routes and warehouse of the order, for who exchanges.
        line_sudo = self.sudo().with_company(company)
        rma_sudo, sale_line_sudo = line_sudo.return_id, line_sudo.sale_line_id
        product_sudo = line_sudo.product_id
        address_sudo = rma_sudo.return_address_id or rma_sudo.partner_id
        values = {
            "warehouse_id": sale_line_sudo.warehouse_id or rma_sudo.warehouse_id,
            "company_id": company,
        }
        if sale_line_sudo and not self.exchange_first:
            values = sale_line_sudo._prepare_procurement_values()
        values |= {
            "partner_id": address_sudo.id,
            "date_planned": fields.Datetime.now(),
            "date_deadline": False,
            "packaging_uom_id": product_sudo.uom_id,
            "aftersales_return_line_id": self.id,
        }
        went_to_sudo = line_sudo.move_id.location_dest_id
        if went_to_sudo.usage != "customer":
            went_to_sudo = address_sudo.property_stock_customer
        values["location_final_id"] = went_to_sudo
        origin = (sale_line_sudo.order_id.name, rma_sudo.name)
        return self.env["stock.rule"].Procurement(
            product_sudo,
            quantity,
            product_sudo.uom_id,
            went_to_sudo,
            product_sudo.display_name,
            ", ".join(filter(None, origin)),
            company,
            values,
        )

    def _ensure_sent(self):
        """Refuse replacements for which no delivery was made.

        :raise UserError: naming the products
        """
        self.invalidate_recordset(["stock_move_ids"])
        if failed := self.filtered(lambda line: line._get_quantity_to_replace()):
            raise UserError(
                self.env._(
                    "No rule of the warehouse delivers these products from stock: %s. "
                    "Choose another product, or ask the warehouse for its routes.",
                    ", ".join(failed.mapped("product_id.display_name")),
                )
            )

    def _reserve_planned_serials(self):
        """Keep the serial numbers that are to be sent, as far as they are on stock."""
        for line in self.filtered("replacement_lot_id"):
            lot = line.replacement_lot_id
            moves = line._get_replacement_moves().filtered(
                lambda move, lot=lot: move.state
                in ("confirmed", "assigned", "partially_available")
                and not move.move_orig_ids
                and move.product_id == lot.product_id
            )
            for move in moves[:1]:
                if lot in move.move_line_ids.lot_id:
                    continue
                move._do_unreserve()
                move._update_reserved_quantity(
                    1.0, move.location_id, lot_id=lot, strict=False
                )
                move._action_assign()
