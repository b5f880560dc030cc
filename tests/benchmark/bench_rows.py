"""Many rows at once: copies of one record, made by PostgreSQL."""

import time
from contextlib import contextmanager

from odoo.tools import SQL

SYMPTOMS = (
    "Does not start",
    "Leaks oil",
    "Header vibrates",
    "Error E12 on the display",
    "Loses grain",
    "Brake pulls to the left",
    "No heating in the cab",
    "Belt torn",
    "Battery empty after a night",
    "Strange noise from the gearbox",
)


@contextmanager
def bulk(cr, table, kept=None):
    """Write many rows: indexes are taken away before and made again behind.

    :param str kept: the one index that is needed afterwards, all when None
    """
    cr.execute(
        """
        SELECT indexname, indexdef FROM pg_indexes
         WHERE schemaname = 'public' AND tablename = %s AND indexname NOT IN (
            SELECT conindid::regclass::text FROM pg_constraint WHERE conindid <> 0)
        """,
        [table],
    )
    indexes = cr.fetchall()
    for name, _definition in indexes:
        cr.execute(SQL("DROP INDEX %s", SQL.identifier(name)))
    yield
    # An index over rows that were just changed is left aside for as long as the server has a
    # transaction older than the index, in whatever database: first the rows become clean.
    clean(cr, table)
    for name, definition in indexes:
        if kept in (None, name):
            cr.execute(definition)
    maintain(cr, "ANALYZE", table)


@contextmanager
def unchecked(cr, table):
    """Write many rows whose foreign keys are checked together, behind."""
    cr.execute(
        """
        SELECT string_agg(format('DROP CONSTRAINT %%I', conname), ', '),
               string_agg(format('ADD CONSTRAINT %%I %%s', conname,
                                 pg_get_constraintdef(oid)), ', ')
          FROM pg_constraint
         WHERE conrelid = %s::regclass AND contype = 'f'
        """,
        [table],
    )
    drop, add = cr.fetchone()
    cr.execute(f"ALTER TABLE {table} {drop}")  # pylint: disable=sql-injection
    yield
    cr.execute(f"ALTER TABLE {table} {add}")  # pylint: disable=sql-injection


def clean(cr, table):
    """Vacuum until all rows count as old; PostgreSQL's own jobs may hinder it for a while."""
    for _attempt in range(30):
        maintain(cr, "VACUUM", table)
        cr.execute(
            "SELECT relallvisible >= relpages * 0.9 FROM pg_class WHERE oid = %s::regclass",
            [table],
        )
        if cr.fetchone()[0]:
            break
        time.sleep(1)


def maintain(cr, what, table):
    """Let PostgreSQL look at the new rows, as its own job does after a while."""
    cr.commit()  # pylint: disable=invalid-commit
    connection = cr.connection
    connection.autocommit = True
    cr.execute(f"{what} {table}")  # pylint: disable=sql-injection
    connection.autocommit = False


def copy(record, source, **columns):
    """Insert a copy of a record for each row of a source, in the order of its numbers.

    :param record: the record to copy, with all its columns
    :param str source: what follows FROM; ``i`` counts its rows from 1
    :param columns: what differs from the record, as SQL over ``i`` and the source
    """
    cr = record.env.cr
    record.env.flush_all()
    cr.execute(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name = %s AND column_name <> 'id'",
        [record._table],
    )
    names = [name for (name,) in cr.fetchall()]
    unknown = columns.keys() - set(names)
    assert not unknown, f"{record._table} has no {unknown}"
    # The texts are those of this file and its callers.
    cr.execute(
        SQL(
            "INSERT INTO %(table)s (%(names)s) SELECT %(values)s "
            "FROM %(table)s AS model, %(source)s WHERE model.id = %(id)s ORDER BY i",
            table=SQL.identifier(record._table),
            names=SQL(", ").join(map(SQL.identifier, names)),
            values=SQL(", ").join(
                SQL(columns[name])  # pylint: disable=sql-injection
                if name in columns
                else SQL.identifier("model", name)
                for name in names
            ),
            source=SQL(source),  # pylint: disable=sql-injection
            id=record.id,
        )
    )
    record.env.invalidate_all()


def one_of(values, by="i"):
    """SQL that takes the values in turn.

    :param values: ids or texts
    :param str by: SQL of the number that chooses
    """
    texts = [
        str(value)
        if isinstance(value, int)
        else "'{}'".format(str(value).replace("'", "''"))
        for value in values
    ]
    return f"(ARRAY[{', '.join(texts)}])[1 + mod({by}, {len(texts)})]"


def by_share(shares, by):
    """SQL that takes each value for a share of the numbers 0 to 99.

    :param dict shares: ``{value: share of 100}``
    :param str by: SQL of a number from 0 to 99
    """
    limit, cases = 0, []
    for value, share in shares.items():
        limit += share
        cases.append(f"WHEN {by} < {limit} THEN '{value}'")
    assert limit == 100
    return f"CASE {' '.join(cases)} END"
