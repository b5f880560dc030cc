from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command

from .common import AftersalesCommon

# Four o'clock in the afternoon in China.
HOUR = "08:00:00"


class RemedyCommon(AftersalesCommon):
    """Goods of each kind that a law names, sold in China, with helpers to break them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        china = cls.env.ref("base.cn")
        cls.company.partner_id.write({"country_id": china.id, "tz": "Asia/Shanghai"})
        (cls.farmer | cls.other_farmer).write(
            {"country_id": china.id, "tz": "Asia/Shanghai"}
        )
        cls.team.supervisor_id = cls.supervisor
        cls.general = cls._goods("general", "machine", "electronic")
        cls.machine = cls._goods("farm_machine", "machine")
        cls.car = cls._goods("car", "car")
        cls.bolt = cls.env["product.product"].create({"name": "Bolt", "type": "consu"})

    @classmethod
    def _goods(cls, code, *roots):
        """Return a product of a kind of goods, promised for two years."""
        policy = cls.env["aftersales.warranty.policy"].create(
            {
                "name": code,
                "start_on": "delivery",
                "term_ids": [
                    Command.create(
                        {
                            "component_id": cls._component(root).id,
                            "duration": 24,
                            "duration_unit": "month",
                        }
                    )
                    for root in roots
                ],
            }
        )
        return cls.env["product.product"].create(
            {
                "name": code,
                "type": "consu",
                "is_storable": True,
                "tracking": "serial",
                "aftersales_policy_id": policy.id,
                "aftersales_class_id": cls._class(code).id,
            }
        )

    @classmethod
    def _class(cls, code):
        return cls.env.ref(f"aftersales_service.aftersales_product_class_{code}")

    @classmethod
    def _component(cls, code):
        if not code:
            return cls.env["aftersales.component"]
        return cls.env.ref(f"aftersales_service.aftersales_component_{code}")

    @classmethod
    def _rule(cls, code):
        return cls.env.ref(f"aftersales_service.aftersales_remedy_rule_{code}")

    @classmethod
    def _reason(cls, code):
        return cls.env.ref(f"aftersales_service.aftersales_custody_reason_{code}")

    # ------------------------------------------------------------
    # BUILDERS
    # ------------------------------------------------------------

    def _unit(self, product, sold="2026-01-05", **values):
        """Return a unit that was delivered on a day."""
        with self._at(sold):
            return self.env["aftersales.equipment"].create(
                {
                    "product_id": product.id,
                    "serial": f"R-{self.env['aftersales.equipment'].search_count([])}",
                    "partner_id": self.farmer.id,
                    "delivery_date": sold,
                    **values,
                }
            )

    def _at(self, moment):
        """Freeze the time (UTC) on a day, or at a moment."""
        return freeze_time(moment if " " in moment else f"{moment} {HOUR}")

    def _fault(self, unit, day, component=None, **values):
        """Return the ticket of a fault reported on a day."""
        with self._at(day):
            return self.env["aftersales.ticket"].create(
                {
                    "symptom": "Does not work",
                    "equipment_id": unit.id,
                    "component_id": self._component(component).id,
                    **values,
                }
            )

    def _solve(self, ticket, day):
        with self._at(day):
            ticket.action_solve()
        return ticket

    def _repair(self, unit, day, component=None, part=None, **values):
        """Return a ticket that was repaired on the day of its report."""
        ticket = self._fault(unit, day, component, **values)
        with self._at(day):
            if part:
                self._part(ticket, part)
            ticket.action_solve()
        return ticket

    def _part(self, ticket, product, component=None, state="used"):
        return self.env["aftersales.ticket.line"].create(
            {
                "ticket_id": ticket.id,
                "kind": "part",
                "product_id": product.id,
                "component_id": (component or ticket.component_id).id,
                "state": state,
            }
        )

    def _stay(self, ticket, begin, end=None, stops=()):
        """Return a stay of the unit in our hands.

        :param stops: ``(reason code, begin, end)``; end may be None
        """
        with self._at(begin):
            ticket.action_hand_in()
        custody = ticket.custody_id
        for code, since, to in stops:
            with self._at(since):
                custody.action_stop(self._reason(code).id)
            if to:
                with self._at(to):
                    custody.action_continue()
        if end:
            with self._at(end):
                custody.action_hand_back()
        return custody

    def _schedule(self, moment):
        """Run the scheduled action at a moment."""
        Cron = type(self.env["ir.cron"])

        def no_commit(_self, processed=0, *, remaining=None, deactivate=False):
            return 60.0

        with self._at(moment), patch.object(Cron, "_commit_progress", no_commit):
            self.env["aftersales.remedy"]._cron_propose()

    def _rules_of(self, unit):
        """Return the rules that have given the unit a right."""
        self.env["aftersales.remedy"].flush_model()
        unit.invalidate_recordset(["remedy_ids"])
        return unit.remedy_ids.rule_id
