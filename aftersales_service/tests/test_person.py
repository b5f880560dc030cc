import io
import zipfile
from datetime import date

import openpyxl
from freezegun import freeze_time
from markupsafe import Markup

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import format_date

from .common import AftersalesCommon


class PersonCommon(AftersalesCommon):
    """A customer with units, tickets, messages and files."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wife = cls.env["res.partner"].create(
            {"name": "Mrs. Wang", "parent_id": cls.farmer.id, "type": "contact"}
        )

    def _closed_ticket(self, day, **values):
        """Return a ticket closed on a day, with all that a ticket knows about people."""
        with freeze_time(f"{day} 10:00:00"):
            ticket = self._ticket(
                partner_name="Old Wang",
                partner_phone="+86 138 0013 8000",
                partner_email="w@example.com",
                description=Markup("<p>Lives at the red barn</p>"),
                **values,
            )
            ticket.message_post(
                body="Call me at 138", author_id=self.farmer.id, message_type="comment"
            )
            self.env["ir.attachment"].create(
                {
                    "name": "barn.txt",
                    "raw": b"photo of Wang",
                    "res_model": ticket._name,
                    "res_id": ticket.id,
                }
            )
            ticket.action_solve()
            ticket.action_close()
            self.env.flush_all()
        return ticket

    def _request(self, partner=None):
        Erasure = self.env["aftersales.erasure"].with_user(self.manager)
        return Erasure.create({"partner_id": (partner or self.farmer).id})

    def _verdicts(self, erasure):
        return {
            (line.res_model, line.res_id): (line.verdict, line.keep_until)
            for line in erasure.line_ids
        }


@tagged("post_install", "-at_install")
class TestErasure(PersonCommon):
    """Proves: a person is erased when his records are past their time, not before (R66)."""

    def test_both_sides_of_the_retention_date(self):
        ticket = self._closed_ticket("2023-03-10")
        key = (ticket._name, ticket.id)
        with freeze_time("2026-03-09 12:00:00"):
            erasure = self._request()
            self.assertEqual(
                self._verdicts(erasure)[key], ("retention", date(2026, 3, 10))
            )
            erasure.action_erase()
            self.assertEqual(ticket.partner_id, self.farmer)
            self.assertEqual(ticket.partner_name, "Old Wang")
            self.assertTrue(ticket.message_ids.filtered(lambda m: "138" in m.body))
        with freeze_time("2026-03-10 12:00:00"):
            erasure = self._request()
            self.assertEqual(self._verdicts(erasure)[key], ("past", date(2026, 3, 10)))
            erasure.action_erase()
        self.assertFalse(ticket.partner_id)

    def test_retention_of_the_company(self):
        ticket = self._closed_ticket("2023-03-10")
        self.company.aftersales_retention_years = 5
        with freeze_time("2027-12-31 12:00:00"):
            verdict, until = self._verdicts(self._request())[ticket._name, ticket.id]
        self.assertEqual((verdict, until), ("retention", date(2028, 3, 10)))

    def test_what_is_erased_and_what_stays(self):
        ticket = self._closed_ticket(
            "2022-03-10", resolution="Pump changed", product_id=self.harvester.id
        )
        with freeze_time("2022-03-11 10:00:00"):
            ticket.with_context(
                mail_notrack=False, tracking_disable=False
            ).partner_id = self.other_farmer
            self.env.flush_all()
            ticket.partner_id = self.farmer
            ticket.partner_name = "Old Wang"
        before = ticket.read(
            ["name", "symptom", "date_open", "close_date", "product_id", "state"]
        )
        erasure = self._request()
        erasure.action_erase()
        self.assertEqual(erasure.state, "done")
        self.assertEqual(erasure.user_id, self.manager)
        self.assertTrue(erasure.date_done)
        self.assertEqual(
            ticket.read(
                ["name", "symptom", "date_open", "close_date", "product_id", "state"]
            ),
            before,
        )
        self.assertEqual(ticket.resolution, "Pump changed")
        self.assertFalse(ticket.partner_id or ticket.site_id)
        self.assertFalse(ticket.partner_phone or ticket.partner_email)
        self.assertIn("Erased on request", ticket.partner_name)
        self.assertIn("Erased on request", ticket.description)
        self.assertFalse(ticket.message_partner_ids & self.farmer)
        attachments = self.env["ir.attachment"].search(
            [("res_model", "=", ticket._name), ("res_id", "=", ticket.id)]
        )
        self.assertFalse(attachments)
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT message.id FROM mail_message AS message
            LEFT JOIN mail_tracking_value AS value ON value.mail_message_id = message.id
            WHERE message.model = %s AND message.res_id = %s AND (
                message.body LIKE '%%138%%' OR message.author_id = %s
                OR message.email_from LIKE '%%Wang%%'
                OR value.old_value_char LIKE '%%Farmer%%'
                OR value.new_value_char LIKE '%%Farmer%%'
            )""",
            [ticket._name, ticket.id, self.farmer.id],
        )
        traces = self.env["mail.message"].browse(
            row[0] for row in self.env.cr.fetchall()
        )
        self.assertFalse(traces.read(["body", "author_id", "email_from"]))
        # Nothing outside after-sales is touched.
        self.assertEqual(self.farmer.name, "Farmer Wang")
        self.assertEqual(self.farmer.phone, "+86 138 0013 8000")

    def test_sales_documents_stay(self):
        with freeze_time("2020-03-10 10:00:00"):
            unit = self._sold_unit("Z1")
            self._validate(self._return(unit.picking_id))
            self.env.flush_all()
        order, picking = unit.sale_order_id, unit.picking_id
        self.assertEqual(unit.state, "returned")
        self._request().action_erase()
        self.assertFalse(unit.partner_id or unit.site_id)
        self.assertEqual(unit.lot_id.name, "Z1")
        self.assertEqual(unit.sale_order_id, order)
        self.assertEqual(order.partner_id, self.farmer)
        self.assertEqual(picking.partner_id, self.farmer)

    def test_open_ticket_and_unit_in_use_are_kept(self):
        with freeze_time("2015-03-10 10:00:00"):
            unit = self._sold_unit("Z2")
            open_ticket = self._ticket()
            solved = self._ticket()
            solved.action_solve()
            self.env.flush_all()
        old = self._closed_ticket("2016-01-01", equipment_id=unit.id)
        erasure = self._request()
        verdicts = self._verdicts(erasure)
        self.assertEqual(verdicts[unit._name, unit.id], ("in_use", False))
        self.assertEqual(
            verdicts[open_ticket._name, open_ticket.id], ("open_ticket", False)
        )
        self.assertEqual(verdicts[solved._name, solved.id], ("open_ticket", False))
        self.assertEqual(verdicts[old._name, old.id][0], "past")
        erasure.action_erase()
        self.assertEqual(unit.partner_id, self.farmer)
        self.assertEqual(open_ticket.partner_id, self.farmer)
        self.assertFalse(old.partner_id)
        # With the callbacks of the delivery and of both solved tickets.
        self.assertEqual((erasure.past_count, erasure.kept_count), (3, 4))

    def test_unit_counts_from_its_last_ticket(self):
        with freeze_time("2018-03-10 10:00:00"):
            unit = self._sold_unit("Z3")
            self._validate(self._return(unit.picking_id))
            self.env.flush_all()
        self._closed_ticket("2025-02-01", equipment_id=unit.id)
        with freeze_time("2026-01-01 10:00:00"):
            verdict = self._verdicts(self._request())[unit._name, unit.id]
        self.assertEqual(verdict, ("retention", date(2028, 2, 1)))
        self._ticket(equipment_id=unit.id)
        with freeze_time("2040-01-01 10:00:00"):
            verdict = self._verdicts(self._request())[unit._name, unit.id]
        self.assertEqual(verdict, ("open_ticket", False))

    def test_contacts_below_and_calls_noted_without_contact(self):
        below = self._closed_ticket("2020-01-01", partner_id=self.wife.id)
        with freeze_time("2020-01-01 10:00:00"):
            noted = self._ticket(
                partner_id=False, partner_name="Somebody", partner_email="W@example.com"
            )
            stranger = self._ticket(
                partner_id=False, partner_name="Other", partner_email="xw@example.com"
            )
            other = self._ticket(partner_id=self.other_farmer.id)
            (noted | stranger | other).action_cancel("test")
            self.env.flush_all()
        erasure = self._request()
        found = {
            line.res_id for line in erasure.line_ids if line.res_model == below._name
        }
        self.assertLessEqual({below.id, noted.id}, found)
        self.assertFalse({stranger.id, other.id} & found)
        erasure.action_erase()
        self.assertFalse(below.partner_id)
        self.assertIn("Erased", noted.partner_name)
        self.assertEqual(other.partner_id, self.other_farmer)

    def test_registration(self):
        if "aftersales.registration" not in self.env:
            self.fail("registrations are part of this floor")
        Registration = self.env["aftersales.registration"]
        with freeze_time("2020-01-01 10:00:00"):
            values = {
                "partner_id": self.farmer.id,
                "product_id": self.harvester.id,
                "note": "My brother bought it",
                "invoice_ref": "I-1",
            }
            pending = Registration.create({**values, "serial": "R-1"})
            decided = Registration.create({**values, "serial": "R-2"})
            decided._by_method().write(
                {
                    "state": "refused",
                    "refuse_reason": "No proof",
                    "decide_date": "2020-01-02 10:00:00",
                }
            )
            self.env.flush_all()
        erasure = self._request()
        verdicts = self._verdicts(erasure)
        self.assertEqual(verdicts[pending._name, pending.id][0], "pending")
        self.assertEqual(verdicts[decided._name, decided.id][0], "past")
        erasure.action_erase()
        self.assertEqual(decided.partner_id, self.company.partner_id)
        self.assertNotIn("brother", decided.note)
        self.assertFalse(decided.invoice_ref)
        self.assertEqual(pending.partner_id, self.farmer)

    def test_contract(self):
        """A contract in force is kept, an old one loses its customer, not its money."""
        Contract = self.env["aftersales.contract"]
        values = {"partner_id": self.farmer.id, "price": 900}
        old = Contract.create(
            {**values, "date_start": "2015-01-01", "date_end": "2015-12-31"}
        )
        old._by_method().state = "expired"
        running = Contract.create(
            {**values, "date_start": "2020-01-01", "date_end": "2030-12-31"}
        )
        erasure = self._request()
        verdicts = self._verdicts(erasure)
        self.assertEqual(verdicts[old._name, old.id][0], "past")
        self.assertEqual(verdicts[running._name, running.id][0], "in_force")
        erasure.action_erase()
        self.assertEqual(old.partner_id, self.company.partner_id)
        self.assertEqual(old.price, 900)
        self.assertEqual(running.partner_id, self.farmer)

    def test_other_company_is_not_touched(self):
        other = self.env["res.company"].create({"name": "Other Works"})
        with freeze_time("2015-01-01 10:00:00"):
            ticket = self._ticket(company_id=other.id)
            ticket.action_cancel("test")
            self.env.flush_all()
        erasure = self._request()
        self.assertNotIn((ticket._name, ticket.id), self._verdicts(erasure))
        erasure.action_erase()
        self.assertEqual(ticket.partner_id, self.farmer)

    def test_only_managers_and_only_once(self):
        ticket = self._closed_ticket("2020-01-01")
        with self.assertRaises(AccessError):
            self.env["aftersales.erasure"].with_user(self.supervisor).create(
                {"partner_id": self.farmer.id}
            )
        with self.assertRaises(UserError):
            self.farmer.with_user(self.supervisor).action_aftersales_erase()
        erasure = self._request()
        with self.assertRaises(UserError):
            erasure.write({"state": "done"})
        with self.assertRaisesRegex(UserError, "Decide first"):
            erasure.action_print()
        with self.assertRaises(AccessError):
            erasure.line_ids.write({"verdict": "past"})
        action = self.farmer.with_user(self.manager).action_aftersales_erase()
        self.assertEqual(action["res_id"], erasure.id, "the one to decide is taken up")
        erasure.action_erase()
        for call in (erasure.action_erase, erasure.action_look_up, erasure.unlink):
            with self.assertRaisesRegex(UserError, "are decided"):
                call()
        with self.assertRaises(UserError):
            erasure.partner_id = self.other_farmer
        self.assertFalse(ticket.partner_id)

    def test_closed_meanwhile(self):
        """What is erased is judged when it is erased, not when it was looked up."""
        with freeze_time("2020-01-01 10:00:00"):
            ticket = self._ticket()
            ticket.action_cancel("test")
            self.env.flush_all()
        erasure = self._request()
        self.assertEqual(erasure.past_count, 1)
        ticket.action_reopen()
        erasure.action_erase()
        self.assertEqual(erasure.past_count, 0)
        self.assertEqual(ticket.partner_id, self.farmer)

    def test_answer(self):
        """The letter names what was erased and what is kept, in the person's language."""
        self.farmer.lang = "en_US"
        past = self._closed_ticket("2020-01-01")
        kept = self._closed_ticket("2026-01-01")
        erasure = self._request()
        erasure.action_erase()
        report = "aftersales_service.report_aftersales_erasure"
        html, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.manager)
            ._render_qweb_html(report, erasure.ids)
        )
        text = html.decode()
        self.assertIn(past.name, text)
        self.assertIn(kept.name, text)
        english = self.env(context={**self.env.context, "lang": "en_US"})
        self.assertIn(format_date(english, date(2029, 1, 1)), text)
        self.assertIn("as proof of the work done", text)
        self.assertIn("Orders, deliveries and invoices", text)
        self.assertNotIn("Old Wang", text)
        action = erasure.action_send()
        composer = self.env["mail.compose.message"].with_user(self.manager)
        composer = composer.with_context(**action["context"]).create({})
        self.assertEqual(composer.partner_ids, self.farmer)
        self.assertIn(erasure.name, composer.subject)
        self.assertEqual(erasure.action_print()["type"], "ir.actions.report")

    def test_nothing_known(self):
        erasure = self._request(self.env["res.partner"].create({"name": "Nobody"}))
        erasure.action_erase()
        self.assertEqual(erasure.state, "done")
        self.assertFalse(erasure.line_ids)


@tagged("post_install", "-at_install")
class TestPersonFile(PersonCommon):
    """Proves: the whole file of a customer is one download (right of access)."""

    def _open(self, partner=None, user=None):
        partner = (partner or self.farmer).with_user(user or self.manager)
        with partner._aftersales_make_file() as stream:
            archive = zipfile.ZipFile(io.BytesIO(stream.read()))
        book = next(name for name in archive.namelist() if name.endswith(".xlsx"))
        return archive, openpyxl.load_workbook(io.BytesIO(archive.read(book)))

    def _texts(self, sheet):
        return [str(c.value) for row in sheet.iter_rows() for c in row if c.value]

    def test_all_of_it(self):
        unit = self._sold_unit("Y1")
        ticket = self._closed_ticket("2026-01-05", equipment_id=unit.id)
        sold = self._sold_unit("Y2", partner=self.dealer, ship_to=self.other_farmer)
        archive, book = self._open()
        contacts, units, tickets, *_others = book.worksheets
        messages, files = book.worksheets[-2:]
        self.assertIn("Farmer Wang", self._texts(contacts))
        self.assertTrue(any("Mrs. Wang" in text for text in self._texts(contacts)))
        self.assertIn(unit.name, self._texts(units))
        self.assertNotIn(sold.name, self._texts(units))
        self.assertIn(ticket.name, self._texts(tickets))
        self.assertIn("Old Wang", self._texts(tickets))
        self.assertIn("Lives at the red barn", self._texts(tickets))
        self.assertIn("Call me at 138", self._texts(messages))
        self.assertIn("barn.txt", self._texts(files))
        path = next(name for name in archive.namelist() if name.startswith("files/"))
        self.assertEqual(archive.read(path), b"photo of Wang")
        self.assertIn(ticket.name.replace("/", "-"), path)

    def test_dealer_does_not_get_his_customers(self):
        self._sold_unit("Y3", partner=self.dealer, ship_to=self.other_farmer)
        _archive, book = self._open(self.dealer)
        texts = [text for sheet in book.worksheets for text in self._texts(sheet)]
        self.assertIn("Y3", texts)
        self.assertFalse([text for text in texts if "Farmer Li" in text])

    def test_no_formula_and_no_path_gets_out(self):
        ticket = self._ticket(symptom="=cmd|' /C calc'!A0")
        self.env["ir.attachment"].create(
            {
                "name": "../../etc/passwd",
                "raw": b"x",
                "res_model": ticket._name,
                "res_id": ticket.id,
            }
        )
        archive, book = self._open()
        cell = next(
            cell
            for row in book.worksheets[2].iter_rows()
            for cell in row
            if str(cell.value).startswith("=cmd")
        )
        self.assertEqual(cell.data_type, "s")
        for name in archive.namelist():
            self.assertNotIn("..", name.split("/"))

    def test_other_company_and_other_people(self):
        other = self.env["res.company"].create({"name": "Other Works"})
        self._ticket(company_id=other.id, symptom="Elsewhere")
        self._ticket(partner_id=self.other_farmer.id, symptom="Of somebody else")
        _archive, book = self._open()
        texts = [text for sheet in book.worksheets for text in self._texts(sheet)]
        self.assertNotIn("Elsewhere", texts)
        self.assertNotIn("Of somebody else", texts)

    def test_only_managers(self):
        for user in (self.supervisor, self.agent, self.employee, self.salesman):
            with self.subTest(user.login), self.assertRaises(UserError):
                self._open(user=user)
        action = self.farmer.with_user(self.manager).action_aftersales_file()
        self.assertEqual(action["url"], f"/aftersales/partner_file/{self.farmer.id}")


@tagged("post_install", "-at_install")
class TestPersonFileRoute(HttpCase, PersonCommon):
    """Proves: the download is for managers alone and leaves nothing behind."""

    def test_download(self):
        self._closed_ticket("2026-01-05")
        before = self.env["ir.attachment"].search_count([])
        self.authenticate("manager", "manager")
        response = self.url_open(f"/aftersales/partner_file/{self.farmer.id}")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers["Content-Type"], "application/zip")
        archive = zipfile.ZipFile(io.BytesIO(response.content))
        self.assertFalse(archive.testzip())
        self.assertEqual(self.env["ir.attachment"].search_count([]), before)

    def test_refused(self):
        for login in ("supervisor", "agent", "employee"):
            self.authenticate(login, login)
            response = self.url_open(f"/aftersales/partner_file/{self.farmer.id}")
            self.assertEqual(response.status_code, 404)
        self.authenticate("manager", "manager")
        self.assertEqual(
            self.url_open("/aftersales/partner_file/999999999").status_code, 404
        )
        hidden = self.env["res.partner"].create(
            {
                "name": "Elsewhere",
                "company_id": self.env["res.company"].create({"name": "X Works"}).id,
            }
        )
        self.assertEqual(
            self.url_open(f"/aftersales/partner_file/{hidden.id}").status_code, 404
        )


@tagged("post_install", "-at_install")
class TestPersonActions(PersonCommon):
    """Proves: managers find both on the contact, others do not."""

    def test_bindings(self):
        for user, expected in ((self.manager, 2), (self.supervisor, 0)):
            bindings = (
                self.env["ir.actions.actions"]
                .with_user(user)
                .get_bindings("res.partner")
            )
            names = [action["name"] for action in bindings.get("action", ())]
            ours = [name for name in names if "after-sales" in name.lower()]
            self.assertEqual(len(ours), expected, names)

    def test_server_action_runs_for_a_manager(self):
        action = self.env.ref("aftersales_service.res_partner_action_aftersales_erase")
        result = (
            action.with_user(self.manager)
            .with_context(
                active_model="res.partner",
                active_id=self.farmer.id,
                active_ids=[self.farmer.id],
            )
            .run()
        )
        self.assertEqual(result["res_model"], "aftersales.erasure")
        self.assertEqual(
            self.env["aftersales.erasure"].browse(result["res_id"]).partner_id,
            self.farmer,
        )
