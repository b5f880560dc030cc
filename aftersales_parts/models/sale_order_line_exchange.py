from odoo import fields, models

from odoo.addons.aftersales_service.models.sale_order_line_estimate import FACTS


class SaleOrderLine(models.Model):
    """Line of an order that was made for a return (R48)."""

    _inherit = "sale.order.line"
    _facts = FACTS | {"aftersales_return_line_id", "aftersales_kept"}

    aftersales_return_line_id = fields.Many2one(
        comodel_name="aftersales.return.line",
        string="Line of the Return",
        index="btree_not_null",
        readonly=True,
        copy=False,
        check_company=True,
    )
    aftersales_kept = fields.Boolean(
        string="Kept by the Customer",
        readonly=True,
        copy=False,
        help="Goods he should have sent back: they are with him, nothing is delivered.",
    )

    _aftersales_offer_uniq = models.UniqueIndex(
        "(aftersales_return_line_id, aftersales_kept) "
        "WHERE aftersales_return_line_id IS NOT NULL AND state IN ('draft', 'sent')",
        "These goods of the return are on another quotation already; cancel one of "
        "the two.",
    )

    def _prepare_procurement_values(self):
        """What is delivered in place of returned goods says so."""
        values = super()._prepare_procurement_values()
        if self.aftersales_return_line_id:
            values["aftersales_return_line_id"] = self.aftersales_return_line_id.id
        return values

    def _action_launch_stock_rule(self, *, previous_product_uom_qty=False):
        kept = self.filtered("aftersales_kept")
        return super(SaleOrderLine, self - kept)._action_launch_stock_rule(
            previous_product_uom_qty=previous_product_uom_qty
        )

    def _prepare_qty_delivered(self):
        """Goods that the customer kept are with him already."""
        delivered = super()._prepare_qty_delivered()
        for item in self.filtered("aftersales_kept"):
            delivered[item] = item._aftersales_get_kept()
        return delivered

    def _aftersales_get_kept(self):
        """Return what of the sold goods has still not come back, in the line's unit."""
        self.ensure_one()
        if self.state != "sale":
            return 0.0
        # The return is not the salesman's.
        line_sudo = self.aftersales_return_line_id.sudo()
        out = line_sudo.product_id.uom_id._compute_quantity(
            line_sudo._get_quantity_still_out(),
            self.product_uom_id,
            rounding_method="HALF-UP",
        )
        return min(out, self.product_uom_qty)

    def _aftersales_follow_kept(self):
        """Count anew what of kept goods is with the customer."""
        kept = self.filtered("aftersales_kept")
        if kept:
            self.env.add_to_compute(self._fields["qty_delivered"], kept)
