from datetime import datetime

from odoo import Command
from odoo.tests import new_test_user

from .common import QualityCommon

FAILED = datetime(2026, 11, 10, 3)


class SupplierCommon(QualityCommon):
    """A belt bought by lot, that failed under warranty at a farmer's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.aftersales_complaint_records = True
        cls.supplier, cls.rival = cls.env["res.partner"].create(
            [
                {
                    "name": name,
                    "lang": "en_US",
                    "is_company": True,
                    "email": f"{mail}@vendors.example",
                }
                for name, mail in (("Belt Works", "belts"), ("Rival Belts", "rival"))
            ]
        )
        cls.belt = cls.env["product.product"].create(
            {
                "name": "Belt",
                "type": "consu",
                "is_storable": True,
                "tracking": "lot",
                "standard_price": 40.0,
                "list_price": 90.0,
                "aftersales_voucher": "none",
                "seller_ids": [Command.create({"partner_id": cls.rival.id})],
            }
        )
        cls.lot, cls.other_lot = cls.env["stock.lot"].create(
            [
                {"name": name, "product_id": cls.belt.id, "company_id": cls.company.id}
                for name in ("B-1", "B-2")
            ]
        )
        cls.buyer = new_test_user(
            cls.env,
            login="buyer",
            groups="base.group_user,purchase.group_purchase_user",
            context={"no_reset_password": True},
            lang="en_US",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.order = cls._buy(cls, cls.supplier, cls.lot, 10, 30.0)
        cls.receipt = cls.order.picking_ids

    def _buy(self, supplier, lot, quantity, price, currency=None, bill=False):
        """Buy and receive a lot."""
        order = self.env["purchase.order"].create(
            {
                "partner_id": supplier.id,
                "currency_id": (currency or self.company.currency_id).id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": lot.product_id.id,
                            "product_qty": quantity,
                            "price_unit": price,
                        }
                    )
                ],
            }
        )
        order.button_confirm()
        receipt = order.picking_ids
        receipt.move_ids.move_line_ids.unlink()
        receipt.move_ids.move_line_ids = [
            Command.create(
                {
                    "picking_id": receipt.id,
                    "product_id": lot.product_id.id,
                    "lot_id": lot.id,
                    "quantity": quantity,
                    "location_id": receipt.location_id.id,
                    "location_dest_id": receipt.location_dest_id.id,
                }
            )
        ]
        receipt.move_ids.picked = True
        receipt.button_validate()
        if bill:
            order.action_create_invoice()
            order.invoice_ids.invoice_date = "2026-10-01"
            order.invoice_ids.action_post()
        return order

    def _work(self, ticket, kind, quantity, cost, **values):
        """Note work done that we bear; return its line.

        :param cost: what it has cost us in all
        """
        line = self.env["aftersales.ticket.line"].create(
            {
                "ticket_id": ticket.id,
                "kind": kind,
                "quantity": quantity,
                "state": "used",
                "date_done": FAILED,
                "coverage": "goodwill",
                "coverage_reason": "Our part failed",
                **values,
            }
        )
        line._by_method().write({"cost_unit": cost / quantity})
        return line

    def _failed(self, lot=None, **values):
        """Return a ticket with a changed belt of 40 and two hours of 60 in all."""
        ticket = self._ticket(**values)
        self._work(
            ticket,
            "part",
            1,
            40,
            product_id=self.belt.id,
            old_lot_id=(lot or self.lot).id,
        )
        self._work(ticket, "labour", 2, 60)
        return ticket

    def _claim(self, user=None, **values):
        return (
            self.env["aftersales.supplier.claim"]
            .with_user(user or self.quality_lead)
            .create({"partner_id": self.supplier.id, **values})
        )

    def _sent(self, claimed=100.0, **values):
        claim = self._claim(
            line_ids=[Command.create({"name": "Belt", "claimed": claimed})], **values
        )
        claim.action_send()
        return claim

    def _agreed(self, claimed=100.0, agreed=80.0, **values):
        claim = self._sent(claimed, **values)
        claim.line_ids.write(
            {"offered": agreed, "agreed": agreed, "cut_reason": "Wear"}
        )
        claim.action_answer()
        claim.action_agree()
        return claim
