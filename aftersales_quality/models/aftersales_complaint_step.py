from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .aftersales_complaint import STATES


class AftersalesComplaintStep(models.Model):
    """One step of a complaint: entered when, done by whom, due when (R58).

    All times of steps can be counted again from these rows.
    """

    _name = "aftersales.complaint.step"
    _description = "Step of a Complaint"
    _inherit = ["aftersales.fact.mixin"]
    _facts = frozenset(
        {
            "complaint_id",
            "state",
            "date_start",
            "date_done",
            "date_due",
            "owner_id",
            "user_id",
        }
    )
    _order = "complaint_id, id"
    _rec_name = "state"

    complaint_id = fields.Many2one(
        comodel_name="aftersales.complaint",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="complaint_id.company_id", store=True, index=True, precompute=True
    )
    team_id = fields.Many2one(
        related="complaint_id.team_id", store=True, precompute=True
    )
    state = fields.Selection(
        selection=STATES, string="Step", required=True, readonly=True, index=True
    )
    date_start = fields.Datetime(string="Entered on", required=True, readonly=True)
    date_due = fields.Datetime(
        string="Due by", readonly=True, help="When the next step was to be taken."
    )
    date_done = fields.Datetime(string="Left on", readonly=True)
    owner_id = fields.Many2one(
        comodel_name="res.users", string="Handled by", readonly=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Next Step by",
        readonly=True,
        help="Who took the next step.",
    )
    hours = fields.Float(
        string="Hours in the Step",
        compute="_compute_hours",
        store=True,
        aggregator="avg",
        help="From entering the step to leaving it, day and night.",
    )
    late = fields.Boolean(compute="_compute_late", search="_search_late")

    _open_once = models.UniqueIndex(
        "(complaint_id) WHERE date_done IS NULL",
        "A complaint is at one step at a time.",
    )

    @api.depends("date_start", "date_done")
    def _compute_hours(self):
        for step in self:
            step.hours = (
                (step.date_done - step.date_start).total_seconds() / 3600
                if step.date_done
                else False
            )

    @api.depends("date_due", "date_done")
    def _compute_late(self):
        now = fields.Datetime.now()
        for step in self:
            step.late = bool(step.date_due) and (step.date_done or now) > step.date_due

    @api.model
    def _search_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()

        def is_late(model, alias, query):
            return SQL(
                "COALESCE(%s, %s) > %s",
                SQL.identifier(alias, "date_done"),
                now,
                SQL.identifier(alias, "date_due"),
            )

        late = Domain("date_due", "!=", False) & Domain.custom(to_sql=is_late)
        if True in value:
            return Domain.TRUE if False in value else late
        return Domain("date_due", "=", False) | ~late

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        return super().write(vals)
