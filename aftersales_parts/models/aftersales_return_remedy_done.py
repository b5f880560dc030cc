from odoo import fields, models


class AftersalesReturn(models.Model):
    """A return may carry a remedy out; closing it, the customer has it (R17)."""

    _inherit = "aftersales.return"

    remedy_id = fields.Many2one(
        comodel_name="aftersales.remedy",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        groups="aftersales_service.aftersales_service_group_technician",
        help="Right of the customer that this return carries out.",
    )

    def action_done(self):
        result = super().action_done()
        # The remedy may be another team's; its return says that it is done.
        self.sudo().remedy_id.filtered("can_finish").action_done()
        return result
