"""Breaks a promise on purpose, to see that the invariants notice; nothing of it is kept."""

# Names of tables and columns are those of the program and of the catalogue.
# pylint: disable=sql-injection

import invariants

# The sentence that has to be heard, and what breaks its promise.
PLANTS = (
    (
        "a serial is delivered without its unit",
        "UPDATE aftersales_equipment SET move_id = NULL WHERE serial = 'FIRE-1'",
    ),
    (
        "a return line says something else than its transfers",
        "UPDATE aftersales_return_line SET quantity_received = quantity_received + 1",
    ),
    (
        "a return line says something else than its posted credit notes",
        "UPDATE aftersales_return_line SET quantity_refunded = quantity_refunded + 1",
    ),
    (
        "more is credited of an order line than was invoiced",
        "UPDATE account_move_line SET quantity = quantity + 100 WHERE move_id IN "
        "(SELECT id FROM account_move WHERE move_type = 'out_refund')",
    ),
    (
        "more comes back of a delivery than was delivered",
        "UPDATE stock_move SET quantity = quantity + 100 "
        "WHERE origin_returned_move_id IS NOT NULL AND state = 'done'",
    ),
    (
        "a contract counts other visits than were made under it",
        "UPDATE aftersales_contract SET visits_used = 99",
    ),
    (
        "a supplier claim is not the sum of its lines",
        "UPDATE aftersales_supplier_claim SET amount_agreed = amount_agreed + 1",
    ),
    (
        "a planned visit has not booked its technician",
        "UPDATE aftersales_dispatch SET state = 'assigned', "
        "date_end = date_start + interval '1 hour'; "
        "DELETE FROM aftersales_dispatch_slot",
    ),
    (
        "less than nothing of a serial or a part is in a place of ours",
        "UPDATE stock_quant SET quantity = -1",
    ),
)
# Of these one row is doubled, without the index that refuses it.
DOUBLED = ("aftersales_escalation_trace", "aftersales_figure", "aftersales_ticket")


def unheard(cr):
    """Return what was broken without an invariant saying so."""
    found = [
        sentence
        for sentence, query in PLANTS
        if not _is_heard(cr, lambda q=query: cr.execute(q), sentence)
    ]
    found += [
        f"{table} doubled"
        for table in DOUBLED
        if not _is_heard(cr, lambda t=table: _double(cr, t), table)
    ]
    return found


def _is_heard(cr, plant, sentence):
    cr.execute("SAVEPOINT sabotage")
    plant()
    heard = any(line.startswith(sentence) for line in invariants.broken(cr))
    cr.execute("ROLLBACK TO SAVEPOINT sabotage")
    return heard


def _double(cr, table):
    cr.execute(
        "SELECT indexrelid::regclass::text FROM pg_index "
        "WHERE indrelid = %s::regclass AND indisunique AND NOT indisprimary",
        [table],
    )
    for (index,) in cr.fetchall():
        cr.execute(f"DROP INDEX {index}")
    cr.execute(
        "SELECT string_agg(quote_ident(column_name), ', ') "
        "FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name = %s AND column_name <> 'id'",
        [table],
    )
    [columns] = cr.fetchone()
    cr.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} LIMIT 1")
