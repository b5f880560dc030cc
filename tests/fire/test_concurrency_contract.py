"""Contracts counted on by two people at once, on real connections."""

import threading
from contextlib import closing, contextmanager
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import ValidationError
from odoo.fields import Command, Domain
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestContractConcurrency(BaseCase):
    """Proves section C: no visit is used twice, no unit covered twice, no letter sent
    twice, whoever else is at it."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self._transaction() as env:
            product = env["product.product"].create(
                {"name": "Concurrent harvester", "type": "consu"}
            )
            partner = env["res.partner"].create(
                {"name": "Concurrent farmer", "email": "farmer@example.com"}
            )
            unit = env["aftersales.equipment"].create(
                {
                    "product_id": product.id,
                    "partner_id": partner.id,
                    "delivery_date": "2020-01-01",
                }
            )
            self.ids = {"product": product.id, "partner": partner.id, "unit": unit.id}
            contract = self._draft(env, visits_included=1)
            contract.action_confirm()
            tickets = env["aftersales.ticket"].create(
                [
                    {"symptom": "S", "partner_id": partner.id, "equipment_id": unit.id}
                    for _number in range(2)
                ]
            )
            self.ids |= {"contract": contract.id, "tickets": tickets.ids}
        self.addCleanup(self._clean_up)

    def _draft(self, env, **values):
        today = fields.Date.context_today(env["aftersales.contract"])
        return env["aftersales.contract"].create(
            {
                "partner_id": self.ids["partner"],
                "equipment_ids": [Command.set([self.ids["unit"]])],
                "date_start": today - timedelta(days=300),
                "date_end": today + timedelta(days=20),
                **values,
            }
        )

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
            env["aftersales.ticket.line"].search(
                [("ticket_id", "in", self.ids["tickets"])]
            ).unlink()
            env["aftersales.ticket"].browse(self.ids["tickets"]).unlink()
            unit = env["aftersales.equipment"].browse(self.ids["unit"])
            contracts = unit.contract_ids._by_method()
            contracts.state = "draft"
            unit.coverage_ids._by_method().unlink()
            contracts.unlink()
            unit.unlink()
            env["product.product"].browse(self.ids["product"]).product_tmpl_id.unlink()
            env["res.partner"].browse(self.ids["partner"]).unlink()

    def _meanwhile(self, act):
        """Let another user act in a thread, and return (thread, his connection)."""
        pid, started, answers = [], threading.Event(), []

        def run():
            with closing(db_connect(get_db_name()).cursor()) as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                pid.append(cr.connection.info.backend_pid)
                started.set()
                try:
                    with mute_logger("odoo.sql_db"):
                        retrying(lambda: act(env), env)
                except ValidationError as error:
                    answers.append(str(error))

        thread = threading.Thread(target=run)
        thread.start()
        started.wait(10)
        self._wait_until_blocked(pid[0], thread)
        return thread, answers

    def _wait_until_blocked(self, pid, thread):
        """Return once the other connection waits for a lock, or has given up."""
        with closing(db_connect(get_db_name()).cursor()) as cr:
            for _attempt in range(2000):
                cr.execute("SELECT cardinality(pg_blocking_pids(%s))", [pid])
                if cr.fetchone()[0] or not thread.is_alive():
                    return
                cr.execute("SELECT pg_sleep(0.005)")
        self.fail("the second transaction never met the first one")

    def _plan_work(self, env, number):
        env["aftersales.ticket.line"].create(
            {"ticket_id": self.ids["tickets"][number], "kind": "labour"}
        )
        env.flush_all()

    # ------------------------------------------------------------
    # PROOFS
    # ------------------------------------------------------------

    def test_last_visit_is_used_once(self):
        with self._transaction() as env:
            self._plan_work(env, 0)
            thread, answers = self._meanwhile(lambda other: self._plan_work(other, 1))
        thread.join(60)
        self.assertFalse(thread.is_alive())
        self.assertEqual(answers, [], "the second one is served, as a paying customer")
        with self._transaction() as env:
            lines = env["aftersales.ticket.line"].search(
                [("ticket_id", "in", self.ids["tickets"])], order="id"
            )
            self.assertEqual(lines.mapped("coverage"), ["contract", "customer"])
            self.assertEqual(lines[1].coverage_code, "visits")
            contract = env["aftersales.contract"].browse(self.ids["contract"])
            self.assertEqual(contract.visits_planned, 1)

    def test_unit_under_two_contracts_confirmed_at_once(self):
        with self._transaction() as env:
            today = fields.Date.context_today(env["aftersales.contract"])
            period = {
                "date_start": today + timedelta(days=21),
                "date_end": today + timedelta(days=200),
            }
            first, second = (self._draft(env, **period) for _number in range(2))
            ids = (first | second).ids

        def confirm(other):
            other["aftersales.contract"].browse(ids[1]).action_confirm()
            other.flush_all()

        with self._transaction() as env:
            env["aftersales.contract"].browse(ids[0]).action_confirm()
            env.flush_all()
            thread, answers = self._meanwhile(confirm)
        thread.join(60)
        self.assertEqual(len(answers), 1)
        self.assertIn("two contracts at the same time", answers[0])
        with self._transaction() as env:
            contracts = env["aftersales.contract"].browse(ids)
            self.assertEqual(contracts.mapped("state"), ["active", "draft"])

    def _remind(self, env):
        """Work off one batch of the job, narrowed to our contract."""
        Contract = env["aftersales.contract"]
        contract = Contract.browse(self.ids["contract"])
        domain = Contract._get_ending_domain(contract.company_id)
        domain &= Domain("id", "=", contract.id)
        return Contract._work_off(Contract, domain, "_remind", [])

    def test_two_processes_send_one_letter(self):
        with self._transaction() as first:
            done, _stuck = self._remind(first)
            self.assertEqual(done, 1)
            first.flush_all()
            with self._transaction() as second:
                self.assertEqual(self._remind(second), (0, []), "locked: left alone")
        with self._transaction() as env:
            self.assertEqual(self._remind(env), (0, []), "done already")
            self._assert_one_letter(env)

    def test_reminded_by_another_process_meanwhile(self):
        """A process that saw it as due before the other one committed."""
        with self._transaction() as late:
            late["aftersales.contract"].search_count([])
            with self._transaction() as quick:
                self.assertEqual(self._remind(quick)[0], 1)
            with mute_logger("odoo.sql_db"):
                done, stuck = self._remind(late)
            self.assertEqual((done, stuck), (0, [self.ids["contract"]]))
        with self._transaction() as env:
            self._assert_one_letter(env)

    def _assert_one_letter(self, env):
        contract = env["aftersales.contract"].browse(self.ids["contract"])
        letters = contract.message_ids.filtered("partner_ids")
        self.assertEqual(len(letters), 1)
        self.assertEqual(contract.reminded_end, contract.date_end)
