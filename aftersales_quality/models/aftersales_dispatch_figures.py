from odoo import models

# As the report of visits dates them.
DAY = "COALESCE(finish_date, arrive_date, date_start)"


class AftersalesDispatch(models.Model):
    """Visits found by their day, and by when they changed, for the figures."""

    _inherit = "aftersales.dispatch"

    _figure_day_idx = models.Index(
        f"(({DAY})) WHERE state IN ('on_site', 'done', 'failed')"
    )
    _figure_change_idx = models.Index("(write_date)")
