"""A company that sells, delivers and invoices: what is measured before it takes back."""

from odoo.fields import Command


class Company:
    """Part of a bench: a company with its chart of accounts, its goods and a customer."""

    def prepare_company(self, count):
        """Make the company and so many products that it has plenty of.

        ``self.env`` works in that company afterwards.
        """
        company = self.env["res.company"].create(
            # Nobody outside is asked for its logo.
            {"name": "Bench", "iap_enrich_auto_done": True}
        )
        self.env["account.chart.template"].try_loading(
            "generic_coa", company=company, install_demo=False
        )
        self.env = self.env(
            context={
                **self.env.context,
                "allowed_company_ids": company.ids,
                "mail_auto_subscribe_no_notify": True,
            }
        )
        warehouses = self.env["stock.warehouse"]
        self.warehouse = warehouses.search([("company_id", "=", company.id)], limit=1)
        # Only a second company in the same process comes with its own.
        self.warehouse = self.warehouse or warehouses.create(
            {"name": "Bench", "code": "BENCH", "company_id": company.id}
        )
        self.company = company
        self.stock = self.warehouse.lot_stock_id
        self.customer = self.env["res.partner"].create(
            {
                "name": "Bench customer",
                "street": "8 Field Road",
                "phone": "138 0013 8000",
            }
        )
        self.products = self.env["product.product"].create(
            [
                {
                    "name": f"Bench part {number}",
                    "type": "consu",
                    "is_storable": True,
                    "invoice_policy": "delivery",
                    "list_price": 100.0,
                }
                for number in range(count)
            ]
        )
        for product in self.products:
            self.env["stock.quant"]._update_available_quantity(
                product, self.stock, 10_000
            )

    def quote(self, products, quantity=2):
        """Make a quotation with a line for each product."""
        return self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create(
                        {"product_id": product.id, "product_uom_qty": quantity}
                    )
                    for product in products
                ],
            }
        )

    def validate(self, pickings):
        """Validate transfers with all that they plan to move."""
        pickings.move_ids.picked = True
        pickings.button_validate()
        assert set(pickings.mapped("state")) == {"done"}

    def sell(self, count):
        """Sell, deliver and invoice lines of two pieces."""
        order = self.quote(self.products[:count])
        order.action_confirm()
        self.validate(order.picking_ids)
        order._create_invoices().action_post()
        return order
