from odoo import api, fields, models
from odoo.exceptions import UserError

SUPERVISOR = "aftersales_service.aftersales_service_group_supervisor"
TO_DO = "aftersales_service.mail_activity_type_aftersales_damage"


class AftersalesDamage(models.Model):
    """Damage done at the customer's, or an accident there (R80)."""

    _name = "aftersales.damage"
    _description = "Damage or Accident"
    _inherit = ["aftersales.visit.record.mixin"]
    _facts = frozenset({"state", "settle_date", "ticket_id", "company_id"})

    currency_id = fields.Many2one(related="company_id.currency_id")
    technician_id = fields.Many2one(store=True, index="btree_not_null")
    date = fields.Datetime(string="Happened on")
    kind = fields.Selection(
        selection=[
            ("damage", "Damage"),
            ("injury", "Somebody Hurt"),
            ("other", "Other Accident"),
        ],
        required=True,
        default="damage",
        tracking=True,
    )
    description = fields.Text(help="What happened to what, and how.")
    apology = fields.Boolean(
        string="Apologised", tracking=True, help="On the spot, to the customer."
    )
    photo_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="aftersales_damage_photo_rel",
        string="Photos",
        copy=False,
    )
    estimated_value = fields.Monetary(
        groups=SUPERVISOR, tracking=True, help="What it is worth, as far as known."
    )
    amount_paid = fields.Monetary(
        string="Compensation Paid",
        groups=SUPERVISOR,
        tracking=True,
        help="Price at which the customer was compensated.",
    )
    bearer = fields.Selection(
        selection=[
            ("company", "Company"),
            ("technician", "Technician"),
            ("customer", "Customer"),
            ("third_party", "Third Party"),
        ],
        string="Borne by",
        groups=SUPERVISOR,
        tracking=True,
    )
    settle_note = fields.Text(string="Settlement", groups=SUPERVISOR)
    settle_date = fields.Datetime(string="Settled on", readonly=True, copy=False)
    state = fields.Selection(
        selection=[("open", "Open"), ("settled", "Settled")],
        required=True,
        default="open",
        readonly=True,
        copy=False,
        tracking=True,
    )
    can_settle = fields.Boolean(compute="_compute_can_settle")

    _amounts_positive = models.Constraint(
        "CHECK (COALESCE(estimated_value, 0) >= 0 AND COALESCE(amount_paid, 0) >= 0)",
        "The amounts of a damage cannot be negative.",
    )
    _open_idx = models.Index("(company_id, date) WHERE state = 'open'")

    @api.depends("state")
    @api.depends_context("uid", "su")
    def _compute_can_settle(self):
        is_supervisor = self.env.su or self.env.user.has_group(SUPERVISOR)
        for damage in self:
            damage.can_settle = is_supervisor and damage.state == "open"

    @api.model_create_multi
    def create(self, vals_list):
        damages = super().create(vals_list)
        damages._tell_supervisor()
        return damages

    def write(self, vals):
        self._ensure_no_facts(vals)
        if not self._is_by_method():
            self._ensure_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_open(self):
        """What was settled is a record."""
        self._ensure_open()

    def _ensure_open(self):
        if settled := self.filtered(lambda damage: damage.state != "open"):
            raise UserError(
                self.env._(
                    "Settled damage is not changed: %s. A supervisor opens it again.",
                    ", ".join(settled.mapped("display_name")),
                )
            )

    def _tell_supervisor(self):
        """Give the supervisors of the visits a to-do, at once."""
        for visit, damages in self.grouped("dispatch_id").items():
            if user := visit._get_supervisor():
                # Activities are for others than the user, too.
                damages.sudo().activity_schedule(
                    TO_DO,
                    date_deadline=visit.company_id._aftersales_today(),
                    user_id=user.id,
                )

    def action_settle(self):
        """Close a damage: who bears it is said, and the customer was compensated.

        :raise UserError: when nobody is named who bears it, or the user is no
            supervisor
        """
        self.check_access("write")
        if refused := self.filtered(lambda damage: not damage.can_settle):
            raise UserError(
                self.env._(
                    "A supervisor settles open damage: %s",
                    ", ".join(refused.mapped("display_name")),
                )
            )
        if unclear := self.filtered(lambda damage: not damage.bearer):
            raise UserError(
                self.env._(
                    "Say first who bears the damage: %s",
                    ", ".join(unclear.mapped("display_name")),
                )
            )
        self._by_method().write(
            {"state": "settled", "settle_date": fields.Datetime.now()}
        )
        self.activity_feedback([TO_DO])
        return True

    def action_reopen(self):
        """Take a settled damage up again.

        :raise UserError: when the user is no supervisor
        """
        self.check_access("write")
        if not (self.env.su or self.env.user.has_group(SUPERVISOR)):
            raise UserError(self.env._("A supervisor opens settled damage again."))
        self._by_method().write({"state": "open", "settle_date": False})
        return True
