from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AftersalesComponent(models.Model):
    """Component group of products: whole machine, main parts, wear parts … (R14)."""

    _name = "aftersales.component"
    _description = "Component Group"
    _parent_store = True
    # Not by parent_path: as a text, 5/10 comes before 5/6.
    _order = "sequence, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(index=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    parent_id = fields.Many2one(
        comodel_name="aftersales.component",
        string="Part of",
        index=True,
        ondelete="restrict",
        help="A term for a group holds for the groups beneath it, too, unless they "
        "have one of their own.",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many(
        comodel_name="aftersales.component", inverse_name="parent_id"
    )

    _code_uniq = models.UniqueIndex(
        "(code) WHERE code IS NOT NULL", "The code of a component group must be unique."
    )

    @api.constrains("parent_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("A component group cannot be part of itself.")
            )
