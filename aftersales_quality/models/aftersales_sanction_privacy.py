from odoo import models

from .aftersales_sanction_hearing import DECIDE, WORDS


class AftersalesSanction(models.Model):
    """Who is told of a sanction: only those who may read it (R61)."""

    _inherit = "aftersales.sanction"

    def _get_able(self, user):
        """Return the user when he works here and may read these records, else nobody."""
        # Where somebody works is no secret.
        user_sudo = user.sudo()
        companies = self.company_id
        if (
            len(user_sudo) == 1
            and user_sudo.active
            and not user_sudo.share
            and companies <= user_sudo.company_ids
        ):
            seen = self.with_user(user).with_context(allowed_company_ids=companies.ids)
            if len(seen._filtered_access("read")) == len(self):
                return user
        return user.browse()

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Leave out who may not read the record, whoever follows or is mentioned."""
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        users = self.env["res.users"]
        able = {
            uid
            for uid in {row.get("uid") for row in recipients}
            if uid and self._get_able(users.browse(uid))
        }
        return [row for row in recipients if row.get("uid") in able]

    def _ask_next(self):
        """Give a to-do to who is next: the employee, the reviewer, the decider."""
        penalties = self.filtered(lambda sanction: sanction.nature == "sanction")
        penalties.filtered(lambda sanction: sanction.state == "draft")._give_to_dos(
            WORDS,
            lambda sanction: sanction.user_id,
            lambda env: env._("Write what you have to say about it"),
        )
        penalties.filtered(lambda sanction: sanction.state == "heard")._give_to_dos(
            DECIDE,
            lambda sanction: sanction._get_deciders()[:1],
            lambda env: env._("The employee was heard: decide"),
        )
        rewards = self - penalties
        rewards.filtered(lambda sanction: sanction.state == "draft")._give_to_dos(
            DECIDE,
            # Who reviews is no secret.
            lambda sanction: sanction.company_id.sudo().aftersales_reward_reviewer_id,
            lambda env: env._("Review the reward"),
        )
        rewards.filtered(lambda sanction: sanction.state == "reviewed")._give_to_dos(
            DECIDE,
            # The rows of the committee are not for everybody who reviews.
            lambda sanction: sanction.sudo().approval_ids.user_id,
            lambda env: env._("Approve the reward"),
        )

    def _give_to_dos(self, kind, who, say):
        """Give to-dos to users who may read the record.

        :param str kind: xml id of the activity type
        :param who: function of a record that returns users
        :param say: function of an environment that returns the text
        """
        for sanction in self:
            for user in who(sanction):
                if able := sanction._get_able(user):
                    talk = sanction.with_context(lang=able.lang or self.env.lang)
                    # To-dos are for others than the user.
                    talk.sudo().activity_schedule(
                        kind,
                        date_deadline=sanction.company_id._aftersales_today(),
                        summary=say(talk.env),
                        user_id=able.id,
                    )

    def _tell_employees(self):
        """Tell the employees that something was decided, without saying what."""
        for sanction in self:
            user = sanction.user_id
            if user and user != self.env.user and sanction._get_able(user):
                # The address of a colleague is needed, and nothing else of him.
                partner_sudo = user.sudo().partner_id
                talk = sanction.with_context(lang=partner_sudo.lang or self.env.lang)
                text = talk.env._("It was decided on: %s", sanction.name)
                # A note to one person alone.
                talk.sudo().message_notify(
                    partner_ids=partner_sudo.ids,
                    subject=text,
                    body=text,
                    author_id=sanction.company_id.partner_id.id,
                )
