from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesHandBack(models.TransientModel):
    """The owner signs for his goods, or a carrier takes them (R28)."""

    _name = "aftersales.hand.back"
    _description = "Hand-Back of Customers' Goods"

    custody_ids = fields.Many2many(
        comodel_name="aftersales.custody",
        string="Items",
        required=True,
        domain="[('id', 'in', allowed_ids)]",
    )
    allowed_ids = fields.Many2many(
        comodel_name="aftersales.custody", compute="_compute_allowed_ids"
    )
    return_id = fields.Many2one(
        comodel_name="aftersales.return", compute="_compute_return_id"
    )
    partner_id = fields.Many2one(related="return_id.partner_id", string="Owner")
    way = fields.Selection(
        selection=[("counter", "Handed over here"), ("parcel", "Sent as a parcel")],
        required=True,
        default="counter",
    )
    signed_by = fields.Char(string="Received by")
    signature = fields.Image(max_width=1024, max_height=1024)
    tracking_ref = fields.Char(string="Parcel Number", help="Carrier and number.")
    money_notice = fields.Char(compute="_compute_notices")
    repair_notice = fields.Char(compute="_compute_notices")

    @api.depends("custody_ids")
    def _compute_return_id(self):
        for wizard in self:
            wizard.return_id = wizard.custody_ids.return_id[:1]

    @api.depends("return_id")
    def _compute_allowed_ids(self):
        for wizard in self:
            wizard.allowed_ids = wizard.return_id.custody_ids.filtered(
                lambda item: not item.date_out
            )

    @api.depends("custody_ids")
    def _compute_notices(self):
        for wizard in self:
            # What is owed and still in work is said, no more of orders and repairs.
            items_sudo = wizard.custody_ids._origin.sudo()
            rma_sudo = items_sudo.return_id[:1]
            notice = rma_sudo._say_unpaid(items_sudo) if rma_sudo else ""
            wizard.money_notice = notice
            wizard.repair_notice = ", ".join(
                items_sudo._get_open_repairs().mapped("name")
            )

    def action_apply(self):
        """Hand the items back, now.

        :raise UserError: as the hand-back itself
        """
        self.ensure_one()
        items = self.custody_ids
        if not items.return_id:
            raise UserError(self.env._("Choose what is handed back."))
        counter = self.way == "counter"
        for rma in items.return_id:
            rma.action_hand_over(
                signed_by=self.signed_by if counter else None,
                signature=self.signature if counter else None,
                tracking_ref=None if counter else self.tracking_ref,
                custody_ids=items.filtered(
                    lambda item, rma=rma: item.return_id == rma
                ).ids,
            )
        return {"type": "ir.actions.act_window_close"}

    def action_leave_to_warehouse(self):
        """Make the transfers for the warehouse to validate instead.

        :raise UserError: when nothing is ready
        """
        self.ensure_one()
        for rma in self.custody_ids.return_id:
            rma.action_prepare_hand_back(self.custody_ids.ids)
        return {"type": "ir.actions.act_window_close"}
