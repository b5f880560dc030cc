from odoo import fields, models

RESULTS = [
    ("solved", "All Well"),
    ("not_solved", "Not Solved"),
    ("wish", "Wish or Question"),
    ("informed", "Told"),
    ("sent", "Sent"),
    ("refused", "Refused"),
    ("unreachable", "Not Reached"),
]


class AftersalesCallbackAttempt(models.Model):
    """One attempt to reach the customer: when, by whom, what came of it (R34)."""

    _name = "aftersales.callback.attempt"
    _description = "Attempt of a Callback"
    _order = "date desc, id desc"

    callback_id = fields.Many2one(
        comodel_name="aftersales.callback",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="callback_id.company_id", store=True, index=True, precompute=True
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="By",
        required=True,
        default=lambda self: self.env.user,
    )
    outcome = fields.Selection(selection=RESULTS, required=True)
