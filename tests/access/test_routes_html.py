"""What people write stays text: in the database, on pages, in mails and on paper."""

import ast
import re
from email.message import EmailMessage

import hostile
import route_catalogue
import support
from active_html import active, escaped
from route_world import RouteWorld

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.aftersales_service.tests.portal_common import PNG

# Html that is not cleaned when written, and why that is safe.
GENERATED = {
    "aftersales.analysis.body": "made of escaped figures; written by its method alone",
    "aftersales.ticket.remedy_outlook": "computed of escaped texts, never stored",
    "aftersales.ticket.call.history": "computed of escaped texts, never stored",
}
# Texts that are no words of anybody: keys, codes and what else has a format.
CODES = re.compile(
    r"token|code|^lang$|^tz$|email|phone|barcode|vat|^ref$|country|state|type|kind"
    r"|color|website|url|uuid|mimetype|checksum|store_fname|index_content|model"
    r"|activity_exception|number_next|login|password|signature$"
)
# Papers on a warranty and a journey that there was none of in these tests.
NOTHING_TO_PRINT = {
    "aftersales_service.report_aftersales_certificate",
    "aftersales_service.report_aftersales_certificate_picking",
    "aftersales_service.report_aftersales_dispatch_receipt",
}
WRITERS = (
    *("employee", "technician", "agent", "supervisor", "manager", "quality_lead"),
    "farmer",
)


class MarkupUse(ast.NodeVisitor):
    """Where a Python file calls a text safe that it did not write itself."""

    def __init__(self):
        self.found = []

    def visit_Call(self, node):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name == "Markup":
            self.found += [
                node.lineno for value in node.args if not self._is_literal(value)
            ]
        self.generic_visit(node)

    def _is_literal(self, node):
        # Neighbouring literals are one for Python; an f-string is none.
        return isinstance(node, ast.Constant)


@tagged("post_install", "-at_install")
class TestRoutesHtml(RouteWorld):
    # ------------------------------------------------------------
    # SOURCE
    # ------------------------------------------------------------

    def _sources(self, *endings):
        for addon in support.addons():
            for path in sorted((support.ROOT / addon).rglob("*")):
                if path.suffix in endings and "tests" not in path.parts:
                    yield path

    def test_only_literals_are_markup(self):
        """Proves: no text of a user is declared safe; it is escaped where it is put in."""
        findings = []
        for path in self._sources(".py"):
            visitor = MarkupUse()
            source = path.read_text("utf-8")
            if "Markup" in source:
                visitor.visit(ast.parse(source))
            findings += [f"{support.relative(path)}:{line}" for line in visitor.found]
        support.report(findings, "Markup() of something else than a literal")

    def test_templates_escape(self):
        """Proves: no template and no script prints a text without escaping it."""
        guard = re.compile(r"t-raw|\|\s*safe\b|innerHTML|outerHTML|insertAdjacentHTML")
        call = re.compile(r"(?<![\w.])markup\(")
        findings = [
            f"{support.relative(path)}:{number}: {line.strip()[:80]}"
            for path in self._sources(".xml", ".js")
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
            if guard.search(line) or (path.suffix == ".js" and call.search(line))
        ]
        support.report(findings, "printed unescaped")

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    def _html_fields(self):
        """Return the Html fields that our add-ons define, on any model."""
        return [
            (model, field)
            for name, model in self.env.registry.items()
            for field in model._fields.values()
            if field.type == "html"
            and not model._abstract
            and (name.startswith("aftersales.") or field.name.startswith("aftersales_"))
        ]

    def test_fields_are_cleaned(self):
        """Proves: every Html field of ours is cleaned when written, for everybody."""
        found = self._html_fields()
        self.assertGreater(len(found), 10)
        open_ones, findings = set(), []
        for model, field in found:
            name = f"{model._name}.{field.name}"
            if not field.sanitize:
                open_ones.add(name)
                if not field.readonly:
                    findings.append(f"{name} is written as it comes")
                continue
            if field.sanitize_overridable:
                findings.append(f"{name} may be written raw by some")
            record = self.env[model._name]
            for text in hostile.MARKUP:
                stored = field.convert_to_column(text, record)
                stored = getattr(stored, "adapted", stored)
                if left := active(stored):
                    findings.append(f"{name} keeps {left} of {text}")
        support.report(findings, "Html fields")
        self.assertEqual(open_ones, set(GENERATED))

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_nobody_writes_active_html(self):
        """Proves: whoever may write a text, nothing that runs is stored."""
        text = "".join(hostile.MARKUP)
        records = {
            "aftersales.ticket": self.mine.ticket,
            "aftersales.equipment": self.mine.unit,
            "aftersales.solution": self.env["aftersales.solution"].create(
                {"name": "Change the belt"}
            ),
            "aftersales.callback.rule": self.env["aftersales.callback.rule"].search(
                [], limit=1
            ),
            "aftersales.analysis": self.env["aftersales.analysis"].search([], limit=1)
            or self.env["aftersales.analysis"].new({}),
        }
        wrote = set()
        for model, field in self._html_fields():
            if model._name not in records or not field.store or not field.column_type:
                continue
            record = records[model._name]
            for login in WRITERS:
                user = self.env["res.users"].search([("login", "=", login)])
                mine = record.with_user(user)
                try:
                    with self.env.cr.savepoint():
                        mine.write({field.name: text})
                except (AccessError, UserError):
                    continue
                finally:
                    self.env.invalidate_all()
                wrote.add(f"{model._name}.{field.name}")
                name = f"{login}: {model._name}.{field.name}"
                self.assertFalse(active(record.sudo()[field.name]), name)
        self.assertGreaterEqual(
            wrote,
            {
                *("aftersales.ticket.description", "aftersales.equipment.note"),
                *("aftersales.solution.body", "aftersales.callback.rule.script"),
            },
        )
        self.assertNotIn("aftersales.analysis.body", wrote)

    # ------------------------------------------------------------
    # DOORS
    # ------------------------------------------------------------

    def _assert_record_inert(self, record):
        """Assert that nothing runs of what a record and its messages hold."""
        self.env.invalidate_all()
        for name, field in record._fields.items():
            if field.type == "html" and field.store:
                self.assertFalse(active(record[name]), f"{record._name}.{name}")
        for message in record.message_ids:
            self.assertFalse(active(message.body), f"{record._name}: a message")
            self.assertTrue(escaped(f"<div>{message.body}</div>"), message.body)

    def _receive(self, model):
        message = EmailMessage()
        message["From"] = f"{hostile.ELEMENT} <w@example.com>"
        message["To"] = "service@harvester.example.com"
        message["Subject"] = hostile.PAYLOAD
        message["Message-Id"] = f"<{model}@example.net>"
        message.set_content("Does not start")
        message.add_alternative("".join(hostile.MARKUP), subtype="html")
        Thread = self.env["mail.thread"]
        return self.env[model].browse(Thread.message_process(model, message.as_bytes()))

    def test_mails(self):
        """Proves: a mail of scripts becomes a ticket or complaint of words."""
        for model in ("aftersales.ticket", "aftersales.complaint"):
            with self.subTest(model=model):
                record = self._receive(model)
                self.assertTrue(record)
                self._assert_record_inert(record)

    def _send(self, url, **values):
        data = {name: value or hostile.PAYLOAD for name, value in values.items()}
        page = self._post(url, data, files=[("<b>.png", PNG)])
        self.assertLess(page.status_code, 400, url)
        self.assertTrue(escaped(page.content), url)

    def test_forms(self):
        """Proves: what customers type into our forms is shown as they typed it."""
        text = None
        unit, card = self.mine.unit, self.mine.card.sudo()
        self._login("farmer")
        counts = {
            model: self.env[model].search_count([])
            for model in ("aftersales.ticket", "aftersales.complaint")
        }
        self._send("/my/tickets/new", unit_id="other", symptom=text, description=text)
        self._send("/my/complaints/new", description=text, demand=text, phone=text)
        self._send("/my/units/register", serial=text, product_text=text, note=text)
        self._send(f"/my/tickets/{self.mine.ticket.id}/reopen", reason=text)
        self._send(
            f"/my/visits/{self.mine.visit.id}/postpone",
            day="2027-01-01",
            part=text,
            wish=text,
        )
        self.authenticate(None, None)
        self._send(
            f"/aftersales/unit/{unit.public_code}",
            name=text,
            phone="1",
            symptom=text,
            description=text,
        )
        marks = dict.fromkeys(("attitude", "skill", "arrival", "promise"), "4")
        self._send(
            f"/aftersales/card/{card.access_token}",
            words=text,
            opinion="complaint",
            **marks,
        )
        self.assertTrue(card.consumed)
        for model, count in counts.items():
            records = self.env[model].search([], order="id desc")
            self.assertGreater(len(records), count, model)
            for record in records[: len(records) - count]:
                self._assert_record_inert(record)
        self._assert_record_inert(self.mine.ticket)

    # ------------------------------------------------------------
    # PAGES, MAILS AND PAPER
    # ------------------------------------------------------------

    def _poison(self, records):
        """Put hostile words into every text of some records, past all checks."""
        for record in records:
            texts = [
                field
                for field in record._fields.values()
                if field.type in ("char", "text")
                and field.store
                and field.column_type
                and not CODES.search(field.name)
                and not field.company_dependent
            ]
            for field in texts:
                words = hostile.PAYLOAD
                if field.translate:
                    words = SQL("jsonb_build_object('en_US', %s::text)", words)
                self.env.cr.execute(
                    SQL(
                        "UPDATE %s SET %s = %s WHERE id = %s",
                        SQL.identifier(record._table),
                        SQL.identifier(field.name),
                        words,
                        record.id,
                    )
                )
        self.env.registry.clear_all_caches()
        self.env.invalidate_all()

    def _poisoned_records(self):
        """Return what pages, mails and papers take their words from."""
        mine = self.mine
        move = mine.rma.line_ids.move_id
        return [
            *(record for record in mine.records().values()),
            *(mine.card, mine.attachment, self.secret, *mine.rma.line_ids),
            *(self.farmer, self.company, self.company.partner_id, self.team),
            *(self.harvester.product_tmpl_id, self.oil.product_tmpl_id),
            *(self.chen, self.zhou, self.agent.partner_id, self.technician.partner_id),
            *(mine.unit.lot_id, mine.unit.sale_order_id, move.picking_id, move),
            *(self.cause, *mine.ticket.order_ids.order_line),
            *self.env["aftersales.return.reason"].search([], limit=1),
        ]

    def _by_model(self, records):
        found = {}
        for record in records:
            found.setdefault(record._name, record)
        return found

    def _own(self, model):
        data = self.env["ir.model.data"].search(
            [("module", "in", support.addons()), ("model", "=", model)]
        )
        return self.env[model].browse(data.mapped("res_id")).exists()

    def _pages(self):
        """Return the addresses of our pages that show the customer's documents."""
        values = {key: record.id for key, record in self.mine.records().items()}
        values |= {
            "page": 1,
            "code": self.mine.unit.public_code,
            "token": self.mine.card.access_token,
        }
        pages = []
        for rule in route_catalogue.rules(self.env):
            names = set(rule.arguments)
            routing = rule.endpoint.routing
            methods = routing.get("methods") or ["GET"]
            if routing["type"] == "http" and "GET" in methods and names <= set(values):
                pages.append(re.sub(r"<(?:\w+:)?(\w+)>", r"%(\1)s", rule.rule) % values)
        return pages

    def test_words_stay_words(self):
        """Proves: hostile names and texts are escaped on every page, in every mail and
        on every paper that shows them."""
        # Its label is printed once it is authorised.
        self.mine.rma.action_authorise()
        records = self._poisoned_records()
        pages = self._pages()
        self._poison(records)
        by_model = self._by_model(records)
        self._login("farmer")
        self.csrf = http.Request.csrf_token(self)
        self.assertGreater(len(pages), 15)
        shown = 0
        for url in pages:
            page = self._get(url)
            self.assertEqual(page.status_code, 200, url)
            if page.headers["Content-Type"].startswith("text/html"):
                self.assertTrue(escaped(page.content), url)
                shown += hostile.ELEMENT in page.text
        self.assertGreater(shown, 10)
        self._check_mails(by_model)
        self._check_papers(by_model)

    def _check_mails(self, by_model):
        shown = 0
        for template in self._own("mail.template"):
            if record := by_model.get(template.model):
                body = template._render_field("body_html", record.ids)[record.id]
                self.assertTrue(escaped(f"<div>{body}</div>"), template.name)
                self.assertFalse(active(body), template.name)
                shown += hostile.ELEMENT in body
        self.assertGreater(shown, 8)

    def _check_papers(self, by_model):
        shown = 0
        Report = self.env["ir.actions.report"]
        for report in self._own("ir.actions.report"):
            if record := by_model.get(report.model):
                if report.report_name in NOTHING_TO_PRINT:
                    continue
                content, _kind = Report._render_qweb_html(report, record.ids)
                self.assertTrue(escaped(content), report.name)
                shown += hostile.ELEMENT.encode() in content
        self.assertGreater(shown, 8)
