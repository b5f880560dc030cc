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
        default = self.env.context.get("default_aftersales_return_line_id")
        typed, plain = [], []
        for vals in vals_list:
            line_id = vals.get("aftersales_return_line_id", default)
            if isinstance(line_id, ReturnLink):
                # A field takes nothing but plain numbers.
                vals = {**vals, "aftersales_return_line_id": int(line_id)}
            elif line_id and not self.env.su:
                typed.append(vals)
            plain.append(vals)
        if typed:
            products = {vals.get("product_id") for vals in typed} - {None, False}
            self._aftersales_refuse_link(self.env["product.product"].browse(products))
        return super().create(plain)

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
