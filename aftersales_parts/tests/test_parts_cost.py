import io
from datetime import datetime

from openpyxl import load_workbook

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .common import PartsCommon


@tagged("post_install", "-at_install")
class TestPartsCost(PartsCommon):
    """Proves R56: the cost of parts by month, supplier, product and cause."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._stock(cls, cls.oil, 20)
        cls.oil.standard_price = 40
        cls.maker = cls.env["res.partner"].create(
            {"name": "Oil Works", "lang": "en_US"}
        )
        cls.oil.seller_ids = [(0, 0, {"partner_id": cls.maker.id, "price": 30})]
        cls.fault = cls.env["aftersales.fault"].create(
            {"name": "Leaks", "kind": "symptom"}
        )
        cls.ticket = cls.env["aftersales.ticket"].create(
            {
                "symptom": "Leaks",
                "partner_id": cls.farmer.id,
                "fault_id": cls.fault.id,
            }
        )

    def _use(self, quantity, **values):
        return self.env["aftersales.ticket.line"].create(
            {
                "ticket_id": self.ticket.id,
                "kind": "part",
                "product_id": self.oil.id,
                "quantity": quantity,
                "state": "used",
                "date_done": datetime(2026, 11, 10, 3),
                **values,
            }
        )

    def _rows(self):
        self.env.flush_all()
        return self.env["aftersales.cost.report"].search(
            [("ticket_id", "=", self.ticket.id)]
        )

    def test_each_part_once_at_the_value_of_the_books(self):
        line = self._use(2)
        row = self._rows()
        self.assertEqual(len(row), 1)
        self.assertEqual((row.quantity, row.cost), (2, 80))
        self.assertEqual((row.product_id, row.supplier_id), (self.oil, self.maker))
        self.assertEqual((row.fault_id, row.partner_id), (self.fault, self.farmer))
        self.assertEqual((row.source, row.coverage), ("ticket", line.coverage))
        self.assertEqual(row.document, self.ticket.name)

    def _month(self, user=None):
        today = self.company._aftersales_today().replace(day=1)
        target = io.BytesIO()
        Book = self.env["aftersales.cost.workbook"].with_user(user or self.manager)
        count = Book._write_month(target, self.company, today)
        target.seek(0)
        return count, load_workbook(target, read_only=True)

    def test_workbook_of_a_month(self):
        self._use(2, date_done=datetime.now())
        self._use(1, date_done=datetime.now())
        count, book = self._month()
        self.assertEqual(count, len(list(book["Lines"].values)) - 1)
        supplier = dict(row[:2] for row in book["By Supplier"].values if row[0])
        self.assertEqual(supplier["Oil Works"], 3)
        cause = {row[0]: row[2] for row in book["By Cause"].values if row[0]}
        self.assertEqual(cause["Leaks"], 120)
        self._month(self.accountant)
        for user in (self.supervisor, self.salesman, self.warehouse_user):
            with self.assertRaises(AccessError):
                self._month(user)

    def test_report_is_for_finance_and_managers(self):
        Report = self.env["aftersales.cost.report"]
        self.assertIsInstance(Report.with_user(self.accountant).search_count([]), int)
        with self.assertRaises(AccessError):
            Report.with_user(self.supervisor).search_count([])


@tagged("post_install", "-at_install")
class TestPartsCostRoute(HttpCase, PartsCommon):
    """Proves R56: finance downloads the workbook, others do not."""

    def _get(self, login, month="2026-10", company=None):
        self.authenticate(login, login)
        company = company or self.company
        return self.url_open(f"/aftersales/parts_cost/{company.id}/{month}")

    def test_workbook_is_sent_to_finance_alone(self):
        for user in (self.manager, self.accountant):
            user.password = user.login
            answer = self._get(user.login)
            self.assertEqual(answer.status_code, 200)
            self.assertIn("2026-10.xlsx", answer.headers["Content-Disposition"])
            book = load_workbook(io.BytesIO(answer.content), read_only=True)
            self.assertEqual(len(book.sheetnames), 4)
        self.assertEqual(self._get(user.login, month="2026-13").status_code, 404)
        foreign = self.env["res.company"].create({"name": "Somebody Else"})
        self.assertEqual(self._get(user.login, company=foreign).status_code, 403)
        self.supervisor.password = self.supervisor.login
        self.assertEqual(self._get(self.supervisor.login).status_code, 403)
