from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestTicket(AftersalesCommon):
    """Proves R01, R02, R75, R87: every call is registered and brought to its end."""

    def _agent_ticket(self, **values):
        return self._ticket(**values).with_user(self.agent)

    # ------------------------------------------------------------
    # REGISTER
    # ------------------------------------------------------------

    def test_unit_fills_the_rest(self):
        unit = self._sold_unit("T1", partner=self.dealer, ship_to=self.farmer)
        form = Form(self.env["aftersales.ticket"].with_user(self.agent))
        form.equipment_id = unit.with_user(self.agent)
        form.symptom = "Feeder chain blocked"
        ticket = form.save()
        self.assertEqual(ticket.partner_id, self.farmer)
        self.assertEqual(ticket.site_id, self.farmer)
        self.assertEqual(ticket.product_id, self.harvester)
        self.assertEqual(ticket.sudo().lot_id, unit.lot_id)
        self.assertEqual(ticket.sudo().sale_order_id, unit.sale_order_id)
        self.assertEqual(ticket.order_ref, unit.order_ref)
        self.assertEqual(ticket.partner_phone, self.farmer.phone)
        self.assertEqual(ticket.dealer_id, self.dealer)
        self.assertEqual(ticket.team_id, self.team)
        self.assertEqual(ticket.state, "new")
        self.assertTrue(ticket.name.startswith("ST/"))

    def test_unknown_caller(self):
        ticket = self._agent_ticket(partner_id=False, partner_phone="13912345678")
        self.assertFalse(ticket.partner_id)
        found = self.env["aftersales.ticket"].search(
            [("phone_mobile_search", "ilike", "139 1234 5678")]
        )
        self.assertEqual(found, ticket.with_user(self.env.user))

    def test_nobody_to_answer(self):
        with self.assertRaisesRegex(ValidationError, "who called"):
            self._ticket(partner_id=False)
        self._ticket(partner_id=False, service_kind="internal")

    def test_open_tickets_of_the_unit_are_shown(self):
        unit = self._sold_unit("T2")
        first = self._agent_ticket(equipment_id=unit.id)
        form = Form(self.env["aftersales.ticket"].with_user(self.agent))
        form.equipment_id = unit.with_user(self.agent)
        self.assertEqual(form.similar_ids.ids, first.ids)
        first.action_solve()
        second = self._agent_ticket(equipment_id=unit.id)
        self.assertFalse(second.similar_ids)

    def test_numbers_in_one_batch_are_consecutive(self):
        tickets = self.env["aftersales.ticket"].create(
            [{"symptom": "S", "partner_id": self.farmer.id} for _index in range(3)]
        )
        numbers = [int(ticket.name.rsplit("/", 1)[1]) for ticket in tickets]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 3)))

    def test_imported_number_is_kept_and_unique(self):
        ticket = self._agent_ticket(name="OLD-77")
        self.assertEqual(ticket.name, "OLD-77")
        with self.assertRaisesRegex(UserError, "OLD-77"):
            self._ticket(name="OLD-77")

    def test_imported_day_of_the_call(self):
        """The old register knows when the call came; nobody knows the future."""
        with freeze_time("2026-05-04 08:00:00"):
            ticket = self._agent_ticket(date_open="2026-05-01 09:30:00")
            self.assertEqual(ticket.date_open, datetime(2026, 5, 1, 9, 30))
            self.assertEqual(ticket.age, 2)
            with self.assertRaisesRegex(ValidationError, "future"):
                self._agent_ticket(date_open="2026-05-05 08:00:00")

    def test_imported_open_tickets(self):
        waiting = self._agent_ticket(state="waiting", waiting_reason="parts")
        self.assertEqual(waiting.state, "waiting")
        with self.assertRaisesRegex(UserError, "waits for"):
            self._ticket(state="waiting")
        self.assertTrue(self._agent_ticket(state="open").respond_date)

    def test_mail_to_the_team(self):
        ticket_id = self.env["aftersales.ticket"].message_process(
            "aftersales.ticket",
            "From: Farmer Wang <w@example.com>\n"
            "To: service@example.com\n"
            "Subject: Header does not lift\n"
            "Message-ID: <1@example.com>\n"
            "Content-Type: text/plain\n\n"
            "Since this morning.\n",
            custom_values={"team_id": self.team.id, "company_id": self.company.id},
        )
        ticket = self.env["aftersales.ticket"].browse(ticket_id)
        self.assertEqual(ticket.symptom, "Header does not lift")
        self.assertEqual(ticket.channel, "email")
        self.assertEqual(ticket.partner_id, self.farmer)
        self.assertIn("Since this morning", ticket.description)

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def test_from_call_to_end(self):
        ticket = self._agent_ticket()
        ticket.action_open()
        self.assertEqual(ticket.user_id, self.agent)
        self.assertTrue(ticket.respond_date)
        ticket.action_wait("parts")
        self.assertEqual((ticket.state, ticket.waiting_reason), ("waiting", "parts"))
        ticket.action_resume()
        self.assertEqual((ticket.state, ticket.waiting_reason), ("open", False))
        ticket.action_solve()
        ticket.action_close()
        self.assertEqual(ticket.state, "closed")
        self.assertTrue(ticket.solve_date and ticket.close_date)

    def test_reopening_keeps_the_first_times(self):
        ticket = self._agent_ticket()
        with freeze_time("2026-05-04 08:00:00"):
            ticket.action_solve()
            ticket.action_close()
        with freeze_time("2026-05-06 09:00:00"):
            ticket.action_reopen("Leaks again")
            self.assertEqual((ticket.state, ticket.reopen_count), ("open", 1))
            ticket.action_solve()
            ticket.action_close()
        first = datetime(2026, 5, 4, 8)
        self.assertEqual(ticket.respond_date, first)
        self.assertEqual(ticket.solve_date, first)
        self.assertEqual(ticket.close_date, first)
        self.assertTrue(
            any("Leaks again" in body for body in ticket.message_ids.mapped("body"))
        )

    def test_steps_out_of_turn(self):
        """Each refusal names the ticket and its state."""
        allowed = {
            "new": {"action_open", "action_wait", "action_solve", "action_cancel"},
            "open": {"action_wait", "action_solve", "action_cancel"},
            "waiting": {"action_resume", "action_solve", "action_cancel"},
            "solved": {"action_close", "action_reopen"},
            "closed": {"action_reopen"},
            "cancelled": {"action_reopen"},
        }
        arguments = {"action_wait": ("customer",), "action_cancel": ("Nobody there",)}
        steps = set().union(*allowed.values())
        for state, possible in allowed.items():
            for step in sorted(steps):
                ticket = self._in_state(state)
                method = getattr(ticket, step)
                with self.subTest(state=state, step=step):
                    if step in possible:
                        method(*arguments.get(step, ()))
                        self.assertNotEqual(ticket.state, state)
                    else:
                        with self.assertRaisesRegex(UserError, ticket.name):
                            method(*arguments.get(step, ()))
                        self.assertEqual(ticket.state, state)

    def _in_state(self, state):
        ticket = self._agent_ticket()
        if state in ("solved", "closed"):
            ticket.action_solve()
        if state == "closed":
            ticket.action_close()
        if state == "open":
            ticket.action_open()
        if state == "waiting":
            ticket.action_wait("other")
        if state == "cancelled":
            ticket.action_cancel("Wrong number")
        self.assertEqual(ticket.state, state)
        return ticket

    def test_writing_the_state_takes_the_same_steps(self):
        """A card dragged on the kanban obeys the rules of the buttons."""
        ticket = self._agent_ticket()
        ticket.write({"state": "solved"})
        self.assertTrue(ticket.solve_date)
        with self.assertRaises(UserError):
            ticket.write({"state": "waiting"})
        with self.assertRaises(UserError):
            ticket.write({"state": "new"})
        with self.assertRaisesRegex(UserError, "why"):
            self._agent_ticket().write({"state": "cancelled"})

    def test_times_cannot_be_typed(self):
        ticket = self._agent_ticket()
        for vals in (
            {"solve_date": "2026-01-01 00:00:00"},
            {"date_open": "2020-01-01 00:00:00"},
            {"reopen_count": 0},
            {"to_verify": False},
            {"duplicate_of_id": False},
        ):
            with self.subTest(vals), self.assertRaises(UserError):
                ticket.write(vals)
        with self.assertRaises(UserError):
            ticket.with_context(aftersales_by_method=True).write({"to_verify": False})
        with self.assertRaises(UserError):
            self._ticket(solve_date="2026-01-01 00:00:00")

    def test_cancelled_says_why(self):
        ticket = self._agent_ticket()
        with self.assertRaisesRegex(UserError, "why"):
            ticket.action_cancel("  ")
        ticket.action_cancel("Customer helped himself")
        self.assertEqual(ticket.cancel_reason, "Customer helped himself")

    def test_reason_form(self):
        ticket = self._agent_ticket()
        wizard = (
            self.env["aftersales.ticket.step"]
            .with_user(self.agent)
            .create(
                {
                    "step": "wait",
                    "ticket_ids": ticket.ids,
                    "waiting_reason": "supplier",
                    "promised_date": "2026-12-01 08:00:00",
                }
            )
        )
        wizard.action_apply()
        self.assertEqual(ticket.waiting_reason, "supplier")
        self.assertEqual(ticket.promised_date, datetime(2026, 12, 1, 8))

    # ------------------------------------------------------------
    # MERGING
    # ------------------------------------------------------------

    def test_merge_keeps_the_story(self):
        unit = self._sold_unit("M1")
        first = self._agent_ticket(equipment_id=unit.id)
        second = self._agent_ticket(equipment_id=unit.id, symptom="Same again")
        second.message_post(body="Called a second time")
        attachment = self.env["ir.attachment"].create(
            {
                "name": "photo.txt",
                "raw": b"x",
                "res_model": second._name,
                "res_id": second.id,
            }
        )
        second.action_merge(first.id)
        self.assertEqual(second.state, "cancelled")
        self.assertEqual(second.duplicate_of_id, first)
        self.assertIn(first.name, second.cancel_reason)
        self.assertEqual(attachment.res_id, first.id)
        self.assertTrue(
            any("second time" in body for body in first.message_ids.mapped("body"))
        )
        with self.assertRaises(UserError):
            second.action_reopen()

    def test_merge_of_strangers(self):
        first = self._agent_ticket()
        second = self._agent_ticket(partner_id=self.other_farmer.id)
        with self.assertRaisesRegex(UserError, "another unit"):
            second.action_merge(first.id)
        with self.assertRaises(UserError):
            first.action_merge(first.id)

    # ------------------------------------------------------------
    # REPORTS OF OUR OWN STAFF, REPEATS, RECORDS
    # ------------------------------------------------------------

    def test_own_report_is_verified_before_work(self):
        ticket = (
            self.env["aftersales.ticket"]
            .with_user(self.technician)
            .create(
                {"symptom": "Seen at the neighbour's", "partner_id": self.farmer.id}
            )
        )
        self.assertEqual(ticket.channel, "staff")
        self.assertEqual(ticket.user_id, self.technician)
        self.assertTrue(ticket.to_verify)
        for step in ("action_open", "action_solve", "action_verify"):
            with self.subTest(step), self.assertRaises(UserError):
                getattr(ticket, step)()
        ticket.with_user(self.agent).action_verify()
        self.assertEqual(ticket.verified_by_id, self.agent)
        ticket.action_open()
        self.assertEqual(ticket.state, "open")

    def test_channel_turned_into_own_report(self):
        ticket = self._agent_ticket()
        ticket.channel = "staff"
        self.assertTrue(ticket.to_verify)

    def test_repeat_of_another_unit(self):
        first = self._agent_ticket(equipment_id=self._sold_unit("P1").id)
        second = self._agent_ticket(equipment_id=self._sold_unit("P2").id)
        with self.assertRaises(ValidationError):
            second.repeat_of_id = first

    def test_nothing_closed_is_deleted(self):
        ticket = self._agent_ticket()
        with self.assertRaises(AccessError):
            ticket.unlink()
        ticket.action_solve()
        with self.assertRaisesRegex(UserError, ticket.name):
            ticket.with_user(self.manager).unlink()
        self._ticket().with_user(self.manager).unlink()

    def test_unit_with_several_open_tickets_counts_them(self):
        unit = self._sold_unit("Q1")
        self._agent_ticket(equipment_id=unit.id)
        self._agent_ticket(equipment_id=unit.id).action_solve()
        self.assertEqual((unit.ticket_count, unit.open_ticket_count), (2, 1))

    def test_age(self):
        with freeze_time("2026-05-01 08:00:00"):
            ticket = self._agent_ticket()
        with freeze_time("2026-05-04 09:00:00"):
            ticket.invalidate_recordset(["age"])
            self.assertEqual(ticket.age, 3)
            ticket.action_solve()
        with freeze_time("2026-06-04 09:00:00"):
            ticket.invalidate_recordset(["age"])
            self.assertEqual(ticket.age, 3)
