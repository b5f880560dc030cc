from odoo import fields, models


class AftersalesFeedbackMixin(models.AbstractModel):
    """Job that shows something about a product: count, open, raise (R96)."""

    _name = "aftersales.feedback.mixin"
    _description = "Job with Product Feedback"

    # Field of the feedback that names the job.
    _feedback_field = ""

    aftersales_feedback_count = fields.Integer(
        string="Number of Product Issues", compute="_compute_aftersales_feedback_count"
    )

    def _compute_aftersales_feedback_count(self):
        Feedback = self.env["aftersales.product.feedback"]
        counts = {}
        if self.ids and Feedback.has_access("read"):
            name = self._feedback_field
            counts = {
                job.id: count
                for job, count in Feedback._read_group(
                    [(name, "in", self.ids)], [name], ["__count"]
                )
            }
        for job in self:
            job.aftersales_feedback_count = counts.get(job._origin.id, 0)

    def action_aftersales_feedback(self):
        """Open the issues of this job, or a new one when there is none."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_product_feedback_action"
        )
        action |= {
            "domain": [(self._feedback_field, "=", self.id)],
            "context": {
                f"default_{self._feedback_field}": self.id,
                "default_company_id": self.company_id.id,
            },
        }
        if not self.aftersales_feedback_count:
            action["views"] = [(False, "form")]
        return action
