from odoo import fields, models
from odoo.fields import Domain


class AftersalesContainment(models.Model):
    """Which lots, units, parts and customers it concerns (R63)."""

    _inherit = "aftersales.containment"

    # ------------------------------------------------------------
    # LOTS
    # ------------------------------------------------------------

    def _has_range(self):
        self.ensure_one()
        return bool(
            self.serial_from or self.serial_to or self.date_from or self.date_to
        )

    def _get_lot_domain(self):
        """Domain of the lots: those named, and those in the range."""
        self.ensure_one()
        named = Domain("id", "in", self.lot_ids.ids)
        if not self._has_range():
            return named
        company = self.company_id
        within = Domain("product_id", "=", self.product_id.id)
        within &= Domain("company_id", "in", (False, company.id))
        if self.serial_from:
            within &= Domain("name", ">=", self.serial_from)
        if self.serial_to:
            within &= Domain("name", "<=", self.serial_to)
        if self.date_from:
            start, _end = company._aftersales_day_bounds(self.date_from)
            within &= Domain("create_date", ">=", start)
        if self.date_to:
            _start, end = company._aftersales_day_bounds(self.date_to)
            within &= Domain("create_date", "<", end)
        return named | within

    def _get_lots(self):
        """Return the lots that it concerns now."""
        if self.tracking == "none":
            return self.env["stock.lot"]
        return self.env["stock.lot"].search(self._get_lot_domain())

    def _get_hold_domain(self):
        domain = Domain("product_id", "=", self.product_id.id)
        if self.tracking == "none":
            return domain
        # Any number of lots in one condition, without listing them.
        return domain & Domain("lot_id", "any", self._get_lot_domain())

    # ------------------------------------------------------------
    # UNITS
    # ------------------------------------------------------------

    def _find_units(self):
        """Return ``{unit: (lot, reason)}`` of all units in use that it concerns.

        A number of queries that does not depend on the number of units.
        """
        self.ensure_one()
        Equipment = self.env["aftersales.equipment"]
        in_use = Domain("company_id", "=", self.company_id.id)
        in_use &= Domain("state", "=", "active")
        if self.tracking == "none":
            sold = in_use & Domain("product_id", "=", self.product_id.id)
            if self.date_from:
                sold &= Domain("delivery_date", ">=", self.date_from)
            if self.date_to:
                sold &= Domain("delivery_date", "<=", self.date_to)
            return {
                unit: (self.env["stock.lot"], "sold") for unit in Equipment.search(sold)
            }
        lots = self._get_lot_domain()
        found = {
            unit: (unit.lot_id, "sold")
            for unit in Equipment.search(in_use & Domain("lot_id", "any", lots))
        }
        for unit, lot in self._find_built_in(lots).items():
            if unit.state == "active":
                found.setdefault(unit, (lot, "built_in"))
        return found

    def _find_built_in(self, lots):
        """Return ``{unit: lot}`` of parts that were built in and not taken out again."""
        used = Domain("state", "=", "used") & Domain("equipment_id", "!=", False)
        used &= Domain("company_id", "=", self.company_id.id)
        lines = self.env["aftersales.ticket.line"].search(
            used
            & (Domain("new_lot_id", "any", lots) | Domain("old_lot_id", "any", lots)),
            order="date_done, id",
        )
        inside = {}
        concerned = self._get_lots()
        for line in lines:
            here = inside.setdefault(line.equipment_id, [])
            if line.old_lot_id in here:
                here.remove(line.old_lot_id)
            if line.new_lot_id in concerned:
                here.append(line.new_lot_id)
        return {unit: here[0] for unit, here in inside.items() if here}

    def _find_deliveries(self, known):
        """Return ``{(customer, lot): quantity}`` of lots delivered without a voucher.

        :param known: lots whose units are found by their vouchers
        """
        self.ensure_one()
        if self.tracking == "none":
            return {}
        items = self.env["stock.move.line"].search(
            Domain("state", "=", "done")
            & Domain("company_id", "=", self.company_id.id)
            & Domain("lot_id", "any", self._get_lot_domain())
            & Domain("lot_id", "not in", known.ids)
            & (
                Domain("location_id.usage", "=", "customer")
                | Domain("location_dest_id.usage", "=", "customer")
            )
        )
        # What was built in at a visit is found by its ticket.
        items = items.filtered(lambda item: not item.move_id.aftersales_ticket_line_id)
        delivered = {}
        for item in items:
            partner = item.picking_id.partner_id.commercial_partner_id
            if not partner:
                continue
            out = item.location_dest_id.usage == "customer"
            back = item.location_id.usage == "customer"
            key = (partner, item.lot_id)
            delivered[key] = delivered.get(key, 0.0) + (
                (out - back) * item.quantity_product_uom
            )
        uom = self.product_id.uom_id
        return {
            key: quantity
            for key, quantity in delivered.items()
            if uom.compare(quantity, 0.0) > 0
        }

    def _look_up(self):
        """Add the units and deliveries that are not on the list yet; none is dropped."""
        self.ensure_one()
        units = self._find_units()
        have = self.unit_ids
        known = set(have.equipment_id.ids)
        vals_list = [
            self._prepare_unit(unit, lot, reason)
            for unit, (lot, reason) in units.items()
            if unit.id not in known
        ]
        # Every unit of a lot counts, also one that is not in use any more.
        vouchers = self.env["aftersales.equipment"].with_context(active_test=False)
        with_voucher = vouchers.search(
            Domain("lot_id", "any", self._get_lot_domain())
            & Domain("company_id", "=", self.company_id.id)
        ).lot_id
        listed = {(row.partner_id, row.lot_id) for row in have if not row.equipment_id}
        vals_list += [
            {
                "containment_id": self.id,
                "product_id": lot.product_id.id,
                "lot_id": lot.id,
                "partner_id": partner.id,
                "quantity": quantity,
                "reason": "delivered",
            }
            for (partner, lot), quantity in self._find_deliveries(with_voucher).items()
            if (partner, lot) not in listed
        ]
        rows = self.env["aftersales.containment.unit"].create(vals_list)
        self._by_method().looked_up_on = fields.Datetime.now()
        return rows

    def _prepare_unit(self, unit, lot, reason):
        return {
            "containment_id": self.id,
            "equipment_id": unit.id,
            "product_id": unit.product_id.id,
            "lot_id": lot.id,
            "partner_id": unit.partner_id.id,
            "quantity": unit.quantity,
            "reason": reason,
        }
