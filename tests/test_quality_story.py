"""From a bad evaluation to the supplier's credit note and the next month's sheet."""

from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.aftersales_quality.tests.performance_common import PerformanceCommon
from odoo.addons.aftersales_quality.tests.supplier_common import SupplierCommon
from odoo.addons.aftersales_service.tests.clock_common import local

MARKS = {"attitude": "1", "skill": "1", "arrival": "2", "promise": "2"}


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20 02:00:00")
class TestQualityStory(PerformanceCommon, SupplierCommon):
    """Proves R33, R52, R57–R62, R65: one case through all floors, each as its own user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "aftersales_general_manager_id": cls.manager.id,
                "aftersales_complaint_limit_handler": 500.0,
                "aftersales_complaint_limit_lead": 5000.0,
            }
        )
        cls.department = cls.env["hr.department"].create(
            {"name": "Assembly", "company_id": cls.company.id}
        )
        cls.cause.write(
            {"company_id": cls.company.id, "department_id": cls.department.id}
        )
        cls.chen.user_id = cls.technician

    def test_from_a_bad_card_to_the_month_sheet(self):
        visit, card = self._serve()
        complaint = self._complain_of(card)
        self._settle_with_the_customer(complaint)
        sanction = self._settle_with_the_person(complaint)
        failure = self._register_failure(visit, complaint)
        self._charge_the_supplier(failure)
        self._report_the_month(complaint)
        self._measure_the_month(visit, complaint)
        self._keep_the_lesson(complaint)
        self.assertEqual(sanction.state, "approved")

    # ------------------------------------------------------------
    # CHAPTERS
    # ------------------------------------------------------------

    def _serve(self):
        """A belt breaks under warranty; the visit repairs it; the customer is angry."""
        unit = self._sold_unit("STORY-1")
        with freeze_time(local("2026-12-03 12:00")):
            visit = self._visit("2026-12-03 09:00", late=2, equipment_id=unit.id)
        with freeze_time(local("2026-12-08 12:00")):
            self._visit("2026-12-08 09:00")
        with freeze_time(local("2026-12-03 10:00")):
            noted = {"date_done": local("2026-12-03 10:00")}
            belt = {"product_id": self.belt.id, "old_lot_id": self.lot.id}
            self._work(visit.ticket_id, "part", 1, 40.0, **belt, **noted)
            self._work(visit.ticket_id, "labour", 2, 60.0, **noted)
        card = self.env["rating.rating"].search(
            [("aftersales_dispatch_id", "=", visit.id)]
        )
        moment = local("2026-12-03 18:00")
        with freeze_time(moment):
            card._answer_card(
                MARKS,
                "He came late and the belt breaks again.",
                "complaint",
                moment=moment,
            )
        return visit, card

    def _complain_of(self, card):
        """The supervisor makes a complaint of the card, once."""
        card = card.with_user(self.supervisor)
        with freeze_time(local("2026-12-04 09:00")):
            self.assertTrue(card.aftersales_can_complain)
            action = card.action_aftersales_complain()
            request = (
                self.env["aftersales.complaint.request"]
                .with_user(self.supervisor)
                .with_context(**action.get("context", {}))
            )
            request = (
                request.browse(action["res_id"])
                if action.get("res_id")
                else request.create({})
            )
            request.action_record()
        complaint = self.env["aftersales.complaint"].search(
            [("rating_id", "=", card.id)]
        )
        self.assertEqual(len(complaint), 1)
        self.assertEqual(complaint.ticket_id, card.aftersales_dispatch_id.ticket_id)
        self.assertIn("belt breaks again", complaint.description)
        return complaint.with_user(self.supervisor).with_context(
            allowed_company_ids=self.company.ids
        )

    def _settle_with_the_customer(self, complaint):
        """Steps two to six; the solution is above the supervisor's own authority."""
        complaint.owner_id = self.supervisor
        with freeze_time(local("2026-12-04 10:00")):
            complaint.action_validate()
            complaint.liability = "ours"
            complaint.action_commit(local("2026-12-08 18:00"))
            complaint.action_investigate()
        with freeze_time(local("2026-12-05 10:00")):
            complaint.write(
                {
                    "investigation": "The lot of belts is brittle; the visit was late.",
                    "cause_id": self.cause.id,
                    "department_id": self.department.id,
                    "solution": "A belt of another lot, and half of the season's oil.",
                    "amount": 2000.0,
                }
            )
            complaint.action_propose()
            self.assertEqual(complaint.approval_state, "waiting")
            complaint.with_user(self.quality_lead).action_approve("Reasonable.")
        with freeze_time(local("2026-12-06 10:00")):
            complaint.action_agree("note", "Farmer Wang", "On the phone, at ten.")
        self.assertEqual(complaint.state, "agreed")

    def _settle_with_the_person(self, complaint):
        """Step seven: the technician is heard, the officer decides, payroll is told."""
        with freeze_time(local("2026-12-07 09:00")):
            complaint.responsible_id = self.chen
            complaint.action_account()
        sanction = self.env["aftersales.sanction"].search(
            [("complaint_id", "=", complaint.id)]
        )
        self.assertEqual(sanction.employee_id, self.chen)
        self.assertFalse(sanction.repeated)
        with freeze_time(local("2026-12-07 10:00")):
            sanction.with_user(self.technician).action_speak("The road was flooded.")
        with freeze_time(local("2026-12-08 10:00")):
            decided = sanction.with_user(self.officer)
            if decided.kind_id.form == "money" and not decided.amount:
                decided.amount = 50.0
            decided.action_approve()
        return sanction

    def _register_failure(self, visit, complaint):
        """The failed belt is a nonconformity of the lot that was bought."""
        with freeze_time(local("2026-12-08 11:00")):
            failure = (
                self.env["aftersales.nonconformity"]
                .with_user(self.quality_lead)
                .create(
                    {
                        "product_id": self.belt.id,
                        "lot_id": self.lot.id,
                        "quantity": 1,
                        "cause_id": self.cause.id,
                        "ticket_id": visit.ticket_id.id,
                        "complaint_id": complaint.id,
                        "description": "Brittle belt.",
                    }
                )
            )
        self.assertEqual(failure.supplier_id, self.supplier)
        return failure

    def _charge_the_supplier(self, failure):
        """Forty for the belt, sixty for the work; ninety agreed, ninety credited."""
        with freeze_time(local("2026-12-09 09:00")):
            claim = self._claim(nonconformity_id=failure.id)
            claim.action_collect()
            self.assertEqual(claim.amount_claimed, 100.0)
            claim.action_send()
        with freeze_time(local("2026-12-15 09:00")):
            by_kind = {line.kind: line for line in claim.line_ids}
            by_kind["part"].write({"offered": 40.0, "agreed": 40.0})
            by_kind["labour"].write(
                {"offered": 50.0, "agreed": 50.0, "cut_reason": "An hour less"}
            )
            claim.action_answer()
            claim.action_agree()
            self.assertEqual(claim.amount_agreed, 90.0)
            claim.action_credit()
        with freeze_time(local("2026-12-20 09:00")):
            refund = claim.sudo().refund_id.with_user(self.accountant)
            refund.invoice_date = "2026-12-20"
            refund.action_post()
        self.assertEqual((claim.state, claim.refund_id.amount_untaxed), ("done", 90.0))

    def _report_the_month(self, complaint):
        """The complaint rate: one complaint on the tickets of December."""
        tickets = self.env["aftersales.ticket"].search_count(
            [
                ("company_id", "=", self.company.id),
                ("date_open", ">=", local("2026-12-01 00:00")),
                ("date_open", "<", local("2027-01-01 00:00")),
            ]
        )
        Report = self.env["aftersales.report"]
        with freeze_time(local("2026-12-02 09:00")):
            Report._ensure_reports(self.company)
        report = Report.search(
            [
                ("company_id", "=", self.company.id),
                ("kind", "=", "complaint_rate"),
            ]
        )
        with freeze_time(local("2027-01-05 17:00")):
            run = self.env["aftersales.report.run"]._make(report, date(2026, 12, 1))
        figure = run.figure_ids.filtered(lambda f: f.measure == "complaint_ticket")
        self.assertEqual((figure.numerator, figure.denominator), (1, tickets))

    def _measure_the_month(self, visit, complaint):
        """Chen's sheet of December, recomputed by hand from the rows above."""
        with freeze_time(local("2027-01-08 09:00")):
            sheet = self._sheet(month="2026-12-01")
        counted = self._counted(sheet)
        # Marks 1, 1, 2 and 2, levels from the best to the worst or the other way.
        card = self.env["rating.rating"].search(
            [("aftersales_dispatch_id", "=", visit.id)]
        )
        self.assertTrue(card.consumed)
        self.assertEqual(counted["card"], (1.5, 1.0))
        # Two hours late on the third, punctual on the eighth.
        self.assertEqual(counted["punctuality"], (1, 2))
        self.assertEqual(counted["complaint"][0], 1)
        self.assertEqual(sheet.visit_count, 2)
        with freeze_time(local("2027-01-09 09:00")):
            sheet.with_user(self.supervisor).action_check()
            sheet.with_user(self.officer).action_approve()
        self.assertEqual(sheet.state, "approved")

    def _keep_the_lesson(self, complaint):
        """Steps eight and nine: an action, its effect a month later, the archive."""
        with freeze_time(local("2026-12-10 09:00")):
            action = (
                self.env["aftersales.action"]
                .with_user(self.supervisor)
                .create(
                    {
                        "complaint_id": complaint.id,
                        "cause_id": self.cause.id,
                        "kind": "corrective",
                        "description": "Incoming belts are bent over a gauge.",
                        "evidence": "Sheet of the first lot.",
                        "owner_id": self.agent.id,
                        "date_due": "2026-12-20",
                    }
                )
            )
            action.with_user(self.agent).action_done()
            complaint.action_improve()
        with freeze_time(local("2027-01-20 09:00")):
            action.with_user(self.quality_lead).action_check("yes", "None broke since.")
            complaint.action_close("Belts are bent over a gauge on arrival.")
        self.assertEqual(complaint.state, "archived")
        self.assertEqual(
            complaint.step_ids.sorted("id").mapped("state"),
            [
                "recorded",
                "validated",
                "committed",
                "investigating",
                "proposed",
                "agreed",
                "accountable",
                "improved",
                "archived",
            ],
        )
