from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .feedback_common import TODAY, FeedbackCommon


@freeze_time(TODAY)
@tagged("post_install", "-at_install")
class TestAudit(FeedbackCommon):
    """The head checks unannounced; false reports are marked and proposed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["aftersales.sanction.rule"].search([]).date_from = "2027-01-01"

    def _check(self, *points, **values):
        return (
            self.env["aftersales.audit"]
            .with_user(self.supervisor)
            .create(
                {
                    "place": "Station South",
                    "point_ids": [Command.create(point) for point in points],
                    **values,
                }
            )
        )

    def test_finding_becomes_a_corrective_action(self):
        broken = {"name": "Fire extinguisher", "result": "not_ok"}
        audit = self._check({"name": "Tools", "result": "ok"}, broken)
        with self.assertRaisesRegex(UserError, "Fire extinguisher"):
            audit.action_finish()
        audit.point_ids[1].write(
            {
                "finding": "Expired in May",
                "measure": "Buy a new one",
                "owner_id": self.agent.id,
                "date_due": "2027-03-20",
            }
        )
        audit.action_finish()
        action = audit.point_ids.action_id
        self.assertEqual(len(action), 1)
        self.assertEqual(
            (action.kind, action.owner_id, action.date_due),
            ("corrective", self.agent, date(2027, 3, 20)),
        )
        self.assertIn("Expired in May", action.description)
        self.assertEqual((audit.failed_count, audit.open_action_count), (1, 1))
        self.assertFalse(
            self.env["aftersales.sanction"].search([("res_id", "=", audit.id)])
        )
        with self.assertRaisesRegex(UserError, "stays as it is"):
            audit.point_ids[0].result = "not_ok"
        with self.assertRaisesRegex(UserError, "stays as it is"):
            audit.place = "Elsewhere"
        with self.assertRaisesRegex(UserError, "neither be deleted"):
            audit.sudo().unlink()
        with self.assertRaisesRegex(UserError, "cannot be typed"):
            self._check(state="done")
        html = self.env["ir.actions.report"]._render_qweb_html(
            "aftersales_quality.report_aftersales_audit", audit.ids
        )[0]
        self.assertIn(b"Expired in May", html)

    def test_false_report_is_marked_and_proposed(self):
        visit = self._dispatch()
        look_back = {"kind": "look_back", "dispatch_id": visit.id}
        audit = self._check(**look_back)
        self.assertEqual(audit.employee_id, self.chen)
        with self.assertRaisesRegex(UserError, "really done"):
            audit.action_finish()
        audit.write({"inspection_result": "false", "backup_result": "missing"})
        with self.assertRaisesRegex(UserError, "what shows"):
            audit.action_finish()
        audit.evidence = "The seal is unbroken"
        audit.action_finish()
        self.assertTrue(audit.is_false_report and audit.sanction_proposed)
        self.assertTrue(visit.sudo().is_false_report)
        proposed = self.env["aftersales.sanction"].search(
            [("res_model", "=", audit._name), ("res_id", "=", audit.id)]
        )
        self.assertEqual(
            set(proposed.mapped("trigger")), {"false_inspection", "missing_backup"}
        )
        self.assertEqual(proposed.employee_id, self.chen)
        # What was really done harms nobody.
        good = self._check(inspection_result="done", **look_back)
        good.action_finish()
        self.assertFalse(good.sanction_proposed)

    def test_only_the_head_checks_and_never_his_own_work(self):
        audit = self._check({"name": "Tools", "result": "ok"})
        with self.assertRaises(AccessError):
            audit.with_user(self.technician).read(["place"])
        with self.assertRaises(AccessError):
            self.env["aftersales.audit"].with_user(self.agent).create({})
        audit.employee_id = self.leader
        with self.assertRaisesRegex(UserError, "his own work"):
            audit.action_finish()
        empty = self._check()
        with self.assertRaisesRegex(UserError, "what was checked"):
            empty.action_finish()
        empty.action_cancel()
        with self.assertRaisesRegex(UserError, "finish a draft"):
            empty.action_finish()
