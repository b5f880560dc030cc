"""Two agents who reach for the same ticket at the same moment, on real connections."""

from contextlib import closing, contextmanager
from datetime import datetime

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, new_test_user, tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestTakeConcurrency(BaseCase):
    """Proves: one agent has the ticket, the other reads who."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self._clean_up)
        with self._transaction() as env:
            group = "aftersales_service.aftersales_service_group_agent"
            self.agents = [
                new_test_user(env, login=login, groups=f"base.group_user,{group}").id
                for login in ("take_one", "take_two")
            ]
            self.partners = env["res.users"].browse(self.agents).partner_id.ids
            self.ticket = (
                env["aftersales.ticket"]
                .create({"symptom": "Leaks", "partner_name": "Two at Once"})
                .id
            )

    def _clean_up(self):
        with self._transaction() as env:
            ticket = env["aftersales.ticket"].browse(self.ticket)
            ticket._by_method().write({"state": "new"})
            ticket.unlink()
            env["res.users"].browse(self.agents).unlink()
            env["res.partner"].browse(self.partners).unlink()

    @contextmanager
    def _transaction(self):
        """Open a real connection of its own, as another worker would."""
        with closing(db_connect(get_db_name()).cursor()) as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            yield env
            env.flush_all()
            # The other transaction has to see what this one did.
            cr.commit()  # pylint: disable=invalid-commit

    def _reach(self, method):
        """Both read the ticket as free, then both press the button."""
        first_agent, second_agent = self.agents
        with closing(db_connect(get_db_name()).cursor()) as cr:
            second = api.Environment(cr, second_agent, {})["aftersales.ticket"].browse(
                self.ticket
            )
            self.assertTrue(second.can_take)
            with self._transaction() as env:
                ticket = env["aftersales.ticket"].browse(self.ticket)
                getattr(ticket.with_user(first_agent), method)()
            with (
                self.assertRaises(SerializationFailure),
                mute_logger("odoo.sql_db"),
            ):
                getattr(second, method)()
                second.env.flush_all()
            cr.rollback()
            # The server tries again by itself, and now he reads who has it.
            second.invalidate_recordset()
            with self.assertRaisesRegex(UserError, "take_one"):
                getattr(second, method)()
            self.assertEqual(second.user_id.id, first_agent)

    def test_taking(self):
        self._reach("action_take")

    def test_starting(self):
        self._reach("action_open")
        with self._transaction() as env:
            ticket = env["aftersales.ticket"].browse(self.ticket)
            self.assertLessEqual(ticket.respond_date, datetime.now())
