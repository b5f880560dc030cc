from odoo import api, fields, models

from ..tools.supplier_claim import Terms


class AftersalesSupplierAgreement(models.Model):
    """What a supplier has agreed to bear of the costs of his failed parts (R57)."""

    _name = "aftersales.supplier.agreement"
    _description = "Warranty Agreement with a Supplier"
    _inherit = ["mail.thread"]
    _order = "partner_id, id"
    _rec_name = "partner_id"
    _check_company_auto = True

    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Supplier",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        domain="[('parent_id', '=', False)]",
        help="The company that sells to us, not one of its addresses.",
    )
    part_share = fields.Float(string="Parts (%)", default=100.0, tracking=True)
    labour_share = fields.Float(string="Labour (%)", default=100.0, tracking=True)
    travel_share = fields.Float(string="Travel (%)", default=100.0, tracking=True)
    freight_share = fields.Float(string="Freight (%)", default=100.0, tracking=True)
    hourly_limit = fields.Monetary(
        string="Most for an Hour",
        tracking=True,
        help="The supplier pays no more for an hour of labour; 0 for no limit.",
    )
    warranty_months = fields.Integer(
        string="His Warranty (Months)",
        tracking=True,
        help="From the receipt of the goods; 0 for no limit.",
    )
    claim_days = fields.Integer(
        string="Days to Claim",
        tracking=True,
        help="From the failure; costs are not accepted later. 0 for no limit.",
    )
    answer_days = fields.Integer(
        string="Days to Answer",
        tracking=True,
        help="Until when he answers a claim; 0: as the settings say.",
    )
    note = fields.Text()

    _partner_uniq = models.UniqueIndex(
        "(company_id, partner_id) WHERE active",
        "There is an agreement with this supplier already; change that one.",
    )
    _shares_range = models.Constraint(
        "CHECK (part_share BETWEEN 0 AND 100 AND labour_share BETWEEN 0 AND 100 "
        "AND travel_share BETWEEN 0 AND 100 AND freight_share BETWEEN 0 AND 100)",
        "What a supplier bears lies between 0 and 100 %.",
    )
    _days_sane = models.Constraint(
        "CHECK (COALESCE(warranty_months, 0) BETWEEN 0 AND 600 "
        "AND COALESCE(claim_days, 0) BETWEEN 0 AND 3650 "
        "AND COALESCE(answer_days, 0) BETWEEN 0 AND 366 "
        "AND COALESCE(hourly_limit, 0) >= 0)",
        "Days, months and amounts of an agreement are not negative, nor longer than "
        "ten years.",
    )

    @api.model
    def _get_for(self, claims):
        """Return ``{claim: agreement}``, empty agreements where there is none."""
        # What was agreed with a supplier is for everybody who claims.
        found_sudo = self.sudo().search(
            [
                ("company_id", "in", claims.company_id.ids),
                ("partner_id", "in", claims.partner_id.commercial_partner_id.ids),
            ]
        )
        known = {(row.company_id, row.partner_id): row for row in found_sudo}
        return {
            claim: known.get(
                (claim.company_id, claim.partner_id.commercial_partner_id),
                found_sudo.browse(),
            )
            for claim in claims
        }

    def _get_terms(self):
        """Return the shares and limits; all of the cost without an agreement."""
        if not self:
            return Terms()
        self.ensure_one()
        return Terms(
            part=self.part_share,
            labour=self.labour_share,
            travel=self.travel_share,
            freight=self.freight_share,
            hourly=self.hourly_limit,
        )
