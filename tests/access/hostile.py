"""Words, numbers, files and bodies that nobody sends in good faith."""

from odoo.addons.aftersales_service.tests.portal_common import EXE, HTML, PDF, PNG, SVG

# As they stand in an address, already quoted. A number with a zero byte in it is no
# route of ours: Odoo looks for a file of that name, and fails by itself.
IDS = (
    *("0", "-1", "2147483647", "2147483648", "9223372036854775808", "9" * 40),
    *("abc", "1e3", "1.5", "%EF%BC%91", "%D9%A1", "1%0D%0AX:%20y", "'%20OR%201=1"),
    *("..%2F..%2Fetc%2Fpasswd", "%FF%FE", "%F0%9F%9A%9C", "1'--", "None"),
)
SEGMENTS = (
    *("x", "%00", "x%00y", "%C3%A9", "%E2%80%AE%E2%80%AB", "%7B%7B7*7%7D%7D"),
    *("%3Cscript%3Ealert(1)%3C%2Fscript%3E", "..%2F..%2Fweb", "%0D%0ASet-Cookie:a=b"),
    *("%FF%FE", "%ED%A0%80", "x" * 65, "x" * 5000, "'%20OR%201=1--", "False", "0"),
    *("0001-01", "9999-12", "2026-13", "2026-1", "%D9%A2%D9%A0-01", "res.users"),
)
# Odoo's own pages fail at any other mark.
RATES = ("1", "3", "5", "01", "+5", "x")
TEXTS = (
    "",
    " ",
    "\0",
    "a\0b",
    "é",
    "拖拉机",
    "\u202e\u202bright to left",
    "\ufeff\u200b",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "../../../../etc/passwd",
    "line\r\nSet-Cookie: a=b",
    "%s%d%(name)s%n",
    "'; DROP TABLE res_users; --",
    "\\",
    "²",
    "x" * 20_000,
    "0",
    "-1",
    "1e999",
    "nan",
    "inf",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "99999999999-01-01",
    "True",
    "[]",
    '{"a": 1}',
    "unit_id-1",
    "unit_id-" + "9" * 30,
    "ticket_id-²",
)
# Names of parameters: those that the routes know, those of methods behind them, and
# those of Odoo's own.
NAMES = (
    *("access_token", "report_type", "download", "created", "answered", "registered"),
    *("resold", "page", "search", "search_in", "filterby", "sortby", "lang", "about"),
    *("unit_id", "order_id", "ticket_id", "return_id", "visit_id", "reason_id"),
    *("name", "phone", "email", "street", "city", "date", "symptom", "description"),
    *("serial", "product_text", "invoice_ref", "purchase_date", "note", "demand"),
    *("reason", "remedy", "day", "part", "wish", "words", "opinion", "recommend"),
    *("attitude", "skill", "arrival", "promise", "rate", "feedback", "quantity_1-0-0"),
    *("quantity_", "attachments", "error", "success", "warning", "pid", "hash"),
    *("values", "errors", "kw", "post", "model", "record_id", "document", "typed"),
    *("session_history", "no_breadcrumbs", "ticket_sudo", "unit_sudo", "rma_sudo"),
    *("complaint_sudo", "visit_sudo", "token", "debug", "uid", "db"),
)
REPORT_TYPES = ("html", "text", "docx", "../html", "HTML", "__class__")
FILES = (
    ("photo.png", SVG, "image/svg+xml"),
    ("photo.png", HTML, "image/png"),
    ("../../../etc/cron.d/evil.png", PNG, "image/png"),
    ("evil\r\nX-A: b.png", PNG, "image/png"),
    ("<img src=x onerror=alert(1)>.png", PNG, "text/html"),
    ("a\0b.png", PNG, "image/png"),
    ("\u202egnp.exe", EXE, "image/png"),
    ("x" * 5000 + ".png", PNG, "image/png"),
    ("", PNG, "image/png"),
    ("empty.png", b"", "image/png"),
    ("a.pdf", PDF, "application/x-msdownload"),
)
# What a JSON body holds where a text is expected.
VALUES = (
    *(None, True, 0, -1, 2**63, 1.5, [], ["a"], {}, {"a": {"b": []}}, "é", "a\0b"),
    *("\ud800", "x" * 100_000, "<script>alert(1)</script>", "AAAA", "%"),
)
METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH")
BODIES = (
    (b"{", "application/json"),
    (b"[]", "application/json"),
    (b'"x"', "application/json"),
    (b"null", "application/json"),
    (b'{"jsonrpc": "2.0", "params": []}', "application/json"),
    (
        b'{"params": {"kwargs": {"a": 1}, "args": [1, 2]}}',
        "application/json",
    ),
    (b"\xff\xfe\x00", "application/json"),
    (b"<?xml version='1.0'?><a/>", "application/xml"),
    (b"a=%00&b=%FF&csrf_token=x&csrf_token=y", "application/x-www-form-urlencoded"),
    (b"&=&==&a", "application/x-www-form-urlencoded"),
    (
        b"--x\r\nContent-Disposition: form-data; name=",
        "multipart/form-data; boundary=x",
    ),
    (b"--x", "multipart/form-data"),
    (b"text", "text/plain; charset=utf-99"),
)
# Whatever escapes from where a text stands becomes an element of this name.
ELEMENT = "hostileqx"
PAYLOAD = f"\"'></script></title></textarea><{ELEMENT} onclick=alert(1)>{{{{7*7}}}}"
MARKUP = (
    "<script>alert(1)</script>",
    "<img src='x' onerror='alert(1)'/>",
    "<svg onload='alert(1)'><g/></svg>",
    "<a href='javascript:alert(1)'>a</a>",
    "<a href=' java\tscript:alert(1)'>a</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>a</a>",
    "<a href='vbscript:msgbox(1)'>a</a>",
    "<p style='width: expression(alert(1))'>a</p>",
    "<p style='background: url(javascript:alert(1))'>a</p>",
    "<iframe src='https://example.com'></iframe>",
    "<form action='https://example.com'><input name='password'/></form>",
    "<object data='x.swf'></object><embed src='x.swf'/>",
    "<meta http-equiv='refresh' content='0;url=https://example.com'/>",
    "<base href='https://example.com/'/><link rel='stylesheet' href='x'/>",
    "<style>@import 'https://example.com/x.css'</style>",
    "<p onmouseover='alert(1)'>a</p><details open ontoggle='alert(1)'>a</details>",
    "<math><mi xlink:href='javascript:alert(1)'>a</mi></math>",
    "<p><![CDATA[<script>alert(1)</script>]]></p><!--[if IE]><script>1</script>-->",
)
