from odoo import api, fields, models

from .aftersales_part_request import KINDS

LEVELS = [
    ("agent", "Service Desk"),
    ("supervisor", "Supervisor"),
    ("manager", "Manager"),
]


class AftersalesPartApproval(models.Model):
    """Who approves which parts: by kind and amount (R42)."""

    _name = "aftersales.part.approval"
    _description = "Approval of Parts"
    _order = "kind, amount_from, id"

    kind = fields.Selection(
        selection=KINDS, help="Empty: whatever no row of its own decides."
    )
    amount_from = fields.Monetary(
        string="From an Amount of",
        default=0.0,
        # Limits are no sums, and those of two companies are in two currencies.
        aggregator=None,
        help="Cost of the parts of one request from which on this row decides.",
    )
    level = fields.Selection(selection=LEVELS, string="Approved by", required=True)
    company_id = fields.Many2one(
        comodel_name="res.company", index=True, help="Empty: all companies."
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency", compute="_compute_currency_id"
    )

    _amount_positive = models.Constraint(
        "CHECK (COALESCE(amount_from, 0) >= 0)", "An amount is not negative."
    )

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for row in self:
            row.currency_id = (row.company_id or self.env.company).currency_id

    @api.depends("kind", "amount_from", "level")
    def _compute_display_name(self):
        for row in self:
            kinds = dict(self._fields["kind"]._description_selection(self.env))
            levels = dict(self._fields["level"]._description_selection(self.env))
            kind = kinds.get(row.kind) or self.env._("All Kinds")
            row.display_name = f"{kind} · {levels.get(row.level, '')}"

    @api.model
    def _get_level(self, company, kind, amount):
        """Return who approves a request: agent, supervisor or manager.

        Rows of the company go before those of all, rows of the kind before general
        ones; of those that remain, the highest amount reached decides.

        :param company: company of the request
        :param str kind: kind of part
        :param float amount: cost of its parts
        """
        rows = self.search(
            [("company_id", "in", (company.id, False)), ("kind", "in", (kind, False))]
        )
        for own_kind, own_company in ((1, 1), (1, 0), (0, 1), (0, 0)):
            fitting = rows.filtered(
                lambda row, k=own_kind, c=own_company: bool(row.kind) == bool(k)
                and bool(row.company_id) == bool(c)
            )
            if fitting:
                reached = fitting.filtered(lambda row: row.amount_from <= amount)
                reached = reached.sorted("amount_from")
                return (reached[-1:] or fitting.sorted("amount_from")[:1]).level
        return "supervisor"
