from collections import Counter

from odoo import api, fields, models
from odoo.fields import Domain

AGENT = "aftersales_service.aftersales_service_group_agent"


class AftersalesTechnicianMixin(models.AbstractModel):
    """Trainings that somebody gave or took part in, on his file (R37, R70)."""

    _inherit = "aftersales.technician.mixin"

    aftersales_training_count = fields.Integer(
        string="Trainings", compute="_compute_aftersales_training_count"
    )

    def _get_training_domain(self):
        return Domain("trainer_id", "in", self.ids) | Domain(
            "employee_ids", "in", self.ids
        )

    @api.depends_context("uid")
    def _compute_aftersales_training_count(self):
        trainings = self.env["aftersales.training"]
        if shown := self._aftersales_get_shown(AGENT):
            trainings = trainings.search_fetch(
                shown._get_training_domain() & Domain("state", "!=", "cancelled"),
                ["trainer_id", "employee_ids"],
            )
        # Both faces of an employee have the same number.
        counts = Counter(
            person_id
            for training in trainings
            for person_id in {training.trainer_id.id, *training.employee_ids.ids}
        )
        for person in self:
            person.aftersales_training_count = counts[person._origin.id]

    def action_view_aftersales_trainings(self):
        """Open the trainings that they gave or took part in."""
        return self.env["aftersales.training"]._get_action(self._get_training_domain())
