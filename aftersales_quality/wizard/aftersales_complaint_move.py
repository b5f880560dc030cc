from odoo import api, fields, models

# Steps of the dialog, and what they ask for of the complaint itself.
ASKED = {
    "reject": ("rejection_reason", "expert_finding"),
    "commit": ("liability", "promised_date"),
    "propose": ("investigation", "cause_id", "department_id", "solution", "amount"),
    "agree": (),
    "disagree": (),
    "account": ("responsible_id", "responsible_note"),
    "close": ("summary",),
    "delegate": (),
    "waive": (),
    "reopen": (),
    "approve": (),
    "refuse": (),
}


class AftersalesComplaintMove(models.TransientModel):
    """Asks for the words that a step of a complaint needs (R58)."""

    _name = "aftersales.complaint.move"
    _description = "Step of a Complaint in Words"

    complaint_id = fields.Many2one(
        comodel_name="aftersales.complaint",
        required=True,
        readonly=True,
        default=lambda self: self.env.context.get("active_id"),
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="complaint_id.company_id")
    currency_id = fields.Many2one(related="complaint_id.currency_id")
    kind = fields.Selection(related="complaint_id.kind")
    asks_for_records = fields.Boolean(compute="_compute_asks_for_records")
    step = fields.Selection(
        selection=[
            ("reject", "Not Valid"),
            ("commit", "Promise"),
            ("propose", "Propose"),
            ("agree", "Customer Agrees"),
            ("disagree", "Customer Not Content"),
            ("account", "Responsibility"),
            ("close", "Archive"),
            ("delegate", "Name a Delegate"),
            ("waive", "No Visit Needed"),
            ("reopen", "Complained Again"),
            ("approve", "Approve"),
            ("refuse", "Do Not Approve"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Text()

    rejection_reason = fields.Text(string="Explanation to the Customer")
    expert_finding = fields.Text()
    liability = fields.Selection(
        selection=lambda self: self.env["aftersales.complaint"]
        ._fields["liability"]
        ._description_selection(self.env)
    )
    promised_date = fields.Datetime(string="Solution Promised for")
    investigation = fields.Text(string="What Was Found")
    cause_id = fields.Many2one(
        comodel_name="aftersales.cause",
        domain="[('company_id', 'in', (company_id, False))]",
    )
    department_id = fields.Many2one(
        comodel_name="hr.department",
        string="Liable Department",
        compute="_compute_department_id",
        store=True,
        readonly=False,
        domain="[('company_id', 'in', (company_id, False))]",
    )
    solution = fields.Text(string="Proposed Solution")
    amount = fields.Monetary(string="Cost of the Solution")
    approver_names = fields.Char(
        string="Approval of", compute="_compute_approver_names"
    )
    agreement_kind = fields.Selection(
        selection=[("note", "Noted by Us"), ("signature", "Signed")],
        default="note",
        string="Agreement",
    )
    agreement_by = fields.Char(string="Agreed by")
    agreement_signature = fields.Binary(string="Customer's Signature")
    responsible_id = fields.Many2one(
        comodel_name="hr.employee",
        string="Responsible Person",
        domain="[('company_id', '=', company_id)]",
    )
    responsible_note = fields.Char(string="Why Nobody Is Sanctioned")
    summary = fields.Text(string="Closing Summary")
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Delegate",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    until = fields.Date(string="Last Day")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        complaint = self.env["aftersales.complaint"].browse(values.get("complaint_id"))
        for name in ASKED.get(values.get("step"), ()):
            values[name] = self._fields[name].convert_to_write(
                complaint[name], complaint
            )
        if values.get("step") == "agree":
            values["agreement_by"] = complaint.partner_id.name
        return values

    @api.depends("complaint_id")
    def _compute_asks_for_records(self):
        for move in self:
            complaint = move.complaint_id
            move.asks_for_records = bool(complaint) and complaint._asks_for_records()

    @api.depends("cause_id")
    def _compute_department_id(self):
        for move in self:
            move.department_id = move.department_id or move.cause_id.department_id

    @api.depends("amount", "step")
    def _compute_approver_names(self):
        for move in self:
            move.approver_names = False
            if move.step == "propose" and move.complaint_id:
                levels = move.complaint_id._get_levels(move.amount)
                company = move.company_id
                names = [company._aftersales_get_approver(key).name for key in levels]
                move.approver_names = ", ".join(name or "…" for name in names)

    def action_apply(self):
        """Write what was asked for and take the step.

        :raise UserError: as the step itself
        """
        self.ensure_one()
        complaint = self.complaint_id
        vals = {
            name: self._fields[name].convert_to_write(self[name], self)
            for name in ASKED[self.step]
            if self[name] != complaint[name]
        }
        if vals:
            complaint.write(vals)
        return getattr(self, f"_apply_{self.step}")(complaint) or {
            "type": "ir.actions.act_window_close"
        }

    def _apply_reject(self, complaint):
        complaint.action_reject()

    def _apply_commit(self, complaint):
        complaint.action_commit()

    def _apply_propose(self, complaint):
        complaint.action_propose()

    def _apply_agree(self, complaint):
        complaint.action_agree(
            self.agreement_kind,
            self.agreement_by,
            self.reason,
            self.agreement_signature,
        )

    def _apply_disagree(self, complaint):
        complaint.action_disagree(self.reason)

    def _apply_account(self, complaint):
        complaint.action_account()

    def _apply_close(self, complaint):
        complaint.action_close()

    def _apply_delegate(self, complaint):
        complaint.action_delegate(self.user_id.id, self.reason, self.until)

    def _apply_waive(self, complaint):
        complaint.action_waive_visit(self.reason)

    def _apply_reopen(self, complaint):
        return complaint.action_reopen(self.reason)

    def _apply_approve(self, complaint):
        complaint.action_approve(self.reason)

    def _apply_refuse(self, complaint):
        complaint.action_refuse_approval(self.reason)
