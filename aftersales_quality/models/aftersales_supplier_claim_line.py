from odoo import api, fields, models
from odoo.exceptions import UserError

from .aftersales_supplier_claim import DEAD_STATES

ANSWER = frozenset({"offered", "agreed", "cut_reason"})
SUPERVISORS = (
    "aftersales_service.aftersales_service_group_supervisor",
    "aftersales_quality.aftersales_quality_group_performance",
)


class AftersalesSupplierClaimLine(models.Model):
    """One cost of a supplier claim: ours, his answer, what was agreed (R57)."""

    _name = "aftersales.supplier.claim.line"
    _description = "Line of a Supplier Claim"
    _inherit = ["aftersales.fact.mixin"]
    _facts = frozenset({"live", "basis", "cost", "cost_bought", "receipt_id"})
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
    claim_state = fields.Selection(related="claim_id.state", string="State")
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
    lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="Lot/Serial Number",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('product_id', '=', product_id)]",
        check_company=True,
        help="That of the failed part.",
    )
    quantity = fields.Float(
        digits="Product Unit", default=1.0, help="Pieces, or hours of labour."
    )
    name = fields.Char(string="Description")
    date = fields.Date(string="Failed on")
    ticket_line_id = fields.Many2one(
        comodel_name="aftersales.ticket.line",
        string="Line of a Ticket",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    ticket_id = fields.Many2one(
        related="ticket_line_id.ticket_id", store=True, index="btree_not_null"
    )
    basis = fields.Selection(
        selection=[
            ("purchase", "Bought from Him"),
            ("guess", "Usual Supplier (Guess)"),
        ],
        string="Supplier Known by",
        readonly=True,
        help="Bought from Him: the failed lot came with a receipt of this supplier.\n"
        "Usual Supplier: the lot is not known; it is the first supplier of the product.",
    )
    receipt_id = fields.Many2one(
        comodel_name="stock.move",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        help="Receipt that the failed lot came with.",
    )
    cost = fields.Monetary(string="Our Cost", readonly=True)
    cost_bought = fields.Monetary(
        string="Purchase Cost",
        readonly=True,
        help="What the failed pieces were bought for.",
    )
    claimed = fields.Monetary()
    offered = fields.Monetary()
    agreed = fields.Monetary(string="Agreed Amount")
    cut_reason = fields.Char(
        string="Reason of the Cut", help="Why less is agreed than was claimed, or more."
    )
    live = fields.Boolean(compute="_compute_live", store=True, precompute=True)

    _amounts_positive = models.Constraint(
        "CHECK (COALESCE(claimed, 0) >= 0 AND COALESCE(offered, 0) >= 0 "
        "AND COALESCE(agreed, 0) >= 0 AND COALESCE(quantity, 0) >= 0)",
        "Amounts and quantities of a supplier claim are not negative.",
    )
    _ticket_line_uniq = models.UniqueIndex(
        "(ticket_line_id) WHERE live AND ticket_line_id IS NOT NULL",
        "This cost of a ticket is on another supplier claim already; each is claimed "
        "once.",
    )

    @api.depends("claim_id.state")
    def _compute_live(self):
        for line in self:
            line.live = line.claim_id.state not in DEAD_STATES

    @api.depends("claim_id.name", "name", "product_id.display_name")
    def _compute_display_name(self):
        for line in self:
            parts = (line.claim_id.name, line.name or line.product_id.display_name)
            line.display_name = " · ".join(part for part in parts if part)

    # ------------------------------------------------------------
    # CREATE, WRITE, DELETE
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        if not self._is_by_method():
            # Before the index says it in fewer words.
            self._ensure_costs_claimable(
                [vals.get("ticket_line_id") for vals in vals_list]
            )
        lines = super().create(vals_list)
        if not self._is_by_method():
            lines._ensure_draft()
        lines._ensure_within_claimed()
        return lines

    def write(self, vals):
        self._ensure_no_facts(vals)
        if self._is_by_method():
            return super().write(vals)
        if vals.keys() - ANSWER:
            self._ensure_draft()
        if ANSWER & vals.keys():
            self._ensure_answerable()
        if vals.get("ticket_line_id"):
            self._ensure_costs_claimable([vals["ticket_line_id"]])
        result = super().write(vals)
        if vals.keys() - ANSWER:
            self._ensure_draft()
        if {"claimed", "agreed", "cut_reason"} & vals.keys():
            self._ensure_within_claimed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        self._ensure_draft()

    def _ensure_draft(self):
        """Refuse to change what is claimed once the supplier has read it.

        :raise UserError: naming the claims and the way out
        """
        if sent := self.claim_id.filtered(lambda claim: claim.state != "draft"):
            sent._refuse(
                self.env._(
                    "The supplier has read what is claimed: note what is offered and "
                    "agreed, or cancel it and send another one."
                )
            )

    def _ensure_answerable(self):
        """Refuse to change what was agreed.

        :raise UserError: naming the claims
        """
        settled = self.claim_id.filtered(
            lambda claim: claim.state not in ("draft", "sent", "answered")
        )
        if settled:
            settled._refuse(
                self.env._("What was agreed stays; it is settled with the supplier.")
            )

    def _ensure_within_claimed(self):
        """More than was claimed is agreed by a supervisor alone, who says why.

        :raise UserError: naming the lines
        """
        above = self.filtered(
            lambda line: line.currency_id.compare_amounts(line.agreed, line.claimed) > 0
        )
        if not above:
            return
        names = ", ".join(above.mapped("display_name"))
        if not (
            self.env.su or any(self.env.user.has_group(group) for group in SUPERVISORS)
        ):
            raise UserError(
                self.env._(
                    "More is agreed than was claimed: correct the amount, or ask a "
                    "supervisor. %s",
                    names,
                )
            )
        if not all((line.cut_reason or "").strip() for line in above):
            raise UserError(
                self.env._(
                    "More is agreed than was claimed: correct the amount, or give the "
                    "reason of the cut on the line. %s",
                    names,
                )
            )

    def _ensure_claimable(self):
        """Refuse costs of tickets that no supplier bears, or that are claimed twice.

        :raise UserError: naming the costs, each with its reason
        """
        self._ensure_costs_claimable(self.ticket_line_id.ids)

    def _ensure_costs_claimable(self, cost_ids):
        """Refuse lines of tickets that these lines cannot claim.

        :param cost_ids: ids of lines of tickets, perhaps with empty ones
        :raise UserError: naming the costs, each with its reason
        """
        # Why a cost is not claimed is no secret to who claims it.
        costs_sudo = self.env["aftersales.ticket.line"].sudo()
        costs_sudo = costs_sudo.browse(filter(None, cost_ids)).exists()
        if not costs_sudo:
            return
        reasons = {
            **self._get_other_claims(costs_sudo),
            **costs_sudo._get_unclaimable(),
        }
        refused = [
            f"{cost.display_name}: {reasons[cost.id]}"
            for cost in costs_sudo
            if cost.id in reasons
        ]
        if refused:
            raise UserError("\n".join(refused))

    def _get_other_claims(self, costs):
        """Return ``{ticket line id: text}`` of costs that other lines claim."""
        # Perhaps a claim of a company that the user does not see.
        rivals_sudo = self.sudo().search(
            [
                ("ticket_line_id", "in", costs.ids),
                ("live", "=", True),
                ("id", "not in", self.ids),
            ]
        )
        return {
            line.ticket_line_id.id: self.env._(
                "claimed already with %s", line.claim_id.name
            )
            for line in rivals_sudo
        }
