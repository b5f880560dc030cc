from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date

OWN_SOURCES = ("policy", "replacement", "extension", "repair")
KINDS = ("labour", "parts", "travel")


class AftersalesEquipment(models.Model):
    """What a unit is promised, in words: for papers and for the customer's pages."""

    _inherit = "aftersales.equipment"

    def _is_certified(self):
        """Tell whether the unit has a warranty of ours that can be certified.

        Clearance goods and goods of another maker are served, but not by our promise
        (R15).
        """
        self.ensure_one()
        # The product may be another company's or archived; only its maker is read.
        maker = self.sudo().product_id.aftersales_maker_id
        return bool(self.warranty_end) and not self.clearance and not maker

    @api.model
    def _get_certified_domain(self):
        """Domain of the units that :meth:`_is_certified` tells."""
        return (
            Domain("warranty_end", "!=", False)
            & Domain("clearance", "=", False)
            & Domain("product_id.aftersales_maker_id", "=", False)
        )

    def _get_promises(self):
        """Return the promises of a unit as plain values, in the reader's language.

        Contracts are promises of their own, see :meth:`_get_portal_contracts`.

        :return: list of dicts with ``name``, ``parts`` (groups it holds for, as a
            text), ``source``, ``date_start``, ``date_end``, ``labour``, ``parts_covered``,
            ``travel``, ``usage``, ``days_left``, ``percent`` (elapsed) and ``state``:
            none, coming, running or ended
        :raise AccessError: when the user may not read the unit
        """
        self.ensure_one()
        self.check_access("read")
        # Whoever may read the unit reads what it is promised; customers have no right
        # on covers.
        covers_sudo = self.sudo().coverage_ids.filtered(
            lambda cover: cover.source in OWN_SOURCES
        )
        sources = dict(covers_sudo._fields["source"]._description_selection(self.env))
        return [
            {
                "name": cover.component_id.name or cover.product_id.display_name,
                "parts": self._get_promised_parts(cover.component_id),
                "source": sources[cover.source],
                "date_start": cover.date_start,
                "date_end": cover.date_end,
                "labour": cover.covers_labour,
                "parts_covered": cover.covers_parts,
                "travel": cover.covers_travel,
                "usage": cover._get_usage_text(),
                "days_left": cover.days_left,
                "percent": cover.used_percent,
                "state": cover._get_promise_state(),
            }
            for cover in covers_sudo.sorted(
                lambda cover: (
                    not cover.component_id,
                    cover.component_id.sequence,
                    cover.component_id.id,
                    cover.date_start,
                    cover.id,
                )
            )
        ]

    @api.model
    def _get_promised_parts(self, component):
        """Name the groups beneath a group of parts; a whole machine names none."""
        if not component.parent_id:
            return ""
        names = ", ".join(component.child_ids.sorted().mapped("name"))
        return "" if names == component.name else names

    @api.model
    def _get_address_line(self, partner):
        """Return the address of a contact on one line, without names."""
        address = partner._display_address(without_company=True)
        lines = (line.strip(" ,") for line in address.splitlines())
        return ", ".join(filter(None, lines))

    def _get_promised_until(self):
        """Return the last day of a running warranty as text, else an empty one."""
        self.ensure_one()
        running = self.warranty_state in ("active", "expiring")
        if not (running and self.state == "active" and self._is_certified()):
            return ""
        return format_date(self.env, self.warranty_end)

    def _get_repair_promise_text(self):
        """Say how long a repaired item is guaranteed, as promised at the sale."""
        self.ensure_one()
        # As in _get_promises.
        promise = (self.sudo().warranty_rules or {}).get("repair")
        if not (promise and promise.get("duration")):
            return ""
        return self.env._(
            "Repaired items: %(duration)s %(unit)s from the repair.",
            duration=promise["duration"],
            unit=self._get_duration_unit(promise.get("unit")),
        )

    @api.model
    def _get_duration_unit(self, unit):
        units = self.env["aftersales.warranty.term"]._fields["duration_unit"]
        return dict(units._description_selection(self.env)).get(unit, "").lower()

    @api.model
    def _get_exclusion_names(self):
        """Return the reasons for which a repair is paid for (R15)."""
        # Customers read the list on their paper, not the table behind it.
        exclusions_sudo = self.env["aftersales.exclusion"].sudo()
        return exclusions_sudo.search_fetch([], ["name"]).mapped("name")

    # ------------------------------------------------------------
    # PAGES OF THE CUSTOMER
    # ------------------------------------------------------------

    def _get_portal_contracts(self):
        """Return the running contracts of the unit that the reader has, as values.

        A contract is its customer's: the dealer of the unit and whoever has a link
        to it see nothing of it.
        """
        self.ensure_one()
        customer = self.env.user.commercial_partner_id
        # Customers may have no right on contracts; narrowed to their own just below.
        contracts_sudo = self.env["aftersales.contract"].sudo()
        contracts_sudo = contracts_sudo.search(
            [
                ("equipment_ids", "in", self.ids),
                ("state", "=", "active"),
                ("partner_id", "child_of", customer.id),
            ]
        )
        return [
            {
                "name": contract.name,
                "date_end": contract.date_end,
                "visits_left": max(contract.visits_included - contract.visits_used, 0)
                if contract.visits_included
                else None,
            }
            for contract in contracts_sudo
        ]
