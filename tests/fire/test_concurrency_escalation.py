"""Two processes that escalate the same tickets at once, on real connections."""

from contextlib import closing, contextmanager
from datetime import timedelta
from unittest.mock import patch

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID, api, fields
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestEscalationConcurrency(BaseCase):
    """Proves: each step is taken once, however many processes run the job."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self._clean_up)
        with self._transaction() as env:
            user = env["res.users"].create(
                {
                    "name": "Two Watchmen",
                    "login": "two-watchmen",
                    "email": "two.watchmen@example.com",
                }
            )
            team = env["aftersales.team"].create({"name": "Two Watchmen"})
            step = env["aftersales.escalation"].create(
                {
                    "name": "Two Watchmen",
                    "clock": "promise",
                    "audience": "users",
                    "user_ids": [fields.Command.set(user.ids)],
                    "team_id": team.id,
                }
            )
            now = fields.Datetime.now()
            tickets = env["aftersales.ticket"].create(
                [
                    {
                        "symptom": "Two Watchmen",
                        "partner_name": "Two Watchmen",
                        "team_id": team.id,
                        "date_open": now - timedelta(minutes=2),
                        "promised_date": now - timedelta(minutes=1),
                    }
                    for _number in range(3)
                ]
            )
            self.step_id, self.team_id, self.user_id = step.id, team.id, user.id
            self.ticket_ids = tickets.ids

    def _clean_up(self):
        with self._transaction() as env:
            self._get_mails(env).unlink()
            env["aftersales.ticket"].browse(self.ticket_ids).unlink()
            env["aftersales.escalation"].browse(self.step_id).unlink()
            env["aftersales.team"].browse(self.team_id).unlink()
            user = env["res.users"].browse(self.user_id)
            partner = user.partner_id
            user.unlink()
            partner.unlink()

    def _get_mails(self, env):
        user = env["res.users"].browse(self.user_id)
        return env["mail.mail"].search([("recipient_ids", "in", user.partner_id.ids)])

    @contextmanager
    def _transaction(self):
        """Open a real connection of its own, as another worker would."""
        with closing(db_connect(get_db_name()).cursor()) as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            yield env
            env.flush_all()
            # The other transaction has to see what this one did.
            cr.commit()  # pylint: disable=invalid-commit

    def _run(self, env):
        """Run the job for the tickets of this test; others are not its business."""
        Ticket = env["aftersales.ticket"]
        due = Ticket._get_due_escalation_domain() & fields.Domain(
            "id", "in", self.ticket_ids
        )
        found = Ticket.search(due)
        found.try_lock_for_update(allow_referencing=True)._escalate_safely()
        env.flush_all()

    def _count(self):
        """Return how many traces, mails and to-dos there are of the step."""
        with self._transaction() as env:
            traces = env["aftersales.escalation.trace"].search(
                [("step_id", "=", self.step_id)]
            )
            return len(traces), len(self._get_mails(env)), len(traces.activity_ids)

    def test_second_skips_what_the_first_has_in_hand(self):
        with self._transaction() as first, self._transaction() as second:
            self._run(first)
            self._run(second)
        self.assertEqual(self._count(), (3, 1, 3))
        with self._transaction() as third:
            self._run(third)
        self.assertEqual(self._count(), (3, 1, 3))

    def test_second_that_looked_before_starts_again(self):
        with self._transaction() as second:
            # It saw the database before the first one was through.
            second["aftersales.ticket"].browse(self.ticket_ids).mapped("name")
            with self._transaction() as first:
                self._run(first)
            with self.assertRaises(OperationalError), mute_logger("odoo.sql_db"):
                self._run(second)
            second.cr.rollback()
            second.invalidate_all(flush=False)
        self.assertEqual(self._count(), (3, 1, 3))

    def test_killed_in_the_middle_tells_nobody(self):
        with closing(db_connect(get_db_name()).cursor()) as cr:
            self._run(api.Environment(cr, SUPERUSER_ID, {}))
        self.assertEqual(self._count(), (0, 0, 0))
        with self._transaction() as env:
            self._run(env)
        self.assertEqual(self._count(), (3, 1, 3))

    def test_evening_report_once(self):
        """Proves: two processes that end the day at once send one report."""

        def end_day(env):
            report = env["aftersales.evening.report"]
            with (
                patch.object(
                    type(env.company), "_aftersales_works_on", lambda *_: True
                ),
                patch.object(type(report), "_ask_for_explanations", lambda *_: False),
            ):
                report._end_day(env.company)
            env.flush_all()

        def count():
            with self._transaction() as env:
                return len(self._get_mails(env))

        settings = ("evening_hour", "sales_director_id", "evening_day")
        names = [f"aftersales_{name}" for name in settings]
        with self._transaction() as env:
            [kept] = env.company.read(names, load=False)
            env.company.write(dict(zip(names, (0, self.user_id, False), strict=True)))
        try:
            with self._transaction() as first, self._transaction() as second:
                end_day(first)
                end_day(second)
            self.assertEqual(count(), 1)
            with self._transaction() as third:
                end_day(third)
            self.assertEqual(count(), 1)
        finally:
            with self._transaction() as env:
                env.company.write({name: kept[name] for name in names})
