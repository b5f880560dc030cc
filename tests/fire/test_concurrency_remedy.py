"""Two processes that find the same right at the same moment, on real connections."""

import threading
from contextlib import closing, contextmanager

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID, api
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestRemedyConcurrency(BaseCase):
    """Proves: a right is proposed once, however many find it at the same time."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self._clean_up)
        with self._transaction() as env:
            china = env.ref("base.cn")
            holder = env["res.partner"].create(
                {"name": "Two at Once", "country_id": china.id}
            )
            goods = env.ref("aftersales_service.aftersales_product_class_general")
            product = env["product.product"].create(
                {"name": "Two at Once", "aftersales_class_id": goods.id}
            )
            unit = env["aftersales.equipment"].create(
                {
                    "product_id": product.id,
                    "partner_id": holder.id,
                    "delivery_date": env.cr.now().date(),
                }
            )
            ticket = env["aftersales.ticket"].create(
                {
                    "symptom": "Broken",
                    "equipment_id": unit.id,
                    "performance_fault": False,
                }
            )
            self.ids = {
                "aftersales_ticket": ticket.id,
                "aftersales_equipment": unit.id,
                "product_product": product.id,
                "product_template": product.product_tmpl_id.id,
                "res_partner": holder.id,
            }
            # As if it had not been looked at yet.
            env.flush_all()
            env.cr.execute(
                "UPDATE aftersales_ticket SET performance_fault = true WHERE id = %s",
                [ticket.id],
            )

    def _clean_up(self):
        ids = self.ids
        with closing(db_connect(get_db_name()).cursor()) as cr:
            ticket = ids["aftersales_ticket"]
            cr.execute("DELETE FROM aftersales_remedy WHERE ticket_id = %s", [ticket])
            for table, record in ids.items():
                cr.execute(f"DELETE FROM {table} WHERE id = %s", [record])
            cr.commit()  # pylint: disable=invalid-commit

    @contextmanager
    def _transaction(self):
        """Open a real connection of its own, as another worker would."""
        with closing(db_connect(get_db_name()).cursor()) as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            yield env
            env.flush_all()
            # The other transaction has to see what this one did.
            cr.commit()  # pylint: disable=invalid-commit

    def _propose(self, env):
        ticket = env["aftersales.ticket"].browse(self.ids["aftersales_ticket"])
        env["aftersales.remedy"]._propose_for(ticket)
        env.flush_all()

    def _count(self):
        with self._transaction() as env:
            unit = env["aftersales.equipment"].browse(self.ids["aftersales_equipment"])
            return len(unit.remedy_ids), unit.remedy_count

    def test_second_is_told_to_look_again(self):
        told = []

        def second():
            with mute_logger("odoo.sql_db"):
                try:
                    with self._transaction() as env:
                        # It saw the database before the first one was through.
                        env["res.users"].browse(SUPERUSER_ID).mapped("login")
                        started.set()
                        self._propose(env)
                except OperationalError as error:
                    told.append(error)

        started = threading.Event()
        with self._transaction() as first:
            self._propose(first)
            thread = threading.Thread(target=second)
            thread.start()
            self.assertTrue(started.wait(30))
            # The second waits for the unit until the first one commits.
            thread.join(1)
            self.assertTrue(thread.is_alive())
        thread.join(30)
        self.assertEqual(len(told), 1, "the server repeats such a request")
        self.assertEqual(self._count(), (1, 1))
        with self._transaction() as env:
            self._propose(env)
        self.assertEqual(self._count(), (1, 1))
