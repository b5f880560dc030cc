from odoo import models


class StockReturnPicking(models.TransientModel):
    _inherit = "stock.return.picking"

    def _create_return(self):
        """Return no more than was delivered and nobody else has announced.

        :raise UserError: naming the delivery and what may still come back
        """
        self.product_return_moves._aftersales_ensure_returnable()
        return super()._create_return()
