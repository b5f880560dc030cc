from odoo import api, fields, models

COLLECTION = (
    "collection_limit",
    "collection_days",
    "cash_journal_id",
    "mobile_journal_id",
    "accountant_id",
)


class AftersalesSetup(models.Model):
    """What technicians may collect, on the page of the managers (R26)."""

    _inherit = "aftersales.setup"

    collection_limit = fields.Monetary(
        string="Collected on the Spot",
        compute="_compute_collection",
        inverse="_inverse_collection",
        help="What a technician may collect on one visit; larger amounts are invoiced "
        "the same day.",
    )
    collection_days = fields.Integer(
        string="Money Handed in Within (Days)",
        compute="_compute_collection",
        inverse="_inverse_collection",
        help="After so many days the supervisor is reminded; 0 for never.",
    )
    cash_journal_id = fields.Many2one(
        comodel_name="account.journal",
        string="Cash Goes to",
        domain="[('type', '=', 'cash'), ('company_id', '=', company_id)]",
        compute="_compute_collection",
        inverse="_inverse_collection",
        groups="account.group_account_readonly,account.group_account_invoice",
        help="The first cash journal when empty.",
    )
    mobile_journal_id = fields.Many2one(
        comodel_name="account.journal",
        string="Mobile Payments Go to",
        domain="[('type', 'in', ('bank', 'credit')), ('company_id', '=', company_id)]",
        compute="_compute_collection",
        inverse="_inverse_collection",
        groups="account.group_account_readonly,account.group_account_invoice",
        help="Technicians collect cash alone when empty.",
    )
    accountant_id = fields.Many2one(
        comodel_name="res.users",
        string="Invoices Are Posted by",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        compute="_compute_collection",
        inverse="_inverse_collection",
        help="Is told the same day of the draft invoices of finished visits.",
    )

    @api.depends(*(f"company_id.aftersales_{field}" for field in COLLECTION))
    def _compute_collection(self):
        for setup in self:
            # Managers see what they decide on, journals by their names alone.
            company_sudo = setup.company_id.sudo()
            for field in COLLECTION:
                setup[field] = company_sudo[f"aftersales_{field}"]

    def _inverse_collection(self):
        for setup in self:
            # Managers decide on this, on nothing else of the company.
            company_sudo = setup.company_id.sudo()
            company_sudo.write(
                {
                    f"aftersales_{field}": self._fields[field].convert_to_write(
                        setup[field], setup
                    )
                    for field in COLLECTION
                }
            )
