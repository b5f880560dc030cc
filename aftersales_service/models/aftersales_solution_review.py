from markupsafe import Markup

from odoo import fields, models

ACTIVITY = "mail.mail_activity_data_todo"


class AftersalesSolution(models.Model):
    """The way of a solution: written, reviewed, published, renewed (R11)."""

    _inherit = "aftersales.solution"

    def action_submit(self):
        """Hand drafts over to the supervisor.

        :raise UserError: when one is no draft, has no text or no fault, or the user is
            no agent
        """
        self._ensure_can(
            "can_submit", self.env._("Only drafts are submitted, by the desk.")
        )
        self._ensure_complete()
        self._step({"state": "review"})
        for solution in self:
            supervisor = solution._get_supervisor()
            if supervisor and supervisor != self.env.user:
                solution._remind(supervisor, self.env._("Review the new solution"))
        return True

    def action_publish(self):
        """Publish reviewed solutions; a new version retires the one before.

        :raise UserError: when one is not in review, or the user is no supervisor
        """
        self._ensure_can(
            "can_publish",
            self.env._("A supervisor publishes what was submitted for review."),
        )
        self._ensure_complete()
        now = fields.Datetime.now()
        self._forget_reminders()
        self._step(
            {
                "state": "published",
                "reviewer_id": self.env.uid,
                "date_published": now,
            }
        )
        for solution in self.filtered("revises_id"):
            solution._step({"use_count": solution.revises_id.use_count})
        former = self.revises_id.filtered(lambda s: s.state == "published")
        former._step({"state": "retired", "date_retired": now})
        return True

    def action_send_back(self, reason=None):
        """Give what is in review back to its author.

        :param str reason: what to improve, mandatory
        :raise UserError: without a reason, when one is not in review, or the user is
            no supervisor
        """
        self._ensure_can(
            "can_send_back",
            self.env._("A supervisor sends back what was submitted for review."),
        )
        reason = (reason or "").strip()
        if not reason:
            self._refuse(self.env._("Say what the author should improve."))
        self._forget_reminders()
        self._step({"state": "draft", "reviewer_id": self.env.uid})
        self._tell(self.env._("Sent back"), reason)
        for solution in self:
            author = solution.author_id
            if author.active and author != self.env.user:
                solution._remind(author, self.env._("Improve the solution"), reason)
        return True

    def action_retire(self, reason=None):
        """Take published solutions out of the handbook.

        :param str reason: why, kept in the chatter
        :raise UserError: when one is not published, or the user is no supervisor
        """
        self._ensure_can(
            "can_retire", self.env._("A supervisor retires what is published.")
        )
        self._step({"state": "retired", "date_retired": fields.Datetime.now()})
        self._tell(self.env._("Retired"), (reason or "").strip())
        return True

    def action_revise(self):
        """Begin a new version of a published solution; readers keep the old one.

        :return: action that opens the new version
        :raise UserError: when it is not published, or is being revised already
        """
        self.ensure_one()
        self._ensure_can(
            "can_revise",
            self.env._(
                "Only published solutions get a new version, and one at a time."
            ),
        )
        revision = self._by_method().copy({"revises_id": self.id})
        return revision.with_env(self.env)._get_form_action()

    def copy_data(self, default=None):
        """Name a copy after its origin, unless it is a new version of it."""
        default = dict(default or {})
        data = super().copy_data(default)
        if "name" not in default and not default.get("revises_id"):
            for solution, vals in zip(self, data, strict=True):
                vals["name"] = self.env._("%s (copy)", solution.name)
        return data

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _get_supervisor(self):
        """Return who reviews: the supervisor of the ticket's team, else the first."""
        self.ensure_one()
        supervisor = self.ticket_id.team_id.supervisor_id
        return supervisor or self.company_id._aftersales_supervisor()

    def _remind(self, user, summary, note=None):
        self.activity_schedule(ACTIVITY, summary=summary, note=note, user_id=user.id)

    def _forget_reminders(self):
        # The reminder is the reviewer's, whoever of them decides.
        self.sudo().activity_unlink([ACTIVITY])

    def _tell(self, headline, reason):
        body = Markup("<b>%s</b>") % headline
        if reason:
            body += Markup("<br/>%s") % reason
        self._message_log_batch(bodies=dict.fromkeys(self.ids, body))

    def _get_form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Solution"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def action_view_ticket(self):
        """Open the ticket it comes from."""
        self.ensure_one()
        return self.env["aftersales.equipment"]._get_form_action(self.ticket_id)
