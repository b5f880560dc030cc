from freezegun import freeze_time

from odoo.tests import tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestRepeat(AftersalesCommon):
    """Proves R07: the same fault on the same unit again is recognised and counted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Fault = cls.env["aftersales.fault"]
        cls.engine = Fault.create({"name": "Engine"})
        cls.no_start = Fault.create(
            {"name": "Does not start", "parent_id": cls.engine.id}
        )
        cls.battery = Fault.create(
            {"name": "Battery dead", "parent_id": cls.no_start.id, "kind": "cause"}
        )
        cls.starter = Fault.create(
            {"name": "Starter broken", "parent_id": cls.no_start.id, "kind": "cause"}
        )
        cls.brake = Fault.create({"name": "Brake"})
        cls.unit = cls._unit("R-1")

    @classmethod
    def _unit(cls, serial):
        return cls.env["aftersales.equipment"].create(
            {
                "product_id": cls.harvester.id,
                "partner_id": cls.farmer.id,
                "serial": serial,
                "delivery_date": "2026-01-10",
            }
        )

    def _call(self, day, fault=None, unit=None, **values):
        with freeze_time(f"{day} 08:00:00"):
            return self._ticket(
                equipment_id=(unit or self.unit).id,
                fault_id=(fault or self.no_start).id,
                **values,
            )

    def _solved(self, day, solved=None, **values):
        ticket = self._call(day, **values)
        with freeze_time(f"{solved or day} 16:00:00"):
            ticket.action_solve()
            self.env.flush_all()
        return ticket

    def test_same_fault_within_the_window(self):
        first = self._solved("2026-03-01", "2026-03-05")
        second = self._call("2026-04-04")
        self.assertEqual(second.repeat_of_id, first)
        self.assertTrue(second.is_repeat)
        self.assertEqual((first.repeat_count, first.repeat_ids), (1, second))
        self.assertEqual(self.unit.repeat_count, 1)
        self.assertIn(first.name, second.repeat_notice)
        self.assertIn(second.name, first.repeat_notice)
        self.assertFalse(self._call("2026-04-05").is_repeat, "31 days later")

    def test_window_of_the_company(self):
        self.company.aftersales_repeat_days = 90
        self._solved("2026-03-01")
        self.assertTrue(self._call("2026-05-20").is_repeat)
        self.company.aftersales_repeat_days = 0
        self.assertFalse(self._call("2026-05-21").is_repeat)

    def test_chain_counts_on_the_first(self):
        first = self._solved("2026-03-01")
        second = self._solved("2026-03-10")
        third = self._call("2026-03-20")
        self.assertEqual(third.repeat_of_id, second)
        self.assertEqual((first.repeat_count, second.repeat_count), (2, 1))
        self.assertEqual((first | second | third).mapped("repeat_total"), [0, 1, 1])
        self.assertEqual(self.unit.repeat_count, 2)
        action = second.action_view_repeats()
        self.assertEqual(
            self.env["aftersales.ticket"].search(action["domain"]),
            first | second | third,
        )

    def test_which_fault_is_the_same(self):
        first = self._solved("2026-03-01")
        for fault, same in (
            (self.no_start, True),
            (self.engine, True),
            (self.battery, True),
            (self.brake, False),
        ):
            with self.subTest(fault.name):
                ticket = self._call("2026-03-02", fault)
                self.assertEqual(ticket.repeat_of_id == first, same)
        self.assertFalse(self._call("2026-03-02", unit=self._unit("R-2")).is_repeat)
        unknown = self._ticket(equipment_id=self.unit.id)
        self.assertFalse(unknown.is_repeat, "nobody said which fault")

    def test_open_and_cancelled_tickets_were_not_repaired(self):
        self._call("2026-03-01")
        self._call("2026-03-01").action_cancel("Typed twice")
        self.assertFalse(self._call("2026-03-02").is_repeat)

    def test_cancelled_repeat_does_not_count(self):
        first = self._solved("2026-03-01")
        second = self._call("2026-03-02")
        second.action_cancel("Typed twice")
        self.assertEqual((first.repeat_count, second.is_repeat), (0, False))

    def test_another_fault_found_is_no_repeat(self):
        first = self._solved("2026-03-01", found_fault_id=self.battery.id)
        second = self._call("2026-03-02")
        self.assertEqual(second.repeat_of_id, first)
        second.found_fault_id = self.starter
        self.assertFalse(second.repeat_of_id)
        self.assertEqual(first.repeat_count, 0)
        second.found_fault_id = self.battery
        self.assertEqual(second.repeat_of_id, first)

    def test_change_of_the_unit(self):
        first = self._solved("2026-03-01")
        ticket = self._call("2026-03-02", unit=self._unit("R-3"))
        ticket.equipment_id = self.unit
        self.assertEqual(ticket.repeat_of_id, first)
        ticket.equipment_id = self._unit("R-4")
        self.assertFalse(ticket.repeat_of_id)

    def test_removed_by_hand_stays_removed(self):
        first = self._solved("2026-03-01")
        second = self._call("2026-03-02").with_user(self.agent)
        second.repeat_of_id = False
        second.fault_id = self.battery
        self.env.flush_all()
        self.assertFalse(second.repeat_of_id)
        self.assertEqual(first.repeat_count, 0)

    def test_linked_by_hand(self):
        first = self._solved("2025-03-01")
        second = self._call("2026-03-02", self.brake)
        second.repeat_of_id = first
        second.found_fault_id = self.battery
        self.env.flush_all()
        self.assertEqual(second.repeat_of_id, first)
        third = self._call("2026-03-02", self.brake, repeat_of_id=first.id)
        third.found_fault_id = self.battery
        self.assertEqual(third.repeat_of_id, first)

    def test_technician_sees_the_flag_of_a_colleagues_ticket(self):
        self._solved("2026-03-01")
        ticket = self._ticket(
            equipment_id=self.unit.id, fault_id=self.no_start.id, date_open="2026-03-02"
        )
        ticket.user_id = self.technician
        self.assertTrue(ticket.with_user(self.technician).is_repeat)
        self.assertTrue(ticket.with_user(self.technician).repeat_notice)

    def test_cost_of_a_batch(self):
        """Proves: 50 repeats cost what one costs, other calls nothing."""
        self._solved("2026-03-01")

        def cost(count, **values):
            vals = {"symptom": "Broken", "partner_id": self.farmer.id, **values}
            self.env.flush_all()
            begin = self.env.cr.sql_log_count
            with freeze_time("2026-03-03 08:00:00"):
                tickets = self.env["aftersales.ticket"].create([vals] * count)
                self.env.flush_all()
            queries = self.env.cr.sql_log_count - begin
            tickets.repeat_manual = True
            return queries, tickets

        values = {"equipment_id": self.unit.id, "fault_id": self.no_start.id}
        cost(1, **values)
        few, tickets = cost(2, **values)
        many, tickets = cost(50, **values)
        self.assertTrue(all(ticket.is_repeat for ticket in tickets))
        self.assertLessEqual(many, few + 5)
