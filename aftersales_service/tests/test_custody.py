from datetime import date, datetime, timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .remedy_common import RemedyCommon


@tagged("post_install", "-at_install")
class TestCustody(RemedyCommon):
    """Proves R17, R28: a customer's item in our hands, and its days in repair."""

    def setUp(self):
        super().setUp()
        self.unit = self._unit(self.general)
        self.ticket = self._fault(self.unit, "2026-03-02", service_mode="workshop")

    def _custody(self, **values):
        return self.env["aftersales.custody"].create(
            {"ticket_id": self.ticket.id, **values}
        )

    # ------------------------------------------------------------
    # CLOCK
    # ------------------------------------------------------------

    def test_clock_runs_from_hand_in_to_hand_back(self):
        custody = self._stay(self.ticket, "2026-03-02")
        self.assertTrue(self.ticket.can_hand_back)
        self.assertFalse(self.ticket.can_hand_in)
        with self._at("2026-03-09"):
            custody.invalidate_recordset()
            self.assertEqual(custody.days_in_repair, 7)
            self.ticket.action_hand_back()
        self.assertEqual(custody.state, "back")
        with self._at("2026-05-01"):
            custody.invalidate_recordset()
            self.assertEqual(custody.days_in_repair, 7)

    def test_days_of_the_customer_do_not_count(self):
        custody = self._stay(
            self.ticket,
            "2026-03-02",
            "2026-03-20",
            [
                ("decision", "2026-03-04", "2026-03-07"),
                ("parts", "2026-03-08", "2026-03-12"),
            ],
        )
        self.assertEqual(custody.days_here, 18)
        self.assertEqual(custody.days_in_repair, 15)

    def test_day_is_that_where_the_unit_stands(self):
        # Eleven in the evening and one in the morning in China.
        custody = self._stay(self.ticket, "2026-03-02 15:00:00", "2026-03-02 17:00:00")
        self.assertEqual(custody.days_in_repair, 1)
        self.farmer.tz = "Europe/Berlin"
        custody.invalidate_recordset()
        self.assertEqual(custody.days_in_repair, 0)

    def test_waiting_ticket_stops_the_clock(self):
        custody = self._stay(self.ticket, "2026-03-02")
        with self._at("2026-03-03"):
            self.ticket.action_wait("parts")
        self.assertEqual(custody.stopped_reason_id, self._reason("parts"))
        self.assertEqual(custody.state, "stopped")
        with self._at("2026-03-05"):
            self.ticket.action_resume()
        self.assertEqual(custody.state, "running")
        self.assertEqual(custody.stop_ids.mapped("date_end"), [datetime(2026, 3, 5, 8)])

    def test_hand_back_ends_a_stop(self):
        custody = self._stay(
            self.ticket, "2026-03-02", stops=[("pickup", "2026-03-05", None)]
        )
        with self._at("2026-03-10"):
            custody.action_hand_back()
        self.assertEqual(custody.stop_ids.date_end, custody.date_out)
        self.assertEqual(custody.days_in_repair, 3)

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    def test_unit_is_in_one_place_at_a_time(self):
        self._stay(self.ticket, "2026-03-02")
        other = self._fault(self.unit, "2026-03-03")
        with self._at("2026-03-04"), self.assertRaisesRegex(UserError, "taken in"):
            other.action_hand_in()
        with (
            self._at("2026-03-04"),
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.env["aftersales.custody"].create({"ticket_id": other.id})

    def test_stays_do_not_overlap(self):
        self._stay(self.ticket, "2026-03-02", "2026-03-09")
        with self._at("2026-04-01"), self.assertRaisesRegex(ValidationError, "already"):
            self._custody(date_in="2026-03-08 08:00:00", date_out="2026-03-10 08:00:00")

    def test_absurd_dates_are_refused(self):
        for name, values, error in (
            ("future", {"date_in": "2026-03-05 08:00:00"}, ValidationError),
            ("before the sale", {"date_in": "2025-12-31 08:00:00"}, ValidationError),
            ("a decade ago", {"date_in": "2016-03-01 08:00:00"}, ValidationError),
            (
                "back in the future",
                {"date_in": "2026-03-01 08:00:00", "date_out": "2026-03-08 08:00:00"},
                ValidationError,
            ),
            (
                "back before in",
                {"date_in": "2026-03-02 08:00:00", "date_out": "2026-03-01 08:00:00"},
                IntegrityError,
            ),
        ):
            with (
                self.subTest(name),
                self._at("2026-03-04"),
                mute_logger("odoo.sql_db"),
                self.assertRaises(error),
                self.env.cr.savepoint(),
            ):
                self._custody(**values)

    def test_stops_lie_inside_and_apart(self):
        custody = self._stay(self.ticket, "2026-03-02", "2026-03-20")
        reason = self._reason("parts")

        def stop(begin, end):
            return self.env["aftersales.custody.stop"].create(
                {
                    "custody_id": custody.id,
                    "reason_id": reason.id,
                    "date_begin": begin,
                    "date_end": end,
                }
            )

        with self._at("2026-03-25"):
            stop("2026-03-03 08:00:00", "2026-03-05 08:00:00")
            stop("2026-03-05 08:00:00", "2026-03-06 08:00:00")
            for begin, end, error in (
                ("2026-03-01 08:00:00", "2026-03-02 09:00:00", "between"),
                ("2026-03-19 08:00:00", "2026-03-21 08:00:00", "between"),
                ("2026-03-04 08:00:00", "2026-03-07 08:00:00", "overlap"),
            ):
                with (
                    self.subTest(begin=begin),
                    self.assertRaisesRegex(ValidationError, error),
                    self.env.cr.savepoint(),
                ):
                    stop(begin, end)
            with self.assertRaisesRegex(ValidationError, "between"):
                custody.date_in = "2026-03-04 08:00:00"

    def test_steps_only_when_it_is_their_turn(self):
        custody = self._stay(self.ticket, "2026-03-02")
        reason = self._reason("parts").id
        with self._at("2026-03-05"):
            with self.assertRaisesRegex(UserError, "does not stand"):
                custody.action_continue()
            custody.action_stop(reason)
            with self.assertRaisesRegex(UserError, "does not run"):
                custody.action_stop(reason)
            custody.action_hand_back()
            with self.assertRaisesRegex(UserError, "not in our hands"):
                custody.action_hand_back()
            with self.assertRaisesRegex(UserError, "not in our hands"):
                self.ticket.action_hand_back()

    # ------------------------------------------------------------
    # RIGHTS
    # ------------------------------------------------------------

    def test_who_takes_in(self):
        own = self._fault(
            self._unit(self.general), "2026-03-02", user_id=self.technician.id
        )
        with self._at("2026-03-03"):
            own.with_user(self.technician).action_hand_in("Without cable")
            self.assertEqual(own.custody_id.note, "Without cable")
            with self.assertRaises(AccessError):
                self.ticket.with_user(self.technician).action_hand_in()
            with self.assertRaises(AccessError):
                self.ticket.with_user(self.employee).action_hand_in()
            self.ticket.with_user(self.agent).action_hand_in()
            foreign = self.ticket.custody_id.with_user(self.technician)
            with self.assertRaises(AccessError):
                foreign.action_hand_back()
            with self.assertRaises(AccessError):
                self.env["aftersales.custody"].with_user(self.employee).search([])
            with self.assertRaises(AccessError):
                self.ticket.custody_id.with_user(self.supervisor).unlink()

    def test_closed_stay_is_corrected_by_a_supervisor(self):
        custody = self._stay(
            self.ticket,
            "2026-03-02",
            "2026-03-20",
            [("parts", "2026-03-03", "2026-03-05")],
        )
        moved = {"date_out": "2026-03-19 08:00:00"}
        with self._at("2026-03-25"):
            with self.assertRaisesRegex(UserError, "supervisor"):
                custody.with_user(self.agent).write(moved)
            with self.assertRaisesRegex(UserError, "supervisor"):
                custody.stop_ids.with_user(self.agent).unlink()
            with self.assertRaisesRegex(UserError, "supervisor"):
                custody.with_user(self.agent).write({"stop_ids": [(5, 0, 0)]})
            custody.with_user(self.supervisor).write(moved)
        self.assertEqual(custody.days_in_repair, 17)

    # ------------------------------------------------------------
    # WARRANTY
    # ------------------------------------------------------------

    def _cover(self, unit=None, code="machine"):
        return (unit or self.unit).coverage_ids.filtered(
            lambda cover: cover.component_id == self._component(code)
            and cover.source in ("policy", "replacement")
        )

    def test_days_in_repair_are_added_back(self):
        cover = self._cover()
        self.assertEqual(cover.date_end, date(2028, 1, 5))
        custody = self._stay(
            self.ticket,
            "2026-03-02",
            stops=[("decision", "2026-03-04", "2026-03-07")],
        )
        self.assertEqual(cover.days_added, 0, "only when the customer has it again")
        with self._at("2026-03-12"):
            custody.action_hand_back()
        self.assertEqual((cover.days_added, cover.date_end), (7, date(2028, 1, 12)))
        self.assertEqual(self.unit.warranty_end, date(2028, 1, 12))

    def test_counted_anew_not_once_more(self):
        cover = self._cover()
        custody = self._stay(self.ticket, "2026-03-02", "2026-03-12")
        for _again in range(2):
            self.unit._count_repair_days()
            self.assertEqual(cover.days_added, 10)
        second = self._fault(self.unit, "2026-04-01")
        self._stay(second, "2026-04-01", "2026-04-06")
        self.assertEqual((cover.days_added, cover.date_end), (15, date(2028, 1, 20)))
        with self._at("2026-05-01"):
            custody.date_out = "2026-03-07 08:00:00"
            self.assertEqual(cover.days_added, 10)
            self.env["aftersales.custody.stop"].create(
                {
                    "custody_id": custody.id,
                    "reason_id": self._reason("payment").id,
                    "date_begin": "2026-03-04 08:00:00",
                    "date_end": "2026-03-06 08:00:00",
                }
            )
            self.assertEqual((cover.days_added, cover.date_end), (8, date(2028, 1, 13)))
            custody.stop_ids.unlink()
            self.assertEqual(cover.days_added, 10)

    def test_only_to_terms_that_ran(self):
        unit = self._unit(self.general, "2023-06-01")
        ended = self._fault(unit, "2025-12-01")
        self._stay(ended, "2025-12-01", "2025-12-11")
        self.assertEqual(self._cover(unit).days_added, 0)
        unit = self._unit(self.general, "2024-01-10")
        # In repair over the last day: it began in time.
        self._stay(self._fault(unit, "2026-01-08"), "2026-01-08", "2026-01-18")
        cover = self._cover(unit)
        self.assertEqual((cover.days_added, cover.date_end), (10, date(2026, 1, 20)))
        # And in the days won by it.
        self._stay(self._fault(unit, "2026-01-20"), "2026-01-20", "2026-01-22")
        self.assertEqual((cover.days_added, cover.date_end), (12, date(2026, 1, 22)))

    def test_policy_that_adds_nothing(self):
        self.general.aftersales_policy_id.adds_repair_days = False
        unit = self._unit(self.general)
        self._stay(self._fault(unit, "2026-03-02"), "2026-03-02", "2026-03-12")
        self.assertEqual(self._cover(unit).days_added, 0)

    def test_corrected_last_day_stays_corrected(self):
        cover = self._cover()
        cover.write({"date_end": "2028-02-01", "reason": "Agreed with the customer"})
        self._stay(self.ticket, "2026-03-02", "2026-03-12")
        self.assertEqual(cover.date_end, date(2028, 2, 11))

    def test_extension_begins_later(self):
        cover = self._cover()
        extension = (
            self.env["aftersales.coverage"]
            ._by_method()
            .create(
                {
                    "equipment_id": self.unit.id,
                    "component_id": cover.component_id.id,
                    "source": "extension",
                    "duration": 12,
                    "duration_unit": "month",
                    "adds_repair_days": True,
                    "date_start": "2028-01-06",
                    "date_end": "2029-01-05",
                }
            )
        )
        self._stay(self.ticket, "2026-03-02", "2026-03-12")
        self.assertEqual(cover.date_end, date(2028, 1, 15))
        self.assertEqual(extension.date_start, date(2028, 1, 16))
        self.assertEqual(extension.days_added, 0)
        late = self._fault(self.unit, "2028-03-01")
        self._stay(late, "2028-03-01", "2028-03-04")
        self.assertEqual(cover.days_added, 10)
        self.assertEqual(
            (extension.days_added, extension.date_end), (3, date(2029, 1, 18))
        )

    def test_moved_start_and_applied_again(self):
        self._stay(self.ticket, "2026-03-02", "2026-03-12")
        self.unit.delivery_date = "2026-01-10"
        self.assertEqual(self._cover().date_end, date(2028, 1, 20))
        self.unit.action_reapply_policy("Wrong policy")
        self.assertEqual(self._cover().days_added, 10)
        self.assertEqual(self._cover().date_end, date(2028, 1, 20))

    def test_replacement_takes_over_what_was_added(self):
        policy = self.general.aftersales_policy_id
        policy.restarts_on_replacement = False
        old = self._unit(self.general)
        self._stay(self._fault(old, "2026-03-02"), "2026-03-02", "2026-03-12")
        new = self._unit(self.general, "2026-04-01")
        with self._at("2026-04-01"):
            old.action_replace(new.id)
        self.assertEqual(self._cover(new).date_end, date(2028, 1, 15))
        self._stay(self._fault(new, "2026-05-01"), "2026-05-01", "2026-05-06")
        self.assertEqual(self._cover(new).days_added, 15)
        self.assertEqual(self._cover(new).date_end, date(2028, 1, 20))

    def test_planned_work_is_decided_anew(self):
        unit = self._unit(self.general, "2024-03-01", proof_accepted=True)
        with self._at("2026-02-20"):
            ticket = self._fault(unit, "2026-02-20")
        custody = self._stay(ticket, "2026-02-20")
        later = self._fault(unit, "2026-03-04")
        with self._at("2026-03-04"):
            line = self._part(later, self.bolt, self._component("frame"), "planned")
            self.assertEqual(line.coverage, "customer")
            custody.action_hand_back()
        self.assertEqual(line.coverage, "warranty")

    def test_ticket_moved_to_another_unit_takes_its_days_along(self):
        self._stay(self.ticket, "2026-03-02", "2026-03-12")
        other = self._unit(self.general)
        with self._at("2026-03-20"):
            self.ticket.equipment_id = other
        self.assertEqual(self._cover().days_added, 0)
        self.assertEqual(self._cover(other).days_added, 10)

    def test_batch_costs_as_much_as_one(self):
        """Days of fifty units are counted with as many queries as of one."""

        def count(number):
            units = self.env["aftersales.equipment"].union(
                *(self._unit(self.general) for _index in range(number))
            )
            for unit in units:
                self._stay(self._fault(unit, "2026-03-02"), "2026-03-02", "2026-03-12")
            units.coverage_ids._by_method().write({"days_added": 0})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            units._count_repair_days()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(1)
        one, ten = count(1), count(10)
        self.assertLessEqual(ten, one + 3)

    def test_open_days_in_list(self):
        self._stay(self.ticket, "2026-03-02")
        action = self.env.ref("aftersales_service.aftersales_custody_action")
        self.assertEqual(action.res_model, "aftersales.custody")
        with self._at("2026-03-12"):
            late = self.env["aftersales.custody"].search(
                [("date_out", "=", False), ("date_in", "<", "today -7d")]
            )
            self.assertIn(self.ticket.custody_id, late)
            self.assertGreater(datetime.now() - late[0].date_in, timedelta(days=7))
