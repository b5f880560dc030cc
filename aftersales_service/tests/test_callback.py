from datetime import date, datetime

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AftersalesCommon


class CallbackCommon(AftersalesCommon):
    """The desk on a Monday morning in China."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.tz = "Asia/Shanghai"
        cls.team.supervisor_id = cls.supervisor
        freezer = freeze_time("2026-03-02 02:00:00")
        freezer.start()
        cls.addClassCleanup(freezer.stop)
        cls.Callback = cls.env["aftersales.callback"]

    def _open_callbacks(self, **fields):
        domain = [(field, "=", value) for field, value in fields.items()]
        return self.Callback.search([*domain, ("state", "=", "planned")])

    def _solved(self, **values):
        ticket = self._ticket(**values)
        ticket.action_solve()
        return ticket


@tagged("post_install", "-at_install")
class TestPlanning(CallbackCommon):
    """Proves: the customer is called when the rules say so, and only then (R34)."""

    def test_rounds_after_service(self):
        ticket = self._solved()
        first = self._open_callbacks(ticket_id=ticket.id)
        self.assertEqual((first.kind, first.round), ("after_service", 1))
        self.assertEqual(first.date_planned, date(2026, 3, 5))
        self.assertEqual(first.date_deadline, date(2026, 3, 9))
        self.assertEqual(first.partner_id, self.farmer)
        self.assertEqual(first.phone, self.farmer.phone)
        self.assertIn("Good day", first.script)
        with freeze_time("2026-03-06 20:00:00"):  # the 7th in China
            first.with_user(self.agent).action_solved()
        self.assertEqual((first.state, first.result), ("done", "solved"))
        self.assertEqual(first.user_id, self.agent)
        second = self._open_callbacks(ticket_id=ticket.id)
        self.assertEqual((second.kind, second.round), ("after_service", 2))
        self.assertEqual(second.date_planned, date(2026, 3, 15))
        self.assertEqual(second.date_deadline, date(2026, 3, 21))
        second.action_solved()
        self.assertFalse(self._open_callbacks(ticket_id=ticket.id))

    def test_third_round_when_the_company_wants_three(self):
        """E14: three callbacks are a condition of free service."""
        self.env.ref("aftersales_service.aftersales_callback_rule_third").active = True
        ticket = self._solved()
        for number in (1, 2, 3):
            callback = self._open_callbacks(ticket_id=ticket.id)
            self.assertEqual(callback.round, number)
            callback.action_solved()
        self.assertFalse(self._open_callbacks(ticket_id=ticket.id))

    def test_taken_back_and_planned_anew(self):
        ticket = self._solved()
        first = self._open_callbacks(ticket_id=ticket.id)
        ticket.action_reopen("Still leaks")
        self.assertEqual(first.state, "cancelled")
        self.assertTrue(first.cancel_reason)
        with freeze_time("2026-03-10 02:00:00"):
            ticket.action_solve()
            again = self._open_callbacks(ticket_id=ticket.id)
            self.assertEqual(len(again), 1)
            self.assertEqual(again.date_planned, date(2026, 3, 13))
            ticket.action_close()
        self.assertEqual(self._open_callbacks(ticket_id=ticket.id), again)

    def test_cancelled_and_merged_tickets(self):
        unit = self._sold_unit("C-1")
        for step in ("cancel", "merge"):
            ticket, target = (
                self._ticket(equipment_id=unit.id),
                self._ticket(equipment_id=unit.id),
            )
            callback = self.Callback.create({"ticket_id": ticket.id})
            if step == "cancel":
                ticket.action_cancel("Not needed")
            else:
                ticket.action_merge(target.id)
            self.assertEqual(callback.state, "cancelled", step)

    def test_who_is_not_called(self):
        internal = self._solved(service_kind="internal")
        self.assertFalse(internal.callback_ids)
        self.env["phone.blacklist"].add(self.farmer.phone)
        self.assertFalse(self._solved().callback_ids)
        caller = self._solved(
            partner_id=False, partner_name="Qian", partner_phone="+86 138 0013 8001"
        )
        self.assertEqual(caller.callback_ids.partner_name, "Qian")

    def test_rules_by_team_company_and_kind(self):
        rule = self.env.ref("aftersales_service.aftersales_callback_rule_first")
        rule.for_paid = False
        self.assertFalse(self._solved(service_kind="paid").callback_ids)
        workshop = self.env["aftersales.team"].create({"name": "Workshop"})
        rule.copy({"team_id": workshop.id, "first_day": 1, "last_day": 2})
        own = self._solved(service_kind="paid", team_id=workshop.id)
        self.assertFalse(own.callback_ids)
        own = self._solved(service_kind="warranty", team_id=workshop.id)
        self.assertEqual(own.callback_ids.date_deadline, date(2026, 3, 4))
        rule.company_id = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(self._solved(service_kind="warranty").callback_ids)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            rule.copy({"round": 2})

    def test_delivery_is_one_call(self):
        lots = self._lots("D-1", "D-2", "D-3")
        order = self._sell((self.harvester, 3))
        self._deliver(order, lots=lots)
        callback = self._open_callbacks(partner_id=self.farmer.id, kind="delivery")
        self.assertEqual(len(callback), 1)
        self.assertEqual(callback.picking_id, order.picking_ids)
        self.assertEqual(callback.date_deadline, date(2026, 3, 9))
        # A correction of the serial numbers makes no second one.
        self._units(order)[0].move_id._aftersales_correct()
        self.assertEqual(
            self._open_callbacks(partner_id=self.farmer.id, kind="delivery"), callback
        )

    def test_past_deliveries_are_history(self):
        with freeze_time("2026-03-02 02:00:00"):
            order = self._sell((self.header, 1))
            self._stock(self.header, 1)
            self._deliver(order)
        unit = self._units(order)
        callback = self._open_callbacks(partner_id=self.farmer.id)
        callback.unlink()
        unit.delivery_date = date(2026, 1, 2)
        unit._plan_delivery_callbacks()
        self.assertFalse(self._open_callbacks(partner_id=self.farmer.id))

    def test_hand_back(self):
        unit = self._sold_unit("H-1")
        self._open_callbacks(kind="delivery")._withdraw("test")
        ticket = self._ticket(equipment_id=unit.id)
        ticket.action_hand_in()
        custody = ticket.custody_id
        with freeze_time("2026-03-03 17:00:00"):  # the 4th in China
            ticket.with_user(self.agent).action_hand_back()
        callback = self._open_callbacks(custody_id=custody.id)
        self.assertEqual(callback.kind, "hand_back")
        self.assertEqual(callback.date_planned, date(2026, 3, 5))
        self.assertEqual(callback.date_deadline, date(2026, 3, 7))
        custody.date_out = False
        self.assertEqual(callback.state, "cancelled")

    def test_cost_of_a_batch(self):
        """Solving plans a batch with a few queries more, and none when unconcerned."""
        self.assertTrue(self.farmer.phone_sanitized)  # read once, as in daily work

        def cost(count, **values):
            tickets = self.env["aftersales.ticket"].create(
                [
                    {"symptom": "S", "partner_id": self.farmer.id, **values}
                    for _index in range(count)
                ]
            )
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            tickets._plan_after_solving()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost(1)
        self.assertLessEqual(cost(50), cost(1) + 2)
        self.assertEqual(cost(50, service_kind="internal"), 0)


@tagged("post_install", "-at_install")
class TestResults(CallbackCommon):
    """Proves: every result leads on, and stands in the register (R34, R69)."""

    def _callback(self, **values):
        ticket = self._solved(**values)
        return ticket, ticket.callback_ids

    def test_not_reached_until_there_were_enough(self):
        _ticket, callback = self._callback()
        deadline = callback.date_deadline
        callback = callback.with_user(self.agent)
        for day, following in (("05", "06"), ("06", "07")):
            with freeze_time(f"2026-03-{day} 02:00:00"):
                callback.action_unreachable()
            self.assertEqual(callback.state, "planned")
            self.assertEqual(callback.date_planned, date(2026, 3, int(following)))
        callback.action_unreachable()
        self.assertEqual((callback.state, callback.result), ("done", "unreachable"))
        self.assertEqual(callback.attempt_count, 3)
        self.assertEqual(callback.attempt_ids.mapped("outcome"), ["unreachable"] * 3)
        self.assertEqual(callback.attempt_ids.user_id, self.agent)
        self.assertEqual(callback.date_deadline, deadline)

    def test_due_state_is_true_the_moment_it_is(self):
        _ticket, callback = self._callback()
        for day, state in (
            ("2026-03-04", "later"),
            ("2026-03-05", "due"),
            ("2026-03-09", "due"),
            ("2026-03-10", "late"),
        ):
            with freeze_time(f"{day} 02:00:00"):
                callback.invalidate_recordset(["due_state"])
                self.assertEqual(callback.due_state, state, day)
                domain = [("id", "=", callback.id), ("due_state", "=", state)]
                self.assertEqual(self.Callback.search(domain), callback, day)
                groups = self.Callback._read_group(
                    [("id", "=", callback.id)], ["due_state"], ["__count"]
                )
                self.assertEqual(groups, [(state, 1)], day)

    def test_not_solved_reopens(self):
        ticket, callback = self._callback()
        ticket.action_close()
        callback.user_id = self.technician
        callback = callback.with_user(self.technician)
        with self.assertRaises(UserError):
            callback.action_not_solved()
        self.assertEqual(callback.state, "planned")
        callback.action_done("not_solved", "It leaks again")
        self.assertEqual(callback.result, "not_solved")
        self.assertEqual(ticket.state, "open")
        self.assertEqual(ticket.reopen_count, 1)
        self.assertIn("It leaks again", ticket.message_ids[:1].body)
        self.assertFalse(self._open_callbacks(ticket_id=ticket.id))

    def test_not_solved_without_ticket_registers_one(self):
        unit = self._sold_unit("N-1")
        callback = self._open_callbacks(partner_id=self.farmer.id, kind="delivery")
        callback.with_user(self.agent).action_done("not_solved", "Header is bent\nBad")
        ticket = callback.new_ticket_id
        self.assertEqual(ticket.symptom, "Header is bent")
        self.assertEqual(ticket.equipment_id, unit)
        self.assertEqual(ticket.partner_id, self.farmer)
        self.assertEqual(ticket.create_uid, self.agent)

    def test_wish_goes_to_the_supervisor_and_back(self):
        _ticket, callback = self._callback()
        with freeze_time("2026-03-05 20:00:00"):  # the 6th in China
            callback.with_user(self.agent).action_done("wish", "A cab with air?")
        self.assertEqual(callback.wish_state, "open")
        self.assertEqual(callback.wish_deadline, datetime(2026, 3, 8, 15, 59, 59))
        activity = callback.activity_ids
        self.assertEqual(activity.user_id, self.supervisor)
        self.assertEqual(activity.date_deadline, date(2026, 3, 8))
        self.assertEqual(self._open_callbacks(ticket_id=_ticket.id).round, 2)
        with freeze_time("2026-03-08 16:00:00"):
            late = self.Callback.search([("wish_late", "=", True)])
            self.assertEqual(late, callback)
            with self.assertRaises(UserError):
                callback.with_user(self.agent).action_answer("Yes")
            with self.assertRaises(UserError):
                callback.with_user(self.supervisor).action_answer()
            callback.with_user(self.supervisor).action_answer("From April on")
        self.assertEqual(callback.wish_state, "answered")
        self.assertEqual(callback.tell_deadline, datetime(2026, 3, 9, 15, 59, 59))
        activity = callback.activity_ids
        self.assertEqual(activity.user_id, self.agent)
        self.assertEqual(activity.date_deadline, date(2026, 3, 9))
        with freeze_time("2026-03-09 16:00:00"):
            callback.invalidate_recordset(["wish_late"])
            self.assertTrue(callback.wish_late)
        callback.with_user(self.agent).action_told()
        self.assertEqual(callback.wish_state, "told")
        self.assertFalse(callback.activity_ids)
        with self.assertRaises(UserError):
            callback.action_told()

    def test_opt_out(self):
        _ticket, callback = self._callback()
        other = self._solved().callback_ids
        callback.with_user(self.agent).action_opt_out()
        self.assertEqual(callback.result, "refused")
        self.assertEqual(other.state, "cancelled")
        self.assertFalse(self._solved().callback_ids)

    def test_register_is_kept(self):
        _ticket, callback = self._callback()
        callback.action_done("solved", "Runs well")
        self.assertEqual(callback.date_done, datetime(2026, 3, 2, 2, 0))
        for vals in ({"answer": "Bad"}, {"state": "planned"}, {"result": "refused"}):
            with self.assertRaises(UserError):
                callback.with_user(self.manager).write(vals)
        with self.assertRaises(UserError):
            callback.unlink()
        with self.assertRaises(UserError):
            callback.action_solved()
        with self.assertRaises(UserError):
            callback.action_done("perfect")

    def test_rights(self):
        _ticket, callback = self._callback(user_id=self.agent.id)
        with self.assertRaises(AccessError):
            callback.with_user(self.employee).read(["phone"])
        with self.assertRaises(AccessError):
            callback.with_user(self.technician).read(["phone"])
        callback.user_id = self.technician
        callback.with_user(self.technician).action_solved()
        self.assertEqual(callback.state, "done")
        # Solving plans also for a technician who may not create callbacks.
        ticket = self._ticket(user_id=self.technician.id)
        ticket.with_user(self.technician).action_solve()
        self.assertTrue(ticket.callback_ids)

    def test_assign(self):
        callbacks = self._callback()[1] | self._callback()[1]
        callbacks.with_user(self.agent).action_take()
        self.assertEqual(callbacks.user_id, self.agent)
        callbacks.with_user(self.supervisor).user_id = self.technician
        with self.assertRaises(UserError):
            callbacks.with_user(self.technician).action_cancel()
        callbacks.with_user(self.agent).action_cancel("On holiday")
        self.assertEqual(set(callbacks.mapped("state")), {"cancelled"})
        with self.assertRaises(UserError):
            callbacks.action_take()

    def test_erasure(self):
        with freeze_time("2020-03-02 02:00:00"):
            ticket = self._solved()
            callback = ticket.callback_ids
            callback.action_done("wish", "Wang wants a cab")
            callback.action_answer("Tell Wang")
            rest = self._open_callbacks(ticket_id=ticket.id)
            ticket.action_close()
            self.env.flush_all()
        erasure = self.env["aftersales.erasure"].create({"partner_id": self.farmer.id})
        models = set(erasure.line_ids.mapped("res_model"))
        self.assertIn("aftersales.callback", models)
        erasure.with_user(self.manager).action_erase()
        self.assertFalse((callback | rest).partner_id)
        self.assertFalse(callback.phone)
        for field in ("answer", "solution", "partner_name"):
            self.assertIn("Erased on request", callback[field])
        self.assertEqual((callback.state, rest.state), ("done", "cancelled"))
