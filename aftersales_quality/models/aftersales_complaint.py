from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

STATES = [
    ("recorded", "Recorded"),
    ("validated", "Found Valid"),
    ("committed", "Promised"),
    ("investigating", "Under Investigation"),
    ("proposed", "Solution Proposed"),
    ("agreed", "Agreed"),
    ("accountable", "Responsibility Settled"),
    ("improved", "Improved"),
    ("archived", "Archived"),
    ("rejected", "Not Valid"),
]
ENDED_STATES = ("archived", "rejected")
CHANNELS = [
    ("desk", "Service Desk"),
    ("hotline", "Hotline"),
    ("letter", "Letter"),
    ("mail", "Mail"),
    ("website", "Website"),
    ("visit", "Visit"),
    ("shop", "Shop"),
    ("card", "Opinion Card"),
    ("press", "Press"),
    ("authority", "Authority"),
]
# Somebody outside watches: at once, whatever else there is to do.
PUBLIC_CHANNELS = ("press", "authority")
FACTS = frozenset(
    {
        "name",
        "state",
        "valid",
        "archive_date",
        "date_end",
        "date_deadline",
        "repeat_of_id",
        "refusal_count",
        "proposed_by_id",
        "proposal_round",
        "proposal_date",
        "agreement_kind",
        "agreement_by",
        "agreement_date",
        "agreement_text",
        "agreement_signature",
        "delegated_by_id",
        "delegate_until",
        "letter_date",
        "visit_waived",
        "visit_date",
    }
)


class AftersalesComplaint(models.Model):
    """A customer's complaint, led through nine steps to its archive (R58)."""

    _name = "aftersales.complaint"
    _description = "Complaint"
    _inherit = [
        "aftersales.document.mixin",
        "portal.mixin",
        "mail.thread.cc",
        "mail.activity.mixin",
    ]
    _facts = FACTS
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    # ------------------------------------------------------------
    # Register
    # ------------------------------------------------------------
    date = fields.Datetime(
        string="Received on",
        required=True,
        default=fields.Datetime.now,
        index=True,
        copy=False,
        help="When the complaint reached us: the legal times count from then.",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        index=True,
        tracking=True,
        ondelete="restrict",
        check_company=True,
    )
    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    team_id = fields.Many2one(
        comodel_name="aftersales.team",
        compute="_compute_team_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
        help="Its supervisor handles the complaint, or names who does.",
    )
    kind = fields.Selection(
        selection=[
            ("quality", "Quality"),
            ("service", "Not Quality"),
            ("other", "Other"),
        ],
        string="Class",
        default="quality",
        required=True,
        tracking=True,
        help="Of the goods, of people with good goods, or neither.",
    )
    severity = fields.Selection(
        selection=[("light", "Light"), ("severe", "Severe")],
        default="light",
        required=True,
        tracking=True,
    )
    channel = fields.Selection(selection=CHANNELS, default="desk", required=True)
    state = fields.Selection(
        selection=STATES,
        string="Step",
        default="recorded",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        copy=False,
        group_expand=True,
    )
    owner_id = fields.Many2one(
        comodel_name="res.users",
        string="Handled by",
        compute="_compute_owner_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        tracking=True,
        copy=False,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="The supervisor in person, or his named delegate.",
    )
    description = fields.Text(string="What the Customer Says")
    headline = fields.Char(string="In Short", compute="_compute_headline")

    # ------------------------------------------------------------
    # Goods
    # ------------------------------------------------------------
    product_id = fields.Many2one(
        comodel_name="product.product",
        compute="_compute_product_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
    )
    quantity = fields.Float(
        string="Quantity Shipped", digits="Product Unit", copy=False
    )
    bad_quantity = fields.Float(digits="Product Unit", copy=False)
    ship_date = fields.Date(string="Shipped on")
    demand = fields.Text(string="What the Customer Asks for")

    # ------------------------------------------------------------
    # Steps 2 and 3: valid or not, liability, promise
    # ------------------------------------------------------------
    valid = fields.Boolean(readonly=True, copy=False)
    rejection_reason = fields.Text(string="Explanation to the Customer", copy=False)
    expert_finding = fields.Text(
        copy=False, help="What the expert found when it is not our fault, and on what."
    )
    liability = fields.Selection(
        selection=[
            ("ours", "Ours"),
            ("shared", "Shared"),
            ("customer", "The Customer's"),
            ("supplier", "The Supplier's"),
        ],
        tracking=True,
        copy=False,
        help="Who answers for it, ours or the customer's side.",
    )
    promised_date = fields.Datetime(
        string="Solution Promised for", tracking=True, copy=False
    )

    # ------------------------------------------------------------
    # Steps 4 and 5: cause and solution
    # ------------------------------------------------------------
    investigation = fields.Text(string="What Was Found", copy=False)
    department_id = fields.Many2one(
        comodel_name="hr.department",
        string="Liable Department",
        index="btree_not_null",
        tracking=True,
        copy=False,
        check_company=True,
    )
    cause_id = fields.Many2one(
        comodel_name="aftersales.cause",
        index="btree_not_null",
        tracking=True,
        copy=False,
        ondelete="restrict",
        check_company=True,
    )
    solution = fields.Text(string="Proposed Solution", copy=False)
    currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    amount = fields.Monetary(
        string="Cost of the Solution",
        tracking=True,
        copy=False,
        help="What it costs the company: above his authority, the handler waits for "
        "the approval of the next level.",
    )
    proposed_by_id = fields.Many2one(
        comodel_name="res.users", string="Proposed by", readonly=True, copy=False
    )
    proposal_date = fields.Datetime(string="Proposed on", readonly=True, copy=False)
    proposal_round = fields.Integer(
        string="Proposals",
        readonly=True,
        copy=False,
        help="How many solutions were proposed so far.",
    )

    # ------------------------------------------------------------
    # Step 6: the customer's agreement
    # ------------------------------------------------------------
    agreement_kind = fields.Selection(
        selection=[
            ("portal", "Answered on the Portal"),
            ("signature", "Signed"),
            ("note", "Noted by Us"),
        ],
        string="Agreement",
        readonly=True,
        copy=False,
    )
    agreement_by = fields.Char(string="Agreed by", readonly=True, copy=False)
    agreement_date = fields.Datetime(string="Agreed on", readonly=True, copy=False)
    agreement_text = fields.Text(
        string="Words of the Customer", readonly=True, copy=False
    )
    agreement_signature = fields.Binary(
        string="Customer's Signature", readonly=True, copy=False, attachment=True
    )
    refusal_count = fields.Integer(
        string="Answers Refused",
        readonly=True,
        copy=False,
        help="How often the customer was not content with our answer.",
    )

    # ------------------------------------------------------------
    # Steps 7 to 9: person, improvement, archive
    # ------------------------------------------------------------
    responsible_id = fields.Many2one(
        comodel_name="hr.employee",
        string="Responsible Person",
        index="btree_not_null",
        copy=False,
        check_company=True,
    )
    responsible_note = fields.Char(
        string="Why Nobody Is Sanctioned",
        copy=False,
        help="Reason when the responsible person is neither penalised nor warned.",
    )
    sanction_ids = fields.One2many(
        comodel_name="aftersales.sanction",
        inverse_name="complaint_id",
        string="Sanctions",
        readonly=True,
    )
    action_ids = fields.One2many(
        comodel_name="aftersales.action",
        inverse_name="complaint_id",
        string="Improvement Actions",
    )
    summary = fields.Text(
        string="Closing Summary", copy=False, help="What was learnt, for the archive."
    )
    archive_date = fields.Datetime(string="Archived on", readonly=True, copy=False)
    date_end = fields.Datetime(
        string="Finished on",
        readonly=True,
        copy=False,
        help="When it was archived, or found not valid.",
    )
    repeat_of_id = fields.Many2one(
        comodel_name="aftersales.complaint",
        string="Complained Again after",
        readonly=True,
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
    )
    repeat_ids = fields.One2many(
        comodel_name="aftersales.complaint",
        inverse_name="repeat_of_id",
        string="Complained Again",
        readonly=True,
    )

    _quantities_positive = models.Constraint(
        "CHECK (COALESCE(quantity, 0) >= 0 AND COALESCE(bad_quantity, 0) >= 0)",
        "Quantities of a complaint are not negative.",
    )
    _amount_positive = models.Constraint(
        "CHECK (COALESCE(amount, 0) >= 0)", "The cost of a solution is not negative."
    )
    _open_idx = models.Index(
        "(date_deadline, id) WHERE state NOT IN ('archived', 'rejected')"
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("ticket_id", "company_id")
    def _compute_team_id(self):
        # The first team of a company answers for what is about no ticket.
        first = {}
        for team in self.env["aftersales.team"].search(
            [("company_id", "in", self.company_id.ids)], order="sequence, id"
        ):
            first.setdefault(team.company_id, team)
        for complaint in self:
            # Whoever records a complaint may not see the whole ticket.
            ticket_sudo = complaint.ticket_id.sudo()
            if complaint.team_id and complaint.team_id.company_id == (
                complaint.company_id
            ):
                continue
            complaint.team_id = ticket_sudo.team_id or first.get(complaint.company_id)

    @api.depends("team_id")
    def _compute_owner_id(self):
        for complaint in self:
            if not complaint.owner_id or complaint.state == "recorded":
                complaint.owner_id = complaint.team_id.supervisor_id

    @api.depends("ticket_id")
    def _compute_product_id(self):
        for complaint in self:
            # As above: the goods of the ticket, nothing else of it.
            ticket_sudo = complaint.ticket_id.sudo()
            complaint.product_id = ticket_sudo.product_id or complaint.product_id

    @api.depends("description")
    def _compute_headline(self):
        for complaint in self:
            words = (complaint.description or "").strip().splitlines()
            complaint.headline = words[0][:120] if words else False

    @api.depends("name", "partner_id.name")
    def _compute_display_name(self):
        for complaint in self:
            parts = (complaint.name, complaint.partner_id.name)
            complaint.display_name = " · ".join(part for part in parts if part)

    # ------------------------------------------------------------
    # CREATING, WRITING, DELETING
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        self._number(vals_list)
        complaints = super().create(vals_list)
        complaints._ensure_owners_named()
        complaints._enter_state()
        return complaints

    def write(self, vals):
        self._ensure_no_facts(vals)
        self._ensure_not_archived(vals)
        self._ensure_may_handle(vals)
        result = super().write(vals)
        if self._decisive_fields & vals.keys():
            self._follow_deadlines()
        return result

    def _ensure_not_archived(self, vals):
        """Refuse to change what is archived or was found not valid (R66).

        :raise UserError: naming the complaints
        """
        if self._is_by_method():
            return
        talk = ("message_", "activity_", "access_", "website_message_")
        if all(name.startswith(talk) for name in vals):
            return
        if ended := self.filtered(lambda complaint: complaint.state in ENDED_STATES):
            ended._refuse(
                self.env._(
                    "It is finished and kept as it is. When the customer complains "
                    "again, the supervisor opens a new complaint that follows it."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept(self):
        """Keep what had a step, and what is finished, for its years (R66)."""
        now = fields.Datetime.now()
        for complaint in self:
            if complaint.state == "recorded":
                continue
            until = complaint._get_kept_until()
            if not until or until > now:
                raise UserError(
                    self.env._(
                        "%(complaint)s is kept for %(years)s years after its end and "
                        "cannot be deleted before. Find it not valid when it was "
                        "recorded by mistake.",
                        complaint=complaint._say_state(),
                        years=complaint.company_id.aftersales_complaint_years,
                    )
                )

    def unlink(self):
        # What was done for good stays when the complaint goes after its years.
        actions_sudo = self.sudo().action_ids
        actions_sudo._by_method().write({"complaint_id": False})
        return super().unlink()

    def _get_kept_until(self):
        """Return the moment until which the complaint is kept, None while it is open."""
        self.ensure_one()
        if not self.date_end:
            return None
        years = self.company_id.aftersales_complaint_years
        return fields.Datetime.add(self.date_end, years=years)

    @api.model
    def _get_open_domain(self):
        return Domain("state", "not in", ENDED_STATES)
