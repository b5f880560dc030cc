from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    aftersales_loan_count = fields.Integer(
        string="Goods Lent",
        compute="_compute_aftersales_loan_count",
        groups="aftersales_service.aftersales_service_group_agent",
    )

    def _compute_aftersales_loan_count(self):
        counts = {
            partner.id: count
            for partner, count in self.env["aftersales.loan"]._read_group(
                [("partner_id", "in", self.ids), ("state", "=", "out")],
                ["partner_id"],
                ["__count"],
            )
        }
        for partner in self:
            partner.aftersales_loan_count = counts.get(partner._origin.id, 0)

    def action_view_aftersales_loans(self):
        """Open what is lent to the customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_parts.aftersales_loan_action"
        )
        return {
            **action,
            "domain": [("partner_id", "=", self.id)],
            "context": {"default_kind": "loaner", "default_partner_id": self.id},
        }
