from odoo import fields, models
from odoo.fields import Command


class AftersalesReturnLine(models.Model):
    """New orders for lines of returns, as the salesman would write them (R48)."""

    _inherit = "aftersales.return.line"

    # ------------------------------------------------------------
    # ANOTHER PRODUCT
    # ------------------------------------------------------------

    def _offer_replacements(self):
        """Make the quotations of other products; those that live are not made again.

        :return: all living orders of these lines, new and old
        """
        new = self.filtered(lambda line: not line._get_offers())
        new._create_orders("_prepare_offer_item")
        # Opened by who may read them.
        return self._get_offers().order_id.sudo(False)

    def _create_orders(self, prepare):
        """Make one quotation for each order that the goods were sold on.

        :param str prepare: method that returns the values of the lines of one
        :return: the quotations, under sudo
        """
        # Written behind the rules of the return: agents have no right on orders.
        lines_sudo = self.sudo()
        orders_sudo = self.env["sale.order"].sudo()._by_method()
        vals_list = []
        for (rma, order), lines in lines_sudo.grouped(
            lambda line: (line.return_id, line.sale_line_id.order_id)
        ).items():
            vals = lines._prepare_order(rma, order)
            words = lines.with_context(lang=rma.partner_id.lang or self.env.lang)
            for line in words:
                vals["order_line"] += [
                    Command.create(item) for item in getattr(line, prepare)(order)
                ]
            vals_list.append(vals)
        created = orders_sudo.browse()
        for vals in vals_list:
            company = self.env["res.company"].browse(vals["company_id"])
            created |= orders_sudo.with_company(company).create(vals)
        return created

    def _prepare_order(self, rma, order):
        """Return the head of a quotation for a return (hook).

        :param rma: the return
        :param order: what the goods were sold on, if anything
        """
        vals = {
            "company_id": rma.company_id.id,
            "partner_id": (order.partner_id or rma.partner_id).id,
            "user_id": order.user_id.id or False,
            "origin": rma.name,
            "aftersales_return_id": rma.id,
            "order_line": [],
        }
        if rma.warehouse_id:
            vals["warehouse_id"] = rma.warehouse_id.id
        if order:
            vals |= {
                "partner_invoice_id": order.partner_invoice_id.id,
                "partner_shipping_id": order.partner_shipping_id.id,
                "fiscal_position_id": order.fiscal_position_id.id,
                "payment_term_id": order.payment_term_id.id,
                "team_id": order.team_id.id,
            }
            if order.pricelist_id.active:
                vals["pricelist_id"] = order.pricelist_id.id
        if rma.return_address_id.commercial_partner_id == (
            order.partner_shipping_id.commercial_partner_id
        ):
            vals["partner_shipping_id"] = rma.return_address_id.id
        return vals

    def _prepare_offer_item(self, order):
        """Return the line of the new product, and the words on what it is given for."""
        self.ensure_one()
        product = self.replacement_product_id
        uom = self.product_id.uom_id
        quantity = self._get_quantity_due()
        if uom != product.uom_id and uom._has_common_reference(product.uom_id):
            quantity = uom._compute_quantity(quantity, product.uom_id)
        return [
            {
                "product_id": product.id,
                "product_uom_qty": quantity,
                "product_uom_id": product.uom_id.id,
                "aftersales_return_line_id": self.id,
            },
            {
                "display_type": "line_note",
                "name": self.env._(
                    "In exchange for %(product)s, which is credited when it is back "
                    "(return %(number)s).",
                    product=self.product_id.display_name,
                    number=self.return_id.name,
                ),
            },
        ]

    def _get_exchange_credit(self, currency):
        """Return what the customer gets for the returned goods, taxes included.

        :param currency: of the amount
        """
        self.ensure_one()
        notes = self.refund_line_ids.filtered(
            lambda item: item.parent_state != "cancel"
        )
        item, today = self.sale_line_id, fields.Date.context_today(self)
        if notes:
            amount, given = sum(notes.mapped("price_total")), notes[0].currency_id
        elif item.product_uom_qty:
            quantity = self.product_id.uom_id._compute_quantity(
                self.quantity, item.product_uom_id, round=False
            )
            amount = item.price_total / item.product_uom_qty * quantity
            given = item.currency_id
        else:
            return 0.0
        return given._convert(amount, currency, self.company_id, today)

    # ------------------------------------------------------------
    # GOODS KEPT
    # ------------------------------------------------------------

    def _prepare_kept_item(self, order):
        """Return the line that sells what did not come back, as it was sold before."""
        self.ensure_one()
        product, item = self.product_id, self.sale_line_id
        vals = {
            "product_id": product.id,
            "product_uom_qty": self.quantity_due_back,
            "product_uom_id": product.uom_id.id,
            "aftersales_return_line_id": self.id,
            "aftersales_kept": True,
            "name": self.env._(
                "%(product)s, replaced and not sent back (return %(number)s)",
                product=product.display_name,
                number=self.return_id.name,
            ),
        }
        if item and item.product_id == product:
            vals |= {
                "product_uom_id": item.product_uom_id.id,
                "product_uom_qty": product.uom_id._compute_quantity(
                    self.quantity_due_back, item.product_uom_id
                ),
                "price_unit": item.price_unit,
                "discount": item.discount,
                "tax_ids": [Command.set(item.tax_ids.ids)],
            }
        return [vals]

    def _follow_kept(self):
        """Wait no longer for goods that the customer keeps and pays.

        The announced parcel is taken from the receipt.
        """
        for line in self:
            waiting = line.stock_move_ids.filtered(
                lambda move: move.state not in ("done", "cancel")
                and move._aftersales_comes_from_customer()
            )
            wanted = line.quantity - line.quantity_received - line._get_quantity_kept()
            for move in waiting:
                left = line.product_id.uom_id._compute_quantity(
                    max(wanted, 0.0), move.product_uom
                )
                if move.product_uom.is_zero(left):
                    move._action_cancel()
                elif move.product_uom.compare(left, move.product_uom_qty) < 0:
                    move.product_uom_qty = left
        self.return_id._follow_moves()
        self._forget_reminders()
