from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PartsCommon


class LoanCommon(PartsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._stock(cls, cls.oil, 10)
        cls.oil.standard_price = 40
        cls.chen, cls.zhou = cls.env["hr.employee"].create(
            [
                {
                    "name": name,
                    "company_id": cls.company.id,
                    "aftersales_technician": True,
                }
                for name in ("Chen", "Zhou")
            ]
        )
        cls.Loan = cls.env["aftersales.loan"]

    def _tool(self, **values):
        return self.Loan.create(
            {
                "kind": "tool",
                "employee_id": self.chen.id,
                "product_id": self.oil.id,
                **values,
            }
        )

    def _loaner(self, serial="L-1", **values):
        return self.Loan.create(
            {
                "kind": "loaner",
                "partner_id": self.farmer.id,
                "product_id": self.harvester.id,
                "lot_id": self._lots(serial).id,
                "date_due": "2026-12-01",
                "signed_by": "Wang",
                **values,
            }
        )

    def _free(self, product=None):
        return self.env["stock.quant"]._get_available_quantity(
            product or self.oil, self.stock
        )

    def _lent(self, product=None):
        return self.env["stock.quant"]._get_available_quantity(
            product or self.oil, self.company._aftersales_get_lent_location()
        )


@tagged("post_install", "-at_install")
class TestLoan(LoanCommon):
    """Proves R46: tools, loaners: issue, return, transfer, loss, compensation."""

    def test_goods_go_out_and_come_back_and_stay_ours(self):
        worth = self.oil.total_value
        loan = self._tool(quantity=3)
        loan.action_issue()
        self.assertEqual(loan.state, "out")
        self.assertTrue(loan.approved_by_id and loan.date_out)
        self.assertEqual((self._free(), self._lent()), (7, 3))
        lent = self.company._aftersales_get_lent_location()
        self.assertFalse(lent.warehouse_id)
        self.assertEqual(self.oil.with_context(location=self.stock.id).free_qty, 7)
        self.assertFalse(
            self.env["stock.quant"].search([("location_id", "=", lent.id)]).owner_id
        )
        self.oil.invalidate_recordset()
        self.assertEqual(self.oil.total_value, worth)
        self.assertEqual(loan.move_ids.state, "done")
        self.assertEqual(loan.move_ids.picking_id.origin, loan.name)
        loan.action_return()
        self.assertEqual((loan.state, self._free(), self._lent()), ("returned", 10, 0))

    def test_repeated_step_never_doubles(self):
        loan = self._tool(quantity=3)
        loan.action_issue()
        with self.assertRaisesRegex(UserError, "once"):
            loan.action_issue()
        loan.action_return()
        with self.assertRaisesRegex(UserError, "Only lent goods"):
            loan.action_return()
        self.assertEqual(self._free(), 10)

    def test_never_more_than_on_stock(self):
        first, second = self._tool(quantity=7), self._tool(quantity=4)
        first.action_issue()
        with self.assertRaises(UserError) as refusal:
            second.action_issue()
        self.assertIn("only 3", str(refusal.exception))
        second.quantity = 3
        second.action_issue()
        self.assertEqual(self._lent(), 10)

    def test_goods_of_others_are_not_lent(self):
        self.env["stock.quant"]._update_available_quantity(
            self.header, self.stock, 1, owner_id=self.farmer
        )
        with self.assertRaisesRegex(UserError, "of our own"):
            self._tool(product_id=self.header.id).action_issue()

    def test_serial_is_lent_once(self):
        loan = self._loaner()
        loan.action_issue()
        again = self.Loan.create(
            {
                "kind": "loaner",
                "partner_id": self.other_farmer.id,
                "product_id": self.harvester.id,
                "lot_id": loan.lot_id.id,
                "date_due": "2026-12-01",
                "signed_by": "Li",
            }
        )
        with self.assertRaisesRegex(UserError, f"lent already with {loan.name}"):
            again.action_issue()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            again._step({"state": "out"})
            again.flush_recordset()
        loan.action_return()
        again.action_issue()
        self.assertEqual(again.move_ids.lot_ids, loan.lot_id)

    def test_the_serial_of_the_loan_goes_out(self):
        first, second = self._lots("A-1", "A-2")
        loan = self._loaner("A-3", lot_id=second.id)
        loan.action_issue()
        self.assertEqual(loan.move_ids.lot_ids, second)
        self.assertEqual(loan.move_ids.quantity, 1)
        self.assertTrue(first)

    def test_serials_one_by_one_and_of_the_product(self):
        with self.assertRaisesRegex(ValidationError, "each one by itself"):
            self._loaner(quantity=2)
        with self.assertRaisesRegex(ValidationError, "another product"):
            self._tool(lot_id=self._lots("L-9").id)
        service = self.env["product.product"].create({"name": "S", "type": "service"})
        with self.assertRaisesRegex(ValidationError, "not kept in stock"):
            self._tool(product_id=service.id)

    def test_facts_are_not_typed(self):
        loan = self._tool()
        for values in (
            {"state": "out"},
            {"charge": 5},
            {"date_out": "2026-01-01 00:00:00"},
        ):
            with self.assertRaisesRegex(UserError, "cannot be typed"):
                loan.write(values)
        loan.action_issue()
        with self.assertRaisesRegex(UserError, "handed out as it is"):
            loan.quantity = 5
        with self.assertRaisesRegex(UserError, "Only requested"):
            loan.unlink()

    def test_who_may_what(self):
        loan = self._tool()
        with self.assertRaisesRegex(UserError, "supervisor approves"):
            loan.with_user(self.agent).action_approve()
        with self.assertRaisesRegex(UserError, "Only approved"):
            loan.with_user(self.warehouse_user).action_issue()
        loan.with_user(self.supervisor).action_approve()
        loan.with_user(self.warehouse_user).action_issue()
        self.assertEqual(loan.issued_by_id, self.warehouse_user)
        with self.assertRaisesRegex(UserError, "supervisor writes off"):
            loan.with_user(self.agent).action_lose("gone")
        loan.with_user(self.warehouse_user).action_return()
        with self.assertRaises(AccessError):
            loan.with_user(self.employee).read(["name"])
        with self.assertRaises(AccessError):
            loan.with_user(self.technician).read(["name"])
        self.chen.user_id = self.technician
        self.assertTrue(loan.with_user(self.technician).name)

    def test_part_of_it_comes_back(self):
        loan = self._tool(quantity=5)
        loan.action_issue()
        keeper = loan.with_user(self.warehouse_user)
        with self.assertRaisesRegex(UserError, "Between nothing and 5"):
            keeper.action_return(quantity=6)
        back = keeper.action_return(quantity=3)
        self.assertEqual((loan.state, loan.quantity), ("out", 2))
        self.assertEqual((back.state, back.quantity), ("returned", 3))
        self.assertEqual((self._free(), self._lent()), (8, 2))
        loan.action_lose("Fell into the river")
        self.assertEqual((self._free(), self._lent()), (8, 0))

    def test_damaged_goods_lie_apart_until_repaired(self):
        loan = self._tool(quantity=2)
        loan.action_issue()
        with self.assertRaisesRegex(UserError, "Describe the damage"):
            loan.action_return(condition="damaged")
        loan.action_return(condition="damaged", note="Handle broken")
        self.assertEqual(self._free(), 8)
        self.assertEqual((loan.to_repair, loan.charge_state), (True, "open"))
        loan.action_store("New handle")
        self.assertEqual((self._free(), loan.to_repair), (10, False))
        with self.assertRaisesRegex(UserError, "came back damaged"):
            loan.action_store()

    def test_fair_wear_is_nobodys_debt(self):
        loan = self._tool()
        loan.action_issue()
        loan.action_return(condition="worn")
        self.assertEqual(loan.charge_state, "none")
        with self.assertRaisesRegex(UserError, "decides once"):
            loan.action_charge(10, "worn")

    def test_lost_tool_is_charged_by_a_manager(self):
        loan = self._tool(quantity=2)
        loan.action_issue()
        loan.action_lose("Left in the field")
        self.assertEqual(loan.scrap_id.state, "done")
        self.assertEqual(loan.scrap_id.move_ids.value, 80)
        self.assertEqual(loan.charge_proposal, 80)
        with self.assertRaisesRegex(UserError, "manager what a technician"):
            loan.with_user(self.supervisor).action_charge(80, "Careless")
        self.assertFalse(loan.with_user(self.manager).action_charge(50, "Careless"))
        self.assertEqual((loan.charge_state, loan.charge), ("charged", 50))
        with self.assertRaisesRegex(UserError, "decides once"):
            loan.action_waive("Too hard")

    def test_lost_loaner_is_invoiced(self):
        loan = self._loaner()
        loan.action_issue()
        loan.action_lose("Stolen")
        loan.with_user(self.supervisor).action_charge(900, "Not locked")
        invoice = loan.invoice_id
        self.assertEqual((invoice.state, invoice.amount_total), ("draft", 900))
        self.assertEqual(invoice.partner_id, self.farmer)
        with self.assertRaisesRegex(UserError, "decides once"):
            loan.action_charge(900, "Again")

    def test_tools_of_a_technician_follow_his_loans(self):
        first, second = self._tool(), self._tool()
        (first | second).action_issue()
        self.assertEqual(self.chen.aftersales_tool_ids, self.oil)
        with self.assertRaisesRegex(ValidationError, "is lent to Chen"):
            self.chen.aftersales_tool_ids = False
        first.action_return()
        self.assertEqual(self.chen.aftersales_tool_ids, self.oil)
        successor = second.with_user(self.supervisor).action_transfer(self.zhou.id)
        self.assertFalse(self.chen.aftersales_tool_ids)
        self.assertEqual(self.zhou.aftersales_tool_ids, self.oil)
        self.assertEqual((second.state, successor.state), ("transferred", "out"))
        self.assertEqual(successor.origin_id, second)
        successor.action_return()
        self.assertEqual((self._free(), self._lent()), (10, 0))

    def test_who_leaves_gives_his_tools_away(self):
        loan = self._tool(user_id=self.supervisor.id)
        loan.action_issue()
        self.chen.active = False
        self.assertEqual(loan.date_due, self.company._aftersales_today())
        self.assertIn("leaves", loan.activity_ids.summary)
        self.assertEqual(loan.activity_ids.user_id, self.supervisor)
        with self.assertRaisesRegex(UserError, "still here"):
            loan.action_transfer(self.chen.id)
        loan.action_transfer(self.zhou.id)
        self.assertFalse(loan.activity_ids)

    def test_loaner_needs_date_signature_and_deposit(self):
        loan = self._loaner(date_due=False, signed_by=False, deposit=500)
        with self.assertRaisesRegex(UserError, "due back"):
            loan.action_issue()
        loan.date_due = "2026-12-01"
        with self.assertRaisesRegex(UserError, "signs the agreement"):
            loan.action_issue()
        loan.signed_by = "Wang"
        with self.assertRaisesRegex(UserError, "Receive the deposit"):
            loan.action_issue()
        loan.with_user(self.agent).action_receive_deposit()
        with self.assertRaisesRegex(UserError, "received once"):
            loan.action_receive_deposit()
        with self.assertRaisesRegex(UserError, "Give the deposit back"):
            loan.action_cancel("No")
        payment = loan.deposit_payment_id
        self.assertEqual((payment.amount, payment.state), (500, "draft"))
        loan.action_issue()
        with self.assertRaisesRegex(UserError, "goods are back"):
            loan.action_return_deposit()
        loan.action_return()
        loan.with_user(self.agent).action_return_deposit()
        self.assertEqual(loan.deposit_refund_id.payment_type, "outbound")

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "aftersales_parts.ir_cron_aftersales_loan"
            ).method_direct_trigger()

    def test_overdue_is_told_once(self):
        loans = self._tool(user_id=self.agent.id, date_due="2026-11-20")
        loans |= self._loaner(user_id=self.agent.id, date_due="2026-11-20")
        loans |= self._tool(user_id=self.agent.id, date_due="2027-01-20")
        loans.action_issue()
        with freeze_time("2026-11-24 03:00:00"):
            found = self.Loan.search([("is_overdue", "=", True)])
            self.assertEqual(found, loans[:2].sorted(reverse=True))
            self._run_cron()
            self._run_cron()
            self.assertEqual(len(loans[0].activity_ids), 1)
            self.assertEqual(len(loans[1].activity_ids), 1)
            mails = self.env["mail.mail"].search(
                [
                    ("model", "=", "aftersales.loan"),
                    ("res_id", "=", loans[1].id),
                    ("recipient_ids", "in", self.farmer.ids),
                ]
            )
            self.assertEqual(len(mails), 1)
            self.assertFalse(loans[2].activity_ids)
            loans[0].date_due = date(2026, 11, 23)
            self._run_cron()
            self.assertEqual(len(loans[0].activity_ids), 2)

    def test_loaner_from_the_ticket(self):
        unit = self._sold_unit()
        ticket = self._ticket(equipment_id=unit.id)
        action = ticket.action_lend()
        loan = self.Loan.with_context(**action["context"]).create(
            {"product_id": self.harvester.id, "lot_id": self._lots("L-7").id}
        )
        self.assertEqual(loan.partner_id, ticket.partner_id)
        self.assertEqual(loan.equipment_id, unit)
        self.assertEqual((ticket.loan_count, unit.loan_count), (1, 1))

    def test_what_was_approved_goes_out(self):
        loan = self._tool(date_due="2026-12-01").with_user(self.agent)
        loan.quantity = 2
        loan.with_user(self.supervisor).action_approve()
        for vals in (
            {"quantity": 5},
            {"kind": "sample"},
            {"employee_id": self.zhou.id},
        ):
            with self.assertRaisesRegex(UserError, "was approved as it is"):
                loan.write(vals)
        with self.assertRaisesRegex(UserError, "was approved as it is"):
            # A manager approves samples.
            loan.with_user(self.supervisor).write(
                {"kind": "sample", "partner_id": self.dealer.id}
            )
        loan.write({"quantity": 2, "signed_by": "Chen", "date_due": "2026-12-02"})
        loan.with_user(self.supervisor).quantity = 3
        loan.action_issue()
        with self.assertRaisesRegex(UserError, "handed out as it is"):
            loan.condition_out = "New"

    def test_many_cost_no_more_queries_to_read(self):
        loans = self.Loan
        for _index in range(20):
            loans |= self._tool()
        names = ["can_issue", "borrower", "is_overdue", "display_name"]
        counts = []
        for records in (loans[:1], loans):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.with_user(self.supervisor).read(names)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])


@tagged("post_install", "-at_install")
class TestSample(LoanCommon):
    """Proves R55: showroom samples up and down with notice, signature, damage check."""

    def _sample(self, **values):
        return self.Loan.create(
            {
                "kind": "sample",
                "partner_id": self.dealer.id,
                "product_id": self.oil.id,
                **values,
            }
        )

    @freeze_time("2026-11-19 03:00:00")  # a Thursday
    def test_three_working_days_before_it_goes_up(self):
        sample = self._sample()
        with self.assertRaisesRegex(UserError, "manager what is put"):
            sample.with_user(self.supervisor).action_approve()
        with self.assertRaisesRegex(UserError, "Give notice first"):
            sample.action_approve()
        sample.date_planned = "2026-11-23"
        self.assertEqual(sample.earliest_date, date(2026, 11, 24))
        with self.assertRaisesRegex(UserError, "2026-11-24 is the first"):
            sample.action_approve()
        sample.date_planned = "2026-11-24"
        sample.with_user(self.manager).action_approve()
        with self.assertRaisesRegex(UserError, "announced for"):
            sample.action_issue()
        with freeze_time("2026-11-24 03:00:00"):
            sample.action_issue()
            with self.assertRaisesRegex(UserError, "Give notice first"):
                sample.action_return()
            sample.date_down = "2026-11-25"
            with self.assertRaisesRegex(UserError, "2026-11-27 is the first"):
                sample.action_return()
            sample.date_down = "2026-11-27"
        with freeze_time("2026-11-27 03:00:00"):
            sample.action_return(condition="damaged", note="Scratched")
            self.assertEqual(self._free(), 9)
            sample.action_store("Painted")
            self.assertEqual(self._free(), 10)

    def test_a_manager_shortens_the_notice(self):
        sample = self._sample()
        with self.assertRaisesRegex(UserError, "only a manager shortens"):
            sample.with_user(self.supervisor).short_notice_reason = "Fair"
        sample.with_user(self.manager).short_notice_reason = "Fair tomorrow"
        sample.action_issue()
        sample.action_return()
        with self.assertRaisesRegex(UserError, "cannot be typed"):
            sample.request_date = "2020-01-01"

    @freeze_time("2026-11-19 03:00:00")
    def test_salesman_asks_for_samples_alone(self):
        Loan = self.Loan.with_user(self.salesman)
        values = {"product_id": self.oil.id, "partner_id": self.dealer.id}
        sample = Loan.create({**values, "date_planned": "2026-11-24"})
        self.assertEqual((sample.kind, sample.state), ("sample", "draft"))
        for step in (sample.action_approve, sample.action_issue):
            with self.assertRaises(UserError):
                step()
        for kind in ("loaner", "tool"):
            with self.assertRaises(AccessError):
                Loan.create({**values, "kind": kind, "employee_id": self.chen.id})
        with self.assertRaises(AccessError):
            self._sample().with_user(self.salesman).date_planned = "2026-11-24"
        sample.with_user(self.manager).action_approve()
        with self.assertRaisesRegex(UserError, "was approved as it is"):
            sample.quantity = 2
        with freeze_time("2026-11-24 03:00:00"):
            sample.with_user(self.warehouse_user).action_issue()
            sample.date_down = "2026-11-27"
            self.assertEqual(sample.notice_date, date(2026, 11, 24))
        with self.assertRaisesRegex(UserError, "Only lent goods"):
            sample.action_return()
        given_up = Loan.create(values)
        given_up.action_cancel("The dealer closes")
        self.assertEqual(given_up.state, "cancelled")
