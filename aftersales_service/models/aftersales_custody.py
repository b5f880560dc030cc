from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.remedy import Stay, Stop, count_stay

MAX_DAYS = 5 * 366


class AftersalesCustody(models.Model):
    """A customer's item in our hands: hand-in, hand-back, and what stopped the work.

    It is the clock of the days in repair that the law counts (R17, R28).
    """

    _name = "aftersales.custody"
    _description = "Item in Repair"
    _order = "date_in desc, id desc"
    _check_company_auto = True

    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="ticket_id.company_id", store=True, index=True, precompute=True
    )
    equipment_id = fields.Many2one(
        related="ticket_id.equipment_id",
        string="Unit",
        store=True,
        index="btree_not_null",
        precompute=True,
    )
    partner_id = fields.Many2one(related="ticket_id.partner_id")
    team_id = fields.Many2one(
        related="ticket_id.team_id", store=True, index="btree_not_null", precompute=True
    )
    user_id = fields.Many2one(related="ticket_id.user_id")
    date_in = fields.Datetime(
        string="Handed in on",
        required=True,
        default=fields.Datetime.now,
        copy=False,
        help="When the item came into our hands and the repair was agreed.",
    )
    date_out = fields.Datetime(string="Handed back on", copy=False)
    note = fields.Char(
        string="Condition", help="Accessories and condition, as seen when it came in."
    )
    stop_ids = fields.One2many(
        comodel_name="aftersales.custody.stop",
        inverse_name="custody_id",
        string="Stops",
        copy=False,
    )
    state = fields.Selection(
        selection=[
            ("running", "Clock Runs"),
            ("stopped", "Clock Stands"),
            ("back", "Handed Back"),
        ],
        compute="_compute_state",
        store=True,
        index=True,
        help="Clock Runs: with us, the days in repair count.\n"
        "Clock Stands: with us, but not our turn; which rules count these days is "
        "theirs to say.\n"
        "Handed Back: with the customer again.",
    )
    stopped_reason_id = fields.Many2one(
        comodel_name="aftersales.custody.reason",
        string="Waits for",
        compute="_compute_state",
        store=True,
    )
    days_in_repair = fields.Integer(
        string="Days in Repair",
        compute="_compute_days",
        help="Days since the hand-in where the unit stands, without the days that the "
        "customer took himself. The rules count their own.",
    )
    days_here = fields.Integer(
        string="Days with Us",
        compute="_compute_days",
        help="All days since the hand-in.",
    )
    can_stop = fields.Boolean(compute="_compute_can")
    can_continue = fields.Boolean(compute="_compute_can")
    can_hand_back = fields.Boolean(compute="_compute_can")

    _open_uniq = models.UniqueIndex(
        "(equipment_id) WHERE date_out IS NULL AND equipment_id IS NOT NULL",
        "This unit is in our hands already: hand it back first.",
    )
    _open_ticket_uniq = models.UniqueIndex(
        "(ticket_id) WHERE date_out IS NULL",
        "An item of this ticket is in our hands already: hand it back first.",
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_out IS NULL OR date_in <= date_out)",
        "An item cannot be handed back before it came in.",
    )
    _duration_sane = models.Constraint(
        f"CHECK (date_out IS NULL OR date_out <= date_in + INTERVAL '{MAX_DAYS} days')",
        "An item cannot have been with us for more than five years.",
    )
    _open_idx = models.Index("(company_id, date_in) WHERE date_out IS NULL")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("date_out", "stop_ids.date_end", "stop_ids.reason_id")
    def _compute_state(self):
        for custody in self:
            running = custody.stop_ids.filtered(lambda stop: not stop.date_end)[:1]
            custody.stopped_reason_id = running.reason_id
            custody.state = (
                "back" if custody.date_out else "stopped" if running else "running"
            )

    @api.depends("date_in", "date_out", "stop_ids.date_begin", "stop_ids.date_end")
    def _compute_days(self):
        own = self._get_reasons_of_customer()
        for custody in self:
            custody.days_in_repair = custody._count_days(own)
            custody.days_here = custody._count_days(frozenset())

    @api.depends("date_out", "state")
    def _compute_can(self):
        for custody in self:
            custody.can_stop = custody.state == "running" and bool(custody.date_in)
            custody.can_continue = custody.state == "stopped"
            custody.can_hand_back = bool(custody.date_in) and not custody.date_out

    @api.depends("ticket_id.name", "equipment_id.display_name")
    def _compute_display_name(self):
        for custody in self:
            parts = (custody.ticket_id.name, custody.equipment_id.serial)
            custody.display_name = " · ".join(part for part in parts if part)

    # ------------------------------------------------------------
    # COUNTING
    # ------------------------------------------------------------

    @api.model
    def _get_reasons_of_customer(self):
        """Return the ids of the reasons whose days are the customer's own."""
        # Read by whoever reads the clock.
        reasons_sudo = self.env["aftersales.custody.reason"].sudo()
        return frozenset(
            reasons_sudo.with_context(active_test=False)
            .search([("prolongs_term", "=", False)])
            .ids
        )

    def _get_stay(self):
        """Return the stay as the counting of :mod:`tools.remedy` wants it."""
        self.ensure_one()
        return Stay(
            key=self.id,
            ticket=self.ticket_id.id,
            begin=self.date_in,
            end=self.date_out or None,
            stops=tuple(
                Stop(stop.date_begin, stop.date_end or None, stop.reason_id.id)
                for stop in self.stop_ids
            ),
        )

    def _count_days(self, excluded, unit="day", works=None):
        """Return the days of the stay where the unit stands.

        :param excluded: ids of the reasons whose days do not count
        """
        self.ensure_one()
        if not self.date_in:
            return 0
        zone = self.equipment_id._get_zone()
        now = fields.Datetime.now()
        return count_stay(self._get_stay(), excluded, unit, now, zone, works)

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    @api.constrains("date_in", "date_out", "ticket_id")
    def _check_dates(self):
        """Nothing comes in or goes back in the future, nor before the sale."""
        now = fields.Datetime.now()
        for custody in self:
            if custody.date_in > now or (custody.date_out and custody.date_out > now):
                raise ValidationError(
                    self.env._(
                        "%s: an item comes in or goes back now or did so before, not "
                        "in the future.",
                        custody.display_name,
                    )
                )
            if custody.date_in < now - timedelta(days=MAX_DAYS):
                raise ValidationError(
                    self.env._(
                        "%s: the hand-in lies more than five years back; check the "
                        "year.",
                        custody.display_name,
                    )
                )
            unit = custody.equipment_id
            if unit.delivery_date and (
                unit._get_local_day(custody.date_in) < unit.delivery_date
            ):
                raise ValidationError(
                    self.env._(
                        "%(custody)s: the unit was delivered on %(date)s, it cannot "
                        "have come in before.",
                        custody=custody.display_name,
                        date=unit.delivery_date,
                    )
                )

    @api.constrains("date_in", "date_out", "ticket_id")
    def _check_overlap(self):
        """A unit is in one place at a time."""
        others = self.search([("equipment_id", "in", self.equipment_id.ids)])
        for custody in self:
            for other in others:
                if (
                    other != custody
                    and other.equipment_id == custody.equipment_id
                    and (not other.date_out or custody.date_in < other.date_out)
                    and (not custody.date_out or other.date_in < custody.date_out)
                ):
                    raise ValidationError(
                        self.env._(
                            "%(unit)s was in our hands on ticket %(ticket)s at that "
                            "time already.",
                            unit=custody.equipment_id.display_name,
                            ticket=other.ticket_id.name,
                        )
                    )

    @api.constrains("date_in", "date_out", "stop_ids")
    def _check_stops(self):
        self.stop_ids._check_inside()

    @api.model_create_multi
    def create(self, vals_list):
        # The indexes on open stays must know which have ended.
        self.flush_model(["date_out"])
        custodies = super().create(vals_list)
        custodies._follow_change()
        return custodies

    def write(self, vals):
        self._ensure_can_correct()
        before = self.equipment_id
        result = super().write(vals)
        self._follow_change(before)
        return result

    def _ensure_can_correct(self):
        """What was handed back is corrected by supervisors only: rights hang on it.

        :raise UserError: naming the items
        """
        if self._is_supervisor():
            return
        if closed := self.filtered("date_out"):
            raise UserError(
                self.env._(
                    "These items are back with the customer; a supervisor corrects "
                    "their days in repair: %s",
                    ", ".join(closed.mapped("display_name")),
                )
            )

    @api.model
    def _is_supervisor(self):
        return self.env.su or self.env.user.has_group(
            "aftersales_service.aftersales_service_group_supervisor"
        )

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def action_stop(self, reason_id, note=None):
        """Let the clock stand from now on.

        :param int reason_id: why; the rules say which reasons they do not count
        :param str note: kept on the record, e.g. which part the maker owes us
        :raise UserError: when it stands already, or the item is not here
        """
        self.check_access("write")
        if refused := self.filtered(lambda custody: not custody.can_stop):
            raise UserError(
                self.env._(
                    "The clock of these items does not run: %s",
                    ", ".join(refused.mapped("display_name")),
                )
            )
        now = fields.Datetime.now()
        self.env["aftersales.custody.stop"].create(
            [
                {
                    "custody_id": custody.id,
                    "reason_id": reason_id,
                    "date_begin": now,
                    "note": note,
                }
                for custody in self
            ]
        )
        return True

    def action_continue(self):
        """Let the clock run again, from now on.

        :raise UserError: when it runs already, or the item is not here
        """
        self.check_access("write")
        if refused := self.filtered(lambda custody: not custody.can_continue):
            raise UserError(
                self.env._(
                    "The clock of these items does not stand: %s",
                    ", ".join(refused.mapped("display_name")),
                )
            )
        self._end_stops(fields.Datetime.now())
        return True

    def action_hand_back(self):
        """Give the items back to their owners, now; a stop ends with it.

        :raise UserError: when one is not in our hands
        """
        self.check_access("write")
        if refused := self.filtered(lambda custody: not custody.can_hand_back):
            raise UserError(
                self.env._(
                    "These items are not in our hands: %s",
                    ", ".join(refused.mapped("display_name")),
                )
            )
        now = fields.Datetime.now()
        self._end_stops(now)
        self.write({"date_out": now})
        return True

    def _end_stops(self, moment):
        self.stop_ids.filtered(lambda stop: not stop.date_end).write(
            {"date_end": moment}
        )

    def _follow_change(self, units=None):
        """Add the days back to the warranty, and see which rights there are now.

        :param units: units that were concerned before the change
        """
        units = self.equipment_id | (units or self.equipment_id)
        units._count_repair_days()
        self.ticket_id._propose_remedies()
