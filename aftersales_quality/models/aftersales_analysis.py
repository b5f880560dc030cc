from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from .aftersales_quality_analysis import DIMENSIONS

FACTS = frozenset(
    {
        "company_id",
        "month",
        "department_id",
        "case_count",
        "previous_count",
        "quantity",
        "cost",
        "partner_ids",
        "sent_on",
        "body",
    }
)


class AftersalesAnalysis(models.Model):
    """The analysis of one month that a department was sent, kept as it was (R63).

    Without department: of the whole company, for whoever leads quality.
    """

    _name = "aftersales.analysis"
    _description = "Monthly Quality Analysis"
    _inherit = ["aftersales.fact.mixin"]
    _facts = FACTS
    _order = "month desc, department_id, id"
    _check_company_auto = True

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, index=True, readonly=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(required=True, readonly=True, help="Its first day.")
    department_id = fields.Many2one(
        comodel_name="hr.department",
        index="btree_not_null",
        readonly=True,
        ondelete="restrict",
        check_company=True,
    )
    case_count = fields.Integer(string="Cases", readonly=True)
    previous_count = fields.Integer(string="Cases the Month Before", readonly=True)
    quantity = fields.Float(digits="Product Unit", readonly=True)
    cost = fields.Monetary(readonly=True)
    partner_ids = fields.Many2many(
        comodel_name="res.partner",
        relation="aftersales_analysis_reader_rel",
        string="Sent to",
        readonly=True,
    )
    sent_on = fields.Datetime(string="Sent on", readonly=True)
    body = fields.Html(string="Analysis", readonly=True, sanitize=False)

    _once = models.UniqueIndex(
        "(company_id, month, COALESCE(department_id, 0))",
        "A department has one analysis a month.",
    )

    @api.depends("month", "department_id", "company_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for analysis in self:
            # The name of a department is no secret.
            department_sudo = analysis.sudo().department_id
            analysis.display_name = self.env._(
                "Quality analysis %(month)s, %(department)s",
                month=analysis._say_month(),
                department=department_sudo.name or analysis.company_id.name,
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        return super().write(vals)

    def _say_month(self):
        self.ensure_one()
        if not self.month:
            return ""
        return format_date(self.env, self.month, date_format="LLLL y")

    @api.model
    def _get_cases_domain(self, company, month, following, department=None):
        """Domain of the cases of a month in the view of the analysis."""
        domain = (
            Domain("company_id", "=", company.id)
            & Domain("date", ">=", month)
            & Domain("date", "<", following)
        )
        if department:
            domain &= Domain("department_id", "=", department.id)
        return domain

    @api.model
    def _get_dimensions(self):
        """Return the fields of the Paretos with their titles (hook)."""
        model = self.env["aftersales.quality.analysis"]
        return [
            (name, model._fields[name]._description_string(self.env))
            for name in DIMENSIONS
        ]

    def _get_report_base_filename(self):
        self.ensure_one()
        return self.display_name
