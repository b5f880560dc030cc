from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestCustomerFile(AftersalesCommon):
    """Proves: the whole customer at a glance, and no file forgotten (R12)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        freezer = freeze_time("2026-03-10 02:00:00")
        freezer.start()
        cls.addClassCleanup(freezer.stop)
        cls.Missing = cls.env["aftersales.missing.file"]

    def _missing(self, user=None):
        self.env.flush_all()
        rows = self.Missing.with_user(user or self.agent).search([])
        return {row.partner_id or row.ticket_id: row.missing for row in rows}

    def test_at_a_glance(self):
        wife = self.env["res.partner"].create(
            {"name": "Mrs. Wang", "parent_id": self.farmer.id, "lang": "en_US"}
        )
        unit = self._sold_unit("G-1")
        unit.next_service_date = "2026-05-01"
        ticket = self._ticket(partner_id=wife.id, promised_date="2026-03-12 02:00:00")
        self._ticket().action_solve()
        contract = self.env["aftersales.contract"].create(
            {
                "partner_id": self.farmer.id,
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
            }
        )
        contract._by_method().state = "active"
        farmer = self.farmer.with_user(self.technician)
        farmer.invalidate_recordset()
        self.assertEqual(farmer.aftersales_desk_unit_ids, unit)
        self.assertFalse(farmer.aftersales_desk_ticket_ids)  # others' tickets
        farmer = self.farmer.with_user(self.agent)
        self.assertEqual(farmer.aftersales_desk_ticket_ids, ticket)
        self.assertEqual(farmer.aftersales_desk_contract_ids, contract)
        self.assertEqual(
            set(farmer.aftersales_desk_callback_ids.mapped("kind")),
            {"delivery", "after_service"},
        )
        self.assertEqual(farmer.aftersales_next_service_date, date(2026, 5, 1))
        self.assertEqual(farmer.aftersales_promised_date, ticket.promised_date)
        self.assertEqual(farmer.aftersales_last_contact, ticket.date_open)
        self.assertEqual(farmer.aftersales_callback_count, 2)
        self.assertEqual(wife.aftersales_desk_ticket_ids, ticket)
        self.assertFalse(wife.aftersales_desk_unit_ids)
        domain = farmer.action_view_aftersales_callbacks()["domain"]
        self.assertEqual(self.env["aftersales.callback"].search_count(domain), 2)

    def test_others_pay_nothing(self):
        """The page is not even read for those without the right."""
        fields = [f for f in self.farmer._fields if f.startswith("aftersales_desk")]
        self.assertTrue(fields)
        for user in (self.salesman, self.employee):
            arch = self.farmer.with_user(user).get_view(view_type="form")["arch"]
            self.assertNotIn("aftersales_desk", arch)
            with self.assertRaises(AccessError):
                self.farmer.with_user(user).read(fields)
        form = Form(self.farmer.with_user(self.agent), view="base.view_partner_form")
        self.assertFalse(form.aftersales_last_contact)

    def test_queries_do_not_grow(self):
        partners = self.env["res.partner"].create(
            [{"name": f"P{index}", "lang": "en_US"} for index in range(20)]
        )
        for index, partner in enumerate(partners):
            self.env["aftersales.equipment"].create(
                {
                    "product_id": self.harvester.id,
                    "serial": f"Q{index}",
                    "partner_id": partner.id,
                }
            )
            self._ticket(partner_id=partner.id)

        def cost(records):
            self.env.flush_all()
            self.env.invalidate_all()
            records = records.with_user(self.agent)
            before = self.env.cr.sql_log_count
            records.mapped("aftersales_desk_unit_ids")
            records.mapped("aftersales_last_contact")
            records.mapped("aftersales_callback_count")
            return self.env.cr.sql_log_count - before

        cost(partners)
        self.assertLessEqual(cost(partners), cost(partners[:1]) + 1)

    def test_incomplete_files_after_two_days(self):
        self.farmer.street = "Field Road 1"
        unit = self._sold_unit("F-1")
        complete = self._ticket(equipment_id=unit.id)
        with freeze_time("2026-03-08 02:00:00"):
            caller = self._ticket(
                partner_id=False, partner_name="Qian", partner_phone="13800138001"
            )
            self._ticket(partner_id=self.other_farmer.id)
            self._ticket(
                partner_id=False, partner_name="Own staff", service_kind="internal"
            )
            cancelled = self._ticket(partner_id=self.dealer.id)
            cancelled.action_cancel("Wrong number")
            complete._by_method().date_open = "2026-03-08 02:00:00"
        self.assertEqual(
            self._missing(),
            {caller: "contact, unit", self.other_farmer: "phone, address, unit"},
        )
        with freeze_time("2026-03-10 01:59:00"):
            self.assertFalse(self._missing())
        self.company.aftersales_file_days = 5
        self.assertFalse(self._missing())

    def test_erased_callers_are_not_asked_again(self):
        with freeze_time("2020-03-01 02:00:00"):
            ticket = self._ticket()
            ticket.action_cancel("test")
            ticket._by_method().state = "closed"
            self.env.flush_all()
        erasure = self.env["aftersales.erasure"].create({"partner_id": self.farmer.id})
        erasure.with_user(self.manager).action_erase()
        self.assertFalse(ticket.partner_id)
        self.assertFalse(self._missing())

    def test_completing_a_file(self):
        with freeze_time("2026-03-01 02:00:00"):
            caller = self._ticket(partner_id=False, partner_name="Qian")
            self._ticket(partner_id=self.other_farmer.id)
        member = self.env["res.partner"].create(
            {
                "name": "Wife",
                "parent_id": self.other_farmer.id,
                "phone": "13800138002",
                "city": "Gaotang",
                "lang": "en_US",
            }
        )
        self.assertEqual(self._missing()[self.other_farmer], "unit")
        row = self.Missing.with_user(self.agent).search(
            [("partner_id", "=", self.other_farmer.id)]
        )
        self.assertEqual(row.action_open()["res_id"], self.other_farmer.id)
        row.action_complete()
        self.assertEqual(self._missing(), {caller: "contact, phone, unit"})
        caller.action_solve()
        caller.action_close()
        self.assertIn(caller, self._missing())
        rows = self.Missing.with_user(self.agent).search([])
        rows.action_complete()
        self.assertFalse(self._missing())
        caller.file_ok = False
        caller.partner_id = member
        self.assertFalse(self._missing())
        with self.assertRaises(AccessError):
            self._missing(self.technician)
