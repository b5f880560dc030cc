from odoo import fields, models


class ResCompany(models.Model):
    """Where lent goods are, and how early the showroom is told (R46, R55)."""

    _inherit = "res.company"

    aftersales_lent_location_id = fields.Many2one(
        comodel_name="stock.location",
        string="Place of Lent Goods",
        check_company=True,
        copy=False,
    )
    aftersales_mending_location_id = fields.Many2one(
        comodel_name="stock.location",
        string="Place of Damaged Lent Goods",
        check_company=True,
        copy=False,
    )
    aftersales_sample_notice_days = fields.Integer(
        string="Notice of Showroom Samples",
        default=3,
        help="Working days between the notice and the day on which a sample is put up "
        "or taken down.",
    )

    _aftersales_sample_notice_sane = models.Constraint(
        "CHECK (COALESCE(aftersales_sample_notice_days, 0) BETWEEN 0 AND 60)",
        "The notice of a sample lies between 0 and 60 working days.",
    )

    def _aftersales_get_lent_location(self):
        """Return the place of lent goods, made when the first loan goes out.

        It is ours, so what lies there stays in our books at its value; it is outside
        every warehouse, so nobody is promised it.
        """
        return self._aftersales_get_loan_place(
            "aftersales_lent_location_id", self.env._("Lent")
        )

    def _aftersales_get_mending_location(self):
        """Return the place of goods that came back damaged from a loan."""
        return self._aftersales_get_loan_place(
            "aftersales_mending_location_id", self.env._("Lent, to Repair")
        )

    def _aftersales_get_loan_place(self, field, name):
        self.ensure_one()
        # Who lends has no right on locations, and on these fields of his company only
        # through his loans.
        company_sudo = self.sudo()
        if not company_sudo[field]:
            # Two first loans at once make one place: the second one is repeated.
            company_sudo.env.cr.execute(
                "SELECT id FROM res_company WHERE id = %s FOR NO KEY UPDATE", [self.id]
            )
            warehouse_sudo = company_sudo.env["stock.warehouse"].search(
                [("company_id", "=", self.id)], limit=1
            )
            parent = warehouse_sudo.view_location_id.location_id
            company_sudo[field] = company_sudo.env["stock.location"].create(
                {
                    "name": name,
                    "usage": "internal",
                    "location_id": parent.id,
                    "company_id": self.id,
                }
            )
        return company_sudo[field]
