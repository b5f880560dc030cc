from odoo import api, fields, models
from odoo.fields import Domain


class AftersalesReturnLine(models.Model):
    """What may come back of what was delivered: for the desk's form and the portal.

    Everything here reads under the rights of the system; who may see what of it is
    decided by the documents the question started from.
    """

    _inherit = "aftersales.return.line"

    def _waits_for_inspection(self):
        """Tell whether goods are here that nobody has looked at yet."""
        self.ensure_one()
        return bool(
            self.inspection_required
            and self.quantity_received
            and self.inspection == "pending"
        )

    @api.model
    def _get_delivery_domain(self, company):
        """Domain of the deliveries of a company that goods may come back from.

        Goods that were given back come back again by their first delivery.
        """
        return (
            Domain("state", "=", "done")
            & Domain("company_id", "=", company.id)
            & Domain("location_dest_id.usage", "=", "customer")
            & Domain("location_id.usage", "!=", "customer")
            & Domain("origin_returned_move_id", "=", False)
        )

    @api.model
    def _get_customer_domain(self, customer):
        """Domain of the deliveries to a customer and his addresses."""
        customers = customer.commercial_partner_id.ids
        return Domain("sale_line_id.order_id.partner_id", "child_of", customers) | (
            Domain("sale_line_id", "=", False)
            & Domain("picking_id.partner_id", "child_of", customers)
        )

    @api.model
    def _offer(self, moves_sudo, lots=None, invoice_lines=None):
        """Return what may come back of deliveries: one dict per delivery and serial.

        :param moves_sudo: done deliveries
        :param lots: only these serials and lots
        :param invoice_lines: only what was invoiced with these
        :return: list of dicts, newest delivery first
        """
        if not moves_sudo:
            return []
        # See the class.
        lines_sudo = self.sudo()
        free = {
            (move.id, lot_id): quantity
            for (move, lot_id), quantity in lines_sudo._get_free(moves_sudo).items()
        }
        units_sudo = self._offer_units(moves_sudo)
        invoiced = self._offer_invoiced(invoice_lines) if invoice_lines else None
        rows = []
        for move in moves_sudo.sorted(lambda move: (move.date, move.id), reverse=True):
            paid_with = self._offer_invoice_line(move, invoice_lines)
            for lot in self._offer_lots(move, lots):
                left = free.get((move.id, lot.id or None), 0.0)
                if invoiced is not None:
                    left = min(left, invoiced.get(paid_with, 0.0))
                if move.product_id.uom_id.compare(left, 0.0) <= 0:
                    continue
                if invoiced is not None:
                    invoiced[paid_with] -= left
                unit = units_sudo.get((move.id, lot.id)) or units_sudo.get(
                    (move.id, False)
                )
                rows.append(self._prepare_offer(move, lot, unit, paid_with, left))
        return rows

    @api.model
    def _offer_lots(self, move_sudo, lots=None):
        """Return the serials of a delivery, or no lot where they do not matter."""
        none = move_sudo.env["stock.lot"]
        if move_sudo.product_id.tracking == "none":
            return [none]
        delivered = move_sudo.move_line_ids.lot_id
        if lots is not None:
            delivered &= lots
        return list(delivered) or ([] if lots is not None else [none])

    @api.model
    def _offer_units(self, moves_sudo):
        """Return ``{(id of the delivery, id of the lot): unit}`` of units in use."""
        units_sudo = moves_sudo.env["aftersales.equipment"].search(
            [("move_id", "in", moves_sudo.ids), ("state", "=", "active")]
        )
        return {(unit.move_id.id, unit.lot_id.id): unit for unit in units_sudo}

    @api.model
    def _offer_invoice_line(self, move_sudo, invoice_lines=None):
        """Return the posted invoice line a delivery was paid with, the newest one."""
        posted = move_sudo.sale_line_id.invoice_lines.filtered(
            lambda item: item.parent_state == "posted"
            and item.move_id.move_type == "out_invoice"
        )
        if invoice_lines:
            posted &= invoice_lines
        return posted.sorted("id")[-1:]

    @api.model
    def _offer_invoiced(self, invoice_lines):
        """Return ``{invoice line: its quantity in the unit of the product}``."""
        return {
            line: self._convert(
                line.product_uom_id, line.quantity, line.product_id.uom_id
            )
            for line in invoice_lines
        }

    @api.model
    def _prepare_offer(self, move_sudo, lot, unit, invoice_line, quantity):
        order = move_sudo.sale_line_id.order_id
        picking = move_sudo.picking_id
        customer = order.partner_id or unit and unit.partner_id or picking.partner_id
        fitting = (
            order.partner_id
            | order.partner_shipping_id
            | picking.partner_id
            | (unit.partner_id | unit.dealer_id if unit else order.partner_id)
        )
        day = fields.Datetime.context_timestamp(self, move_sudo.date).date()
        return {
            "product_id": move_sudo.product_id.id,
            "move_id": move_sudo.id,
            "lot_id": lot.id,
            "equipment_id": unit.id if unit else False,
            "invoice_line_id": invoice_line.id,
            "partner_id": customer.id,
            "fitting_ids": fitting.commercial_partner_id.ids,
            "order_name": order.name,
            "delivery_name": picking.name or move_sudo.reference,
            "invoice_name": invoice_line.move_id.name,
            "lot_name": lot.name,
            "date": day,
            "days": (fields.Date.context_today(self) - day).days,
            "returnable_quantity": quantity,
            "price_paid": self._get_price_paid(
                invoice_line, move_sudo.sale_line_id, move_sudo.product_id
            ),
        }

    @api.model
    def _offer_unit(self, unit_sudo):
        """Return what may come back of a unit whose delivery nobody knows."""
        quantity = unit_sudo.quantity - unit_sudo.quantity_returned
        day = unit_sudo.delivery_date
        return {
            "product_id": unit_sudo.product_id.id,
            "move_id": False,
            "lot_id": unit_sudo.lot_id.id,
            "equipment_id": unit_sudo.id,
            "invoice_line_id": False,
            "partner_id": unit_sudo.partner_id.id,
            "fitting_ids": (
                unit_sudo.partner_id | unit_sudo.dealer_id
            ).commercial_partner_id.ids,
            "order_name": False,
            "delivery_name": unit_sudo.name,
            "invoice_name": False,
            "lot_name": unit_sudo.serial,
            "date": day,
            "days": (fields.Date.context_today(self) - day).days if day else 0,
            "returnable_quantity": quantity,
            "price_paid": 0.0,
            "remedy": "repair",
        }

    @api.model
    def _get_offer_key(self, row):
        """Return what tells one offer from another, of an offer or a line of a form."""
        return tuple(
            (row[name].id if isinstance(row[name], models.BaseModel) else row[name])
            or False
            for name in ("move_id", "lot_id", "equipment_id")
        )
