from odoo import Command

from .warranty_common import WarrantyCommon


class ContractCommon(WarrantyCommon):
    """Products that sell cover, and contracts over sold machines."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        common = {"type": "service", "invoice_policy": "order"}
        Product = cls.env["product.product"]
        cls.care = Product.create(
            {
                **common,
                "name": "Care contract",
                "list_price": 900,
                "aftersales_sells": "contract",
                "aftersales_contract_months": 12,
                "aftersales_contract_visits_included": 2,
                "aftersales_contract_hours_included": 10,
                "aftersales_contract_covers_parts": True,
            }
        )
        cls.longer = Product.create(
            {
                **common,
                "name": "Two years more",
                "list_price": 500,
                "aftersales_sells": "extension",
            }
        )
        cls.longer.aftersales_policy_id = cls._policy(
            "Extension", terms=[(cls.machine, 24, "month")]
        )
        cls.team.supervisor_id = cls.supervisor

    def _contract(self, units, confirm=True, **values):
        """Return a contract over units, by default in force for a year."""
        contract = self.env["aftersales.contract"].create(
            {
                "partner_id": units.partner_id.id,
                "equipment_ids": [Command.set(units.ids)],
                "date_start": "2026-03-01",
                "date_end": "2027-02-28",
                "covers_parts": True,
                **values,
            }
        )
        if confirm:
            contract.action_confirm()
        return contract

    def _covers(self, unit, source):
        return unit.coverage_ids.filtered(lambda cover: cover.source == source)

    def _worked(self, unit, hours=1.0, use=True, **values):
        """Return a ticket with labour done on the unit."""
        ticket = self._ticket(equipment_id=unit.id, **values)
        line = self._line(ticket, self.labour, "labour", quantity=hours)
        if use:
            line.action_use()
        return ticket
