from odoo import fields, models


class AftersalesSupplierClaimLine(models.Model):
    """One cost of a supplier claim: ours, his answer, what was agreed (R57)."""

    _name = "aftersales.supplier.claim.line"
    _description = "Line of a Supplier Claim"
    _order = "claim_id, id"
    _check_company_auto = True

    claim_id = fields.Many2one(
        comodel_name="aftersales.supplier.claim",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="claim_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="claim_id.currency_id")
    kind = fields.Selection(
        selection=[
            ("part", "Part"),
            ("labour", "Labour"),
            ("travel", "Travel"),
            ("freight", "Freight"),
        ],
        required=True,
        default="part",
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    name = fields.Char(string="Description")
    ticket_line_id = fields.Many2one(
        comodel_name="aftersales.ticket.line",
        string="Line of a Ticket",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    claimed = fields.Monetary(string="Claimed")
    offered = fields.Monetary(string="Offered")
    agreed = fields.Monetary(string="Agreed Amount")
