from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tests.common import BaseCase

from ..tools.return_rule import ReturnCase, ReturnRule, decide, has_season_ended
from .refund_common import RefundCommon

SUMMER = (((5, 20), (6, 30)),)


@tagged("post_install", "-at_install")
class TestReturnRuleArithmetic(BaseCase):
    """Proves R18: the first row whose conditions are met decides."""

    def test_first_row_that_fits_decides(self):
        case = ReturnCase(
            company=1,
            today=date(2026, 7, 10),
            reason=3,
            categories=frozenset({7, 8}),
            goods_class=2,
            delivered=date(2026, 7, 1),
        )
        for rule, met in (
            (ReturnRule(1), True),
            (ReturnRule(1, company=2), False),
            (ReturnRule(1, date_from=date(2026, 7, 11)), False),
            (ReturnRule(1, date_to=date(2026, 7, 9)), False),
            (ReturnRule(1, reasons=frozenset({3, 4})), True),
            (ReturnRule(1, reasons=frozenset({4})), False),
            (ReturnRule(1, categories=frozenset({7})), True),
            (ReturnRule(1, classes=frozenset({1})), False),
            (ReturnRule(1, days_to=9), True),
            (ReturnRule(1, days_to=8), False),
            (ReturnRule(1, days_from=9), True),
            (ReturnRule(1, days_from=10), False),
            (ReturnRule(1, discount="with"), False),
            (ReturnRule(1, discount="without"), True),
            (ReturnRule(1, season_over=True), False),
        ):
            with self.subTest(rule=rule):
                self.assertEqual(decide((rule,), case), 1 if met else None)
        rules = (ReturnRule(1, days_to=8), ReturnRule(2), ReturnRule(3))
        self.assertEqual(decide(rules, case), 2)

    def test_without_a_delivery_no_days_pass(self):
        case = ReturnCase(company=1, today=date(2026, 7, 10))
        self.assertIsNone(decide((ReturnRule(1, days_to=7),), case))
        self.assertFalse(has_season_ended(case))

    def test_season_ends_once_after_the_delivery(self):
        for delivered, today, ended in (
            ("2026-05-01", "2026-06-30", False),
            ("2026-05-01", "2026-07-01", True),
            ("2026-06-30", "2026-07-01", True),
            ("2026-07-01", "2027-06-30", False),
            ("2025-07-01", "2026-07-01", True),
        ):
            with self.subTest(delivered=delivered, today=today):
                case = ReturnCase(
                    company=1,
                    today=date.fromisoformat(today),
                    delivered=date.fromisoformat(delivered),
                    seasons=SUMMER,
                )
                self.assertEqual(has_season_ended(case), ended)


@tagged("post_install", "-at_install")
class TestReturnRule(RefundCommon):
    """Proves R18, R48: rows decide on acceptance, price and inspection, with a reason."""

    def _reason(self, code):
        return self.env.ref(f"aftersales_parts.aftersales_return_reason_{code}")

    def _rule(self, code):
        return self.env.ref(f"aftersales_parts.aftersales_return_rule_{code}")

    def _line(self, code=None, product=None, order=None, **values):
        order = order or self._sold(product, quantity=2)
        reason = self._reason(code) if code else self.env["aftersales.return.reason"]
        values = {"remedy": "refund", "reason_id": reason.id, **values}
        rma = self._rma(
            (order.picking_ids.move_ids[:1], 1, values), description="Broken"
        )
        return rma.line_ids

    def _lines_of_user(self, line, user):
        return line.with_user(user).with_context(lang="en_US")

    def test_shipped_rows(self):
        discounted = self._order((self.oil, 2, {"discount": 10.0}))
        self._deliver(discounted)
        self._invoice(discounted)
        for code, order, rule, price in (
            ("misuse", None, "misuse", "paid"),
            ("our_fault", discounted, "our_fault", "original"),
            ("season", None, "season", "current"),
            ("clean", discounted, "discount", "paid"),
            ("clean", None, "clean", "paid"),
            ("defect", None, None, "paid"),
        ):
            with self.subTest(code=code, rule=rule):
                line = self._line(code, order=order)
                expected = self.env["aftersales.return.rule"]
                if rule:
                    expected = self._rule(rule)
                self.assertEqual(line.rule_id, expected)
                self.assertEqual(line.price_rule, price)
                self.assertTrue(line.inspection_required)
                self.assertIn(expected.name or "No rule", line.rule_reason)

    def test_statutory_goods_after_seven_days(self):
        self.oil.aftersales_class_id = self.env.ref(
            "aftersales_service.aftersales_product_class_farm_machine"
        )
        with freeze_time("2026-03-02 02:00:00"):
            order = self._sold(quantity=2)
        for day, rule in (("2026-03-09", "class_early"), ("2026-03-10", "class_late")):
            with freeze_time(f"{day} 02:00:00"):
                line = self._line("defect", order=order)
                self.assertEqual(
                    line.rule_id,
                    self._rule(rule),
                )

    def test_season_over_today_s_price(self):
        self.oil.aftersales_class_id = self.env.ref(
            "aftersales_service.aftersales_product_class_farm_machine"
        )
        with freeze_time("2026-05-25 02:00:00"):
            order = self._sold(quantity=2)
        with freeze_time("2026-07-05 02:00:00"):
            self.assertEqual(self._line("clean", order=order).price_rule, "current")

    def test_misuse_is_refused_and_repair_is_offered(self):
        line = self._line("misuse")
        self.assertTrue(line.is_refused_by_rule)
        self.assertIn("Repair", line.rule_reason)
        rma = line.return_id.with_user(self.agent)
        with self.assertRaisesRegex(UserError, "repair is offered"):
            rma.action_authorise()
        with self.assertRaisesRegex(UserError, "supervisor"):
            line.with_user(self.agent).exception_reason = "Old customer"
        line.with_user(self.supervisor).exception_reason = "Old customer"
        rma.action_authorise()
        self.assertEqual(line.state, "authorised")
        self.assertIn("Old customer", str(line.return_id.message_ids.mapped("body")))
        other = self._line("misuse", remedy="repair")
        other.return_id.with_user(self.agent).action_authorise()

    def test_outside_the_window(self):
        rule = self._rule("clean")
        rule.window_days = 7
        with freeze_time("2026-03-02 02:00:00"):
            order = self._sold(quantity=2)
        with freeze_time("2026-03-09 02:00:00"):
            self.assertFalse(self._line("clean", order=order).is_refused_by_rule)
        with freeze_time("2026-03-10 02:00:00"):
            line = self._line("clean", order=order)
            self.assertIn("8 days ago", line.rule_reason)
            with self.assertRaisesRegex(UserError, "within 7 days"):
                line.return_id.with_user(self.agent).action_authorise()

    def test_another_price_is_a_supervisors(self):
        line = self._line("clean", price_rule="original")
        rma = line.return_id
        with self.assertRaisesRegex(UserError, "supervisor"):
            rma.with_user(self.agent).action_authorise()
        rma.with_user(self.supervisor).action_authorise()
        self._received(rma)
        with self.assertRaisesRegex(UserError, "supervisor"):
            line.with_user(self.agent).price_rule = "paid"
        line.with_user(self.supervisor).price_rule = "paid"

    def test_row_without_inspection(self):
        rule = self._rule("clean")
        rule.inspection_required = False
        line = self._line("clean")
        self.assertFalse(line.inspection_required)
        line.return_id.action_authorise()
        self._received(line.return_id)
        self.assertEqual(self._refunded(line.return_id).amount_total, 1000)

    def test_rows_are_dated_and_of_a_company(self):
        rule = self._rule("clean")
        rule.date_to = "2020-01-01"
        self.assertFalse(self._line("clean").rule_id)
        rule.date_to = False
        rule.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertFalse(self._line("clean").rule_id)

    def test_what_a_row_names_is_a_condition_also_when_archived(self):
        reason = self._reason("misuse")
        order = self._sold(quantity=2)
        reason.active = False
        rules = self.env["aftersales.return.rule"]._get_plain_rules()
        row = next(rule for rule in rules if rule.key == self._rule("misuse").id)
        self.assertEqual(row.reasons, {reason.id})
        self.assertFalse(self._line("defect", order=order).rule_id)

    def test_authorised_price_outlives_a_corrected_reason(self):
        line = self._line("clean", price_rule="original")
        line.return_id.with_user(self.supervisor).action_authorise()
        line.with_user(self.agent).reason_id = self._reason("season")
        self.env.flush_all()
        self.assertEqual(line.rule_id, self._rule("clean"))
        self.assertEqual(line.price_rule, "original")
        self.assertTrue(line.inspection_required)

    def test_reason_in_the_language_of_the_reader(self):
        line = self._line("misuse")
        rule = line.rule_id
        rule.with_context(lang="zh_CN").name = "人为损坏"
        self.assertIn("人为损坏", line.with_context(lang="zh_CN").rule_reason)

    def test_a_hundred_lines_ask_as_often_as_one(self):
        order = self._sold(quantity=100)
        move = order.picking_ids.move_ids
        counts = []
        for number in (1, 50):
            rows = [
                (move, 1, {"reason_id": self._reason("clean").id, "remedy": "refund"})
            ] * number
            rma = self._rma(*rows)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rma.line_ids.mapped("rule_reason")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)
