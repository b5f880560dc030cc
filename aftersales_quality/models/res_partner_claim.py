from odoo import api, fields, models


class ResPartner(models.Model):
    """Claims against a supplier, from his contact (R57)."""

    _inherit = "res.partner"

    aftersales_claim_count = fields.Integer(
        string="Number of Supplier Claims", compute="_compute_aftersales_claim_count"
    )

    @api.depends_context("uid")
    def _compute_aftersales_claim_count(self):
        self.aftersales_claim_count = 0
        Claim = self.env["aftersales.supplier.claim"]
        if not self.ids or not Claim.has_access("read"):
            return
        groups = Claim._read_group(
            [("partner_id", "child_of", self.ids)], ["partner_id"], ["__count"]
        )
        mine = {partner.id: partner for partner in self}
        for partner, count in groups:
            # The parents of addresses the user reads.
            while partner := partner.sudo():
                if partner.id in mine:
                    mine[partner.id].aftersales_claim_count += count
                partner = partner.parent_id

    def action_view_aftersales_claims(self):
        """Open the claims against the supplier."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_supplier_claim_action"
        )
        return action | {
            "domain": [("partner_id", "child_of", self.id)],
            "context": {"default_partner_id": self.id},
        }

    def action_view_aftersales_scorecard(self):
        """Open the scorecard of the supplier."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_supplier_scorecard_action"
        )
        return action | {
            "domain": [("partner_id", "=", self.commercial_partner_id.id)],
            "views": [(False, "list"), (False, "pivot"), (False, "graph")],
        }
