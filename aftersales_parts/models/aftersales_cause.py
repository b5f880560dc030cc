from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AftersalesCause(models.Model):
    """Why goods came back or a customer complained: a tree by department (R53)."""

    _name = "aftersales.cause"
    _description = "Cause"
    _parent_store = True
    _order = "parent_path, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char()
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    parent_id = fields.Many2one(
        comodel_name="aftersales.cause",
        string="Parent Cause",
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    parent_path = fields.Char(index=True)
    department_id = fields.Many2one(
        comodel_name="hr.department",
        check_company=True,
        help="Who answers for it.",
    )
    company_id = fields.Many2one(comodel_name="res.company", index=True)
    display_name = fields.Char(recursive=True)

    @api.constrains("parent_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("A cause cannot lie below itself; choose another parent.")
            )

    @api.depends("name", "parent_id.display_name")
    def _compute_display_name(self):
        for cause in self:
            names = (cause.parent_id.display_name, cause.name)
            cause.display_name = " / ".join(name for name in names if name)
