"""Files, exports and printed papers follow the rights on what they belong to."""

import json

import support
from route_world import FOREIGN, INTERNAL, OWN, RouteWorld

from odoo import Command, http
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.aftersales_quality.tests.performance_common import PNG as PICTURE
from odoo.addons.aftersales_service.tests.portal_common import HTML, PNG, SVG

LOGINS = (
    *(None, "farmer", "other", "employee", "technician", "agent", "supervisor"),
    *("manager", "accountant", "quality_lead"),
)
# Marks that nothing a role gets out of the system may hold.
# Each role costs seconds; other customers are like customers.
SHORT = ("farmer", "employee", "technician")
UNKNOWN = {
    "farmer": (FOREIGN, INTERNAL),
    "other": (OWN, INTERNAL),
    "employee": (OWN, FOREIGN, INTERNAL),
    "technician": (INTERNAL,),
    "agent": (INTERNAL,),
}
ASKED = list(UNKNOWN) if support.FULL else SHORT
READERS = LOGINS if support.FULL else (None, *SHORT, "manager")
# What a field of each type is searched for; the others by a text.
SAMPLES = {
    **dict.fromkeys(("integer", "float", "monetary", "many2one"), 1),
    **dict.fromkeys(("date", "datetime"), "2026-01-01"),
    "boolean": True,
}
CUSTOMERS = ("farmer", "other")
STRANGERS = (*CUSTOMERS, "employee")
STAFF = ("employee", "technician", "agent")
# Who gets each workbook or archive of his own company.
DOWNLOADS = {
    "/aftersales/evening_report/{company}": {"supervisor", "manager"},
    "/aftersales/import_template/aftersales.ticket": {
        *("agent", "supervisor", "manager", "quality_lead"),
    },
    "/aftersales/partner_file/{partner}": {"manager"},
    "/aftersales/parts_cost/{company}/2026-10": {"accountant", "manager"},
}
QUIET = (
    *("odoo.http", "odoo.addons.base.models.ir_model", "odoo.models"),
    *("odoo.addons.base.models.ir_rule", "odoo.addons.http_routing"),
    "odoo.addons.web.controllers.export",
)


@tagged("post_install", "-at_install")
class TestRoutesFiles(RouteWorld):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = [
            cls._attach(record, customer.mark)
            for customer in (cls.mine, cls.theirs)
            for record in (customer.ticket, customer.visit, customer.complaint)
            + (customer.rma,)
        ]
        cls.files += cls.env["ir.attachment"].search(
            [("res_model", "=", cls.secret._name), ("res_id", "=", cls.secret.id)]
        )
        # Whoever may export at all.
        staff = cls.technician | cls.agent | cls.employee | cls.supervisor | cls.manager
        staff.group_ids = [Command.link(cls.env.ref("base.group_allow_export").id)]
        cls.other_company = cls.env["res.company"].create({"name": "Tractor Works"})

    def _user(self, login):
        users = self.env["res.users"].with_context(active_test=False)
        if login is None:
            return self.env.ref("base.public_user")
        return users.search([("login", "=", login)])

    def _as(self, login, model):
        """Return a model as a user has it in his own company."""
        user = self._user(login)
        companies = user.company_ids.ids
        return (
            self.env[model].with_user(user).with_context(allowed_company_ids=companies)
        )

    # ------------------------------------------------------------
    # ATTACHMENTS
    # ------------------------------------------------------------

    @mute_logger(*QUIET)
    def test_attachments(self):
        """Proves: a file is read by those who may read its record, and by nobody else,
        whatever number or key he guesses; customers come by the key of the file alone."""
        key = self.mine.attachment.sudo().generate_access_token()[0]
        findings, seen = [], set()
        self.env.flush_all()
        for login in READERS:
            self.authenticate(login, login)
            user = self._user(login)
            for file in self.files:
                record = self._as(login, file.res_model).browse(file.res_id)
                expected = user._is_internal() and record.has_access("read")
                mark = file.name.partition(" ")[0].encode()
                for url in (
                    f"/web/content/{file.id}",
                    f"/web/content/{file.id}?access_token={key}",
                    f"/web/image/{file.id}?download=1&access_token={key}",
                ):
                    answer = self.url_open(url)
                    shown = mark in answer.content
                    seen.add((login, shown))
                    # A key that does not fit shuts the door for everybody.
                    right = expected and key not in url
                    if (
                        file != self.mine.attachment
                        and shown != right
                        or answer.status_code >= 500
                    ):
                        findings.append(
                            f"{login}: {url} of {file.res_model} of {mark}: "
                            f"{answer.status_code}, read {shown}"
                        )
            answer = self.url_open(
                f"/web/content/{self.mine.attachment.id}?access_token={key}"
            )
            self.assertIn(OWN.encode(), answer.content)
        support.report(findings, "attachments")
        self.assertLessEqual(
            {("farmer", False), (None, False), ("manager", True), ("manager", False)},
            seen,
        )

    def _binary_fields(self):
        return [
            (name, field)
            for name, model in self.env.registry.items()
            if not model._abstract and not model._transient
            for field in model._fields.values()
            if field.type in ("binary", "image")
            and field.store
            and field.attachment
            and (name.startswith("aftersales.") or field.name.startswith("aftersales_"))
        ]

    @mute_logger(*QUIET)
    def test_pictures_in_fields(self):
        """Proves: signatures and pictures in fields are no public files either."""
        visit = self.theirs.visit
        visit._by_method().write({"signature": PICTURE})
        self.env.flush_all()
        self.assertIn("aftersales.dispatch", dict(self._binary_fields()))
        file = self.env["ir.attachment"].search(
            [
                ("res_model", "=", visit._name),
                ("res_id", "=", visit.id),
                ("res_field", "=", "signature"),
            ]
        )
        for login in (None, "farmer", "other", "employee", "manager"):
            self.authenticate(login, login)
            for url in (
                f"/web/content/aftersales.dispatch/{visit.id}/signature",
                f"/web/image/aftersales.dispatch/{visit.id}/signature",
                f"/web/content/{file.id}",
            ):
                answer = self.url_open(url)
                what = f"{login}: {url}"
                self.assertLess(answer.status_code, 500, what)
                shown = answer.content == file.raw
                self.assertEqual(shown, login == "manager", what)

    def test_no_public_files(self):
        """Proves: none of our documents has a file that is open to the world."""
        self.authenticate("farmer", "farmer")
        files = [("a.png", PNG)]
        words = {"unit_id": "other", "symptom": "Leaks", "description": "Leaks"}
        self._post("/my/tickets/new", words, files=files)
        self._post("/my/complaints/new", {"description": "Leaks"}, files=files)
        self.authenticate(None, None)
        unit = self.mine.unit
        words = {"name": "Wang", "phone": "1", "symptom": "Leaks", "about": "new"}
        self._post(f"/aftersales/unit/{unit.public_code}", words, files=files)
        Attachment = self.env["ir.attachment"]
        sent = Attachment.search([("name", "=", "a.png")])
        homes = {(file.res_model, file.res_id) for file in sent}
        self.assertEqual(len(sent), 3, homes)
        self.assertEqual(
            {model for model, _id in homes} - {"aftersales.complaint"},
            {"aftersales.ticket"},
        )
        for model, number in homes:
            self.assertEqual(self.env[model].browse(number).partner_id, self.farmer)
        self.assertFalse(
            Attachment.search(
                [("res_model", "=like", "aftersales.%"), ("public", "=", True)]
            )
        )

    def test_hostile_files(self):
        """Proves: what could run in a browser is served so that it cannot."""
        for name, content in (("a.html", HTML), ("a.svg", SVG), ("a.png", SVG)):
            for login in ("agent", "manager"):
                file = self._as(login, "ir.attachment").create(
                    {
                        "name": name,
                        "raw": content,
                        "res_model": "aftersales.ticket",
                        "res_id": self.mine.ticket.id,
                    }
                )
                self.env.flush_all()
                self.authenticate(login, login)
                answer = self.url_open(f"/web/content/{file.id}")
                kind = answer.headers["Content-Type"]
                policy = answer.headers.get("Content-Security-Policy", "")
                self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
                self.assertTrue(
                    kind.startswith(("text/plain", "application/octet-stream"))
                    or "default-src 'none'" in policy,
                    f"{login}: {name} is served as {kind} with {policy!r}",
                )

    # ------------------------------------------------------------
    # HIDDEN COLUMNS
    # ------------------------------------------------------------

    def _models(self, login):
        """Return our models that a user may read at all."""
        for name, model in sorted(self.env.registry.items()):
            if name.startswith("aftersales.") and not model._abstract:
                records = self._as(login, name)
                if not model._transient and records.has_access("read"):
                    yield records

    def _refuses(self, call):
        try:
            with self.env.cr.savepoint():
                call()
        except (AccessError, UserError):
            return True
        return False

    def _ways_around(self, records, field):
        """Return the ways to learn of a column without reading it, by name."""
        name = field.name
        ways = {
            "read": lambda: records.search([], limit=1).read([name]),
            "search_read": lambda: records.search_read([], [name], limit=1),
        }
        if records.search([], limit=1):
            ways["export"] = lambda: records.search([], limit=1).export_data([name])
        else:
            del ways["read"], ways["search_read"]
        if field.store and field.column_type:
            value = SAMPLES.get(field.type, "x")
            ways |= {
                "search": lambda: records.search([(name, "=", value)], limit=1),
                "order": lambda: records.search([], order=name, limit=1),
                "group": lambda: records.formatted_read_group([], [name], ["__count"]),
                "aggregate": lambda: records.formatted_read_group(
                    [], [], [f"{name}:count"]
                ),
            }
        return ways

    @mute_logger(*QUIET)
    def test_hidden_columns(self):
        """Proves: a field that a role must not see is neither read, exported, searched,
        sorted by, grouped by nor added up."""
        findings, tried = [], set()
        for login in ASKED:
            for records in self._models(login):
                for field in records._fields.values():
                    if records._has_field_access(field, "read"):
                        continue
                    tried.add((login, records._name, field.name))
                    for way, call in self._ways_around(records, field).items():
                        if not self._refuses(call):
                            findings.append(f"{login}: {way} {field}")
        support.report(findings, "hidden columns")
        self.assertLessEqual(
            {
                ("farmer", "aftersales.equipment", "public_code"),
                ("farmer", "aftersales.complaint", "investigation"),
                ("technician", "aftersales.ticket", "cost_total"),
            },
            tried,
        )

    @mute_logger(*QUIET)
    def test_keys_are_not_searched_for(self):
        """Proves: nobody finds a card by guessing at its key letter by letter."""
        Rating = self.env["rating.rating"]
        field = Rating._fields["access_token"]
        for login in ("employee", "technician", "agent", "supervisor", "manager"):
            records = self._as(login, "rating.rating")
            if not records.has_access("read"):
                continue
            for way, call in self._ways_around(records, field).items():
                self.assertTrue(self._refuses(call), f"{login}: {way}")

    # ------------------------------------------------------------
    # FOREIGN ROWS
    # ------------------------------------------------------------

    @mute_logger(*QUIET)
    def test_exported_rows(self):
        """Proves: whatever a role exports of whichever model, it is his to see."""
        findings = []
        for login in ASKED:
            marks = UNKNOWN[login]
            for records in self._models(login):
                names = [
                    name
                    for name, field in records._fields.items()
                    if field.store
                    and field.type in ("char", "text", "html", "many2one")
                    and records._has_field_access(field, "read")
                ]
                rows = records.search([])
                text = str(rows.read(names))
                if login in STAFF:
                    # The name of a record of the host may be for others alone.
                    plain = [n for n in names if records._fields[n].type != "many2one"]
                    text += str(rows.export_data(["id", *plain])["datas"])
                findings += [
                    f"{login}: {records._name} tells {mark}"
                    for mark in marks
                    if mark in text
                ]
        support.report(findings, "exported")

    def _export(self, kind, model, names, domain=()):
        data = {
            "import_compat": False,
            "context": {},
            "domain": list(domain),
            "fields": [{"name": name, "label": name, "type": "char"} for name in names],
            "groupby": [],
            "ids": False,
            "model": model,
        }
        return self.url_open(
            f"/web/export/{kind}",
            data={
                "data": json.dumps(data),
                "csrf_token": http.Request.csrf_token(self),
            },
        )

    @mute_logger(*QUIET)
    def test_export_routes(self):
        """Proves: the export of a list gives no more than the list."""
        for login in ("farmer", "employee", "technician"):
            self.authenticate(login, login)
            for kind in ("csv", "xlsx"):
                answers = [
                    self._export(kind, "aftersales.sanction", ["description"]),
                    self._export(kind, "aftersales.equipment", ["public_code"])
                    if login != "technician"
                    else self._export(kind, "aftersales.ticket", ["cost_total"]),
                    self._export(kind, "aftersales.attempt", ["source"]),
                    self._export(
                        kind, "aftersales.ticket", ["symptom", "partner_id/vat"]
                    ),
                ]
                for answer in answers:
                    content = self._content(answer)
                    for mark in UNKNOWN[login]:
                        self.assertNotIn(mark, content, f"{login}: {kind}")
                    self.assertNotIn(self.theirs.unit.public_code, content)
                # A technician without tickets exports an empty list of them.
                for answer in answers[2:3] if login == "technician" else answers[1:3]:
                    self.assertEqual(answer.headers.get("Content-Disposition"), None)

    # ------------------------------------------------------------
    # PAPERS AND WORKBOOKS
    # ------------------------------------------------------------

    def _reports(self):
        data = self.env["ir.model.data"].search(
            [("module", "in", support.addons()), ("model", "=", "ir.actions.report")]
        )
        return self.env["ir.actions.report"].browse(data.mapped("res_id")).exists()

    @mute_logger(*QUIET)
    def test_papers(self):
        """Proves: nobody prints what he may not read, alone or among his own."""
        findings, asked = [], 0
        for login in ASKED:
            marks = UNKNOWN[login]
            known = self.theirs if login == "other" else self.mine
            strange = self.mine if login == "other" else self.theirs
            own = {record._name: record for record in known.records().values()}
            foreign = {record._name: record for record in strange.records().values()}
            foreign["aftersales.sanction"] = self.secret
            self.authenticate(login, login)
            for report in self._reports():
                if not (record := foreign.get(report.model)):
                    continue
                ids = [str(record.id)]
                if mate := own.get(report.model):
                    ids.append(f"{mate.id},{record.id}")
                if login in CUSTOMERS and mate:
                    # Not even his own: papers say more than pages.
                    ids.append(str(mate.id))
                for numbers in ids:
                    asked += 1
                    url = f"/report/html/{report.report_name}/{numbers}"
                    answer = self.url_open(url)
                    findings += [
                        f"{login}: {url} tells {mark}"
                        for mark in marks
                        if mark in answer.text
                    ]
                    if login in STRANGERS and answer.status_code != 403:
                        findings.append(f"{login}: {url}: {answer.status_code}")
        self.assertGreater(asked, 40)
        support.report(findings, "papers")

    def test_papers_by_link(self):
        """Proves: the key of one document does not print another."""
        for name in ("unit", "rma", "complaint"):
            getattr(self.mine, name).sudo()._portal_ensure_token()
        unit, rma = self.theirs.unit, self.theirs.rma
        for login in (None, "farmer", "employee"):
            self.authenticate(login, login)
            for url, key in (
                (f"/my/units/{unit.id}", self.mine.unit.access_token),
                (f"/my/units/{unit.id}/certificate", self.mine.unit.access_token),
                (f"/my/returns/{rma.id}", self.mine.rma.access_token),
            ):
                for kind in ("html", "text", "pdf"):
                    answer = self.url_open(
                        f"{url}?report_type={kind}&access_token={key}",
                        allow_redirects=False,
                    )
                    self.assertEqual(answer.status_code, 303, f"{login}: {url}")

    @mute_logger(*QUIET)
    def test_downloads(self):
        """Proves: each workbook goes to those it is for, of their own company."""
        findings = []
        for login in LOGINS:
            self.authenticate(login, login)
            for pattern, readers in DOWNLOADS.items():
                for company in (self.company, self.other_company):
                    values = {"company": company.id, "partner": self.farmer.id}
                    url = pattern.format(**values)
                    own = company == self.company or "company" not in pattern
                    answer = self.url_open(url, allow_redirects=False)
                    status = answer.status_code
                    if (status == 200) != (own and login in readers) or status >= 500:
                        findings.append(f"{login}: {url}: {status}")
        support.report(findings, "downloads")
