from datetime import timedelta
from urllib.parse import urlsplit

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .clock_common import local
from .dispatch_common import DispatchCommon
from .portal_common import PortalCommon

# A Tuesday, nine in the morning in Shanghai.
TODAY = local("2026-06-02 09:00")
TOMORROW = local("2026-06-03 09:00")


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAppointment(DispatchCommon):
    """The customer is told, and so are those who go (R23, R24)."""

    def _mails(self, visit):
        return self.env["mail.mail"].search(
            [
                ("model", "=", visit._name),
                ("res_id", "=", visit.id),
                ("message_type", "!=", "user_notification"),
            ],
            order="id",
        )

    def _notices(self, user):
        return self.env["mail.message"].search(
            [
                ("message_type", "=", "user_notification"),
                ("notified_partner_ids", "in", user.partner_id.ids),
                ("model", "=", "aftersales.dispatch"),
            ],
            order="id",
        )

    def test_customer_is_told_once_per_time(self):
        """A mail for the new appointment, an apology when we move it."""
        visit = self._assigned(start=TOMORROW)
        mail = self._mails(visit)
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.state, "outgoing", "in the queue")
        self.assertEqual(mail.recipient_ids, self.farmer)
        self.assertIn("9:00", mail.body_html, "in the time of the company")
        self.assertIn(f"/my/visits/{visit.id}?access_token=", mail.body_html)
        self.assertNotIn("Gang", mail.body_html, "the first name alone")
        visit.write({"technician_id": self.zhou.id})
        self.assertEqual(self._mails(visit), mail, "same time, no mail")
        visit.action_reschedule(TOMORROW + timedelta(hours=3), reason="Part is late")
        sorry = self._mails(visit) - mail
        self.assertIn("we are sorry", sorry.body_html)
        self.assertIn("12:00", sorry.body_html)
        self.assertNotIn("Part is late", sorry.body_html)

    def test_no_mail(self):
        """Not for the past, not when managers say so, not without an address."""
        past = self._dispatch(start=TODAY - timedelta(hours=3))
        past.ticket_id._by_method().date_open = TODAY - timedelta(days=1)
        past.action_assign(moment=TODAY - timedelta(hours=4))
        self.assertFalse(self._mails(past))
        self.farmer.email = False
        silent = self._dispatch(start=TOMORROW)
        silent.ticket_id.partner_email = False
        silent.action_assign()
        self.assertFalse(self._mails(silent))
        self.farmer.email = "w@example.com"
        setup = self.env["aftersales.setup"].with_user(self.manager)
        setup.search([("company_id", "=", self.company.id)]).visit_mail = False
        other = self._assigned(self.zhou, start=TOMORROW)
        self.assertFalse(self._mails(other))

    def test_crew_is_told(self):
        """Given, moved, taken away: each once; who has no user is phoned."""
        visit = self._assigned(start=TOMORROW)
        self.assertIn("New job", self._notices(self.technician).subject)
        self.assertFalse(visit.call_text)
        visit.write({"date_start": TOMORROW + timedelta(hours=1)})
        self.assertIn("Moved", self._notices(self.technician)[-1].subject)
        self.zhou.work_phone = "+86 139 0000 0000"
        visit.write({"technician_id": self.zhou.id})
        self.assertIn("No longer", self._notices(self.technician)[-1].subject)
        self.assertEqual(len(self._notices(self.technician)), 3)
        self.assertEqual(visit.call_text, "Zhou Min +86 139 0000 0000")
        other = self._assigned(start=TOMORROW)
        other.action_cancel("Sold")
        self.assertIn("Sold", self._notices(self.technician)[-1].body)

    def test_another_time_comes_back_to_the_dispatcher(self):
        visit = self._assigned(start=TOMORROW)
        with self.assertRaisesRegex(UserError, "tell us why"):
            visit.sudo()._portal_postpone(False, "any", "")
        with self.assertRaisesRegex(UserError, "day to come"):
            visit.sudo()._portal_postpone(TODAY.date(), "morning", "Late")
        visit.with_user(self.technician).action_reschedule(
            reason="Harvests on", requested_by="customer"
        )
        todo = visit.activity_ids
        self.assertEqual(todo.user_id, self.agent)
        visit.write({"date_start": TOMORROW + timedelta(days=1)})
        visit.action_assign()
        self.assertFalse(visit.activity_ids, "planned anew")

    # ------------------------------------------------------------
    # PREPARATION
    # ------------------------------------------------------------

    def test_preparation_from_ticket_and_kit(self):
        """Parts, the kit of each crew and that of the job; each once (R23)."""
        job = self.env["aftersales.job.type"].create({"name": "Weld"})
        Kit = self.env["aftersales.kit.item"]
        always = Kit.create({"name": "Spare fuse", "kind": "material"})
        Kit.create({"name": "Welding helmet", "job_type_id": job.id})
        ticket = self._visit_ticket(job_type_id=job.id)
        ticket.line_ids.create(
            {
                "ticket_id": ticket.id,
                "kind": "part",
                "product_id": self.oil.id,
                "quantity": 3,
            }
        )
        visit = self._dispatch(ticket=ticket, start=TOMORROW)
        names = visit.item_ids.mapped("name")
        for name in ("Oil", "Spare fuse", "Welding helmet", "Safety harness"):
            self.assertIn(name, names)
        visit.action_fill_preparation()
        self.assertEqual(len(visit.item_ids), len(names))
        visit.job_type_id = False
        self.assertNotIn("Welding helmet", visit.item_ids.mapped("name"))
        self.assertIn(always, visit.item_ids.kit_item_id)

    def test_missing_part_warns_before_leaving(self):
        """Not in stock and not packed: the technician is told as he accepts."""
        visit = self._dispatch(start=TOMORROW)
        item = visit.item_ids.create(
            {"dispatch_id": visit.id, "product_id": self.oil.id, "quantity": 3}
        )
        self._stock(self.oil, 2)
        visit.action_assign()
        self.assertIn("3 × Oil (2 in stock)", visit.missing_text)
        own = visit.with_user(self.technician)
        notice = own.action_accept()
        self.assertIn("3 × Oil", notice["params"]["message"])
        own_item = item.with_user(self.technician)
        own_item.ready = True
        self.assertEqual(item.ready_by_id, self.technician)
        self.assertFalse(own.missing_text)
        with self.assertRaisesRegex(UserError, "cannot be typed"):
            own_item.write({"ready_by_id": self.agent.id})
        own.action_arrive()
        own.action_fail("Gate closed")
        with self.assertRaisesRegex(UserError, "The visit is over"):
            own_item.ready = False


@tagged("post_install", "-at_install")
class TestAppointmentPage(DispatchCommon, PortalCommon):
    """The page of the appointment: token or right on the ticket, nothing else (R24)."""

    def setUp(self):
        super().setUp()
        start = (fields.Datetime.now() + timedelta(days=2)).replace(
            hour=2, minute=0, second=0
        )
        with freeze_time(fields.Datetime.now()):
            self.visit = self._dispatch(start=start)
            # Sundays, too: the calendar of the company does not matter here.
            self.calendar.attendance_ids.create(
                [
                    {
                        "calendar_id": self.calendar.id,
                        "name": "Sunday",
                        "dayofweek": "6",
                        "hour_from": 8,
                        "hour_to": 18,
                    }
                ]
            )
            self.visit.action_assign()
        self.url = f"/my/visits/{self.visit.id}"
        link = urlsplit(self.visit.get_portal_url())
        self.link = f"{link.path}?{link.query}"
        self.token = self.visit.access_token
        self.authenticate(None, None)

    def _assert_nothing(self, response):
        """The page led to the portal's home or to the login: no word of a visit."""
        self.assertRegex(response.url, r"/(my|web/login)(\?.*)?$")
        self.assertNotIn(self.visit.name, response.text)

    def test_confirm_and_postpone_by_link(self):
        """Without a login; twice does no harm."""
        page = self._get(self.link)
        text = self._text(page)
        self.assertIn("Technician Chen", " ".join(text.split()))
        self.assertNotIn("Gang", text)
        for _twice in range(2):
            done = self._post(f"{self.url}/confirm", {"access_token": self.token})
            self.assertIn("You confirmed this time", self._text(done))
        self.visit.invalidate_recordset()
        self.assertTrue(self.visit.is_confirmed)
        calendar = self._get(f"{self.url}/visit.ics?access_token={self.token}")
        self.assertIn("BEGIN:VEVENT", calendar.text)
        day = fields.Date.to_string(fields.Date.today() + timedelta(days=5))
        form = {"access_token": self.token, "day": day, "part": "afternoon"}
        silent = self._post(f"{self.url}/postpone", form)
        self.assertIn("tell us why", self._text(silent))
        form["wish"] = "We harvest until then"
        for _twice in range(2):
            done = self._post(f"{self.url}/postpone", form)
        self.assertIn("New time wanted", self._text(done))
        self.visit.invalidate_recordset()
        self.assertEqual(self.visit.state, "draft")
        self.assertEqual(fields.Date.to_string(self.visit.date_start), day)
        trace = self.visit.reschedule_ids
        self.assertEqual(trace.requested_by, "customer")
        self.assertIn("We harvest until then", trace.reason)
        self.assertEqual(self.visit.activity_ids.user_id, self.agent)
        self.assertFalse(self.visit.is_confirmed)

    def test_foreign_eyes(self):
        """A foreign token, another customer, a number typed: nothing is there."""
        draft = self._dispatch(self.zhou, start=self.visit.date_start)
        foreign = draft.get_portal_url().split("access_token=")[1].split("&")[0]
        self._assert_nothing(self._get(f"{self.url}?access_token={foreign}"))
        self._assert_nothing(self._get(self.url))
        self._login("other")
        self._assert_nothing(self._get(self.url))
        self._assert_nothing(self._post(f"{self.url}/confirm"))
        self.visit.invalidate_recordset()
        self.assertFalse(self.visit.confirmed_date)
        self._assert_nothing(self._get("/my/visits/999999999"))
        self._login("farmer")
        self.assertIn(self.visit.name, self._text(self._get(self.url)))
        self._assert_nothing(self._get(f"/my/visits/{draft.id}"))
        ticket = self._get(f"/my/tickets/{self.visit.ticket_id.id}")
        self.assertIn("Please confirm", self._text(ticket))

    def test_too_late(self):
        """A visit that is over is shown, and no longer answered."""
        self.visit.action_cancel("Not needed")
        self.assertIn("does not take place", self._text(self._get(self.link)))
        late = self._post(f"{self.url}/confirm", {"access_token": self.token})
        self.assertIn("can no longer be changed", self._text(late))
        late = self._post(
            f"{self.url}/postpone",
            {"access_token": self.token, "day": "2026-99-99", "wish": "x"},
        )
        self.assertIn("is no date", self._text(late))
        with mute_logger("odoo.http"):
            response = self._post(
                f"{self.url}/confirm", {"access_token": self.token}, csrf=False
            )
        self.assertEqual(response.status_code, 400)
