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
    kind = fields.Selection(
        selection=[
            ("quality", "Quality"),
            ("not_quality", "Not Quality"),
            ("other", "Nobody of Ours"),
        ],
        compute="_compute_kind",
        store=True,
        readonly=False,
        recursive=True,
        help="A fault of the goods; a mistake of ours with good goods; or a cause for "
        "which no department answers.",
    )
    department_id = fields.Many2one(
        comodel_name="hr.department",
        check_company=True,
        help="Who answers for it.",
    )
    company_id = fields.Many2one(comodel_name="res.company", index=True)
    display_name = fields.Char(recursive=True)

    def write(self, vals):
        if parent_id := vals.get("parent_id"):
            # The tree is sorted before constraints are looked at.
            self._ensure_not_below(self.browse(parent_id))
        return super().write(vals)

    def _ensure_not_below(self, parent):
        """Refuse a parent that lies below one of the causes.

        :raise ValidationError: with the way out
        """
        above = {int(number) for number in (parent.parent_path or "").split("/")[:-1]}
        if above & set(self.ids):
            raise ValidationError(
                self.env._("A cause cannot lie below itself; choose another parent.")
            )

    @api.depends("parent_id.kind")
    def _compute_kind(self):
        for cause in self:
            cause.kind = cause.parent_id.kind or cause.kind or "other"

    @api.depends("name", "parent_id.display_name")
    def _compute_display_name(self):
        for cause in self:
            names = (cause.parent_id.display_name, cause.name)
            cause.display_name = " / ".join(name for name in names if name)

    def _is_ours(self):
        """Tell whether a department of ours answers for the cause."""
        self.ensure_one()
        return bool(self.department_id) or self.kind in ("quality", "not_quality")
