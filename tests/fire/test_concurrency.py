"""Two people press at the same moment: one wins, the other reads why."""

import threading
from contextlib import closing, contextmanager

from odoo import SUPERUSER_ID, api
from odoo.exceptions import ValidationError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestConcurrency(BaseCase):
    """Proves section B of the vouchers: exactly once, whoever else presses."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self._transaction() as env:
            product = env["product.product"].create(
                {
                    "name": "Concurrent harvester",
                    "type": "consu",
                    "is_storable": True,
                    "tracking": "serial",
                }
            )
            partner = env["res.partner"].create({"name": "Concurrent farmer"})
            self.vals = {
                "product_id": product.id,
                "partner_id": partner.id,
                "serial": "CONCURRENT-1",
            }
        self.addCleanup(self._clean_up)

    @contextmanager
    def _transaction(self):
        """Open a real connection of its own, as another worker would."""
        with closing(db_connect(get_db_name()).cursor()) as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            yield env
            env.flush_all()
            # The other transaction has to see what this one did.
            cr.commit()  # pylint: disable=invalid-commit

    def _clean_up(self):
        with self._transaction() as env:
            product = env["product.product"].browse(self.vals["product_id"])
            units = env["aftersales.equipment"].search(
                [("product_id", "=", product.id)]
            )
            units.unlink()
            env["stock.lot"].search([("product_id", "=", product.id)]).unlink()
            product.product_tmpl_id.unlink()
            env["res.partner"].browse(self.vals["partner_id"]).unlink()

    def _wait_until_blocked(self, pid):
        """Return once the other connection waits for a lock, or has given up."""
        with closing(db_connect(get_db_name()).cursor()) as cr:
            for _attempt in range(2000):
                cr.execute("SELECT cardinality(pg_blocking_pids(%s))", [pid])
                if cr.fetchone()[0] or not self.thread.is_alive():
                    return
                cr.execute("SELECT pg_sleep(0.005)")
        self.fail("the second transaction never met the first one")

    def test_same_serial_registered_twice_at_once(self):
        answers, second_pid, started = [], [], threading.Event()

        def second_clerk():
            with closing(db_connect(get_db_name()).cursor()) as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                second_pid.append(cr.connection.info.backend_pid)
                started.set()
                try:
                    with mute_logger("odoo.sql_db"):
                        retrying(
                            lambda: env["aftersales.equipment"].create(self.vals), env
                        )
                except ValidationError as error:
                    answers.append(str(error))

        with self._transaction() as env:
            first = env["aftersales.equipment"].create(self.vals)
            env.flush_all()
            self.thread = threading.Thread(target=second_clerk)
            self.thread.start()
            started.wait(10)
            self._wait_until_blocked(second_pid[0])
            first_id = first.id
        self.thread.join(30)
        self.assertFalse(self.thread.is_alive())
        with self._transaction() as env:
            units = env["aftersales.equipment"].search(
                [("product_id", "=", self.vals["product_id"])]
            )
            self.assertEqual(units.ids, [first_id])
        self.assertEqual(len(answers), 1)
        self.assertIn("already has a service voucher in use", answers[0])
