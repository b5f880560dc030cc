from odoo import fields, models


class AftersalesExclusion(models.Model):
    """Finding that turns a free repair into a paid one (R15)."""

    _name = "aftersales.exclusion"
    _description = "Warranty Exclusion"
    _order = "sequence, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    voids_contract = fields.Boolean(
        string="Also Voids Contracts",
        help="Work after such a finding is not included in service contracts either.",
    )

    _code_uniq = models.UniqueIndex(
        "(code)", "The code of a warranty exclusion must be unique."
    )
