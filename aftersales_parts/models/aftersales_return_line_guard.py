from odoo import api, models
from odoo.exceptions import UserError

# What was authorised: the receipt, the credit note and the guard count on it.
FROZEN = frozenset(
    {
        "return_id",
        "move_id",
        "equipment_id",
        "product_id",
        "lot_id",
        "quantity",
        "remedy",
        "sale_line_id",
        "invoice_line_id",
    }
)


class AftersalesReturnLine(models.Model):
    """What was authorised stays as it was authorised (R49).

    Only methods change it afterwards: a receipt that found another serial, a remedy
    changed with its consequences.
    """

    _inherit = "aftersales.return.line"

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_by_method():
            for vals in vals_list:
                self._ensure_no_facts(vals)
            returns = self.env["aftersales.return"].browse(
                {vals["return_id"] for vals in vals_list if vals.get("return_id")}
            )
            returns._ensure_open_to_lines()
        return super().create(vals_list)

    def write(self, vals):
        if not self._is_by_method():
            self._ensure_no_facts(vals)
            if touched := FROZEN & vals.keys():
                self._ensure_not_frozen(vals, touched)
        return super().write(vals)

    def _ensure_not_frozen(self, vals, touched):
        """Refuse other goods, quantities and remedies after the authorisation.

        :raise UserError: naming the lines, the fields and the way out
        """
        frozen = self.filtered(lambda line: line.state and line.state != "draft")
        changed = {
            name: change[0]
            for line in frozen
            for name in touched
            if (change := line._get_change(name, vals[name]))
        }
        if changed:
            raise UserError(
                self.env._(
                    "%(lines)s: %(fields)s cannot be changed once the return is "
                    "authorised. Cancel it and request another one, or use the buttons "
                    "of the return.",
                    lines=", ".join(frozen.mapped("display_name")),
                    fields=", ".join(sorted(changed.values())),
                )
            )
        if vals.get("return_id"):
            target = self.env["aftersales.return"].browse(vals["return_id"])
            (target - self.return_id)._ensure_open_to_lines()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_authorised(self):
        if self._is_by_method():
            return
        if frozen := self.filtered(lambda line: line.state != "draft"):
            raise UserError(
                self.env._(
                    "Lines of authorised returns are not deleted, cancel the return "
                    "instead: %s",
                    ", ".join(frozen.mapped("display_name")),
                )
            )
