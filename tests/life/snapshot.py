"""What a database holds, as plain PostgreSQL tells it: to compare before and after."""

import contextlib

import psycopg2
import support

# What an update writes anew because it is the program, not somebody's data.
PROGRAM = (
    "ir.actions.",
    "ir.asset",
    "ir.model",
    "ir.ui.menu",
    "ir.ui.view",
    "report.paperformat",
    "res.groups",
)
TABLES = """
    SELECT c.relname,
           (xpath('/row/n/text()', query_to_xml(
               format('SELECT COUNT(*) AS n FROM %I', c.relname), false, true, ''
           )))[1]::text::int
      FROM pg_class c
     WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
"""
RECORDS = """
    SELECT module || '.' || name, model, res_id, noupdate
      FROM ir_model_data
     WHERE module LIKE 'aftersales\\_%%'
"""
# References by name, which no foreign key takes along.
BY_NAME = """
    SELECT table_name, column_name
      FROM information_schema.columns
      JOIN pg_class ON relname = table_name AND relkind = 'r'
     WHERE table_schema = 'public'
       AND data_type IN ('character varying', 'text')
       AND column_name IN ('model', 'res_model', 'model_name', 'parent_model', 'code')
       -- Odoo throws away by itself what was typed into a form.
       AND table_name NOT IN (
           SELECT replace(model, '.', '_') FROM ir_model WHERE transient)
"""
# By which Odoo's processes wake each other.
SIGNALS = ("orm_signaling_", "ir_cron_trigger", "ir_cron_progress", "bus_")
# Operations that our floors give each warehouse, by their codes.
OPERATIONS = """
    SELECT name->>'en_US', warehouse_id
      FROM stock_picking_type
     WHERE active AND sequence_code IN ('RET', 'INSP', 'CG', 'JOB')
"""
# Odoo gives what it notes of a model one more name for each module that extends it, and
# forgets these names when the model goes: of every add-on with messages or to-dos.
NAMED_BY_ODOO = ("ir.model.inherit", "ir.model.fields.selection")
# What somebody may have written into records that are his once installed.
WISHES = {
    "ir_cron": "interval_number = 11",
    "ir_rule": "domain_force = '[(1, ''='', 1)]'",
    "mail_template": 'subject = subject || \'{"en_US": "My words"}\'',
}


def execute(database, query, params=None):
    """Change something outside Odoo, and keep the change."""
    with contextlib.closing(psycopg2.connect(dbname=database)) as connection:
        with connection, connection.cursor() as cr:
            cr.execute(query, params)


def counts(database):
    """Number of rows of every table of data."""
    found = dict(support.rows(database, TABLES))
    return {name: rows for name, rows in found.items() if not name.startswith(SIGNALS)}


def records(database):
    """Records of ours with an external id: ``{id: (model, res_id, noupdate)}``."""
    return {name: tuple(rest) for name, *rest in support.rows(database, RECORDS)}


def overwritten_data(database):
    """Records of an update that somebody may have made his own."""
    return sorted(
        f"{name} ({model})"
        for name, (model, _res_id, noupdate) in records(database).items()
        if not noupdate and not model.startswith(PROGRAM)
    )


def make_wishes(database):
    """Change one record of each kind, as its owner would; return them as they are now."""
    found, wishes = records(database), {}
    for table, change in WISHES.items():
        name = min(
            name
            for name, (model, *_rest) in found.items()
            if model == table.replace("_", ".")
        )
        place = table, found[name][1]
        execute(database, f"UPDATE {table} SET {change} WHERE id = %s", place[1:])
        wishes[name] = place, _row(database, *place)
    return wishes


def lost_wishes(database, wishes):
    """Names of changed records that are no longer as they were changed."""
    return [
        name for name, (place, row) in wishes.items() if _row(database, *place) != row
    ]


def _row(database, table, res_id):
    query = (
        "SELECT to_jsonb(t) - 'write_date' - 'write_uid' - 'nextcall' "
        f"FROM {table} t WHERE id = %s"
    )
    return support.rows(database, query, [res_id])[0][0]


def traces(database):
    """What still speaks of us where our add-ons are gone, one line each."""
    findings = []
    for table, column in support.rows(database, BY_NAME):
        found = support.rows(
            database,
            f'SELECT "{column}", COUNT(*) FROM "{table}" '
            f"WHERE \"{column}\" LIKE 'aftersales.%%' GROUP BY 1 ORDER BY 1",
        )
        findings += [f"{table}.{column} {value}: {number}" for value, number in found]
    findings += [
        f"operation {name} of warehouse {warehouse} is still shown"
        for name, warehouse in support.rows(database, OPERATIONS)
    ]
    for model, res_id, name in _dead_references(database):
        findings.append(f"ir_model_data {name}: {model}({res_id}) is gone")
    return findings


def _dead_references(database):
    """External ids whose record is gone, of whatever add-on."""
    tables = {
        name for (name,) in support.rows(database, "SELECT tablename FROM pg_tables")
    }
    models = support.rows(
        database,
        "SELECT DISTINCT model FROM ir_model_data WHERE model NOT IN %s",
        [NAMED_BY_ODOO],
    )
    for (model,) in models:
        table = _table_of(model)
        if table not in tables:
            continue
        yield from support.rows(
            database,
            f"SELECT model, res_id, module || '.' || name FROM ir_model_data data "
            f"WHERE model = %s AND NOT EXISTS "
            f'(SELECT 1 FROM "{table}" t WHERE t.id = data.res_id)',
            [model],
        )


def _table_of(model):
    special = {
        "ir.actions.act_window": "ir_act_window",
        "ir.actions.act_window.view": "ir_act_window_view",
        "ir.actions.act_url": "ir_act_url",
        "ir.actions.client": "ir_act_client",
        "ir.actions.report": "ir_act_report_xml",
        "ir.actions.server": "ir_act_server",
    }
    return special.get(model, model.replace(".", "_"))
