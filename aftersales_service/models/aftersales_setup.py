from odoo import api, fields, models
from odoo.tools import SQL

# What managers decide about money.
PRICES = ("goodwill_limit", "pricelist_id", "discount_limit", "general_manager_id")


class AftersalesSetup(models.Model):
    """Settings of the department in one company, for its managers.

    Odoo's own settings are open to system administrators alone. This page has no
    table: it shows the company and writes what managers of after-sales decide.
    """

    _name = "aftersales.setup"
    _description = "After-sales Settings"
    _auto = False
    _rec_name = "company_id"
    _depends = {"res.company": ["active"]}

    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    step_ids = fields.One2many(
        comodel_name="aftersales.setup.step",
        inverse_name="setup_id",
        string="First Steps",
        readonly=True,
    )
    open_step_count = fields.Integer(compute="_compute_open_step_count")
    numbering_ids = fields.One2many(
        comodel_name="aftersales.numbering",
        inverse_name="setup_id",
    )
    retention_years = fields.Integer(
        string="Records Kept (Years)",
        compute="_compute_retention_years",
        inverse="_inverse_retention_years",
        help="How long tickets and units no longer in use keep the person, counted from "
        "their last day. Only then a request for erasure removes him.",
    )

    currency_id = fields.Many2one(related="company_id.currency_id")
    goodwill_limit = fields.Monetary(
        string="Goodwill of a Supervisor",
        compute="_compute_prices",
        inverse="_inverse_prices",
        help="What a supervisor may give away on one ticket against the rules of the "
        "warranty.",
    )
    pricelist_id = fields.Many2one(
        comodel_name="product.pricelist",
        string="Service Price List",
        domain="[('company_id', 'in', [False, company_id])]",
        compute="_compute_prices",
        inverse="_inverse_prices",
        help="Prices of labour, parts and travel on tickets.",
    )
    discount_limit = fields.Float(
        string="Discount of an Estimate",
        compute="_compute_prices",
        inverse="_inverse_prices",
        help="How far an estimate may stay below the service price list.",
    )
    general_manager_id = fields.Many2one(
        comodel_name="res.users",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        compute="_compute_prices",
        inverse="_inverse_prices",
        help="Who approves estimates far below the price list.",
    )

    @property
    def _table_query(self):
        return SQL("SELECT id, id AS company_id FROM res_company WHERE active")

    @api.depends("step_ids.state")
    def _compute_open_step_count(self):
        for setup in self:
            steps = setup.step_ids.filtered(lambda step: step.state == "open")
            setup.open_step_count = len(steps)

    @api.depends("company_id.aftersales_retention_years")
    def _compute_retention_years(self):
        for setup in self:
            setup.retention_years = setup.company_id.aftersales_retention_years

    def _inverse_retention_years(self):
        for setup in self:
            # Managers decide on their records, on nothing else of the company.
            company_sudo = setup.company_id.sudo()
            company_sudo.aftersales_retention_years = setup.retention_years

    @api.depends(
        "company_id.aftersales_goodwill_limit",
        "company_id.aftersales_pricelist_id",
        "company_id.aftersales_discount_limit",
        "company_id.aftersales_general_manager_id",
    )
    def _compute_prices(self):
        for setup in self:
            for field in PRICES:
                setup[field] = setup.company_id[f"aftersales_{field}"]

    def _inverse_prices(self):
        for setup in self:
            # As above: managers decide on prices of their department, on no more.
            company_sudo = setup.company_id.sudo()
            company_sudo.write(
                {
                    f"aftersales_{field}": self._fields[field].convert_to_write(
                        setup[field], setup
                    )
                    for field in PRICES
                }
            )

    @api.model
    def _get_page_action(self):
        """Return the action that opens the page of the current company."""
        # Documents that came with an update get their numbers now, to be looked at.
        self.env.company._aftersales_create_sequences()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_setup_action_page"
        )
        return {**action, "res_id": self.env.company.id}
