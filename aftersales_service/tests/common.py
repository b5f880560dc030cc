from odoo import Command
from odoo.tests.common import TransactionCase

from .scene import Scene


class AftersalesCommon(TransactionCase):
    """A harvester maker with its people, products and helpers to sell a machine."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        scene = Scene(cls.env)
        records = scene.find() or scene.make()
        scene.restart_numbers(records["company"])
        company = records["company"]
        cls.env.user.write(
            {
                "lang": "en_US",
                "company_ids": [Command.link(company.id)],
                "company_id": company.id,
            }
        )
        cls.env = cls.env(
            context={
                **cls.env.context,
                "allowed_company_ids": company.ids,
                "mail_notrack": True,
            }
        )
        for name, record in records.items():
            setattr(cls, name, record.with_env(cls.env))
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", company.id)], limit=1
        )
        cls.stock = cls.warehouse.lot_stock_id

    # ------------------------------------------------------------
    # BUILDERS
    # ------------------------------------------------------------

    @classmethod
    def _create_calendar(cls, name, days, hours):
        """Create working hours in Shanghai, from Monday on, and make the company's of them.

        :param int days: how many days a week
        :param hours: pairs of first and last hour, for each of the days
        """
        cls.company.partner_id.tz = "Asia/Shanghai"
        calendar = cls.env["resource.calendar"].create(
            {
                "name": name,
                "company_id": cls.company.id,
                "tz": "Asia/Shanghai",
                "attendance_ids": [
                    Command.create(
                        {
                            "name": "Work",
                            "dayofweek": str(day),
                            "hour_from": first,
                            "hour_to": last,
                        }
                    )
                    for day in range(days)
                    for first, last in hours
                ],
            }
        )
        cls.company.resource_calendar_id = calendar
        return calendar

    def _lots(self, *names, product=None):
        """Create serial numbers and put one piece of each on stock."""
        product = product or self.harvester
        lots = self.env["stock.lot"].create(
            [
                {"name": name, "product_id": product.id, "company_id": self.company.id}
                for name in names
            ]
        )
        for lot in lots:
            self.env["stock.quant"]._update_available_quantity(
                product, self.stock, 1, lot_id=lot
            )
        return lots

    def _stock(self, product, quantity, location=None):
        """Put an untracked quantity on stock."""
        self.env["stock.quant"]._update_available_quantity(
            product, location or self.stock, quantity
        )

    def _sell(self, *lines, partner=None, ship_to=None, user=None):
        """Confirm an order of (product, quantity) pairs."""
        partner = partner or self.farmer
        # The salesman is told of his order by a mail that takes as long as the order.
        Order = self.env["sale.order"].with_context(mail_auto_subscribe_no_notify=True)
        order = Order.create(
            {
                "partner_id": partner.id,
                "partner_shipping_id": (ship_to or partner).id,
                "user_id": (user or self.salesman).id,
                "order_line": [
                    Command.create(
                        {"product_id": product.id, "product_uom_qty": quantity}
                    )
                    for product, quantity in lines
                ],
            }
        ).with_env(self.env)
        order.action_confirm()
        return order

    def _deliver(self, order, lots=None, quantity=None, backorder=True):
        """Validate the open transfers of an order and return them.

        :param lots: the serial numbers to take, whatever was reserved
        :param quantity: done quantity of every move, the demand when None
        """
        pickings = order.picking_ids.filtered(
            lambda picking: picking.state not in ("done", "cancel")
        )
        for picking in pickings.sorted("id"):
            self._validate(picking, lots, quantity, backorder)
        return pickings

    def _validate(self, picking, lots=None, quantity=None, backorder=True):
        picking.action_assign()
        for move in picking.move_ids:
            if lots and move.product_id.tracking != "none":
                self._take_lots(move, lots)
            elif quantity is not None:
                move.quantity = quantity
            move.picked = True
        context = {"skip_backorder": True}
        if not backorder:
            context["picking_ids_not_to_backorder"] = picking.ids
        picking.with_context(**context).button_validate()
        return picking

    def _take_lots(self, move, lots, keep=False):
        wanted = lots.filtered(lambda lot: lot.product_id == move.product_id)
        if not keep:
            reserved = [(line.lot_id, line.quantity) for line in move.move_line_ids]
            if reserved == [(lot, 1) for lot in wanted]:
                return
            move.move_line_ids.unlink()
        self.env["stock.move.line"].create(
            [
                {
                    "move_id": move.id,
                    "picking_id": move.picking_id.id,
                    "product_id": move.product_id.id,
                    "lot_id": lot.id,
                    "quantity": 1,
                    "location_id": move.location_id.id,
                    "location_dest_id": move.location_dest_id.id,
                }
                for lot in wanted
            ]
        )

    def _invoice(self, order, post=True):
        """Invoice what the order has to invoice."""
        invoice = order._create_invoices()
        if post:
            invoice.action_post()
        return invoice

    def _return(self, picking, quantities=None, to_refund=True):
        """Return done moves to stock.

        :param quantities: dict ``{product: quantity}``, everything when None
        """
        wizard = self.env["stock.return.picking"].with_context(
            active_id=picking.id, active_ids=picking.ids, active_model="stock.picking"
        )
        wizard = wizard.create({})
        for line in wizard.product_return_moves:
            line.quantity = (
                line.move_id.product_qty
                if quantities is None
                else quantities.get(line.product_id, 0)
            )
            line.to_refund = to_refund
        action = wizard.action_create_returns()
        return self.env["stock.picking"].browse(action["res_id"])

    def _credit(self, invoice, quantities=None):
        """Post a credit note of an invoice.

        :param quantities: dict ``{product: quantity}``, everything when None
        """
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        wizard = wizard.create({"journal_id": invoice.journal_id.id})
        wizard.refund_moves()
        refund = wizard.new_move_ids
        for line in refund.invoice_line_ids if quantities is not None else ():
            line.quantity = quantities.get(line.product_id, 0)
        refund.action_post()
        return refund

    def _units(self, order):
        return self.env["aftersales.equipment"].search(
            [("sale_order_id", "=", order.id)], order="id"
        )

    def _sold_unit(self, serial="S-1", partner=None, **kwargs):
        """Return the voucher of one sold and delivered machine."""
        lot = self._lots(serial)
        order = self._sell((self.harvester, 1), partner=partner, **kwargs)
        self._deliver(order, lots=lot)
        return self._units(order)

    def _ticket(self, **values):
        return self.env["aftersales.ticket"].create(
            {"symptom": "Does not start", "partner_id": self.farmer.id, **values}
        )
