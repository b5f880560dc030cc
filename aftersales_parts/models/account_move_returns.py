from odoo import api, models


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "aftersales.returned.mixin"]

    @api.depends("state", "move_type", "invoice_line_ids.sale_line_ids")
    def _compute_aftersales_can_return(self):
        for move in self:
            move.aftersales_can_return = (
                move.move_type == "out_invoice"
                and move.state == "posted"
                and bool(move.invoice_line_ids.sale_line_ids)
            )

    def _aftersales_find_returns(self):
        found = super()._aftersales_find_returns()
        for move in self:
            # Its own return, when it is the credit note of one.
            if own := move.aftersales_return_id._filtered_access("read"):
                found.setdefault(move.id, set()).add(own.id)
        return found

    def _aftersales_return_path(self):
        return "invoice_line_id", [("invoice_line_id.move_id", "in", self.ids)]

    def _aftersales_of_return_source(self, source):
        # The line of an invoice the user has before him.
        return source.sudo().move_id.ids

    def _aftersales_return_documents(self):
        return {"invoices": self}
