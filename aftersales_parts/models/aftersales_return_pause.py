from odoo import fields, models


class AftersalesReturnPause(models.Model):
    """A time in which the promise of a return stands still: money is unpaid (R50)."""

    _name = "aftersales.return.pause"
    _description = "Pause of a Return"
    _inherit = ["aftersales.fact.mixin"]
    _facts = frozenset({"return_id", "date_begin", "date_end"})
    _order = "return_id, date_begin, id"

    return_id = fields.Many2one(
        comodel_name="aftersales.return",
        string="Return (RMA)",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="return_id.company_id", store=True, index=True, precompute=True
    )
    date_begin = fields.Datetime(string="Asked for Money", required=True)
    date_end = fields.Datetime(string="Paid", help="Empty while it lasts.")

    _dates_in_order = models.Constraint(
        "CHECK (date_end IS NULL OR date_begin <= date_end)",
        "A pause cannot end before it begins.",
    )
    _running_uniq = models.UniqueIndex(
        "(return_id) WHERE date_end IS NULL",
        "The promise of this return stands still already.",
    )

    def write(self, vals):
        self._ensure_no_facts(vals)
        return super().write(vals)
