from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class AftersalesDuty(models.Model):
    """Who answers the hotline of a team, from when to when (R10)."""

    _name = "aftersales.duty"
    _description = "Hotline Duty"
    _order = "date_from desc, sequence, id"
    _check_company_auto = True

    team_id = fields.Many2one(
        comodel_name="aftersales.team",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env["aftersales.team"].search([], limit=1),
    )
    company_id = fields.Many2one(related="team_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="On Duty",
        required=True,
        index=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        default=lambda self: self.env.user,
    )
    sequence = fields.Integer(
        string="Rank",
        default=1,
        required=True,
        help="1 answers first; 2 stands by when two people share the duty.",
    )
    date_from = fields.Datetime(string="Start", required=True, index=True)
    date_to = fields.Datetime(string="End", required=True)
    forward_phone = fields.Char(
        string="Forward to",
        help="Number to which calls are put through while this duty lasts, such as a "
        "mobile phone on holidays.",
    )
    note = fields.Char()
    is_now = fields.Boolean(
        string="On Duty Now", compute="_compute_is_now", search="_search_is_now"
    )

    _dates_sane = models.Constraint(
        "CHECK (date_to > date_from)", "A duty ends after it begins."
    )
    _sequence_positive = models.Constraint(
        "CHECK (sequence > 0)", "The first line is number 1."
    )
    _now_idx = models.Index("(team_id, date_to, date_from)")

    @api.depends("date_from", "date_to")
    def _compute_is_now(self):
        now = fields.Datetime.now()
        for duty in self:
            begun = bool(duty.date_from) and duty.date_from <= now
            duty.is_now = begun and bool(duty.date_to) and duty.date_to > now

    def _search_is_now(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = Domain("date_from", "<=", "now") & Domain("date_to", ">", "now")
        return Domain.OR(now if wanted else ~now for wanted in value)

    @api.depends("user_id.name", "team_id.name", "sequence")
    def _compute_display_name(self):
        for duty in self:
            names = [duty.user_id.name, duty.team_id.name]
            if duty.sequence > 1:
                names.append(self.env._("line %s", duty.sequence))
            duty.display_name = " · ".join(filter(None, names))

    # ------------------------------------------------------------
    # CONSTRAINS
    # ------------------------------------------------------------

    @api.constrains("user_id", "team_id", "sequence", "date_from", "date_to")
    def _check_overlap(self):
        """Nobody answers twice at once, and each line of a team has one person.

        Two people may share a duty on different lines; the hand-over at the same
        minute is no overlap.
        """
        if not self:
            return
        others = self.search(
            Domain("date_from", "<", max(self.mapped("date_to")))
            & Domain("date_to", ">", min(self.mapped("date_from")))
            & (
                Domain("user_id", "in", self.user_id.ids)
                | Domain("team_id", "in", self.team_id.ids)
            )
        )
        for duty in self:
            for other in others:
                if (
                    other == duty
                    or other.date_from >= duty.date_to
                    or other.date_to <= duty.date_from
                ):
                    continue
                same_line = (
                    other.team_id == duty.team_id and other.sequence == duty.sequence
                )
                if same_line or other.user_id == duty.user_id:
                    raise ValidationError(
                        self.env._(
                            "%(duty)s overlaps with %(other)s (%(start)s to %(end)s): a "
                            "person answers one hotline at a time, and a line has one "
                            "person. Take another line or other hours.",
                            duty=duty.display_name,
                            other=other.display_name,
                            start=fields.Datetime.context_timestamp(
                                duty, other.date_from
                            ).strftime("%Y-%m-%d %H:%M"),
                            end=fields.Datetime.context_timestamp(
                                duty, other.date_to
                            ).strftime("%Y-%m-%d %H:%M"),
                        )
                    )

    @api.constrains("user_id", "team_id")
    def _check_user(self):
        for duty in self:
            if not duty.user_id._aftersales_is_at_desk(duty.company_id):
                raise ValidationError(
                    self.env._(
                        "%s has no after-sales rights in the company of the team and "
                        "cannot be on duty.",
                        duty.user_id.name,
                    )
                )
