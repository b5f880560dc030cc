from odoo import api, fields, models

FACTS = frozenset({"name", "state", "repeated"})


class AftersalesSanction(models.Model):
    """Penalty or reward of an employee, approved and never posted to payroll (R61)."""

    _name = "aftersales.sanction"
    _description = "Sanction or Reward"
    _inherit = ["aftersales.document.mixin", "mail.thread", "mail.activity.mixin"]
    _facts = FACTS
    _order = "id desc"
    _check_company_auto = True

    employee_id = fields.Many2one(
        comodel_name="hr.employee",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    complaint_id = fields.Many2one(
        comodel_name="aftersales.complaint",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    amount = fields.Monetary(tracking=True)
    repeated = fields.Boolean(
        readonly=True, help="The amount is doubled: it happened before."
    )
    state = fields.Selection(
        selection=[
            ("draft", "Proposed"),
            ("heard", "Heard"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        copy=False,
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
