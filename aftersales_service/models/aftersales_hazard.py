from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .aftersales_dispatch_workflow import AGENT

FACTS = frozenset(
    {"state", "signed_on", "end_date", "end_note", "ticket_id", "company_id"}
)
FOLLOW_UP = "aftersales_service.mail_activity_type_aftersales_hazard"
# What the customer was told and signed.
TOLD = frozenset(
    {"dispatch_id", "kind", "description", "image", "told_to", "signature", "date"}
)


class AftersalesHazard(models.Model):
    """Something dangerous seen at the customer's, told to him, followed up (R79)."""

    _name = "aftersales.hazard"
    _description = "Safety Hazard"
    _inherit = ["aftersales.visit.record.mixin"]
    _facts = FACTS

    equipment_id = fields.Many2one(
        related="dispatch_id.equipment_id",
        string="Unit",
        store=True,
        index="btree_not_null",
        precompute=True,
    )
    unit_label = fields.Char(related="dispatch_id.unit_label")
    kind = fields.Selection(
        selection=[
            ("power", "Power Supply"),
            ("gas", "Gas"),
            ("water", "Water"),
            ("structure", "Structure"),
            ("other", "Other"),
        ],
        required=True,
        default="power",
        tracking=True,
    )
    description = fields.Text(help="What is dangerous, and where.")
    image = fields.Image(
        string="Photo", max_width=1920, max_height=1920, attachment=True, copy=False
    )
    date = fields.Datetime(string="Found on")
    told_to = fields.Char(
        string="Told to", copy=False, help="Name of the person who was told."
    )
    signature = fields.Image(
        string="Customer's Signature",
        max_width=1024,
        max_height=1024,
        attachment=True,
        copy=False,
    )
    signed_on = fields.Datetime(readonly=True, copy=False)
    unsigned_reason = fields.Char(
        string="Not Signed Because", copy=False, help="E.g. he refuses to sign."
    )
    followup_date = fields.Date(
        string="Follow Up on",
        required=True,
        default=lambda self: fields.Date.context_today(self) + timedelta(days=7),
        copy=False,
        tracking=True,
        help="The desk asks then whether the danger is gone.",
    )
    state = fields.Selection(
        selection=[
            ("open", "Open"),
            ("rectified", "Rectified"),
            ("refused", "Customer Refuses"),
        ],
        required=True,
        default="open",
        readonly=True,
        copy=False,
        tracking=True,
    )
    end_date = fields.Datetime(string="Settled on", readonly=True, copy=False)
    end_note = fields.Char(string="How It Was Settled", readonly=True, copy=False)
    can_close = fields.Boolean(compute="_compute_can_close")
    can_change = fields.Boolean(compute="_compute_can_close")

    _open_idx = models.Index("(company_id, followup_date) WHERE state = 'open'")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("state", "signed_on")
    @api.depends_context("uid", "su")
    def _compute_can_close(self):
        is_agent = self.env.su or self.env.user.has_group(AGENT)
        for hazard in self:
            is_open = hazard.state == "open"
            hazard.can_close = is_agent and is_open
            hazard.can_change = is_open and not hazard.signed_on

    # ------------------------------------------------------------
    # CREATE, WRITE
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        hazards = super().create(vals_list)
        hazards._note_signature()
        hazards.dispatch_id.filtered(lambda visit: visit.hazard_look != "found")._step(
            {"hazard_look": "found"}
        )
        hazards._plan_followup()
        return hazards

    def write(self, vals):
        self._ensure_no_facts(vals)
        if self._is_by_method():
            return super().write(vals)
        if TOLD & vals.keys():
            self._ensure_unsigned()
        result = super().write(vals)
        if "signature" in vals:
            self._note_signature()
        if "followup_date" in vals:
            self._plan_followup()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_told(self):
        """What the customer was told is a record."""
        if told := self.filtered(lambda hazard: hazard.told_to or hazard.signed_on):
            raise UserError(
                self.env._(
                    "The customer was told of these hazards, they are kept: %s",
                    ", ".join(told.mapped("display_name")),
                )
            )

    def _note_signature(self):
        """Stamp when the customer signed; the time is the server's."""
        signed = self.filtered(lambda hazard: hazard.signature and not hazard.signed_on)
        signed._by_method().write({"signed_on": fields.Datetime.now()})

    def _ensure_unsigned(self):
        """What the customer signed is not changed.

        :raise UserError: naming the hazards
        """
        if signed := self.filtered("signed_on"):
            raise UserError(
                self.env._(
                    "The customer has signed these hazards: %s. Record what is new as "
                    "a further one.",
                    ", ".join(signed.mapped("display_name")),
                )
            )

    # ------------------------------------------------------------
    # FOLLOW-UP
    # ------------------------------------------------------------

    def _plan_followup(self):
        """Remind the desk on the day; a new day replaces the old one."""
        # Activities are for others than the user, too.
        open_sudo = self.sudo().filtered(lambda hazard: hazard.state == "open")
        open_sudo.activity_unlink([FOLLOW_UP])
        for (visit, day), hazards in open_sudo.grouped(
            lambda hazard: (hazard.dispatch_id, hazard.followup_date)
        ).items():
            # Who sent the technician asks, else the supervisor.
            if user := visit.assigned_by_id or visit._get_supervisor():
                hazards.activity_schedule(FOLLOW_UP, date_deadline=day, user_id=user.id)

    def action_rectify(self, note=None):
        """The danger is gone.

        :param str note: what was done, and by whom
        :raise UserError: when it is not open, or the user is not of the desk
        """
        return self._close("rectified", note)

    def action_refuse(self, note=None):
        """The customer does nothing about it, although he was told.

        :param str note: in his words
        :raise UserError: when it is not open, or the user is not of the desk
        """
        return self._close("refused", note)

    def _close(self, state, note):
        self.check_access("write")
        if refused := self.filtered(lambda hazard: not hazard.can_close):
            raise UserError(
                self.env._(
                    "The desk settles open hazards: %s",
                    ", ".join(refused.mapped("display_name")),
                )
            )
        self._by_method().write(
            {"state": state, "end_date": fields.Datetime.now(), "end_note": note}
        )
        # See _plan_followup.
        self.sudo().activity_feedback([FOLLOW_UP], feedback=note or False)
        return True

    def _get_missing(self):
        """Return in words what is missing before the visit is finished."""
        missing = []
        for hazard in self:
            if not (hazard.told_to or "").strip():
                missing.append(
                    self.env._("who was told of the hazard: %s", hazard.description)
                )
            if not hazard.signature and not (hazard.unsigned_reason or "").strip():
                missing.append(
                    self.env._(
                        "the customer's signature for the hazard, or why he does not "
                        "sign: %s",
                        hazard.description,
                    )
                )
        return missing
