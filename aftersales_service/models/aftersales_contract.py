from odoo import fields, models


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
    )
    date_start = fields.Date(required=True, tracking=True)
    date_end = fields.Date(required=True, tracking=True)
    equipment_ids = fields.Many2many(
        comodel_name="aftersales.equipment",
        relation="aftersales_contract_equipment_rel",
        column1="contract_id",
        column2="equipment_id",
        string="Units",
        check_company=True,
    )
    covers_labour = fields.Boolean(string="Labour", default=True)
    covers_parts = fields.Boolean(string="Parts")
    covers_travel = fields.Boolean(string="Travel", default=True)
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("active", "Active"),
            ("expired", "Expired"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        copy=False,
        index=True,
        tracking=True,
    )
