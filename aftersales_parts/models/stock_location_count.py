from odoo import models
from odoo.exceptions import AccessError


class StockLocation(models.Model):
    """Counts of vans: due by Odoo's own count dates, on a printed sheet (R44)."""

    _inherit = "stock.location"

    def action_aftersales_count(self):
        """Open Odoo's count of the van."""
        self.ensure_one()
        quants = self.env["stock.quant"].with_context(
            inventory_mode=True, search_default_internal_loc=0
        )
        action = quants.action_view_inventory()
        return {**action, "domain": [("location_id", "child_of", self.id)]}

    def action_aftersales_print_count(self):
        """Print the count sheets of vans.

        :raise AccessError: for the vans of others, unless one is of the desk or of the
            warehouse; the desk counts vans alone
        """
        self._aftersales_ensure_may_count()
        report = self.env.ref("aftersales_parts.action_report_van_count")
        return report.report_action(self)

    def _aftersales_ensure_may_count(self):
        user = self.env.user
        if self.env.su or user.has_group("stock.group_stock_user"):
            return
        desk = user.has_group("aftersales_service.aftersales_service_group_agent")
        # Whose van it is, is no secret to who asks for his own.
        for place_sudo in self.sudo():
            technician = place_sudo.aftersales_technician_id
            if not technician or not (desk or technician.user_id == user):
                raise AccessError(self.env._("Count your own van."))

    def _aftersales_get_count_rows(self):
        """Return what the books say is in a van, for its count sheet.

        :return: list of dicts with product, lot, quantity, unit and minimum
        """
        self.ensure_one()
        self._aftersales_ensure_may_count()
        # Technicians count what is in their van, and see nothing else of the stock.
        quants_sudo = self.env["stock.quant"].sudo()
        groups = quants_sudo._read_group(
            [("location_id", "child_of", self.id), ("quantity", "!=", 0)],
            ["product_id", "lot_id"],
            ["quantity:sum"],
        )
        points_sudo = self.env["stock.warehouse.orderpoint"].sudo()  # as above
        points_sudo = points_sudo.search([("location_id", "=", self.id)])
        minimum = {point.product_id: point.product_min_qty for point in points_sudo}
        missing = points_sudo.product_id - quants_sudo.product_id.union(
            *(product for product, _lot, _quantity in groups)
        )
        rows = [
            *groups,
            *((product, quants_sudo.lot_id, 0.0) for product in missing),
        ]
        rows = [
            {
                "product": product.display_name,
                "lot": lot.name or "",
                "quantity": f"{quantity:g}",
                "unit": product.uom_id.name,
                "minimum": f"{minimum[product]:g}" if product in minimum else "",
            }
            for product, lot, quantity in rows
        ]
        return sorted(rows, key=lambda row: (row["product"], row["lot"]))
