"""What a call costs: queries, time, and the rows that PostgreSQL reads for it."""

import time
from pathlib import Path

from odoo import sql_db

# Tables of fewer rows may well be read as a whole, when a hundred of them are wanted.
LARGE = 15_000


class Meter:
    """Part of a bench: measures calls in its own database.

    Rows are what PostgreSQL itself counts, by index or one after the other. Like the time
    of processors, unlike that of a clock, their number does not depend on who else works on
    the machine.
    """

    def measure(self, function, *args):
        """Return what a call costs, with all that it still has to write.

        :return: dict of queries, ms by the clock, cpu_ms of the processors, rows read,
            and large tables that were read from one end to the other
        """
        self.env.flush_all()
        self.env.invalidate_all()
        before = self._read_counters()
        queries, worked = sql_db.sql_counter, self._read_work()
        start = time.perf_counter()
        function(*args)
        self.env.flush_all()
        seconds = time.perf_counter() - start
        worked = self._read_work() - worked
        queries = sql_db.sql_counter - queries
        after = self._read_counters()
        rows, scanned = 0, []
        for table, (live, in_turn, by_index) in after.items():
            old = before.get(table, (0, 0, 0))
            rows += in_turn - old[1] + by_index - old[2]
            if live >= LARGE and in_turn - old[1] >= live / 2:
                scanned.append(table)
        return {
            "queries": queries,
            "ms": seconds * 1000,
            "cpu_ms": worked * 1000,
            "rows": rows,
            "scanned": scanned,
        }

    def _read_work(self):
        """Return seconds of processors so far: of this process, and of its PostgreSQL's."""
        statistics = Path(f"/proc/{self.cr.connection.info.backend_pid}/schedstat")
        # A server elsewhere has its processors for itself.
        nanoseconds = statistics.read_text().split()[0] if statistics.exists() else 0
        return time.process_time() + int(nanoseconds) / 1e9

    def _read_counters(self):
        """Return ``{table: (rows, rows read in turn, rows read by index)}`` so far."""
        # A connection reports its counts when it is idle, once a second at most.
        self.cr.execute("SELECT pg_stat_force_next_flush()")
        self.cr.commit()  # pylint: disable=invalid-commit
        self.cr.execute(
            """
            SELECT pg_class.relname, reltuples, seq_tup_read, COALESCE(idx_tup_fetch, 0)
              FROM pg_stat_user_tables JOIN pg_class ON pg_class.oid = relid
            """
        )
        counters = {name: tuple(numbers) for name, *numbers in self.cr.fetchall()}
        self.cr.commit()  # pylint: disable=invalid-commit
        return counters
