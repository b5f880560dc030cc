from odoo import fields, models


class AftersalesReschedule(models.Model):
    """One postponement of a visit: old time, new time, who, why (R24)."""

    _name = "aftersales.reschedule"
    _description = "Postponement of a Visit"
    _order = "date desc, id desc"

    dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="dispatch_id.company_id")
    date = fields.Datetime(
        string="Noted on", required=True, readonly=True, default=fields.Datetime.now
    )
    old_start = fields.Datetime(string="Old Time", readonly=True)
    new_start = fields.Datetime(
        string="New Time", readonly=True, help="Empty: still to be agreed."
    )
    requested_by = fields.Selection(
        selection=[("company", "Us"), ("customer", "The Customer")],
        string="Postponed by",
        required=True,
        readonly=True,
    )
    reason = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Noted by",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
    )
