"""Work that waits to be done, made with the builders of the add-ons' own tests.

``World.make`` commits it and tells the ids; the actions of ``fire_actions`` find it by them.
"""

from datetime import timedelta
from unittest.mock import patch

from passlib.context import CryptContext

from odoo import Command, fields
from odoo.sql_db import Cursor

from odoo.addons.aftersales_parts.tests.refund_common import RefundCommon
from odoo.addons.aftersales_quality.tests.complaint_common import ComplaintCommon
from odoo.addons.aftersales_quality.tests.supplier_common import SupplierCommon
from odoo.addons.aftersales_service.tests.card_common import CardCommon
from odoo.addons.aftersales_service.tests.contract_common import ContractCommon
from odoo.addons.aftersales_service.tests.scene import HASHING

# Whom the steps of a complaint are about.
PEOPLE = {
    "supervisor": "res.users",
    "agent": "res.users",
    "company": "res.company",
    "worker": "hr.employee",
    "cause": "aftersales.cause",
}


class World(ComplaintCommon, SupplierCommon, RefundCommon, CardCommon, ContractCommon):
    """All floors at once: what is half done, and what is due."""

    @classmethod
    def make(cls):
        """Return ``{name: ids}`` of what the actions are about."""
        quick = CryptContext(["pbkdf2_sha512"], pbkdf2_sha512__rounds=1)
        with (
            patch(HASHING, lambda _users: quick),
            patch("odoo.modules.module.current_test", True),
        ):
            cls.setUpClass()
            world = cls("make")
            made = {
                name.removeprefix("_make_"): getattr(world, name)()
                for name in sorted(dir(cls))
                if name.startswith("_make_")
            }
        cls.env.flush_all()
        # A test is not allowed to; this is none, and its process ends here.
        Cursor.commit(cls.cr)
        return {
            **{name: records.ids for name, records in made.items()},
            "people": {name: getattr(cls, name).id for name in PEOPLE},
        }

    @classmethod
    def over(cls, env, made):
        """Return the helpers of the world over another environment."""
        world = cls("make")
        world.env = env
        for name, model in PEOPLE.items():
            setattr(world, name, env[model].browse(made["people"][name]))
        return world

    # ------------------------------------------------------------- half done
    def _make_delivery(self):
        """A delivery of three machines that the warehouse is about to validate."""
        lots = self._lots("FIRE-1", "FIRE-2", "FIRE-3")
        picking = self._sell((self.harvester, 3)).picking_ids
        picking.action_assign()
        self._take_lots(picking.move_ids, lots)
        return picking

    def _requested(self, remedy, product=None, **kwargs):
        order = self._sold(product, quantity=kwargs.pop("quantity", 3), **kwargs)
        move = order.picking_ids.move_ids
        return self._rma((move, move.quantity, {"remedy": remedy}), description="Fire")

    def _make_refund(self):
        return self._requested("refund")

    def _make_exchange(self):
        return self._requested("exchange")

    def _make_repair(self):
        self.company.aftersales_repair_check = False
        return self._requested(
            "repair", self.harvester, quantity=1, lots=self._lots("FIRE-4")
        )

    def _make_visit(self):
        return self._running()

    def _make_ticket(self):
        ticket = self._ticket()
        ticket.action_open()
        return ticket

    def _make_complaint(self):
        self._no_approvals()
        return self._complain()

    def _make_claim(self):
        return self._agreed()

    def _make_campaign(self):
        self._sold_unit("FIRE-5")
        return self.env["aftersales.campaign"].create(
            {
                "name": "Before the harvest",
                "date": fields.Date.today() + timedelta(days=30),
                "text": "<p>Bring your machine.</p>",
                "product_ids": [Command.set(self.harvester.ids)],
            }
        )

    def _make_backfill(self):
        """Machines delivered before anybody asked for their units."""
        old = self._product("Old mower", stock=5, aftersales_voucher="none")
        for _number in range(3):
            self._sold(old, invoice=False)
        old.aftersales_voucher = "line"
        backfill = self.env["aftersales.backfill"].create({})
        return backfill

    # ------------------------------------------------------------------- due
    def _make_late_ticket(self):
        now = fields.Datetime.now()
        self.env["aftersales.escalation"].create(
            {
                "name": "Fire watch",
                "clock": "promise",
                "audience": "users",
                "user_ids": [Command.set(self.supervisor.ids)],
                "team_id": self.team.id,
            }
        )
        return self.env["aftersales.ticket"].create(
            [
                {
                    "symptom": "Does not start",
                    "partner_name": "Late",
                    "team_id": self.team.id,
                    "date_open": now - timedelta(minutes=2),
                    "promised_date": now - timedelta(minutes=1),
                }
                for _number in range(3)
            ]
        )

    def _make_loan(self):
        self._stock(self.oil, 5)
        loan = self.env["aftersales.loan"].create(
            {
                "kind": "tool",
                "employee_id": self.chen.id,
                "product_id": self.oil.id,
                "date_due": fields.Date.today() - timedelta(days=1),
            }
        )
        loan._step({"state": "out", "date_out": fields.Datetime.now()})
        return loan

    def _make_contract(self):
        today = fields.Date.today()
        return self._contract(
            self._proven_unit("FIRE-6"),
            date_start=today - timedelta(days=350),
            date_end=today + timedelta(days=10),
        )

    def _make_card(self):
        """A visit whose card is to be sent."""
        visit = self._done(self.zhou)
        visit.sudo().card_ids._by_method().write(
            {"aftersales_send_date": fields.Datetime.now()}
        )
        return visit

    def _make_look(self):
        """A ticket at which the laws are to be looked at again today."""
        ticket = self._ticket(equipment_id=self._sold_unit("FIRE-7").id)
        ticket._by_method().write({"remedy_check_date": fields.Datetime.now()})
        return ticket

    def _make_containment(self):
        """A machine of a bad lot, that is to get a ticket and has none."""
        containment = self.env["aftersales.containment"].create(
            {
                "title": "Exchange the pump",
                "product_id": self.harvester.id,
                "lot_ids": [Command.set(self._sold_unit("FIRE-8").lot_id.ids)],
            }
        )
        containment.action_start()
        containment._by_method().write({"tickets_wanted": True})
        return containment

    def _make_opinion(self):
        """What a customer said last week."""
        return self.env["aftersales.product.feedback"].create(
            {
                "product_id": self.harvester.id,
                "topic": "wish",
                "description": "A wider header.",
                "date": fields.Date.today() - timedelta(days=7),
            }
        )
