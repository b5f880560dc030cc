from odoo import fields, models


class AftersalesComplaint(models.Model):
    """A complaint is archived when its actions hold; a new one may undo them (R59)."""

    _name = "aftersales.complaint"
    _inherit = ["aftersales.complaint", "aftersales.improved.mixin"]
    _recurrence_field = "complaint_id"

    meeting_ids = fields.Many2many(
        comodel_name="aftersales.meeting",
        relation="aftersales_meeting_complaint_rel",
        column1="complaint_id",
        column2="meeting_id",
        string="Joint Meetings",
        copy=False,
    )

    def _is_recurrence(self, action):
        return (
            self != action.complaint_id
            and self.state != "rejected"
            and self.date >= action.date_checked
        )

    def _get_missing_close(self):
        # Whoever handles it may not see the actions of every department.
        actions_sudo = self.sudo().action_ids
        return super()._get_missing_close() + [
            self.env._(
                "a follow-up of the action %s, which did not help", action.display_name
            )
            for action in actions_sudo
            if action._lacks_follow_up()
        ]
