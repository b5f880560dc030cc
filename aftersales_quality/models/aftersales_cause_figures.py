from odoo import api, fields, models

# Figure: model, field of the cause, what counts.
FIGURES = {
    "action_count": ("aftersales.action", [("state", "!=", "cancelled")]),
    "complaint_count": ("aftersales.complaint", [("state", "!=", "rejected")]),
    "nonconformity_count": (
        "aftersales.nonconformity",
        [("state", "!=", "cancelled")],
    ),
}


class AftersalesCause(models.Model):
    """How often a cause occurred, with those below it, and what is done about it."""

    _inherit = "aftersales.cause"

    complaint_count = fields.Integer(string="Complaints", compute="_compute_figures")
    nonconformity_count = fields.Integer(
        string="Nonconformities", compute="_compute_figures"
    )
    action_count = fields.Integer(string="Actions", compute="_compute_figures")
    recurrence_count = fields.Integer(
        string="Recurrences",
        compute="_compute_figures",
        help="How often it came again after an action was found effective.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_figures(self):
        """Count with a number of queries that does not depend on the causes."""
        below = self.search([("id", "child_of", self.ids)]) if self.ids else self
        for name in (*FIGURES, "recurrence_count"):
            counts = self._count_figure(name, below)
            for cause in self:
                path = cause.parent_path or "-"
                cause[name] = sum(
                    counts.get(child.id, 0)
                    for child in below
                    if child.parent_path.startswith(path)
                )

    @api.model
    def _count_figure(self, name, causes):
        """Return ``{cause id: count}`` of what the user may see."""
        if name == "recurrence_count":
            model, domain = FIGURES["action_count"]
            aggregate = "recurrence_count:sum"
        else:
            (model, domain), aggregate = FIGURES[name], "__count"
        documents = self.env[model]
        if not documents.has_access("read"):
            return {}
        groups = documents._read_group(
            [("cause_id", "in", causes.ids), *domain], ["cause_id"], [aggregate]
        )
        return {cause.id: count or 0 for cause, count in groups}

    def _view_figure(self, name, action):
        self.ensure_one()
        _model, domain = FIGURES[name]
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                f"aftersales_quality.{action}"
            ),
            "domain": [("cause_id", "child_of", self.ids), *domain],
            "context": {"default_cause_id": self.id},
        }

    def action_view_complaints(self):
        """Open the complaints with this cause or one below it."""
        return self._view_figure("complaint_count", "aftersales_complaint_action")

    def action_view_nonconformities(self):
        """Open the nonconformities with this cause or one below it."""
        return self._view_figure(
            "nonconformity_count", "aftersales_nonconformity_action"
        )

    def action_view_actions(self):
        """Open the actions against this cause or one below it."""
        return self._view_figure("action_count", "aftersales_action_action")
