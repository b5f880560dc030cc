from odoo import api, models
from odoo.fields import Domain

# What followed from the calls and complaints of a customer, and its columns.
COLUMNS = {
    "aftersales.return": ["name", "partner_id", "ticket_id", "state", "deadline"],
    "aftersales.nonconformity": [
        "name",
        "product_id",
        "lot_id",
        "quantity",
        "cause_id",
        "disposition",
        "state",
    ],
    "aftersales.action": [
        "name",
        "kind",
        "description",
        "owner_id",
        "date_due",
        "date_done",
        "effective",
        "state",
    ],
    "aftersales.supplier.claim": [
        "name",
        "partner_id",
        "date_due",
        "amount_claimed",
        "amount_agreed",
        "state",
    ],
}


class ResPartner(models.Model):
    """The whole file of a customer: returns, and what his complaints led to (R66)."""

    _inherit = "res.partner"

    @api.model
    def _get_aftersales_file_extras(self, persons, found):
        extras = super()._get_aftersales_file_extras(persons, found)
        ids = {records._name: records.ids for records in found}
        complaints = Domain("complaint_id", "in", ids.get("aftersales.complaint", []))
        tickets = Domain("ticket_id", "in", ids.get("aftersales.ticket", []))
        domains = {
            "aftersales.return": Domain("partner_id", "in", persons.ids),
            "aftersales.nonconformity": complaints | tickets,
            "aftersales.action": complaints,
            "aftersales.supplier.claim": complaints,
        }
        for model, domain in domains.items():
            # Managers of after-sales read all of it; others read none of the file.
            records = self.env[model].search(domain, order="id")
            if records:
                extras.append(records)
        return extras

    @api.model
    def _get_aftersales_file_columns(self, records):
        if columns := COLUMNS.get(records._name):
            return columns
        return super()._get_aftersales_file_columns(records)
