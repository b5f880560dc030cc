from datetime import datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .common import AftersalesCommon

# A Monday.
OPENED = "2026-06-01 00:00:00"
WISH = "2026-06-01 10:00:00"


@tagged("post_install", "-at_install")
class TestEscalation(AftersalesCommon):
    """Proves R09: each step in time, once, to the right people, with a trace."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref("aftersales_service.ir_cron_aftersales_escalation")
        cls.shipped = cls.env["aftersales.escalation"].search([])
        cls.shipped.active = False
        cls.team.supervisor_id = cls.supervisor
        cls.boss = cls._user("boss")
        cls.director = cls._user("director")
        cls._employ(cls.director)
        cls._employ(cls.boss, cls.director)
        cls._employ(cls.supervisor, cls.boss)

    @classmethod
    def _user(cls, login):
        return new_test_user(
            cls.env,
            login=login,
            groups="base.group_user",
            lang="en_US",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            email=f"{login}@example.com",
        )

    @classmethod
    def _employ(cls, user, manager=None):
        return cls.env["hr.employee"].create(
            {
                "name": user.name,
                "user_id": user.id,
                "company_id": cls.company.id,
                "parent_id": manager and manager.employee_id.id,
            }
        )

    def _step(self, **values):
        return self.env["aftersales.escalation"].create(
            {
                "name": "Late",
                "clock": "arrive",
                "audience": "supervisor",
                "company_id": self.company.id,
                **values,
            }
        )

    def _call(self, moment=OPENED, **values):
        """Register a call whose arrival is at risk at 08:00 and broken at 10:00."""
        with freeze_time(moment):
            ticket = self._ticket(
                **{"service_mode": "onsite", "arrive_wish": WISH, **values}
            )
            self.env.flush_all()
            return ticket

    def _run(self, moment):
        with freeze_time(moment), self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()

    def _traces(self, ticket):
        return ticket.escalation_trace_ids.sorted("id")

    def _mails(self, user=None):
        # Not the mails that Odoo sends to whom a ticket is given.
        mails = self.env["mail.mail"].search([("body_html", "ilike", "need you")])
        return mails.filtered(lambda m: not user or user.partner_id in m.recipient_ids)

    # ------------------------------------------------------------
    # WHEN
    # ------------------------------------------------------------

    def test_next_step_in_python_and_in_sql(self):
        """Proves: both computations of the next step agree, for every condition."""
        zone = self.env["aftersales.zone"].create({"name": "Ring 1"})
        team = self.team.create({"name": "Other"})
        calls = {
            "plain": {},
            "urgent": {"priority": "1"},
            "serious": {"severity": "serious"},
            "zone": {"zone_id": zone.id},
            "team": {"team_id": team.id},
            "internal": {"service_kind": "internal"},
            "promised": {"promised_date": "2026-06-02 12:00:00"},
            "later": {"arrive_wish": "2026-06-03 00:00:00"},
            "workshop": {"service_mode": "workshop", "arrive_wish": False},
        }
        tickets = {key: self._call(**vals) for key, vals in calls.items()}
        tickets["waiting"] = self._call()
        with freeze_time("2026-06-01 01:00:00"):
            tickets["waiting"].action_wait("customer")
        tickets["arrived"] = self._call()
        tickets["arrived"]._by_method().arrive_date = "2026-06-01 05:00:00"
        tickets["solved"] = self._call()
        tickets["solved"].action_solve()
        tickets["archived"] = self._call()
        tickets["archived"].active = False
        every = self.env["aftersales.ticket"].union(*tickets.values())
        at = datetime
        cases = [
            ({}, {"plain": at(2026, 6, 1, 10), "later": at(2026, 6, 3)}),
            ({"moment": "warning", "delay": 5}, {"plain": at(2026, 6, 1, 8, 5)}),
            ({"delay": 90}, {"plain": at(2026, 6, 1, 11, 30), "workshop": False}),
            ({"clock": "registered"}, {"workshop": at(2026, 6, 1)}),
            (
                {"clock": "promise", "delay": 60},
                {"plain": False, "promised": at(2026, 6, 2, 13)},
            ),
            ({"priority": "1"}, {"plain": False, "urgent": at(2026, 6, 1, 10)}),
            ({"priority": "2"}, {"urgent": False}),
            ({"severity": "serious"}, {"plain": False, "serious": at(2026, 6, 1, 10)}),
            ({"zone_id": zone.id}, {"plain": False, "zone": at(2026, 6, 1, 10)}),
            ({"team_id": team.id}, {"plain": False, "team": at(2026, 6, 1, 10)}),
            (
                {"service_kind": "internal"},
                {"plain": False, "internal": at(2026, 6, 1, 10)},
            ),
            ({"active": False}, {"plain": False}),
        ]
        for values, expected in cases:
            with self.subTest(values):
                self.env["aftersales.escalation"].search(
                    [("company_id", "=", self.company.id)]
                ).unlink()
                self.assertFalse(any(every.mapped("next_escalation")))
                self._step(**values)
                by_sql = {ticket: ticket.next_escalation for ticket in every}
                self.env.add_to_compute(every._fields["next_escalation"], every)
                self.env.flush_all()
                self.assertEqual(
                    {ticket: ticket.next_escalation for ticket in every}, by_sql
                )
                wanted = {"arrived": False, "solved": False, "archived": False}
                if values.get("clock") in (None, "arrive"):
                    held = tickets["waiting"].arrive_hold
                    wanted.update({"waiting": False} if held else {})
                else:
                    wanted.pop("arrived")
                for key, moment in {**wanted, **expected}.items():
                    self.assertEqual(tickets[key].next_escalation, moment, key)

    def test_held_clock_escalates_nothing(self):
        self._step()
        self.env["aftersales.waiting.rule"].search(
            [("waiting_reason", "=", "customer")]
        ).stops_arrive = True
        ticket = self._call(arrive_wish=False)
        with freeze_time("2026-06-01 00:30:00"):
            ticket.action_wait("customer")
        self._run("2026-06-09 00:00:00")
        self.assertFalse(self._traces(ticket))
        with freeze_time("2026-06-09 00:00:00"):
            ticket.action_resume()
        self._run("2026-06-12 00:00:00")
        self.assertEqual(len(self._traces(ticket)), 1)

    def test_stopped_clock_and_finished_ticket(self):
        self._step()
        self._step(clock="promise")
        ticket = self._call(promised_date="2026-06-01 12:00:00")
        with freeze_time("2026-06-01 05:00:00"):
            ticket._by_method().arrive_date = "2026-06-01 05:00:00"
        self.assertEqual(ticket.next_escalation, datetime(2026, 6, 1, 12))
        ticket.action_solve()
        self.assertFalse(ticket.next_escalation)
        self._run("2026-06-05 00:00:00")
        self.assertFalse(self._traces(ticket))

    def test_registration_and_promise_have_no_warning(self):
        step = self._step(moment="warning")
        step.clock = "promise"
        self.assertEqual(step.moment, "deadline")

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    def test_ladder(self):
        """Proves: warning, breach, then up the organisation chart, each once."""
        self._step(moment="warning", audience="responsible", sequence=1)
        self._step(sequence=2)
        self._step(delay=60, audience="manager", sequence=3)
        self._step(delay=120, audience="manager", sequence=4)
        ticket = self._call(user_id=self.agent.id)
        for moment, told in (
            ("2026-06-01 07:59:00", []),
            ("2026-06-01 08:00:00", [self.agent]),
            ("2026-06-01 09:59:00", [self.agent]),
            ("2026-06-01 10:00:00", [self.agent, self.supervisor]),
            ("2026-06-01 11:00:00", [self.agent, self.supervisor, self.boss]),
            (
                "2026-06-01 12:00:00",
                [self.agent, self.supervisor, self.boss, self.director],
            ),
        ):
            with self.subTest(moment):
                self._run(moment)
                self._run(moment)
                traces = self._traces(ticket)
                self.assertEqual([trace.user_ids for trace in traces], told)
        self.assertFalse(ticket.next_escalation)
        self.assertEqual(ticket.escalation_count, 4)
        self.assertEqual(
            traces.mapped("deadline"),
            [datetime(2026, 6, 1, 8)] + 3 * [datetime(2026, 6, 1, 10)],
        )
        self.assertEqual(set(traces.mapped("outcome")), {"told"})
        self.assertEqual(set(traces.mapped("clock")), {"arrive"})
        for user in (self.agent, self.supervisor, self.boss, self.director):
            self.assertEqual(len(self._mails(user)), 1)
        self.assertEqual(
            sorted(traces.activity_ids.user_id.ids),
            sorted([self.agent.id, self.supervisor.id, self.boss.id, self.director.id]),
        )
        self.assertEqual(len(traces.activity_ids), 4)
        self.assertTrue(ticket.with_user(self.boss).name, "he may open it")

    def test_whole_ladder_after_an_outage(self):
        """Proves: steps that fell due together are taken in their order."""
        self._step(audience="responsible", moment="warning")
        self._step()
        self._step(delay=60, audience="manager")
        ticket = self._call(user_id=self.supervisor.id)
        self._run("2026-06-02 00:00:00")
        self.assertEqual(
            [trace.user_ids for trace in self._traces(ticket)],
            [self.supervisor, self.supervisor, self.boss],
        )
        self.assertEqual(len(self._mails(self.supervisor)), 1, "one mail for both")
        self.assertEqual(
            len(self._traces(ticket)[:2].activity_ids), 1, "one to-do for both"
        )

    def test_nobody_to_tell_is_said_and_the_next_step_goes_on(self):
        self.supervisor.active = False
        self._step(clock="registered", audience="manager", delay=0)
        self._step(moment="warning", audience="users", user_ids=self.supervisor.ids)
        self._step()
        self._step(delay=10, audience="users", user_ids=self.director.ids)
        self._step(delay=20, audience="manager")
        teamless = self._step(delay=30)
        ticket = self._call()
        self._run("2026-06-01 10:25:00")
        self.team.supervisor_id = False
        self._run("2026-06-01 10:30:00")
        self.assertEqual(
            self._traces(ticket).mapped("outcome"),
            [
                "no_predecessor",
                "no_user",
                "no_user",
                "told",
                "no_manager",
                "no_supervisor",
            ],
        )
        self.assertEqual(self._traces(ticket)[-1].step_id, teamless)

    def test_unassigned_ticket_warns_the_supervisor(self):
        self._step(moment="warning", audience="responsible")
        ticket = self._call()
        self._run("2026-06-01 08:00:00")
        self.assertEqual(self._traces(ticket).user_ids, self.supervisor)

    def test_group_of_this_company(self):
        group = self.env.ref("aftersales_service.aftersales_service_group_manager")
        self._step(
            clock="registered", severity="serious", audience="group", group_id=group.id
        )
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self.manager.copy(
            {
                "login": "stranger",
                "company_id": other.id,
                "company_ids": [Command.set(other.ids)],
            }
        )
        ticket = self._call(severity="serious")
        plain = self._call()
        self._run(OPENED)
        told = self._traces(ticket).user_ids
        self.assertIn(self.manager, told)
        self.assertNotIn(stranger, told)
        self.assertFalse(self._traces(plain))

    def test_mail_alone_and_todo_alone(self):
        self._step(by_mail=False)
        self._step(by_activity=False, audience="users", user_ids=self.boss.ids)
        self.director.email = False
        self._step(by_activity=False, audience="users", user_ids=self.director.ids)
        ticket = self._call()
        self._run(WISH)
        self.assertEqual(ticket.activity_ids.user_id, self.supervisor)
        self.assertEqual(self._mails().recipient_ids, self.boss.partner_id)
        self.assertEqual(
            self._traces(ticket).mapped("outcome"), ["told", "told", "no_address"]
        )
        self.assertTrue(ticket.with_user(self.boss).name, "he may open it")

    def test_one_mail_for_many_tickets(self):
        self._step()
        self.supervisor.tz = "Asia/Shanghai"
        tickets = self.env["aftersales.ticket"].union(*(self._call() for _ in range(3)))
        self._run(WISH)
        mail = self._mails(self.supervisor)
        self.assertEqual(len(mail), 1)
        self.assertIn("6:00", mail.body_html, "the time where he is")
        self.assertEqual(mail.state, "outgoing")
        for ticket in tickets:
            self.assertIn(ticket.name, mail.body_html)

    # ------------------------------------------------------------
    # ONCE
    # ------------------------------------------------------------

    def test_reopened_ticket_takes_its_steps_anew(self):
        self._step(clock="registered")
        ticket = self._call()
        self._run(WISH)
        ticket.action_solve()
        self.assertFalse(
            ticket.activity_ids.filtered(lambda a: a.user_id == self.supervisor),
            "nothing left to do",
        )
        ticket.action_reopen("Again")
        self._run(WISH)
        self.assertEqual(self._traces(ticket).mapped("round"), [0, 1])

    def test_todo_ends_with_its_clock(self):
        self._step()
        self._step(clock="registered", audience="users", user_ids=self.boss.ids)
        ticket = self._call()
        self._run(WISH)
        ticket._by_method().arrive_date = "2026-06-01 11:00:00"
        self.env.invalidate_all()
        self.assertEqual(ticket.activity_ids.user_id, self.boss)

    def test_failing_ticket_does_not_stop_the_others(self):
        self._step()
        tickets = [self._call() for _ in range(3)]
        Ticket = type(self.env["aftersales.ticket"])
        original = Ticket._find_audience

        def fail(ticket, *args):
            if ticket.id == tickets[1].id:
                raise ValueError("broken")
            return original(ticket, *args)

        with (
            patch.object(Ticket, "_find_audience", fail),
            self.assertLogs("odoo.addons.aftersales_service", "ERROR"),
        ):
            self._run(WISH)
        self.assertEqual([len(self._traces(t)) for t in tickets], [1, 0, 1])
        self._run(WISH)
        self.assertEqual([len(self._traces(t)) for t in tickets], [1, 1, 1])
        self.assertEqual(len(self._mails(self.supervisor)), 3)

    def test_trace_is_read_only(self):
        self._step()
        ticket = self._call()
        self._run(WISH)
        trace = self._traces(ticket)
        for user in (self.agent, self.manager):
            self.assertTrue(trace.with_user(user).step_id)
            with self.assertRaises(AccessError):
                trace.with_user(user).unlink()
            with self.assertRaises(AccessError):
                trace.with_user(user).outcome = "no_user"
        with self.assertRaises(AccessError):
            trace.with_user(self.technician).read(["outcome"])
        ticket.user_id = self.technician
        self.assertTrue(trace.with_user(self.technician).read(["outcome"]))

    def test_shipped_steps(self):
        self.shipped.active = True
        self.assertEqual(len(self.shipped), 13)
        ticket = self._call(severity="serious", priority="1")
        self._run(OPENED)
        self.assertEqual(
            self._traces(ticket).step_id.mapped("audience"), ["group", "supervisor"]
        )

    # ------------------------------------------------------------
    # COST
    # ------------------------------------------------------------

    def test_cost_follows_the_due(self):
        """Proves: 2,000 open tickets cost the job what 5 cost; only the due are read."""
        self._step()
        due = [self._call() for _ in range(5)]
        with freeze_time(OPENED):
            self._insert_copies(due[0], 2000)
        self.env.cr.execute("ANALYZE aftersales_ticket")
        with freeze_time(WISH):
            self.env["aftersales.ticket"].search(
                [("next_escalation", "<=", "2026-06-01 10:00:00")]
            ).mapped("name")
            plan = self._explain()
            begin = self.env.cr.sql_log_count
            self.env["aftersales.ticket"].search(
                self.env["aftersales.ticket"]._get_due_escalation_domain()
            )._escalate()
            self.env.flush_all()
        self.assertIn("next_escalation_idx", plan)
        self.assertLess(self.env.cr.sql_log_count - begin, 60)
        self.assertEqual([len(ticket.escalation_trace_ids) for ticket in due], [1] * 5)

    def _insert_copies(self, ticket, count):
        """Insert open tickets that are due a year later."""
        cr = self.env.cr
        cr.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_name = 'aftersales_ticket' "
            "AND column_name NOT IN ('id', 'name', 'next_escalation')"
        )
        columns = SQL(", ").join(SQL.identifier(name) for [name] in cr.fetchall())
        cr.execute(
            SQL(
                "INSERT INTO aftersales_ticket (name, next_escalation, %s) "
                "SELECT 'copy' || n, '2027-06-01', %s "
                "FROM aftersales_ticket, generate_series(1, %s) n WHERE id = %s",
                columns,
                columns,
                count,
                ticket.id,
            )
        )

    def _explain(self):
        Ticket = self.env["aftersales.ticket"]
        query = Ticket._search(
            Ticket._get_due_escalation_domain(), order="next_escalation, id", limit=100
        )
        self.env.cr.execute(SQL("EXPLAIN %s", query.select()))
        return "\n".join(line for [line] in self.env.cr.fetchall())

    def test_refresh_is_one_statement(self):
        ticket = self._call()
        step = self._step()
        self.env.flush_all()
        with self.assertQueryCount(3):
            step.delay = 30
            self.env.flush_all()
        self.assertEqual(ticket.next_escalation, datetime(2026, 6, 1, 10, 30))
