from odoo import fields, models


class AftersalesNonconformity(models.Model):
    """Rework and repair by the workshop (R52)."""

    _inherit = "aftersales.nonconformity"

    rework_ids = fields.One2many(
        comodel_name="repair.order",
        inverse_name="aftersales_nonconformity_id",
        string="Repair Orders",
    )
    rework_count = fields.Integer(
        compute="_compute_rework_count", compute_sudo=True, string="Repairs"
    )

    def _compute_rework_count(self):
        for row in self:
            row.rework_count = len(row.rework_ids)

    def action_create_repair(self):
        """Have the workshop rework the goods where they lie.

        :raise UserError: when rework is not decided
        """
        self._ensure_can(
            "can_rework",
            self.env._("Only what is decided to be reworked or repaired is reworked."),
        )
        # Behind that rule; the order is the workshop's.
        rows_sudo = self.sudo()
        repairs_sudo = rows_sudo.rework_ids.create(
            [row._prepare_repair() for row in rows_sudo]
        )
        repairs_sudo.action_validate()
        return self.action_view_repairs()

    def _prepare_repair(self):
        """Return the values of the repair order that reworks the goods."""
        self.ensure_one()
        vals = {
            "company_id": self.company_id.id,
            "aftersales_nonconformity_id": self.id,
            "product_id": self.product_id.id,
            "product_uom": self.uom_id.id,
            "product_qty": self.quantity,
            "lot_id": self.lot_id.id,
            "internal_notes": self.description,
        }
        place = self._get_place()
        if place:
            vals |= {
                "product_location_src_id": place.id,
                "product_location_dest_id": place.id,
            }
        return vals

    def _get_place(self):
        """Return where the goods lie: apart, or in quarantine."""
        for _product, _lot, place, _quantity in self._take_held():
            return place
        if self._is_in_rework():
            return self.inspection_id.line_id._get_receipts()[:1].location_dest_id
        return self.env["stock.location"]

    def action_view_repairs(self):
        """Open the repair orders that rework the goods."""
        # Their numbers; what the user sees of them is theirs to say.
        repairs_sudo = self.sudo().rework_ids
        if len(repairs_sudo) == 1:
            return repairs_sudo.sudo(False).get_formview_action()  # opened as himself
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "repair.action_repair_order_tree"
        )
        return action | {"domain": [("id", "in", repairs_sudo.ids)]}
