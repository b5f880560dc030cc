from odoo import fields, models


class AftersalesChecklist(models.Model):
    """What is to be looked at on a visit, point by point (R25)."""

    _name = "aftersales.checklist"
    _description = "Checklist"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        help="Empty: for every company.",
    )
    job_type_ids = fields.Many2many(
        comodel_name="aftersales.job.type",
        string="Job Types",
        check_company=True,
        help="Only for these jobs; for all when empty.",
    )
    categ_ids = fields.Many2many(
        comodel_name="product.category",
        string="Product Categories",
        help="Only for units of these categories and those below; for all when empty.",
    )
    point_ids = fields.One2many(
        comodel_name="aftersales.checklist.point",
        inverse_name="checklist_id",
        string="Points",
        copy=True,
    )
    point_count = fields.Integer(string="Number of Points", compute="_compute_count")

    def _compute_count(self):
        counts = dict(
            self.env["aftersales.checklist.point"]._read_group(
                [("checklist_id", "in", self.ids)], ["checklist_id"], ["__count"]
            )
        )
        for checklist in self:
            checklist.point_count = counts.get(checklist, 0)

    def _applies_to(self, dispatch):
        """Tell whether the list is for this visit: by its job, and by its unit."""
        self.ensure_one()
        path = dispatch.product_id.categ_id.parent_path or ""
        return (
            self.company_id in (dispatch.company_id, self.env["res.company"])
            and (not self.job_type_ids or dispatch.job_type_id in self.job_type_ids)
            and (
                not self.categ_ids
                or any(path.startswith(c.parent_path) for c in self.categ_ids)
            )
        )
