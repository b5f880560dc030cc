"""A database on which jobs and actions run in real processes, that can be killed.

Imported by the programs that the tests start; they have Odoo for themselves.
"""

import contextlib
import json
import logging
import os
import random
import signal
import subprocess
import threading
import traceback
from dataclasses import dataclass, field

from footprint import take_footprint
from freezegun import freeze_time
from invariants import stale_amounts

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry
from odoo.service import server
from odoo.service.model import retrying
from odoo.tools import config

KILLED = -signal.SIGKILL


class Gallows:
    """Kills its own process at one exact point of its work on the database."""

    def __init__(self, point=None):
        self.kind, self.number = point or (None, 0)
        self.commits = self.queries = 0

    def stand(self):
        """Count what every cursor of this process does from now on."""
        commit, execute = sql_db.Cursor.commit, sql_db.Cursor.execute

        def counted_commit(cursor):
            self.commits += 1
            self._die("before commit", self.commits)
            result = commit(cursor)
            self._die("after commit", self.commits)
            return result

        def counted_execute(cursor, *args, **kwargs):
            self.queries += 1
            self._die("query", self.queries)
            return execute(cursor, *args, **kwargs)

        sql_db.Cursor.commit = counted_commit
        sql_db.Cursor.execute = counted_execute

    def _die(self, kind, number):
        if kind == self.kind and number == self.number:
            os.kill(os.getpid(), signal.SIGKILL)


class Witness(logging.Handler):
    """Remembers what the work logs as an error."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.records = []

    def emit(self, record):
        text = f"{record.levelname} {record.name}: {record.getMessage()}"
        if record.exc_info:
            text += "\n" + "".join(traceback.format_exception(*record.exc_info))
        self.records.append(text)


@dataclass
class Outcome:
    """What became of one process."""

    status: int
    answer: str = ""
    commits: int = 0
    queries: int = 0
    log: list = field(default_factory=list)

    @property
    def killed(self):
        return self.status == KILLED


class Stage:
    """One database under one name, put back to where it was between two plays."""

    def __init__(self, configuration, database, now):
        config.parse_config(["-c", configuration, "-d", database, "--no-http"])
        server.load_server_wide_modules()
        self.database = database
        self.registry = Registry(database)
        assert threading.active_count() == 1, "a fork copies no other thread"
        # For this process and for all that it forks.
        self.clock = freeze_time(now).start()

    # ------------------------------------------------------------ database
    @contextlib.contextmanager
    def env(self):
        """An environment whose changes are kept."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
            yield env
            env.flush_all()

    def look(self, function):
        """Return what a function reads, in a connection closed afterwards."""
        with self.registry.cursor() as cr:
            result = function(cr)
        sql_db.close_all()
        return result

    def keep(self, name):
        """Keep a copy of the database as it is now."""
        sql_db.close_all()
        _run("createdb", f"--template={self.database}", name)

    def put_back(self, name):
        """Put the kept copy in the place of the database."""
        sql_db.close_all()
        _run("dropdb", "--force", self.database)
        _run("createdb", f"--template={name}", self.database)

    def wait_until_alone(self):
        """Wait until the server has noticed that a killed process is gone."""
        with sql_db.db_connect("postgres").cursor() as cr:
            for _attempt in range(3000):
                cr.execute(
                    "SELECT FROM pg_stat_activity WHERE datname = %s", [self.database]
                )
                if not cr.rowcount:
                    break
                cr.execute("SELECT pg_sleep(0.01)")
                # Within one transaction the server says the same again.
                cr.rollback()
            else:
                raise AssertionError("a killed process is still connected")
        sql_db.close_all()

    def stale_amounts(self):
        """Read :func:`invariants.stale_amounts`, and keep nothing of it."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            found = stale_amounts(env)
            env.transaction.clear()
            cr.rollback()
        return found

    # ----------------------------------------------------------- processes
    def play(self, *works, point=None):
        """Let each work run in a process of its own, all at once.

        :param works: functions that take nothing
        :param point: where the processes are killed, see :class:`Gallows`
        :return: an :class:`Outcome` for each
        """
        sql_db.close_all()
        gate = os.pipe()
        children = [self._spawn(work, gate, point) for work in works]
        # They all begin at once: reading from a closed pipe ends.
        os.close(gate[1])
        outcomes = [self._reap(*child) for child in children]
        os.close(gate[0])
        return outcomes

    def _spawn(self, work, gate, point):
        reader, writer = os.pipe()
        pid = os.fork()
        if pid:
            os.close(writer)
            return pid, reader
        told = {"answer": "no answer"}
        try:
            os.close(gate[1])
            gallows, witness = Gallows(point), Witness()
            logging.getLogger().addHandler(witness)
            os.read(gate[0], 1)
            gallows.stand()
            told["answer"] = str(work())
            told["log"] = witness.records
            told["commits"], told["queries"] = gallows.commits, gallows.queries
        except BaseException:  # told to the parent, which judges it
            told["answer"] = traceback.format_exc()
        finally:
            with os.fdopen(writer, "w") as stream:
                json.dump(told, stream)
            os._exit(0)

    def _reap(self, pid, reader):
        with os.fdopen(reader) as stream:
            text = stream.read()
        _pid, status = os.waitpid(pid, 0)
        return Outcome(
            os.waitstatus_to_exitcode(status), **(json.loads(text) if text else {})
        )

    # --------------------------------------------------------------- works
    def job(self, cron_id):
        """The work of running a scheduled action as Odoo does, but past its lock."""

        def work():
            random.seed(cron_id)
            with self.env() as env:
                cron = env["ir.cron"].browse(cron_id)
                job = {
                    "id": cron.id,
                    "user_id": cron.user_id.id,
                    "lastcall": cron.lastcall,
                    "cron_name": cron.cron_name,
                    "ir_actions_server_id": cron.ir_actions_server_id.id,
                    "timed_out_counter": 0,
                }
            return self.registry["ir.cron"]._run_job(job)

        return work

    def action(self, function):
        """The work of an action, repeated as a web request is."""

        def work():
            with self.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
                return retrying(lambda: function(env), env)

        return work

    def footprint(self):
        return self.look(lambda cr: take_footprint(cr))


def _run(*command):
    """Run a command of PostgreSQL."""
    subprocess.run(command, check=True, capture_output=True)
