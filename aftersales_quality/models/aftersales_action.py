from odoo import api, fields, models

FACTS = frozenset({"name", "state", "date_done", "effective"})


class AftersalesAction(models.Model):
    """What is done about a cause, checked for its effect later (R59)."""

    _name = "aftersales.action"
    _description = "Improvement Action"
    _inherit = ["aftersales.document.mixin", "mail.thread", "mail.activity.mixin"]
    _facts = FACTS
    _order = "date_due, id"
    _check_company_auto = True

    kind = fields.Selection(
        selection=[
            ("containment", "Containment"),
            ("corrective", "Corrective"),
            ("preventive", "Preventive"),
        ],
        required=True,
        default="corrective",
        tracking=True,
    )
    description = fields.Text(string="Measure")
    owner_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        required=True,
        index=True,
        tracking=True,
        default=lambda self: self.env.user,
    )
    date_due = fields.Date(string="Due on", tracking=True)
    date_done = fields.Date(string="Done on", readonly=True, copy=False)
    effective = fields.Selection(
        selection=[("yes", "Effective"), ("no", "Not Effective")],
        string="Effect",
        readonly=True,
        tracking=True,
        copy=False,
    )
    state = fields.Selection(
        selection=[
            ("open", "Open"),
            ("done", "Done"),
            ("closed", "Checked"),
            ("cancelled", "Cancelled"),
        ],
        default="open",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        copy=False,
    )
    cause_id = fields.Many2one(
        comodel_name="aftersales.cause",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    complaint_id = fields.Many2one(
        comodel_name="aftersales.complaint",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    nonconformity_id = fields.Many2one(
        comodel_name="aftersales.nonconformity",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        self._number(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        return super().write(vals)
