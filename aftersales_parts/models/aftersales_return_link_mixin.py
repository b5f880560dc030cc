from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.return_link import ReturnLink


class AftersalesReturnLinkMixin(models.AbstractModel):
    """Row of a core document that a line of a return counts (R48)."""

    _name = "aftersales.return.link.mixin"
    _description = "Goods of a Return"

    aftersales_return_line_id = fields.Many2one(
        comodel_name="aftersales.return.line",
        string="Line of the Return",
        index="btree_not_null",
        check_company=True,
        copy=False,
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            default = self.env.context.get("default_aftersales_return_line_id")
            typed = [
                vals
                for vals in vals_list
                if self._aftersales_is_typed(
                    vals.get("aftersales_return_line_id", default)
                )
            ]
            if typed:
                self._aftersales_refuse_link(
                    self.env["product.product"].browse(
                        {vals["product_id"] for vals in typed if vals.get("product_id")}
                    )
                )
        return super().create(vals_list)

    @api.model
    def _aftersales_is_typed(self, line_id):
        return bool(line_id) and not isinstance(line_id, ReturnLink)

    def write(self, vals):
        if "aftersales_return_line_id" in vals and not self.env.su:
            changed = self.filtered(
                lambda row: (
                    row.aftersales_return_line_id.id
                    != vals["aftersales_return_line_id"]
                )
            )
            if changed:
                self._aftersales_refuse_link(changed.product_id)
        return super().write(vals)

    @api.model
    def _aftersales_refuse_link(self, products):
        """Refuse to type which line of a return goods belong to: it counts them.

        :raise UserError: naming the goods
        """
        raise UserError(
            self.env._(
                "%s: which return the goods belong to is not typed; it follows from "
                "the return, which makes its own transfers.",
                ", ".join(products.mapped("display_name")) or self._description,
            )
        )
