from odoo import api, fields, models
from odoo.fields import Domain

ANSWER = "aftersales_quality.mail_activity_type_aftersales_opinion"
TELL = "aftersales_quality.mail_activity_type_aftersales_opinion_tell"
LATE = "aftersales_quality.mail_activity_type_aftersales_opinion_late"
TEMPLATE = "aftersales_quality.mail_template_aftersales_opinion"


class AftersalesOpinion(models.Model):
    """The steps of an opinion: answered, told, never forgotten (R97)."""

    _inherit = "aftersales.opinion"

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def action_answer(self, answer=None):
        """Note the answer; the customer is told the same day, by mail at once (R97).

        Praise and what own people said is done with the answer; a customer without
        an address is called, which gives whoever answered the to-do.

        :param str answer: the answer, the one on the form when empty
        :raise UserError: without an answer, twice, or for others than owner and desk
        """
        self._ensure_can(
            "can_answer",
            self.env._(
                "The owner or the desk answers what is open; wishes from a callback "
                "are answered there."
            ),
        )
        mute = self.filtered(lambda o: not (answer or o.answer or "").strip())
        if mute:
            mute._refuse(self.env._("Note first what the answer is."))
        now = fields.Datetime.now()
        for opinion in self:
            vals = {
                "state": "answered",
                "answer": answer or opinion.answer,
                "answered_by_id": self.env.uid,
                "date_answered": now,
                "tell_deadline": opinion.company_id._aftersales_day_end(),
            }
            # Owners of other departments may answer, and change nothing else.
            opinion.sudo()._by_method().write(vals)
        # To-dos are also somebody else's.
        self.sudo().activity_unlink([ANSWER, LATE])
        self._tell_customers()
        return True

    def action_told(self):
        """The customer was told the answer.

        :raise UserError: when there is nothing to tell, or for others
        """
        self._ensure_can(
            "can_tell", self.env._("The owner or the desk tells what was answered.")
        )
        self._finish()
        return True

    def action_cancel(self):
        """Drop what was noted twice or by mistake.

        :raise UserError: for others than the desk, and when it is done
        """
        self._ensure_can(
            "can_cancel", self.env._("The desk drops what is not done yet.")
        )
        self._by_method().write({"state": "cancelled"})
        # To-dos are also somebody else's.
        self.sudo().activity_unlink([ANSWER, TELL, LATE])
        return True

    def _finish(self):
        # See action_answer: the step was checked.
        self.sudo()._by_method().write(
            {"state": "done", "date_told": fields.Datetime.now()}
        )
        self.sudo().activity_unlink([TELL, LATE])  # likewise

    def _tell_customers(self):
        """Mail the answer; who has no address is called today."""
        template = self.env.ref(TEMPLATE, raise_if_not_found=False)
        for opinion in self:
            address = opinion.contact_email or opinion.partner_id.email
            if opinion.source == "staff":
                self._tell_colleague(opinion)
                opinion._finish()
            elif address and template:
                # Owners of other departments may not send mails.
                template.sudo().send_mail(opinion.id, force_send=False)
                opinion._finish()
            elif opinion.kind == "praise":
                opinion._finish()
            else:
                opinion._give_to_do(TELL, self.env.user)

    @api.model
    def _tell_colleague(self, opinion):
        """Tell whoever suggested something inside the house the answer."""
        opinion._notify(
            opinion.raised_by_id,
            lambda talk: talk.env._(
                "Answer to %(opinion)s: %(answer)s",
                opinion=talk.display_name,
                answer=talk.answer,
            ),
        )

    # ------------------------------------------------------------
    # WHO IS TOLD
    # ------------------------------------------------------------

    def _ask_owners(self):
        """Give the owners the to-do to answer."""
        # Who was asked before has nothing to do any more.
        self.sudo().activity_unlink([ANSWER])
        free = self.filtered(lambda o: o.state == "open" and not o.callback_id)
        for owner, opinions in free.grouped("owner_id").items():
            if owner:
                opinions._give_to_do(ANSWER, owner)

    def _get_leads(self):
        """Return who is told at once: the supervisor and the lead of quality."""
        # Whom the company names is no secret.
        company_sudo = self.company_id.sudo()
        return (
            company_sudo._aftersales_supervisor()
            | company_sudo.aftersales_quality_lead_id
        ).filtered("active")

    def _tell_leads(self):
        """Tell the leads of urgent opinions at once."""
        for opinion in self:
            for user in opinion._get_leads():
                opinion._notify(
                    user,
                    lambda talk: talk.env._(
                        "Urgent: %(opinion)s. %(words)s",
                        opinion=talk.display_name,
                        words=talk.description,
                    ),
                )

    def _give_to_do(self, kind, user):
        """Give a user a to-do for the day until which he is expected to act."""
        for company, opinions in self.grouped("company_id").items():
            day = company._aftersales_today()
            if kind == ANSWER:
                deadline = opinions[:1].deadline or fields.Datetime.now()
                day = company._aftersales_today(deadline)
            # Activities are for others than the user, too.
            todo_sudo = opinions.sudo().with_context(mail_activity_quick_update=True)
            todo_sudo.activity_schedule(kind, user_id=user.id, date_deadline=day)

    def _notify(self, user, say):
        """Write a user about the opinion, in his words."""
        self.ensure_one()
        # Mails to others are nobody's right.
        talk = self.with_context(lang=user.lang or self.env.lang).sudo()
        text = say(talk)
        talk.message_notify(
            partner_ids=user.partner_id.ids,
            subject=text.splitlines()[0],
            body=text,
            author_id=self.company_id.sudo().partner_id.id,  # whose mail it is
            force_send=False,
        )

    # ------------------------------------------------------------
    # SCHEDULED
    # ------------------------------------------------------------

    @api.model
    def _cron_follow(self):
        """Give the supervisor what is overdue, once (R97).

        Reads only what is due; each row is marked before the next batch.
        """
        Cron = self.env["ir.cron"]
        domain = (
            self._get_late_domain()
            & Domain("late_told", "=", False)
            & Domain("callback_id", "=", False)
        )
        Cron._commit_progress(remaining=self.search_count(domain))
        while opinions := self.search(domain, limit=100, order="id"):
            opinions = opinions.try_lock_for_update(allow_referencing=True)
            if not opinions:
                break
            opinions._by_method().write({"late_told": True})
            for company, late in opinions.grouped("company_id").items():
                supervisor = company._aftersales_supervisor()
                user = supervisor or company.aftersales_quality_lead_id
                if user:
                    late._give_to_do(LATE, user)
            if not Cron._commit_progress(len(opinions)):
                break
