"""What a database says, without the ids, tokens and moments that differ by chance.

Two databases on which the same was done have the same footprint.
"""

# Names of tables and columns are those of the program and of the catalogue.
# pylint: disable=sql-injection

# Odoo's tables in which the work of after-sales shows; ours are all read.
HOST = (
    "account.move",
    "account.move.line",
    "calendar.event",
    "ir.attachment",
    "mail.activity",
    "mail.followers",
    "mail.mail",
    "mail.message",
    "mail.notification",
    "purchase.order",
    "rating.rating",
    "repair.order",
    "sale.order",
    "sale.order.line",
    "stock.lot",
    "stock.move",
    "stock.move.line",
    "stock.picking",
    "stock.quant",
    "stock.scrap",
)
# Who looked first writes them, or they count how often somebody did.
CHANCE = {"message_main_attachment_id", "sending_data", "access_token", "checksum"}
SUMMED = ("float", "monetary")
GROUPED = ("selection", "boolean")

COLUMNS = """
SELECT m.model, f.name, f.ttype, c.data_type
  FROM ir_model_fields f
  JOIN ir_model m ON m.id = f.model_id
  JOIN information_schema.columns c
    ON c.table_schema = 'public'
   AND c.table_name = replace(m.model, '.', '_')
   AND c.column_name = f.name
 WHERE (m.model LIKE 'aftersales.%%' OR m.model = ANY(%s))
   AND NOT m.transient
 ORDER BY m.model, f.name
"""


def take_footprint(cr):
    """Return ``{model: {what: how many}}`` of every table that after-sales writes."""
    cr.execute(COLUMNS, [list(HOST)])
    models = {}
    for model, name, kind, data_type in cr.fetchall():
        models.setdefault(model, []).append((name, kind, data_type))
    return {model: _read(cr, model, columns) for model, columns in models.items()}


def _read(cr, model, columns):
    table = model.replace(".", "_")
    parts = {"rows": "count(*)"}
    groups = []
    for name, kind, data_type in columns:
        if name in CHANCE:
            continue
        if kind in SUMMED and data_type != "jsonb":
            parts[f"sum of {name}"] = f'round(coalesce(sum("{name}"), 0)::numeric, 4)'
        elif kind in GROUPED:
            groups.append(name)
        else:
            parts[f"with {name}"] = f'count("{name}")'
    cr.execute(f'SELECT {", ".join(parts.values())} FROM "{table}"')
    found = dict(zip(parts, map(float, cr.fetchone()), strict=True))
    if groups and found["rows"]:
        found.update(_group(cr, table, groups))
    return {what: number for what, number in found.items() if number}


def _group(cr, table, names):
    """How many rows have each value of each column, in one reading of the table."""
    pairs = ", ".join(f"('{name}', \"{name}\"::text)" for name in names)
    cr.execute(
        f'SELECT v.name, v.value, count(*) FROM "{table}", '
        f"LATERAL (VALUES {pairs}) v(name, value) "
        "WHERE v.value IS NOT NULL GROUP BY 1, 2"
    )
    return {f"{name} = {value}": float(rows) for name, value, rows in cr.fetchall()}


def differences(expected, found):
    """Return a sentence for each number that is not the expected one."""
    return [
        f"{model}, {what}: {found.get(model, {}).get(what, 0):g} "
        f"instead of {expected.get(model, {}).get(what, 0):g}"
        for model in sorted({*expected, *found})
        for what in sorted({*expected.get(model, {}), *found.get(model, {})})
        if found.get(model, {}).get(what, 0) != expected.get(model, {}).get(what, 0)
    ]
