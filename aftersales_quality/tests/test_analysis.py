import io
from datetime import date, datetime

from freezegun import freeze_time
from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import QualityCommon


@tagged("post_install", "-at_install")
class TestAnalysis(QualityCommon):
    """Departments are sent their cases of a month: once, in their words."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chief = cls._create_user("chief", "aftersales_quality_group_lead")
        cls.chief.group_ids = cls.env.ref("base.group_user")
        cls.chief.lang = "zh_CN"
        chief = cls.env["hr.employee"].create(
            {"name": "Chief", "user_id": cls.chief.id, "company_id": cls.company.id}
        )
        cls.welding, cls.design = cls.env["hr.department"].create(
            [
                {
                    "name": "Welding Shop",
                    "company_id": cls.company.id,
                    "manager_id": chief.id,
                },
                {"name": "Design", "company_id": cls.company.id},
            ]
        )
        cls.porous, cls.loose = cls.env["aftersales.cause"].create(
            [
                {
                    "name": name,
                    "department_id": department.id,
                    "company_id": cls.company.id,
                }
                for name, department in (
                    ("Porous seam", cls.welding),
                    ("Loose bolt", cls.design),
                )
            ]
        )
        cls.supplier = cls.env["res.partner"].create(
            {"name": "Seal Works", "lang": "en_US"}
        )

    @classmethod
    def _find(cls, day, cause, **values):
        return cls.env["aftersales.nonconformity"].create(
            {
                "product_id": cls.header.id,
                "found_on": day,
                "cause_id": cause.id,
                **values,
            }
        )

    def _scene(self):
        """September 1; October 3 of welding, 1 of design, 1 cancelled, 1 complaint."""
        self._find("2026-09-30", self.porous)
        self._find("2026-10-01", self.porous, quantity=4, supplier_id=self.supplier.id)
        self._find("2026-10-31", self.porous)
        self._find("2026-10-10", self.loose, product_id=self.oil.id)
        gone = self._find("2026-10-11", self.loose)
        gone._by_method().write({"state": "cancelled", "cancel_reason": "Wrong"})
        told = self._complain(cause_id=self.porous.id, date=datetime(2026, 10, 5))
        self._find("2026-11-02", self.porous, complaint_id=told.id)
        self._complain(cause_id=self.porous.id, date=datetime(2026, 10, 6))
        self.env.flush_all()

    def _run(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(
                "aftersales_quality.ir_cron_aftersales_analysis"
            ).method_direct_trigger()
        self.env.invalidate_all()
        return self.env["aftersales.analysis"].search(
            [("company_id", "=", self.company.id)], order="id"
        )

    @freeze_time("2026-11-01 01:00:00")
    def test_each_department_once_and_missed_months_later(self):
        self._scene()
        mails = self.env["mail.mail"].search([])
        analyses = self._run()
        mails = self.env["mail.mail"].search([]) - mails
        self.assertEqual(set(analyses.mapped("month")), {date(2026, 10, 1)})
        figures = {
            analysis.department_id: (analysis.case_count, analysis.previous_count)
            for analysis in analyses
        }
        self.assertEqual(
            figures,
            {
                self.env["hr.department"]: (4, 1),
                self.welding: (3, 1),
                self.design: (1, 0),
            },
        )
        welding = analyses.filtered(lambda row: row.department_id == self.welding)
        self.assertEqual(welding.partner_ids, self.chief.partner_id)
        self.assertEqual(welding.quantity, 6)
        self.assertEqual((analyses - welding).partner_ids, self.quality_lead.partner_id)
        mail = mails.filtered(lambda row: row.recipient_ids == self.chief.partner_id)
        self.assertIn("Porous seam", mail.body_html)
        self.assertNotIn("Loose bolt", mail.body_html)
        self.assertEqual(self._run(), analyses, "Once.")
        with freeze_time("2027-01-09 01:00:00"):
            later = self._run() - analyses
            self.assertEqual(
                later.sorted("month").mapped("month"),
                [date(2026, 11, 1), date(2026, 11, 1), date(2026, 12, 1)],
            )
            self.assertEqual(self._run() - analyses, later)

    @freeze_time("2026-11-01 01:00:00")
    def test_pareto_and_workbook_by_hand(self):
        self._scene()
        analyses = self._run()
        whole = analyses.filtered(lambda row: not row.department_id)
        sections = dict(whole._get_sections())
        self.assertEqual(
            [(bar.label, bar.count, bar.cumulated) for bar in sections["Cause"]],
            [("Porous seam", 3, 0.75), ("Loose bolt", 1, 1.0)],
        )
        supplier = {bar.label: bar.quantity for bar in sections["Supplier"]}
        self.assertEqual(supplier["Seal Works"], 4)
        file = self.env["ir.attachment"].search(
            [("res_model", "=", "aftersales.analysis"), ("res_id", "=", whole.id)]
        )
        book = load_workbook(io.BytesIO(file.raw))
        rows = list(book["Cases"].iter_rows(values_only=True))
        self.assertEqual(len(rows), 5)
        self.assertEqual(rows[1][1], datetime(2026, 10, 1))
        self.assertEqual(book["Cause"]["B4"].value, 3)

    def test_months_in_service_from_the_delivery(self):
        with freeze_time("2026-04-20 04:00:00"):
            unit = self._sold_unit("S-77")
        row = self._find("2026-10-19", self.porous, product_id=self.harvester.id)
        row.lot_id = unit.lot_id
        unit.delivery_date = date(2026, 4, 20)
        self.env.flush_all()
        case = self.env["aftersales.quality.analysis"].search(
            [("nonconformity_id", "=", row.id)]
        )
        self.assertEqual((case.service_months, case.is_dated), (5, True))
        row.found_on = "2026-10-20"
        self.env.flush_all()
        case.invalidate_recordset()
        self.assertEqual(case.service_months, 6)
        [(months, count)] = case._read_group(
            [("id", "=", case.id)], ["service_months"], ["__count"]
        )
        self.assertEqual((months, count), (6, 1))

    @freeze_time("2026-11-01 01:00:00")
    def test_who_reads_and_who_sends_again(self):
        self._scene()
        analyses = self._run()
        mine = self.env["aftersales.analysis"].with_user(self.chief).search([])
        self.assertEqual(mine.department_id, self.welding)
        self.assertEqual(mine.action_download()["type"], "ir.actions.act_url")
        with self.assertRaises(AccessError):
            mine.action_send()
        with self.assertRaisesRegex(UserError, "Cases"):
            analyses[:1].case_count = 7
        self._find("2026-10-12", self.loose)
        design = analyses.filtered(lambda row: row.department_id == self.design)
        design.with_user(self.quality_lead).action_send()
        self.assertEqual(design.case_count, 2)
        with self.assertRaises(AccessError):
            self.env["aftersales.quality.analysis"].with_user(self.employee).search([])

    def test_department_is_told_each_time_when_wanted(self):
        self.company.aftersales_analysis_each_time = True
        row = self._find("2026-10-12", self.porous)
        told = (
            row.message_ids.notified_partner_ids
            | self.env["mail.message"]
            .search([("model", "=", row._name), ("res_id", "=", row.id)])
            .notified_partner_ids
        )
        self.assertIn(self.chief.partner_id, told)
