import io
from datetime import date, datetime

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import AftersalesCommon

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPTIONS = {"has_headers": True, "quoting": '"', "separator": ","}


class ImportCommon(AftersalesCommon):
    """A user with a file in Odoo's own import screen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.harvester.default_code = "AFS-H5"

    def _template(self, model, user=None, lang="en_US"):
        documents = (
            self.env[model].with_user(user or self.agent).with_context(lang=lang)
        )
        return openpyxl.load_workbook(io.BytesIO(documents._make_import_template()))

    def _file(self, model, *rows, lang="en_US"):
        """Return the template filled with rows: dicts of field and value."""
        book = self._template(model, lang=lang)
        sheet = book.worksheets[0]
        names = [column[0] for column in self.env[model]._get_import_columns()]
        for index, values in enumerate(rows, 2):
            for column, name in enumerate(names, 1):
                sheet.cell(index, column).value = values.get(name)
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue()

    def _import(self, model, content, user=None, dryrun=False, lang="en_US"):
        """Do what the screen does: match the columns by their titles, then import."""
        Import = self.env["base_import.import"].with_user(user or self.agent)
        Import = Import.with_context(lang=lang, tracking_disable=True)
        wizard = Import.create(
            {"res_model": model, "file": content, "file_name": "x", "file_type": XLSX}
        )
        preview = wizard.parse_preview(dict(OPTIONS))
        self.assertNotIn("error", preview)
        matches = preview["matches"]
        titles = preview["headers"]
        fields = [
            "/".join(matches[index]) if index in matches else False
            for index in range(len(titles))
        ]
        options = {**preview["options"], "limit": 2000}
        return wizard.execute_import(fields, titles, options, dryrun=dryrun), fields

    def _upcoming(self):
        """Return the number that the next document of this kind gets."""
        sequences = self.env["ir.sequence"].search(
            [("code", "=", self.MODEL), ("company_id", "=", self.company.id)]
        )
        return sequences._aftersales_upcoming()

    def _messages(self, result):
        return [
            (m.get("rows", {}).get("from"), m["message"]) for m in result["messages"]
        ]


@tagged("post_install", "-at_install")
class TestImportUnits(ImportCommon):
    """Proves: units sold before go-live come in by file, all of them or none (R13)."""

    MODEL = "aftersales.equipment"

    def _count(self):
        return self.env[self.MODEL].search_count([("company_id", "=", self.company.id)])

    def test_titles_are_recognised_in_english_and_chinese(self):
        for lang in ("en_US", "zh_CN"):
            for model in (self.MODEL, "aftersales.ticket"):
                with self.subTest(lang=lang, model=model):
                    names = [c[0] for c in self.env[model]._get_import_columns()]
                    _result, fields = self._import(
                        model, self._file(model, lang=lang), dryrun=True, lang=lang
                    )
                    self.assertEqual(fields, names)

    def test_template_explains_itself(self):
        book = self._template(self.MODEL)
        rows, explained = book.worksheets
        self.assertEqual(rows.max_row, 2)
        titles = [cell.value for cell in rows[1]]
        self.assertEqual(
            titles,
            [
                "Voucher",
                "Product",
                "Serial Number",
                "Quantity",
                "Holder",
                "Dealer",
                "Site",
                "Delivery Date",
                "Installation Date",
                "Proof of Purchase",
            ],
        )
        self.assertEqual(
            [row[0].value for row in explained.iter_rows(2, 1 + len(titles))], titles
        )
        self.assertTrue(all(row[2].value for row in explained.iter_rows(2, 11)))

    def test_import_as_agent_without_other_rights(self):
        self.farmer.email = "wang@example.com"
        self.env.flush_all()
        upcoming = self._upcoming()
        content = self._file(
            self.MODEL,
            {
                "name": "OLD-1",
                "product_id": "AFS-H5",
                "serial": "00042",
                "partner_id": "Farmer Wang",
                "dealer_id": "Dealer Zhao",
                "delivery_date": date(2024, 5, 17),
                "installation_date": date(2024, 5, 20),
                "proof": "Invoice 815",
            },
            {"product_id": "Header", "quantity": 5, "partner_id": "wang@example.com"},
            {"product_id": "Harvester", "serial": "00043"},
        )
        before = self._count()
        result, _fields = self._import(self.MODEL, content, dryrun=True)
        self.assertFalse(result["messages"])
        self.assertEqual(self._count(), before, "the test run writes nothing")
        self.assertFalse(self.env["stock.lot"].search([("name", "=", "00042")]))
        result, _fields = self._import(self.MODEL, content)
        self.assertFalse(result["messages"])
        units = self.env[self.MODEL].browse(result["ids"])
        first, header, third = units
        self.assertEqual(first.name, "OLD-1")
        self.assertEqual(first.product_id, self.harvester)
        self.assertEqual(first.lot_id.name, "00042")
        self.assertEqual(first.partner_id, self.farmer)
        self.assertEqual(first.dealer_id, self.dealer)
        self.assertEqual(first.delivery_date, date(2024, 5, 17))
        self.assertEqual(first.proof, "Invoice 815")
        self.assertEqual(set(units.mapped("source")), {"import"})
        self.assertEqual((header.quantity, header.partner_id), (5, self.farmer))
        self.assertEqual(third.quantity, 1)
        # The test run has not used up any number.
        numbers = (header | third).mapped("name")
        self.assertEqual(
            [int(number[-5:]) for number in numbers], [upcoming, upcoming + 1]
        )

    def test_broken_rows_name_themselves_and_nothing_is_written(self):
        content = self._file(
            self.MODEL,
            {"product_id": "AFS-H5", "serial": "N1", "partner_id": "Farmer Wang"},
            {"product_id": "Nothing", "serial": "N2"},
            {"product_id": "AFS-H5", "serial": "N3", "partner_id": "Nobody"},
            {
                "product_id": "AFS-H5",
                "serial": "N4",
                "delivery_date": date(2024, 5, 17),
                "installation_date": date(2023, 5, 17),
            },
        )
        before, lots = self._count(), self.env["stock.lot"].search_count([])
        result, _fields = self._import(self.MODEL, content)
        self.assertFalse(result["ids"])
        messages = self._messages(result)
        self.assertTrue(any(r == 1 and "'Nothing'" in m for r, m in messages), messages)
        self.assertTrue(any(r == 2 and "'Nobody'" in m for r, m in messages), messages)
        self.assertFalse([m for _r, m in messages if "must be filled in" in m])
        self.assertEqual(self._count(), before)
        self.assertEqual(self.env["stock.lot"].search_count([]), lots)
        self.assertFalse(self.env[self.MODEL].search([("serial", "=", "N1")]))

    def test_dates_in_the_wrong_order_name_their_row(self):
        rows = [{"product_id": "AFS-H5", "serial": f"D{n}"} for n in range(4)]
        rows[2] |= {
            "delivery_date": date(2024, 5, 17),
            "installation_date": date(2023, 5, 17),
        }
        result, _fields = self._import(self.MODEL, self._file(self.MODEL, *rows))
        self.assertFalse(result["ids"])
        self.assertTrue(
            any(
                r == 2 and "before the delivery" in m for r, m in self._messages(result)
            )
        )
        self.assertFalse(self.env[self.MODEL].search([("serial", "=", "D0")]))

    def test_serial_twice_in_the_file(self):
        content = self._file(
            self.MODEL,
            {"product_id": "AFS-H5", "serial": "T1"},
            {"product_id": "AFS-H5", "serial": "T2"},
            {"product_id": "AFS-H5", "serial": " T1"},
        )
        result, _fields = self._import(self.MODEL, content)
        self.assertFalse(result["ids"])
        [(row, message)] = self._messages(result)
        self.assertEqual(row, 2)
        self.assertRegex(message, "T1 is in row 2 of the file already; this is row 4")

    def test_serial_twice_by_name_and_reference(self):
        content = self._file(
            self.MODEL,
            {"product_id": "AFS-H5", "serial": "T5"},
            {"product_id": "Harvester", "serial": "T5"},
        )
        result, _fields = self._import(self.MODEL, content)
        self.assertFalse(result["ids"])
        self.assertIn("T5", result["messages"][0]["message"])
        self.assertFalse(self.env[self.MODEL].search([("serial", "=", "T5")]))

    def test_serial_in_use(self):
        unit = self._sold_unit("T7")
        content = self._file(
            self.MODEL,
            {"product_id": "AFS-H5", "serial": "T8"},
            {"product_id": "AFS-H5", "serial": "T7"},
        )
        result, _fields = self._import(self.MODEL, content)
        self.assertFalse(result["ids"])
        row, message = self._messages(result)[-1]
        self.assertEqual(row, 1)
        self.assertIn("T7", message)
        self.assertIn(unit.name, message)
        self.assertFalse(self.env[self.MODEL].search([("serial", "=", "T8")]))

    def test_number_in_use(self):
        unit = self._sold_unit("T9")
        content = self._file(
            self.MODEL, {"name": unit.name, "product_id": "AFS-H5", "serial": "T10"}
        )
        result, _fields = self._import(self.MODEL, content)
        self.assertFalse(result["ids"])
        self.assertIn(unit.name, result["messages"][0]["message"])

    def test_missing_product(self):
        result, _fields = self._import(
            self.MODEL,
            self._file(
                self.MODEL, {"product_id": "AFS-H5", "serial": "X1"}, {"serial": "X2"}
            ),
        )
        self.assertFalse(result["ids"])
        self.assertEqual(
            self._messages(result), [(1, "The column Product must be filled in.")]
        )

    def test_by_hand_the_same_rule(self):
        unit = self._sold_unit("U1")
        Unit = self.env[self.MODEL].with_user(self.agent)
        values = {"product_id": self.harvester.id, "serial": "U1"}
        with self.assertRaisesRegex(UserError, unit.name):
            Unit.create(values)
        with self.assertRaisesRegex(UserError, "U2.*2 times"):
            Unit.create([{**values, "serial": "U2"}, {**values, "serial": "U2"}])
        self._validate(self._return(unit.picking_id))
        self.assertTrue(Unit.create(values), "a returned unit frees its number")

    def test_only_the_desk_imports(self):
        content = self._file(self.MODEL, {"product_id": "AFS-H5", "serial": "V1"})
        for user in (self.technician, self.employee, self.salesman):
            with self.subTest(user.login):
                Unit = self.env[self.MODEL].with_user(user)
                result = Unit.load(["product_id", "serial"], [["AFS-H5", "V1"]])
                self.assertFalse(result["ids"])
                self.assertFalse(Unit.sudo().search([("serial", "=", "V1")]))
                with self.assertRaises(AccessError):
                    Unit.create({"product_id": self.harvester.id, "serial": "V1"})
        result, _fields = self._import(self.MODEL, content, user=self.manager)
        self.assertTrue(result["ids"])

    def test_thousand_rows(self):
        """A thousand units cost few queries a row, and no more than half as many do."""
        self.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(50)]
        )

        def count_queries(start, count):
            content = self._file(
                self.MODEL,
                *(
                    {
                        "product_id": "AFS-H5",
                        "serial": f"K{number:05d}",
                        "partner_id": f"Customer {number % 50}",
                        "delivery_date": date(2024, 1, 1),
                    }
                    for number in range(start, start + count)
                ),
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            result, _fields = self._import(self.MODEL, content)
            self.env.flush_all()
            self.assertEqual(len(result["ids"]), count, result["messages"])
            return self.env.cr.sql_log_count - before

        hundred = count_queries(0, 100)
        thousand = count_queries(1000, 1000)
        per_row = (thousand - hundred) / 900
        # The lookup of product and holder by the import itself, nothing else.
        self.assertLess(per_row, 8)


@tagged("post_install", "-at_install")
class TestImportTickets(ImportCommon):
    """Proves: the open tickets of the old register come in by file (R01)."""

    MODEL = "aftersales.ticket"

    def test_import(self):
        upcoming = self._upcoming()
        unit = self._sold_unit("W1")
        other = self._sold_unit("W2", partner=self.other_farmer)
        content = self._file(
            self.MODEL,
            {
                "name": "2023-17",
                "partner_name": "Son of Wang",
                "partner_phone": "+86 1",
                "equipment_id": "W1",
                "symptom": "Leaks oil",
                "channel": "Letter",
                "service_kind": "C · Free",
                "state": "Waiting",
                "waiting_reason": "Parts",
                "promised_date": datetime(2026, 12, 1, 8, 30),
                "user_id": "supervisor",
            },
            {"equipment_id": other.name, "symptom": "Noise", "state": "In Progress"},
            {"partner_id": "Farmer Wang", "symptom": "Question"},
        )
        result, _fields = self._import(self.MODEL, content, dryrun=True)
        self.assertFalse(result["messages"])
        step = self.env["aftersales.setup.step"].search(
            [("company_id", "=", self.company.id), ("code", "=", "import_tickets")]
        )
        # The screen begins anew after its test run.
        self.env.invalidate_all()
        self.assertEqual(step.state, "open")
        result, _fields = self._import(self.MODEL, content)
        self.assertFalse(result["messages"])
        first, second, third = self.env[self.MODEL].browse(result["ids"])
        self.assertEqual(first.name, "2023-17")
        self.assertEqual(first.equipment_id, unit)
        self.assertEqual(first.partner_id, self.farmer)
        self.assertEqual(first.partner_name, "Son of Wang")
        self.assertEqual(
            (first.state, first.waiting_reason, first.channel, first.service_kind),
            ("waiting", "parts", "letter", "warranty"),
        )
        self.assertEqual(first.user_id, self.supervisor)
        self.assertTrue(first.promised_date)
        self.assertEqual(second.equipment_id, other)
        self.assertEqual((second.state, second.user_id), ("open", self.agent))
        self.assertEqual((third.state, third.channel), ("new", "phone"))
        self.assertEqual(int(third.name[-5:]), upcoming + 1)
        self.assertEqual(third.team_id, self.team)
        self.assertEqual(step.state, "done")

    def test_broken_rows(self):
        content = self._file(
            self.MODEL,
            {"partner_id": "Farmer Wang", "symptom": "Good row"},
            {"equipment_id": "UNKNOWN-9", "symptom": "No such unit"},
            {"partner_id": "Farmer Wang", "symptom": "x", "channel": "Pigeon"},
        )
        result, _fields = self._import(self.MODEL, content)
        self.assertFalse(result["ids"])
        messages = self._messages(result)
        self.assertTrue(any(r == 1 and "UNKNOWN-9" in m for r, m in messages), messages)
        self.assertTrue(any(r == 2 and "Pigeon" in m for r, m in messages), messages)
        self.assertFalse(self.env[self.MODEL].search([("symptom", "=", "Good row")]))

    def test_states_that_no_step_leads_to(self):
        for state, expected in (("Closed", "closes"), ("Waiting", "what it waits for")):
            content = self._file(
                self.MODEL,
                {"partner_id": "Farmer Wang", "symptom": "Good row"},
                {"partner_id": "Farmer Wang", "symptom": "Bad row", "state": state},
            )
            result, _fields = self._import(self.MODEL, content)
            with self.subTest(state):
                self.assertFalse(result["ids"])
                row, message = self._messages(result)[-1]
                self.assertEqual(row, 1)
                self.assertIn(expected, message)
                self.assertFalse(
                    self.env[self.MODEL].search([("symptom", "=", "Good row")])
                )

    def test_serial_of_two_units(self):
        self._sold_unit("W5")
        twin = self.env["product.product"].create(
            {"name": "Twin", "type": "consu", "is_storable": True, "tracking": "serial"}
        )
        self.env["aftersales.equipment"].create(
            {"product_id": twin.id, "serial": "W5", "partner_id": self.farmer.id}
        )
        content = self._file(self.MODEL, {"equipment_id": "W5", "symptom": "x"})
        result, _fields = self._import(self.MODEL, content)
        self.assertFalse(result["ids"])
        self.assertIn("means several units", result["messages"][0]["message"])

    def test_closed_voucher_gives_way(self):
        unit = self._sold_unit("W6")
        self._validate(self._return(unit.picking_id))
        order = self._sell((self.harvester, 1), partner=self.other_farmer)
        self._deliver(order, lots=unit.lot_id)
        content = self._file(self.MODEL, {"equipment_id": "W6", "symptom": "x"})
        result, _fields = self._import(self.MODEL, content)
        ticket = self.env[self.MODEL].browse(result["ids"])
        self.assertEqual(ticket.equipment_id, self._units(order))

    def test_thousand_rows(self):
        self._sold_unit("W7")

        def count_queries(count):
            rows = [
                {"equipment_id": "W7", "symptom": "x", "state": "In Progress"}
                for _row in range(count)
            ]
            content = self._file(self.MODEL, *rows)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            result, _fields = self._import(self.MODEL, content)
            self.env.flush_all()
            self.assertEqual(len(result["ids"]), count, result["messages"])
            return self.env.cr.sql_log_count - before

        hundred = count_queries(100)
        thousand = count_queries(1000)
        self.assertLess((thousand - hundred) / 900, 8)


@tagged("post_install", "-at_install")
class TestImportTemplateRoute(HttpCase, ImportCommon):
    """Proves: the desk downloads the template, nobody else, and of nothing else."""

    def _get(self, login, model):
        self.authenticate(login, login)
        return self.url_open(f"/aftersales/import_template/{model}")

    def test_download(self):
        self.agent.lang = "zh_CN"
        for model in ("aftersales.equipment", "aftersales.ticket"):
            response = self._get("agent", model)
            self.assertEqual(response.status_code, 200)
            book = openpyxl.load_workbook(io.BytesIO(response.content))
            self.assertEqual(len(book.worksheets), 2)
            self.assertIn(".xlsx", response.headers["Content-Disposition"])
            template = self.env[model].with_user(self.agent).get_import_templates()
            self.assertEqual(
                template[0]["template"], f"/aftersales/import_template/{model}"
            )

    def test_refused(self):
        self.assertEqual(self._get("technician", "aftersales.ticket").status_code, 404)
        self.assertEqual(self._get("employee", "aftersales.ticket").status_code, 404)
        self.assertEqual(self._get("manager", "res.users").status_code, 404)
