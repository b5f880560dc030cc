from odoo import api, models


class ResPartner(models.Model):
    """Complaints of a customer: of him and everybody below him."""

    _name = "res.partner"
    _inherit = ["res.partner", "aftersales.complained.mixin"]

    _complaint_field = "partner_id"

    def _aftersales_find_complaints(self):
        Complaint = self.env["aftersales.complaint"]
        if not self.ids or not Complaint.has_access("read"):
            return {}
        mine, found = set(self.ids), {}
        for partner, ids in Complaint._read_group(
            [("partner_id", "child_of", self.ids)], ["partner_id"], ["id:array_agg"]
        ):
            # The parents of addresses the user reads.
            while partner := partner.sudo():
                if partner.id in mine:
                    found.setdefault(partner.id, set()).update(ids)
                partner = partner.parent_id
        return found

    @api.model
    def _get_aftersales_person_models(self):
        return [*super()._get_aftersales_person_models(), "aftersales.complaint"]
