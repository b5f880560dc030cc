from odoo import api, models


class AftersalesContract(models.Model):
    """What a contract knows about persons, and for how long (R66)."""

    _name = "aftersales.contract"
    _inherit = ["aftersales.contract", "aftersales.person.mixin"]

    _person_links = ("partner_id",)
    _person_fields = frozenset({"partner_id"})

    @api.model
    def _get_person_columns(self):
        return ["name", "date_start", "date_end", "product_id", "price", "state"]

    def _get_needs(self):
        running = self.filtered(lambda contract: contract.state in ("draft", "active"))
        return dict.fromkeys(running, "in_force")

    def _get_last_days(self):
        return {contract: contract.date_end for contract in self}

    def _prepare_erased_vals(self, persons):
        # A contract always has a customer; the company itself stands in for him.
        return {"partner_id": self.company_id.partner_id.id}
