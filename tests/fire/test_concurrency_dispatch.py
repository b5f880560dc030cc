"""Two dispatchers who send the same technician at the same moment."""

import threading
from contextlib import closing, contextmanager
from datetime import timedelta

from odoo import SUPERUSER_ID, Command, api, fields
from odoo.exceptions import UserError
from odoo.service.model import retrying
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, new_test_user, tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestDispatchConcurrency(BaseCase):
    """Proves: one visit has him, the other dispatcher reads which, on real
    connections."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self._clean_up)
        with self._transaction() as env:
            group = "aftersales_service.aftersales_service_group_agent"
            self.agents = [
                new_test_user(env, login=login, groups=f"base.group_user,{group}").id
                for login in ("send_one", "send_two")
            ]
            self.partners = env["res.users"].browse(self.agents).partner_id.ids
            self.calendar = (
                env["resource.calendar"]
                .create(
                    {
                        "name": "Every hour",
                        "attendance_ids": [
                            Command.create(
                                {
                                    "name": "Work",
                                    "dayofweek": str(day),
                                    "hour_from": 0,
                                    "hour_to": 24,
                                }
                            )
                            for day in range(7)
                        ],
                    }
                )
                .id
            )
            employee = env["hr.employee"].create(
                {
                    "name": "Wanted by Two",
                    "aftersales_technician": True,
                    "resource_calendar_id": self.calendar,
                }
            )
            self.employee = employee.id
            self.partners += employee.work_contact_id.ids
            tickets = env["aftersales.ticket"].create(
                [
                    {"symptom": "Leaks", "partner_name": "Two at Once"}
                    for _number in range(2)
                ]
            )
            self.tickets = tickets.ids
            start = fields.Datetime.now() + timedelta(days=1)
            self.visits = (
                env["aftersales.dispatch"]
                .create(
                    [
                        {
                            "ticket_id": ticket.id,
                            "technician_id": employee.id,
                            "date_start": start + timedelta(minutes=minutes),
                            "date_end": start + timedelta(minutes=minutes + 90),
                        }
                        for ticket, minutes in zip(tickets, (0, 45), strict=True)
                    ]
                )
                .ids
            )

    def _clean_up(self):
        with self._transaction() as env:
            visits = env["aftersales.dispatch"].browse(self.visits)
            visits.slot_ids.unlink()
            visits._by_method().write({"assign_date": False, "state": "draft"})
            visits.unlink()
            tickets = env["aftersales.ticket"].browse(self.tickets)
            tickets._by_method().write({"state": "new"})
            tickets.unlink()
            employee = env["hr.employee"].browse(self.employee)
            resource = employee.resource_id
            employee.unlink()
            resource.unlink()
            env["resource.calendar"].browse(self.calendar).unlink()
            env["res.users"].browse(self.agents).unlink()
            env["res.partner"].browse(self.partners).unlink()

    @contextmanager
    def _transaction(self, uid=SUPERUSER_ID):
        """Open a real connection of its own, as another worker would."""
        with closing(db_connect(get_db_name()).cursor()) as cr:
            env = api.Environment(cr, uid, {"lang": "en_US"})
            yield env
            env.flush_all()
            # The other transaction has to see what this one did.
            cr.commit()  # pylint: disable=invalid-commit

    def _meanwhile(self, act):
        """Let the second dispatcher act in a thread until he meets the first one."""
        pid, started, answers = [], threading.Event(), []

        def run():
            with closing(db_connect(get_db_name()).cursor()) as cr:
                env = api.Environment(cr, self.agents[1], {"lang": "en_US"})
                pid.append(cr.connection.info.backend_pid)
                started.set()
                try:
                    with mute_logger("odoo.sql_db"):
                        retrying(lambda: act(env), env)
                except UserError as error:
                    answers.append(str(error))

        thread = threading.Thread(target=run)
        thread.start()
        started.wait(10)
        with closing(db_connect(get_db_name()).cursor()) as cr:
            for _attempt in range(2000):
                cr.execute("SELECT cardinality(pg_blocking_pids(%s))", [pid[0]])
                if cr.fetchone()[0] or not thread.is_alive():
                    return thread, answers
                cr.execute("SELECT pg_sleep(0.005)")
        self.fail("the second transaction never met the first one")

    def test_one_wins_the_other_reads_why(self):
        def assign(env):
            env["aftersales.dispatch"].browse(self.visits[1]).action_assign()
            env.flush_all()

        with self._transaction(self.agents[0]) as env:
            first = env["aftersales.dispatch"].browse(self.visits[0])
            first.action_assign()
            env.flush_all()
            thread, answers = self._meanwhile(assign)
        thread.join(60)
        self.assertFalse(thread.is_alive())
        self.assertEqual(len(answers), 1)
        self.assertRegex(
            answers[0], "Wanted by Two|another visit at that time", "a readable refusal"
        )
        with self._transaction() as env:
            visits = env["aftersales.dispatch"].browse(self.visits)
            self.assertEqual(visits.mapped("state"), ["assigned", "draft"])
            self.assertEqual(len(visits.slot_ids), 1)
