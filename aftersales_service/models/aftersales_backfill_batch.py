from odoo import fields, models


class AftersalesBackfillBatch(models.Model):
    """What one batch did, and where the next one begins. Never changed afterwards."""

    _name = "aftersales.backfill.batch"
    _description = "Batch of Past Deliveries"
    _order = "id desc"

    backfill_id = fields.Many2one(
        comodel_name="aftersales.backfill",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="backfill_id.company_id", store=True)
    create_date = fields.Datetime(string="Finished on", readonly=True)
    move_count = fields.Integer(string="Transfers", readonly=True)
    unit_count = fields.Integer(string="Vouchers Made", readonly=True)
    returned_count = fields.Integer(string="Units Returned", readonly=True)
    error_count = fields.Integer(string="Problems", readonly=True)
    cursor_date = fields.Datetime(string="Last Transfer of", readonly=True)
    cursor_id = fields.Integer(string="Last Transfer (ID)", readonly=True)
