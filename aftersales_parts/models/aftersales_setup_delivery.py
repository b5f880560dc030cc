from odoo import api, fields, models


class AftersalesSetup(models.Model):
    """When the orders of the day are listed, on the page of the managers (R54)."""

    _inherit = "aftersales.setup"

    delivery_hour = fields.Float(
        string="Orders of the Day",
        compute="_compute_delivery",
        inverse="_inverse_delivery",
        help="Local time at which the orders of the day are listed and their stock is "
        "checked; 0 for never.",
    )
    delivery_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Deliveries Minded by",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        compute="_compute_delivery",
        inverse="_inverse_delivery",
        help="Who gets the list and orders what is missing.",
    )

    @api.depends(
        "company_id.aftersales_delivery_hour", "company_id.aftersales_delivery_user_id"
    )
    def _compute_delivery(self):
        for setup in self:
            setup.delivery_hour = setup.company_id.aftersales_delivery_hour
            setup.delivery_user_id = setup.company_id.aftersales_delivery_user_id

    def _inverse_delivery(self):
        for setup in self:
            # Managers decide on their deliveries, on nothing else of the company.
            company_sudo = setup.company_id.sudo()
            company_sudo.write(
                {
                    "aftersales_delivery_hour": setup.delivery_hour,
                    "aftersales_delivery_user_id": setup.delivery_user_id.id,
                }
            )
