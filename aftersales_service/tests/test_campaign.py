from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestCampaign(AftersalesCommon):
    """Proves: a campaign reaches whom it concerns, once, and nobody else (R36)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        freezer = freeze_time("2026-03-02 02:00:00")
        freezer.start()
        cls.addClassCleanup(freezer.stop)
        cls.shandong = cls.env.ref("base.state_cn_SD")
        cls.farmer.write({"state_id": cls.shandong.id, "city": "Lingcheng"})
        cls.campaign = cls.env["aftersales.campaign"].create(
            {
                "name": "Free winter check",
                "date": "2026-04-01",
                "text": "<p>Bring your machine.</p>",
                "product_ids": [Command.set(cls.harvester.ids)],
            }
        )
        cls._unit(cls.farmer, "K-1")
        cls._unit(cls.farmer, "K-2")

    @classmethod
    def _unit(cls, partner, serial, product=None):
        return cls.env["aftersales.equipment"].create(
            {
                "product_id": (product or cls.harvester).id,
                "serial": serial,
                "partner_id": partner.id,
            }
        )

    def _customer(self, name, serial, **values):
        partner = self.env["res.partner"].create(
            {"name": name, "lang": "en_US", **values}
        )
        self._unit(partner, serial)
        return partner

    def _calls(self, kind="notice", **values):
        return self.campaign.callback_ids.filtered_domain(
            [("kind", "=", kind), *((f, "=", v) for f, v in values.items())]
        )

    def test_once_per_customer_two_weeks_ahead(self):
        self._unit(self.other_farmer, "K-3", self.header)
        foreman = self.env["res.partner"].create(
            {"name": "Foreman", "parent_id": self.farmer.id, "lang": "en_US"}
        )
        self._unit(foreman, "K-4")
        self.campaign.with_user(self.supervisor).action_plan()
        recipient = self.campaign.recipient_ids
        self.assertEqual(recipient.partner_id, self.farmer)
        self.assertEqual(recipient.unit_count, 3)
        call = self._calls()
        self.assertEqual(call.date_planned, date(2026, 3, 18))
        self.assertEqual((call.channel, call.partner_id), ("phone", self.farmer))
        self.assertIn("Bring your machine", call.script)
        with self.assertRaises(UserError):
            self.campaign.action_plan()

    def test_letter_after_the_call(self):
        self.campaign.action_plan()
        mails = self.env["mail.mail"].search([])
        with freeze_time("2026-03-18 02:00:00"):
            self._calls().with_user(self.agent).action_informed()
        letter = self._calls("letter")
        self.assertEqual((letter.channel, letter.result), ("mail", "sent"))
        self.assertEqual(letter.date_deadline, date(2026, 3, 20))
        mail = self.env["mail.mail"].search([]) - mails
        self.assertEqual(mail.recipient_ids, self.farmer)
        self.assertEqual(mail.state, "outgoing")
        self.assertIn("Bring your machine", mail.body_html)
        self.assertEqual(self.campaign.called_count, 1)
        self.assertEqual(self.campaign.written_count, 1)

    def test_letter_by_post(self):
        self.farmer.email = False
        self.campaign.action_plan()
        self._calls().with_user(self.agent).action_informed()
        letter = self._calls("letter")
        self.assertEqual((letter.channel, letter.state), ("letter", "planned"))
        letter.with_user(self.agent).action_send()
        self.assertEqual(letter.result, "sent")

    def test_opt_outs_are_listed_with_reasons(self):
        quiet = self._customer(
            "Quiet", "Q-1", phone="+86 138 0013 8011", email="q@example.com"
        )
        silent = self._customer(
            "Silent", "Q-2", phone="+86 138 0013 8012", email="s@example.com"
        )
        nowhere = self._customer("Nowhere", "Q-3")
        for partner in quiet | silent:
            self.env["phone.blacklist"].add(partner.phone)
        self.env["mail.blacklist"]._add("S@example.com")
        self.campaign.action_look_up()
        recipients = {r.partner_id: r for r in self.campaign.recipient_ids}
        self.assertEqual(recipients[quiet].call_refusal, "opt_out")
        self.assertFalse(recipients[quiet].left_out)
        self.assertEqual(recipients[silent].letter_refusal, "opt_out")
        self.assertTrue(recipients[silent].left_out)
        self.assertEqual(recipients[nowhere].call_refusal, "no_phone")
        self.assertEqual(recipients[nowhere].letter_refusal, "no_address")
        self.assertEqual(self.campaign.recipient_count, 4)
        self.assertEqual(self.campaign.left_out_count, 2)
        self.campaign.action_plan()
        self.assertEqual(self._calls().partner_id, self.farmer)
        self.assertEqual(self._calls("letter").partner_id, quiet)

    def test_no_letter_after_a_refusal(self):
        self.campaign.action_plan()
        self._calls().with_user(self.agent).action_refused()
        self.assertFalse(self._calls("letter"))
        self.assertEqual(self.campaign.recipient_ids.letter_refusal, "refused")

    def test_places(self):
        self._customer("Far", "P-1", phone="+86 138 0013 8013", city="Beijing")
        self.campaign.state_ids = self.shandong
        self.campaign.action_look_up()
        self.assertEqual(self.campaign.recipient_ids.partner_id, self.farmer)
        self.campaign.write({"state_ids": [Command.clear()], "cities": "Nowhere"})
        with self.assertRaises(UserError):
            self.campaign.action_plan()

    def test_short_notice_and_cancelling(self):
        self.campaign.date = "2026-03-05"
        self.campaign.action_plan()
        call = self._calls()
        self.assertEqual(call.date_planned, date(2026, 3, 2))
        self.campaign.with_user(self.supervisor).action_cancel()
        self.assertEqual(call.state, "cancelled")
        with self.assertRaises(UserError):
            self.campaign.action_close()

    def test_rights_and_erasure(self):
        with self.assertRaises(AccessError):
            self.campaign.with_user(self.agent).action_plan()
        self.campaign.product_ids = False
        with self.assertRaises(UserError):
            self.campaign.action_look_up()
        self.campaign.product_ids = self.harvester
        self.campaign.action_plan()
        self.campaign.action_close()
        with freeze_time("2031-03-02 02:00:00"):
            erasure = self.env["aftersales.erasure"].create(
                {"partner_id": self.farmer.id}
            )
            erasure.with_user(self.manager).action_erase()
        self.assertFalse(self.campaign.recipient_ids.partner_id)
        self.assertFalse(self.campaign.callback_ids.partner_id)
