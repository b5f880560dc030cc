from email.message import EmailMessage
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestMailGateway(AftersalesCommon):
    """R01: what customers write becomes tickets, and nothing of it gets lost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 50)
        cls.domain = cls.env["mail.alias.domain"].create(
            {
                "name": "harvester.example.com",
                "bounce_alias": "bounce",
                "catchall_alias": "catchall",
                "default_from": "notifications",
            }
        )
        cls.company.alias_domain_id = cls.domain
        cls.company.email = "office@harvester.example.com"
        cls.team.write(
            {
                "alias_name": "service",
                "alias_domain_id": cls.domain.id,
                "supervisor_id": cls.supervisor.id,
            }
        )
        cls.count = 0
        # A failure shows itself rather than that of the answer about it.
        cls.startClassPatcher(
            patch.object(
                type(cls.env["mail.alias"]),
                "_alias_bounce_incoming_email",
                lambda *_args, **_kwargs: None,
            )
        )

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _mail(self, subject="Broken", body="It does not start", **headers):
        """Return a raw RFC 822 message to the team."""
        type(self).count += 1
        message = EmailMessage()
        message["From"] = headers.pop("sender", "Stranger <stranger@example.net>")
        message["To"] = headers.pop("to", "service@harvester.example.com")
        message["Subject"] = subject
        message["Message-Id"] = f"<{self.count}.{self.id()}@example.net>"
        subtype = headers.pop("subtype", "plain")
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(body, subtype=subtype)
        return message.as_bytes()

    def _process(self, raw):
        """Let the gateway take a mail; return the new ticket, if it made one."""
        Ticket = self.env["aftersales.ticket"]
        before = Ticket.search([], order="id desc", limit=1)
        self.env["mail.thread"].message_process(None, raw)
        self.env.flush_all()
        return Ticket.search([("id", ">", before.id or 0)])

    def _receive(self, *args, **kwargs):
        return self._process(self._mail(*args, **kwargs))

    def _answer(self, ticket, body="Yes", sender="w@example.com", **headers):
        """Let a customer answer to the last message of a ticket."""
        reference = ticket.message_ids.filtered("message_id")[:1].message_id
        raw = self._mail(
            f"Re: {ticket.name}", body, sender=sender, References=reference, **headers
        )
        return self._process(raw)

    def _mails(self, ticket):
        """Return the mails about a ticket to others than our own staff."""
        mails = self.env["mail.mail"].search(
            [("model", "=", ticket._name), ("res_id", "=", ticket.id)]
        )
        return mails.filtered(
            lambda mail: mail.email_to or mail.recipient_ids.filtered("partner_share")
        )

    def _addressees(self, ticket):
        mails = self._mails(ticket)
        addresses = set(mails.recipient_ids.mapped("email"))
        return addresses | {mail.email_to for mail in mails if mail.email_to}

    def _incoming(self, ticket):
        return ticket.message_ids.filtered(lambda m: m.message_type == "email")

    def _notices(self, ticket):
        return ticket.activity_ids.filtered(
            lambda activity: (
                activity.activity_type_id
                == self.env.ref(
                    "aftersales_service.mail_activity_type_aftersales_request"
                )
            )
        )

    # ------------------------------------------------------------
    # NEW TICKETS
    # ------------------------------------------------------------

    def test_customer_writes(self):
        ticket = self._receive(
            "Re: Header stuck", "Line one\nLine two", sender="Wang <w@example.com>"
        )
        self.assertEqual(ticket.symptom, "Header stuck")
        self.assertEqual(ticket.channel, "email")
        self.assertEqual(ticket.team_id, self.team)
        self.assertEqual(ticket.company_id, self.company)
        self.assertEqual(ticket.partner_id, self.farmer)
        self.assertEqual(ticket.partner_phone, self.farmer.phone)
        self.assertIn("Line two", ticket.description)
        self.assertIn(self.farmer, ticket.message_partner_ids)
        self.assertEqual(self._notices(ticket).user_id, self.supervisor)
        self.assertEqual(self._addressees(ticket), {"w@example.com"})

    def test_numbers_in_the_text_find_the_unit(self):
        unit = self._sold_unit("HX-2024-0017")
        unit.partner_id = self.farmer
        self._sold_unit("HX-2024-0018", partner=self.other_farmer)
        self.company.country_id = self.env.ref("base.cn")
        cases = (
            ("Serial hx-2024-0017 broken", "help"),
            ("收割机HX-2024-0017不能启动", "请尽快"),
            ("Broken", f"<p>My voucher is <b>{unit.name}</b>.</p>"),
            (f"Order {unit.order_ref}", "help"),
            ("Broken", "Please call (0086) 138-0013-8000."),
            ("Broken", "Please call 13800138000"),
        )
        for subject, body in cases:
            with self.subTest(subject=subject, body=body):
                ticket = self._receive(subject, body, subtype="html")
                self.assertEqual(ticket.equipment_id, unit)
                self.assertEqual(ticket.partner_id, self.farmer)

    def test_known_sender_with_one_unit(self):
        unit = self._sold_unit("ONE-1")
        ticket = self._receive("Broken", sender="w@example.com")
        self.assertEqual(ticket.equipment_id, unit)
        self._sold_unit("ONE-2")
        ticket = self._receive("Broken", sender="w@example.com")
        self.assertFalse(ticket.equipment_id)
        self.assertEqual(ticket.partner_id, self.farmer)
        remark = ticket.message_ids.filtered(lambda m: "Several units" in m.body)
        self.assertIn("ONE-1", remark.body)
        self.assertIn("ONE-2", remark.body)

    def test_several_units_are_narrowed_to_the_sender(self):
        own, other = (
            self._sold_unit("AMB-1"),
            self._sold_unit("AMB-2", partner=self.other_farmer),
        )
        text = "One of AMB-1 and AMB-2"
        self.assertEqual(self._receive(text, sender="w@example.com").equipment_id, own)
        ticket = self._receive(text)
        self.assertFalse(ticket.equipment_id)
        self.assertFalse(ticket.partner_id)
        self.assertTrue(other)

    def test_nothing_named_no_unit(self):
        self._sold_unit("NN-1", partner=self.other_farmer)
        ticket = self._receive("Broken since 2024", "After 120 hours, 3 times")
        self.assertFalse(ticket.equipment_id)
        self.assertEqual(ticket.partner_name, "Stranger")
        self.assertEqual(ticket.partner_email, "stranger@example.net")
        self.assertEqual(self._addressees(ticket), {"stranger@example.net"})

    def test_stranger_gets_nothing_of_the_holder(self):
        """Naming a serial makes nobody its customer, and he reads nothing of it."""
        unit = self._sold_unit("SECRET-1")
        known = self.env["res.partner"].create(
            {"name": "Known Stranger", "email": "known@example.net", "lang": "en_US"}
        )
        for sender in ("Unknown <unknown@example.net>", "K <known@example.net>"):
            with self.subTest(sender=sender):
                ticket = self._receive("SECRET-1 broken", sender=sender)
                self.assertEqual(ticket.equipment_id, unit)
                self.assertEqual(ticket.partner_id, self.farmer)
                self.assertNotIn(known, ticket.message_partner_ids)
                self.assertTrue(self._incoming(ticket).is_internal)
                address = sender.split("<")[1].rstrip(">")
                self.assertEqual(ticket.partner_email, address)
                self.assertEqual(self._addressees(ticket), {address})
                bodies = " ".join(self._mails(ticket).mapped("body_html"))
                for secret in ("Farmer Wang", "w@example.com", "138 0013"):
                    self.assertNotIn(secret, bodies)

    def test_dealer_writes_for_his_customer(self):
        self.dealer.email = "dealer@example.com"
        unit = self._sold_unit("DEAL-1")
        unit.dealer_id = self.dealer
        ticket = self._receive("DEAL-1 broken", sender="dealer@example.com")
        self.assertEqual(ticket.partner_id, self.farmer)
        self.assertEqual(ticket.partner_email, "dealer@example.com")
        self.assertIn(self.dealer, ticket.message_partner_ids)
        self.assertEqual(self._addressees(ticket), {"dealer@example.com"})

    def test_own_staff_forwards(self):
        ticket = self._receive("Fwd: machine", sender=self.agent.email)
        self.assertFalse(ticket.partner_id)
        self.assertEqual(ticket.partner_name, self.agent.email)
        self.assertEqual(self._notices(ticket).user_id, self.supervisor)
        self.assertFalse(self._mails(ticket))
        report = self._receive("Bolt loose", sender=self.technician.email)
        self.assertTrue(report.to_verify)
        self.assertEqual(report.user_id, self.technician)

    # ------------------------------------------------------------
    # ANSWERS
    # ------------------------------------------------------------

    def test_answers_thread_onto_their_ticket(self):
        ticket = self._ticket(name="/")
        ticket.message_post(
            body="When?", partner_ids=self.farmer.ids, subtype_xmlid="mail.mt_comment"
        )
        self.assertFalse(self._answer(ticket, "Tomorrow"))
        self.assertIn("Tomorrow", self._incoming(ticket).body)
        self.assertIn(
            "service@harvester.example.com",
            ticket.message_ids.filtered(lambda m: "When?" in m.body).reply_to,
        )

    def test_number_in_the_subject_threads_too(self):
        ticket = self._ticket()
        self.assertFalse(self._receive(f"About {ticket.name}", sender="w@example.com"))
        self.assertTrue(self._incoming(ticket))
        # Not for somebody else.
        self.assertTrue(self._receive(f"About {ticket.name}"))

    def test_answer_moves_what_waited_for_it(self):
        waiting = self._ticket(user_id=self.agent.id)
        waiting.action_wait("customer")
        parts = self._ticket(user_id=self.agent.id)
        parts.action_wait("parts")
        solved = self._ticket(user_id=self.agent.id)
        solved.action_solve()
        closed = self._ticket(user_id=self.agent.id)
        closed.action_solve()
        closed.action_close()
        for ticket in waiting | parts | solved | closed:
            ticket.message_post(body="?", subtype_xmlid="mail.mt_comment")
            self.assertFalse(self._answer(ticket))
            self.assertTrue(self._incoming(ticket))
        self.assertEqual(waiting.state, "open")
        self.assertEqual(parts.state, "waiting")
        self.assertEqual(solved.state, "open")
        self.assertEqual(solved.reopen_count, 1)
        self.assertEqual(closed.state, "closed")
        self.assertEqual(self._notices(closed).user_id, self.agent)
        self.assertFalse(self._notices(waiting | parts | solved))

    def test_answer_to_a_merged_ticket_goes_where_the_story_goes_on(self):
        target = self._ticket()
        merged = self._ticket()
        merged.message_post(body="?", subtype_xmlid="mail.mt_comment")
        reference = merged.message_ids[:1].message_id
        merged.action_merge(target.id)
        named = self._mail(f"Re: {merged.name}", "again", sender="w@example.com")
        raw = self._mail("Re", "more", sender="w@example.com", References=reference)
        for mail in (raw, named):
            self.assertFalse(self._process(mail))
        self.assertEqual(len(self._incoming(target)), 2)
        self.assertFalse(self._incoming(merged))

    # ------------------------------------------------------------
    # MACHINES
    # ------------------------------------------------------------

    def test_automatic_answers_are_harmless(self):
        ticket = self._ticket()
        ticket.action_solve()
        ticket.message_post(body="Done", subtype_xmlid="mail.mt_comment")
        self.assertFalse(
            self._answer(ticket, "On holiday", Auto_Submitted="auto-replied")
        )
        self.assertEqual(ticket.state, "solved")
        self.assertIn("On holiday", self._incoming(ticket).body)
        # Without a ticket it is nobody's call.
        for header in (
            {"Auto_Submitted": "auto-replied"},
            {"Precedence": "auto_reply"},
            {"X_Autoreply": "yes"},
        ):
            self.assertFalse(self._receive("Out of office", **header))

    def test_machines_are_not_answered(self):
        for kwargs in (
            {"Auto_Submitted": "auto-generated"},
            {"Precedence": "bulk"},
            {"List_Id": "<list.example.net>"},
            {"Return_Path": "<>"},
            {"sender": "no-reply@example.net"},
            {"sender": "office@harvester.example.com"},
            {"sender": "service@harvester.example.com"},
        ):
            with self.subTest(**kwargs):
                ticket = self._receive("Sensor alarm", **kwargs)
                self.assertEqual(len(ticket), 1)
                self.assertFalse(self._mails(ticket))

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def test_bounces_and_repetitions_make_no_ticket(self):
        ticket = self._receive("Broken")
        bounce = self._mail(
            "Undelivered",
            sender="MAILER-DAEMON@example.net",
            to="bounce@harvester.example.com",
        )
        self.assertFalse(self._process(bounce))
        raw = self._mail("Once")
        self.assertEqual(len(self._process(raw)), 1)
        self.assertFalse(self._process(raw))
        self.assertEqual(ticket.state, "new")

    def test_a_flood_stops(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 3)
        made = [len(self._receive(f"Again {index}")) for index in range(6)]
        self.assertEqual(sum(made), 3)

    # ------------------------------------------------------------
    # BAD INPUT
    # ------------------------------------------------------------

    def test_script_stays_outside(self):
        ticket = self._receive(
            "<script>alert(1)</script>",
            "<style>p{}</style><p>Real</p><script>alert(2)</script>"
            "<img src=x onerror=alert(3)><a href='javascript:x'>l</a>",
            subtype="html",
        )
        self.assertIn("Real", ticket.description)
        for evil in ("<script", "onerror", "javascript:", "alert(2)", "<img"):
            self.assertNotIn(evil, ticket.description)

    def test_empty_mail(self):
        ticket = self._receive("", "")
        self.assertEqual(ticket.symptom, "(no subject)")
        self.assertFalse(ticket.description)
        only_text = self._receive("", "Does not start\nat all")
        self.assertEqual(only_text.symptom, "Does not start")

    def test_broken_encoding(self):
        head = b"From: W <w@example.com>\r\nTo: service@harvester.example.com\r\n"
        cases = (
            b"Message-Id: <b1@x>\r\nSubject: caf\xe9 \xff\xfe\r\n\r\nbody \x80\x81\xfe",
            b"Message-Id: <b2@x>\r\nSubject: =?utf-8?B?////?=\r\n"
            b"Content-Type: text/plain; charset=utf-8\r\n\r\n\xff\xfe\x00 text",
            b"Message-Id: <b3@x>\r\nSubject: nul\x00byte\r\n"
            b"Content-Type: text/html; charset=no-such\r\n\r\n<p>\xc3\x28 text</p>",
            b"Message-Id: <b4@x>\r\nSubject: cut\r\n"
            b"Content-Type: multipart/mixed; boundary=xx\r\n\r\n--xx\r\n\r\ntext",
            b"Message-Id: <b5@x>\r\nSubject: =?gb2312?B?ytW47rv6?=\r\n"
            b"Content-Type: text/plain; charset=gbk\r\n\r\n\xca\xd5\xb8\xee\xbb\xfa",
        )
        for case in cases:
            with self.subTest(case=case):
                ticket = self._process(head + case)
                self.assertEqual(len(ticket), 1)
                self.assertEqual(ticket.partner_id, self.farmer)
                self.assertTrue(self._incoming(ticket))
        self.assertEqual(ticket.symptom, "收割机")
        self.assertIn("收割机", ticket.description)

    def test_five_megabytes(self):
        """The whole mail is kept, the ticket shows its beginning."""
        line = f"<div>{'word <b>word</b> ' + 'word ' * 200}</div>"
        body = f"<p>Begin</p>{line * 5000}<p>End</p>"
        self.assertGreater(len(body), 5_000_000)
        ticket = self._receive("Large", body, subtype="html")
        self.assertLess(len(ticket.description), 5000)
        self.assertIn("Begin", ticket.description)
        self.assertIn("End", self._incoming(ticket).body[-50:])

    def test_forty_recipients_are_left_alone(self):
        others = [f"other{index}@example.net" for index in range(40)]
        self.env["res.partner"].create(
            [{"name": address, "email": address, "lang": "en_US"} for address in others]
        )
        partners = self.env["res.partner"].search_count([])
        ticket = self._receive(
            to=", ".join(["service@harvester.example.com", *others[:20]]),
            Cc=", ".join(others[20:]),
        )
        self.assertEqual(len(ticket), 1)
        self.assertEqual(self.env["res.partner"].search_count([]), partners)
        self.assertFalse(
            ticket.message_partner_ids.filtered(lambda partner: partner.email in others)
        )
        self.assertEqual(self._addressees(ticket), {"stranger@example.net"})
        proposed = ticket.with_user(self.agent)._message_get_suggested_recipients(
            reply_discussion=True
        )
        self.assertFalse({line["email"] for line in proposed} & set(others))
        self.assertIn("other39", self._incoming(ticket).incoming_email_cc)

    # ------------------------------------------------------------
    # CONFIRMATION
    # ------------------------------------------------------------

    def test_confirmation_waits_in_the_queue_and_threads(self):
        ticket = self._receive("Broken", sender="w@example.com")
        mail = self._mails(ticket)
        self.assertEqual(mail.state, "outgoing")
        self.assertIn(ticket.name, mail.subject)
        self.assertIn("service@harvester.example.com", mail.reply_to)
        answer = self._mail(
            "Re", "More", sender="w@example.com", References=mail.message_id
        )
        self.assertFalse(self._process(answer))
        self.assertEqual(len(self._incoming(ticket)), 2)

    def test_confirmation_speaks_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        template = self.env.ref(
            "aftersales_service.mail_template_aftersales_acknowledge"
        )
        template.with_context(lang="zh_CN").body_html = "<p>您好</p>"
        self.farmer.lang = "zh_CN"
        ticket = self._receive("Broken", sender="w@example.com")
        self.assertIn("您好", self._mails(ticket).body_html)

    def test_team_can_stay_silent(self):
        self.team.acknowledge = False
        ticket = self._receive("Broken")
        self.assertEqual(ticket.team_id, self.team)
        self.assertFalse(self._mails(ticket).mapped("body_html"))

    def test_cost_of_a_mail(self):
        self._receive("Warm up")
        self._sold_unit("COST-1")
        raw = self._mail("COST-1", sender="w@example.com")
        before = self.env.cr.sql_log_count
        self._process(raw)
        self.assertLess(self.env.cr.sql_log_count - before, 200)
