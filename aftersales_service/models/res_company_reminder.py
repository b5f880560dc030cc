from zoneinfo import ZoneInfo

from odoo import fields, models


class ResCompany(models.Model):
    """How long before something ends somebody is reminded of it (R19)."""

    _inherit = "res.company"

    aftersales_warranty_notice_days = fields.Integer(
        string="Reminder of free maintenance",
        default=90,
        help="Days before the warranty of a unit ends on which its salesperson is "
        "reminded; 0 for never.",
    )
    aftersales_contract_notice_days = fields.Integer(
        string="Reminder of contracts",
        default=30,
        help="Days before a service contract ends on which the customer is written to "
        "and its renewal is planned; 0 for never.",
    )

    _aftersales_notice_sane = models.Constraint(
        "CHECK (COALESCE(aftersales_warranty_notice_days, 0) BETWEEN 0 AND 3650 "
        "AND COALESCE(aftersales_contract_notice_days, 0) BETWEEN 0 AND 3650)",
        "A reminder comes between 0 and 3650 days before the end.",
    )

    def _aftersales_today(self, moment=None):
        """Return the day it is where the company works.

        :param datetime moment: naive UTC, now when empty
        """
        # The time zone of a company is no secret.
        zone = ZoneInfo(self.sudo().partner_id.tz or "UTC")
        moment = moment or fields.Datetime.now()
        return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).date()

    def _aftersales_supervisor(self):
        """Return the user who leads the first service team of the company, if any."""
        self.ensure_one()
        # Teams are for everybody to read, but perhaps not in this company.
        teams_sudo = self.env["aftersales.team"].sudo()
        return teams_sudo.search(
            [("company_id", "=", self.id), ("supervisor_id", "!=", False)], limit=1
        ).supervisor_id
