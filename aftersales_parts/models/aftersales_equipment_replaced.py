from odoo import fields, models

from odoo.addons.aftersales_service.tools.allocation import Unit


class AftersalesEquipment(models.Model):
    """Vouchers of goods that were exchanged (R13, R52)."""

    _inherit = "aftersales.equipment"

    replaced_pair_ids = fields.One2many(
        comodel_name="aftersales.return.pair",
        inverse_name="old_equipment_id",
        string="Replacements",
        readonly=True,
        copy=False,
        groups="aftersales_service.aftersales_service_group_technician",
    )

    def _close_replaced(self, pairs):
        """Close a unit as replaced, once all of it was given back.

        :param pairs: what took its place
        """
        self.ensure_one()
        gone = self.uom_id.compare(self.quantity_returned, self.quantity) >= 0
        if not gone or self.state not in ("active", "returned"):
            return
        names = [
            pair.new_equipment_id.display_name
            or pair.new_lot_id.name
            or pair.move_id.product_id.display_name
            for pair in pairs
        ]
        self._close(
            "replaced",
            self.env._("Replaced by %s", ", ".join(dict.fromkeys(filter(None, names)))),
        )

    def _reopen_replaced(self, quantity):
        """Take back that pieces were replaced: others came back in their place."""
        for unit in self:
            unit._by_method().write(
                {
                    "quantity_returned": max(unit.quantity_returned - quantity, 0.0),
                    "state": "active",
                    "close_date": False,
                    "close_reason": False,
                }
            )

    # ------------------------------------------------------------
    # INVOICES
    # ------------------------------------------------------------

    def _match_invoices(self, invoice_lines, per_line_unit):
        """What took the place of a unit was paid with the same invoice."""
        places = {unit.id: place for place, unit in enumerate(self)}

        def find_place(unit):
            first = unit
            for old in unit._get_replaced():
                first = old if old.id in places else first
            return places[first.id], places[unit.id]

        units = self
        if self.replaces_id & self:
            # Most units replace none: they do not pay for it.
            units = self.with_context(aftersales_replaced=True).sorted(find_place)
        matched = super(AftersalesEquipment, units)._match_invoices(
            invoice_lines, per_line_unit
        )
        for unit in reversed(units):
            old = unit.replaces_id
            if old in matched:
                matched[old] = list(dict.fromkeys([*matched[old], *matched[unit]]))
        return matched

    def _get_invoice_claim(self):
        claim = super()._get_invoice_claim()
        if not self.env.context.get("aftersales_replaced"):
            return claim
        pairs = self.replaced_pair_ids.filtered(
            lambda pair: pair.new_equipment_id.sale_line_id == self.sale_line_id
        )
        replaced = sum(pairs.mapped("quantity"))
        return Unit(
            claim.key,
            max(claim.quantity - replaced, 0.0),
            max(claim.returned - replaced, 0.0),
        )
