from odoo import api, fields, models
from odoo.exceptions import UserError

# What was collected stands as its source says; a person types rows of his own.
FACTS = frozenset({"res_model", "res_id", "document"})
COLLECTED = frozenset({"nonconformity_id", "kind", "amount", "date"})


class AftersalesNonconformityCost(models.Model):
    """What one nonconformity cost: rework, scrap, warranty, freight (R63)."""

    _name = "aftersales.nonconformity.cost"
    _description = "Cost of a Nonconformity"
    _inherit = ["aftersales.fact.mixin"]
    _facts = FACTS
    _order = "nonconformity_id, kind, id"

    nonconformity_id = fields.Many2one(
        comodel_name="aftersales.nonconformity",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="nonconformity_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    product_id = fields.Many2one(
        related="nonconformity_id.product_id", store=True, index=True, precompute=True
    )
    kind = fields.Selection(
        selection=[
            ("rework", "Rework"),
            ("scrap", "Scrap"),
            ("warranty", "Warranty"),
            ("freight", "Freight"),
        ],
        string="Kind of Cost",
        required=True,
        default="freight",
    )
    name = fields.Char(string="Description", required=True)
    amount = fields.Monetary(required=True)
    date = fields.Date(default=fields.Date.context_today)
    res_model = fields.Char(string="Source Model", readonly=True)
    res_id = fields.Many2oneReference(
        model_field="res_model", string="Source", readonly=True
    )
    document = fields.Char(string="Source Document", readonly=True)

    _source_uniq = models.UniqueIndex(
        "(res_model, res_id) WHERE res_id IS NOT NULL AND res_id <> 0",
        "This cost is counted already.",
    )
    _amount_positive = models.Constraint(
        "CHECK (amount >= 0)", "A cost is not negative."
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        if COLLECTED & vals.keys() and not self._is_by_method():
            self._ensure_typed()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_typed(self):
        if not self._is_by_method():
            self._ensure_typed()

    def _ensure_typed(self):
        """Refuse to change what follows from another document.

        :raise UserError: naming the rows
        """
        if collected := self.filtered("res_id"):
            raise UserError(
                self.env._(
                    "These costs follow from their documents; correct those, and "
                    "collect again: %s",
                    ", ".join(collected.mapped("name")),
                )
            )

    def action_view_source(self):
        """Open the document that the cost comes from.

        :raise UserError: for a row that somebody typed
        """
        self.ensure_one()
        if not self.res_id:
            raise UserError(self.env._("%s was typed, it has no document.", self.name))
        source = self.env[self.res_model].browse(self.res_id)
        if self.res_model == "aftersales.ticket.line":
            source = source.ticket_id
        return source.get_formview_action()
