from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

FACTS = frozenset(
    {
        "name",
        "state",
        "sale_line_id",
        "renews_id",
        "cancel_reason",
        "cancel_date",
        "taken_back",
        "reminded_end",
        "coverage_ids",
        "visits_used",
        "visits_planned",
        "hours_used",
        "hours_planned",
    }
)
# What the customer was promised.
TERMS = frozenset(
    {
        "partner_id",
        "company_id",
        "date_start",
        "date_end",
        "equipment_ids",
        "covers_labour",
        "covers_parts",
        "covers_travel",
        "visits_included",
        "hours_included",
    }
)
MONEY = frozenset({"product_id", "price"})


class AftersalesContract(models.Model):
    """Service contract over units of one customer (R19)."""

    _name = "aftersales.contract"
    _description = "Service Contract"
    _inherit = [
        "aftersales.document.mixin",
        "portal.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _facts = FACTS
    _order = "date_end desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Contract")
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        check_company=True,
        index=True,
        tracking=True,
        help="Holder of the units.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Salesperson",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        tracking=True,
        help="Plans the renewal; the supervisor of the service team when empty.",
    )
    date_start = fields.Date(
        string="Begins on",
        required=True,
        tracking=True,
        default=fields.Date.context_today,
    )
    date_end = fields.Date(
        string="Ends on",
        required=True,
        tracking=True,
        compute="_compute_date_end",
        store=True,
        readonly=False,
        precompute=True,
        help="Last covered day.",
    )
    equipment_ids = fields.Many2many(
        comodel_name="aftersales.equipment",
        relation="aftersales_contract_equipment_rel",
        column1="contract_id",
        column2="equipment_id",
        string="Units",
        check_company=True,
    )
    coverage_ids = fields.One2many(
        comodel_name="aftersales.coverage",
        inverse_name="contract_id",
        string="Cover of the Units",
        readonly=True,
        copy=False,
    )

    # ------------------------------------------------------------
    # What is included, for how much
    # ------------------------------------------------------------
    product_id = fields.Many2one(
        comodel_name="product.product",
        check_company=True,
        index="btree_not_null",
        domain="[('aftersales_sells', '=', 'contract')]",
        help="Product by which the contract is sold and renewed; a draft takes its "
        "terms over.",
    )
    covers_labour = fields.Boolean(
        string="Labour",
        compute="_compute_covers_labour",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    covers_parts = fields.Boolean(
        string="Parts",
        compute="_compute_covers_parts",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    covers_travel = fields.Boolean(
        string="Travel",
        compute="_compute_covers_travel",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    price = fields.Monetary(
        compute="_compute_price",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="For the whole period, without taxes.",
    )
    note = fields.Html(string="Notes")

    # ------------------------------------------------------------
    # Life
    # ------------------------------------------------------------
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("active", "Active"),
            ("expired", "Expired"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    cancel_date = fields.Date(string="Cancelled on", readonly=True, copy=False)
    cancel_reason = fields.Char(
        string="Reason of Cancellation", readonly=True, copy=False
    )
    days_left = fields.Integer(compute="_compute_days_left")
    equipment_count = fields.Integer(
        string="Number of Units", compute="_compute_equipment_count"
    )
    ticket_count = fields.Integer(string="Tickets", compute="_compute_ticket_count")

    _name_uniq = models.UniqueIndex(
        "(company_id, name) WHERE name <> '/'",
        "The contract number must be unique per company.",
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_start <= date_end)", "A contract cannot end before it begins."
    )
    _duration_sane = models.Constraint(
        "CHECK (date_end <= date_start + 18263)",
        "A contract lasts 50 years at most.",
    )
    _price_positive = models.Constraint(
        "CHECK (COALESCE(price, 0) >= 0)",
        "The price of a contract cannot be negative.",
    )
    _end_idx = models.Index("(company_id, date_end) WHERE state = 'active'")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("partner_id")
    def _compute_user_id(self):
        for contract in self:
            partner = contract.partner_id
            salesperson = partner.user_id or partner.commercial_partner_id.user_id
            contract.user_id = salesperson or contract.user_id

    @api.depends("date_start", "product_id")
    def _compute_date_end(self):
        for contract in self:
            months = contract.product_id.aftersales_contract_months
            if contract.date_start and contract._takes_over(not contract.date_end):
                contract.date_end = self._get_last_day(
                    contract.date_start, months or 12
                )
            else:
                contract.date_end = contract.date_end

    @api.depends("product_id")
    def _compute_covers_labour(self):
        self._take_over("covers_labour", True)

    @api.depends("product_id")
    def _compute_covers_parts(self):
        self._take_over("covers_parts", False)

    @api.depends("product_id")
    def _compute_covers_travel(self):
        self._take_over("covers_travel", True)

    @api.depends("product_id")
    def _compute_price(self):
        for contract in self:
            product = contract.product_id.with_company(contract.company_id)
            contract.price = (
                product.lst_price if contract._takes_over() else contract.price
            )

    def _take_over(self, field, default):
        """Let drafts take one of the terms of their product over."""
        for contract in self:
            if contract._takes_over():
                value = contract.product_id[f"aftersales_contract_{field}"]
            else:
                value = contract[field] if contract._origin else default
            contract[field] = value

    def _takes_over(self, blank=False):
        """Tell whether the product, or nobody yet, says what is included."""
        return self.state == "draft" and (bool(self.product_id) or blank)

    @api.model
    def _get_last_day(self, start, months):
        """Return the last day of a contract of some months: a year ends on its eve."""
        return start + relativedelta(months=months, days=-1)

    @api.depends("date_end")
    def _compute_days_left(self):
        for contract in self:
            today = contract.company_id._aftersales_today()
            end = contract.date_end
            contract.days_left = max((end - today).days + 1, 0) if end else 0

    @api.depends("equipment_ids")
    def _compute_equipment_count(self):
        for contract in self:
            contract.equipment_count = len(contract.equipment_ids)

    @api.depends("line_ids.ticket_id")
    def _compute_ticket_count(self):
        counts = {}
        for contract, _ticket in self.env["aftersales.ticket.line"]._read_group(
            [("contract_id", "in", self.ids)], ["contract_id", "ticket_id"]
        ):
            counts[contract] = counts.get(contract, 0) + 1
        for contract in self:
            contract.ticket_count = counts.get(contract, 0)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            self._ensure_no_facts(vals)
        self._number(vals_list)
        contracts = super().create(vals_list)
        if not self._is_by_method():
            for contract in contracts:
                contract._ensure_units(contract.equipment_ids)
        return contracts

    def write(self, vals):
        self._ensure_no_facts(vals)
        if self._is_by_method() or not (TERMS | MONEY) & vals.keys():
            return super().write(vals)
        self._ensure_can_change()
        before = {contract: contract.equipment_ids for contract in self}
        result = super().write(vals)
        for contract, units in before.items():
            known = units if "partner_id" not in vals else units.browse()
            contract._ensure_units(contract.equipment_ids - known)
        given = self.filtered(lambda contract: contract.state != "draft")
        if given and TERMS & vals.keys():
            given._follow_terms(
                self.env["aftersales.equipment"].union(*before.values())
            )
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        """What was promised is history (R66)."""
        if kept := self.filtered(lambda contract: contract.state != "draft"):
            raise UserError(
                self.env._(
                    "Only drafts are deleted; cancel these contracts instead: %s",
                    ", ".join(kept.mapped("name")),
                )
            )

    def _ensure_can_change(self):
        """Drafts are written by the desk, promises in force changed by supervisors.

        :raise UserError: naming the contracts
        """
        if ended := self.filtered(lambda contract: contract.state == "cancelled"):
            raise UserError(
                self.env._(
                    "These contracts are cancelled and stay as they were: %s",
                    ", ".join(ended.mapped("name")),
                )
            )
        given = self.filtered(lambda contract: contract.state != "draft")
        if given and not given._is_supervisor():
            raise UserError(
                self.env._(
                    "A contract in force is changed by a supervisor: %s",
                    ", ".join(given.mapped("name")),
                )
            )

    @api.model
    def _is_supervisor(self):
        return self.env.su or self.env.user.has_group(
            "aftersales_service.aftersales_service_group_supervisor"
        )

    # ------------------------------------------------------------
    # NAVIGATION
    # ------------------------------------------------------------

    @api.depends("name", "partner_id.name")
    def _compute_display_name(self):
        for contract in self:
            parts = (contract.name, contract.partner_id.name)
            contract.display_name = " · ".join(part for part in parts if part)

    @api.model
    def _search_display_name(self, operator, value):
        """Find a contract by its number, its customer or the serial of a unit."""
        if operator not in ("ilike", "=ilike") or not value:
            return super()._search_display_name(operator, value)
        return Domain.OR(
            Domain(field, operator, value)
            for field in ("name", "partner_id", "equipment_ids.serial")
        )

    def action_view_equipment(self):
        """Open the units of these contracts."""
        return self.equipment_ids._get_list_action()

    def action_view_tickets(self):
        """Open the tickets with work under these contracts."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_ticket_action"
        )
        return {
            **action,
            "domain": [("line_ids.contract_id", "in", self.ids)],
            "context": {"create": False},
        }

    def _get_list_action(self):
        """Return the action that shows these contracts: the form when it is one."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_contract_action"
        )
        action |= {"domain": [("id", "in", self.ids)], "context": {"create": False}}
        if len(self) == 1:
            action |= {"views": [(False, "form")], "res_id": self.id}
        return action
