from markupsafe import Markup

from odoo import models

from .rating_rating import ITEMS

MANAGER = "aftersales_service.aftersales_service_group_manager"
AGENT = "aftersales_service.aftersales_service_group_agent"


class RatingRating(models.Model):
    """Bad marks and complaints reach the supervisor the same minute (R33)."""

    _inherit = "rating.rating"

    def _get_alert_user(self):
        """Return who is told: the supervisor of the team, never those who were there.

        Without one, the supervisor of another team, then a manager.
        """
        self.ensure_one()
        company = self.aftersales_company_id
        people = self.aftersales_dispatch_id._get_people()
        candidates = (
            self.aftersales_team_id.supervisor_id
            | company._aftersales_supervisor()
            | self.env.ref(MANAGER).all_user_ids.sorted("id")
        )
        for user in candidates - people.user_id:
            if (
                user.id != self.env.ref("base.user_root").id
                and user._aftersales_is_at_desk(company)
                and user.has_group(AGENT)
            ):
                return user
        return candidates.browse()

    def _alert_supervisor(self):
        """Give the supervisor a to-do on the visit, and the marks in a message.

        The to-do names no marks: the crew sees it, too. Called under sudo.
        """
        self.ensure_one()
        user = self._get_alert_user()
        if not user:
            return
        self._by_method().write({"aftersales_alerted_id": user.id})
        lang = user.lang or self.env.lang
        # What is written comes from the system: the customer has no user.
        card = self.with_user(self.env.ref("base.user_root")).with_context(
            lang=lang, mail_activity_quick_update=True
        )
        link = f"{card.get_base_url()}/odoo/aftersales-cards/{card.id}"
        dispatch = card.aftersales_dispatch_id
        dispatch.activity_schedule(
            "aftersales_service.mail_activity_type_aftersales_card",
            date_deadline=card.aftersales_company_id._aftersales_today(),
            summary=card.env._("Read the customer's evaluation card and call him"),
            note=Markup("<p><a href='%s'>%s</a></p>")
            % (link, card.env._("Evaluation card")),
            user_id=user.id,
        )
        card.env["mail.thread"].message_notify(
            partner_ids=user.partner_id.ids,
            subject=card._get_alert_subject(),
            body=card._get_alert_body(link),
            email_layout_xmlid="mail.mail_notification_light",
            force_send=False,
        )
        # The customer's page does not wait for the mail server.
        card.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    def _get_alert_subject(self):
        if self.aftersales_opinion == "complaint":
            return self.env._("Complaint on an evaluation card: %s", self.res_name)
        return self.env._("Bad marks on an evaluation card: %s", self.res_name)

    def _get_alert_body(self, link):
        titles = self._get_item_titles()
        levels = dict(self._get_level_titles())
        rows = [
            (self.env._("Technician"), self.aftersales_technician_id.name),
            (
                self.env._("Customer"),
                self.aftersales_dispatch_id.customer_label or "–",
            ),
            *((titles[item], levels[self[field]]) for item, field in ITEMS.items()),
            (self.env._("In His Words"), self.feedback or "–"),
        ]
        return Markup("<ul>%s</ul><p><a href='%s'>%s</a></p>") % (
            Markup().join(
                Markup("<li>%s: <b>%s</b></li>") % (title, value)
                for title, value in rows
            ),
            link,
            self.env._("Open the card"),
        )
