from odoo import fields, models

STAFF = "aftersales_service.aftersales_service_group_technician"


class AftersalesTrainedMixin(models.AbstractModel):
    """Whom or what trainings were about: their number and the way to them (R37)."""

    _name = "aftersales.trained.mixin"
    _description = "Record with Trainings"

    # Field of the training that points here.
    _training_link = None

    aftersales_training_count = fields.Integer(
        string="Trainings", compute="_compute_aftersales_training_count", groups=STAFF
    )

    def _compute_aftersales_training_count(self):
        link = self._training_link
        counts = {
            record.id: count
            for record, count in self.env["aftersales.training"]._read_group(
                [(link, "in", self.ids), ("state", "!=", "cancelled")],
                [link],
                ["__count"],
            )
        }
        for record in self:
            record.aftersales_training_count = counts.get(record._origin.id, 0)

    def action_view_aftersales_trainings(self):
        """Open the trainings of this record; a new one is about it."""
        self.ensure_one()
        return self.env["aftersales.training"]._get_action(
            [(self._training_link, "=", self.id)],
            **{"kind": "customer", self._training_link: self.id},
        )
