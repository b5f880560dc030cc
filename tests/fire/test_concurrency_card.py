"""Two answers to one card at the same moment: the first counts, the other is told."""

import threading
from contextlib import closing, contextmanager

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger

ITEMS = ("attitude", "skill", "arrival", "promise")


@tagged("post_install", "-at_install")
class TestConcurrencyCard(BaseCase):
    """Proves: one answer per card, one mail per card, whoever else is at it."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self._transaction() as env:
            company = env.ref("base.main_company")
            env = env(context={"allowed_company_ids": company.ids})
            partner = env["res.partner"].create(
                {"name": "Concurrent farmer", "email": "concurrent@example.com"}
            )
            employee = env["hr.employee"].create(
                {
                    "name": "Concurrent technician",
                    "company_id": company.id,
                    "aftersales_technician": True,
                }
            )
            ticket = env["aftersales.ticket"].create(
                {
                    "symptom": "Does not start",
                    "partner_id": partner.id,
                    "company_id": company.id,
                }
            )
            now = fields.Datetime.now()
            visit = env["aftersales.dispatch"].create(
                {
                    "ticket_id": ticket.id,
                    "technician_id": employee.id,
                    "date_start": now,
                    "date_end": fields.Datetime.add(now, hours=1),
                }
            )
            visit._step(
                {
                    "state": "done",
                    "assign_date": now,
                    "arrive_date": now,
                    "finish_date": now,
                }
            )
            visit._create_cards()
            self.ids = {
                "rating.rating": visit.card_ids.id,
                "aftersales.dispatch": visit.id,
                "aftersales.ticket": ticket.id,
                "hr.employee": employee.id,
                "res.partner": partner.id,
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

    def _record(self, env, model):
        return env[model].browse(self.ids[model])

    def _clean_up(self):
        with self._transaction() as env:
            env["mail.mail"].search(
                [("recipient_ids", "in", [self.ids["res.partner"]])]
            ).unlink()
            self._record(env, "rating.rating")._by_method().unlink()
            visit = self._record(env, "aftersales.dispatch")
            visit._step({"assign_date": False, "state": "draft"})
            visit.unlink()
            ticket = self._record(env, "aftersales.ticket")
            env["aftersales.callback"].search([("ticket_id", "=", ticket.id)]).unlink()
            ticket._by_method().unlink()
            employee = self._record(env, "hr.employee")
            contact = employee.work_contact_id
            employee.unlink()
            (self._record(env, "res.partner") | contact).unlink()

    def _together(self, work):
        """Run a piece of work in two transactions that begin together."""
        barrier = threading.Barrier(2, timeout=30)
        results = {}

        def run(name):
            with closing(self.registry.cursor()) as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                attempts = []

                def attempt():
                    card = self._record(env, "rating.rating")
                    card.read(["consumed"])
                    if not attempts:
                        attempts.append(name)
                        barrier.wait()
                    return work(card, name)

                try:
                    results[name] = retrying(attempt, env)
                except UserError as error:
                    results[name] = str(error)

        threads = [threading.Thread(target=run, args=(name,)) for name in "14"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return results

    @mute_logger("odoo.service.model", "odoo.sql_db")
    def test_first_answer_counts(self):
        """Proves: of two answers at once one is kept whole, the other refused."""

        def answer(card, level):
            card._answer_card(dict.fromkeys(ITEMS, level))
            return "kept"

        results = self._together(answer)
        kept = [level for level, result in results.items() if result == "kept"]
        self.assertEqual(len(kept), 1, results)
        [refusal] = [text for text in results.values() if text != "kept"]
        self.assertRegex(refusal, "answered")
        with self._transaction() as env:
            card = self._record(env, "rating.rating")
            self.assertEqual(
                [card[f"aftersales_{item}"] for item in ITEMS], kept * len(ITEMS)
            )

    @mute_logger("odoo.service.model", "odoo.sql_db", "odoo.addons.base.models.ir_cron")
    def test_one_mail_from_two_offices(self):
        """Proves: the job in two processes sends one mail, and reminds once."""
        with self._transaction() as env:
            card = self._record(env, "rating.rating")._by_method()
            card.aftersales_send_date = fields.Datetime.now()

        def send(card, _name):
            card._cron_send_cards()
            return "done"

        self._together(send)
        with self._transaction() as env:
            partner = self._record(env, "res.partner")
            mails = env["mail.mail"].search([("recipient_ids", "in", partner.ids)])
            self.assertEqual(len(mails), 1)
            self.assertTrue(self._record(env, "rating.rating").aftersales_sent_date)
