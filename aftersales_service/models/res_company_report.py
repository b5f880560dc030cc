from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from odoo import fields, models


class ResCompany(models.Model):
    """How visits are measured and when the day is reported (R30, R70)."""

    _inherit = "res.company"

    aftersales_daily_hour = fields.Float(
        string="Daily reports at",
        default=19.0,
        help="Local time at which the daily reports of the technicians and of the "
        "teams are composed.",
    )
    aftersales_punctual_minutes = fields.Integer(
        string="Punctual within (minutes)",
        default=15,
        help="How long after the agreed time an arrival still is punctual.",
    )
    aftersales_first_fix_days = fields.Integer(
        string="First-time fix (days)",
        default=30,
        help="How long nothing may come after a visit for it to have fixed the fault "
        "the first time.",
    )
    aftersales_drills_per_year = fields.Integer(
        string="Emergency drills a year",
        default=2,
        help="How many emergency drills of the staff a year needs; 0 for none.",
    )
    aftersales_emergencies_per_year = fields.Integer(
        string="Emergency trainings a year",
        default=2,
        help="How many emergency trainings of the staff a year needs; 0 for none.",
    )
    aftersales_daily_run = fields.Datetime(
        string="Daily reports made on",
        help="When the daily reports were made last.",
    )
    aftersales_unconfirmed_day = fields.Date(
        string="Unconfirmed reports told on",
        help="Last day on which supervisors were told of unconfirmed reports.",
    )

    _aftersales_report_sane = models.Constraint(
        "CHECK (COALESCE(aftersales_daily_hour, 0) BETWEEN 0 AND 23.5 "
        "AND COALESCE(aftersales_punctual_minutes, 0) BETWEEN 0 AND 1440 "
        "AND COALESCE(aftersales_first_fix_days, 0) BETWEEN 0 AND 3650 "
        "AND COALESCE(aftersales_drills_per_year, 0) BETWEEN 0 AND 366 "
        "AND COALESCE(aftersales_emergencies_per_year, 0) BETWEEN 0 AND 366)",
        "Daily reports are made between 0:00 and 23:30, a delay is counted up to a "
        "day, a fix is watched up to ten years, and a year has 366 days.",
    )

    def _aftersales_day_bounds(self, day):
        """Return the begin and end of a day where the company works, as naive UTC.

        :param date day: local day
        """
        self.ensure_one()
        # The time zone of a company is no secret.
        zone, utc = ZoneInfo(self.sudo().partner_id.tz or "UTC"), ZoneInfo("UTC")
        return tuple(
            datetime(moment.year, moment.month, moment.day, tzinfo=zone)
            .astimezone(utc)
            .replace(tzinfo=None)
            for moment in (day, day + timedelta(days=1))
        )
