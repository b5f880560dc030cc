from email.message import EmailMessage
from unittest.mock import patch

from odoo.tests import tagged

from .common import QualityCommon


@tagged("post_install", "-at_install")
class TestComplaintMail(QualityCommon):
    """Mails to the address for complaints, and what customers are told (R58)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 50)
        cls.company.alias_domain_id = cls.env["mail.alias.domain"].create(
            {
                "name": "complaints.example.com",
                "bounce_alias": "bounce",
                "catchall_alias": "catchall",
                "default_from": "notifications",
            }
        )
        cls.company.email = "office@complaints.example.com"
        cls.team.supervisor_id = cls.supervisor
        cls.farmer.write({"email": "w@example.com", "lang": "en_US"})
        setup = cls.env["aftersales.setup"].browse(cls.company.id)
        setup.complaint_alias_name = "complaints"
        cls.count = 0
        cls.startClassPatcher(
            patch.object(
                type(cls.env["mail.alias"]),
                "_alias_bounce_incoming_email",
                lambda *_args, **_kwargs: None,
            )
        )

    def _receive(self, subject, body, sender="Wang <w@example.com>", **headers):
        """Let the gateway take a mail; return the new complaint, if it made one."""
        type(self).count += 1
        message = EmailMessage()
        message["From"] = sender
        message["To"] = "complaints@complaints.example.com"
        message["Subject"] = subject
        message["Message-Id"] = f"<{self.count}.{self.id()}@example.net>"
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(body)
        Complaint = self.env["aftersales.complaint"]
        before = Complaint.search([], order="id desc", limit=1)
        self.env["mail.thread"].message_process(None, message.as_bytes())
        self.env.flush_all()
        return Complaint.search([("id", ">", before.id or 0)])

    def _mails(self, complaint):
        return self.env["mail.mail"].search(
            [("model", "=", complaint._name), ("res_id", "=", complaint.id)], order="id"
        )

    def test_mail_becomes_a_complaint(self):
        unit = self._sold_unit("MAIL-77001")
        complaint = self._receive(
            "Third time broken", "Serial MAIL-77001.\nMoney back!"
        )
        self.assertEqual(
            (complaint.channel, complaint.partner_id, complaint.equipment_id),
            ("mail", self.farmer, unit),
        )
        self.assertEqual(complaint.company_id, self.company)
        self.assertIn("Third time broken", complaint.description)
        self.assertIn("Money back!", complaint.description)
        self.assertTrue(
            complaint.activity_ids.filtered(lambda a: a.user_id == self.supervisor)
        )
        mail = self._mails(complaint)
        mail = mail.filtered(lambda one: self.farmer in one.recipient_ids)
        self.assertEqual(len(mail), 1)
        self.assertIn(complaint.name, mail.body_html)
        self.assertIn("complaints@complaints.example.com", mail.reply_to)

    def test_answer_reaches_the_complaint(self):
        complaint = self._receive("Bad belt", "It broke.")
        complaint.activity_ids.unlink()
        self.assertFalse(self._receive(f"Re: {complaint.name}", "Are you still there?"))
        self.assertIn("still there", complaint.message_ids[0].body)
        self.assertEqual(
            complaint.activity_ids.mapped("summary"), ["The customer answered"]
        )
        # A stranger who names the number opens his own.
        other = self._receive(
            f"Re: {complaint.name}", "Tell me all", sender="x@example.net"
        )
        self.assertTrue(other)
        self.assertNotIn("Tell me all", complaint.message_ids[0].body)

    def test_machines_open_nothing(self):
        self.assertFalse(
            self._receive(
                "Out of office", "Back on Monday", Auto_Submitted="auto-replied"
            )
        )

    def test_stranger_is_kept_from_the_holder(self):
        unit = self._sold_unit("MAIL-77002")
        complaint = self._receive(
            "MAIL-77002", "Bad machine", sender="Spy <spy@example.net>"
        )
        self.assertEqual(complaint.equipment_id, unit)
        self.assertEqual(
            (complaint.contact_name, complaint.contact_email),
            ("Spy", "spy@example.net"),
        )
        self.assertFalse(
            self.env.ref("base.partner_root") & complaint.message_partner_ids
        )
        self.assertTrue(complaint.message_ids.filtered("is_internal"))

    def test_customer_is_told_of_each_step(self):
        """Promised, proposed and settled: in his language, with the link."""
        complaint = self._complain()
        complaint.promised_date = "2030-06-12 08:00:00"
        complaint._mail_customer("mail_template_aftersales_complaint_promised")
        complaint.solution = "A new belt, without charge"
        complaint._mail_customer("mail_template_aftersales_complaint_proposed")
        complaint._by_method().write({"state": "archived"})
        promised, proposed, closed = self._mails(complaint)
        self.assertIn("June 12, 2030", promised.body_html)
        self.assertIn("A new belt", proposed.body_html)
        self.assertIn(f"/my/complaints/{complaint.id}?access_token", proposed.body_html)
        self.assertIn("is settled", closed.subject)
        self.company.aftersales_complaint_mail = False
        quiet = self._complain()
        quiet._mail_customer("mail_template_aftersales_complaint_promised")
        self.assertFalse(self._mails(quiet))

    def test_address_is_closed_again(self):
        setup = self.env["aftersales.setup"].browse(self.company.id)
        self.assertEqual(setup.complaint_alias_name, "complaints")
        setup.complaint_alias_name = False
        self.assertFalse(self.company.aftersales_complaint_alias_id)
