from odoo import fields, models

KINDS = [
    ("check", "Check"),
    ("number", "Number"),
    ("text", "Text"),
    ("photo", "Photo"),
]


class AftersalesChecklistPoint(models.Model):
    """One point of a checklist; a visit gets its own copy of it (R25)."""

    _name = "aftersales.checklist.point"
    _description = "Point of a Checklist"
    _order = "checklist_id, sequence, id"

    checklist_id = fields.Many2one(
        comodel_name="aftersales.checklist",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="checklist_id.company_id")
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Point", required=True, translate=True)
    section = fields.Char(translate=True, help="Heading under which it is shown.")
    kind = fields.Selection(
        selection=KINDS, required=True, default="check", help="What is noted."
    )
    required = fields.Boolean(
        default=True, help="The visit is not finished without an answer."
    )
    unit = fields.Char(string="Unit of Measure", translate=True, help="E.g. bar, °C.")
    number_min = fields.Float(string="At Least", digits=(16, 4))
    number_max = fields.Float(
        string="At Most", digits=(16, 4), help="No limits when both are 0."
    )
    help_text = fields.Text(
        string="Explanation", translate=True, help="How it is done, what to look at."
    )

    _limits_in_order = models.Constraint(
        "CHECK (COALESCE(number_min, 0) <= COALESCE(number_max, 0))",
        "The lower limit of a checklist point cannot lie above the upper one.",
    )
