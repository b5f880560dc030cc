from odoo import api, fields, models
from odoo.fields import Command


class AftersalesImprovedMixin(models.AbstractModel):
    """Document about a cause that actions remove for good (R59).

    It ends only when every action was checked for its effect; registered with the same
    cause as an action that had helped, it opens this action again.
    """

    _name = "aftersales.improved.mixin"
    _description = "Document with Actions"

    # Field of actions and effect checks that names this kind of document.
    _recurrence_field = None

    action_count = fields.Integer(string="Actions", compute="_compute_action_count")
    open_action_count = fields.Integer(
        string="Actions to Check", compute="_compute_action_count"
    )

    meeting_count = fields.Integer(string="Meetings", compute="_compute_meeting_count")

    @api.depends("meeting_ids.state")
    def _compute_meeting_count(self):
        for document in self:
            document.meeting_count = len(
                document.meeting_ids.filtered(
                    lambda meeting: meeting.state != "cancelled"
                )
            )

    @api.depends("action_ids.state", "action_ids.effective")
    def _compute_action_count(self):
        for document in self:
            # Cancelled ones count for nothing.
            actions = document.action_ids.filtered(
                lambda action: action.state != "cancelled"
            )
            document.action_count = len(actions)
            document.open_action_count = len(actions._get_unfinished())

    @api.model_create_multi
    def create(self, vals_list):
        documents = super().create(vals_list)
        documents._follow_cause()
        return documents

    def write(self, vals):
        changed = self.browse()
        if "cause_id" in vals:
            changed = self.filtered(
                lambda document: document.cause_id.id != vals["cause_id"]
            )
        res = super().write(vals)
        changed._follow_cause()
        return res

    def _follow_cause(self):
        """The documents have got a cause: what helped against it is looked at again."""
        caused = self.filtered("cause_id")
        if caused:
            self.env["aftersales.action"]._follow_recurrence(caused)
            caused._tell_department()

    def _is_recurrence(self, action):
        """Tell whether the document shows that the action did not hold (hook)."""
        return action.cause_id == self.cause_id

    def _tell_department(self):
        """Tell the departments of new causes, where the company wants it each time."""
        # What the company wants to be told is no secret.
        companies = self.sudo().company_id.filtered("aftersales_analysis_each_time")
        told = self.filtered(lambda document: document.company_id.id in companies.ids)
        for department, documents in told.grouped(
            lambda document: document.cause_id.department_id
        ).items():
            # Who leads a department is kept in the personnel records.
            manager_sudo = department.sudo().manager_id
            partner = manager_sudo.user_id.partner_id or manager_sudo.work_contact_id
            for document in documents if partner else ():
                talk = document.with_context(lang=partner.lang or self.env.lang)
                text = talk.env._(
                    "%(document)s has a cause of your department: %(cause)s",
                    document=talk.display_name,
                    cause=talk.cause_id.display_name,
                )
                # Whoever registers tells people he need not know.
                talk.sudo().message_notify(
                    partner_ids=partner.ids,
                    subject=text,
                    body=text,
                    author_id=document.company_id.partner_id.id,
                )

    def _ensure_actions_checked(self):
        """Refuse to end documents while an action is not checked, or did not help.

        :raise UserError: naming the documents and their actions
        """
        unfinished = {
            document: actions
            for document in self
            # Whoever ends the document need not be an owner of its actions.
            if (actions := document.sudo().action_ids._get_unfinished())
        }
        if unfinished:
            self.browse([document.id for document in unfinished])._refuse(
                self.env._(
                    "Each action is done and checked for its effect first, and followed "
                    "up when it did not help; what is not needed is cancelled: %s",
                    ", ".join(
                        action._say_state()
                        for actions in unfinished.values()
                        for action in actions
                    ),
                )
            )

    def action_view_actions(self):
        """Open the actions, with a new one about this document."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_action_action"
        )
        field = self._recurrence_field
        return {
            **action,
            "domain": [(field, "=", self.id)],
            "context": {f"default_{field}": self.id},
        }

    def action_view_meetings(self):
        """Open the joint meetings, with a new one about this document."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_meeting_action"
        )
        field = self._recurrence_field.replace("_id", "_ids")
        return {
            **action,
            "domain": [(field, "in", self.ids)],
            "context": {
                f"default_{field}": [Command.set(self.ids)],
                "default_company_id": self.company_id.id,
            },
        }
