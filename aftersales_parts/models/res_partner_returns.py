from odoo import models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "aftersales.returned.mixin"]

    def _aftersales_find_returns(self):
        """Return ``{id: ids}`` of the returns of contacts and their addresses."""
        Return = self.env["aftersales.return"]
        if not self.ids or not Return.has_access("read"):
            return {}
        groups = Return._read_group(
            [("partner_id", "child_of", self.ids)], ["partner_id"], ["id:array_agg"]
        )
        mine, found = set(self.ids), {}
        for partner, ids in groups:
            # The parents of addresses the user reads.
            while partner := partner.sudo():
                if partner.id in mine:
                    found.setdefault(partner.id, set()).update(ids)
                partner = partner.parent_id
        return found

    def _aftersales_return_documents(self):
        self.ensure_one()
        return {"partner": self}
