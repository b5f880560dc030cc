from odoo import fields, models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    aftersales_claim_id = fields.Many2one(
        comodel_name="aftersales.supplier.claim",
        string="Supplier Claim",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        copy=False,
        ondelete="restrict",
        help="Failed goods on their way to the supplier, or repaired ones back from him.",
    )

    def _create_backorder_picking(self):
        """What is left for a claim stays with it."""
        backorder = super()._create_backorder_picking()
        if self.aftersales_claim_id:
            backorder.aftersales_claim_id = self.aftersales_claim_id
        return backorder
