from odoo import fields, models


class AftersalesActionCheck(models.Model):
    """One look at the effect of an action: who, when, what it showed (R59).

    Written by the action alone; every figure about effect and recurrence comes from
    these rows.
    """

    _name = "aftersales.action.check"
    _description = "Effect Check"
    _order = "date desc, id desc"
    _rec_name = "date"
    _check_company_auto = True

    action_id = fields.Many2one(
        comodel_name="aftersales.action",
        required=True,
        index=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="action_id.company_id", store=True, index=True)
    date = fields.Date(string="Checked on", required=True, readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users", string="Checked by", required=True, readonly=True
    )
    date_done = fields.Date(string="Done on", readonly=True)
    effective = fields.Selection(
        selection=[("yes", "Effective"), ("no", "Not Effective")],
        string="Effect",
        required=True,
        readonly=True,
    )
    note = fields.Text(string="What It Showed", readonly=True)
    recurrence_date = fields.Date(
        string="Came Again on",
        readonly=True,
        help="The cause came again within the time it is watched.",
    )
    complaint_id = fields.Many2one(
        comodel_name="aftersales.complaint",
        string="Came Again in Complaint",
        index="btree_not_null",
        readonly=True,
        ondelete="restrict",
    )
    nonconformity_id = fields.Many2one(
        comodel_name="aftersales.nonconformity",
        string="Came Again in Nonconformity",
        index="btree_not_null",
        readonly=True,
        ondelete="restrict",
    )
