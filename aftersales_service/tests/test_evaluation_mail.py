from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .card_common import GOOD, TODAY, CardCommon
from .clock_common import local

NINE_NEXT_DAY = local("2026-06-03 09:00")


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestEvaluationMail(CardCommon):
    """The office sends each card the next day, and reminds once (R33)."""

    def test_sent_the_next_day_once_and_reminded_once(self):
        visit = self._done()
        card = self._card(visit)
        self.assertEqual(card.aftersales_card_state, "waiting")
        self._run(NINE_NEXT_DAY - timedelta(minutes=1))
        self.assertFalse(self._mails())
        self._run(NINE_NEXT_DAY)
        self._run(NINE_NEXT_DAY + timedelta(hours=1))
        mail = self._mails()
        self.assertEqual(len(mail), 1)
        self.assertIn(f"/aftersales/card/{card.access_token}", mail.body_html)
        self.assertIn("Chen Gang", mail.body_html)
        self.assertEqual(mail.state, "outgoing", "through the queue")
        self.assertFalse(mail.model, "the link is for the customer alone")
        self.assertEqual(card.aftersales_card_state, "sent")
        self._run(NINE_NEXT_DAY + timedelta(days=3, minutes=-1))
        self.assertEqual(len(self._mails()), 1)
        for days in (3, 4, 20, 40):
            self._run(NINE_NEXT_DAY + timedelta(days=days))
        self.assertEqual(len(self._mails()), 2)
        self.assertIn("Reminder", self._mails()[-1].subject)

    def test_answered_cards_are_not_sent_and_not_reminded(self):
        early = self._card(self._done())
        early._answer_card(GOOD)
        self._run(NINE_NEXT_DAY)
        self.assertFalse(self._mails())
        late = self._card(self._done(technician=self.zhou))
        self._run(NINE_NEXT_DAY)
        late._answer_card(GOOD)
        self._run(NINE_NEXT_DAY + timedelta(days=5))
        self.assertEqual(len(self._mails()), 1)

    def test_settings_of_the_company(self):
        self.company.write(
            {"aftersales_card_when": "at_once", "aftersales_card_reminder_days": 0}
        )
        visit = self._done()
        self._run(TODAY)
        self.assertEqual(len(self._mails()), 1)
        self._run(TODAY + timedelta(days=20))
        self.assertEqual(len(self._mails()), 1, "never reminded")
        self.assertEqual(
            self._card(visit).aftersales_expire_date, TODAY + timedelta(days=30)
        )

    def test_without_address_and_opted_out(self):
        self.farmer.email = False
        silent = self._card(self._done())
        self.env["mail.blacklist"]._add("l@example.com")
        self.other_farmer.email = "L@example.com"
        opted = self._card(
            self._done(technician=self.zhou, partner_id=self.other_farmer.id)
        )
        self._run(NINE_NEXT_DAY)
        self._run(NINE_NEXT_DAY + timedelta(days=4))
        self.assertFalse(self._mails(self.farmer | self.other_farmer))
        self.assertEqual(silent.aftersales_unsent, "no_email")
        self.assertEqual(opted.aftersales_unsent, "blacklist")
        visit = silent.aftersales_dispatch_id
        self.assertIn(silent.access_token, visit._get_card_url(), "on the receipt")
        self.assertFalse(silent.consumed)

    def test_opted_out_meanwhile_is_not_reminded(self):
        self._done()
        self._run(NINE_NEXT_DAY)
        self.env["mail.blacklist"]._add(self.farmer.email)
        self._run(NINE_NEXT_DAY + timedelta(days=4))
        self.assertEqual(len(self._mails()), 1)

    def test_unknown_caller_is_written_to(self):
        ticket = {"partner_id": False, "partner_name": "Ma", "partner_phone": "139"}
        self._done(**ticket, partner_email="ma@example.com")
        self._run(NINE_NEXT_DAY)
        mail = self.env["mail.mail"].search([("email_to", "=", "ma@example.com")])
        self.assertEqual(len(mail), 1)

    def test_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        template = self.env.ref("aftersales_service.mail_template_aftersales_card")
        template.with_context(lang="zh_CN").subject = "请评价我们的服务"
        self.farmer.lang = "zh_CN"
        self._done()
        self._run(NINE_NEXT_DAY)
        self.assertEqual(self._mails().subject, "请评价我们的服务")

    def test_batches_cost_the_same(self):
        counts = []
        self.other_farmer.email = "l@example.com"
        warm = self._card(self._done(technician=self.zhou))
        warm._send_cards()
        for number in (1, 50):
            visits = self._done_before(number, partner_id=self.other_farmer.id)
            visits._create_cards()
            cards = self._card(visits)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            cards._send_cards()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 6, counts)
