from odoo import api, fields, models

STATES = [
    ("recorded", "Recorded"),
    ("validated", "Found Valid"),
    ("committed", "Promised"),
    ("investigating", "Investigated"),
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
FACTS = frozenset({"name", "state"})


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
    )
    owner_id = fields.Many2one(
        comodel_name="res.users",
        string="Handled by",
        index=True,
        tracking=True,
        help="The supervisor in person, or his named delegate.",
    )
    description = fields.Text(string="What the Customer Says")
    valid = fields.Boolean(readonly=True, copy=False)
    rejection_reason = fields.Text(string="Explanation to the Customer", copy=False)
    promised_date = fields.Datetime(string="Solution Promised for", copy=False)
    department_id = fields.Many2one(
        comodel_name="hr.department",
        string="Liable Department",
        index="btree_not_null",
        tracking=True,
        check_company=True,
    )
    responsible_id = fields.Many2one(
        comodel_name="hr.employee",
        string="Responsible Person",
        index="btree_not_null",
        check_company=True,
    )
    cause_id = fields.Many2one(
        comodel_name="aftersales.cause",
        index="btree_not_null",
        tracking=True,
        ondelete="restrict",
        check_company=True,
    )
    action_ids = fields.One2many(
        comodel_name="aftersales.action",
        inverse_name="complaint_id",
        string="Improvement Actions",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        self._number(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        return super().write(vals)
