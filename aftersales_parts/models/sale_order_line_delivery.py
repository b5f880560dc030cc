from odoo import models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _action_launch_stock_rule(self, **kwargs):
        result = super()._action_launch_stock_rule(**kwargs)
        self._aftersales_plan_visits()
        return result

    def _aftersales_plan_visits(self):
        """Plan the visits that bring and install what was sold, each exactly once.

        Orders without such products pay for looking at their products, nothing else.
        """
        lines = self.filtered(lambda line: line.product_id.aftersales_install)
        if not lines:
            return
        # Who sells has no right on visits; what is planned follows the delivery alone.
        pickings_sudo = lines.sudo().move_ids.picking_id
        pickings_sudo.filtered(
            lambda picking: picking._is_aftersales_deliverable()
            and not picking.aftersales_dispatch_ids
        )._aftersales_create_visits()
