from odoo import api, fields, models


class AftersalesBackfillError(models.Model):
    """A past transfer that could not be followed, and why."""

    _name = "aftersales.backfill.error"
    _description = "Problem with a Past Delivery"
    _order = "id"

    backfill_id = fields.Many2one(
        comodel_name="aftersales.backfill",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="backfill_id.company_id", store=True)
    move_id = fields.Many2one(
        comodel_name="stock.move", required=True, readonly=True, ondelete="cascade"
    )
    # Managers have no right on transfers; these tell them which one it is.
    reference = fields.Char(compute="_compute_transfer", compute_sudo=True)
    date = fields.Datetime(compute="_compute_transfer", compute_sudo=True)
    product_id = fields.Many2one(
        comodel_name="product.product", compute="_compute_transfer", compute_sudo=True
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        compute="_compute_transfer",
        compute_sudo=True,
    )
    message = fields.Text(required=True, readonly=True)

    @api.depends("move_id")
    def _compute_transfer(self):
        for error in self:
            move = error.move_id
            error.reference = move.picking_id.name or move.reference
            error.date = move.date
            error.product_id = move.product_id
            error.partner_id = move._aftersales_site() if move else False
