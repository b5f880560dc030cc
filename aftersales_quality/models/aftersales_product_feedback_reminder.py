from odoo import api, models
from odoo.fields import Domain


class AftersalesProductFeedback(models.Model):
    """Issues in the weekly summary, and those whose answer is overdue (R96)."""

    _inherit = "aftersales.product.feedback"

    def _get_summary_line(self):
        """Return the row of the weekly summary."""
        self.ensure_one()
        alarm = self.alarm != "none" and self._say_value(
            self._fields["alarm"], self.alarm
        )
        return (
            self.name,
            " – ".join(text for text in (alarm, self.description) if text),
            self.product_id.display_name or "",
            self.owner_id.name or "",
            self._say_value(self._fields["state"], self.state),
        )

    # ------------------------------------------------------------
    # SCHEDULED
    # ------------------------------------------------------------

    @api.model
    def _cron_remind(self):
        """Remind owner and lead of quality, once, of answers that are overdue."""
        Cron = self.env["ir.cron"]
        for company in self.env["res.company"].search([("active", "=", True)]):
            domain = self._get_overdue_domain(company) & Domain(
                "overdue_told", "=", False
            )
            while rows := self.search(domain, limit=100, order="date_due, id"):
                rows = rows.try_lock_for_update(allow_referencing=True)
                if not rows:
                    break
                rows._by_method().write({"overdue_told": True})
                for row in rows:
                    for user in row.owner_id | company.aftersales_quality_lead_id:
                        row._notify(
                            user,
                            lambda talk: talk.env._(
                                "The answer to %s is overdue.", talk.display_name
                            ),
                        )
                if not Cron._commit_progress(len(rows)):
                    return
