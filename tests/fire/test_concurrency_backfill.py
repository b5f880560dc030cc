"""The job for past deliveries in two processes at once, on real connections."""

from contextlib import closing, contextmanager

from odoo import SUPERUSER_ID, api
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name


@tagged("post_install", "-at_install")
class TestBackfillConcurrency(BaseCase):
    """Proves: two processes never work on one request, and a pause gets through."""

    def setUp(self):
        super().setUp()
        with self._transaction() as env:
            backfill = env["aftersales.backfill"]._by_method()
            # Before anything was delivered: there is no work, only the states.
            backfill = backfill.create(
                {
                    "date_to": "1999-12-31",
                    "state": "running",
                    "user_id": SUPERUSER_ID,
                    "total_count": 1,
                }
            )
            self.backfill_id = backfill.id
        self.addCleanup(self._clean_up)

    def _clean_up(self):
        with self._transaction() as env:
            backfill = self._backfill(env)
            backfill._by_method().state = "draft"
            backfill.unlink()

    @contextmanager
    def _transaction(self):
        """Open a real connection of its own, as another worker would."""
        with closing(db_connect(get_db_name()).cursor()) as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            yield env
            env.flush_all()
            # The other transaction has to see what this one did.
            cr.commit()  # pylint: disable=invalid-commit

    def _backfill(self, env):
        return env["aftersales.backfill"].browse(self.backfill_id)

    def _state(self):
        with self._transaction() as env:
            return self._backfill(env).state

    def test_second_process_leaves_it_alone(self):
        with self._transaction() as first:
            self._backfill(first).lock_for_update(allow_referencing=True)
            with self._transaction() as second:
                second["aftersales.backfill"]._cron_run()
            self.assertEqual(self._state(), "running")
        with self._transaction() as first:
            first["aftersales.backfill"]._cron_run()
        self.assertEqual(self._state(), "done")

    def test_paused_by_somebody_else(self):
        """The state is read after the lock, not from an old snapshot."""
        with self._transaction() as worker:
            self.assertEqual(self._backfill(worker).state, "running")
            with self._transaction() as user:
                self._backfill(user).action_pause()
            self._backfill(worker)._run()
        self.assertEqual(self._state(), "paused")
