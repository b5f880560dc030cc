from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import fields, models


class ResCompany(models.Model):
    """How evaluation cards go to customers (R33)."""

    _inherit = "res.company"

    aftersales_card_when = fields.Selection(
        selection=[
            ("next_day", "The next day"),
            ("at_once", "As soon as the visit is finished"),
        ],
        string="Evaluation card is sent",
        default="next_day",
        required=True,
    )
    aftersales_card_hour = fields.Float(
        string="Hour of the evaluation card",
        default=9.0,
        help="Local time of the company.",
    )
    aftersales_card_reminder_days = fields.Integer(
        string="Reminder of the evaluation card",
        default=3,
        help="Days after the mail on which a customer who has not answered is reminded, "
        "once; 0 for never.",
    )
    aftersales_card_valid_days = fields.Integer(
        string="Evaluation card valid",
        default=30,
        help="Days after which a card cannot be answered any more.",
    )
    aftersales_card_alarm = fields.Float(
        string="Bad mean of an evaluation",
        default=2.0,
        digits=(3, 2),
        help="A mean of the four items as low as this reaches the supervisor at once, "
        "as does any item at the lowest level.",
    )

    _aftersales_card_sane = models.Constraint(
        "CHECK (COALESCE(aftersales_card_hour, 9) >= 0 "
        "AND COALESCE(aftersales_card_hour, 9) < 24 "
        "AND COALESCE(aftersales_card_reminder_days, 3) BETWEEN 0 AND 365 "
        "AND COALESCE(aftersales_card_valid_days, 30) BETWEEN 1 AND 365 "
        "AND COALESCE(aftersales_card_alarm, 2) BETWEEN 0 AND 4)",
        "Evaluation cards: an hour of the day, a reminder within a year, validity of 1 "
        "to 365 days, and a mean between 0 and 4.",
    )

    def _aftersales_card_dates(self, moment):
        """Return when the card of a visit is sent, and until when it is valid.

        :param datetime moment: when the visit was finished, naive UTC
        """
        self.ensure_one()
        send = moment
        if self.aftersales_card_when == "next_day":
            # The time zone of a company is no secret.
            zone = ZoneInfo(self.sudo().partner_id.tz or "UTC")
            minutes = round(self.aftersales_card_hour * 60)
            local = datetime.combine(
                self._aftersales_today(moment) + timedelta(days=1),
                time(minutes // 60 % 24, minutes % 60),
                tzinfo=zone,
            )
            send = local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
        return send, send + timedelta(days=self.aftersales_card_valid_days)
