from odoo import models

from .aftersales_return import HOLDING_STATES


class AftersalesReturn(models.Model):
    """Papers of a return: the label on the parcel, the sheet (R49)."""

    _inherit = "aftersales.return"

    def _ensure_label(self):
        """Refuse labels of returns that nobody authorised: they open our door.

        :raise UserError: naming the returns
        """
        if early := self.filtered(lambda rma: rma.state not in HOLDING_STATES):
            early._refuse(
                self.env._("The label is printed once the return is authorised.")
            )

    def _get_paper_lang(self):
        """Return the language of papers: customers print in theirs, staff for them."""
        self.ensure_one()
        if self.env.user.share:
            return self.env.lang
        return self._get_customer_lang() or self.env.lang

    def _get_our_address(self):
        """Return where the parcel goes: name, address, phone and contact as texts."""
        self.ensure_one()
        company, place = self.company_id, self.warehouse_id.partner_id
        # Not who has left, nor the system.
        contact = self.user_id.filtered("active")
        at = place or company.partner_id
        return {
            "name": at.name if place else company.name,
            "text": at.contact_address_inline or "",
            "phone": at.phone or company.phone or "",
            "contact": contact.name or "",
        }

    def _get_label_filename(self):
        self.ensure_one()
        return self.env._("Return Label %s", self.name.replace("/", "-"))

    def _get_sheet_filename(self):
        self.ensure_one()
        return self.env._("Return Sheet %s", self.name.replace("/", "-"))

    def _get_report_base_filename(self):
        return self._get_sheet_filename()
