"""Two Odoo servers with worker processes on one database, and who talks to them."""

import contextlib
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request

import support

# What Odoo logs of what it does again by itself, or of a peer that was killed.
RETRIED = re.compile(
    r"could not serialize|could not obtain lock|deadlock detected|SerializationFailure"
    r"|LockNotAvailable|duplicate key|exclusion constraint|ConcurrencyError"
)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One server with two workers for requests and one for jobs."""

    def __init__(self, database, folder, name):
        self.database, self.log = database, folder / f"{name}.log"
        self.port, self.gevent_port = free_port(), free_port()
        self.process = None

    def start(self):
        """Start it in a group of processes of its own, and wait until it answers."""
        command = [
            *(support.env("AFTERSALES_ODOO_BIN"), "server"),
            *("-c", support.env("AFTERSALES_CONF"), "-d", self.database),
            *("--workers=2", "--max-cron-threads=1", "--log-level=info"),
            *(f"--http-port={self.port}", f"--gevent-port={self.gevent_port}"),
            *(
                "--http-interface=127.0.0.1",
                f"--logfile={self.log}",
                "--no-database-list",
            ),
        ]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, start_new_session=True, cwd=support.ROOT
        )
        for _attempt in range(120):
            with contextlib.suppress(OSError):
                self._ask("common", "version", [])
                return
            time.sleep(1)
        raise AssertionError(self.log.read_text("utf-8")[-3000:])

    def kill(self):
        """Kill all its processes at once, as a machine that loses its power."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def errors(self):
        """Records of level ERROR but for those of transactions that are repeated."""
        log = self.log.read_text("utf-8", "replace")
        return [
            text
            for level, text in support.log_records(log)
            if level in ("ERROR", "CRITICAL") and not RETRIED.search(text)
        ]

    def jobs(self):
        """How many jobs it has run to their end."""
        return self.log.read_text("utf-8", "replace").count(") fully done (")

    def _ask(self, service, method, args):
        body = {
            "jsonrpc": "2.0",
            "method": "call",
            "params": {"service": service, "method": method, "args": args},
        }
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/jsonrpc",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)

    def call(self, model, method, *args, **kwargs):
        """Call a public method as the administrator.

        :return: the result, or a :class:`Refusal`
        :raise OSError: when nobody answers; what became of it is not known then
        """
        told = self._ask(
            "object",
            "execute_kw",
            [self.database, 2, "admin", model, method, list(args), kwargs],
        )
        if "error" in told:
            raise Refusal(told["error"]["data"])
        return told.get("result")


class Refusal(Exception):
    """What the server refuses, with its type and text."""

    def __init__(self, data):
        super().__init__(data["message"])
        self.kind = data["name"]


class Client:
    """Talks to both servers in turn, and notes what became of each wish."""

    def __init__(self, servers):
        self.turns = itertools.cycle(servers)
        self.passed, self.refused, self.unknown = [], [], []

    def wish(self, what, *call, **kwargs):
        """Ask for something that may be refused, or stay without an answer."""
        try:
            result = next(self.turns).call(*call, **kwargs)
        except Refusal as refusal:
            self.refused.append((what, refusal.kind, str(refusal)))
        except (OSError, ValueError):
            self.unknown.append(what)
        else:
            self.passed.append((what, result))
            return result
        return None
