from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.aftersales_service.tests.clock_common import local

from ..tools.week import weeks_due
from .feedback_common import TODAY, FeedbackCommon

# Monday after the week of TODAY, a Wednesday.
MONDAY = local("2027-03-15 08:00")


@freeze_time(TODAY)
@tagged("post_install", "-at_install")
class TestProductFeedback(FeedbackCommon):
    """What jobs show about products has an owner, a day, and a weekly summary."""

    def _raise(self, **values):
        return self.env["aftersales.product.feedback"].create(
            {"description": "Chain too short", "product_id": self.header.id, **values}
        )

    def test_each_job_raises_an_issue(self):
        unit = self._sold_unit("F-1")
        visit = self._dispatch(ticket=self._visit_ticket(equipment_id=unit.id))
        defect = self.env["aftersales.nonconformity"].create(
            {"product_id": self.oil.id, "found_on": "2027-03-01"}
        )
        self._stock(self.oil, 5)
        rma = self._rma((self._sold(quantity=2).picking_ids.move_ids, 1, None))
        repair = self.env["repair.order"].create({"product_id": self.header.id})
        for job, product in (
            (visit.ticket_id.sudo(), self.harvester),
            (visit.sudo(), self.harvester),
            (rma, self.oil),
            (repair, self.header),
            (defect, self.oil),
        ):
            context = job.action_aftersales_feedback()["context"]
            Feedback = self.env["aftersales.product.feedback"]
            feedback = Feedback.with_context(**context).create({"description": "Weak"})
            self.assertEqual(feedback.product_id, product, job)
            job.invalidate_recordset(["aftersales_feedback_count"])
            self.assertEqual(job.aftersales_feedback_count, 1)
            self.assertEqual(feedback.owner_id, self.quality_lead)
            self.assertEqual(feedback.date_due, date(2027, 3, 17))
        self.assertEqual(
            self._raise(dispatch_id=visit.id, product_id=False).ticket_id,
            visit.ticket_id,
        )

    def test_grave_issue_reaches_the_general_manager_at_once(self):
        self.company.aftersales_general_manager_id = self.producer
        for alarm in ("defect", "unrepairable"):
            feedback = self._raise(alarm=alarm)
            todo = feedback.activity_ids.filtered(lambda a: a.user_id == self.producer)
            self.assertEqual(todo.date_deadline, date(2027, 3, 10))
            self.assertEqual(len(self._messages(feedback, self.producer)), 1)
        # Found to be grave later: told then, and once.
        later = self._raise()
        self.assertFalse(self._messages(later, self.producer))
        later.alarm = "defect"
        later.alarm = "unrepairable"
        self.assertEqual(len(self._messages(later, self.producer)), 1)
        self.assertEqual(later.with_user(self.producer).description, "Chain too short")
        with self.assertRaises(AccessError):
            self._raise().with_user(self.producer).read(["description"])
        with self.assertRaisesRegex(UserError, "on record"):
            later.unlink()

    def test_owner_answers_and_who_raised_it_is_told(self):
        own = self._raise().with_user(self.technician)
        with self.assertRaises(AccessError):
            own.read(["state"])
        feedback = (
            self.env["aftersales.product.feedback"]
            .with_user(self.technician)
            .create({"description": "Weak", "raised_by_id": self.agent.id})
        )
        self.assertEqual(feedback.raised_by_id, self.technician)
        with self.assertRaisesRegex(UserError, "gives it to somebody"):
            feedback.date_due = "2027-12-31"
        with self.assertRaisesRegex(UserError, "owner or the desk answers"):
            feedback.action_answer("Never")
        feedback.with_user(self.quality_lead).owner_id = self.constructor
        self.assertEqual(feedback.sudo().activity_ids.user_id, self.constructor)
        owner = feedback.with_user(self.constructor)
        with self.assertRaisesRegex(UserError, "what is done"):
            owner.action_answer()
        with self.assertRaisesRegex(UserError, "gives it to somebody"):
            owner.description = "All is well"
        owner.answer = "Stronger from series 8 on"
        owner.action_answer()
        self.assertEqual(
            (feedback.state, feedback.sudo().answered_by_id),
            ("answered", self.constructor),
        )
        self.assertTrue(self._messages(feedback.sudo(), self.technician))
        self.assertFalse(feedback.sudo().activity_ids)
        with self.assertRaisesRegex(UserError, "stays as it is"):
            feedback.with_user(self.quality_lead).answer = "Nothing"
        with self.assertRaisesRegex(UserError, "cannot be typed"):
            self._raise(state="answered")

    def test_overdue_answer_is_reminded_once(self):
        feedback = self._raise(owner_id=self.constructor.id)
        with freeze_time(TODAY + timedelta(days=8)):
            self.assertTrue(feedback.is_overdue)
            self._run("ir_cron_aftersales_product_feedback")
            self._run("ir_cron_aftersales_product_feedback")
        for user in (self.constructor, self.quality_lead):
            self.assertEqual(len(self._messages(feedback, user)), 1)

    def test_week_is_summed_up_once_for_its_readers(self):
        Summary = self.env["aftersales.weekly.summary"]
        self.company.aftersales_summary_reader_ids = self.producer | self.sales
        self._raise(description="Seam cracks", alarm="defect")
        self._raise(description="A wider cab", topic="wish")
        self._raise(description="Nobody can reach it", topic="problem", kind="design")
        self._raise(description="Last week", date="2027-03-07")
        self._raise(description="Dropped").action_cancel()
        self.env["aftersales.opinion"].create({"description": "Sunday hotline"})
        self.env.flush_all()
        with freeze_time(MONDAY):
            self._run("ir_cron_aftersales_weekly_summary")
            self._run("ir_cron_aftersales_weekly_summary")
            summary = Summary.search([("company_id", "=", self.company.id)])
            self.assertEqual((summary.week, summary.entry_count), (date(2027, 3, 8), 4))
            mails = self.env["mail.mail"].search(
                [("subject", "like", "Weekly summary"), ("state", "=", "outgoing")]
            )
            self.assertEqual(len(mails), 1)
            self.assertEqual(
                mails.recipient_ids, (self.producer | self.sales).partner_id
            )
            for words in (
                "Defect of the Product – Seam cracks",
                "A wider cab",
                "Suggestion – Sunday hotline",
                "Nobody can reach it",
            ):
                self.assertIn(words, summary.body)
            for words in ("Last week", "Dropped"):
                self.assertNotIn(words, summary.body)
        # Three weeks without a run: those with something are made, each once.
        self._raise(description="Missed", date="2027-03-17")
        self.env.flush_all()
        with freeze_time(MONDAY + timedelta(days=22)):
            self._run("ir_cron_aftersales_weekly_summary")
            self._run("ir_cron_aftersales_weekly_summary")
        weeks = Summary.search([("company_id", "=", self.company.id)]).mapped("week")
        self.assertEqual(weeks, [date(2027, 3, 15), date(2027, 3, 8)])
        self.assertEqual(self.company.aftersales_summary_week, date(2027, 3, 29))
        with self.assertRaisesRegex(UserError, "cannot be typed"):
            Summary.create({"company_id": self.company.id, "week": "2027-01-04"})

    def test_lists_open_with_a_constant_number_of_queries(self):
        self.env["aftersales.product.feedback"].create(
            [
                {"description": f"Issue {number}", "product_id": self.header.id}
                for number in range(50)
            ]
        )
        self.env["aftersales.opinion"].create(
            [{"description": f"Idea {number}"} for number in range(50)]
        )
        self.env.flush_all()
        fields_of = {
            "aftersales.product.feedback": (
                *("name", "is_overdue", "alarm", "description", "state"),
                *("product_id", "owner_id", "date_due"),
            ),
            "aftersales.opinion": (
                *("name", "is_late", "kind", "source", "description"),
                *("partner_id", "owner_id", "deadline", "state"),
            ),
        }
        for model, names in fields_of.items():
            Model = self.env[model].with_user(self.quality_lead)
            Model = Model.with_context(allowed_company_ids=self.company.ids)
            spec = {name: {} for name in names}
            for name in {"product_id", "owner_id", "partner_id"} & spec.keys():
                spec[name] = {"fields": {"display_name": {}}}
            Model.web_search_read([], spec, limit=1)
            counts = []
            for limit in (1, 50):
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                Model.web_search_read([], spec, limit=limit)
                counts.append(self.cr.sql_log_count - before)
            self.assertLessEqual(counts[1], counts[0] + 1, model)

    def test_weeks(self):
        wednesday, mondays = date(2027, 3, 10), [date(2027, 2, 22), date(2027, 3, 1)]
        self.assertEqual(weeks_due(None, wednesday), mondays[1:])
        self.assertEqual(weeks_due(date(2027, 2, 15), wednesday), mondays)
        self.assertEqual(weeks_due(mondays[1], wednesday), [])
        self.assertEqual(len(weeks_due(date(2020, 1, 6), wednesday)), 8)
