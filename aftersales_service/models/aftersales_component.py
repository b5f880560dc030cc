from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AftersalesComponent(models.Model):
    """Component group of products: whole machine, main parts, wear parts … (R14)."""

    _name = "aftersales.component"
    _description = "Component Group"
    _parent_store = True
    _order = "parent_path, sequence, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    display_name = fields.Char(recursive=True)
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

    @api.depends("name", "parent_id.display_name")
    def _compute_display_name(self):
        for component in self:
            parent = component.parent_id.display_name
            component.display_name = (
                f"{parent} / {component.name}" if parent else component.name
            )
