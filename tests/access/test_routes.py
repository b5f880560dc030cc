"""Every door of the add-ons: listed, shut to strangers, and unbreakable.

The doors are those of Odoo's own routing map; ``routes.csv`` names each and who may pass.
"""

import random
import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlencode

import hostile
import route_catalogue
import support
from route_world import INTERNAL, RouteWorld

from odoo import http
from odoo.tests import tagged

SEED = 20261122
# Hostile requests for each role: those that a commit has the time for, or all.
HOSTILE = 600 if support.FULL else 42
# Login of each role.
ROLES = {
    "public": None,
    "own": "farmer",
    "other": "other",
    "employee": "employee",
    "technician": "technician",
}
# Errors that are told to a user, as JSON names them.
TOLD = re.compile(
    r"^(odoo\.exceptions\.|odoo\.http\.SessionExpired|werkzeug\.exceptions\.)"
)
ARGUMENT = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
# Odoo's own words for a foreign order and for an unknown one differ.
ODOOS_ORDERS = "/my/orders/"
# Odoo's payment answers its own customer's incomplete form with an error of the server.
ODOOS_PAYMENT = "/my/orders/<int:order_id>/transaction"
# A path that a route answers with "not found" is looked for among Odoo's files, which
# fails by itself at a zero byte.
LOOKED_FOR = ("model", "month")


@dataclass
class Ask:
    """One request."""

    method: str
    url: str
    options: dict = field(default_factory=dict)

    def __str__(self):
        options = re.sub(r"(.{120}).{40,}", r"\1…", str(self.options))
        return f"{self.method} {self.url[:160]} {options}"


@tagged("post_install", "-at_install")
class TestRoutes(RouteWorld):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = sorted(
            route_catalogue.rules(cls.env),
            key=lambda rule: (rule.rule, str(rule.methods)),
        )

    # ------------------------------------------------------------
    # CATALOGUE
    # ------------------------------------------------------------

    def test_catalogue(self):
        """Proves: no door of ours is unknown; none is another than the table says."""
        columns = route_catalogue.COLUMNS[:-1]
        table = {
            tuple(row[name] for name in columns) for row in route_catalogue.read_table()
        }
        real = {
            tuple(route_catalogue.describe(rule)[name] for name in columns)
            for rule in self.rules
        }
        support.report(
            [f"not in routes.csv: {','.join(row)}" for row in sorted(real - table)]
            + [f"no such route: {','.join(row)}" for row in sorted(table - real)],
            "routes",
        )
        for row in route_catalogue.read_table():
            with self.subTest(route=row["route"]):
                self.assertTrue(row["who"])

    def test_forms_need_their_secret(self):
        """Proves: no form route of ours has given up the protection against forgery."""
        findings = [
            rule.rule
            for rule in self.rules
            if rule.endpoint.routing["type"] == "http"
            and not rule.endpoint.routing.get("csrf", True)
        ]
        support.report(findings, "routes without CSRF protection")

    # ------------------------------------------------------------
    # ASKING
    # ------------------------------------------------------------

    def _enter(self, role):
        """Log in as a role."""
        self.authenticate(ROLES[role], ROLES[role])
        self.csrf = http.Request.csrf_token(self)

    def _ask(self, role, ask, marks, findings):
        """Send a request; note what an answer must never be or hold.

        :param marks: of those whose records the role knows nothing of
        """
        what = f"{role}: {ask}"
        with self._no_traceback(findings, what):
            response = self.opener.request(
                ask.method,
                self.base_url() + ask.url,
                **{"allow_redirects": False, "timeout": 60, **ask.options},
            )
        if response.status_code >= 500:
            findings.append(f"{what}: {response.status_code}")
        if response.headers.get("Content-Type", "").startswith("application/json"):
            error = (response.json() or {}).get("error") or {}
            name = error.get("data", {}).get("name", "")
            if name and not TOLD.match(name):
                findings.append(f"{what}: {name}: {error['data'].get('message')}")
        content = self._content(response) + str(response.headers)
        findings += [f"{what}: tells {mark}" for mark in marks if mark in content]
        findings += [
            f"{what}: header {name}"
            for name in ("Set-Cookie", "X", "X-A")
            if response.headers.get(name, "").startswith(("a=b", " y", "y", "b"))
        ]
        return response

    def _fill(self, rule, **values):
        """Return the address of a rule with values for its arguments."""
        return ARGUMENT.sub(lambda match: str(values[match["name"]]), rule.rule)

    def _names(self, rule):
        return [match["name"] for match in ARGUMENT.finditer(rule.rule)]

    def _methods(self, rule):
        routing = rule.endpoint.routing
        if routing["type"] == "jsonrpc":
            return ["POST"]
        return [name.upper() for name in routing.get("methods") or ("GET", "POST")]

    def _body(self, rule, method, params):
        """Return the options that send parameters the way the route wants them."""
        if rule.endpoint.routing["type"] == "jsonrpc":
            return {"json": {"jsonrpc": "2.0", "method": "call", "params": params}}
        if method == "GET":
            return {"params": params}
        return {"data": {"csrf_token": self.csrf, **params}}

    # ------------------------------------------------------------
    # STRANGERS
    # ------------------------------------------------------------

    # Customers whose records a role knows nothing of.
    STRANGE = {
        "public": ("mine",),
        "own": ("theirs",),
        "other": ("mine",),
        "employee": ("mine",),
    }
    # What an honest form of each route sends.
    FORM = {
        **dict.fromkeys(("attitude", "skill", "arrival", "promise"), "4"),
        **dict.fromkeys(("reason", "symptom", "description", "demand"), "Again"),
        **dict.fromkeys(("serial", "note", "words", "wish"), "Again"),
        "unit_id": "other",
        "purchase_date": "2026-01-01",
        "date": "2026-01-01",
        "name": "Somebody",
        "phone": "1",
        "signature": "iVBORw0KGgo=",
        "day": "2027-01-01",
        "payment_method_id": 1,
        "provider_id": 1,
        "token_id": None,
        "amount": 1,
        "flow": "redirect",
        "tokenization_requested": False,
        "landing_route": "/my",
    }

    def _strange_tokens(self, role, key):
        """Return keys that do not fit: none, wrong, and that of another record."""
        if role == "public":
            return (None, "", "x") if support.FULL else ("x",)
        known = self.theirs if "mine" in self.STRANGE[role] else self.mine
        token = known.records()[key].sudo()._portal_ensure_token()
        return (None, "", "x", token) if support.FULL else (token,)

    def _strange_asks(self, role):
        """Yield requests for records of others, each with one for no record at all."""
        for rule in self.rules:
            keys = set(self._names(rule)) & set(self.mine.records())
            if not keys:
                continue
            (key,) = keys
            for token in self._strange_tokens(role, key):
                params = {} if token is None else {"access_token": token}
                for method in self._methods(rule):
                    form = self.FORM if method == "POST" else {}
                    for name in self.STRANGE[role]:
                        record = getattr(self, name).records()[key]
                        asks = [
                            Ask(
                                method,
                                self._fill(rule, **{key: number}),
                                self._body(rule, method, {**form, **params}),
                            )
                            for number in (record.id, 999_999_999)
                        ]
                        yield rule, asks

    def _answer(self, response, number):
        """Return what an answer says, whichever number was asked for."""
        content = ""
        # The version of JSON-RPC is no number of a record.
        number = re.compile(rf"(?<![\d.]){number}(?![\d.])")
        if "json" in response.headers.get("Content-Type", ""):
            content = number.sub("N", response.text)
        location = number.sub("N", unquote(response.headers.get("Location", "")))
        return response.status_code, location, content

    def _assert_refused(self, rule, response, what, findings):
        status, location, content = self._answer(response, "-")
        if rule.endpoint.routing["type"] == "jsonrpc":
            refused = '"error"' in content
        elif status in (302, 303):
            refused = re.search(
                r"/my$|/web/login\b|/my\?error|/my/orders/\d+", location
            )
        else:
            refused = 400 <= status < 500
        if not refused:
            findings.append(f"{what}: not refused: {status} {location} {content[:200]}")

    def test_strangers(self):
        """Proves: what is somebody else's is refused like what does not exist, whatever
        key comes with it, and nothing is written."""
        findings, covered = [], set()
        for customer in (self.mine, self.theirs):
            for record in customer.records().values():
                record.sudo()._portal_ensure_token()
        before = self._fingerprint()
        for role in self.STRANGE:
            self._enter(role)
            marks = [getattr(self, name).mark for name in self.STRANGE[role]]
            for rule, (strange, unknown) in self._strange_asks(role):
                covered.add(rule.rule)
                answers = [
                    self._ask(role, ask, [*marks, INTERNAL], findings)
                    for ask in (strange, unknown)
                ]
                what = f"{role}: {strange}"
                self._assert_refused(rule, answers[0], what, findings)
                number = re.search(r"/(\d+)", strange.url)[1]
                said = self._answer(answers[0], number)
                if rule.rule.startswith(ODOOS_ORDERS):
                    continue
                if said != self._answer(answers[1], "999999999"):
                    findings.append(f"{what}: otherwise than an unknown one: {said}")
        support.report(findings, "strangers")
        self._assert_unwritten(before, "strangers")
        self.assertGreaterEqual(
            covered,
            {
                rule.rule
                for rule in self.rules
                if set(self._names(rule)) & set(self.mine.records())
            },
        )

    # ------------------------------------------------------------
    # HOSTILITY
    # ------------------------------------------------------------

    def _hostile_value(self, chance, rule, name, known, strange):
        """Return what stands in an address for an argument."""
        customer = chance.choice((known, known, strange))
        own = {key: str(record.id) for key, record in customer.records().items()}
        own |= {
            "company_id": str(self.company.id),
            "partner_id": str(self.farmer.id),
            "model": "aftersales.ticket",
            "month": "2026-10",
            "page": "1",
            "rate": "5",
            # Nobody has the keys of strangers.
            "code": known.unit.sudo().public_code,
            "token": known.card.sudo().access_token,
        }
        if name in own and chance.random() < 0.6:
            return own[name]
        if name == "rate":
            return chance.choice(hostile.RATES)
        if name.endswith("_id") or name == "page":
            return chance.choice(hostile.IDS)
        segments = hostile.SEGMENTS
        if name in LOOKED_FOR or rule.rule.startswith("/rate/"):
            segments = [text for text in segments if "%00" not in text]
        return chance.choice(segments)

    def _hostile_address(self, chance, rule, *customers):
        values = {
            name: self._hostile_value(chance, rule, name, *customers)
            for name in self._names(rule)
        }
        url = self._fill(rule, **values)
        if chance.random() < 0.7:
            count = chance.choice((1, 2, 5))
            pairs = [
                (chance.choice(hostile.NAMES), chance.choice(hostile.TEXTS))
                for _number in range(count)
            ]
            pairs.append(("report_type", chance.choice(hostile.REPORT_TYPES)))
            if chance.random() < 0.3:
                # The same name twice, and as PHP writes an array.
                pairs += [pairs[0], (f"{pairs[0][0]}[]", "1")]
            query = urlencode([(name, text[:3000]) for name, text in pairs])
            url = f"{url}?{query}"
        return url

    def _hostile_form(self, chance):
        pairs = dict(chance.choice(({}, self.FORM)))
        for _number in range(chance.choice((0, 1, 3, 12))):
            pairs[chance.choice(hostile.NAMES)] = chance.choice(hostile.TEXTS)
        secret = chance.choice((self.csrf, self.csrf, self.csrf, "wrong", "é\0", None))
        if secret is not None:
            pairs["csrf_token"] = secret
        return pairs

    def _hostile_body(self, chance, rule):
        """Return the options that send something nobody sends in good faith."""
        kind = chance.choice(("form", "form", "files", "raw", "many", "huge", "json"))
        if rule.endpoint.routing["type"] == "jsonrpc":
            kind = chance.choice(("json", "json", "json", "raw", "form"))
        return getattr(self, f"_send_{kind}")(chance)

    def _send_form(self, chance):
        return {"data": self._hostile_form(chance)}

    def _send_files(self, chance):
        names = ("attachments", "attachments", *chance.sample(hostile.NAMES, 2))
        return {
            "data": self._hostile_form(chance),
            "files": [
                (chance.choice(names), chance.choice(hostile.FILES))
                for _number in range(chance.choice((1, 3, 9)))
            ],
        }

    def _send_raw(self, chance):
        body, kind = chance.choice(hostile.BODIES)
        return {"data": body, "headers": {"Content-Type": kind}}

    def _send_many(self, chance):
        names = [f"{chance.choice(hostile.NAMES)}{number}" for number in range(2000)]
        return {"data": dict.fromkeys(names, "1") | {"csrf_token": self.csrf}}

    def _send_huge(self, chance):
        text = chance.choice(("x", "\0", "é")) * 3_000_000
        name = chance.choice(("description", "words", "symptom", "access_token"))
        return {"data": {"csrf_token": self.csrf, name: text}}

    def _send_json(self, chance):
        names = ("access_token", "name", "signature", *chance.sample(hostile.NAMES, 3))
        params = {name: chance.choice(hostile.VALUES) for name in names}
        # Anything but a mapping breaks every JSON route of Odoo before it is asked.
        params = chance.choice((params, params, params, {}))
        return {"json": {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}}

    def _hostile_ask(self, chance, rule, *customers):
        methods = hostile.METHODS if chance.random() < 0.2 else self._methods(rule)
        method = chance.choice(methods)
        sends = method in ("POST", "PUT", "PATCH")
        options = self._hostile_body(chance, rule) if sends else {}
        return Ask(method, self._hostile_address(chance, rule, *customers), options)

    def test_hostile(self):
        """Proves: no request breaks a door, shows what is somebody else's or changes it,
        whoever sends it."""
        findings = []
        for role in ROLES:
            chance = random.Random(f"{SEED} {role}")
            customers = (self.mine, self.theirs)
            known, strange = customers if role != "other" else reversed(customers)
            # Technicians read the tickets of customers.
            marks = [INTERNAL] if role == "technician" else [INTERNAL, strange.mark]
            before = self._records_fingerprint(strange)
            self._enter(role)
            rules = [rule for rule in self.rules if rule.rule != ODOOS_PAYMENT]
            for number in range(HOSTILE):
                # Each route in turn.
                rule = rules[number % len(rules)]
                self._forget_attempts()
                ask = self._hostile_ask(chance, rule, known, strange)
                self._ask(role, ask, marks, findings)
            if role != "technician":
                self.assertEqual(self._records_fingerprint(strange), before, role)
        support.report(findings, "hostile requests")
