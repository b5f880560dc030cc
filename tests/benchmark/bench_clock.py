"""The time that a request takes of the processors, whatever else they are busy with."""

import time
from pathlib import Path


class Clock:
    """Milliseconds of this process and of its PostgreSQL, which serves nobody else.

    Work of others on the machine makes a request wait but adds nothing here. A server on
    another machine cannot be looked at; then it is the time on the wall that counts.
    """

    def __init__(self, cr):
        cr.execute("SELECT pg_backend_pid()")
        self.server = Path("/proc", str(cr.fetchone()[0]))
        # Work of the server's helpers would be seen by nobody. It holds for the session.
        cr.execute("SET max_parallel_workers_per_gather = 0")
        cr.commit()  # pylint: disable=invalid-commit
        command = self.server / "cmdline"
        self.is_near = command.exists() and b"postgres" in command.read_bytes()

    def now(self):
        if not self.is_near:
            return time.perf_counter() * 1000
        nanoseconds = int((self.server / "schedstat").read_text("ascii").split()[0])
        return time.process_time() * 1000 + nanoseconds / 1e6
