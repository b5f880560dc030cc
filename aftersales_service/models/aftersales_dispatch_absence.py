from odoo import fields, models


class AftersalesDispatchAbsence(models.Model):
    """Short absence from the customer's during the job, told to him (R76)."""

    _name = "aftersales.dispatch.absence"
    _description = "Absence During a Visit"
    _order = "dispatch_id, date_start, id"

    dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="dispatch_id.company_id")
    date_start = fields.Datetime(string="Left at", required=True)
    date_end = fields.Datetime(string="Back at")
    reason = fields.Char(required=True)
    told = fields.Boolean(string="Customer Told")

    _end_after_start = models.Constraint(
        "CHECK (date_end >= date_start)", "Nobody is back before he left."
    )
    _one_open = models.UniqueIndex(
        "(dispatch_id) WHERE date_end IS NULL",
        "He is away already: note first when he was back.",
    )
