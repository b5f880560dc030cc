from odoo import api, fields, models

KINDS = [
    ("allowance", "Visit Allowance"),
    ("bonus", "No-Complaint Bonus"),
    ("commission", "Commission"),
]


class AftersalesPerformancePay(models.Model):
    """Part of the pay that a month sheet reckons; no payroll is touched (R65)."""

    _name = "aftersales.performance.pay"
    _description = "Pay Part of a Month Sheet"
    _inherit = ["aftersales.performance.part.mixin"]
    _order = "month desc, performance_id, sequence, id"

    sequence = fields.Integer(readonly=True)
    kind = fields.Selection(selection=KINDS, required=True, readonly=True)
    name = fields.Char(string="Pay Part", required=True, readonly=True)
    commission_id = fields.Many2one(
        comodel_name="aftersales.performance.commission",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    title = fields.Char(string="Part of the Pay", compute="_compute_title")
    quantity = fields.Float(
        string="Number",
        readonly=True,
        digits=(16, 0),
        help="Visits paid, complaints deducted, or sold lines that were paid for.",
    )
    base = fields.Monetary(
        readonly=True,
        help="Net profit or cash received of a commission, the full bonus.",
    )
    rate = fields.Float(
        readonly=True,
        aggregator=None,
        help="Amount for each visit or complaint, or percent of the base.",
    )
    amount = fields.Monetary(readonly=True)
    note = fields.Char(string="Remark", readonly=True)
    currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    state = fields.Selection(
        related="performance_id.state", string="Month Sheet State", store=True
    )

    @api.depends("kind", "name", "commission_id.name")
    @api.depends_context("lang")
    def _compute_title(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for part in self:
            if part.kind == "commission":
                # In the reader's language; its name is for who may read the sheet.
                part.title = part.commission_id.sudo().name or part.name
            else:
                part.title = kinds.get(part.kind) or part.name

    def action_view_records(self):
        """Open the visits, complaints or sold lines that the amount comes from."""
        self.ensure_one()
        self.check_access("read")
        model, ids = self.performance_id._find_pay_records(self)
        return self._open(
            model, ids, f"{self.name} · {self.performance_id._get_title()}"
        )
