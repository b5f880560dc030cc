from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .clock_common import local
from .test_visit_phone import TODAY, VisitCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestCheckout(VisitCommon):
    """Nobody leaves the site unnoticed, for a while or for good (R76)."""

    def _run(self):
        Cron = type(self.env["ir.cron"])
        with patch.object(Cron, "_commit_progress", lambda *args, **kw: 60):
            self.env["aftersales.dispatch"]._cron_report_left()

    def test_absence_is_no_work(self):
        own = self._on_site()
        with self.assertRaisesRegex(UserError, "Say why"):
            own.action_leave(told=True)
        with self.assertRaisesRegex(UserError, "Tell the customer"):
            own.action_leave("Fetch a bolt")
        with freeze_time(TODAY + timedelta(minutes=30)):
            own.action_leave("Fetch a bolt", told=True)
            with self.assertRaisesRegex(UserError, "when you were back"):
                own.action_leave("Again", told=True)
            with self.assertRaisesRegex(UserError, "back from your absence"):
                own.action_finish()
        with freeze_time(TODAY + timedelta(minutes=50)):
            with self.assertRaisesRegex(UserError, "Nobody is back before"):
                own.action_return(TODAY)
            own.action_return()
            own.action_return()
        with freeze_time(TODAY + timedelta(minutes=120)):
            own.action_finish()
        self.assertAlmostEqual(own.work_hours, 100 / 60)

    def test_check_out_once(self):
        own = self._on_site()
        with self.assertRaisesRegex(UserError, "after he has finished"):
            own.action_check_out()
        with freeze_time(TODAY + timedelta(hours=1)):
            own.action_finish()
            with self.assertRaisesRegex(UserError, "follow each other"):
                own.action_check_out(TODAY)
            with self.assertRaisesRegex(UserError, "latitude"):
                own.action_check_out(latitude=0, longitude=181)
            own.action_check_out(latitude=30.5, longitude=114.0)
        with freeze_time(TODAY + timedelta(hours=2)):
            own.action_check_out()
            own.action_finish()
        self.assertEqual(own.check_out_date, TODAY + timedelta(hours=1))
        self.assertEqual(own.finish_date, TODAY + timedelta(hours=1))
        self.assertEqual(own.check_out_longitude, 114.0)
        with self.assertRaisesRegex(UserError, "cannot be typed"):
            own.check_out_date = TODAY

    def test_given_up_on_site(self):
        """Who was there and could do nothing checks out, too; who was not need not."""
        there = self._on_site()
        there.action_fail("No power")
        self.assertTrue(there.can_check_out)
        there.action_check_out()
        elsewhere = self._own(start=TODAY + timedelta(hours=5))
        elsewhere.action_fail("Nobody at home")
        self.assertFalse(elsewhere.can_check_out)

    def test_left_without_check_out(self):
        """The supervisor is told the next morning, once, and it stays on record."""
        left = self._on_site()
        left.action_finish()
        proper = self._on_site(start=TODAY + timedelta(hours=5))
        proper.action_finish()
        proper.action_check_out()
        with freeze_time(local("2026-06-02 23:55")):
            self._run()
        self.assertFalse(left.left_without_check_out)
        with freeze_time(local("2026-06-03 07:00")):
            self._run()
            self._run()
            self.assertTrue(left.left_without_check_out)
            self.assertFalse(proper.left_without_check_out)
            self.assertEqual(left.sudo().activity_ids.user_id, self.supervisor)
            left.action_check_out()
        self.assertTrue(left.left_without_check_out)

    def test_job_costs_what_is_due(self):
        """Nothing due: one question for the visits; many: not one by one."""
        self._run()
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self._run()
        self.assertLessEqual(self.env.cr.sql_log_count - before, 6)

    def test_asked_again_means_not_set_out(self):
        own = self._own()
        own.action_depart()
        own.action_reschedule(
            TODAY + timedelta(days=1), reason="Rain", requested_by="company"
        )
        self.assertFalse(own.depart_date)
