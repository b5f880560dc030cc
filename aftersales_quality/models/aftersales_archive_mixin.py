from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

# Records of the department are kept at least as long (R66).
LEAST_YEARS = 3


class AftersalesArchiveMixin(models.AbstractModel):
    """What is finished is kept for years: nobody deletes it or files it away (R66)."""

    _name = "aftersales.archive.mixin"
    _description = "Record Kept for Years"

    # States in which a record is finished.
    _kept_states = ()

    def _get_kept_years(self):
        """Return how many years the company keeps its records."""
        self.ensure_one()
        # A rule of the company, no secret.
        return max(LEAST_YEARS, self.company_id.sudo().aftersales_complaint_years)

    def _get_finished_date(self):
        """Return when a record was finished (hook): nothing was written after it."""
        self.ensure_one()
        return self.write_date

    def _get_kept_until(self):
        """Return until when a finished record is kept, None when it is not finished."""
        self.ensure_one()
        if self.state not in self._kept_states:
            return None
        years = relativedelta(years=self._get_kept_years())
        return fields.Datetime.to_datetime(self._get_finished_date()) + years

    @api.ondelete(at_uninstall=False)
    def _unlink_except_archived(self):
        self._ensure_not_kept()

    def write(self, vals):
        if "active" in self._fields and not vals.get("active", True):
            self._ensure_not_kept()
        return super().write(vals)

    def _ensure_not_kept(self):
        """Refuse to take away what is kept.

        :raise UserError: naming the records and how long they stay
        """
        now = fields.Datetime.now()
        for record in self:
            until = record._get_kept_until()
            if until and until > now:
                record._refuse(
                    self.env._(
                        "It is finished and kept until %s. It can neither be deleted "
                        "nor filed away before.",
                        fields.Date.to_string(until.date()),
                    )
                )
