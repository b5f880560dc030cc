from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.aftersales_service.tests.clock_common import local

from .performance_common import MAY, TODAY, PerformanceCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestPerformanceSheet(PerformanceCommon):
    """A month is measured from its records, each figure once and by hand (R65)."""

    # ------------------------------------------------------------
    # RECOMPUTED BY HAND
    # ------------------------------------------------------------

    def _tell_story(self):
        """Make what Chen did around May; return the visits of May that were done."""
        unit, other = self._sold_unit("S-1"), self._sold_unit("S-2")
        # Judged in May: their thirty days ended then.
        self._visit("2026-04-10 09:00", equipment_id=unit.id)
        self._visit("2026-04-12 09:00", equipment_id=other.id)
        # The second unit needed us again; this visit is judged in May, too.
        self._visit("2026-04-20 09:00", equipment_id=other.id)
        punctual = self._visit("2026-05-05 09:00")
        late = self._visit("2026-05-06 10:00", late=1)
        # Shanghai's May begins and ends eight hours before that of Greenwich.
        first = self._visit("2026-05-01 00:20", finish="2026-05-01 01:00")
        self._visit("2026-05-31 22:30", finish="2026-06-01 00:10")
        failed = self._visit("2026-05-07 09:00", fail="Nobody at home")
        self._feedback(punctual)
        self._feedback(late, opinion=False)
        self._answer(punctual, 4, "2026-05-05 18:00")
        self._answer(late, (2, 3, 1, 2), "2026-05-31 23:59")
        self._answer(first, 1, "2026-06-01 00:00")  # in the sheet of June
        self._report(self.chen, "2026-05-05", "2026-05-05 19:00", (6, 8))
        self._report(self.chen, "2026-05-06", "2026-05-07 06:59", (4, 8))
        self._report(self.chen, "2026-05-07", "2026-05-07 07:01")
        self._report(self.chen, "2026-05-08", "2026-05-09 08:00")
        self._report(self.chen, "2026-06-01", "2026-06-01 07:00")
        self._verified(self.chen, "2026-05-10 10:00")
        self._verified(self.chen, "2026-06-01 00:30")
        self._verified(self.zhou, "2026-05-10 10:00")
        return first + punctual + late, failed

    def test_every_figure_by_hand(self):
        done, failed = self._tell_story()
        sheet = self._sheet()
        self.assertEqual(
            self._counted(sheet),
            {
                # 4×4 and 2+3+1+2, a quarter each
                "card": (6.0, 2.0),
                # May 1, 5 and 7 punctual, May 6 late
                "punctuality": (3, 4),
                # April 10, 20 and May 1 fixed, April 12 came again
                "first_fix": (3, 4),
                "repeat": (1, 4),
                "complaint": (1, 3),
                "report": (3, 4),
            },
        )
        expected = {
            "card": (3.0, 30, 50),
            "punctuality": (75.0, 20, 100 * 15 / 35),
            "first_fix": (75.0, 15, 100 * 25 / 40),
            "repeat": (25.0, 10, 100 * 5 / 25),
            "complaint": (1, 15, 200 / 3),
            "report": (75, 10, 50),
        }
        for measure, (value, weight, points) in expected.items():
            line = self._line(sheet, measure)
            self.assertAlmostEqual(line.value, value, 2, measure)
            self.assertAlmostEqual(line.score, points, 1, measure)
            self.assertAlmostEqual(line.share, weight, 1, measure)
        mean = sum(weight * points for _v, weight, points in expected.values()) / 100
        self.assertAlmostEqual(sheet.score, mean, 1)
        self.assertEqual(sheet.visit_count, 3)
        self.assertEqual(sheet.failed_count, 1)
        # Satisfaction of the second is on the card alone, the first has no form.
        self.assertEqual((sheet.feedback_count, sheet.feedback_missing), (2, 1))
        self.assertEqual(sheet.complaint_count, 1)
        self.assertEqual((sheet.role, sheet.team_id), ("technician", self.team))
        # The same from the rows, one by one.
        visits = self.env["aftersales.dispatch"].search(
            [("technician_id", "=", self.chen.id), ("arrive_date", "!=", False)]
        )
        begin, end = local("2026-05-01 00:00"), local("2026-06-01 00:00")
        of_may = visits.filtered(
            lambda v: begin <= (v.finish_date or v.arrive_date) < end
        )
        self.assertEqual(of_may, done + failed)
        on_time = of_may.filtered(lambda v: v.arrive_date <= v.date_start)
        self.assertEqual(len(on_time), self._line(sheet, "punctuality").numerator)

    def test_figures_open_their_records(self):
        done, failed = self._tell_story()
        sheet = self._sheet()

        def opened(line, counted=False):
            action = (
                line.action_view_counted() if counted else line.action_view_records()
            )
            return self.env[action["res_model"]].search(action["domain"])

        for measure in ("punctuality", "first_fix", "repeat", "report"):
            line = self._line(sheet, measure)
            self.assertEqual(len(opened(line)), line.denominator, measure)
            self.assertEqual(len(opened(line, True)), line.numerator, measure)
        self.assertEqual(opened(self._line(sheet, "punctuality")), done + failed)
        complaint = self._line(sheet, "complaint")
        self.assertEqual(opened(complaint), done)
        self.assertEqual(opened(complaint, True).responsible_id, self.chen)
        self.assertEqual(len(opened(self._line(sheet, "card"))), 2)
        action = sheet.action_view_visits()
        self.assertEqual(self.env["aftersales.dispatch"].search(action["domain"]), done)

    def test_leader_is_measured_by_his_team(self):
        self._visit("2026-05-05 09:00")
        self._visit("2026-05-06 10:00", late=1, technician=self.zhou)
        complaint = self._verified(self.zhou, "2026-05-10 10:00")
        complaint._by_method().write(
            {
                "owner_id": self.supervisor.id,
                "promised_date": local("2026-05-20 12:00"),
                "agreement_date": local("2026-05-20 11:00"),
            }
        )
        self._complain(
            owner_id=self.supervisor.id, promised_date=local("2026-05-21 12:00")
        )
        sheet = self._sheet(self.leader)
        self.assertEqual((sheet.role, sheet.team_id), ("leader", self.team))
        counted = self._counted(sheet)
        self.assertEqual(counted["handled"], (1, 2))
        self.assertEqual(counted["complaint"], (1, 2))
        self.assertEqual(sheet.visit_count, 0, "his own")
        self.assertFalse(sheet.pay_ids)
        criterion = self.env["aftersales.performance.criterion"].search(
            [("role", "=", "leader"), ("measure", "=", "promise")]
        )
        criterion.measure = "punctuality"
        sheet.action_recompute()
        line = self._line(sheet, "punctuality")
        self.assertEqual((line.numerator, line.denominator), (1, 2))
        self.assertEqual(len(line.action_view_records()["domain"][0][2]), 2)
        handled = self._line(sheet, "handled").action_view_counted()
        self.assertEqual(handled["domain"], [("id", "in", complaint.ids)])

    # ------------------------------------------------------------
    # NOTHING TO MEASURE
    # ------------------------------------------------------------

    def test_month_without_anything(self):
        sheet = self._sheet(self.zhou)
        self.assertFalse(sheet.is_scored)
        self.assertEqual(sheet.score, 0)
        self.assertFalse(any(sheet.line_ids.mapped("has_data")))
        self.assertIn("left out", sheet.line_ids[0].note)
        self.assertFalse(sheet.pay_ids)
        # No sheet without a measure pulls the mean down.
        self._visit("2026-05-05 09:00")
        measured = self._sheet()
        (mean,) = self.env["aftersales.performance"]._read_group(
            [("month", "=", MAY)], aggregates=["score:avg"]
        )[0]
        self.assertAlmostEqual(mean, measured.score, 4)

    def test_left_out_criteria_leave_their_weight_to_the_others(self):
        self._visit("2026-05-05 09:00")
        sheet = self._sheet()
        measured = sheet.line_ids.filtered("has_data")
        self.assertEqual(set(measured.mapped("measure")), {"punctuality", "complaint"})
        self.assertAlmostEqual(sum(measured.mapped("share")), 100, 3)
        self.assertAlmostEqual(self._line(sheet, "punctuality").share, 100 * 20 / 35, 1)
        self.assertEqual(sheet.score, 100)

    def test_company_criteria_replace_the_shared_ones(self):
        self.env["aftersales.performance.criterion"].create(
            {
                "name": "Only this",
                "company_id": self.company.id,
                "measure": "utilisation",
                "floor": 0,
                "target": 80,
            }
        )
        self._report(self.chen, "2026-05-05", "2026-05-05 19:00", (6, 8))
        self._report(self.chen, "2026-05-06", "2026-05-06 19:00", (5, 0))
        sheet = self._sheet()
        self.assertEqual(sheet.line_ids.mapped("name"), ["Only this"])
        self.assertAlmostEqual(sheet.line_ids.value, 75, msg="of days with a calendar")
        self.assertEqual(len(sheet.line_ids.action_view_records()["domain"][0][2]), 1)

    # ------------------------------------------------------------
    # WHO AND WHICH MONTH
    # ------------------------------------------------------------

    def test_one_sheet_of_a_whole_month(self):
        self._sheet()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                self._sheet()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                self._sheet(month="2026-04-15")
        with self.assertRaisesRegex(UserError, "Chen Gang · .* 2026"):
            self._sheet(month="2026-07-01")

    def test_the_sheets_of_last_month_are_made_once(self):
        self._visit("2026-05-05 09:00", technician=self.zhou)
        self.zhou.action_archive()
        newcomer = self._create_technician("Late Li", contract_date_start="2026-06-01")
        joined = self._create_technician("Mid Sun", contract_date_start="2026-05-20")
        Sheet = self.env["aftersales.performance"]
        cron = self.env.ref("aftersales_quality.ir_cron_aftersales_performance")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
            sheets = Sheet.search([("company_id", "=", self.company.id)])
            self.assertEqual(
                sheets.employee_id, self.chen | self.zhou | self.leader | joined
            )
            self.assertNotIn(newcomer, sheets.employee_id)
            self.assertEqual(set(map(str, sheets.mapped("month"))), {MAY})
            self.assertEqual(sheets.filtered("visit_count").employee_id, self.zhou)
            cron.method_direct_trigger()
            self.assertEqual(
                Sheet.search_count([("company_id", "=", self.company.id)]), len(sheets)
            )

    def test_missed_months_are_caught_up_once(self):
        self.company.aftersales_performance_month = "2026-02-01"
        Sheet = self.env["aftersales.performance"]
        self._sheet(month="2026-04-01")  # somebody was quicker
        cron = self.env.ref("aftersales_quality.ir_cron_aftersales_performance")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        of_chen = Sheet.search([("employee_id", "=", self.chen.id)], order="month")
        self.assertEqual(
            [str(month) for month in of_chen.mapped("month")],
            ["2026-03-01", "2026-04-01", MAY],
        )
        self.assertEqual(str(self.company.aftersales_performance_month), MAY)
