import base64
import io
from datetime import timedelta

from freezegun import freeze_time
from PIL import Image

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .clock_common import local
from .dispatch_common import DispatchCommon

# A Tuesday, nine in the morning in Shanghai.
TODAY = local("2026-06-02 09:00")


def picture(colour="black"):
    """Return a small image as it comes from a browser."""
    data = io.BytesIO()
    Image.new("RGB", (60, 20), colour).save(data, "PNG")
    return base64.b64encode(data.getvalue())


class VisitCommon(DispatchCommon):
    """A visit on which the technician stands at the customer's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.supervisor_id = cls.supervisor
        cls.spare = cls.env["product.product"].create(
            {"name": "Belt", "list_price": 0.0, "type": "consu"}
        )

    def _own(self, *args, **kwargs):
        """Return an assigned visit as its technician sees it on the phone."""
        kwargs.setdefault("ticket", self._visit_ticket(team_id=self.team.id))
        return self._assigned(*args, **kwargs).with_user(self.technician)

    def _on_site(self, *args, **kwargs):
        own = self._own(*args, **kwargs)
        own.action_arrive()
        return own

    def _line(self, dispatch, **values):
        return (
            self.env["aftersales.ticket.line"]
            .with_user(dispatch.env.user)
            .create(
                {
                    "ticket_id": dispatch.ticket_id.id,
                    "dispatch_id": dispatch.id,
                    "kind": "part",
                    "product_id": self.spare.id,
                    **values,
                }
            )
        )


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestVisitPhone(VisitCommon):
    """The visit as the technician reports it, without rights on employees (R25)."""

    def test_my_jobs(self):
        """Today's jobs first, each with day, time, place and the way to call."""
        self.farmer.write({"street": "8 Mill Road", "city": "Wuhan"})
        self.farmer.country_id = self.env.ref("base.cn")
        tomorrow = self._own(start=TODAY + timedelta(days=1))
        today = self._own(start=TODAY + timedelta(hours=1))
        self._assigned(technician=self.zhou)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_dispatch_action_mine"
        )
        domain = action["domain"].replace("uid", str(self.technician.id))
        jobs = (
            self.env["aftersales.dispatch"]
            .with_user(self.technician)
            .with_context(tz="Asia/Shanghai")
            .search(safe_eval(domain), order="date_start, id")
        )
        self.assertEqual(jobs, today | tomorrow)
        self.assertEqual(jobs.mapped("day_label"), ["Today", "Tomorrow"])
        self.assertEqual(jobs[0].time_label, "10:00 – 12:00")
        self.assertEqual(jobs[0].place, "Wuhan 8 Mill Road")
        self.assertIn("8%20Mill%20Road", jobs[0].navigate_url)
        self.assertEqual(jobs[0].partner_phone, self.farmer.phone)

    def test_jobs_cost_the_same_for_fifty(self):
        def read(records):
            self.env.invalidate_all()
            view = self.env.ref(
                "aftersales_service.aftersales_dispatch_view_kanban_phone"
            )
            names = [
                node.get("name") for node in view._get_combined_arch().iter("field")
            ]
            before = self.env.cr.sql_log_count
            records.with_user(self.technician).read(names)
            return self.env.cr.sql_log_count - before

        jobs = self.env["aftersales.dispatch"]
        for day in range(10):
            # Nobody works on Sundays.
            jobs |= self._own(start=TODAY + timedelta(days=day + day // 5 * 2))
        read(jobs)
        self.assertLessEqual(read(jobs), read(jobs[0]) + 3)

    def test_way_and_positions(self):
        """Set out, arrive, finish: times follow each other, places are optional."""
        own = self._own()
        with freeze_time(TODAY + timedelta(minutes=10)):
            own.action_depart()
        self.assertEqual(own.state, "accepted")
        with freeze_time(TODAY + timedelta(minutes=20)):
            own.action_depart()
            with self.assertRaisesRegex(UserError, "follow each other"):
                own.action_arrive(TODAY)
            with self.assertRaisesRegex(UserError, "latitude"):
                own.action_arrive(latitude=91, longitude=10)
            with self.assertRaisesRegex(UserError, "latitude"):
                own.action_arrive(latitude=float("nan"), longitude=10)
        with freeze_time(TODAY + timedelta(minutes=40)):
            own.action_arrive(latitude=30.5, longitude=114.25)
            own.action_arrive(latitude=1, longitude=1)
        self.assertAlmostEqual(own.travel_hours, 0.5)
        self.assertEqual((own.arrive_latitude, own.arrive_longitude), (30.5, 114.25))
        with freeze_time(TODAY + timedelta(minutes=100)):
            own.action_finish()
        self.assertFalse(own.finish_latitude)
        self.assertAlmostEqual(own.work_hours, 1.0)
        with self.assertRaisesRegex(UserError, "cannot be typed"):
            own.write({"arrive_latitude": 3.0})

    def test_everything_missing_at_once(self):
        """What the team demands is named in one message."""
        self.team.write(
            {
                "signature_required": True,
                "fault_required": True,
                "hazard_look_required": True,
            }
        )
        own = self._on_site()
        self._line(own, state="planned")
        with self.assertRaises(UserError) as caught:
            own.action_finish()
        for text in ("signature", "who signed", "really found", "dangerous", "Belt"):
            self.assertIn(text, str(caught.exception))
        own.write({"signature": picture(), "signed_by": "Farmer Wang"})
        self.assertEqual(own.signed_on, TODAY)
        cause = self.env["aftersales.fault"].create({"name": "Belt", "kind": "symptom"})
        own.write({"found_fault_id": cause.id, "hazard_look": "none"})
        own.line_ids.action_use()
        own.action_finish()
        self.assertEqual(own.ticket_id.found_fault_id, cause)
        self.assertEqual(own.ticket_id.state, "solved")

    def test_signed_content_is_frozen(self):
        """A supervisor corrects with a reason, and the chatter keeps what was."""
        own = self._on_site()
        own.write({"work_done": "Belt changed", "signature": picture()})
        own.signed_by = "Farmer Wang"
        line = self._line(own, state="used")
        own.action_finish()
        for values in ({"work_done": "All new"}, {"signature": False}):
            with self.assertRaisesRegex(UserError, "as it was signed"):
                own.write(values)
        with self.assertRaisesRegex(UserError, "as it was signed"):
            self._line(own)
        with self.assertRaisesRegex(UserError, "as it was signed"):
            line.quantity = 5
        visit = own.with_user(self.supervisor)
        with self.assertRaisesRegex(UserError, "as it was signed"):
            visit.work_done = "All new"
        with self.assertRaisesRegex(UserError, "Only a supervisor"):
            own.action_correct("I say so")
        with self.assertRaisesRegex(UserError, "Say why"):
            visit.action_correct()
        visit.action_correct("Wrong belt noted")
        visit.work_done = "Chain changed"
        line.with_user(self.supervisor).quantity = 2
        visit.action_end_correction()
        with self.assertRaisesRegex(UserError, "as it was signed"):
            visit.work_done = "Again"
        story = " ".join(visit.message_ids.mapped("body"))
        for text in ("Wrong belt noted", "Belt changed → Chain changed", "1.0 → 2.0"):
            self.assertIn(text, story)

    def test_beyond_my_skill(self):
        """The supervisor knows at once, and the plan comes back (R08)."""
        own = self._on_site()
        with self.assertRaisesRegex(UserError, "Say what is needed"):
            own.action_escalate()
        own.action_escalate("Gearbox: needs grade 4")
        activity = own.sudo().activity_ids
        self.assertEqual(activity.user_id, self.supervisor)
        self.assertIn("Gearbox", activity.note)
        self.assertEqual(own.result, "follow_up")
        own.action_finish()
        self.assertEqual(own.ticket_id.state, "open")
        tickets = self.env["aftersales.ticket"].with_user(self.agent)
        self.assertIn(
            own.ticket_id.id, tickets.search(tickets._get_to_dispatch_domain()).ids
        )

    def test_planned_parts_come_along(self):
        """What the desk planned on the ticket is the visit's to use or not."""
        ticket = self._visit_ticket(team_id=self.team.id)
        line = self.env["aftersales.ticket.line"].create(
            {"ticket_id": ticket.id, "kind": "part", "product_id": self.spare.id}
        )
        first = self._own(ticket=ticket)
        self.assertEqual(line.dispatch_id.id, first.id)
        first.action_fail("Nobody at home")
        second = self._own(ticket=ticket, start=TODAY + timedelta(hours=5))
        self.assertEqual(line.dispatch_id.id, second.id)
        second.line_ids.action_skip()
        self.assertEqual(line.state, "unused")

    def test_hours_of_a_day(self):
        """Hours are the technician's; more than 24 on his local day are refused."""
        own = self._on_site()
        other = self._dispatch(start=TODAY + timedelta(hours=6))
        other.action_assign()
        line = self._line(
            own, kind="labour", product_id=False, quantity=2, state="used"
        )
        self.assertEqual(line.sudo().employee_id, self.chen)
        # Still the day before in Shanghai, the same day in UTC.
        self._line(
            own,
            kind="labour",
            quantity=20,
            state="used",
            date_done=local("2026-06-01 23:30"),
        )
        refused = self.assertRaisesRegex(ValidationError, "Chen Gang")
        with refused, self.env.cr.savepoint():
            self._line(
                other.with_user(self.agent), kind="labour", quantity=23, state="used"
            )
        late = self._line(other.with_user(self.agent), kind="labour", quantity=23)
        with self.assertRaisesRegex(ValidationError, "25 hours"):
            late.action_use()
        self._line(
            own, kind="labour", quantity=22, state="used", employee_id=self.zhou.id
        )

    def test_desk_reports_for_a_technician_without_user(self):
        """The agent does it all for him, and nobody else's technician may."""
        visit = self._assigned(technician=self.zhou, ticket=self._visit_ticket())
        with self.assertRaises(AccessError):
            visit.with_user(self.technician).action_depart()
        visit.action_depart()
        visit.action_arrive()
        line = self._line(visit, kind="labour", quantity=1, state="used")
        self.assertEqual(line.sudo().employee_id, self.zhou)
        visit.write({"work_done": "By phone", "hazard_look": "none"})
        visit.action_finish()
        visit.action_check_out()
        self.assertEqual(visit.check_out_date, TODAY)

    def test_crew_shares_the_visit(self):
        other = self.env["res.users"].create(
            {
                "name": "Zhou",
                "login": "zhou",
                "group_ids": [Command.set(self.technician.group_ids.ids)],
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
            }
        )
        self.zhou.user_id = other
        visit = self._assigned(crew_ids=[Command.link(self.zhou.id)])
        visit.with_user(other).action_arrive()
        self.assertEqual(visit.state, "on_site")
