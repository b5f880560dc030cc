from odoo import api, fields, models

STEPS = [
    ("return", "Take Back"),
    ("store", "Put on Stock"),
    ("transfer", "Pass on"),
    ("lose", "Write off as Lost"),
    ("charge", "Charge"),
    ("waive", "Waive"),
    ("cancel", "Cancel"),
]


class AftersalesLoanStep(models.TransientModel):
    """Asks for what a step of a loan needs to know."""

    _name = "aftersales.loan.step"
    _description = "Step of a Loan"

    loan_ids = fields.Many2many(
        comodel_name="aftersales.loan",
        string="Loans",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    step = fields.Selection(selection=STEPS, required=True, readonly=True)
    is_single = fields.Boolean(compute="_compute_single")
    quantity = fields.Float(
        digits="Product Unit",
        compute="_compute_proposal",
        store=True,
        readonly=False,
    )
    uom_id = fields.Many2one(comodel_name="uom.uom", compute="_compute_single")
    condition = fields.Selection(
        selection=lambda self: self.env["aftersales.loan"]
        ._fields["condition"]
        ._description_selection(self.env),
        default="good",
    )
    employee_id = fields.Many2one(
        comodel_name="hr.employee",
        string="Technician",
        domain="[('aftersales_technician', '=', True)]",
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency", compute="_compute_single"
    )
    amount = fields.Monetary(compute="_compute_proposal", store=True, readonly=False)
    reason = fields.Text()

    @api.depends("loan_ids")
    def _compute_single(self):
        for wizard in self:
            wizard.is_single = len(wizard.loan_ids) == 1
            wizard.uom_id = wizard.is_single and wizard.loan_ids.uom_id
            wizard.currency_id = wizard.loan_ids[:1].currency_id

    @api.depends("loan_ids", "step")
    def _compute_proposal(self):
        for wizard in self:
            loan = wizard.loan_ids if len(wizard.loan_ids) == 1 else None
            wizard.quantity = loan.quantity if loan else 0.0
            charged = wizard.step == "charge" and loan
            wizard.amount = loan.charge_proposal if charged else 0.0

    def action_apply(self):
        """Take the step.

        :raise UserError: as the step itself
        """
        self.ensure_one()
        loans, reason = self.loan_ids, self.reason
        part = self.quantity if self.is_single else None
        match self.step:
            case "return":
                loans.action_return(self.condition, part, reason)
            case "store":
                loans.action_store(reason)
            case "transfer":
                loans.action_transfer(self.employee_id.id)
            case "lose":
                loans.action_lose(reason, part)
            case "charge":
                loans.action_charge(self.amount, reason)
            case "waive":
                loans.action_waive(reason)
            case "cancel":
                loans.action_cancel(reason)
        return {"type": "ir.actions.act_window_close"}
