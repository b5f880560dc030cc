from odoo import models
from odoo.tools import format_date


class RatingRating(models.Model):
    """What the customer's page of an evaluation card shows (R33)."""

    _inherit = "rating.rating"

    def _get_public_sender(self):
        """Return who asks, as plain values for the frame of the page."""
        self.ensure_one()
        company = self.aftersales_company_id
        return {
            "company": company.name,
            "company_id": company.id,
            "company_phone": company.phone,
        }

    def _get_public_card(self):
        """Return everything the page may show, as plain values.

        Whoever has the link reads it: the visit, who came, and no name, address or
        answer of the customer (hook).
        """
        self.ensure_one()
        visit = self.aftersales_dispatch_id
        product = visit.product_id.with_context(display_default_code=False)
        return {
            "visit": visit.name,
            "ticket": visit.ticket_id.name,
            "day": format_date(
                self.env,
                self.aftersales_company_id._aftersales_today(visit.finish_date),
            ),
            "technician": self.aftersales_technician_id.name,
            "product": product.display_name,
            "answered": self._get_public_day(self.rated_on) if self.consumed else "",
            "expired": self._get_public_day(self.aftersales_expire_date),
        }

    def _get_opinion_titles(self):
        """Return (kind, title) pairs of words, in the language of the reader."""
        return self._fields["aftersales_opinion"]._description_selection(self.env)

    def _get_public_day(self, moment):
        company = self.aftersales_company_id
        return (
            format_date(self.env, company._aftersales_today(moment)) if moment else ""
        )
