from odoo import fields, models


class StockLocation(models.Model):
    _inherit = "stock.location"

    aftersales_technician_id = fields.Many2one(
        comodel_name="hr.employee",
        string="Van of",
        index="btree_not_null",
        check_company=True,
        groups="stock.group_stock_user,"
        "aftersales_service.aftersales_service_group_technician",
        help="Technician whose parts lie here: his car.",
    )

    _aftersales_van_uniq = models.UniqueIndex(
        "(aftersales_technician_id, company_id) "
        "WHERE aftersales_technician_id IS NOT NULL AND active",
        "A technician has one van in each company.",
    )
