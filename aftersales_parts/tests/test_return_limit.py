from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import PartsCommon


@tagged("post_install", "-at_install")
class TestReturnLimit(PartsCommon):
    """Proves R49, R53: authorised by who may, complete, frozen, told, with a cause."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._stock(cls, cls.oil, 1000)
        cls.director = new_test_user(
            cls.env,
            login="director",
            groups="base.group_user,aftersales_service.aftersales_service_group_agent",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.company.write(
            {
                "aftersales_return_agent_limit": 1000,
                "aftersales_return_supervisor_limit": 3000,
                "aftersales_return_manager_limit": 5000,
                "aftersales_general_manager_id": cls.director.id,
            }
        )

    def _wanted(self, quantity, **values):
        order = self._sold(quantity=quantity)
        move = order.picking_ids.move_ids
        return self._rma((move, quantity, {"remedy": "refund", **values}))

    # ------------------------------------------------------------
    # LIMITS
    # ------------------------------------------------------------

    def test_each_authorises_up_to_his_limit(self):
        for user, most in (
            (self.agent, 1),
            (self.supervisor, 3),
            (self.manager, 5),
        ):
            with self.subTest(user=user.login):
                self._wanted(most).with_user(user).action_authorise()
                above = self._wanted(most + 1).with_user(user)
                self.assertTrue(above.needs_approval)
                with self.assertRaisesRegex(UserError, "are authorised by"):
                    above.action_authorise()
        self._wanted(9).with_user(self.director).action_authorise()

    def test_the_next_one_is_asked(self):
        rma = self._wanted(2)
        mine = rma.with_user(self.agent)
        self.assertEqual(mine.approver_name, mine._get_approver().name)
        mine.action_request_approval()
        activity = rma.activity_ids
        approver = activity.user_id
        self.assertEqual(rma.approval_user_id, approver)
        self.assertEqual(rma.approval_asked_by_id, self.agent)
        self.assertTrue(rma.approval_date)
        self.assertEqual(rma.waits_for, "approval")
        self.assertIn(approver.name, rma.waiting_text)
        rma.with_user(approver).action_authorise()
        self.assertEqual(rma.authorised_by_id, approver)
        self.assertFalse(rma.activity_ids)
        with self.assertRaises(UserError):
            self._wanted(1).with_user(self.agent).action_request_approval()

    def test_above_the_managers_the_general_manager(self):
        rma = self._wanted(9)
        rma.with_user(self.manager).action_request_approval()
        self.assertEqual(rma.approval_user_id, self.director)

    def test_no_limit_unless_one_is_set(self):
        self.company.write(
            {
                "aftersales_return_agent_limit": 0,
                "aftersales_return_supervisor_limit": 0,
                "aftersales_return_manager_limit": 0,
            }
        )
        rma = self._wanted(50)
        rma.with_user(self.agent).action_authorise()
        self.assertEqual(rma.authorised_by_id, self.agent)

    # ------------------------------------------------------------
    # COMPLETE
    # ------------------------------------------------------------

    def test_fault_address_and_phone_are_mandatory(self):
        rma = self._wanted(1, note=False)
        rma.partner_phone = False
        rma.return_address_id = self.env["res.partner"].create({"name": "Nowhere"})
        with self.assertRaisesRegex(UserError, "address.*phone.*fault of Oil"):
            rma.action_authorise()
        rma.partner_phone = "123"
        rma.return_address_id = self.farmer
        rma.line_ids.note = "Leaks"
        rma.action_authorise()

    def test_a_reason_may_say_enough(self):
        reason = self.env["aftersales.return.reason"].create({"name": "Not needed"})
        rma = self._wanted(1, note=False, reason_id=reason.id)
        rma.action_authorise()
        reason.fault_required = True
        rma = self._wanted(1, note=False, reason_id=reason.id)
        with self.assertRaisesRegex(UserError, "fault of Oil"):
            rma.action_authorise()

    # ------------------------------------------------------------
    # FROZEN
    # ------------------------------------------------------------

    def test_what_is_authorised_is_frozen(self):
        rma = self._wanted(1)
        rma.line_ids.quantity = 0.5
        rma.action_authorise()
        line = rma.line_ids
        for vals in (
            {"quantity": 1},
            {"remedy": "exchange"},
            {"product_id": self.header.id},
            {"move_id": False},
            {"return_id": self._wanted(1).id},
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaisesRegex(UserError, "cannot be changed once"),
            ):
                line.write(vals)
        # The same value again, as an import sends it, and what comes to light later.
        line.write({"quantity": 0.5, "cause_id": self.cause.id, "note": "Still leaks"})
        with self.assertRaisesRegex(UserError, "not deleted"):
            line.unlink()
        with self.assertRaisesRegex(UserError, "another return"):
            line.copy()
        with self.assertRaisesRegex(UserError, "deleted"):
            rma.unlink()

    # ------------------------------------------------------------
    # CAUSE
    # ------------------------------------------------------------

    def test_closed_only_with_its_cause(self):
        rma = self._wanted(1, remedy="send_back", cause_id=False)
        line = rma.line_ids
        with patch.object(type(line), "_is_settled", return_value=True):
            with self.assertRaisesRegex(UserError, "fill in for Oil: Cause"):
                rma._ensure_settled()
            line.cause_id = self.env["aftersales.cause"].create(
                {"name": "Assembly", "kind": "quality"}
            )
            with self.assertRaisesRegex(UserError, "Department, Person"):
                rma._ensure_settled()
            line.department_id = self.env["hr.department"].create({"name": "Line 2"})
            line.employee_id = self.env["hr.employee"].create(
                {"name": "Chen", "company_id": self.company.id}
            )
            rma._ensure_settled()
            line.cause_id = False
            self.company.aftersales_return_cause_required = False
            rma._ensure_settled()

    def test_causes_are_of_the_kind_of_their_parent(self):
        parent = self.env["aftersales.cause"].create(
            {"name": "Quality", "kind": "quality"}
        )
        child = self.env["aftersales.cause"].create(
            {"name": "Casting", "parent_id": parent.id}
        )
        self.assertEqual(child.kind, "quality")
        self.assertTrue(child._is_ours())

    # ------------------------------------------------------------
    # TOLD
    # ------------------------------------------------------------

    def test_customer_gets_the_label_or_the_reason(self):
        done, refused = self._wanted(1), self._wanted(1)
        done.action_authorise()
        refused.action_refuse("Opened by somebody else")
        cancelled = self._wanted(1)
        cancelled.action_authorise()
        cancelled.action_cancel("Changed his mind")
        Return = self.env["aftersales.return"]
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 99
        ):
            Return._cron_write_to_customers()
            Return._cron_write_to_customers()
        Mail = self.env["mail.mail"].sudo()
        for rma, words in ((done, "authorised"), (refused, "Opened by somebody else")):
            mails = Mail.search([("model", "=", rma._name), ("res_id", "=", rma.id)])
            self.assertEqual(len(mails), 1)
            self.assertEqual(mails.state, "outgoing")
            self.assertIn(words, f"{mails.subject} {mails.body_html}")
            self.assertEqual(bool(mails.attachment_ids), rma == done)
        self.assertFalse(
            Mail.search([("model", "=", done._name), ("res_id", "=", cancelled.id)])
        )

    def test_label_and_sheet(self):
        rma = self._wanted(1)
        Report = self.env["ir.actions.report"]
        label = "aftersales_parts.report_aftersales_return_label"
        with self.assertRaisesRegex(UserError, "once the return is authorised"):
            Report._render_qweb_html(label, rma.ids)
        rma.action_authorise()
        html = Report._render_qweb_html(label, rma.ids)[0].decode()
        self.assertIn(rma.name, html)
        self.assertIn("not by post or freight", html)
        self.assertIn("8 Field Road", html)
        sheet = "aftersales_parts.report_aftersales_return"
        html = Report._render_qweb_html(sheet, rma.ids)[0].decode()
        self.assertIn("Leaks", html)
        self.assertIn(rma.line_ids.sale_line_id.order_id.name, html)

    # ------------------------------------------------------------
    # SCREENS
    # ------------------------------------------------------------

    def test_lists_and_documents_in_few_queries(self):
        counts = []
        for count in (1, 20):
            returns = self.env["aftersales.return"].union(
                *(self._wanted(1) for _i in range(count))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            returns = returns.with_user(self.agent)
            returns.read(
                [
                    "waits_for",
                    "product_names",
                    "order_count",
                    "picking_count",
                    "amount_paid",
                ]
            )
            listed = self.env.cr.sql_log_count - before
            order_ids = returns.sudo().line_ids.sale_line_id.order_id.ids
            orders = self.env["sale.order"].browse(order_ids)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders.with_user(self.salesman).read(["aftersales_return_count"])
            counts.append((listed, self.env.cr.sql_log_count - before))
        self.assertLessEqual(counts[1][0], counts[0][0] + 1, counts)
        self.assertLessEqual(counts[1][1], counts[0][1] + 1, counts)

    def test_what_is_waited_for_is_found(self):
        rma = self._wanted(1)
        Return = self.env["aftersales.return"]

        def found(step):
            return Return.search([("waits_for", "=", step), ("id", "in", rma.ids)])

        self.assertTrue(found("authorisation"))
        rma.action_authorise()
        self.assertEqual(rma.waits_for, "goods")
        self.assertTrue(found("goods"))
        self._received(rma)
        self.assertEqual(rma.waits_for, "inspection")
        self.assertTrue(found("inspection"))
        self.assertFalse(found("goods"))
        documents = rma.line_ids.sale_line_id.order_id
        self.assertEqual(documents.aftersales_return_count, 1)
        self.assertEqual(documents.picking_ids[0].aftersales_return_count, 1)
        self.assertEqual(documents.invoice_ids.aftersales_return_count, 1)
        self.assertGreaterEqual(self.farmer.aftersales_return_count, 1)
        self.assertGreaterEqual(self.oil.aftersales_return_count, 1)
        self.assertGreaterEqual(self.oil.product_tmpl_id.aftersales_return_count, 1)
        action = documents.action_view_aftersales_returns()
        self.assertEqual(action["res_id"], rma.id)
