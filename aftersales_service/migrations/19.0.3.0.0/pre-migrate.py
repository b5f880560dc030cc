"""Tickets of the time before promises were counted keep none, until they change."""

from odoo.tools.sql import column_exists, create_column

CLOCKS = ("respond", "arrive", "solve")
PARTS = ("deadline", "warning", "hold", "missed")
COLUMNS = {
    **{f"{clock}_{part}": "timestamp" for clock in CLOCKS for part in PARTS},
    "next_deadline": "timestamp",
    "done_date": "timestamp",
    "clock_terms": "jsonb",
}


def migrate(cr, version):
    """Make the columns of the clocks, so that no promise is computed for the past."""
    for name, kind in COLUMNS.items():
        if not column_exists(cr, "aftersales_ticket", name):
            create_column(cr, "aftersales_ticket", name, kind)
    cr.execute(
        "UPDATE aftersales_ticket SET done_date = solve_date "
        "WHERE state IN ('solved', 'closed')"
    )
