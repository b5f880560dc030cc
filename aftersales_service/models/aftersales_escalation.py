from odoo import api, fields, models, tools
from odoo.tools import SQL

from ..tools.escalation import MOMENTS, Step
from .aftersales_ticket import OPEN_STATES

# A change of one of these moves what open tickets wait for.
DECISIVE = frozenset(
    {
        "active",
        "company_id",
        "clock",
        "moment",
        "delay",
        "team_id",
        "zone_id",
        "priority",
        "severity",
        "service_kind",
    }
)
WITHOUT_WARNING = ("registered", "promise")


class AftersalesEscalation(models.Model):
    """One step of escalation: who is told, how long after what (R09)."""

    _name = "aftersales.escalation"
    _description = "Escalation Step"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        default=lambda self: self.env.company,
        help="All companies when empty.",
    )

    # ------------------------------------------------------------
    # When
    # ------------------------------------------------------------
    clock = fields.Selection(
        selection=[
            ("registered", "At Registration"),
            ("respond", "Response"),
            ("arrive", "Arrival"),
            ("solve", "Solving"),
            ("promise", "Promised Time"),
        ],
        required=True,
        default="solve",
        help="What the step counts from. It is taken only while the answer, arrival or "
        "solution is still missing and its clock does not stand still.",
    )
    moment = fields.Selection(
        selection=[("warning", "At Risk"), ("deadline", "Broken")],
        compute="_compute_moment",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="At risk: most of the promised time is used up.\n"
        "Broken: the promised time is over.",
    )
    delay = fields.Integer(
        string="Minutes Later",
        required=True,
        default=0,
        help="Minutes after that moment, day and night; 0 for at once.",
    )

    # ------------------------------------------------------------
    # Which tickets
    # ------------------------------------------------------------
    team_id = fields.Many2one(
        comodel_name="aftersales.team",
        check_company=True,
        index="btree_not_null",
        help="All teams when empty.",
    )
    zone_id = fields.Many2one(
        comodel_name="aftersales.zone",
        check_company=True,
        index="btree_not_null",
        help="All zones when empty.",
    )
    priority = fields.Selection(
        selection=[("0", "Normal"), ("1", "Urgent"), ("2", "Very Urgent")],
        string="Priority from",
        help="Tickets of this priority and above; all when empty.",
    )
    severity = fields.Selection(
        selection=[("general", "General"), ("serious", "Serious")],
        help="Both when empty.",
    )
    service_kind = fields.Selection(
        selection=[
            ("paid", "A · Paid"),
            ("contract", "B · Contract"),
            ("warranty", "C · Free"),
            ("internal", "D · Internal"),
        ],
        help="All kinds when empty.",
    )

    # ------------------------------------------------------------
    # Who, how, what
    # ------------------------------------------------------------
    audience = fields.Selection(
        selection=[
            ("responsible", "The Responsible"),
            ("supervisor", "The Team's Supervisor"),
            ("manager", "The Manager of the Ones Told Before"),
            ("users", "Named Users"),
            ("group", "A Group"),
        ],
        string="Tells",
        required=True,
        default="supervisor",
        help="The responsible: while nobody has the ticket, the team's supervisor.\n"
        "The manager of the ones told before: by the organisation chart, of those whom "
        "the last step of this ticket has told.",
    )
    user_ids = fields.Many2many(
        comodel_name="res.users",
        relation="aftersales_escalation_res_users_rel",
        string="Users",
        domain="[('share', '=', False)]",
    )
    group_id = fields.Many2one(
        comodel_name="res.groups",
        string="User Group",
        # A step for nobody is none; without it a group that goes could not go.
        ondelete="cascade",
    )
    by_activity = fields.Boolean(string="To-do", default=True)
    by_mail = fields.Boolean(string="Mail", default=True)
    text = fields.Text(
        translate=True, help="What the told ones are asked to do, in one or two lines."
    )

    _delay_sane = models.Constraint(
        "CHECK (delay BETWEEN 0 AND 525600)",
        "A step is taken at once or up to a year later.",
    )
    _some_way = models.Constraint(
        "CHECK (by_activity OR by_mail)",
        "A step tells by a to-do, by mail or both.",
    )
    _group_given = models.Constraint(
        "CHECK (audience <> 'group' OR group_id IS NOT NULL)",
        "Choose the group that is told.",
    )

    @api.depends("clock")
    def _compute_moment(self):
        for step in self:
            if step.clock in WITHOUT_WARNING or not step.moment:
                step.moment = "deadline"

    # ------------------------------------------------------------
    # STEPS IN FORCE
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps._follow_change()
        return steps

    def write(self, vals):
        result = super().write(vals)
        if DECISIVE & vals.keys():
            self._follow_change()
        return result

    def unlink(self):
        result = super().unlink()
        self._follow_change()
        return result

    def _follow_change(self):
        """Let open tickets wait for the steps as they are now."""
        self.env.registry.clear_cache()
        self._refresh_tickets()

    @api.model
    @tools.ormcache()
    def _get_plain_steps(self):
        """Return the active steps as :class:`tools.escalation.Step`, in their order."""
        # Who is told when holds for everybody, whoever works on the ticket.
        steps_sudo = self.sudo().search([("active", "=", True)])
        return tuple(
            Step(
                key=step.id,
                clock=step.clock,
                moment=step.moment,
                delay=step.delay,
                company=step.company_id.id or 0,
                team=step.team_id.id or 0,
                zone=step.zone_id.id or 0,
                priority=step.priority or "",
                severity=step.severity or "",
                service_kind=step.service_kind or "",
            )
            for step in steps_sudo
        )

    @api.model
    def _refresh_tickets(self, ids=None):
        """Set the next step of open tickets anew, by one statement for all of them.

        The same arithmetic as :func:`tools.escalation.get_ladder`, for 100,000 tickets.

        :param ids: only these tickets
        """
        self.env.flush_all()
        cases = SQL(" ").join(
            SQL(
                "WHEN step.clock = %s AND step.moment = %s %s THEN ticket.%s",
                clock,
                moment,
                SQL("").join(
                    SQL(" AND ticket.%s IS NULL", SQL.identifier(field))
                    for field in (stop, hold)
                    if field
                ),
                SQL.identifier(field),
            )
            for clock, (warning, deadline, stop, hold) in MOMENTS.items()
            for moment, field in (("warning", warning), ("deadline", deadline))
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE aftersales_ticket
                   SET next_escalation = upcoming.due
                  FROM (
                    SELECT ticket.id, (
                        SELECT MIN(
                            CASE %(cases)s END + step.delay * INTERVAL '1 minute'
                        )
                          FROM aftersales_escalation step
                         WHERE step.active
                           AND (
                               step.company_id IS NULL
                               OR step.company_id = ticket.company_id
                           )
                           AND (step.team_id IS NULL OR step.team_id = ticket.team_id)
                           AND (step.zone_id IS NULL OR step.zone_id = ticket.zone_id)
                           AND COALESCE(step.priority, '0')
                               <= COALESCE(ticket.priority, '0')
                           AND (
                               step.severity IS NULL
                               OR step.severity = ticket.severity
                           )
                           AND (
                               step.service_kind IS NULL
                               OR step.service_kind = ticket.service_kind
                           )
                           AND NOT EXISTS (
                               SELECT FROM aftersales_escalation_trace trace
                                WHERE trace.ticket_id = ticket.id
                                  AND trace.step_id = step.id
                                  AND trace.round = COALESCE(ticket.reopen_count, 0)
                           )
                    ) AS due
                      FROM aftersales_ticket ticket
                     WHERE ticket.active AND ticket.state IN %(states)s %(only)s
                  ) upcoming
                 WHERE upcoming.id = aftersales_ticket.id
                   AND aftersales_ticket.next_escalation
                       IS DISTINCT FROM upcoming.due
                """,
                cases=cases,
                states=OPEN_STATES,
                only=SQL()
                if ids is None
                else SQL("AND ticket.id IN %s", tuple(ids) or (0,)),
            )
        )
        self.env["aftersales.ticket"].invalidate_model(["next_escalation"])
