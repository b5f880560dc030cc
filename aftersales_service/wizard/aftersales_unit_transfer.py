from odoo import fields, models


class AftersalesUnitTransfer(models.TransientModel):
    """Asks who has a unit from now on."""

    _name = "aftersales.unit.transfer"
    _description = "Transfer of a Unit"
    _check_company_auto = True

    equipment_id = fields.Many2one(
        comodel_name="aftersales.equipment",
        string="Unit",
        required=True,
        readonly=True,
        default=lambda self: self.env.context.get("active_id"),
    )
    company_id = fields.Many2one(related="equipment_id.company_id")
    from_id = fields.Many2one(related="equipment_id.partner_id", string="Present Owner")
    warranty_end = fields.Date(related="equipment_id.warranty_end")
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="New Owner",
        required=True,
        check_company=True,
        domain="[('id', '!=', from_id)]",
    )
    site_id = fields.Many2one(
        comodel_name="res.partner",
        check_company=True,
        help="Where the unit stands; the new owner's own address when empty.",
    )
    date = fields.Date(
        string="Day of the Transfer",
        required=True,
        default=fields.Date.context_today,
    )

    def action_apply(self):
        """Hand the unit to its new owner.

        :raise UserError: as :meth:`action_transfer` of the unit
        """
        self.ensure_one()
        self.equipment_id.action_transfer(
            self.partner_id.id, date=self.date, site_id=self.site_id.id
        )
        return {"type": "ir.actions.act_window_close"}
