from datetime import timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .card_common import GOOD, TODAY, CardCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestEvaluation(CardCommon):
    """One card for every job; nobody writes, repeats or reads around it (R33)."""

    # ------------------------------------------------------------
    # ONE CARD FOR EACH JOB
    # ------------------------------------------------------------

    def test_every_done_visit_has_one_card(self):
        visit = self._running()
        self.assertFalse(self._card(visit))
        visit.with_user(self.technician).action_finish()
        card = self._card(visit)
        self.assertEqual(card.res_model, "aftersales.dispatch")
        self.assertEqual(card.res_id, visit.id)
        self.assertEqual(card.rated_partner_id, self.chen.work_contact_id)
        self.assertEqual(card.partner_id, self.farmer)
        self.assertFalse(card.consumed)
        visit.action_finish()
        visit._create_cards()
        self.assertEqual(len(self._card(visit)), 1)
        self.assertFalse(self._mails(), "the office sends it later")

    def test_no_card_for_failed_and_internal_jobs(self):
        failed = self._running()
        failed.action_fail("Nobody at home")
        self.assertFalse(self._card(failed))
        internal = self._done(technician=self.zhou, service_kind="internal")
        self.assertFalse(self._card(internal))

    def test_one_card_per_visit_of_a_ticket(self):
        ticket = self._visit_ticket()
        visits = self._dispatch(ticket=ticket) | self._dispatch(
            self.zhou, ticket=ticket
        )
        visits[0].result = "follow_up"
        for visit in visits:
            visit.action_assign()
            visit.action_arrive()
            visit.action_finish()
        self.assertEqual(len(self._card(visits)), 2)
        self.assertEqual(ticket.with_user(self.agent).card_count, 2)

    def test_technician_without_contact_gets_one(self):
        self.chen.work_contact_id = False
        visit = self._done()
        self.assertEqual(self._card(visit).rated_partner_id, self.chen.work_contact_id)
        self.assertTrue(self.chen.work_contact_id)

    def test_constant_number_of_queries(self):
        self._done(technician=self.zhou)
        counts = []
        for number in (1, 50):
            visits = self._done_before(number)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            visits._create_cards()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(self._card(visits)), number)
        self.assertLessEqual(counts[1], counts[0] + 2, counts)
        self.assertLessEqual(counts[0], 20, counts)

    # ------------------------------------------------------------
    # ANSWER
    # ------------------------------------------------------------

    def test_overall_value_is_derived(self):
        for level, value in ((1, 1.0), (2, 7 / 3), (3, 11 / 3), (4, 5.0)):
            card = self._card(self._done(start=TODAY + timedelta(days=level)))
            card._answer_card(dict.fromkeys(GOOD, level))
            self.assertAlmostEqual(card.rating, value, 5)
        card = self._card(self._done(technician=self.zhou))
        card._answer_card({"attitude": 4, "skill": 3, "arrival": 2, "promise": 1})
        self.assertAlmostEqual(card.rating, 3.0)
        self.assertEqual(card.rated_on, TODAY)

    def test_other_levels_are_refused_in_words(self):
        visit = self._done()
        for wrong in (0, 5, "7", "good", None):
            with self.assertRaisesRegex(UserError, "Attitude"):
                visit.action_note_card(**{**GOOD, "attitude": wrong})
        with self.assertRaisesRegex(UserError, "from 1 .* to 4"):
            visit.action_note_card(**{**GOOD, "arrival": 5})
        self.assertFalse(self._card(visit).consumed)

    def test_database_takes_no_half_answer(self):
        card = self._card(self._done())
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.env.cr.execute(
                "UPDATE rating_rating SET consumed = true WHERE id = %s", [card.id]
            )

    def test_one_card_per_visit_in_the_database(self):
        card = self._card(self._done())
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            card._by_method().create(
                {
                    "res_model_id": card.res_model_id.id,
                    "res_id": card.res_id,
                    "consumed": True,
                }
            )
            self.env.flush_all()

    def test_answered_once(self):
        card = self._card(self._done())
        card._answer_card(GOOD, words="Thank you")
        with self.assertRaisesRegex(UserError, "answered once"):
            card._answer_card(dict.fromkeys(GOOD, 1))
        self.assertEqual(card.aftersales_attitude, "4")

    def test_expired_card(self):
        visit = self._done()
        expiry = self._card(visit).aftersales_expire_date
        with freeze_time(expiry + timedelta(minutes=1)):
            self.env.invalidate_all()
            self.assertFalse(visit.can_note_card)
            self.assertFalse(visit._get_card_url())
            with self.assertRaisesRegex(UserError, "was valid until"):
                visit.action_note_card(**GOOD)

    # ------------------------------------------------------------
    # NOTED BY THE DESK
    # ------------------------------------------------------------

    def test_desk_notes_paper_and_phone(self):
        visit = self._done()
        self.assertTrue(visit.can_note_card)
        note = (
            self.env["aftersales.card.note"]
            .with_user(self.agent)
            .create(
                {
                    "dispatch_id": visit.id,
                    "attitude": "4",
                    "skill": "4",
                    "arrival": "2",
                    "promise": "4",
                    "words": "Came late",
                    "opinion": "suggestion",
                }
            )
        )
        note.action_apply()
        card = self._card(visit)
        self.assertTrue(card.consumed)
        self.assertEqual(card.aftersales_noted_by_id, self.agent)
        self.assertEqual(card.aftersales_opinion, "suggestion")
        self.assertFalse(visit.can_note_card)
        with self.assertRaisesRegex(UserError, "answered once"):
            visit.action_note_card(**GOOD)

    def test_nobody_notes_his_own(self):
        visit = self._done()
        with self.assertRaisesRegex(UserError, "Only the desk"):
            visit.with_user(self.technician).action_note_card(**GOOD)
        self.zhou.user_id = self.supervisor
        own = self._done(technician=self.zhou).with_user(self.supervisor)
        self.assertFalse(own.can_note_card)
        with self.assertRaisesRegex(UserError, "was on himself"):
            own.action_note_card(**GOOD)

    # ------------------------------------------------------------
    # RIGHTS
    # ------------------------------------------------------------

    def _people(self):
        return {
            "employee": self.employee,
            "salesman": self.salesman,
            "technician": self.technician,
            "agent": self.agent,
            "manager": self.manager,
            "system": new_test_user(
                self.env,
                login="system",
                groups="base.group_system",
                company_id=self.company.id,
                company_ids=[(6, 0, self.company.ids)],
            ),
        }

    def test_who_reads_which_card(self):
        own = self._card(self._done())
        other = self._card(self._done(technician=self.zhou))
        seen = {"technician": own, "agent": own | other, "manager": own | other}
        for name, user in self._people().items():
            with self.subTest(name=name):
                found = self.env["rating.rating"].with_user(user)
                found = found.search([("res_model", "=", "aftersales.dispatch")])
                self.assertEqual(found.sudo(), seen.get(name, own.browse()))
        with self.assertRaises(AccessError):
            other.with_user(self.technician).read(["feedback"])
        with self.assertRaises(AccessError):
            self.env["aftersales.evaluation.report"].with_user(self.technician).search(
                []
            )

    def test_crew_mates_and_other_companies_read_nothing(self):
        self.zhou.user_id = self.employee
        self.employee.group_ids += self.env.ref(
            "aftersales_service.aftersales_service_group_technician"
        )
        visit = self._dispatch(crew_ids=[(6, 0, self.zhou.ids)])
        visit.action_assign()
        visit.action_arrive()
        visit.action_finish()
        self.env.invalidate_all()
        mate = visit.with_user(self.employee)
        self.assertEqual(mate.state, "done")
        self.assertFalse(mate.card_ids)
        branch = self.env["res.company"].create({"name": "Other Works"})
        foreign = new_test_user(
            self.env,
            login="foreign",
            groups="base.group_user,aftersales_service.aftersales_service_group_agent",
            company_id=branch.id,
            company_ids=[(6, 0, branch.ids)],
        )
        ratings = self.env["rating.rating"].with_user(foreign).with_company(branch)
        ratings = ratings.with_context(allowed_company_ids=branch.ids)
        self.assertFalse(ratings.search([("res_model", "=", "aftersales.dispatch")]))

    def test_tokens_are_hidden(self):
        visit = self._done()
        card = self._card(visit)
        self.assertTrue(card.access_token)
        self.env.invalidate_all()
        for name, user in self._people().items():
            with self.subTest(name=name):
                mine = card.with_user(user)
                for attempt in (
                    lambda r=mine: r.read(["access_token"]),
                    lambda r=mine: r.search([("access_token", "=like", "a%")]),
                    lambda r=mine: r._read_group([], ["access_token"]),
                    lambda r=mine: r.search([], order="access_token"),
                    lambda r=mine: r.export_data(["access_token"]),
                    lambda u=user: visit.with_user(u).search(
                        [("rating_ids.access_token", "=like", "a%")]
                    ),
                ):
                    self._assert_refused(attempt)
        texts = visit.message_ids.mapped("body")
        self.assertFalse([body for body in texts if card.access_token in body])

    def _assert_refused(self, attempt):
        """What it does is refused by a right or a rule, and leaves nothing."""
        try:
            with self.env.cr.savepoint():
                attempt()
        except (UserError, AccessError):
            return
        self.fail("not refused")

    def test_nobody_writes_around_the_card(self):
        visit = self._done()
        card = self._card(visit)
        model = self.env["ir.model"]._get_id("aftersales.dispatch")
        everybody = {**self._people(), "superuser": self.env.ref("base.user_root")}
        for name, user in everybody.items():
            mine, own = card.with_user(user), visit.with_user(user)
            attempts = {
                "write": lambda r=mine: r.write({"rating": 5, "consumed": True}),
                "item": lambda r=mine: r.write({"aftersales_skill": "4"}),
                "reset": lambda r=mine: r.reset(),
                "comment": lambda r=mine: r.write({"publisher_comment": "No"}),
                "unlink": lambda r=mine: r.unlink(),
                "create": lambda r=mine: r.create(
                    {"res_model_id": model, "res_id": visit.id, "rating": 5}
                ),
                "import": lambda r=mine: r.with_context(
                    default_res_model_id=model, aftersales_by_method=True
                ).create({"res_id": visit.id}),
                "rating_apply": lambda r=own: r.rating_apply(5, token="x"),
                "other": lambda r=own, c=mine: r.ticket_id.rating_apply(5, rating=c),
                "chatter": lambda r=own: r.message_post(body="x", rating_value=5),
                "one2many": lambda r=own, c=card: r.write(
                    {"rating_ids": [(1, c.id, {"rating": 5})]}
                ),
            }
            for kind, attempt in attempts.items():
                with self.subTest(name=name, kind=kind):
                    self._assert_refused(attempt)
        self.env.invalidate_all()
        self.assertFalse(card.consumed)
        self.assertEqual(card.rating, 0)
        self.assertEqual(len(self._card(visit)), 1)

    def test_no_rating_becomes_a_card(self):
        visit = self._done()
        self._card(visit)._by_method().unlink()
        model = self.env["ir.model"]._get_id("aftersales.dispatch")
        rating = self._plain_rating()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            rating.write({"res_model_id": model, "res_id": visit.id})

    def _plain_rating(self):
        """Return a rating of a contact, made by somebody who may write on it."""
        self.keeper_of_contacts = new_test_user(
            self.env,
            login="contacts",
            groups="base.group_user,base.group_partner_manager",
            lang="en_US",
        )
        return (
            self.env["rating.rating"]
            .with_user(self.keeper_of_contacts)
            .create(
                {
                    "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                    "res_id": self.farmer.id,
                    "partner_id": self.farmer.id,
                }
            )
        )

    def test_other_ratings_stay_as_they_are(self):
        rating = self._plain_rating()
        self.env.invalidate_all()
        token = rating.access_token
        self.assertTrue(token)
        partner = self.farmer.with_user(self.keeper_of_contacts)
        partner.rating_apply(3, token=token, feedback="Fine")
        self.assertEqual(rating.rating, 3)
        rating.write({"feedback": "Good"})
        rating.reset()
        self.assertFalse(rating.consumed)
        self.assertIn(
            rating.sudo(),
            self.env["rating.rating"].with_user(self.employee).search([]).sudo(),
        )
        rating.sudo().unlink()

    # ------------------------------------------------------------
    # ALERT
    # ------------------------------------------------------------

    def _alerts(self, visit):
        return visit.sudo().activity_ids.filtered(
            lambda a: a.activity_type_id
            == self.env.ref("aftersales_service.mail_activity_type_aftersales_card")
        )

    def test_bad_marks_reach_the_supervisor_at_once(self):
        visit = self._done()
        self.supervisor.lang = "en_US"
        self._card(visit)._answer_card({**GOOD, "arrival": 1}, words="Two hours late")
        alert = self._alerts(visit)
        self.assertEqual(alert.user_id, self.supervisor)
        self.assertNotIn("late", alert.note, "the crew sees the to-do")
        letter = self.env["mail.message"].search(
            [("partner_ids", "=", self.supervisor.partner_id.id)],
            limit=1,
            order="id desc",
        )
        self.assertIn("Two hours late", letter.body)
        self.assertNotIn(self.technician.partner_id, letter.notified_partner_ids)
        self.assertFalse(letter.model, "not among the messages of the visit")

    def test_threshold_of_the_company(self):
        two = dict.fromkeys(GOOD, 2)
        visit = self._done()
        self._card(visit)._answer_card(two)
        self.assertTrue(self._alerts(visit))
        self.company.aftersales_card_alarm = 1.5
        calm = self._done(technician=self.zhou)
        self._card(calm)._answer_card(two)
        self.assertFalse(self._alerts(calm))
        self.assertFalse(self._card(calm).aftersales_alarm)

    def test_complaint_is_a_todo_once(self):
        visit = self._done()
        self._card(visit)._answer_card(GOOD, words="Bill too high", opinion="complaint")
        self.assertEqual(self._alerts(visit).user_id, self.supervisor)
        self._card(visit).with_user(self.agent).action_complaint()
        self.assertEqual(len(self._alerts(visit)), 1)

    def test_desk_classes_words(self):
        visit = self._done()
        card = self._card(visit).with_user(self.agent)
        with self.assertRaisesRegex(UserError, "Only the desk"):
            card.action_complaint()
        self._card(visit)._answer_card(GOOD, words="Bill too high")
        self.assertFalse(self._alerts(visit))
        with self.assertRaisesRegex(UserError, "Only the desk"):
            card.with_user(self.technician).action_complaint()
        card.action_complaint()
        self.assertEqual(card.aftersales_classified_by_id, self.agent)
        self.assertEqual(len(self._alerts(visit)), 1)

    def test_supervisor_who_was_there_is_not_told(self):
        self.zhou.user_id = self.supervisor
        visit = self._done(technician=self.zhou)
        self._card(visit)._answer_card(dict.fromkeys(GOOD, 1))
        self.assertTrue(self._alerts(visit))
        self.assertNotEqual(self._alerts(visit).user_id, self.supervisor)

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    def test_pivot(self):
        first = self._card(self._done())
        first._answer_card({"attitude": 4, "skill": 2, "arrival": 4, "promise": 4})
        second = self._card(self._done(start=TODAY + timedelta(days=1)))
        second._answer_card({"attitude": 3, "skill": 4, "arrival": 4, "promise": 1})
        self._done(technician=self.zhou)
        report = self.env["aftersales.evaluation.report"].with_user(self.agent)
        domain = [("company_id", "=", self.company.id)]
        items = dict(report._read_group(domain, ["item"], ["level:avg"]))
        self.assertEqual(
            items, {"attitude": 3.5, "skill": 3.0, "arrival": 4.0, "promise": 2.5}
        )
        groups = report._read_group(
            domain,
            ["technician_id"],
            [
                "card_id:count_distinct",
                "answer_id:count_distinct",
                "satisfied:avg",
                "response:avg",
            ],
        )
        rows = {technician.id: figures for technician, *figures in groups}
        self.assertEqual(rows[self.chen.id], [2, 2, 75.0, 100.0])
        self.assertEqual(rows[self.zhou.id][:2], [1, 0])
        with freeze_time(TODAY + timedelta(days=2)):
            [(rate,)] = report._read_group(domain, [], ["response:avg"])
        self.assertAlmostEqual(rate, 200 / 3, 3)
        self.assertEqual(self.farmer.with_user(self.agent).aftersales_card_count, 3)

    def test_lists_open_with_constant_queries(self):
        def count(cards):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            cards.with_user(self.agent).web_read(
                {
                    "aftersales_card_state": {},
                    "aftersales_can_classify": {},
                    "aftersales_visit_date": {},
                    "aftersales_technician_id": {"fields": {"display_name": {}}},
                }
            )
            return self.env.cr.sql_log_count - before

        visits = self._done_before(10)
        visits._create_cards()
        cards = self._card(visits)
        count(cards[:1])
        self.assertEqual(count(cards), count(cards[:1]))

    # ------------------------------------------------------------
    # PERSONS
    # ------------------------------------------------------------

    def test_words_are_erased_with_the_ticket(self):
        visit = self._done()
        card = self._card(visit)
        card._answer_card(GOOD, words="My neighbour Li was there, too")
        visit.ticket_id.sudo().action_close()
        self.env.flush_all()
        models = self.farmer._get_aftersales_person_models()
        self.assertIn("aftersales.dispatch", models)
        self.assertIn("neighbour", visit.sudo().card_words)
        with freeze_time("2030-01-01"):
            self.env["aftersales.erasure"].with_user(self.manager).create(
                {"partner_id": self.farmer.id, "company_id": self.company.id}
            ).action_erase()
        self.env.invalidate_all()
        self.assertNotIn("neighbour", card.feedback)
        self.assertFalse(card.partner_id)
        self.assertEqual(card.rated_on, TODAY)
        self.assertEqual(card.aftersales_attitude, "4", "the marks stay")
