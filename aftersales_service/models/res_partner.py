from odoo import fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    _inherit = "res.partner"

    aftersales_dealer = fields.Boolean(
        string="Dealer",
        help="Buys to sell on: may register the resale of his units on the portal and "
        "report faults for his customers.",
    )
    aftersales_equipment_count = fields.Integer(
        string="Units", compute="_compute_aftersales_counts"
    )
    aftersales_ticket_count = fields.Integer(
        string="Tickets", compute="_compute_aftersales_counts"
    )

    aftersales_warranty_count = fields.Integer(
        string="Under Warranty", compute="_compute_aftersales_warranty_count"
    )
    aftersales_contract_count = fields.Integer(
        string="Contracts", compute="_compute_aftersales_counts"
    )

    def _compute_aftersales_counts(self):
        for model, field in (
            ("aftersales.contract", "aftersales_contract_count"),
            ("aftersales.equipment", "aftersales_equipment_count"),
            ("aftersales.ticket", "aftersales_ticket_count"),
        ):
            counts = self._aftersales_count(model)
            for partner in self:
                partner[field] = counts.get(partner._origin.id, 0)

    def _compute_aftersales_warranty_count(self):
        """Count the units in use under warranty, of them and their contacts."""
        counts = self._aftersales_count(
            "aftersales.equipment",
            Domain("state", "=", "active")
            & Domain("warranty_state", "in", ("active", "expiring")),
        )
        for partner in self:
            partner.aftersales_warranty_count = counts.get(partner._origin.id, 0)

    def _aftersales_count(self, model, domain=Domain.TRUE):
        """Return ``{partner id: records of it and its contacts}`` the user may see."""
        Model = self.env[model]
        if not Model.has_access("read"):
            return {}
        family = self.with_context(active_test=False).search_fetch(
            [("id", "child_of", self.ids)], ["parent_id"]
        )
        groups = Model._read_group(
            Domain("partner_id", "in", family.ids) & domain,
            ["partner_id"],
            ["__count"],
        )
        counts = {}
        for partner, count in groups:
            while partner:
                counts[partner.id] = counts.get(partner.id, 0) + count
                partner = partner.parent_id if partner.parent_id in family else None
        return counts

    def _aftersales_family_domain(self, field):
        """Domain of records whose partner is one of these or their contacts."""
        return Domain(field, "child_of", self.ids)

    def action_view_aftersales_equipment(self):
        """Open the units this customer holds or sold as a dealer."""
        domain = self._aftersales_family_domain("partner_id")
        domain |= self._aftersales_family_domain("dealer_id")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_equipment_action"
        )
        return {
            **action,
            "domain": domain,
            "context": {"default_partner_id": self.id if len(self) == 1 else False},
        }

    def action_view_aftersales_contracts(self):
        """Open the service contracts of this customer."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_contract_action"
        )
        return {
            **action,
            "domain": self._aftersales_family_domain("partner_id"),
            "context": {"default_partner_id": self.id if len(self) == 1 else False},
        }

    def action_view_aftersales_tickets(self):
        """Open the tickets of this customer."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_ticket_action"
        )
        return {
            **action,
            "domain": self._aftersales_family_domain("partner_id"),
            "context": {"default_partner_id": self.id if len(self) == 1 else False},
        }

    def action_aftersales_request_service(self):
        """Open the form that registers a ticket for this customer."""
        self.ensure_one()
        return self.env["aftersales.ticket.request"]._get_action(partner=self)
