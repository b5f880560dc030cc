from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL


class AftersalesReminderMixin(models.AbstractModel):
    """Record with an end of which somebody is reminded once (R19).

    The end that was reminded of is kept: when the end moves, a new reminder is due.
    """

    _name = "aftersales.reminder.mixin"
    _description = "Record with an End"

    # Field of the end, field of the end reminded of, company setting of the days.
    _reminder_end = None
    _reminder_mark = None
    _reminder_days = None

    @api.model
    def _get_ending_domain(self, company):
        """Domain of what is in force, ends soon, and nobody was reminded of."""
        end, mark = self._reminder_end, self._reminder_mark
        today = company._aftersales_today()
        last = today + timedelta(days=company[self._reminder_days])

        def unreminded(model, alias, query):
            return SQL(
                "%s IS DISTINCT FROM %s",
                SQL.identifier(alias, mark),
                SQL.identifier(alias, end),
            )

        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "active")
            & Domain(end, ">=", today)
            & Domain(end, "<=", last)
            & Domain.custom(to_sql=unreminded)
        )

    def _mark_reminded(self):
        """Keep the ends that were reminded of."""
        for end, records in self.grouped(self._reminder_end).items():
            records._by_method().write({self._reminder_mark: end})

    def _get_able(self, user):
        """Return the user when he works here and may see these records, else nobody."""
        if user and user.active and not user.share:
            if len(self.with_user(user)._filtered_access("read")) == len(self):
                return user
        return user.browse()
