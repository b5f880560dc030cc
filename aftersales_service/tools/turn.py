"""One user at a time: who comes second begins again with what the first one left."""

from odoo.tools import SQL


def take_turn(records):
    """Keep others from going on with these records until this transaction ends.

    Who comes second waits; then the database makes him begin again, and he sees what
    the first one did, also what he did to other records.
    """
    if not records.ids:
        return
    records.env.cr.execute(
        # Written, not locked alone: whoever waits for a lock goes on with what he saw
        # before. In the order of their ids, so that two never wait for each other.
        SQL(
            """
            WITH turn AS (
                SELECT id FROM %(table)s WHERE id IN %(ids)s
                 ORDER BY id FOR NO KEY UPDATE
            )
            UPDATE %(table)s SET id = turn.id FROM turn WHERE %(table)s.id = turn.id
            """,
            table=SQL.identifier(records._table),
            ids=tuple(records.ids),
        )
    )
