from odoo import api, fields, models


class AftersalesReturn(models.Model):
    """Complaints about returned goods."""

    _name = "aftersales.return"
    _inherit = ["aftersales.return", "aftersales.complained.mixin"]

    _complaint_field = "return_id"

    aftersales_complaint_ids = fields.One2many(
        comodel_name="aftersales.complaint",
        inverse_name="return_id",
        string="Complaints of the Return",
        groups="aftersales_service.aftersales_service_group_technician",
    )
    aftersales_complaint_names = fields.Char(
        string="Complaint",
        compute="_compute_aftersales_complaint_names",
        help="Whoever handles the goods knows that the customer complained.",
    )

    @api.depends("aftersales_complaint_ids.name")
    def _compute_aftersales_complaint_names(self):
        for rma in self:
            # The warehouse reads the number and nothing else of it.
            complaints_sudo = rma.sudo().aftersales_complaint_ids
            rma.aftersales_complaint_names = ", ".join(complaints_sudo.mapped("name"))
