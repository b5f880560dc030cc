from odoo import api, fields, models

FACTS = frozenset({"name", "state", "refund_id"})


class AftersalesSupplierClaim(models.Model):
    """What a supplier is asked to do or to pay for his failed part (R57)."""

    _name = "aftersales.supplier.claim"
    _description = "Supplier Claim"
    _inherit = ["aftersales.document.mixin", "mail.thread.cc", "mail.activity.mixin"]
    _facts = FACTS
    _order = "id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Supplier",
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
        check_company=True,
    )
    currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    line_ids = fields.One2many(
        comodel_name="aftersales.supplier.claim.line",
        inverse_name="claim_id",
        string="Lines",
    )
    amount_claimed = fields.Monetary(compute="_compute_amounts", store=True)
    amount_agreed = fields.Monetary(compute="_compute_amounts", store=True)
    date_due = fields.Date(string="Answer Due on", tracking=True)
    refund_id = fields.Many2one(
        comodel_name="account.move",
        string="Vendor Credit Note",
        readonly=True,
        index="btree_not_null",
        copy=False,
        check_company=True,
    )
    nonconformity_id = fields.Many2one(
        comodel_name="aftersales.nonconformity",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    complaint_id = fields.Many2one(
        comodel_name="aftersales.complaint",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("sent", "Sent"),
            ("answered", "Answered"),
            ("agreed", "Agreed"),
            ("done", "Credited"),
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

    @api.depends("line_ids.claimed", "line_ids.agreed")
    def _compute_amounts(self):
        for claim in self:
            claim.amount_claimed = sum(claim.line_ids.mapped("claimed"))
            claim.amount_agreed = sum(claim.line_ids.mapped("agreed"))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        self._number(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        return super().write(vals)
