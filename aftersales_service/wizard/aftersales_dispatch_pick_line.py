from odoo import fields, models


class AftersalesDispatchPickLine(models.TransientModel):
    """One technician in the list, with what speaks for and against him."""

    _name = "aftersales.dispatch.pick.line"
    _description = "Technician to Choose"
    _order = "sequence, id"

    pick_id = fields.Many2one(
        comodel_name="aftersales.dispatch.pick",
        required=True,
        index=True,
        ondelete="cascade",
    )
    sequence = fields.Integer(string="Rank")
    employee_id = fields.Many2one(
        comodel_name="hr.employee",
        string="Technician",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    role = fields.Selection(
        selection=[
            ("lead", "Responsible"),
            ("crew", "Crew"),
            ("watcher", "Watcher"),
        ],
    )
    stars = fields.Integer(readonly=True)
    grade = fields.Char(compute="_compute_grade")
    score = fields.Float(readonly=True, digits=(16, 1))
    parts = fields.Char(string="Score in Parts", readonly=True)
    refusals = fields.Text(string="Speaks Against", readonly=True)
    warnings = fields.Text(string="To Note", readonly=True)
    can_go = fields.Boolean(readonly=True)
    final = fields.Boolean(readonly=True, help="Refused whatever a supervisor says.")

    def _compute_grade(self):
        for line in self:
            line.grade = "★" * line.stars

    def _take(self, role):
        self.ensure_one()
        if role != "crew":
            former = self.pick_id.line_ids.filtered(lambda line: line.role == role)
            former.role = False
        self.role = role
        return self.pick_id._get_action()

    def action_lead(self):
        """Make him responsible for the visit, instead of who was."""
        return self._take("lead")

    def action_crew(self):
        """Let him go along."""
        return self._take("crew")

    def action_watch(self):
        """Let him go along and watch, instead of who did."""
        return self._take("watcher")

    def action_leave(self):
        """Leave him out."""
        self.ensure_one()
        self.role = False
        return self.pick_id._get_action()
