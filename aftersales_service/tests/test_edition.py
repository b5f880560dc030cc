from unittest.mock import patch

from freezegun import freeze_time
from lxml import html

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .knowledge_common import KnowledgeCommon

REPORT = "aftersales_service.action_report_aftersales_edition"


@tagged("post_install", "-at_install")
class TestEdition(KnowledgeCommon):
    """The service handbook appears every month with what is new (R11)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.company.partner_id.write({"tz": "Asia/Shanghai", "lang": "en_US"})
        cls.Edition = cls.env["aftersales.edition"]

    def setUp(self):
        super().setUp()
        # The job commits between two companies; a test is one transaction.
        patcher = patch.object(
            self.env.registry["ir.cron"],
            "_commit_progress",
            lambda *args, **kwargs: 100.0,
        )
        self.startPatcher(patcher)

    def _editions(self):
        return self.Edition.search([("company_id", "=", self.company.id)])

    def _solution_at(self, moment, name, *args, **values):
        with freeze_time(moment):
            return self._solution(name, *args, **values)

    def _run(self, moment):
        with freeze_time(moment):
            self.Edition._cron_make_editions()
            self.env.flush_all()

    def _text(self, edition, lang="en_US"):
        Report = self.env["ir.actions.report"].with_context(lang=lang)
        content = Report._render_qweb_html(REPORT, edition.ids)[0]
        page = html.fromstring(content).xpath("//div[contains(@class, 'page')]")
        return " ".join(page[0].text_content().split())

    # ------------------------------------------------------------
    # JOB
    # ------------------------------------------------------------

    def test_last_month_makes_one_edition(self):
        first = self._solution_at("2026-10-05 08:00", "Charge it")
        # In Shanghai this is November already.
        late = self._solution_at("2026-10-31 17:00", "Seal it", self.leak)
        self._run("2026-10-31 20:00")
        edition = self._editions()
        self.assertEqual(edition.solution_ids, first)
        self.assertEqual(edition.month.isoformat(), "2026-10-01")
        self.assertEqual((edition.number, edition.state), (1, "published"))
        self.assertTrue(edition.attachment_ids)
        self._run("2026-10-31 21:00")
        self._run("2026-11-15 02:00")
        self.assertEqual(self._editions(), edition, "run again")
        self._run("2026-12-01 02:00")
        second = self._editions() - edition
        self.assertEqual(second.solution_ids, late)
        self.assertEqual((second.number, second.solution_count), (2, 2))

    def test_nothing_new_makes_no_edition(self):
        self._solution_at("2026-10-05 08:00", "Draft", state="draft")
        self._run("2026-11-01 02:00")
        self.assertFalse(self._editions())

    def test_what_is_retired_leaves_the_handbook(self):
        solution = self._solution_at("2026-10-05 08:00", "Charge it")
        self._run("2026-11-01 02:00")
        with freeze_time("2026-11-05 08:00"):
            solution.with_user(self.supervisor).action_retire("Wrong")
        self._run("2026-12-01 02:00")
        edition = self._editions()[:1]
        self.assertEqual(edition.withdrawn_ids, solution)
        self.assertEqual(edition.solution_count, 0)
        text = self._text(edition)
        self.assertIn("No Longer Valid Charge it", text)
        self.assertNotIn("step by step", text)

    def test_edition_that_cannot_be_printed_is_printed_by_the_next_run(self):
        self._solution_at("2026-10-05 08:00", "Charge it")
        Report = self.env.registry["ir.actions.report"]
        with (
            patch.object(Report, "_render_qweb_pdf", side_effect=UserError("No paper")),
            mute_logger("odoo.addons.aftersales_service.models.aftersales_edition"),
        ):
            self._run("2026-11-01 02:00")
        self.assertEqual(self._editions().state, "draft")
        self._run("2026-11-02 02:00")
        self.assertEqual(self._editions().state, "published")

    def test_companies_have_their_own_handbook(self):
        other = self.env["res.company"].create({"name": "Other"})
        solution = self._solution_at("2026-10-05 08:00", "Charge it")
        self._run("2026-11-01 02:00")
        self.assertFalse(self.Edition.search([("company_id", "=", other.id)]))
        self.assertEqual(solution.edition_id.company_id, self.company)

    # ------------------------------------------------------------
    # PERSONS
    # ------------------------------------------------------------

    def test_supervisor_makes_an_edition_now(self):
        solution = self._solution("Charge it")
        with self.assertRaises(UserError):
            self.Edition.with_user(self.agent).action_make_now()
        action = self.Edition.with_user(self.supervisor).action_make_now()
        edition = self.Edition.browse(action["res_id"])
        self.assertEqual(edition.solution_ids, solution)
        with self.assertRaisesRegex(UserError, "publish a solution first"):
            self.Edition.with_user(self.supervisor).action_make_now()
        with self.assertRaisesRegex(UserError, "only once"):
            edition.with_user(self.supervisor).action_publish()

    def test_technician_reads_in_his_language(self):
        self.technician.lang = "zh_CN"
        self._solution("Charge it")
        action = self.Edition.with_user(self.supervisor).action_make_now()
        edition = self.Edition.browse(action["res_id"])
        self.assertEqual(
            sorted(edition.attachment_ids.mapped("description")), ["en_US", "zh_CN"]
        )
        for user in (self.technician, self.agent):
            mine = edition.with_user(user).with_context(lang=user.lang)
            url = mine.action_open_handbook()["url"]
            attachment = self.env["ir.attachment"].browse(int(url.split("/")[-1]))
            self.assertEqual(attachment.description, user.lang)
            self.assertTrue(attachment.with_user(user).raw)
        with self.assertRaises(AccessError):
            edition.with_user(self.salesman).read(["number"])

    def test_editions_are_facts(self):
        self._solution("Charge it")
        action = self.Edition.with_user(self.supervisor).action_make_now()
        edition = self.Edition.browse(action["res_id"]).with_user(self.manager)
        for values in ({"number": 9}, {"state": "draft"}, {"attachment_ids": False}):
            with self.subTest(values), self.assertRaises(UserError):
                edition.write(values)
        with self.assertRaises(UserError):
            edition.unlink()
        with self.assertRaises(UserError):
            edition.create({"number": 9, "month": "2026-01-01"})

    # ------------------------------------------------------------
    # PAPER
    # ------------------------------------------------------------

    def test_handbook_follows_the_fault_tree(self):
        self._solution("Charge it", products=self.harvester)
        self._solution("Check the starter", self.no_start)
        (self.engine).with_context(lang="zh_CN").name = "发动机"
        action = self.Edition.with_user(self.supervisor).action_make_now()
        edition = self.Edition.browse(action["res_id"])
        text = self._text(edition)
        chapter = edition._get_chapters()[
            edition.env["aftersales.fault"]
            .search([("parent_id", "=", False)])
            .ids.index(self.engine.id)
        ]
        number = chapter["number"]
        for shown in (
            "Service Handbook Harvester Works · Edition 1",
            "What Is New",
            f"Contents {'' if number > 1 else number}",
            f"{number} Engine Finding the Fault",
            "No: Battery empty",
            "At least 2 h.",
            f"{number}.1 Check the starter",
            f"{number}.2 Charge it New",
            "Engine / Does not start / Battery empty · Harvester",
            "Charge it, step by step.",
        ):
            self.assertIn(shown.strip(), text)
        self.assertIn("发动机", self._text(edition, "zh_CN"))

    def test_handbook_prints(self):
        self._solution("Charge it")
        Report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        edition = self.Edition._make(self.company, "2100-01-01", "2026-01-01")
        with (
            self.allow_pdf_render(),
            mute_logger("odoo.addons.base.models.ir_actions_report"),
        ):
            content, kind = Report._render_qweb_pdf(REPORT, edition.ids)
        self.assertEqual(kind, "pdf")
        self.assertTrue(content.startswith(b"%PDF"))
