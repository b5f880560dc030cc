from odoo import api, fields, models

FACTS = frozenset({"state", "score"})


class AftersalesPerformance(models.Model):
    """Month sheet of one employee: what he did, measured from records (R65)."""

    _name = "aftersales.performance"
    _description = "Month Sheet"
    _inherit = ["aftersales.fact.mixin", "mail.thread", "mail.activity.mixin"]
    _facts = FACTS
    _rec_name = "employee_id"
    _order = "month desc, id"
    _check_company_auto = True

    employee_id = fields.Many2one(
        comodel_name="hr.employee",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    month = fields.Date(required=True, index=True, help="First day of the month.")
    line_ids = fields.One2many(
        comodel_name="aftersales.performance.line",
        inverse_name="performance_id",
        string="Criteria",
    )
    score = fields.Float(readonly=True, aggregator="avg")
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("checked", "Checked"),
            ("approved", "Approved"),
        ],
        default="draft",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        copy=False,
    )

    _month_first = models.Constraint(
        "CHECK (EXTRACT(DAY FROM month) = 1)",
        "A month sheet is of a whole month: choose its first day.",
    )
    _employee_month = models.UniqueIndex(
        "(employee_id, month, company_id)",
        "There is one month sheet for each employee and month.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        return super().write(vals)
