from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class AftersalesTeam(models.Model):
    """The hotline of a team: its hours, who answers now, where calls go (R10)."""

    _inherit = "aftersales.team"

    acknowledge = fields.Boolean(
        string="Confirm Requests",
        default=True,
        help="Customers who write to the address of the team or register a ticket on "
        "the portal get a mail with its number.",
    )
    hotline_calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        string="Hotline Hours",
        check_company=True,
        help="When the hotline answers; the working hours of the team when empty.",
    )
    hotline_phone = fields.Char(
        string="Hotline", help="Number that customers of this team call."
    )
    forward_phone = fields.Char(
        string="Forward to",
        help="Number to which calls are put through on holidays and out of hours, when "
        "the duty roster names no other.",
    )
    duty_ids = fields.One2many(
        comodel_name="aftersales.duty",
        inverse_name="team_id",
        string="Duty Roster",
    )
    on_duty_ids = fields.Many2many(
        comodel_name="res.users",
        string="On Duty Now",
        compute="_compute_hotline",
    )
    hotline_open = fields.Boolean(
        string="Within Hotline Hours", compute="_compute_hotline"
    )
    missed_call_count = fields.Integer(
        string="To Call Back", compute="_compute_missed_call_count"
    )

    @api.depends("duty_ids.date_from", "duty_ids.date_to", "hotline_calendar_id")
    def _compute_hotline(self):
        now = fields.Datetime.now()
        on_duty = self._get_on_duty()
        for team in self:
            team.on_duty_ids = on_duty.get(team, self.env["res.users"])
            team.hotline_open = team._are_hotline_hours([now])[now]

    def _compute_missed_call_count(self):
        counts = {}
        Call = self.env["aftersales.missed.call"]
        if Call.has_access("read"):
            counts = dict(
                Call._read_group(
                    [("team_id", "in", self.ids), ("state", "=", "open")],
                    ["team_id"],
                    ["__count"],
                )
            )
        for team in self:
            team.missed_call_count = counts.get(team, 0)

    # ------------------------------------------------------------
    # ROSTER AND HOURS
    # ------------------------------------------------------------

    def _get_duties(self, first, last):
        """Return the duties of these teams between two moments, by line."""
        if not self:
            return self.env["aftersales.duty"]
        return self.env["aftersales.duty"].search(
            Domain("team_id", "in", self.ids)
            & Domain("date_from", "<=", last)
            & Domain("date_to", ">", first),
            order="sequence, date_from, id",
        )

    def _get_on_duty(self, moment=None):
        """Return ``{team: users on duty, the first line first}``.

        :param datetime moment: naive UTC, now when empty
        """
        moment = moment or fields.Datetime.now()
        on_duty = {}
        for duty in self._get_duties(moment, moment):
            none = self.env["res.users"]
            on_duty[duty.team_id] = on_duty.get(duty.team_id, none) | duty.user_id
        return on_duty

    def _are_hotline_hours(self, moments):
        """Return ``{moment: whether the hotline answers then}``.

        Hours and holidays are those of the hotline, else of the team, else of the
        company. A calendar without hours is not finished yet: the hotline counts as
        open.

        :param moments: naive UTC
        """
        self.ensure_one()
        # Working hours are no secret; the company may not be the reader's.
        team_sudo = self.sudo()
        calendar_sudo = (
            team_sudo.hotline_calendar_id
            or team_sudo.calendar_id
            or team_sudo.company_id.resource_calendar_id
        )
        if not calendar_sudo.attendance_ids:
            return dict.fromkeys(moments, True)
        timetable = calendar_sudo._aftersales_get_timetable(self.company_id)
        answers = {}
        for moment in moments:
            begin, end = next(timetable.spans(moment), (None, None))
            answers[moment] = bool(begin) and begin <= moment < end
        return answers

    # ------------------------------------------------------------
    # TELEPHONE SYSTEM
    # ------------------------------------------------------------

    @api.readonly
    def get_hotline(self):
        """Tell a telephone system whether the hotline answers and where calls go (R10).

        :return: dict with ``open``, ``on_duty`` (names) and ``forward_phone``: that of
            the duty, else out of hours that of the team, else False
        :raise AccessError: for others than the desk
        """
        self.ensure_one()
        self._ensure_desk()
        now = fields.Datetime.now()
        duties = self._get_duties(now, now)
        by_duty = next(filter(None, duties.mapped("forward_phone")), False)
        return {
            "open": self.hotline_open,
            "on_duty": duties.user_id.mapped("name"),
            "forward_phone": by_duty
            or (not self.hotline_open and self.forward_phone)
            or False,
        }

    @api.model
    def _ensure_desk(self):
        if not self.env.user.has_group(
            "aftersales_service.aftersales_service_group_agent"
        ):
            raise AccessError(self.env._("Only the service desk may do this."))

    def action_view_missed_calls(self):
        """Open the calls to this team that wait to be called back."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_missed_call_action"
        )
        return {
            **action,
            "domain": [("team_id", "=", self.id)],
            "context": {"search_default_open": 1, "default_team_id": self.id},
        }
