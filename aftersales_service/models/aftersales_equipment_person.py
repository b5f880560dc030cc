from odoo import api, models


class AftersalesEquipment(models.Model):
    """What a voucher knows about persons, and for how long (R66)."""

    _name = "aftersales.equipment"
    _inherit = ["aftersales.equipment", "aftersales.person.mixin"]

    _person_links = ("partner_id", "dealer_id", "site_id")
    _person_fields = frozenset({"partner_id", "dealer_id", "site_id", "proof", "note"})

    @api.model
    def _get_person_columns(self):
        # No other person: a dealer's file does not tell who his customers are.
        return [
            "name",
            "product_id",
            "serial",
            "quantity",
            "order_ref",
            "invoice_ref",
            "delivery_date",
            "installation_date",
            "registration_date",
            "proof",
            "note",
            "state",
            "close_date",
            "close_reason",
        ]

    def _get_erased_label(self):
        self.ensure_one()
        parts = (self.name, self.product_id.display_name, self.serial)
        return " · ".join(part for part in parts if part)

    def _get_needs(self):
        """A unit in use is served under warranty; a call about it is answered."""
        Ticket = self.env["aftersales.ticket"].sudo()  # whoever's tickets they are
        called = Ticket.search(
            Ticket._get_unfinished_domain() & Ticket._get_unit_domain(self)
        ).equipment_id
        return {
            unit: "in_use" if unit.state == "active" else "open_ticket"
            for unit in self
            if unit.state == "active" or unit in called
        }

    def _get_last_days(self):
        """Kept from its delivery, its end or its last ticket on, whatever came last."""
        Ticket = self.env["aftersales.ticket"].sudo()  # whoever's tickets they are
        tickets = Ticket.with_context(active_test=False).search(
            Ticket._get_unit_domain(self)
        )
        closed = {}
        for ticket, day in tickets._get_last_days().items():
            unit = ticket.equipment_id
            closed[unit] = max(closed.get(unit, day), day)
        days = {}
        for unit in self:
            known = (
                unit.delivery_date,
                unit.registration_date,
                unit.close_date,
                closed.get(unit),
            )
            days[unit] = max(
                (day for day in known if day), default=unit.create_date.date()
            )
        return days

    def _prepare_erased_vals(self, persons):
        vals = super()._prepare_erased_vals(persons)
        if self.proof:
            vals["proof"] = self._get_erased_text()
        if self.note:
            vals["note"] = self._get_erased_text()
        return {**vals, "access_token": False}
