from contextlib import contextmanager
from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from lxml import html

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader, io

from .warranty_common import WarrantyCommon

REPORT = "aftersales_service.action_report_aftersales_certificate"
PICKING_REPORT = "aftersales_service.action_report_aftersales_certificate_picking"
ACTIVITY_TYPE = "aftersales_service.mail_activity_type_aftersales_certificate"


@tagged("post_install", "-at_install")
class TestCertificate(WarrantyCommon):
    """The customer gets his warranty certificate within three days (R20)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.team.supervisor_id = cls.supervisor
        cls.company.write({"phone": "400 820 1234", "email": "service@example.com"})
        (cls.farmer | cls.other_farmer).lang = "en_US"
        cls.policy.note = "<p>Keep the machine dry.</p>"

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _todos(self, units):
        return units.sudo().activity_ids.filtered(
            lambda activity: activity.activity_type_id == self.env.ref(ACTIVITY_TYPE)
        )

    def _deliver_many(self, *serials, **kwargs):
        lots = self._lots(*serials)
        order = self._sell((self.harvester, len(lots)), **kwargs)
        self._deliver(order, lots=lots)
        return self._units(order)

    def _html(self, records, report=REPORT):
        Report = self.env["ir.actions.report"].with_env(records.env)
        content = Report._render_qweb_html(report, records.ids)[0]
        return html.fromstring(content)

    def _text(self, records, report=REPORT):
        page = self._html(records, report).xpath("//div[contains(@class, 'article')]")
        return " ".join(page[0].text_content().split())

    def _pages(self, records, report=REPORT):
        Report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        # The unpatched build says what it cannot do, and tests serve no style sheets.
        with (
            self.allow_pdf_render(),
            mute_logger("odoo.addons.base.models.ir_actions_report"),
        ):
            content, kind = Report._render_qweb_pdf(report, records.ids)
        self.assertEqual(kind, "pdf")
        return PdfFileReader(io.BytesIO(content)).numPages

    @contextmanager
    def _today(self, day):
        with freeze_time(f"{day} 09:00:00"):
            yield

    # ------------------------------------------------------------
    # PAPER
    # ------------------------------------------------------------

    def test_certificate_says_what_is_covered_and_until_when(self):
        with self._today("2026-03-01"):
            unit = self._sold_unit("H-1")
            self._invoice(unit.sale_order_id)
        unit.installation_date = "2026-03-04"
        text = self._text(unit)
        for shown in (
            "Warranty Certificate",
            unit.name,
            "Farmer Wang",
            "Harvester",
            "H-1",
            unit.order_ref,
            unit.invoice_ref,
            "Harvester Works",
            "400 820 1234",
            "Whole Machine 03/01/2026 03/01/2027 ● ● ● Warranty",
            "Main Parts Engine Block, Cylinder Head, Flywheel",
            "03/01/2028",
            "06/01/2026",
            "Wear Parts Not covered",
            "Keep the machine dry.",
            "Damage by wrong use, maintenance or storage",
            "Force majeure",
            "Customer's Signature, Date",
        ):
            self.assertIn(shown, text)

    def test_certificate_shows_a_limit_and_an_extension_with_its_source(self):
        self.policy.term_ids[0].write({"usage_limit": 1500, "usage_unit": "hour"})
        with self._today("2026-03-01"):
            unit = self._sold_unit("H-1")
        self.env["aftersales.coverage"].create(
            {
                "equipment_id": unit.id,
                "component_id": self.machine.id,
                "date_start": "2027-03-02",
                "date_end": "2028-03-01",
                "covers_travel": False,
                "reason": "Fair",
            }
        )
        text = self._text(unit)
        self.assertIn("At most 1500 Hours", text)
        self.assertIn("03/02/2027 03/01/2028 ● ● – Extension", text)

    def test_certificate_speaks_the_language_of_the_holder(self):
        unit = self._sold_unit("H-1")
        self.machine.with_context(lang="zh_CN").name = "整机"
        wording = {"Keep the machine dry.": "请保持机器干燥。"}
        self.policy.update_field_translations("note", {"zh_CN": wording})
        self.assertIn("Keep the machine dry.", self._text(unit))
        self.farmer.lang = "zh_CN"
        text = self._text(unit)
        self.assertIn("整机", text)
        self.assertIn("请保持机器干燥。", text)
        self.assertNotIn("Keep the machine dry.", text)

    def test_paper_has_one_page_in_both_languages_and_for_many_units(self):
        unit = self._sold_unit("H-1")
        self.policy.note = "<p>%s</p>" % ("Keep the machine dry and greased. " * 12)
        self.assertEqual(self._pages(unit), 1)
        self.farmer.lang = "zh_CN"
        self.assertEqual(self._pages(unit), 1)
        units = unit | self._sold_unit("H-2", partner=self.other_farmer)
        self.assertEqual(self._pages(units), 2)

    def test_clearance_goods_and_goods_without_terms_get_no_certificate(self):
        bare = self._sold_unit("H-1")
        bare.clearance = True
        self.header.aftersales_policy_id = False
        self._stock(self.header, 1)
        order = self._sell((self.header, 1))
        self._deliver(order)
        header = self._units(order)
        for unit in (bare, header):
            with self.assertRaisesRegex(UserError, "no warranty of ours"):
                unit.action_print_certificate()
            with self.assertRaisesRegex(UserError, "no warranty of ours"):
                self._html(unit)
        self.assertFalse(self._todos(header))

    def test_delivery_prints_the_certificates_of_its_units(self):
        units = self._deliver_many("A-1", "A-2", "A-3")
        pages = self._html(units.picking_id, PICKING_REPORT).xpath(
            "//div[contains(@class, 'o_aftersales_certificate')]"
        )
        self.assertEqual(len(pages), 3)
        keeper = units.picking_id.with_user(self.warehouse_user)
        self.assertIn("A-2", self._text(keeper, PICKING_REPORT))
        self._stock(self.oil, 1)
        order = self._sell((self.oil, 1))
        with self.assertRaisesRegex(UserError, "No unit with a warranty"):
            self._html(self._deliver(order), PICKING_REPORT)

    def test_certificate_goes_out_by_mail_from_the_queue(self):
        unit = self._sold_unit("H-1")
        unit.with_user(self.salesman).action_send_certificate()
        mail = self.env["mail.mail"].search(
            [("model", "=", unit._name), ("res_id", "=", unit.id)]
        )
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.recipient_ids, self.farmer)
        self.assertIn(unit.name.replace("/", "-"), mail.attachment_ids.name)
        self.assertFalse(unit.certificate_date)
        self.farmer.email = False
        with self.assertRaisesRegex(UserError, "no email address"):
            unit.action_send_certificate()

    # ------------------------------------------------------------
    # TO-DO
    # ------------------------------------------------------------

    def test_delivery_asks_the_salesman_within_three_days(self):
        with self._today("2026-03-01"):
            unit = self._sold_unit("H-1")
        todo = self._todos(unit)
        self.assertEqual(len(todo), 1)
        self.assertEqual(todo.user_id, self.salesman)
        self.assertEqual(todo.date_deadline, date(2026, 3, 4))
        self.assertEqual(todo.summary, "Hand over the warranty certificate")
        self.assertTrue(todo.with_user(self.salesman).has_access("read"))
        # Accepted is what is installed.
        unit.with_user(self.agent).installation_date = "2026-03-10"
        self.assertEqual(todo.date_deadline, date(2026, 3, 13))

    def test_without_salesman_the_supervisor_is_asked(self):
        order = self._sell((self.harvester, 1))
        order.user_id = False
        self._deliver(order, lots=self._lots("H-1"))
        self.assertEqual(self._todos(self._units(order)).user_id, self.supervisor)
        order = self._sell((self.harvester, 1), user=self.employee)
        self._deliver(order, lots=self._lots("H-2"))
        self.assertEqual(self._todos(self._units(order)).user_id, self.supervisor)

    def test_many_serials_make_one_todo_that_counts_down(self):
        units = self._deliver_many(*(f"M-{i:02}" for i in range(30)))
        todo = self._todos(units)
        self.assertEqual(len(todo), 1)
        self.assertEqual(units.certificate_activity_id, todo)
        self.assertEqual(todo.res_id, units[0].id)
        self.assertEqual(todo.summary, "Hand over 30 warranty certificates")
        self.assertIn("M-19, …", todo.note)
        units[:10].with_user(self.salesman).action_hand_over_certificate()
        self.assertTrue(todo.active)
        self.assertEqual(todo.summary, "Hand over 20 warranty certificates")
        self.assertEqual(todo.res_id, units[10].id)
        units[10:].with_user(self.salesman).action_hand_over_certificate()
        self.assertFalse(todo.active)
        self.assertEqual(todo.state, "done")

    def test_two_customers_are_two_todos(self):
        first = self._sold_unit("H-1")
        second = self._sold_unit("H-2", partner=self.other_farmer)
        self.assertEqual(len(self._todos(first | second)), 2)
        first.action_hand_over_certificate()
        self.assertFalse(self._todos(first))
        self.assertTrue(self._todos(second))

    def test_todo_marked_as_done_notes_its_certificates(self):
        """Proves: the salesman, who only reads units, closes his own to-do."""
        units = self._deliver_many("A-1", "A-2")
        self._todos(units).with_user(self.salesman).action_feedback()
        self.assertEqual(
            units.mapped("certificate_date"), [fields.Date.context_today(units)] * 2
        )
        self.assertFalse(self._todos(units))

    def test_returned_goods_need_no_certificate(self):
        units = self._deliver_many("A-1", "A-2")
        todo = self._todos(units)
        units[0].with_user(self.supervisor).action_scrap("Burnt")
        self.assertEqual(todo.summary, "Hand over the warranty certificate")
        self.assertEqual(todo.res_id, units[1].id)
        back = self._return(units.picking_id)
        back.move_ids.picked = True
        back.button_validate()
        self.assertFalse(todo.exists())

    def test_second_run_and_past_deliveries_ask_for_nothing(self):
        Equipment = self.env["aftersales.equipment"]
        unit = self._sold_unit("H-1")
        Equipment._follow_deliveries(unit.move_id)
        self.assertEqual(len(self._todos(unit)), 1)
        self.harvester.aftersales_voucher = "none"
        self.harvester.tracking = "none"
        self._stock(self.harvester, 1)
        order = self._sell((self.harvester, 1))
        self._deliver(order)
        self.harvester.aftersales_voucher = "line"
        made, _returned = Equipment._replay(order.picking_ids.move_ids)
        self.assertTrue(made.warranty_end)
        self.assertFalse(self._todos(made))
        imported = Equipment.create(
            {
                "product_id": self.harvester.id,
                "partner_id": self.farmer.id,
                "delivery_date": fields.Date.today(),
            }
        )
        self.assertTrue(imported.warranty_end)
        self.assertFalse(self._todos(imported))

    def test_fifty_serials_cost_no_query_more_than_one(self):
        def cost(count, prefix):
            lots = self._lots(*(f"{prefix}{i:02}" for i in range(count)))
            order = self._sell((self.harvester, count))
            picking = order.picking_ids
            picking.action_assign()
            self._take_lots(picking.move_ids, lots)
            picking.move_ids.picked = True
            Equipment = self.registry["aftersales.equipment"]
            with patch.object(Equipment, "_plan_hand_over", lambda units: None):
                picking.button_validate()
            units = self._units(order)
            self.assertEqual(len(units), count)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            units.sudo()._plan_hand_over()
            self.env.flush_all()
            planned = self.env.cr.sql_log_count - before
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            units.action_hand_over_certificate()
            self.env.flush_all()
            return planned, self.env.cr.sql_log_count - before

        cost(1, "warm")
        one, fifty = cost(1, "one"), cost(50, "fifty")
        self.assertLessEqual(fifty[0], one[0] + 1)
        self.assertLessEqual(fifty[1], one[1] + 2)

    # ------------------------------------------------------------
    # HANDING OVER
    # ------------------------------------------------------------

    def test_who_meets_customers_hands_over_and_nobody_else(self):
        unit = self._sold_unit("H-1")
        self._invoice(unit.sale_order_id)
        for user in (self.technician, self.salesman, self.warehouse_user):
            self.assertTrue(unit.with_user(user).can_hand_over)
        self.assertFalse(unit.with_user(self.accountant).can_hand_over)
        with self.assertRaisesRegex(UserError, "Only after-sales, sales"):
            unit.with_user(self.accountant).action_hand_over_certificate()
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base"):
            unit.with_user(self.employee).action_hand_over_certificate()
        unit.with_user(self.technician).action_hand_over_certificate()
        self.assertEqual(unit.certificate_date, fields.Date.context_today(unit))

    def test_certificate_date_follows_the_button_alone(self):
        unit = self._sold_unit("H-1")
        with self.assertRaisesRegex(UserError, "cannot be typed"):
            unit.with_user(self.manager).certificate_date = fields.Date.today()

    def test_handing_over_refuses_what_cannot_be(self):
        unit = self._sold_unit("H-1")
        today = fields.Date.context_today(unit)
        with self.assertRaisesRegex(UserError, "in the future"):
            unit.action_hand_over_certificate(today + timedelta(days=1))
        with self.assertRaisesRegex(UserError, "delivered only after"):
            unit.action_hand_over_certificate(str(today - timedelta(days=1)))
        unit.action_hand_over_certificate(str(today))
        self.assertFalse(unit.can_hand_over)
        with self.assertRaisesRegex(UserError, "already has the certificate"):
            unit.action_hand_over_certificate()
        closed = self._sold_unit("H-2")
        closed.with_user(self.supervisor).action_scrap("Burnt")
        with self.assertRaisesRegex(UserError, "no longer in use"):
            closed.action_hand_over_certificate()

    # ------------------------------------------------------------
    # OVERDUE
    # ------------------------------------------------------------

    def _overdue(self, units):
        found = units.search(
            [("id", "in", units.ids), ("certificate_overdue", "=", True)]
        )
        rest = units.search(
            [("id", "in", units.ids), ("certificate_overdue", "=", False)]
        )
        self.assertEqual(found, units.filtered("certificate_overdue"))
        self.assertEqual(found | rest, units & (found | rest))
        self.assertEqual(len(found) + len(rest), len(units))
        return found

    def test_overdue_begins_on_the_fourth_day_after_acceptance(self):
        with self._today("2026-03-01"):
            late = self._sold_unit("LATE")
            installed = self._sold_unit("INSTALLED")
            handed = self._sold_unit("HANDED")
            handed.action_hand_over_certificate()
            scrapped = self._sold_unit("SCRAPPED")
            scrapped.with_user(self.supervisor).action_scrap("Burnt")
            self.harvester.aftersales_policy_id = False
            bare = self._sold_unit("BARE")
        installed.installation_date = "2026-03-03"
        units = late | installed | handed | scrapped | bare
        for day, expected in (
            ("2026-03-04", units.browse()),
            ("2026-03-05", late),
            ("2026-03-06", late),
            ("2026-03-07", late | installed),
            ("2027-03-01", late | installed),
            ("2027-03-02", units.browse()),
        ):
            with self._today(day), self.subTest(day=day):
                units.invalidate_recordset(["certificate_overdue"])
                self.assertEqual(self._overdue(units), expected)

    def test_own_customer_of_two_companies_sees_no_foreign_team(self):
        other = self.env["res.company"].create({"name": "Other Works"})
        other_team = self.env["aftersales.team"].create(
            {
                "name": "Other desk",
                "company_id": other.id,
                "supervisor_id": self.env["res.users"]
                .create(
                    {
                        "name": "Foreign",
                        "login": "foreign",
                        "company_id": other.id,
                        "company_ids": [Command.set(other.ids)],
                    }
                )
                .id,
            }
        )
        order = self._sell((self.harvester, 1))
        order.user_id = False
        self._deliver(order, lots=self._lots("H-1"))
        todo = self._todos(self._units(order))
        self.assertNotEqual(todo.user_id, other_team.supervisor_id)
