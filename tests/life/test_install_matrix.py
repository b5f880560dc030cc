"""Each add-on installs, upgrades and uninstalls on its own, and its logs are clean.

Two chains of odoo commands run side by side on copies of prepared databases:

* bare: one copy of the template per add-on, without demo data; the one of the lowest floor
  is full of orders when our add-on comes, and units are made of them afterwards;
* demo: a database with the lowest floor's host modules and demo data, nothing more, on which
  the floors are added one by one (each with the host modules it names, so a forgotten
  dependency shows), updated, and taken away from the top down; then Odoo's own work is done.
"""

import time
from pathlib import Path

import host
import pytest
import snapshot
import support

ADDONS = support.addons()
SCHEMA = """
    SELECT 'table ' || c.relname
      FROM pg_class c
     WHERE c.relkind IN ('r', 'v', 'm') AND c.relnamespace = 'public'::regnamespace
     UNION ALL
    SELECT 'column ' || table_name || '.' || column_name
      FROM information_schema.columns
     WHERE table_schema = 'public'
     UNION ALL
    SELECT 'index ' || indexname
      FROM pg_indexes
     WHERE schemaname = 'public'
     UNION ALL
    SELECT 'constraint ' || conrelid::regclass || '.' || conname
      FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace
     UNION ALL
    SELECT 'model ' || model
      FROM ir_model
     UNION ALL
    SELECT 'field ' || model || '.' || name
      FROM ir_model_fields
     UNION ALL
    SELECT 'cron ' || id || ' ' || cron_name
      FROM ir_cron
     UNION ALL
    SELECT 'parameter ' || key
      FROM ir_config_parameter
     WHERE key LIKE 'aftersales%%'
"""


class Chain:
    """Databases and command results of one chain; a failed step is shown by its test."""

    def __init__(self, label):
        self.label = label
        self.runs = {}
        self.facts = {}
        self.databases = []

    def clone(self, source, label):
        database = support.temporary_name(f"{self.label}_{label}")
        self.databases.append(database)
        return support.clone(source, database)

    def step(self, name, run):
        self.runs[name] = run
        return run.check()

    def result(self, name):
        assert name in self.runs, f"{self.label} chain stopped before {name!r}"
        return self.runs[name].check()


def schema(database):
    return {name for (name,) in support.rows(database, SCHEMA)}


def module_rows(database, addon):
    """What Odoo still knows of an add-on: (state, has demo, number of external ids)."""
    return support.rows(
        database,
        """
        SELECT m.state, m.demo,
               (SELECT COUNT(*) FROM ir_model_data d WHERE d.module = m.name),
               (SELECT COUNT(*) FROM ir_model_data d
                 WHERE d.module = m.name AND d.name LIKE '%%\\_demo')
          FROM ir_module_module m
         WHERE m.name = %s
        """,
        [addon],
    )[0]


def bare_chain(chain):
    for addon in ADDONS:
        short = addon.removeprefix("aftersales_")
        database = chain.clone(support.env("AFTERSALES_TEMPLATE_DB"), short)
        if addon == ADDONS[0]:
            chain.facts["fill"] = host.story(database, "fill", host.ORDERS)
        started = time.monotonic()
        chain.step(f"install {addon}", support.server(database, "-i", addon))
        chain.facts[f"seconds {addon}"] = time.monotonic() - started
        chain.facts[f"install {addon}"] = module_rows(database, addon)
        if addon == ADDONS[0]:
            chain.facts["past"] = host.past_deliveries(database)
        support.drop(database)
    if support.FULL:
        chain.facts["seconds empty"] = install_alone(chain)


def install_alone(chain):
    """Seconds of installing the lowest floor where there is nothing yet."""
    database = chain.clone(support.env("AFTERSALES_TEMPLATE_DB"), "empty")
    started = time.monotonic()
    support.server(database, "-i", ADDONS[0]).check()
    return time.monotonic() - started


def demo_chain(chain):
    database = chain.clone(host.demo_base(), "all")
    present, kept = support.host_depends(ADDONS[0]), {}
    for addon in ADDONS:
        if missing := support.host_depends(addon) - present:
            known = schema(database)
            run = support.server(database, "-i", ",".join(missing), "--with-demo")
            run.check()
            present |= missing
            # What Odoo's own modules bring stays when our floors leave.
            kept = {
                name: names | schema(database) - known for name, names in kept.items()
            }
        kept[addon] = schema(database)
        run = support.server(database, "-i", addon, "--with-demo")
        chain.step(f"install {addon}", run)
        chain.facts[f"install {addon}"] = module_rows(database, addon)
    chain.facts["overwritten"] = snapshot.overwritten_data(database)
    wishes = snapshot.make_wishes(database)
    after = schema(database), snapshot.counts(database), snapshot.records(database)
    chain.step("update", support.server(database, "-u", ",".join(ADDONS)))
    chain.facts["update"] = schema(database) ^ after[0]
    chain.facts["counts"] = changes(after[1], snapshot.counts(database))
    chain.facts["records"] = changes(after[2], snapshot.records(database))
    chain.facts["wishes"] = snapshot.lost_wishes(database, wishes)
    for addon in reversed(ADDONS):
        chain.step(
            f"uninstall {addon}",
            support.odoo("module", "uninstall", "-d", database, addon),
        )
        chain.facts[f"uninstall {addon}"] = schema(database) - kept[addon]
        chain.facts[f"state {addon}"] = module_rows(database, addon)
    chain.facts["traces"] = snapshot.traces(database)
    chain.facts["flows"] = host.story(database, "flows")
    chain.facts["views"] = host.story(database, "views")


def changes(before, after):
    """What differs between two dicts, one line each."""
    return [
        f"{name}: {before.get(name)} → {after.get(name)}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]


@pytest.fixture(scope="module")
def chains():
    """Both chains, run at the same time; a broken command ends its own chain only."""
    found = {"bare": Chain("bare"), "demo": Chain("demo")}

    def run(function, chain):
        try:
            function(chain)
        except AssertionError as error:
            chain.facts["error"] = error

    try:
        support.in_parallel(
            lambda: run(bare_chain, found["bare"]),
            lambda: run(demo_chain, found["demo"]),
        )
        yield found
    finally:
        for chain in found.values():
            for database in chain.databases:
                support.drop(database)


@pytest.fixture(scope="module", params=["bare", "demo"])
def chain(chains, request):
    return chains[request.param]


def assert_clean(run):
    support.report(run.bad, f"odoo {run.command}")


def test_chain_completed(chain):
    """Proves: no command in between failed."""
    assert "error" not in chain.facts, str(chain.facts["error"])


@pytest.mark.parametrize("addon", ADDONS)
def test_install(chain, addon):
    """Proves: the add-on installs with nothing but what its manifest names."""
    run = chain.result(f"install {addon}")
    state, demo, ids, demo_ids = chain.facts[f"install {addon}"]
    assert state == "installed" and ids
    has_demo = chain.label == "demo" and bool(support.manifest(addon).get("demo"))
    assert bool(demo_ids) == has_demo
    assert demo == (chain.label == "demo")
    assert_clean(run)


def test_update(chains):
    """Proves: an update changes no table, column, index, model or cron, and warns of nothing."""
    chain = chains["demo"]
    run = chain.result("update")
    support.report(sorted(chain.facts["update"]), "changed by the update")
    assert_clean(run)


def test_update_adds_nothing(chains):
    """Proves: after an update every table has as many rows, every record its name."""
    chain = chains["demo"]
    chain.result("update")
    support.report(chain.facts["counts"], "tables with other counts of rows")
    support.report(chain.facts["records"], "external ids that changed")


def test_update_keeps_what_users_changed(chains):
    """Proves: an update leaves rules, jobs and mail templates as their owner made them,
    and writes nothing anew but the program itself."""
    chain = chains["demo"]
    chain.result("update")
    support.report(chain.facts["overwritten"], "data that an update overwrites")
    support.report(chain.facts["wishes"], "changed back by the update")


@pytest.mark.parametrize("addon", ADDONS[::-1])
def test_uninstall(chains, addon):
    """Proves: a floor leaves without a trace, with data in it, and the floors below stay."""
    chain = chains["demo"]
    run = chain.result(f"uninstall {addon}")
    left = chain.facts[f"uninstall {addon}"]
    support.report(sorted(left), "left behind")
    state, _demo, ids, _demo_ids = chain.facts[f"state {addon}"]
    assert (state, ids) == ("uninstalled", 0)
    assert_clean(run)


def test_no_trace_is_left(chains):
    """Proves: nothing refers to us where our floors are gone: no number, alias, to-do,
    message, filter or external id."""
    chain = chains["demo"]
    chain.result(f"uninstall {ADDONS[0]}")
    support.report(chain.facts["traces"], "traces of us")


def test_odoo_works_on_without_us(chains):
    """Proves: where we have been and gone, Odoo sells, delivers, invoices, takes back,
    credits, mends, rates, shows its portal, and combines each of its views."""
    chain = chains["demo"]
    chain.result(f"uninstall {ADDONS[0]}")
    host.assert_works(chain.facts["flows"])
    assert chain.facts["views"]["views"] > 300
    support.report(chain.facts["views"]["findings"], "broken views")


def test_past_deliveries(chains):
    """Proves: installed among done orders we make no unit; the batch then makes one for
    each delivered serial number, also when it is killed and continued."""
    chain = chains["bare"]
    chain.result(f"install {ADDONS[0]}")
    past, delivered = chain.facts["past"], chain.facts["fill"]["delivered"]
    assert delivered == chain.facts["fill"]["serials"] == host.ORDERS
    assert past["after install"] == 0
    assert past["killed"] == host.KILLED
    assert 0 < past["after the kill"] < delivered
    assert past["at the end"] == past["serials"] == delivered
    assert past["again"] == delivered
    assert past["errors"] == 0


if support.FULL:

    def test_installed_in_no_time_per_order(chains, record_property):
        """Proves: twenty thousand done deliveries do not make the installation longer."""
        chain = chains["bare"]
        full, empty = chain.facts[f"seconds {ADDONS[0]}"], chain.facts["seconds empty"]
        record_property("seconds among orders, without", (round(full), round(empty)))
        assert full < 1.25 * empty + 5


def test_run_database_log():
    """Proves: the installation that all other tests stand on was clean as well."""
    log = Path(support.env("AFTERSALES_INSTALL_LOG")).read_text("utf-8", "replace")
    records = support.log_records(log)
    for addon in ADDONS:
        assert any(addon in text for _level, text in records), (
            f"{addon} is not in the log"
        )
    support.report(support.bad_records(log), "installation of the run's database")


@pytest.mark.parametrize(
    "line, bad",
    [
        ("2026-01-01 00:00:00,000 1 WARNING db odoo.x: _sql_constraints", True),
        ("2026-01-01 00:00:00,000 1 ERROR db odoo.x: a\nTraceback", True),
        ("2026-01-01 00:00:00,000 1 INFO db odoo.x: a WARNING b", False),
        ("2026-01-01 00:00:00,000 1 CRITICAL ? odoo.x: a", True),
    ],
)
def test_log_check_fires(line, bad):
    """Proves: a warning in an Odoo log is seen, an information line is not."""
    assert bool(support.bad_records(line)) is bad


def test_allowlist_is_explained():
    """Proves: each accepted log line has its reason, and none accepts everything."""
    lines = support.ALLOWLIST.read_text("utf-8").splitlines()
    for above, line in zip([""] + lines, lines, strict=False):
        if line and not line.startswith("#"):
            assert above.startswith("# "), f"no reason above {line!r}"
    for regex in support.allowlist():
        assert not regex.search("odoo.addons.x: Something of aftersales went wrong")
        assert "aftersales" not in regex.pattern
