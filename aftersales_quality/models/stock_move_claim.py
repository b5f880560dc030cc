from odoo import fields, models


class StockMove(models.Model):
    _inherit = "stock.move"

    aftersales_claim_line_id = fields.Many2one(
        comodel_name="aftersales.supplier.claim.line",
        string="Line of the Supplier Claim",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        copy=False,
        ondelete="set null",
    )

    def _aftersales_ensure_inspected(self):
        """What a supplier has repaired is released by the transfer of its inspection."""
        own = self.filtered(
            lambda move: move.picking_id.aftersales_claim_id
            and move.picking_id.aftersales_claim_id
            == move.move_orig_ids.picking_id.aftersales_claim_id
            and move.move_orig_ids.origin_returned_move_id
        )
        return super(StockMove, self - own)._aftersales_ensure_inspected()

    def _prepare_merge_moves_distinct_fields(self):
        return [
            *super()._prepare_merge_moves_distinct_fields(),
            "aftersales_claim_line_id",
        ]

    def _prepare_move_split_vals(self, qty):
        """A backorder belongs to the same line of the claim."""
        vals = super()._prepare_move_split_vals(qty)
        vals["aftersales_claim_line_id"] = self.aftersales_claim_line_id.id
        return vals
