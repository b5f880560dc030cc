from contextlib import contextmanager
from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .clock_common import ClockCommon, local

STATES = ("respond_state", "arrive_state", "solve_state", "sla_state")


@tagged("post_install", "-at_install")
class TestClock(ClockCommon):
    """R03, R04: each promise has its start, its end, its pauses, and stays broken."""

    @contextmanager
    def _at(self, text):
        """Freeze a moment of Shanghai; what is computed then is computed there."""
        self.env.invalidate_all()
        with freeze_time(local(text)):
            yield
            self.env.flush_all()

    def _states(self, ticket, moment):
        with self._at(moment):
            return tuple(ticket[name] for name in STATES)

    def _monday_call(self, moment="2026-05-04 09:00", **vals):
        with self._at(moment):
            ticket = self._call(**vals)
        return ticket

    # ------------------------------------------------------------
    # DEADLINES
    # ------------------------------------------------------------

    def test_deadlines_of_a_call(self):
        """Working time over noon, night, weekend and a holiday, per clock."""
        self._close_on("2026-05-05")
        table = [
            # call, answer, arrival, solution
            ("2026-05-04 09:00", "2026-05-04 09:30", "2026-05-04 16:00", "2026-05-07 09:00"),
            ("2026-05-04 16:50", "2026-05-06 08:20", "2026-05-06 14:50", "2026-05-07 16:50"),
            ("2026-05-08 18:30", "2026-05-11 08:30", "2026-05-11 15:00", "2026-05-12 17:00"),
            ("2026-05-10 12:00", "2026-05-11 08:30", "2026-05-11 15:00", "2026-05-12 17:00"),
        ]  # fmt: skip
        for call, *promised in table:
            with self.subTest(call):
                ticket = self._monday_call(call)
                self.assertEqual(
                    [
                        ticket.respond_deadline,
                        ticket.arrive_deadline,
                        ticket.solve_deadline,
                    ],
                    [local(moment) for moment in promised],
                )

    def test_states_are_true_the_moment_they_are(self):
        """Nobody writes anything, no job runs: only time passes."""
        ticket = self._monday_call()
        Ticket = self.env["aftersales.ticket"]
        table = [
            ("2026-05-04 09:10", ("on_track",) * 4),
            ("2026-05-04 09:24", ("warning", "on_track", "on_track", "warning")),
            ("2026-05-04 09:30", ("warning", "on_track", "on_track", "warning")),
            ("2026-05-04 09:31", ("late", "on_track", "on_track", "late")),
            ("2026-05-06 10:00", ("late", "late", "late", "late")),
        ]
        for moment, states in table:
            with self.subTest(moment):
                self.assertEqual(self._states(ticket, moment), states)
                with self._at(moment):
                    for name, state in zip(STATES, states, strict=True):
                        self.assertEqual(Ticket.search([(name, "=", state)]), ticket)
                        others = {"late", "on_track", "warning"} - {state}
                        self.assertFalse(Ticket.search([(name, "in", list(others))]))
                        groups = Ticket._read_group(
                            [("id", "=", ticket.id)], [name], ["__count"]
                        )
                        self.assertEqual(groups, [(state, 1)])

    def test_search_and_python_agree(self):
        """Every way a clock may stand gives the same word in SQL and in Python."""
        moment = "2026-05-05 10:10"
        tickets = self.env["aftersales.ticket"]
        for call in (
            "2026-05-04 09:00",
            "2026-05-05 08:00",
            "2026-05-05 09:45",
            "2026-05-05 09:49",
        ):
            for step in ("none", "open", "wait", "solve", "cancel", "reopen"):
                ticket = self._monday_call(call)
                tickets |= ticket
                with self._at("2026-05-05 09:50"):
                    if step in ("open", "wait"):
                        ticket.action_open()
                    if step == "wait":
                        ticket.action_wait("customer")
                    if step in ("solve", "reopen"):
                        ticket.action_solve()
                    if step == "reopen":
                        ticket.action_reopen()
                    if step == "cancel":
                        ticket.action_cancel("No longer needed")
        tickets |= self._monday_call("2026-05-05 09:00", service_kind="internal")
        with self._at(moment):
            for name in STATES:
                for state in ("on_track", "warning", "late", "met", "missed", False):
                    found = tickets.search(
                        [("id", "in", tickets.ids), (name, "=", state)]
                    )
                    alike = tickets.filtered(lambda t, n=name, s=state: t[n] == s)
                    self.assertEqual(
                        found, alike.sorted("id", reverse=True), (name, state)
                    )
            self.assertEqual(
                set(tickets.mapped("sla_state")),
                {"on_track", "warning", "late", "met", "missed", False},
            )

    def test_steps_stop_the_clocks(self):
        ticket = self._monday_call(service_mode="onsite")
        with self._at("2026-05-04 09:20"):
            ticket.with_user(self.agent).action_open()
        self.assertEqual(ticket.respond_date, local("2026-05-04 09:20"))
        with self._at("2026-05-04 16:30"):
            ticket.with_user(self.agent).action_arrive()
        self.assertEqual(ticket.arrive_date, local("2026-05-04 16:30"))
        with self._at("2026-05-05 09:00"):
            ticket.with_user(self.agent).action_solve()
        self.assertEqual(
            self._states(ticket, "2026-06-01 09:00"),
            ("met", "missed", "met", "missed"),
        )

    def test_a_letter_to_the_customer_is_an_answer(self):
        """A real reply stops the clock; notes and the system's own mails do not."""
        ticket = self._monday_call()
        with self._at("2026-05-04 09:10"):
            as_agent = ticket.with_user(self.agent)
            as_agent.message_post(body="Note", subtype_xmlid="mail.mt_note")
            self.assertFalse(ticket.respond_date)
            ticket.message_post(
                body="We have it",
                subtype_xmlid="mail.mt_comment",
                message_type="auto_comment",
            )
            ticket.message_post(
                body="Hurry",
                subtype_xmlid="mail.mt_comment",
                message_type="comment",
                author_id=self.farmer.id,
            )
            self.assertFalse(ticket.respond_date)
            as_agent.message_post(
                body="Hello", subtype_xmlid="mail.mt_comment", message_type="comment"
            )
        self.assertEqual(ticket.respond_date, local("2026-05-04 09:10"))

    def test_called_back(self):
        ticket = self._monday_call()
        with self._at("2026-05-04 09:10"):
            ticket.with_user(self.agent).action_respond("Will send somebody")
        self.assertEqual(ticket.respond_date, local("2026-05-04 09:10"))
        self.assertEqual(ticket.state, "new")
        with self.assertRaisesRegex(UserError, "answered"):
            ticket.with_user(self.agent).action_respond()

    def test_time_wished_by_the_customer(self):
        """His own time goes before the zone, at night and on Sundays too."""
        ticket = self._monday_call(arrive_wish=local("2026-05-10 19:00"))
        self.assertEqual(ticket.arrive_deadline, local("2026-05-10 19:00"))
        with self.assertRaisesRegex(ValidationError, "before his call"):
            ticket.arrive_wish = local("2026-05-01 19:00")
        with self.assertRaisesRegex(ValidationError, "before the call"):
            ticket.promised_date = local("2026-05-01 19:00")

    def test_nobody_travels(self):
        """No arrival is promised for the workshop, for online help, or inside."""
        for vals in (
            {"service_mode": "workshop"},
            {"service_mode": "online"},
            {"service_kind": "internal"},
        ):
            self.assertFalse(self._monday_call(**vals).arrive_deadline, vals)

    def test_starts(self):
        """Arrival counted from the answer, solution from the arrival."""
        self.promise.write({"arrive_start": "responded", "solve_start": "arrived"})
        ticket = self._monday_call()
        self.assertFalse(ticket.arrive_deadline or ticket.solve_deadline)
        with self._at("2026-05-04 10:00"):
            ticket.with_user(self.agent).action_respond()
        self.assertEqual(ticket.arrive_deadline, local("2026-05-04 17:00"))
        with self._at("2026-05-04 15:00"):
            ticket.with_user(self.agent).action_arrive()
        self.assertEqual(ticket.solve_deadline, local("2026-05-06 15:00"))

    # ------------------------------------------------------------
    # PAUSES
    # ------------------------------------------------------------

    def test_only_some_reasons_stop_a_clock(self):
        table = [
            # reason, arrival held, solution held
            ("customer", True, True),
            ("parts", False, True),
            ("supplier", False, True),
            ("other", False, False),
        ]
        for reason, arrive, solve in table:
            ticket = self._monday_call()
            with self.subTest(reason), self._at("2026-05-04 10:00"):
                ticket.action_wait(reason)
                self.assertEqual(bool(ticket.arrive_hold), arrive)
                self.assertEqual(bool(ticket.solve_hold), solve)
                self.assertEqual(ticket.pause_ids.reason, reason)
            late = "on_track" if arrive else "late"
            self.assertEqual(self._states(ticket, "2026-05-11 10:00")[1], late)

    def test_pause_over_a_holiday(self):
        """The deadline moves by the working time of the pause alone."""
        self._close_on("2026-05-05")
        ticket = self._monday_call()
        with self._at("2026-05-04 14:00"):
            ticket.action_wait("customer")
        with self._at("2026-05-06 10:00"):
            self.assertEqual(ticket.sla_state, "late")  # nobody has answered
            ticket.action_resume()
        pause = ticket.pause_ids
        self.assertEqual(pause.date_start, local("2026-05-04 14:00"))
        self.assertEqual(pause.date_end, local("2026-05-06 10:00"))
        # Three hours of Monday and two of Wednesday.
        self.assertEqual(ticket.arrive_deadline, local("2026-05-06 12:00"))
        self.assertFalse(ticket.arrive_hold)

    def test_changing_what_it_waits_for(self):
        ticket = self._monday_call()
        with self._at("2026-05-04 10:00"):
            ticket.action_wait("customer")
        with self._at("2026-05-04 11:00"):
            ticket.waiting_reason = "other"
            self.assertFalse(ticket.solve_hold)
        self.assertEqual(ticket.pause_ids.mapped("reason"), ["customer", "other"])
        self.assertEqual(ticket.arrive_deadline, local("2026-05-04 17:00"))

    def test_a_late_ticket_that_waits_stays_late(self):
        ticket = self._monday_call()
        with self._at("2026-05-05 09:00"):
            ticket.action_wait("customer")
        self.assertEqual(self._states(ticket, "2026-05-05 09:10")[1], "late")
        with self._at("2026-05-07 09:00"):
            ticket.action_resume()
            ticket.with_user(self.agent).action_arrive()
        self.assertEqual(self._states(ticket, "2026-05-07 09:10")[1], "missed")

    def test_reopening_goes_on_with_what_is_left(self):
        """The time it was finished does not count; the first time stays noted."""
        ticket = self._monday_call()
        with self._at("2026-05-04 16:00"):
            ticket.action_solve()  # after 6 of 16 hours
        self.assertEqual(self._states(ticket, "2026-05-20 09:00")[2], "met")
        with self._at("2026-05-06 09:00"):
            ticket.action_reopen("Leaks again")
        self.assertEqual(ticket.solve_date, local("2026-05-04 16:00"))
        self.assertFalse(ticket.done_date)
        self.assertEqual(ticket.solve_deadline, local("2026-05-07 11:00"))
        self.assertFalse(ticket.solve_missed)
        with self._at("2026-05-08 09:00"):
            self.assertEqual(ticket.solve_state, "late")
            ticket.action_solve()
        self.assertEqual(self._states(ticket, "2026-05-20 09:00")[2], "missed")

    def test_a_cancelled_ticket_promises_nothing(self):
        ticket = self._monday_call()
        with self._at("2026-05-04 10:00"):
            ticket.action_cancel("Sold it")
        self.assertFalse(any(self._states(ticket, "2026-05-20 09:00")))
        with self._at("2026-05-06 10:00"):
            ticket.action_reopen("Bought it back")
        self.assertEqual(ticket.arrive_deadline, local("2026-05-06 16:00"))

    # ------------------------------------------------------------
    # CHANGES ON THE WAY
    # ------------------------------------------------------------

    def test_raised_priority_counts_from_the_call(self):
        """Recomputed from the original start; used time and pauses are kept."""
        self.env["aftersales.sla"].create(
            {"name": "Urgent", "priority": "1", "arrive_hours": 3}
        )
        ticket = self._monday_call()
        with self._at("2026-05-04 10:00"):
            ticket.action_wait("customer")
        with self._at("2026-05-04 11:00"):
            ticket.action_resume()
            ticket.priority = "1"
        # 9:00 and three hours, one paused, noon between.
        self.assertEqual(ticket.arrive_deadline, local("2026-05-04 14:00"))
        self.assertEqual(ticket.respond_deadline, local("2026-05-04 09:30"))
        with self._at("2026-05-04 15:00"):
            self.assertEqual(ticket.arrive_state, "late")
            ticket.priority = "0"
        self.assertEqual(ticket.arrive_deadline, local("2026-05-04 17:00"))
        self.assertEqual(ticket.arrive_missed, local("2026-05-04 14:00"))
        self.assertEqual(self._states(ticket, "2026-05-04 15:30")[1], "late")

    def test_a_changed_rule_changes_no_promise_given(self):
        ticket = self._monday_call()
        self.promise.arrive_hours = 1
        with self._at("2026-05-04 10:00"):
            ticket.action_wait("customer")
        with self._at("2026-05-04 11:00"):
            ticket.action_resume()
        self.assertEqual(ticket.arrive_deadline, local("2026-05-04 17:00"))
        self.promise.unlink()
        with self._at("2026-05-04 11:30"):
            ticket.action_wait("other")
        self.assertEqual(ticket.arrive_deadline, local("2026-05-04 17:00"))
        self.assertIn("6 h of working time", ticket.promise_text)

    def test_an_arrival_noted_late_was_in_time(self):
        """The technician writes at noon that he came at ten."""
        ticket = self._monday_call(service_mode="onsite")
        with self._at("2026-05-05 12:00"):
            ticket.priority = "2"  # asked after the deadline has passed
            ticket.with_user(self.agent).action_arrive(local("2026-05-04 15:30"))
        self.assertEqual(self._states(ticket, "2026-05-06 09:00")[1], "met")
        with self.assertRaisesRegex(UserError, "before the call|future"):
            self._monday_call(service_mode="onsite").action_arrive(
                local("2026-05-01 10:00")
            )

    # ------------------------------------------------------------
    # ROWS AND CALENDARS
    # ------------------------------------------------------------

    def test_the_row_that_names_most(self):
        Sla, Zone = self.env["aftersales.sla"], self.env["aftersales.zone"]
        zone = Zone.create({"name": "Town", "arrive_hours": 4, "zip_prefixes": "150"})
        far = Zone.create({"name": "Far", "zip_prefixes": "15008"})
        rows = {
            "kind": Sla.create(
                {"name": "K", "service_kind": "contract", "arrive_hours": 5}
            ),
            "priority": Sla.create({"name": "P", "priority": "2", "arrive_hours": 1}),
            "both": Sla.create(
                {
                    "name": "B",
                    "zone_id": zone.id,
                    "service_kind": "contract",
                    "arrive_hours": 2,
                }
            ),
            "answer": Sla.create(
                {"name": "A", "contact": "written", "respond_minutes": 60}
            ),
        }
        table = [
            # zone, kind, priority, channel, hours of arrival, minutes of answer
            (zone, "paid", "0", "phone", 4, 30),
            (far, "paid", "0", "email", 6, 60),
            (far, "contract", "0", "phone", 5, 30),
            (zone, "contract", "0", "phone", 2, 30),
            (zone, "paid", "2", "phone", 1, 30),
        ]
        for place, kind, priority, channel, hours, minutes in table:
            with self.subTest(f"{place.name} {kind} {priority} {channel}"):
                ticket = self._monday_call(
                    zone_id=place.id,
                    service_kind=kind,
                    priority=priority,
                    channel=channel,
                )
                terms = ticket.clock_terms
                self.assertEqual(terms["arrive"]["seconds"], hours * 3600)
                self.assertEqual(terms["respond"]["seconds"], minutes * 60)
        self.assertTrue(all(rows.values()))

    def test_zone_of_an_address(self):
        """The most specific one: zip before city before state before country."""
        Zone = self.env["aftersales.zone"]
        china = self.env.ref("base.cn")
        state = self.env["res.country.state"].search(
            [("country_id", "=", china.id)], limit=1
        )
        zones = {
            name: Zone.create({"name": name, **vals})
            for name, vals in {
                "country": {"country_id": china.id},
                "state": {"state_id": state.id},
                "city": {"city": "哈尔滨, Qiqihar", "state_id": state.id},
                "zip": {"zip_prefixes": "150, 151"},
                "street": {"zip_prefixes": "15008"},
            }.items()
        }
        table = [
            ({"zip": "150080", "city": "哈尔滨市"}, "street"),
            ({"zip": "15 0-001"}, "zip"),
            ({"zip": "999", "city": "哈尔滨市"}, "city"),
            ({"city": "QIQIHAR", "state_id": state.id}, "city"),
            ({"state_id": state.id}, "state"),
            ({"country_id": china.id}, "country"),
            ({"country_id": self.env.ref("base.fr").id}, None),
        ]
        for address, name in table:
            with self.subTest(address):
                site = self.env["res.partner"].create(
                    {"name": "Site", "lang": "en_US", **address}
                )
                ticket = self._call(partner_id=site.id)
                self.assertEqual(ticket.zone_id.name or None, name)
        with self.assertRaisesRegex(ValidationError, "zip codes"):
            zones["zip"].zip_prefixes = " , - "

    def test_calendars_without_hours(self):
        """A sane fallback, never a crash: the next calendar, else nine to five."""
        empty = self.env["resource.calendar"].create(
            {"name": "Empty", "company_id": self.company.id, "attendance_ids": False}
        )
        empty.attendance_ids.unlink()
        self.team.calendar_id = empty
        self.assertEqual(
            self._monday_call().respond_deadline, local("2026-05-04 09:30")
        )
        self.company.resource_calendar_id = empty
        self.env.flush_all()
        ticket = self._monday_call("2026-05-04 16:50")
        self.assertEqual(ticket.respond_deadline, local("2026-05-05 09:20"))

    def test_daylight_saving(self):
        """Hours of the calendar are those of the wall, on both days of the year."""
        from zoneinfo import ZoneInfo

        berlin = ZoneInfo("Europe/Berlin")
        self.calendar.tz = "Europe/Berlin"
        for call, end in (
            ("2026-03-27 16:30", "2026-03-30 08:30"),
            ("2026-10-23 16:30", "2026-10-26 08:30"),
        ):
            self.promise.respond_minutes = 60
            with freeze_time(local(call, berlin)):
                ticket = self._call()
                self.env.flush_all()
            self.assertEqual(ticket.respond_deadline, local(end, berlin))
        self.promise.write({"respond_clock": "calendar", "respond_minutes": 24 * 60})
        with freeze_time(local("2026-03-28 12:00", berlin)):
            ticket = self._call()
            self.env.flush_all()
        # A day round the clock has 24 hours, also when the wall shows 25.
        self.assertEqual(ticket.respond_deadline, local("2026-03-29 13:00", berlin))

    def test_deadlines_are_nobodys_to_type(self):
        ticket = self._monday_call()
        for vals in (
            {"respond_deadline": "2026-12-31 00:00:00"},
            {"solve_missed": False},
            {"clock_terms": {}},
            {"arrive_date": "2026-05-04 00:00:00"},
        ):
            with self.assertRaises(UserError):
                ticket.with_user(self.manager).write(vals)
        with self.assertRaises(UserError):
            self._call(solve_deadline="2026-12-31 00:00:00")

    # ------------------------------------------------------------
    # COST
    # ------------------------------------------------------------

    def test_cost_of_clocks_in_a_batch(self):
        """Fifty tickets are promised, paused and solved at the cost of one."""

        def walk(count):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with freeze_time(local("2026-05-04 09:00")):
                tickets = self.env["aftersales.ticket"].create(
                    [
                        {"symptom": "S", "partner_id": self.farmer.id}
                        for _index in range(count)
                    ]
                )
                self.env.flush_all()
            created = self.env.cr.sql_log_count
            with freeze_time(local("2026-05-04 10:00")):
                tickets.action_wait("parts")
                self.env.flush_all()
            waiting = self.env.cr.sql_log_count
            with freeze_time(local("2026-05-04 12:00")):
                tickets.action_solve()
                self.env.flush_all()
            solved = self.env.cr.sql_log_count
            self.assertEqual(
                tickets[-1].pause_ids.date_end - tickets[-1].pause_ids.date_start,
                timedelta(hours=2),
            )
            return created - before, waiting - created, solved - waiting

        walk(1)
        one, fifty = walk(1), walk(50)
        for few, many in zip(one, fifty, strict=True):
            self.assertLessEqual(many, few + 6)
        self.assertLessEqual(fifty[0], 40)
