from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import PartsCommon


@tagged("post_install", "-at_install")
class TestReturnRequest(PartsCommon):
    """Proves R48, R49: returns are requested from every document, by who reads it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._stock(cls, cls.oil, 1000)
        cls.reason = cls.env["aftersales.return.reason"].create(
            {"name": "Broken", "remedy": "exchange", "fault_required": True}
        )
        cls.colleague = new_test_user(
            cls.env,
            login="colleague",
            groups="base.group_user,sales_team.group_sale_salesman",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

        # The desk of a small house also sells, and reads invoices and transfers.
        cls.clerk = new_test_user(
            cls.env,
            login="clerk",
            groups="aftersales_service.aftersales_service_group_agent,"
            "sales_team.group_sale_salesman_all_leads,stock.group_stock_user,"
            "account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _open(self, user=None, **documents):
        """Open the form as a user; return it."""
        user = user or self.clerk
        Request = self.env["aftersales.return.request"].with_user(user)
        documents = {
            name: records.with_user(user) for name, records in documents.items()
        }
        return Request.browse(Request._open_for(**documents)["res_id"])

    def _made(self, action):
        if action.get("res_id"):
            return self.env["aftersales.return"].browse(action["res_id"])
        return self.env["aftersales.return"].search(action["domain"])

    def test_rows_of_every_document(self):
        lots = self._lots("S-1", "S-2")
        order = self._sell((self.harvester, 2), (self.oil, 5))
        self._deliver(order, lots=lots)
        invoice = self._invoice(order)
        unit = self._units(order).filtered(lambda unit: unit.lot_id == lots[0])
        ticket = self._ticket(equipment_id=unit.id)
        everything = {"S-1": 1, "S-2": 1, False: 5}
        one = {"S-1": 1}
        for documents, expected in (
            ({"orders": order}, everything),
            ({"invoices": invoice}, everything),
            ({"pickings": order.picking_ids}, everything),
            ({"partner": self.farmer}, everything),
            ({"lots": lots[0]}, one),
            ({"units": unit}, one),
            ({"ticket": ticket}, one),
        ):
            with self.subTest(documents=list(documents)):
                request = self._open(**documents)
                rows = request.line_ids
                self.assertEqual(
                    {row.lot_name: row.returnable_quantity for row in rows}, expected
                )
                self.assertEqual(request.partner_id, self.farmer)
                self.assertEqual(set(rows.mapped("invoice_name")), {invoice.name})
                self.assertEqual(set(rows.mapped("price_paid")), {1000.0})
                self.assertEqual(set(rows.mapped("days")), {0})
        self.assertEqual(request.line_ids.equipment_id, unit)
        # The desk alone reads no orders: it starts from the customer and his units.
        for documents in (
            {"partner": self.farmer},
            {"units": unit},
            {"ticket": ticket},
        ):
            request = self._open(self.agent, **documents)
            self.assertIn("S-1", request.line_ids.mapped("lot_name"))
        with self.assertRaises(AccessError):
            self._open(self.agent, orders=order)

    def test_authorised_at_once_by_the_desk(self):
        order = self._sold(quantity=5)
        request = self._open(orders=order)
        self.assertTrue(request.line_ids.selected)
        request.write({"reason_id": self.reason.id, "note": "Leaks"})
        request.line_ids.quantity = 2
        rma = self._made(request.action_authorise())
        self.assertEqual(rma.state, "authorised")
        self.assertEqual(rma.user_id, self.clerk)
        line = rma.line_ids
        self.assertEqual(
            (line.remedy, line.quantity, line.note, line.amount_paid),
            ("exchange", 2, "Leaks", 2000),
        )
        self.assertEqual(line.invoice_line_id, order.invoice_ids.invoice_line_ids)
        # What is announced is not offered twice.
        self.assertEqual(self._open(orders=order).line_ids.returnable_quantity, 3)

    def test_salesman_requests_from_his_own_order(self):
        order = self._sold(quantity=5)
        request = self._open(self.salesman, orders=order)
        request.write({"remedy": "refund", "note": "Not needed"})
        rma = self._made(request.action_request())
        self.assertEqual((rma.state, rma.create_uid), ("draft", self.salesman))
        self.assertFalse(rma.user_id)
        mine = rma.with_user(self.salesman)
        self.assertEqual(mine.line_ids.product_id, self.oil)
        self.assertEqual(order.with_user(self.salesman).aftersales_return_count, 1)
        with self.assertRaises(UserError):
            mine.action_authorise()
        with self.assertRaises(AccessError):
            mine.write({"description": "Mine"})
        self.assertEqual(mine.waits_for, "authorisation")
        self.assertTrue(mine.waiting_text)
        self.assertEqual(mine.order_count, 1)
        form = self.env["aftersales.return"].with_user(self.salesman)
        form.get_view(view_type="form")
        mine.web_read(
            {
                "name": {},
                "line_ids": {"fields": {"move_id": {"fields": {"display_name": {}}}}},
            }
        )

    def test_salesman_not_from_orders_of_others(self):
        order = self._sold(quantity=5)
        with self.assertRaises(AccessError):
            self._open(self.colleague, orders=order)
        with self.assertRaisesRegex(UserError, "Nothing of it"):
            self._open(self.colleague, partner=self.farmer)
        # Neither by writing another delivery into his own form.
        own = self._sell((self.oil, 1), user=self.colleague)
        self._deliver(own)
        request = self._open(self.colleague, orders=own)
        request.write({"remedy": "refund", "note": "x"})
        request.line_ids.move_id = order.picking_ids.move_ids.id
        with self.assertRaisesRegex(UserError, "does not belong"):
            request.action_request()

    def test_warehouse_and_accounting_request_too(self):
        order = self._sold(quantity=5)
        for user, documents in (
            (self.warehouse_user, {"pickings": order.picking_ids}),
            (self.accountant, {"invoices": order.invoice_ids}),
        ):
            request = self._open(user, **documents)
            request.write({"remedy": "refund", "note": "x"})
            request.line_ids.quantity = 1
            rma = self._made(request.action_request())
            self.assertEqual(rma.with_user(user).name, rma.name)
            name = next(iter(documents))
            seen = documents[name].with_user(user)
            self.assertGreater(seen.aftersales_return_count, 0)

    def test_several_orders_and_invoices_on_one_return(self):
        first, second = self._sold(quantity=5), self._sold(quantity=3)
        request = self._open(orders=first + second)
        request.action_tick_all()
        request.write({"remedy": "refund", "note": "x"})
        rma = self._made(request.action_request())
        self.assertEqual(len(rma), 1)
        self.assertEqual(
            rma.line_ids.sale_line_id, first.order_line + second.order_line
        )
        self.assertEqual(rma.order_count, 2)
        invoice_lines = (first + second).invoice_ids.invoice_line_ids
        self.assertEqual(rma.line_ids.invoice_line_id, invoice_lines)

    def test_customers_are_kept_apart(self):
        ours = self._sold(quantity=5)
        theirs = self._sold(quantity=3, partner=self.other_farmer)
        request = self._open(orders=ours + theirs)
        self.assertTrue(request.has_several)
        request.action_tick_all()
        request.write({"remedy": "refund", "note": "x"})
        returns = self._made(request.action_request())
        self.assertEqual(returns.partner_id, self.farmer + self.other_farmer)
        request = self._open(orders=ours + theirs)
        request.action_tick_all()
        request.write({"remedy": "refund", "partner_id": self.farmer.id})
        with self.assertRaisesRegex(UserError, "was not delivered to Farmer Wang"):
            request.action_request()

    def test_an_invoice_offers_its_own_lines_and_no_more(self):
        order = self._sell((self.oil, 5))
        self._deliver(order, quantity=2)
        first = self._invoice(order)
        self._deliver(order)
        second = self._invoice(order)
        for invoice, quantity in ((first, 2), (second, 3)):
            rows = self._open(invoices=invoice).line_ids
            self.assertEqual(sum(rows.mapped("returnable_quantity")), quantity)
            self.assertEqual(rows.invoice_line_id, invoice.invoice_line_ids)

    def test_more_goods_are_added_while_it_is_requested(self):
        first, second = self._sold(quantity=5), self._sold(quantity=3)
        rma = self._rma((first.picking_ids.move_ids, 2, {"remedy": "refund"}))
        request = self._open(rma=rma)
        self.assertEqual(request.line_ids.move_id, second.picking_ids.move_ids)
        request.write({"remedy": "refund", "note": "x"})
        request.action_request()
        self.assertEqual(rma.line_ids.mapped("quantity"), [2, 3])
        rma.action_authorise()
        with self.assertRaisesRegex(UserError, "another return"):
            rma.with_user(self.agent).action_add_lines()

    def test_serials_are_ticked_by_scanning(self):
        lots = self._lots("S-1", "S-2", "S-3")
        order = self._sold(self.harvester, 3, lots=lots)
        request = self._open(orders=order)
        request.serials = "S-3\n S-1 \n"
        request.action_tick_serials()
        ticked = request.line_ids.filtered("selected")
        self.assertEqual(sorted(ticked.mapped("lot_name")), ["S-1", "S-3"])
        request.serials = "S-9"
        with self.assertRaisesRegex(UserError, "S-9"):
            request.action_tick_serials()

    def test_unit_sold_before_go_live(self):
        unit = self.env["aftersales.equipment"].create(
            {
                "product_id": self.harvester.id,
                "serial": "OLD-1",
                "partner_id": self.farmer.id,
            }
        )
        request = self._open(units=unit)
        self.assertEqual(request.line_ids.remedy, "repair")
        request.note = "Stalls"
        rma = self._made(request.action_request())
        self.assertEqual(rma.line_ids.equipment_id, unit)
        self.assertEqual(rma.line_ids.lot_id, unit.lot_id)
        self.assertFalse(rma.line_ids.move_id)
        self.assertEqual(unit.aftersales_return_count, 1)

    def test_nothing_more_than_what_may_come_back(self):
        order = self._sold(quantity=5)
        request = self._open(orders=order)
        request.write({"remedy": "refund", "note": "x"})
        with self.assertRaisesRegex(UserError, "only 5 can"):
            request.line_ids.quantity = 6
            request.action_request()
        request.line_ids.selected = False
        with self.assertRaisesRegex(UserError, "Tick first"):
            request.action_request()
        self._return(order.picking_ids, {self.oil: 5})
        with self.assertRaisesRegex(UserError, "Nothing of it"):
            self._open(orders=order)

    def test_hundred_lines_as_easily_as_one(self):
        one = self._many(1)
        hundred = self._many(100)
        counts = []
        for order in (one, hundred):
            self.env.invalidate_all()
            self.env.cr.precommit.run()
            opened = self.env.cr.sql_log_count
            request = self._open(orders=order)
            opened = self.env.cr.sql_log_count - opened
            request.action_tick_all()
            request.write({"remedy": "refund", "note": "x"})
            self.env.flush_all()
            self.env.invalidate_all()
            made = self.env.cr.sql_log_count
            rma = self._made(request.action_request())
            self.env.flush_all()
            made = self.env.cr.sql_log_count - made
            self.assertEqual(len(rma.line_ids), len(order.order_line))
            counts.append((opened, made))
        (open_one, make_one), (open_hundred, make_hundred) = counts
        # Some queries are for a hundred at a time, never one for each.
        self.assertLessEqual(open_hundred, open_one + 6, counts)
        self.assertLessEqual(make_hundred, make_one + 12, counts)

    def _many(self, count):
        order = self._sell(*[(self.oil, 1)] * count)
        move_ids = order.picking_ids.move_ids
        move_ids.write({"quantity": 1, "picked": True})
        order.picking_ids.button_validate()
        self._invoice(order)
        return order
