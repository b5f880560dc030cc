"""Measure how the scheduled actions grow: one process, one database.

Usage: bench_growth.py CONFIGURATION DATABASE RESULT JOBS RUNS SIZES DUE

JOBS is quick, all, or the name of one. SIZES are numbers of open records, growing and
separated by commas; beside them a hundred become due each time. DUE are numbers of records
that become due beside the last of these sizes. The database holds our add-ons;
test_benchmark_growth.py makes it, judges the figures in RESULT and throws it away.
"""

import json
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from bench_fit import summarise
from bench_jobs import JOBS
from bench_meter import Meter
from bench_rows import bulk, copy
from bench_samples import Samples

from odoo import SUPERUSER_ID, api
from odoo.fields import Domain
from odoo.modules.registry import Registry
from odoo.service import server
from odoo.tools import config

DUE = 100
# From so many rows on, indexes are made again rather than followed.
MANY = 5_000


class Bench(Samples, Meter):
    """A department with open work of every kind."""

    def __init__(self, env):
        self.env = env
        self.cr = env.cr
        self.batch = 0

    # ------------------------------------------------------------
    # ROWS
    # ------------------------------------------------------------

    def grow(self, job, count):
        """Add open records of which none is due."""
        sample = self.get_sample(job.sample)
        tables = [sample._table]
        if job.parents:
            tables.append(self.get_sample(job.parents[0])._table)
        with ExitStack() as stack:
            if count >= MANY:
                for table in tables:
                    stack.enter_context(bulk(self.cr, table))
            self._copy(job, count, job.open)
        self.cr.commit()  # pylint: disable=invalid-commit
        for table in tables:
            self._analyze(table)

    def _analyze(self, table):
        self.cr.execute(f"ANALYZE {table}")  # pylint: disable=sql-injection
        self.cr.commit()  # pylint: disable=invalid-commit

    def _copy(self, job, count, columns):
        self.batch += 1
        numbers = f"(SELECT {self.batch} AS batch, generate_series(1, {count}) AS i)"
        if job.parents:
            name, values = job.parents
            parent = self.get_sample(name)
            self.cr.execute(f"SELECT MAX(id) FROM {parent._table}")  # pylint: disable=sql-injection
            (last,) = self.cr.fetchone()
            copy(parent, f"{numbers} AS numbers", **values)
            numbers = (
                f"(SELECT {self.batch} AS batch, id AS parent_id, "
                f"row_number() OVER (ORDER BY id) AS i "
                f"FROM {parent._table} WHERE id > {last})"
            )
        copy(
            self.get_sample(job.sample),
            f"{numbers} AS numbers",
            **{**job.same, **columns},
        )

    # ------------------------------------------------------------
    # JOBS
    # ------------------------------------------------------------

    def run_job(self, job, due):
        """Let so many records become due and run the job, which handles all of them."""
        self._copy(job, due, job.due)
        self.cr.commit()  # pylint: disable=invalid-commit
        model = self.env[self.get_sample(job.sample)._name]
        domain = Domain(job.domain(model, self.company))
        made = self.env[job.leaves].search_count([]) if job.leaves else 0
        waiting = model.search_count(domain)
        assert waiting == due, f"{job.name}: {waiting} are due, not {due}"
        cost = self.measure(getattr(self.env[job.model], job.method))
        assert not model.search_count(domain), f"{job.name}: something is still due"
        if job.leaves:
            made = self.env[job.leaves].search_count([]) - made
            assert made >= due, f"{job.name}: {made} {job.leaves} for {due}"
        return cost

    def measure_job(self, job, runs, sizes, dues):
        """Return the costs with each size of open work, and of due work."""
        figures, count = {"open": {}, "due": {}, "seconds": 0}, 0
        start = time.perf_counter()
        self.get_sample(job.sample)
        self.cr.commit()  # pylint: disable=invalid-commit
        for size in sizes:
            self.grow(job, size - count)
            count = size
            # What is read once for a process is paid before.
            self.run_job(job, DUE)
            costs = [self.run_job(job, DUE) for _run in range(runs)]
            figures["open"][size] = summarise(costs)
        for due in dues:
            # What takes long needs no repetition.
            turns = runs if due <= DUE else 1
            costs = [self.run_job(job, due) for _turn in range(turns)]
            figures["due"][due] = summarise(costs)
        figures["seconds"] = round(time.perf_counter() - start, 1)
        return figures

    def run(self, jobs, runs, sizes, dues):
        self.prepare()
        return {job.name: self.measure_job(job, runs, sizes, dues) for job in jobs}


def numbers(text):
    return [int(number) for number in text.split(",") if number]


def main(configuration, database, result, which, runs, sizes, dues):
    config.parse_config(["-c", configuration, "-d", database, "--no-http"])
    server.load_server_wide_modules()
    jobs = [
        job
        for job in JOBS
        if which in ("all", job.name) or (which == "quick" and job.quick)
    ]
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
        figures = Bench(env).run(jobs, int(runs), numbers(sizes), numbers(dues))
        cr.rollback()
    Path(result).write_text(json.dumps(figures, indent=1), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
