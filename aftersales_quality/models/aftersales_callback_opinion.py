from odoo import models


class AftersalesCallback(models.Model):
    """A wish from a callback stands in the register, too; it is answered here (R69)."""

    _inherit = "aftersales.callback"

    def action_wish(self):
        result = super().action_wish()
        self.env["aftersales.opinion"]._note_callbacks(self)
        return result

    def action_answer(self, solution=None):
        result = super().action_answer(solution)
        for callback in self:
            callback._get_opinions()._follow_callback(
                {
                    "state": "answered",
                    "answer": callback.solution,
                    "answered_by_id": self.env.uid,
                    "date_answered": callback.solution_date,
                    "tell_deadline": callback.tell_deadline,
                }
            )
        return result

    def action_told(self):
        result = super().action_told()
        for callback in self:
            callback._get_opinions()._follow_callback(
                {"state": "done", "date_told": callback.told_date}
            )
        return result

    def _get_opinions(self):
        return self.env["aftersales.opinion"]._find_of("callback_id", self)

    def _prepare_opinion_owner(self):
        """Return who answers the wish, when the team has a supervisor."""
        supervisor = self.team_id.supervisor_id
        return {"owner_id": supervisor.id} if supervisor else {}
