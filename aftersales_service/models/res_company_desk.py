from zoneinfo import ZoneInfo

from odoo import fields, models


class ResCompany(models.Model):
    """How the service desk ends its day, and what it calls a repeat (R05, R07)."""

    _inherit = "res.company"

    aftersales_repeat_days = fields.Integer(
        string="Repeat repair (days)",
        default=30,
        help="A fault that comes again within this time after it was solved is a "
        "repeat repair; 0 for never.",
    )
    aftersales_evening_hour = fields.Float(
        string="Evening report at",
        default=18.0,
        help="Local time at which the unresolved tickets of the day are reported.",
    )
    aftersales_sales_director_id = fields.Many2one(
        comodel_name="res.users",
        string="Sales director",
        domain="[('share', '=', False), ('company_ids', 'in', id)]",
        help="Who gets the evening report; the after-sales managers when empty.",
    )
    aftersales_asked_day = fields.Date(
        string="Explanations asked for on",
        help="Last day on which explanations of unresolved tickets were asked for.",
    )
    aftersales_evening_day = fields.Date(
        string="Evening report sent on", help="Last day of which a report was sent."
    )

    _aftersales_desk_sane = models.Constraint(
        "CHECK (COALESCE(aftersales_repeat_days, 0) BETWEEN 0 AND 3650 "
        "AND COALESCE(aftersales_evening_hour, 0) BETWEEN 0 AND 23.5)",
        "Repeats are looked for within 0 to 3650 days, and the evening report is sent "
        "between 0:00 and 23:30.",
    )

    def _aftersales_now(self):
        """Return the time it is where the company works, without time zone."""
        # The time zone of a company is no secret.
        zone = ZoneInfo(self.sudo().partner_id.tz or "UTC")
        now = fields.Datetime.now().replace(tzinfo=ZoneInfo("UTC"))
        return now.astimezone(zone).replace(tzinfo=None)

    def _aftersales_works_on(self, day):
        """Tell whether the desk works on a day: the company or one of its teams."""
        self.ensure_one()
        # Working hours are for everybody to know, but perhaps not in this company.
        company_sudo = self.sudo()
        teams_sudo = company_sudo.env["aftersales.team"].search(
            [("company_id", "=", self.id), ("calendar_id", "!=", False)]
        )
        return any(
            calendar._aftersales_get_working_days()(day)
            for calendar in (
                company_sudo.resource_calendar_id,
                *teams_sudo.calendar_id,
            )
        )
