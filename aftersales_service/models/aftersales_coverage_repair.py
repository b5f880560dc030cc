from odoo import models

from ..tools.warranty import prolong


class AftersalesCoverage(models.Model):
    """Days in repair that are added back to a cover."""

    _inherit = "aftersales.coverage"

    def _set_added_days(self, spans):
        """Add the days of the stays that began while a cover ran.

        What a person corrected on the last day stays corrected: only the difference
        to the days added before is moved.

        :param spans: ``(day of the hand-in, days)`` of all stays, in their order
        :return: the covers that have changed
        """
        changed = self.browse()
        for cover in self:
            bare = prolong(cover.date_end, -cover.days_added)
            added = 0
            for day, days in sorted(spans):
                if cover.date_start <= day <= prolong(bare, added):
                    added += days
            if added != cover.days_added:
                cover._by_method().write(
                    {"days_added": added, "date_end": prolong(bare, added)}
                )
                changed |= cover
        return changed
