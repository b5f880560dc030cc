from datetime import date
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .remedy_common import RemedyCommon


@tagged("post_install", "-at_install")
class TestRemedy(RemedyCommon):
    """Proves R17, R18: rights are found once, decided by a person, answered in time."""

    def setUp(self):
        super().setUp()
        self.unit = self._unit(self.general, "2026-03-01")

    def _proposed(self):
        """Return the remedy of a fault on the third day after the sale."""
        return self._fault(self.unit, "2026-03-04").remedy_ids

    # ------------------------------------------------------------
    # PROPOSAL
    # ------------------------------------------------------------

    def test_proposal_says_what_why_and_until_when(self):
        remedy = self._proposed()
        self.assertEqual(remedy.rule_id, self._rule("general_7_days"))
        self.assertEqual(remedy.state, "proposed")
        self.assertEqual(remedy.remedy, "refund")
        self.assertEqual(remedy.reason, "day 3 after the sale, of 7")
        self.assertEqual(remedy.choices_label, "Repair, Exchange, Refund")
        self.assertEqual(remedy.date_deadline, date(2026, 3, 19))
        self.assertEqual(remedy.cost_bearer, "seller")
        ticket = remedy.ticket_id
        self.assertIn("day 3 after the sale", ticket.remedy_alert)
        self.assertIn("art. 9", ticket.remedy_alert)
        self.assertIn("art. 9", str(ticket.message_ids.mapped("body")))

    def test_reason_is_in_the_language_of_the_reader(self):
        remedy = self._proposed()
        rule = type(self.env["aftersales.remedy"])
        with patch.object(rule, "_explain_finding", lambda _self, facts: str(facts)):
            remedy.invalidate_recordset()
            self.assertIn("'value': 3", remedy.reason, "kept as facts, not as words")

    def test_deadline_in_working_days(self):
        car = self._unit(self.car, "2026-03-01")
        ticket = self._fault(car, "2026-03-06", "car_brakes", severity="serious")
        # Ten working days after Friday, 6 March.
        self.assertEqual(ticket.remedy_ids.date_deadline, date(2026, 3, 20))
        self.company.resource_calendar_id.global_leave_ids = [
            Command.create(
                {
                    "name": "Closed",
                    "date_from": "2026-03-08 16:00:00",
                    "date_to": "2026-03-10 15:59:59",
                    "company_id": self.company.id,
                    "time_type": "leave",
                }
            )
        ]
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        with self._at("2026-03-06"):
            remedy = ticket.remedy_ids
            self.env.add_to_compute(remedy._fields["date_deadline"], remedy)
            self.assertEqual(remedy.date_deadline, date(2026, 3, 24))

    def test_answer_is_due_from_the_day_the_customer_asked(self):
        remedy = self._proposed()
        with self._at("2026-03-20"):
            remedy.with_user(self.agent).date_asked = "2026-03-10"
            self.assertEqual(remedy.date_deadline, date(2026, 3, 25))
            for day in ("2026-03-03", "2026-03-21"):
                with self.subTest(day), self.assertRaises(ValidationError):
                    remedy.date_asked = day

    def test_supervisor_is_reminded_the_day_before(self):
        remedy = self._proposed()
        activity = remedy.activity_ids
        self.assertEqual(activity.user_id, self.supervisor)
        self.assertEqual(activity.date_deadline, date(2026, 3, 18))
        with self._at("2026-03-05"):
            remedy.with_user(self.manager).action_refuse("Misuse")
        self.assertFalse(activity.exists())

    def test_overdue_answers(self):
        remedy = self._proposed()
        Remedy = self.env["aftersales.remedy"]
        for day, overdue in (("2026-03-19", False), ("2026-03-20", True)):
            with self.subTest(day), self._at(day):
                remedy.invalidate_recordset()
                self.assertEqual(remedy.is_overdue, overdue)
                found = Remedy.search([("is_overdue", "=", True)])
                self.assertEqual(remedy in found, overdue)
        with self._at("2026-03-20"):
            self.assertNotIn(remedy, Remedy.search([("is_overdue", "=", False)]))
            remedy.action_approve()
            self.assertFalse(remedy.is_overdue)

    # ------------------------------------------------------------
    # ONCE
    # ------------------------------------------------------------

    def test_proposed_once(self):
        remedy = self._proposed()
        with self._at("2026-03-05"):
            remedy.ticket_id._propose_remedies()
            remedy.ticket_id.severity = "serious"
            second = self._fault(self.unit, "2026-03-05")
        self.assertFalse(second.remedy_ids, "one refund for one unit")
        self.assertEqual(self.unit.remedy_ids, remedy)
        self.assertEqual(self.unit.remedy_count, 1)

    def test_database_keeps_two_remedies_for_one_right_out(self):
        remedy = self._proposed()
        for change in (
            {"state": "refused", "decision_reason": "No"},
            {"rule_id": self._rule("house_return_7_days").id, "occurrence": 1},
        ):
            vals = remedy.copy_data()[0] | {
                "ticket_id": remedy.ticket_id.id,
                "right_key": remedy.right_key,
                "occurrence": remedy.occurrence,
                **change,
            }
            with (
                self.subTest(change),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                remedy._by_method().create(vals)

    def test_refused_right_is_not_proposed_again(self):
        unit = self._unit(self.general)
        self._repair(unit, "2026-03-02", "frame")
        self._repair(unit, "2026-03-09", "frame")
        ticket = self._fault(unit, "2026-03-16", "frame")
        with self._at("2026-03-16"):
            ticket.remedy_ids.action_refuse("The customer wants a repair")
            ticket.severity = "serious"
        self.assertEqual(len(unit.remedy_ids), 1)
        self._solve(ticket, "2026-03-17")
        again = self._fault(unit, "2026-03-23", "frame")
        self.assertEqual(again.remedy_ids.state, "proposed", "a third repair failed")
        self.assertEqual(again.remedy_ids.reason, "3 of 2 repairs of this fault")

    def test_law_goes_before_house_rule(self):
        ticket = self._fault(self.unit, "2026-03-20")
        self._stay(ticket, "2026-03-20")
        self._schedule("2026-04-21")
        self.assertEqual(
            ticket.remedy_ids.rule_id, self._rule("general_30_days_repairer")
        )
        self.assertEqual(ticket.remedy_ids.cost_bearer, "repairer")

    def test_tickets_linked_later_are_one_fault(self):
        unit = self._unit(self.general)
        first = self._repair(unit, "2026-03-02")
        second = self._repair(unit, "2026-03-09")
        third = self._fault(unit, "2026-03-16")
        self.assertFalse(third.remedy_ids, "nothing says that it is the same fault")
        with self._at("2026-03-16"):
            second.repeat_of_id = first
            third.repeat_of_id = second
        self.assertEqual(third.remedy_ids.rule_id, self._rule("general_2_repairs"))

    def test_reopened_ticket_is_a_failed_repair(self):
        unit = self._unit(self.general)
        ticket = self._repair(unit, "2026-03-02", "frame")
        for day in ("2026-03-09", "2026-03-16"):
            self.assertFalse(ticket.remedy_ids)
            with self._at(day):
                ticket.action_reopen("Again")
                if day == "2026-03-09":
                    ticket.action_solve()
        self.assertEqual(ticket.repair_count, 2)
        self.assertEqual(ticket.remedy_ids.rule_id, self._rule("general_2_repairs"))

    def test_help_by_phone_is_no_repair(self):
        unit = self._unit(self.general)
        for day in ("02", "09"):
            self._repair(unit, f"2026-03-{day}", "frame", remote_result="solved")
        third = self._fault(unit, "2026-03-16", "frame")
        self.assertFalse(third.remedy_ids)

    # ------------------------------------------------------------
    # NO RIGHT
    # ------------------------------------------------------------

    def test_no_right(self):
        def fault(**values):
            unit = self._unit(self.general, "2026-03-01")
            return self._fault(unit, "2026-03-04", **values)

        misuse = self.env.ref("aftersales_service.aftersales_exclusion_misuse")
        self.assertTrue(fault().remedy_ids)
        for values in (
            {"performance_fault": False},
            {"service_kind": "internal"},
            {"exclusion_id": misuse.id},
        ):
            with self.subTest(values):
                self.assertFalse(fault(**values).remedy_ids)
        with self.subTest("another country"):
            self.farmer.country_id = self.env.ref("base.de")
            self.assertFalse(fault().remedy_ids)
            self.farmer.country_id = self.env.ref("base.cn")
        with self.subTest("not in use"):
            unit = self._unit(self.general, "2026-03-01")
            with self._at("2026-03-02"):
                unit.action_scrap()
            self.assertFalse(self._fault(unit, "2026-03-04").remedy_ids)

    def test_law_of_the_day_of_sale(self):
        car = self._unit(self.car, "2021-12-31", delivery_date="2021-12-31")
        values = {"component": "car_brakes", "severity": "serious"}
        self.assertFalse(self._fault(car, "2022-01-05", **values).remedy_ids)
        car = self._unit(self.car, "2022-01-01")
        self.assertTrue(self._fault(car, "2022-01-05", **values).remedy_ids)

    def test_out_of_term_no_right(self):
        unit = self._unit(self.general, "2024-01-05")
        self._repair(unit, "2025-12-01", "frame")
        self._repair(unit, "2025-12-08", "frame")
        in_time = self._fault(unit, "2026-01-05", "frame")
        self.assertTrue(in_time.remedy_ids)
        unit = self._unit(self.general, "2024-01-05")
        self._repair(unit, "2025-12-01", "frame")
        self._repair(unit, "2025-12-08", "frame")
        self.assertFalse(self._fault(unit, "2026-01-06", "frame").remedy_ids)

    def test_term_of_the_faulty_part_speaks(self):
        self.general.aftersales_policy_id.term_ids = [
            Command.create({"component_id": self._component("wear").id, "duration": 0})
        ]
        for component, right in (("wear", False), ("frame", True)):
            unit = self._unit(self.general)
            self._repair(unit, "2026-03-02", component)
            self._repair(unit, "2026-03-09", component)
            ticket = self._fault(unit, "2026-03-16", component)
            with self.subTest(component):
                self.assertEqual(bool(ticket.remedy_ids), right)

    def test_exclusion_found_later(self):
        remedy = self._proposed()
        misuse = self.env.ref("aftersales_service.aftersales_exclusion_misuse")
        with self._at("2026-03-05"):
            remedy.ticket_id.exclusion_id = misuse
            self.assertFalse(remedy.holds)
            self.assertFalse(remedy.can_approve)
            with self.assertRaisesRegex(UserError, "facts on the ticket"):
                remedy.action_approve()
            remedy.ticket_id.exclusion_id = False
            self.assertTrue(remedy.holds)
            remedy.action_approve()

    def test_clearing_the_class_leaves_the_house_rules(self):
        self.general.aftersales_class_id = False
        category = self.env["product.category"].create({"name": "Parent"})
        child = category.create({"name": "Child", "parent_id": category.id})
        self.general.categ_id = child
        self.assertFalse(self._proposed())
        category.aftersales_class_id = self._class("general")
        unit = self._unit(self.general, "2026-03-01")
        self.assertTrue(self._fault(unit, "2026-03-04").remedy_ids)

    # ------------------------------------------------------------
    # DECISION
    # ------------------------------------------------------------

    def test_supervisor_decides(self):
        remedy = self._proposed()
        remedy.ticket_id.user_id = self.technician
        for user in (self.technician, self.agent):
            for step, args in (("approve", []), ("refuse", ["No"])):
                with self.subTest(user=user.login, step=step):
                    action = getattr(remedy.with_user(user), f"action_{step}")
                    with self.assertRaises(UserError):
                        action(*args)
        with self.assertRaises(AccessError):
            remedy.with_user(self.employee).read(["state"])
        with self.assertRaisesRegex(UserError, "why"):
            remedy.with_user(self.supervisor).action_refuse("  ")
        remedy.with_user(self.supervisor).action_approve("exchange", "Agreed")
        self.assertEqual(remedy.choice, "exchange")
        self.assertEqual(remedy.decided_by_id, self.supervisor)
        self.assertEqual(remedy.decision_reason, "Agreed")
        remedy.with_user(self.agent).action_done()
        self.assertEqual(remedy.state, "done")

    def test_customer_chooses_among_what_the_rule_offers(self):
        remedy = self._proposed()
        with self.assertRaisesRegex(UserError, "does not offer"):
            remedy.action_approve("loaner")
        remedy.action_approve("repair")

    def test_decided_stays_decided(self):
        for decide in ("action_approve", "action_refuse"):
            remedy = self._fault(
                self._unit(self.general, "2026-03-01"), "2026-03-04"
            ).remedy_ids
            getattr(remedy, decide)(reason="So it is")
            with self.subTest(decide):
                for step in ("action_approve", "action_refuse"):
                    with self.assertRaisesRegex(UserError, "proposed"):
                        getattr(remedy, step)(reason="Otherwise")
                for values in (
                    {"state": "proposed"},
                    {"decision_reason": "x"},
                    {"rule_id": self._rule("general_15_days").id},
                    {"equipment_id": self.unit.id},
                    {"facts": {}},
                    {"choice": "loaner"},
                    {"cost_bearer": "maker"},
                    {"date_deadline": "2027-01-01"},
                    {"date_asked": "2026-03-05"},
                ):
                    for user in (self.supervisor, self.manager, self.env.user):
                        with self.assertRaises(UserError):
                            remedy.with_user(user).write(values)
                with self.assertRaises(UserError):
                    remedy.with_user(self.manager).unlink()
                with self.assertRaises(UserError):
                    remedy.unlink()

    def test_nobody_makes_a_right_up(self):
        remedy = self._proposed()
        vals = remedy.copy_data()[0] | {"right_key": "x"}
        for user in (self.manager, self.env.user):
            with self.assertRaises(UserError):
                self.env["aftersales.remedy"].with_user(user).create(vals)
        with self.assertRaises(UserError):
            remedy.with_context(aftersales_by_method=True).write({"state": "done"})

    def test_only_the_approved_is_done(self):
        remedy = self._proposed()
        with self.assertRaisesRegex(UserError, "approved"):
            remedy.action_done()

    def test_technician_sees_those_of_his_tickets(self):
        remedy = self._proposed()
        Remedy = self.env["aftersales.remedy"].with_user(self.technician)
        self.assertFalse(Remedy.search([("id", "=", remedy.id)]))
        remedy.ticket_id.user_id = self.technician
        self.assertTrue(Remedy.search([("id", "=", remedy.id)]).reason)

    def test_agent_of_another_company_sees_nothing(self):
        remedy = self._proposed()
        other = self.env["res.company"].create({"name": "Other Works"})
        self.agent.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        env = self.env["aftersales.remedy"].with_user(self.agent)
        env = env.with_context(allowed_company_ids=other.ids)
        self.assertFalse(env.search([("id", "=", remedy.id)]))

    def test_technician_who_solves_gives_rights_their_proposal(self):
        unit = self._unit(self.car)
        for day in ("04", "06", "08", "11"):
            self._repair(unit, f"2026-05-{day}", "car_suspension")
        ticket = self._fault(
            unit, "2026-05-18", "car_suspension", user_id=self.technician.id
        )
        with self._at("2026-05-18"):
            ticket.with_user(self.technician).action_solve()
        self.assertEqual(ticket.remedy_ids.rule_id, self._rule("car_4_repairs"))

    def test_wizard_decides(self):
        remedy = self._proposed()
        Wizard = self.env["aftersales.remedy.decide"].with_user(self.supervisor)
        wizard = Wizard.with_context(active_ids=remedy.ids).create(
            {"decision": "refuse", "reason": "Dropped from the truck"}
        )
        wizard.action_apply()
        self.assertEqual(remedy.state, "refused")

    # ------------------------------------------------------------
    # OUTLOOK
    # ------------------------------------------------------------

    def test_ticket_shows_how_near_the_next_right_is(self):
        unit = self._unit(self.general)
        self._repair(unit, "2026-03-02", "frame")
        self._repair(unit, "2026-03-03", "frame")
        ticket = self._fault(unit, "2026-03-10", "frame")
        self._stay(ticket, "2026-03-10")
        with self._at("2026-04-06"):
            ticket.invalidate_recordset()
            outlook = str(ticket.remedy_outlook)
        self.assertIn("2 of 2 repairs of this fault", outlook)
        self.assertIn("27 of 30 days in repair", outlook)
        self.assertLess(outlook.index("2 of 2"), outlook.index("27 of 30"))
        self.assertIn("art. 11", outlook)
        self.assertIn("30 days in repair by the repairer", outlook)
        self.assertFalse(self._ticket().remedy_outlook)

    # ------------------------------------------------------------
    # SCHEDULED
    # ------------------------------------------------------------

    def test_scheduler_looks_at_what_is_due(self):
        ticket = self._fault(self.unit, "2026-03-20")
        self.assertFalse(ticket.remedy_check_date)
        custody = self._stay(ticket, "2026-03-20")
        self.assertTrue(ticket.remedy_check_date)
        Remedy = type(self.env["aftersales.remedy"])
        with patch.object(Remedy, "_propose_for") as propose:
            self._schedule("2026-04-19")
            propose.assert_not_called()
        self._schedule("2026-04-20")
        self.assertEqual(len(ticket.remedy_ids), 1)
        with patch.object(Remedy, "_propose_for") as propose:
            self._schedule("2026-04-20")
            propose.assert_not_called()
        with self._at("2026-04-21"):
            custody.action_hand_back()
        self.assertFalse(ticket.remedy_check_date)

    def test_a_standing_clock_is_not_looked_at(self):
        self.general.aftersales_class_id = False
        ticket = self._fault(self.unit, "2026-03-20")
        custody = self._stay(
            ticket, "2026-03-20", stops=[("decision", "2026-03-22", 0)]
        )
        self.assertFalse(ticket.remedy_check_date)
        with self._at("2026-03-25"):
            custody.action_continue()
        self.assertTrue(ticket.remedy_check_date)

    def test_working_through_in_batches(self):
        tickets = self.env["aftersales.ticket"]
        for _index in range(5):
            ticket = self._fault(self._unit(self.general), "2026-03-20")
            self._stay(ticket, "2026-03-20")
            tickets |= ticket
        done = []

        def progress(_self, processed=0, *, remaining=None, deactivate=False):
            done.append(processed)
            return 60.0

        Cron = type(self.env["ir.cron"])
        with self._at("2026-04-20"), patch.object(Cron, "_commit_progress", progress):
            self.env["aftersales.remedy"]._cron_propose(batch_size=2)
        self.assertEqual(done, [0, 2, 2, 1])
        self.assertEqual(len(tickets.remedy_ids), 5)

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def test_rules_that_make_no_sense_are_refused(self):
        rule = self._rule("general_2_repairs")
        days = self._rule("general_30_days_repairer")
        zhejiang = self.env.ref("base.state_de_bw", raise_if_not_found=False)
        cases = [
            (rule, {"unit": "day"}),
            (days, {"unit": "times"}),
            (days, {"comparison": "within"}),
            (days, {"trigger": "remedy_failed", "unit": "times"}),
            (rule, {"trigger": "part_replacements"}),
            (self._rule("general_7_days"), {"unit": "working_day"}),
        ]
        if zhejiang:
            cases.append((rule, {"state_id": zhejiang.id}))
        for record, values in cases:
            with self.subTest(values), self.assertRaises(ValidationError):
                record.write(values)
        for values in (
            {"threshold": -1},
            {"threshold": 5000},
            {"date_from": "2026-01-01", "date_to": "2025-01-01"},
            {"answer_days": 400},
            {"usage_limit": 5},
        ):
            with (
                self.subTest(values),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                days.write(values)
                days.flush_recordset()
        with self.assertRaises(AccessError):
            rule.with_user(self.supervisor).threshold = 3

    def test_changed_rule_changes_no_proposal(self):
        remedy = self._proposed()
        rule = remedy.rule_id.with_user(self.manager)
        rule.threshold = 2
        rule.cost_bearer = "maker"
        self.assertEqual(remedy.reason, "day 3 after the sale, of 7")
        self.assertEqual(remedy.cost_bearer, "seller")
        with self.assertRaises(ValidationError):
            rule.unlink()
        unit = self._unit(self.general, "2026-03-01")
        ticket = self._fault(unit, "2026-03-04")
        self.assertEqual(ticket.remedy_ids.rule_id, self._rule("general_15_days"))

    def test_seasons_on_days_that_exist(self):
        with self.assertRaises(ValidationError):
            self.env["aftersales.season"].create(
                {
                    "class_id": self._class("general").id,
                    "name": "Never",
                    "month_from": "2",
                    "day_from": 30,
                    "month_to": "3",
                    "day_to": 1,
                }
            )

    # ------------------------------------------------------------
    # COST
    # ------------------------------------------------------------

    def _queries(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_fifty_tickets_cost_as_much_as_one(self):
        """Finding, proposing and showing the rights of tickets, each in a batch."""
        Remedy = self.env["aftersales.remedy"]

        def story(count):
            tickets = self.env["aftersales.ticket"]
            for _index in range(count):
                unit = self._unit(self.general, "2026-03-01")
                tickets |= self._repair(unit, "2026-03-20", "frame")
                with patch.object(type(tickets), "_propose_remedies", lambda _s: None):
                    tickets |= self._fault(unit, "2026-03-02", "frame")
            with self._at("2026-03-21"):
                found = self._queries(lambda: Remedy._find_rights(tickets))
                proposed = self._queries(lambda: Remedy._propose_for(tickets))
                again = self._queries(lambda: Remedy._propose_for(tickets))
                shown = self._queries(lambda: tickets.mapped("remedy_outlook"))
                alert = self._queries(lambda: tickets.mapped("remedy_alert"))
            self.assertEqual(len(tickets.remedy_ids), count)
            return found, proposed, again, shown, alert

        story(1)
        one = story(1)
        fifty = story(50)
        names = ("find", "propose", "again", "show", "alert")
        for name, few, many in zip(names, one, fifty, strict=True):
            with self.subTest(name):
                self.assertLessEqual(many, few + 4)
        self.assertLessEqual(fifty[1], 60)
