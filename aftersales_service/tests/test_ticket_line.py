from dateutil.relativedelta import relativedelta
from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .warranty_common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestTicketLine(WarrantyCommon):
    """Proves R02, R14, R21: lines carry who pays, and a person may decide otherwise."""

    def setUp(self):
        super().setUp()
        self.unit = self._proven_unit()
        self.ticket = self._ticket(equipment_id=self.unit.id)
        self.misuse = self.env.ref("aftersales_service.aftersales_exclusion_misuse")

    # ------------------------------------------------------------
    # DECISION
    # ------------------------------------------------------------

    def test_agent_notes_work_and_reads_who_pays(self):
        ticket = self.ticket.with_user(self.agent)
        part = self._line(ticket, self.frame_part)
        wear = self._line(ticket, self.belt)
        self.assertEqual((part.coverage, wear.coverage), ("warranty", "customer"))
        self.assertIn("Main Parts", part.coverage_reason)
        self.assertEqual((part.amount_customer, part.amount_company), (0, 200))
        self.assertEqual((wear.amount_customer, wear.amount_company), (200, 0))
        self.assertIn("Main Parts", ticket.coverage_good)
        self.assertIn("Wear Parts not covered", ticket.coverage_bad)

    def test_service_kind_follows_who_pays(self):
        self.assertEqual(self.ticket.service_kind, "warranty")
        self._line(self.ticket, self.frame_part)
        self.assertEqual(self.ticket.service_kind, "warranty")
        wear = self._line(self.ticket, self.belt)
        self.assertEqual(self.ticket.service_kind, "paid")
        wear.state = "unused"
        self.assertEqual(self.ticket.service_kind, "warranty")

    def test_internal_work_stays_internal(self):
        ticket = self._ticket(equipment_id=self.unit.id, service_kind="internal")
        self._line(ticket, self.belt)
        self.assertEqual(ticket.service_kind, "internal")

    def test_finding_turns_planned_lines(self):
        line = self._line(self.ticket, self.frame_part)
        self.ticket.exclusion_id = self.misuse
        self.assertEqual((line.coverage, line.coverage_code), ("customer", "excluded"))
        self.assertIn("wrong use", line.coverage_reason)
        self.assertEqual(self.ticket.service_kind, "paid")
        self.ticket.exclusion_id = False
        self.assertEqual(line.coverage, "warranty")

    def test_proof_accepted_later(self):
        unit = self._sold_unit("S-2")
        line = self._line(self._ticket(equipment_id=unit.id), self.panel)
        self.assertEqual(line.coverage_code, "no_proof")
        unit.proof_accepted = True
        self.assertEqual(line.coverage_code, "covered")

    def test_the_counter_of_the_call_decides(self):
        """First to arrive: the reading when the fault was reported (R14)."""
        self.unit.coverage_ids._by_method().write(
            {"usage_limit": 500, "usage_unit": "hour"}
        )
        line = self._line(self.ticket, self.panel)
        self.assertEqual(line.coverage_code, "covered")
        self.ticket.usage_hours = 501
        self.assertEqual(line.coverage_code, "usage")
        self.ticket.usage_hours = 500
        self.assertEqual(line.coverage_code, "covered")

    def test_other_serial_on_the_type_plate(self):
        line = self._line(self.ticket, self.panel)
        self.ticket.lot_id = self._lots("S-FOREIGN")
        self.assertEqual(line.coverage_code, "mismatch")

    def test_reported_in_time_repaired_later(self):
        """The day of the call decides, however long the repair takes."""
        with freeze_time(f"{self.unit.warranty_end} 03:00:00"):
            ticket = self._ticket(equipment_id=self.unit.id)
        later = self.unit.warranty_end + relativedelta(days=20)
        with freeze_time(f"{later} 03:00:00"):
            line = self._line(ticket, self.panel, state="used")
            self.assertEqual(line.coverage, "warranty")
            late = self._line(self._ticket(equipment_id=self.unit.id), self.panel)
            self.assertEqual(late.coverage_code, "expired")

    def test_ticket_without_unit(self):
        line = self._line(self._ticket(), self.panel)
        self.assertEqual((line.coverage, line.coverage_code), ("customer", "no_unit"))

    def test_work_done_keeps_its_decision(self):
        line = self._line(self.ticket, self.panel, state="used")
        self.unit.proof_accepted = False
        self.assertEqual(line.coverage, "warranty")

    def test_decision_cannot_be_typed(self):
        line = self._line(self.ticket, self.belt)
        for vals in (
            {"coverage_code": "covered"},
            {"coverage_id": self.unit.coverage_ids[0].id},
            {"contract_id": False, "coverage_facts": {"date_end": "2030-01-01"}},
            {"cost_unit": 1},
            {"amount_customer": 1},
            {"override_reason": "Because"},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                line.with_user(self.supervisor).write(vals)

    def test_merging_takes_the_work_along(self):
        other = self._ticket(equipment_id=self.unit.id)
        done = self._line(other, self.panel, state="used")
        planned = self._line(other, self.belt)
        other.with_user(self.agent).action_hand_in("With key")
        other.with_user(self.agent).action_estimate()
        order = other.order_id
        other.with_user(self.agent).action_merge(self.ticket.id, "Called twice")
        self.assertEqual(self.ticket.line_ids, done | planned)
        self.assertEqual(planned.state, "planned")
        self.assertEqual(self.ticket.order_id, order)
        self.assertTrue(self.ticket.custody_id)
        self.assertFalse(other.line_ids)

    # ------------------------------------------------------------
    # OVERRIDE
    # ------------------------------------------------------------

    def test_goodwill_needs_the_supervisor_and_a_reason(self):
        line = self._line(self.ticket, self.belt)
        with self.assertRaisesRegex(UserError, "supervisor"):
            line.with_user(self.agent).action_override("goodwill", "Loyal")
        with self.assertRaisesRegex(UserError, "Say why"):
            line.with_user(self.supervisor).action_override("goodwill", " ")
        line.with_user(self.supervisor).action_override("goodwill", "Loyal customer")
        self.assertEqual((line.coverage, line.share_company), ("goodwill", 100))
        self.assertEqual(line.amount_customer, 0)
        self.assertEqual(line.coverage_reason, "Goodwill: Loyal customer")
        self.assertEqual(line.override_user_id, self.supervisor)
        self.assertIn("Loyal customer", self.ticket.message_ids[0].body)

    def test_override_by_writing_the_fields(self):
        line = self._line(self.ticket, self.belt)
        vals = {"coverage": "goodwill", "coverage_reason": "Loyal customer"}
        with self.assertRaises(UserError):
            line.with_user(self.agent).write(vals)
        with self.assertRaises(UserError):
            line.with_user(self.supervisor).write({"coverage": "goodwill"})
        line.with_user(self.supervisor).write(vals)
        self.assertEqual(line.coverage, "goodwill")
        with self.assertRaises(UserError):
            self._line(
                self.ticket.with_user(self.agent), self.belt, coverage="goodwill"
            )

    def test_above_the_limit_the_manager_decides(self):
        """The limit is per ticket, so that splitting lines does not help."""
        self.company.aftersales_goodwill_limit = 300
        lines = self._line(self.ticket, self.belt) | self._line(self.ticket, self.belt)
        lines[0].with_user(self.supervisor).action_override("goodwill", "Loyal")
        with self.assertRaisesRegex(UserError, "manager"):
            lines[1].with_user(self.supervisor).action_override("goodwill", "Loyal")
        lines[1].with_user(self.manager).action_override("goodwill", "Loyal")
        self.assertEqual(self.ticket.amount_customer, 0)

    def test_shared_responsibility(self):
        """R21: established on the spot; company, customer and third party."""
        line = self._line(self.ticket, self.belt).with_user(self.supervisor)
        builder = self.env["res.partner"].create({"name": "Builder"})
        with self.assertRaisesRegex(ValidationError, "add up to 90 %"):
            line.action_override("customer", "Agreed", shares=[30, 50, 10])
        with self.assertRaisesRegex(ValidationError, "name the third party"):
            line.action_override("customer", "Agreed", shares=[30, 50, 20])
        line.action_override(
            "customer", "Agreed, both signed", [30, 50, 20], third_party_id=builder.id
        )
        self.assertEqual(
            (line.amount_company, line.amount_customer, line.amount_third_party),
            (60, 100, 40),
        )
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            line.action_override("customer", "Odd", shares=[150, -50, 0])

    def test_override_survives_and_is_dropped(self):
        line = self._line(self.ticket, self.belt)
        line.with_user(self.supervisor).action_override("goodwill", "Loyal")
        self.ticket.exclusion_id = self.misuse
        self.assertEqual(line.coverage, "goodwill")
        with self.assertRaises(UserError):
            line.with_user(self.agent).action_follow_rules()
        line.with_user(self.supervisor).action_follow_rules()
        self.assertEqual((line.coverage, line.coverage_code), ("customer", "excluded"))

    # ------------------------------------------------------------
    # USE
    # ------------------------------------------------------------

    def test_used_line_is_corrected_by_supervisors(self):
        line = self._line(self.ticket, self.belt)
        line.with_user(self.agent).action_use()
        self.assertTrue(line.date_done)
        with self.assertRaisesRegex(UserError, "supervisor"):
            line.with_user(self.agent).quantity = 3
        line.with_user(self.supervisor).quantity = 3
        with self.assertRaises(UserError):
            line.with_user(self.supervisor).unlink()

    def test_labour_is_the_technicians_unless_said_otherwise(self):
        employee = self.env["hr.employee"].create(
            {"name": "Luo", "user_id": self.technician.id, "hourly_cost": 60}
        )
        self.ticket.user_id = self.technician
        line = self._line(self.ticket, self.labour, "labour", quantity=2)
        line.with_user(self.agent).action_use()
        self.assertEqual(line.employee_id, employee)
        self.assertEqual(line.cost_total, 120)

    def test_finished_ticket_keeps_its_lines(self):
        line = self._line(self.ticket, self.belt)
        self.ticket.action_solve()
        self.ticket.action_close()
        self.assertEqual(line.state, "unused")
        with self.assertRaisesRegex(UserError, "finished"):
            self._line(self.ticket, self.belt)
        with self.assertRaisesRegex(UserError, "finished"):
            line.quantity = 2

    def test_guards_of_quantity_and_price(self):
        for vals in ({"quantity": 0}, {"quantity": -1}, {"price_unit": -5}):
            with (
                self.subTest(vals=vals),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self._line(self.ticket, self.belt, **vals)

    def test_technician_on_his_own_ticket(self):
        self.ticket.user_id = self.technician
        line = self._line(self.ticket.with_user(self.technician), self.panel)
        line.action_use()
        self.assertEqual(line.state, "used")
        with self.assertRaises(UserError):
            line.action_override("goodwill", "My friend")

    # ------------------------------------------------------------
    # QUERIES
    # ------------------------------------------------------------

    def _queries_of(self, count):
        ticket = self._ticket(equipment_id=self.unit.id)
        vals_list = [
            {"ticket_id": ticket.id, "kind": "part", "product_id": self.belt.id}
        ] * count
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        self.env["aftersales.ticket.line"].create(vals_list)
        self.env.flush_all()
        return self.env.cr.sql_log_count - start

    def test_one_line_and_fifty_cost_the_same_queries(self):
        self._queries_of(1)
        self.assertLessEqual(self._queries_of(50), self._queries_of(1) + 2)

    def test_date_done_of_an_import(self):
        done = fields.Datetime.now() - relativedelta(days=2)
        line = self._line(self.ticket, self.panel, state="used", date_done=done)
        self.assertEqual(line.date_done, done)
