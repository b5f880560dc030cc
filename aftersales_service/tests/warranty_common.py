from odoo import Command

from .common import AftersalesCommon


class WarrantyCommon(AftersalesCommon):
    """A harvester sold with the terms of the rule book, and a few of its parts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in ("machine", "main", "frame", "electrical", "battery", "wear"):
            setattr(cls, code, cls._component(code))
        cls.policy = cls._policy("Harvesters")
        cls.harvester.aftersales_policy_id = cls.policy
        Product = cls.env["product.product"]
        common = {"type": "consu", "list_price": 200, "standard_price": 80}
        cls.frame_part, cls.battery_part, cls.belt, cls.panel = Product.create(
            [
                {**common, "name": name, "aftersales_component_id": component.id}
                for name, component in (
                    ("Frame beam", cls.frame),
                    ("Battery 12 V", cls.battery),
                    ("V-belt", cls.wear),
                    ("Side panel", cls.env["aftersales.component"]),
                )
            ]
        )
        cls.labour = Product.create(
            {"name": "Labour", "type": "service", "list_price": 100}
        )

    @classmethod
    def _component(cls, code):
        return cls.env.ref(f"aftersales_service.aftersales_component_{code}")

    @classmethod
    def _policy(cls, name, terms=None, **values):
        terms = terms or [
            (cls.machine, 12, "month"),
            (cls.main, 24, "month"),
            (cls.electrical, 3, "month"),
            (cls.wear, 0, "month"),
        ]
        return cls.env["aftersales.warranty.policy"].create(
            {
                "name": name,
                "start_on": "delivery",
                "term_ids": [
                    Command.create(
                        {
                            "component_id": component.id,
                            "duration": duration,
                            "duration_unit": unit,
                        }
                    )
                    for component, duration, unit in terms
                ],
                **values,
            }
        )

    def _proven_unit(self, serial="S-1", **values):
        """Return a sold unit whose proof of purchase was accepted."""
        unit = self._sold_unit(serial)
        unit.write({"proof_accepted": True, **values})
        return unit

    def _line(self, ticket, product=None, kind="part", **values):
        return ticket.env["aftersales.ticket.line"].create(
            {
                "ticket_id": ticket.id,
                "kind": kind,
                "product_id": product.id if product else False,
                **values,
            }
        )
