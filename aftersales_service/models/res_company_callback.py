from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import fields, models


class ResCompany(models.Model):
    """How long the desk may take after a call (R12, R34, R69)."""

    _inherit = "res.company"

    aftersales_wish_days = fields.Integer(
        string="Wishes answered (days)",
        default=2,
        help="Days in which the supervisor answers a wish or question of a callback.",
    )
    aftersales_callback_attempts = fields.Integer(
        string="Attempts of a callback",
        default=3,
        help="After so many attempts in vain a callback is closed as not reached.",
    )
    aftersales_file_days = fields.Integer(
        string="Customer file complete (days)",
        default=2,
        help="Days after the first contact in which the file of a customer is made.",
    )

    _aftersales_callback_sane = models.Constraint(
        "CHECK (COALESCE(aftersales_wish_days, 0) BETWEEN 0 AND 366 "
        "AND COALESCE(aftersales_file_days, 0) BETWEEN 0 AND 366 "
        "AND COALESCE(aftersales_callback_attempts, 1) BETWEEN 1 AND 100)",
        "The days of the desk lie between 0 and 366, the attempts between 1 and 100.",
    )

    def _aftersales_day_end(self, days=0, moment=None):
        """Return when the local day ends that is so many days away, as naive UTC.

        :param int days: 0 for the day of the moment itself
        :param datetime moment: naive UTC, now when empty
        """
        self.ensure_one()
        # The time zone of a company is no secret.
        zone = ZoneInfo(self.sudo().partner_id.tz or "UTC")
        day = self._aftersales_today(moment) + timedelta(days=days)
        end = datetime.combine(day, time(23, 59, 59), tzinfo=zone)
        return end.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
