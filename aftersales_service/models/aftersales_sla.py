from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.clock import CLOCKS
from .aftersales_zone import CLOCK_TYPES

SPOKEN = frozenset({"phone", "visit", "store", "portal", "web", "qr", "staff"})
CRITERIA = ("zone_id", "team_id", "service_kind", "priority", "contact")


class AftersalesSla(models.Model):
    """Row of promises: how soon we answer, arrive and solve (R03, R04, R05).

    Each clock of a ticket takes the row that names most of the ticket; a row that is
    silent about a clock leaves it to the others.
    """

    _name = "aftersales.sla"
    _description = "Service Promise"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Empty: for every company.",
    )

    # ------------------------------------------------------------
    # For which tickets
    # ------------------------------------------------------------
    zone_id = fields.Many2one(comodel_name="aftersales.zone", check_company=True)
    team_id = fields.Many2one(comodel_name="aftersales.team", check_company=True)
    service_kind = fields.Selection(
        selection=lambda self: self.env["aftersales.ticket"]
        ._fields["service_kind"]
        ._description_selection(self.env),
        help="Internal work has promises only in rows that name it.",
    )
    priority = fields.Selection(
        selection=lambda self: self.env["aftersales.ticket"]
        ._fields["priority"]
        ._description_selection(self.env)
    )
    contact = fields.Selection(
        selection=[
            ("spoken", "Calls and Requests"),
            ("written", "Letters, Faxes and Emails"),
        ],
        help="How the customer reached us.",
    )

    # ------------------------------------------------------------
    # What is promised
    # ------------------------------------------------------------
    respond_minutes = fields.Integer(
        string="Response Within (Minutes)",
        help="A person speaks with or writes to the customer. 0 for no promise.",
    )
    respond_clock = fields.Selection(
        selection=CLOCK_TYPES,
        string="Minutes Counted",
        required=True,
        default="working",
    )
    arrive_hours = fields.Float(
        string="Arrival Within (Hours)", help="At the customer's. 0 for no promise."
    )
    arrive_clock = fields.Selection(
        selection=CLOCK_TYPES,
        string="Arrival Counted",
        required=True,
        default="working",
    )
    arrive_start = fields.Selection(
        selection=[("registered", "Call"), ("responded", "First Response")],
        string="Arrival Counted From",
        required=True,
        default="registered",
    )
    solve_hours = fields.Float(
        string="Solved Within (Hours)",
        help="0 for no promise. At the end of a working day, 24 hours mean the same day.",
    )
    solve_clock = fields.Selection(
        selection=CLOCK_TYPES,
        string="Solution Counted",
        required=True,
        default="working",
    )
    solve_start = fields.Selection(
        selection=[
            ("registered", "Call"),
            ("responded", "First Response"),
            ("arrived", "Arrival"),
        ],
        string="Solution Counted From",
        required=True,
        default="registered",
    )
    calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        string="Working Hours",
        check_company=True,
        help="Those of the zone, the team or the company when empty.",
    )
    warning_percent = fields.Integer(
        string="Warn After (%)",
        default=80,
        help="Share of the promised time after which a ticket is at risk.",
    )

    _promise_positive = models.Constraint(
        "CHECK (COALESCE(respond_minutes, 0) >= 0 AND COALESCE(arrive_hours, 0) >= 0 "
        "AND COALESCE(solve_hours, 0) >= 0)",
        "A promise cannot end before it begins: write hours and minutes from 0 up.",
    )
    _warning_sane = models.Constraint(
        "CHECK (warning_percent BETWEEN 1 AND 100)",
        "The warning comes after 1 to 100 % of the promised time.",
    )

    @api.model
    def _get_rows(self, companies):
        """Return the rows in force for companies, in the order of the list."""
        return self.search_fetch(Domain("company_id", "in", [False, *companies.ids]))

    def _get_rank(self, key):
        """Return how much of a ticket a row names, None when it is for others.

        A priority weighs more than a zone, a zone more than kind, team and contact.

        :param dict key: criterion → value of the ticket, records as ids
        """
        self.ensure_one()
        if self.company_id and self.company_id.id != key["company_id"]:
            return None
        if key["service_kind"] == "internal" and self.service_kind != "internal":
            return None
        named = []
        for criterion in CRITERIA:
            value = self[criterion]
            value = value.id if criterion.endswith("_id") else value
            if value and value != key[criterion]:
                return None
            if value:
                named.append(criterion)
        return get_rank(named)

    def _get_promise(self, clock):
        """Return the terms of one clock as plain data, None when nothing is promised."""
        self.ensure_one()
        if clock == "respond":
            amount, start = self.respond_minutes * 60, "registered"
        else:
            amount, start = self[f"{clock}_hours"] * 3600, self[f"{clock}_start"]
        return amount and {
            "sla": self.id,
            "seconds": amount,
            "clock": self[f"{clock}_clock"],
            "start": start,
            "warning": self.warning_percent / 100,
            "calendar": self.calendar_id.id,
        }

    def _choose(self, key, zone):
        """Return the terms of each clock for a kind of ticket (R03, R04).

        The zone's own promise counts like a row that names the zone.

        :param dict key: criterion → value of the ticket, records as ids
        :param zone: zone of the ticket, may be empty
        :return: dict clock → terms
        """
        best = {}
        if zone.arrive_hours and key["service_kind"] != "internal":
            best["arrive"] = (get_rank(["zone_id"]), zone._get_promise())
        for row in self:
            rank = row._get_rank(key)
            if rank is None:
                continue
            for clock in CLOCKS:
                promise = row._get_promise(clock)
                if promise and (clock not in best or rank > best[clock][0]):
                    best[clock] = (rank, promise)
        return {clock: promise for clock, (_rank, promise) in best.items()}


def get_rank(named):
    """Return a key that orders rows by what they name."""
    weights = ("priority", "zone_id", "service_kind", "team_id", "contact")
    return (len(named), *(criterion in named for criterion in weights))
