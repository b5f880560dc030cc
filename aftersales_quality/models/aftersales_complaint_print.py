from odoo import models
from odoo.tools import formatLang


class AftersalesComplaint(models.Model):
    """What is printed: the handling form and the letter (R58, F99, F101, F103)."""

    _inherit = "aftersales.complaint"

    def _get_form_filename(self):
        self.ensure_one()
        name = self.name.replace("/", "-")
        return self.env._("Complaint Handling Form %s", name)

    def _get_letter_filename(self):
        self.ensure_one()
        name = self.name.replace("/", "-")
        return self.env._("Letter about Complaint %s", name)

    def _get_printed_contact(self):
        """Return who complained and how he is reached, in one line."""
        self.ensure_one()
        parts = (self.contact_name, self.contact_phone, self.contact_email)
        return " · ".join(part for part in parts if part)

    def _get_printed_sanctions(self):
        """Return the proposed sanctions that the reader may see, a line each."""
        self.ensure_one()
        Sanction = self.env["aftersales.sanction"]
        sanctions = Sanction.search(
            [("complaint_id", "=", self.id), ("state", "!=", "cancelled")]
        )
        states = dict(Sanction._fields["state"]._description_selection(self.env))
        return [
            " · ".join(
                (
                    sanction.name,
                    formatLang(
                        self.env, sanction.amount, currency_obj=sanction.currency_id
                    ),
                    states[sanction.state],
                )
            )
            for sanction in sanctions
        ]
