from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain


class AftersalesAction(models.Model):
    """A cause that comes again opens the action against it again (R59)."""

    _inherit = "aftersales.action"

    @api.model
    def _follow_recurrence(self, documents):
        """Open the actions against the causes of new complaints or nonconformities.

        Those that were found effective less than the set time ago, for the same product
        when they name one. Containment removes no cause and stays closed. The number of
        queries does not depend on the number of documents.

        :param documents: complaints or nonconformities that were registered with a
            cause, or were given one
        """
        now = fields.Datetime.now()
        for company, group in (
            documents.filtered("cause_id").grouped("company_id").items()
        ):
            # How long causes are watched is no secret.
            days = company.sudo().aftersales_recurrence_days
            if not days:
                continue
            # Who registers a complaint need not see the actions against its cause.
            watched_sudo = self.sudo().search(
                Domain("company_id", "=", company.id)
                & Domain("cause_id", "in", group.cause_id.ids)
                & Domain("state", "=", "closed")
                & Domain("effective", "=", "yes")
                & Domain("kind", "!=", "containment")
                & Domain("date_checked", ">=", now - timedelta(days=days))
            )
            if watched_sudo:
                watched_sudo._reopen_for(group)

    def _reopen_for(self, documents):
        """Open each action that one of the documents is a recurrence for."""
        by_cause = documents.grouped("cause_id")
        found = {
            action: document
            for action in self
            if (document := action._find_recurrence(by_cause[action.cause_id]))
        }
        if not found:
            return
        actions = self.browse([action.id for action in found])
        actions._lock(["closed"])
        actions._note_recurrence(found)
        actions._reopen()
        for action, document in found.items():
            action._say_recurrence(document)
        actions._tell_again()

    def _find_recurrence(self, documents):
        """Return the first document that shows the cause again, after the check."""
        self.ensure_one()
        for document in documents:
            if self.product_id and document.product_id != self.product_id:
                continue
            if document._is_recurrence(self):
                return document
        return None

    def _note_recurrence(self, found):
        """Keep on the check that held until now in which document the cause came."""
        checks_sudo = self.check_ids.filtered(
            lambda check: check.effective == "yes" and not check.recurrence_date
        )
        last = {}
        for check in checks_sudo.sorted("id"):
            last[check.action_id] = check
        for action, document in found.items():
            if check := last.get(action):
                check.write(
                    {
                        "recurrence_date": action.company_id._aftersales_today(),
                        document._recurrence_field: document.id,
                    }
                )
            action._by_method().write({"recurrence_count": action.recurrence_count + 1})

    def _say_recurrence(self, document):
        self.message_post(
            body=self.env._(
                "The cause “%(cause)s” came again in %(document)s: the action is open "
                "again.",
                cause=self.cause_id.display_name,
                document=document.display_name,
            )
        )

    def _tell_again(self):
        """Give the owners the to-do to think of something better, at once."""
        for (company, user), actions in self.grouped(
            lambda action: (action.company_id, action.owner_id)
        ).items():
            chief = company.aftersales_quality_lead_id
            reader = actions._get_able(user) or actions._get_able(chief)
            if reader:
                actions._give_to_do(
                    "aftersales_quality.mail_activity_type_aftersales_action",
                    reader,
                    company._aftersales_today(),
                    lambda env: env._("The cause came again: act again"),
                )
