"""Pictures of the real screens, taken from the demonstration data.

A desk with demonstration data has to be running: setup/run. Each person of the demonstration
logs in as himself; his language is set for the pictures and set back afterwards.
"""

import argparse
import base64
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import websocket
from lxml import html
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = {"en": "en_US", "zh": "zh_CN"}
MODULES = ("aftersales_service", "aftersales_parts", "aftersales_quality")
# Only what a finished page lacks; a client action or a view still loading has one of them.
BUSY = ".o_loading_indicator, .o_blockUI, .o_view_sample_data"


class Failure(Exception):
    """Something a person can mend; its text says how."""


@dataclass
class Shot:
    """One screen, seen by one person."""

    name: str
    login: str
    path: str  # {ref:xml_id} becomes the database id, {code:xml_id} the public code
    ready: str
    kept: tuple = ()  # languages of the pictures that the documentation shows
    clicks: tuple = ()  # pairs (what to click, what appears then)
    width: int = 1400
    height: int = 860
    scale: int = 1
    public: bool = False  # seen without logging in


def phone(name, login, path, ready, **values):
    return Shot(name, login, path, ready, width=390, height=780, scale=2, **values)


REGISTER = "/odoo/aftersales-tickets"
SHOTS = [
    Shot("call-register", "agent", REGISTER, ".o_data_row", kept=("en", "zh")),
    Shot(
        "kanban",
        "agent",
        REGISTER,
        ".o_data_row",
        clicks=((".o_switch_view.o_kanban", ".o_kanban_record"),),
    ),
    Shot(
        "ticket",
        "agent",
        f"{REGISTER}/{{ref:aftersales_ticket_gearbox_demo}}",
        ".o-mail-Message",
        height=1000,
    ),
    Shot(
        "unit",
        "agent",
        "/odoo/aftersales-units/{ref:aftersales_equipment_wang_demo}",
        ".o_field_widget[name=coverage_ids] .o_data_row",
    ),
    Shot(
        "units",
        "agent",
        "/odoo/aftersales-units",
        ".o_data_row",
    ),
    Shot(
        "work-and-parts",
        "agent",
        f"{REGISTER}/{{ref:aftersales_ticket_gearbox_demo}}",
        ".o-mail-Message",
        clicks=((".nav-link[name=work]", ".o_field_widget[name=line_ids]"),),
        kept=("en", "zh"),
        height=1150,
    ),
    Shot(
        "rights",
        "supervisor",
        f"{REGISTER}/{{ref:aftersales_ticket_knock_demo}}",
        ".o-mail-Message",
        clicks=((".nav-link[name=rights]", ".tab-pane.active"),),
        kept=("en",),
        height=1150,
    ),
    Shot(
        "fault-tree",
        "agent",
        f"{REGISTER}/{{ref:aftersales_ticket_power_demo}}",
        ".o-mail-Message",
        clicks=(("button[name=action_walk]", ".modal .o_kanban_record"),),
    ),
    Shot(
        "dispatch-board",
        "agent",
        "/odoo/action-aftersales_service.aftersales_dispatch_action_board",
        ".o_grid",
        kept=("en",),
    ),
    Shot(
        "return",
        "agent",
        "/odoo/aftersales-returns/{ref:aftersales_return_li_demo}",
        ".o_form_view .o_field_widget",
        kept=("zh",),
    ),
    Shot(
        "find-technician",
        "agent",
        "/odoo/aftersales-dispatches/{ref:aftersales_dispatch_12_demo}",
        ".o_form_view .o_field_widget",
        clicks=(("button[name=action_find_technician]", ".modal .o_data_row"),),
    ),
    Shot(
        "complaint",
        "supervisor",
        "/odoo/aftersales-complaints/{ref:aftersales_complaint_jinsui_demo}",
        ".o_form_view .o_field_widget",
        kept=("zh",),
    ),
    Shot(
        "dashboard",
        "manager",
        "/odoo/action-aftersales_quality.aftersales_dashboard_action",
        ".o_aftersales_dashboard .card",
        kept=("en",),
    ),
    Shot(
        "callbacks",
        "agent",
        "/odoo/action-aftersales_service.aftersales_callback_action",
        ".o_data_row",
    ),
    Shot(
        "contract",
        "supervisor",
        "/odoo/action-aftersales_service.aftersales_contract_action"
        "/{ref:aftersales_contract_jinsui_demo}",
        ".o_field_widget[name=equipment_ids] .o_data_row",
    ),
    Shot(
        "sale-order",
        "salesman",
        "/odoo/action-sale.action_orders/{ref:sale_order_jinsui_demo}",
        ".oe_stat_button[name=action_view_aftersales_equipment]",
    ),
    Shot(
        "request-service",
        "salesman",
        "/odoo/action-sale.action_orders/{ref:sale_order_jinsui_demo}",
        ".oe_stat_button[name=action_view_aftersales_equipment]",
        clicks=(
            (
                "button[name=action_aftersales_request_service]",
                ".modal .o_field_widget[name=symptom]",
            ),
        ),
        kept=("en",),
    ),
    Shot(
        "settings",
        "manager",
        "/odoo/action-aftersales_service.aftersales_setup_action",
        ".o_form_view .o_field_widget",
        height=1000,
    ),
    phone(
        "visit",
        "technician2",
        "/odoo/aftersales-my-jobs/{ref:aftersales_dispatch_8_demo}",
        ".o_form_view .o_field_widget",
        kept=("zh",),
    ),
    phone("portal-units", "customer", "/my/units", "main", kept=("en",)),
    phone(
        "portal-ticket",
        "customer",
        "/my/tickets/{ref:aftersales_ticket_auger_demo}",
        "#chatterRoot",
    ),
    phone("portal-dealer", "dealer", "/my/units", "main"),
    phone(
        "qr-page",
        "agent",
        "/aftersales/unit/{code:aftersales_equipment_wang_demo}",
        "main",
        public=True,
    ),
]


class Desk:
    """The running Odoo, as one logged-in person sees it over HTTP."""

    def __init__(self, url, login):
        self.url = url
        self.cookies = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies))
        page = html.fromstring(self.get("/web/login")[1])
        token = page.xpath("//input[@name='csrf_token']/@value")
        form = {"csrf_token": token[0], "login": login, "password": login}
        self.open(Request(f"{url}/web/login", urlencode(form).encode()))
        try:
            self.uid = self.call_route("/web/session/get_session_info", {})["uid"]
        except Failure as failure:
            raise Failure(
                f"{login} cannot log in at {url}: has this database demonstration data?"
            ) from failure

    def open(self, request):
        with self.opener.open(request, timeout=120) as answer:
            return answer.status, answer.read()

    def get(self, path, payload=None):
        """Return (status, body); a refusal is an answer, too."""
        request = Request(f"{self.url}{path}")
        if payload is not None:
            body = {"jsonrpc": "2.0", "method": "call", "params": payload}
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            return self.open(request)
        except HTTPError as error:
            return error.code, error.read()
        except URLError as error:
            raise Failure(
                f"Nothing answers at {self.url} ({error.reason}): start setup/run first."
            ) from error

    def call_route(self, path, payload):
        answer = json.loads(self.get(path, payload)[1])
        if "error" in answer:
            raise Failure(answer["error"]["data"]["message"])
        return answer["result"]

    def call(self, model, method, *args, **kwargs):
        payload = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self.call_route(f"/web/dataset/call_kw/{model}/{method}", payload)

    def session(self):
        return next(
            cookie.value for cookie in self.cookies if cookie.name == "session_id"
        )


class Names:
    """What the external ids of the demonstration stand for in this database."""

    def __init__(self, admin):
        self.admin = admin
        rows = admin.call(
            "ir.model.data",
            "search_read",
            [["module", "in", MODULES], ["name", "=like", "%_demo"]],
            ["name", "res_id"],
        )
        self.ids = {row["name"]: row["res_id"] for row in rows}
        if not self.ids:
            raise Failure("This database has no demonstration data.")

    def fill(self, path):
        for kind in ("ref", "code"):
            while f"{{{kind}:" in path:
                before, _, rest = path.partition(f"{{{kind}:")
                name, _, after = rest.partition("}")
                path = f"{before}{getattr(self, kind)(name)}{after}"
        return path

    def ref(self, name):
        return self.ids[name]

    def code(self, name):
        model = "aftersales.equipment"
        return self.admin.call(model, "read", [self.ids[name]], ["public_code"])[0][
            "public_code"
        ]


class Browser:
    """A headless Chromium, driven over its debugging protocol."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="aftersales-browser-")
        command = shutil.which("chromium") or shutil.which("chromium-browser")
        if not command:
            raise Failure("There is no chromium: setup/run installs it.")
        options = [
            "--headless=new",
            "--remote-debugging-port=0",
            f"--user-data-dir={self.folder}",
            "--hide-scrollbars",
            "--no-first-run",
            "--disable-gpu",
            "--force-color-profile=srgb",
        ]
        if os.geteuid() == 0:
            options.append("--no-sandbox")
        self.process = subprocess.Popen(
            [command, *options, "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.socket = websocket.create_connection(
            self.address(), timeout=120, suppress_origin=True
        )
        self.number = 0

    def address(self):
        note = Path(self.folder, "DevToolsActivePort")
        for _try in range(200):
            if note.is_file() and len(lines := note.read_text().split()) == 2:
                return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
            time.sleep(0.1)
        raise Failure("Chromium does not start.")

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def send(self, method, session=None, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        self.socket.send(json.dumps(message))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise Failure(f"{method}: {answer['error']['message']}")
                return answer["result"]


class Page:
    """One tab of one person, in a browser profile of its own."""

    def __init__(self, browser, shot):
        self.browser = browser
        self.context = browser.send("Target.createBrowserContext")["browserContextId"]
        target = browser.send(
            "Target.createTarget", url="about:blank", browserContextId=self.context
        )
        self.session = browser.send(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )["sessionId"]
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=shot.width,
            height=shot.height,
            deviceScaleFactor=shot.scale,
            mobile=shot.width < 600,
        )
        self.send("Emulation.setTimezoneOverride", timezoneId="Asia/Shanghai")
        self.send(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-reduced-motion", "value": "reduce"}],
        )

    def send(self, method, **params):
        return self.browser.send(method, session=self.session, **params)

    def close(self):
        self.browser.send("Target.disposeBrowserContext", browserContextId=self.context)

    def evaluate(self, script):
        return self.send("Runtime.evaluate", expression=script, returnByValue=True)[
            "result"
        ].get("value")

    def wait_for(self, selector):
        """Wait until something is there and nothing moves any more."""
        found = json.dumps(selector)
        script = f"""
            document.readyState === "complete"
            && Boolean(document.querySelector({found}))
            && !document.querySelector({json.dumps(BUSY)})
            && [...document.images].every((image) => image.complete)
            && [...document.querySelectorAll("#chatterRoot")].every(
                (root) => root.shadowRoot?.querySelector(".o-mail-Thread")
            )
            && document.body.innerHTML.length
        """
        quiet, last = 0, None
        for _try in range(300):
            size = self.evaluate(script)
            quiet = quiet + 1 if size and size == last else 0
            if quiet == 4:
                return
            last = size
            time.sleep(0.2)
        raise Failure(f"{selector} does not appear at {self.evaluate('location.href')}")

    def click(self, selector):
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def picture(self):
        # The mouse rests nowhere and nothing is focused.
        self.evaluate("document.activeElement && document.activeElement.blur()")
        data = self.send("Page.captureScreenshot", format="png")["data"]
        return Image.open(io.BytesIO(base64.b64decode(data)))


def save(picture, path):
    """Write a picture with 256 colours, which is enough for a screen."""
    path.parent.mkdir(parents=True, exist_ok=True)
    small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    sys.stdout.write(f"{path}  {path.stat().st_size // 1024} kB\n")


def take(browser, desk, names, shot, language, folder):
    address = names.fill(shot.path)
    if desk.get(address)[0] == 404:
        sys.stdout.write(f"{shot.name}: there is no {address} yet, left out\n")
        return
    page = Page(browser, shot)
    try:
        cookies = {"frontend_lang": LANGUAGES[language]}
        if not shot.public:
            cookies["session_id"] = desk.session()
        for name, value in cookies.items():
            page.send("Network.setCookie", name=name, value=value, url=desk.url)
        page.send("Page.navigate", url=f"{desk.url}{address}")
        page.wait_for(shot.ready)
        for target, appears in shot.clicks:
            page.click(target)
            page.wait_for(appears)
        save(page.picture(), folder / f"{shot.name}.{language}.png")
    finally:
        page.close()


def wanted(options):
    """Return (login, language) → shots, so that each person logs in once a language."""
    groups = {}
    for shot in SHOTS:
        if options.names and shot.name not in options.names:
            continue
        for language in LANGUAGES if options.all else shot.kept:
            groups.setdefault((shot.login, language), []).append(shot)
    return groups


def take_all(options):
    names = Names(Desk(options.url, "admin"))
    browser = Browser()
    try:
        for (login, language), shots in wanted(options).items():
            desk = Desk(options.url, login)
            before = desk.call("res.users", "read", [desk.uid], ["lang"])[0]["lang"]
            desk.call("res.users", "write", [desk.uid], {"lang": LANGUAGES[language]})
            try:
                for shot in shots:
                    take(browser, desk, names, shot, language, options.to)
            finally:
                desk.call("res.users", "write", [desk.uid], {"lang": before})
    finally:
        browser.close()


def main():
    parser = argparse.ArgumentParser(
        prog="setup/screenshots", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "--url", default="http://127.0.0.1:8069", help="the running desk"
    )
    parser.add_argument(
        "--to", type=Path, default=ROOT / "docs" / "screenshots", help="folder"
    )
    parser.add_argument(
        "--all", action="store_true", help="every screen in every language"
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these screens")
    options = parser.parse_args()
    try:
        take_all(options)
    except Failure as failure:
        sys.exit(f"FAILED: {failure}")


if __name__ == "__main__":
    main()
