"""Guards on the source text: what no linter sees, but breaks or decays on Odoo 19."""

import ast
import csv
import itertools
import re
import subprocess
from functools import cache

import pytest
import support
import tomllib
from lxml import etree

ADDONS = support.addons()
MAX_LINES = 600
DATA_FOLDERS = ("data", "demo", "report", "security", "views", "wizard")
README_FRAGMENTS = ("DESCRIPTION.md", "CONFIGURE.md", "USAGE.md", "HISTORY.md")

# name: (pattern, a line that must be caught, a line that must pass)
PYTHON_GUARDS = {
    "sql-constraints": (
        r"_sql_constraints",
        "_sql_constraints = []",
        "_x = models.Constraint('CHECK (a > 0)', 'b')",
    ),
    "groups-id": (r"\bgroups_id\b", "user.groups_id", "user.group_ids"),
    "group-operator": (
        r"\bgroup_operator\s*=",
        'x = fields.Float(group_operator="sum")',
        'x = fields.Float(aggregator="sum")',
    ),
    "auto-join": (
        r"\bauto_join\s*=",
        'fields.Many2one("a.b", auto_join=True)',
        'fields.Many2one("a.b", bypass_search_access=True)',
    ),
    "states-attribute": (
        r"\bstates\s*=\s*\{",
        "fields.Char(states={'draft': []})",
        "states = self._states()",
    ),
    "name-get": (r"def name_get\b", "def name_get(self):", "def name_get_all(self):"),
    "name-search": (
        r"def _name_search\b|\bname_search\([^)]*\bargs=",
        "def _name_search(self, name):",
        "def _search_display_name(self, operator, value):",
    ),
    "read-group": (
        r"\bread_group\(",
        "self.read_group([], [], [])",
        "self._read_group([]); self.formatted_read_group([])",
    ),
    "osv": (
        r"\bodoo\.osv\b|from odoo import [^#\n]*\bosv\b",
        "from odoo.osv import expression",
        "from odoo.fields import Domain",
    ),
    "check-access-rights": (
        r"\bcheck_access_(rights|rule)\b|\b_filter_access_rules",
        "self.check_access_rights('read')",
        "self.check_access('read')",
    ),
    "dead-search-helpers": (
        r"\b(_where_calc|_apply_ir_rules)\b|\bsearch\([^)]*\bcount=True",
        "self.search([], count=True)",
        "self.search_count([])",
    ),
    "dead-cache-helpers": (
        r"\b(invalidate_cache|fields_view_get)\b|\b(self|env)\.flush\(\)",
        "self.invalidate_cache()",
        "self.invalidate_recordset()",
    ),
    "user-has-groups": (
        r"\buser_has_groups\b",
        'self.user_has_groups("a.b")',
        'self.env.user.has_groups("a.b")',
    ),
    "check-recursion": (
        r"\b_check_recursion\b",
        "self._check_recursion()",
        "self._has_cycle()",
    ),
    "toggle-active": (
        r"\btoggle_active\b",
        "self.toggle_active()",
        "self.action_archive()",
    ),
    "underscore-cr": (
        r"\._(cr|uid|context)\b",
        "self._cr.execute('')",
        "self.env.cr.execute('')",
    ),
    "cron-counters": (
        r"\b(numbercall|doall|_notify_progress)\b",
        "{'numbercall': -1}",
        "{'active': True}",
    ),
    "detailed-type": (
        r"\bdetailed_type\b",
        "{'detailed_type': 'product'}",
        "{'type': 'consu'}",
    ),
    "uom-po-id": (r"\buom_po_id\b", "{'uom_po_id': 1}", "{'uom_id': 1}"),
    "quantity-done": (
        r"\bquantity_done\b|\bqty_done\b",
        "move.quantity_done = 1",
        "move.quantity = 1",
    ),
    "picking-moves": (
        r"\bmove_ids_without_package\b",
        "picking.move_ids_without_package",
        "picking.move_ids",
    ),
    "packaging": (
        r"\bproduct\.packaging\b",
        "env['product.packaging']",
        "env['product.uom']",
    ),
    "procurement-group": (
        r"\bprocurement\.group\b",
        "env['procurement.group']",
        "env['stock.reference']",
    ),
    "quant-package": (
        r"\bstock\.(quant\.package|package_level)\b",
        "env['stock.quant.package']",
        "env['stock.package']",
    ),
    "valuation-layer": (
        r"\bstock\.valuation\.layer\b",
        "env['stock.valuation.layer']",
        "env['product.value']",
    ),
    "product-unit-precision": (
        r"Product Unit of Measure",
        "digits='Product Unit of Measure'",
        "digits='Product Unit'",
    ),
    "uom-category": (
        r"\buom\.category\b|\bproduct\.group_uom\b",
        "env['uom.category']",
        "env['uom.uom']",
    ),
    "partner-title": (
        r"\bres\.partner\.title\b",
        "env['res.partner.title']",
        "env['res.partner']",
    ),
    "route-json": (
        r"\btype\s*=\s*[\"']json[\"']",
        '@http.route("/a", type="json")',
        '@http.route("/a", type="jsonrpc")',
    ),
    "default-called-at-import": (
        r"\bdefault\s*=\s*fields\.(Date|Datetime)\.(today|now|context_today)\(",
        "fields.Date(default=fields.Date.today())",
        "fields.Date(default=fields.Date.today)",
    ),
    "commit": (
        r"\bcr\.commit\s*\(",
        "self.env.cr.commit()",
        "self.env['ir.cron']._commit_progress(1)",
    ),
    "bare-underscore": (
        r"(?<![\w.])_\(\s*[\"'f]",
        'raise UserError(_("No"))',
        'raise UserError(self.env._("No"))',
    ),
    "create-of-one": (
        r"@api\.model\s*\n\s+def create\b",
        "    @api.model\n    def create(self, vals):",
        "    @api.model_create_multi\n    def create(self, vals_list):",
    ),
    "dead-registry": (
        r"\bodoo\.registry\(|\bapi\.returns\b|\bEnvironment\.manage\b",
        "odoo.registry(name)",
        "Registry(name)",
    ),
    "message-post-with": (
        r"\bmessage_post_with_(view|template)\b",
        "self.message_post_with_view('a.b')",
        "self.message_post_with_source('a.b')",
    ),
    "tests-form": (
        r"\bodoo\.tests\.common import [^#\n]*\bForm\b",
        "from odoo.tests.common import Form",
        "from odoo.tests import Form",
    ),
    "domain-operator": (
        r"[\"'](<>|==)[\"']\s*,",
        "[('a', '<>', 1)]",
        "[('a', '!=', 1)]",
    ),
}
XML_GUARDS = {
    "tree": (r"<tree\b", '<tree string="A">', "<list>"),
    "attrs": (r"\battrs=", '<field name="a" attrs="{\'readonly\': 1}"/>', "<field/>"),
    "button-states": (
        r"<button\b[^>]*\bstates=",
        '<button name="a"\n states="draft"/>',
        "<button invisible=\"state != 'draft'\"/>",
    ),
    "oe-chatter": (r"\boe_chatter\b", '<div class="oe_chatter"/>', "<chatter/>"),
    "kanban-box": (r"\bkanban-box\b", '<t t-name="kanban-box">', '<t t-name="card">'),
    "t-raw": (r"\bt-raw\b", '<t t-raw="a"/>', '<t t-out="a"/>'),
    "t-esc": (r"\bt-esc\b", '<t t-esc="a"/>', '<t t-out="a"/>'),
    "tree-view-ref": (r"\btree_view_ref\b", "{'tree_view_ref': 'a'}", "list_view_ref"),
    "view-mode-tree": (
        r"\bview_mode\b[^<]*\btree\b",
        '<field name="view_mode">tree,form</field>',
        '<field name="view_mode">list,form</field>',
    ),
    "target-inline": (
        r"name=[\"']target[\"'][^<]*inline|\btarget=[\"']inline",
        '<field name="target">inline</field>',
        '<a target="_blank" class="d-inline"/>',
    ),
    "groups-id": (
        r"name=[\"']groups_id[\"']",
        '<field name="groups_id" eval="[]"/>',
        '<field name="group_ids" eval="[]"/>',
    ),
    "cron-counters": (
        r"\b(numbercall|doall)\b",
        '<field name="numbercall">-1</field>',
        '<field name="active"/>',
    ),
    "report-template": (
        r"name=[\"']report_template[\"']",
        '<field name="report_template" ref="a"/>',
        '<field name="report_template_ids" eval="[]"/>',
    ),
    "detailed-type": (
        r"\bdetailed_type\b|\buom_po_id\b",
        '<field name="detailed_type">product</field>',
        '<field name="type">consu</field>',
    ),
    "dead-xml-ids": (
        r"\bmodule_category_inventory|\bproduct\.group_uom\b"
        r"|\bproduct\.product_category_all\b|\bstock\.stock_location_scrapped\b",
        '<field name="categ_id" ref="product.product_category_all"/>',
        '<field name="categ_id" ref="product.product_category_goods"/>',
    ),
}
JS_GUARDS = {
    "odoo-module-header": (
        r"@odoo-module\b",
        "/** @odoo-module */",
        "import {a} from 'b'",
    ),
    "dead-tour-keys": (
        r"\b(extra_trigger|test\s*:\s*true)\b|\brun\s*:\s*[\"']text\b",
        'run: "text abc"',
        'run: "edit abc"',
    ),
    "public-widget": (
        r"\bpublicWidget\b",
        "publicWidget.registry.a = 1",
        "class A extends Interaction",
    ),
    "t-esc": (r"\bt-(esc|raw)\b", '<t t-esc="a"/>', '<t t-out="a"/>'),
}
# Anywhere in the repository. Written so that the patterns do not match themselves.
TEXT_GUARDS = {
    "unfinished": (
        r"\b(TOD[O]|FIXM[E]|XX[X]|NotImplementedErro[r])\b",
        "# FIX" + "ME later",
        "# done",
    ),
    "machine-path": (
        r"(^|[^\w.])/(work|farm|root)/",
        "cd /" + "work/here",
        "see docs/work/here",
    ),
}
TEXT_SUFFIXES = {
    "",
    ".cfg",
    ".conf",
    ".csv",
    ".css",
    ".html",
    ".js",
    ".json",
    ".lock",
    ".md",
    ".po",
    ".pot",
    ".py",
    ".rst",
    ".scss",
    ".sh",
    ".svg",
    ".toml",
    ".txt",
    ".xml",
    ".yaml",
    ".yml",
}


# -------------------------------------------------------------------- helpers
def files(addon, *suffixes):
    return sorted(
        path
        for path in (support.ROOT / addon).rglob("*")
        if path.suffix in suffixes
        and path.is_file()
        and "__pycache__" not in path.parts
    )


def repository_files():
    """Files of the repository as git sees them: kept or new, never the ignored ones."""
    if (support.ROOT / ".git").exists():
        git = ["git", "-c", f"safe.directory={support.ROOT}", "ls-files", "-z"]
        listed = subprocess.run(
            [*git, "--cached", "--others", "--exclude-standard"],
            capture_output=True,
            check=True,
            cwd=support.ROOT,
            text=True,
        ).stdout.split("\0")
        paths = [support.ROOT / name for name in sorted(set(listed)) if name]
    else:
        paths = sorted(support.ROOT.rglob("*"))
    return [path for path in paths if path.is_file() and path.suffix in TEXT_SUFFIXES]


@cache
def text(path):
    return path.read_text("utf-8")


@cache
def python(path):
    return ast.parse(text(path), filename=str(path))


@cache
def xml(path):
    return etree.fromstring(text(path).encode())


def place(path, line):
    return f"{support.relative(path)}:{line}"


def hits(pattern, content):
    """Line numbers where the pattern starts."""
    return [
        content.count("\n", 0, match.start()) + 1
        for match in re.finditer(pattern, content, re.MULTILINE)
    ]


def scan(pattern, paths):
    return [place(path, line) for path in paths for line in hits(pattern, text(path))]


def per_addon(function):
    return pytest.mark.parametrize("addon", ADDONS)(function)


def guards(table):
    return pytest.mark.parametrize("rule", sorted(table))


def records(addon):
    """(path, element) of every <record>, <menuitem> and <template> of the add-on."""
    for path in files(addon, ".xml"):
        if path.parent.name not in DATA_FOLDERS:
            continue
        root = xml(path)
        if root.tag != "odoo":
            continue
        for element in root.iter("record", "menuitem", "template"):
            yield path, element


def field_of(record, name):
    found = record.find(f"./field[@name='{name}']")
    if found is None:
        return None
    value = found.get("ref") or found.get("eval") or (found.text or "")
    return value.strip().strip("'\"")


def model_classes(addon):
    """(path, class node, {attribute: literal}) of every Odoo model class outside tests."""
    for path in files(addon, ".py"):
        if "tests" in path.relative_to(support.ROOT / addon).parts:
            continue
        for node in python(path).body:
            if not isinstance(node, ast.ClassDef):
                continue
            bases = [ast.unparse(base) for base in node.bases]
            if not any(base.startswith("models.") for base in bases):
                continue
            values = {"bases": bases}
            for item in node.body:
                if isinstance(item, ast.Assign) and isinstance(
                    item.targets[0], ast.Name
                ):
                    try:
                        values[item.targets[0].id] = ast.literal_eval(item.value)
                    except ValueError:
                        continue
            yield path, node, values


def _as_list(value):
    return [value] if isinstance(value, str) else list(value or [])


def own_models(addon, *kinds):
    """{model name: (path, line)} of the models the add-on creates."""
    return {
        values["_name"]: (path, node.lineno)
        for path, node, values in model_classes(addon)
        if "_name" in values
        and values["_name"] not in _as_list(values.get("_inherit"))
        and any(base in kinds for base in values["bases"])
    }


@cache
def known_models():
    """Every model name that our Python or XML files name, with underscores."""
    names = set()
    for addon in ADDONS:
        names |= set(own_models(addon, "models.Model", "models.TransientModel"))
        names |= set(own_models(addon, "models.AbstractModel"))
        for _path, _node, values in model_classes(addon):
            inherit = values.get("_inherit", [])
            names |= {inherit} if isinstance(inherit, str) else set(inherit)
        for _path, element in records(addon):
            names |= {element.get("model"), field_of(element, "res_model")}
    return {name.replace(".", "_") for name in names if name}


# ----------------------------------------------------------------- text guards
@pytest.mark.parametrize(
    "rule, guard",
    [
        pytest.param(name, guard, id=f"{kind}-{name}")
        for kind, table in (
            ("python", PYTHON_GUARDS),
            ("xml", XML_GUARDS),
            ("js", JS_GUARDS),
            ("text", TEXT_GUARDS),
        )
        for name, guard in sorted(table.items())
    ],
)
def test_guards_fire(rule, guard):
    """Proves: each pattern finds the bad line it is made for and leaves the good one."""
    pattern, bad, good = guard
    assert hits(pattern, bad), f"{rule} misses {bad!r}"
    assert not hits(pattern, good), f"{rule} hits {good!r}"


@per_addon
@guards(PYTHON_GUARDS)
def test_python(addon, rule):
    """Proves: no Python of ours uses what Odoo 19 dropped or ignores."""
    support.report(scan(PYTHON_GUARDS[rule][0], files(addon, ".py")), rule)


@per_addon
@guards(XML_GUARDS)
def test_xml(addon, rule):
    """Proves: no XML of ours uses what Odoo 19 dropped, nor what only the browser refuses."""
    support.report(scan(XML_GUARDS[rule][0], files(addon, ".xml")), rule)


@per_addon
@guards(JS_GUARDS)
def test_javascript(addon, rule):
    """Proves: assets and tours are written for the Odoo 19 client."""
    static = [
        path
        for path in files(addon, ".js", ".xml")
        if path.is_relative_to(support.ROOT / addon / "static")
    ]
    support.report(scan(JS_GUARDS[rule][0], static), rule)


@guards(TEXT_GUARDS)
def test_repository_text(rule):
    """Proves: nothing unfinished and no path of one machine is in the repository."""
    support.report(scan(TEXT_GUARDS[rule][0], repository_files()), rule)


# ------------------------------------------------------------------ structure
@per_addon
def test_search_groups_are_bare(addon):
    """Proves: search views load (a <group> in them takes no expand or string)."""
    findings = [
        place(path, group.sourceline)
        for path in files(addon, ".xml")
        for group in xml(path).xpath("//search//group[@expand or @string]")
    ]
    support.report(findings, "search group with expand or string")


@per_addon
def test_group_records(addon):
    """Proves: the user form shows our groups under a privilege, by fields that exist."""
    findings = []
    for path, record in records(addon):
        if record.get("model") != "res.groups":
            continue
        where = place(path, record.sourceline)
        for dead in ("users", "category_id", "groups_id", "trans_implied_ids"):
            if record.find(f"./field[@name='{dead}']") is not None:
                findings.append(f"{where} field {dead} is gone")
        if "." not in record.get("id") and not field_of(record, "privilege_id"):
            findings.append(f"{where} {record.get('id')} has no privilege_id")
    support.report(findings, "res.groups")


@per_addon
def test_models_have_acl(addon):
    """Proves: each model and wizard of ours is reachable by somebody, by its own ACL row."""
    path = support.ROOT / addon / "security" / "ir.model.access.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        given = {
            row["model_id:id"].rpartition(".")[2] for row in csv.DictReader(stream)
        }
    models = own_models(addon, "models.Model", "models.TransientModel")
    findings = [
        f"{place(*where)} {name} has no row in {support.relative(path)}"
        for name, where in models.items()
        if f"model_{name.replace('.', '_')}" not in given
    ]
    support.report(findings, "ACL")


@per_addon
def test_one_class_per_file(addon):
    """Proves: a model is found by its file name."""
    findings = [
        f"{support.relative(path)}:{classes[1].lineno} {len(classes)} classes"
        for folder in ("models", "wizard")
        for path in files(f"{addon}/{folder}", ".py")
        if len(classes := [n for n in python(path).body if isinstance(n, ast.ClassDef)])
        > 1
    ]
    support.report(findings, "more than one class in a file")


@per_addon
def test_file_length(addon):
    """Proves: no model or controller grows into a file that nobody reads."""
    findings = [
        f"{support.relative(path)}:{lines} lines"
        for folder in ("models", "controllers", "wizard")
        for path in files(f"{addon}/{folder}", ".py")
        if (lines := len(text(path).splitlines())) > MAX_LINES
    ]
    support.report(findings, f"more than {MAX_LINES} lines")


def uncommented_sudo(content):
    """Lines with a sudo() call and no comment on the line or the two lines above."""
    lines = content.splitlines()
    found = []
    for line in hits(r"\.sudo\(", content):
        near = lines[max(0, line - 3) : line]
        if not any(re.search(r"(^|\s)#\s*\w", item) for item in near):
            found.append(line)
    return found


def test_sudo_guard_fires():
    """Proves: the sudo check sees a missing comment and accepts a near one."""
    assert uncommented_sudo("a = 1\nb = self.sudo().name\n") == [2]
    assert not uncommented_sudo("# why\nb = 1\nb = self.sudo().name\n")
    assert not uncommented_sudo("b = self.sudo().name  # why\n")


@per_addon
def test_sudo_is_explained(addon):
    """Proves: who widens rights says why, where it happens."""
    findings = [
        place(path, line)
        for folder in ("models", "controllers", "wizard", "report")
        for path in files(f"{addon}/{folder}", ".py")
        for line in uncommented_sudo(text(path))
    ]
    support.report(findings, "sudo() without a comment on the line or the two above")


def swallowed(tree):
    """Lines of bare except clauses and of broad ones that do nothing."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        if node.type is None:
            yield node.lineno
        elif re.search(r"\b(Base)?Exception\b", ast.unparse(node.type)) and all(
            isinstance(item, ast.Pass | ast.Continue)
            or (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))
            for item in node.body
        ):
            yield node.lineno


def test_except_guard_fires():
    """Proves: bare and silent excepts are seen, specific ones pass."""
    body = "try:\n    a()\nexcept%s:\n    %s\n"
    assert list(swallowed(ast.parse(body % ("", "b()"))))
    assert list(swallowed(ast.parse(body % (" Exception", "pass"))))
    assert list(swallowed(ast.parse(body % (" (ValueError, Exception)", "..."))))
    assert not list(swallowed(ast.parse(body % (" ValueError", "pass"))))
    assert not list(swallowed(ast.parse(body % (" Exception", "raise"))))


@per_addon
def test_no_swallowed_exception(addon):
    """Proves: an error is never hidden."""
    findings = [
        place(path, line)
        for path in files(addon, ".py")
        for line in swallowed(python(path))
    ]
    support.report(findings, "bare or silent except")


@per_addon
def test_floors(addon):
    """Proves: a floor installs without the ones above, because it never names them."""
    above = support.FLOORS[support.FLOORS.index(addon) + 1 :]
    paths = [
        path
        for path in repository_files()
        if path.is_relative_to(support.ROOT / addon)
        and path.relative_to(support.ROOT / addon).parts[0] != "readme"
        and path.name not in ("README.rst", "README.md", "index.html")
    ]
    support.report(
        [hit for name in above for hit in scan(name, paths)], "names a higher floor"
    )


def test_addons_are_floors():
    """Proves: no glue add-on slipped in, and none lies outside the guards."""
    assert ADDONS, "no add-on found"
    assert set(ADDONS) <= set(support.FLOORS)


# ------------------------------------------------------------------- manifest
@per_addon
def test_manifest(addon):
    """Proves: version, licence and author are what upgrades and users rely on."""
    values = support.manifest(addon)
    assert re.fullmatch(r"19\.0\.\d+\.\d+\.\d+", values["version"])
    assert values["license"] == "LGPL-3"
    assert values["author"] == support.AUTHOR
    assert values["name"] and values["summary"]
    assert "description" not in values
    assert not values.get("external_dependencies")
    lower = support.FLOORS[: support.FLOORS.index(addon)]
    assert set(values["depends"]) & set(support.FLOORS) == set(lower[-1:])
    unused = {"demo", "data", "assets", "installable", "auto_install"} & {
        key for key, value in values.items() if value in ([], {}, True, False)
    }
    assert unused <= {"auto_install"}, f"superfluous keys: {unused}"


@per_addon
def test_manifest_files(addon):
    """Proves: what is written is loaded, and what is loaded exists."""
    values = support.manifest(addon)
    base = support.ROOT / addon
    listed = values.get("data", []) + values.get("demo", [])
    findings = [
        f"{name} does not exist" for name in listed if not (base / name).is_file()
    ]
    findings += [
        f"{name} is listed twice" for name in set(listed) if listed.count(name) > 1
    ]
    findings += [
        f"{name} is demo data listed under data"
        for name in values.get("data", [])
        if name.startswith("demo/") or "_demo" in name
    ]
    written = [
        path.relative_to(base).as_posix()
        for folder in DATA_FOLDERS
        for path in files(f"{addon}/{folder}", ".xml", ".csv")
    ]
    findings += [f"{name} is not listed" for name in written if name not in listed]
    for item in itertools.chain(*values.get("assets", {}).values()):
        names = [item] if isinstance(item, str) else [n for n in item[1:] if n]
        for name in names:
            own, _, pattern = name.lstrip("/").partition("/")
            if own == addon and not list(base.glob(pattern)):
                findings.append(f"asset {name} matches no file")
    support.report(
        [f"{addon}/__manifest__.py:1 {finding}" for finding in findings], "files"
    )


@per_addon
def test_package_files(addon):
    """Proves: the add-on can be packaged and explains itself."""
    base = support.ROOT / addon
    support.report(
        [
            f"{addon}/readme/{name}"
            for name in README_FRAGMENTS
            if not (base / "readme" / name).is_file()
            or not text(base / "readme" / name).strip()
        ],
        "missing",
    )
    build = tomllib.loads((base / "pyproject.toml").read_text("utf-8"))["build-system"]
    assert build["requires"] == ["whool"]
    assert build["build-backend"] == "whool.buildapi"


@per_addon
def test_python_packages_are_imported(addon):
    """Proves: no module lies in a package that forgets to import it."""
    findings = []
    for folder in ("models", "wizard", "controllers", "report", "tests"):
        base = support.ROOT / addon / folder
        names = {path.stem for path in base.glob("*.py")} - {"__init__", "common"}
        if not names:
            continue
        init = base / "__init__.py"
        imported = {
            alias.name
            for node in ast.walk(python(init))
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        if folder == "tests":
            names = {name for name in names if name.startswith("test_")}
        findings += [
            f"{support.relative(init)}:1 lacks {n}" for n in sorted(names - imported)
        ]
    support.report(findings, "not imported")


# --------------------------------------------------------------------- XML ids
VIEW_TYPES = "form|list|kanban|search|pivot|graph|calendar|activity|hierarchy|qweb"


def view_error(addon, xmlid, record):
    model, parent = field_of(record, "model"), field_of(record, "inherit_id")
    name = field_of(record, "name") or ""
    if parent and field_of(record, "mode") != "primary":
        if xmlid != parent.rpartition(".")[2]:
            return f"inherited view: id should be {parent.rpartition('.')[2]}"
        if not name.endswith(f".inherit.{addon}"):
            return f"inherited view: name should end with .inherit.{addon}"
        return None
    if not model:
        return None
    pattern = rf"{model.replace('.', '_')}_view_({VIEW_TYPES})(_\w+)?"
    if not re.fullmatch(pattern, xmlid):
        return f"view id should match {pattern}"
    if not re.fullmatch(rf"{re.escape(model)}\.view\.({VIEW_TYPES})(\.[\w.]+)?", name):
        return f"view name should be {model}.view.<type>, is {name!r}"
    return None


def menu_error(addon, xmlid):
    prefixes = {name for name in known_models() if xmlid.startswith(f"{name}_menu")}
    if prefixes or re.fullmatch(rf"{addon}_menu(_\w+)?", xmlid):
        return None
    return f"menu id should be <model_name>_menu or {addon}_menu_<part>"


def xmlid_error(addon, path, element):
    """Why an XML id breaks the naming rules, or None."""
    xmlid = element.get("id") or ""
    module, _, bare = xmlid.rpartition(".")
    if module == addon:
        return "id must not be prefixed with the own module"
    if module or element.tag == "template":
        return None
    if not bare:
        return "record without id" if element.tag == "record" else None
    if element.tag == "menuitem" or element.get("model") == "ir.ui.menu":
        return menu_error(addon, bare)
    model = element.get("model")
    underscored = model.replace(".", "_")
    if model == "ir.ui.view":
        return view_error(addon, bare, element)
    if model in ("ir.actions.act_window", "ir.actions.server", "ir.actions.client"):
        target = field_of(element, "res_model") or (
            (field_of(element, "model_id") or "")
            .rpartition(".")[2]
            .removeprefix("model_")
        )
        target = target.replace(".", "_")
        if target and not re.fullmatch(rf"{target}_action(_\w+)?", bare):
            return f"action id should be {target}_action or {target}_action_<detail>"
        return None
    if model == "res.groups":
        return (
            None
            if bare.startswith(f"{addon}_group_")
            else f"group id should be {addon}_group_<role>"
        )
    if model == "ir.rule":
        target = (field_of(element, "model_id") or "").rpartition(".")[2]
        target = target.removeprefix("model_")
        pattern = rf"{target}_rule_\w+"
        return (
            None if re.fullmatch(pattern, bare) else f"rule id should match {pattern}"
        )
    if model.startswith("ir.actions.") or model == "ir.module.category":
        return None
    if not bare.startswith(f"{underscored}_"):
        return f"id should be {underscored}_<record>"
    if path.parent.name == "demo" and not bare.endswith("_demo"):
        return "id of demo data should end with _demo"
    return None


@per_addon
def test_xml_ids(addon):
    """Proves: a record is found by its id, in our files and in those of who extends us."""
    findings = [
        f"{place(path, element.sourceline)} {element.get('id')}: {error}"
        for path, element in records(addon)
        if (error := xmlid_error(addon, path, element))
    ]
    support.report(findings, "xml-id")


@pytest.mark.parametrize(
    "source",
    [
        '<record id="aftersales_service.a" model="res.partner"/>',
        '<record id="partner_a" model="res.partner"/>',
        '<record id="group_user" model="res.groups"/>',
        '<record id="view_a" model="ir.ui.view"><field name="model">a.b</field></record>',
        '<record id="a_view" model="ir.ui.view"><field name="inherit_id" ref="b.c"/></record>',
        '<record id="action_a" model="ir.actions.act_window">'
        '<field name="res_model">a.b</field></record>',
        '<record id="rule_a" model="ir.rule"><field name="model_id" ref="model_a_b"/></record>',
        '<menuitem id="menu_a"/>',
    ],
)
def test_xml_id_rules_fire(source):
    """Proves: each naming rule refuses an id that breaks it."""
    path = support.ROOT / "aftersales_service" / "data" / "x.xml"
    assert xmlid_error("aftersales_service", path, etree.fromstring(source))


@per_addon
def test_one_inherited_view_per_parent(addon):
    """Proves: who looks for our change of a core view finds one place."""
    seen = {}
    for path, record in records(addon):
        parent = record.get("model") == "ir.ui.view" and field_of(record, "inherit_id")
        if parent and field_of(record, "mode") != "primary":
            seen.setdefault(parent, []).append(place(path, record.sourceline))
    findings = [f"{parent}: {at}" for parent, at in seen.items() if len(at) > 1]
    support.report(findings, "several inherited views of one parent")


@per_addon
def test_access_csv_names(addon):
    """Proves: ACL rows are named after their model and group."""
    path = support.ROOT / addon / "security" / "ir.model.access.csv"
    findings = []
    with path.open(encoding="utf-8", newline="") as stream:
        for line, row in enumerate(csv.DictReader(stream), 2):
            model = row["model_id:id"].rpartition(".")[2].removeprefix("model_")
            if not re.fullmatch(rf"access_{model}_\w+", row["id"]):
                findings.append(
                    f"{place(path, line)} id should be access_{model}_<group>"
                )
            name, _, group = row["name"].rpartition(".")
            if name.replace(".", "_") != model or not group:
                findings.append(
                    f"{place(path, line)} name should be {model.replace('_', '.')}.<group>"
                )
            if not row["group_id:id"]:
                findings.append(f"{place(path, line)} gives access to everybody")
    support.report(findings, "ir.model.access.csv")


@per_addon
def test_menus_have_own_file(addon):
    """Proves: the menu tree is read in one file."""
    findings = [
        place(path, element.sourceline)
        for path, element in records(addon)
        if element.tag == "menuitem" and path.name != f"{addon}_menus.xml"
    ]
    support.report(findings, f"menuitem outside {addon}_menus.xml")
