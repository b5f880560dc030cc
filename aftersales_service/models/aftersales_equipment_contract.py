from odoo import api, fields, models
from odoo.fields import Command


class AftersalesEquipment(models.Model):
    """Contracts of a unit, and cover that was sold with it."""

    _inherit = "aftersales.equipment"

    contract_ids = fields.Many2many(
        comodel_name="aftersales.contract",
        relation="aftersales_contract_equipment_rel",
        column1="equipment_id",
        column2="contract_id",
        string="Contracts",
        readonly=True,
        copy=False,
    )
    contract_count = fields.Integer(
        string="Number of Contracts", compute="_compute_contract_count"
    )

    def _compute_contract_count(self):
        Contract = self.env["aftersales.contract"]
        counts = {}
        if Contract.has_access("read"):
            counts = dict(
                Contract._read_group(
                    [("equipment_ids", "in", self.ids), ("state", "!=", "cancelled")],
                    ["equipment_ids"],
                    ["__count"],
                )
            )
        for unit in self:
            unit.contract_count = counts.get(unit, 0)

    # ------------------------------------------------------------
    # WHAT WAS SOLD WITH IT
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        units = super().create(vals_list)
        units._follow_sale()
        units._follow_replaced()
        return units

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self._follow_use()
        if vals.get("replaces_id"):
            self._follow_replaced()
        return result

    def _follow_sale(self):
        """Give new units the cover that was sold on their order."""
        if not self.sale_line_id:
            return
        # The warehouse delivers, the order belongs to sales.
        order_lines_sudo = self.sudo().sale_line_id.order_id.order_line
        order_lines_sudo._aftersales_follow_cover()

    def _follow_use(self):
        """Let sold cover end with the use of the unit, and come back with it."""
        # What is written follows the unit, whoever took it back.
        covers_sudo = self.env["aftersales.coverage"].sudo()
        covers_sudo = covers_sudo.with_context(active_test=False).search(
            [
                ("equipment_id", "in", self.ids),
                ("source", "in", ("extension", "contract")),
            ]
        )
        contracts_sudo = covers_sudo.contract_id.with_context(active_test=True)
        # Also those that have not begun and had lost their cover for good.
        contracts_sudo |= self.sudo().contract_ids
        lines_sudo = covers_sudo.source_line_id | contracts_sudo.sale_line_id
        # What has not begun yet is gone after this.
        contracts_sudo._sync_coverage(self.env._("The unit is no longer in use."))
        lines_sudo.with_context(active_test=True)._aftersales_follow_cover()

    def _follow_replaced(self):
        """Give units the contracts and sold extensions of those they replace."""
        # As in _follow_use.
        units_sudo = self.sudo().filtered("replaces_id")
        for unit in units_sudo:
            contracts = unit.replaces_id.contract_ids.filtered(
                lambda c, unit=unit: c.state == "active"
                and unit._is_held_by(c.partner_id)
            )
            contracts._by_method().write({"equipment_ids": [Command.link(unit.id)]})
        if units_sudo:
            units_sudo.contract_ids._sync_coverage()
            units_sudo.replaces_id._follow_use()

    def _is_held_by(self, partner):
        """Tell whether the unit belongs to a customer."""
        self.ensure_one()
        holder = self.partner_id.commercial_partner_id
        return holder == partner.commercial_partner_id

    def action_view_contracts(self):
        """Open the contracts of these units."""
        Contract = self.env["aftersales.contract"]
        return Contract.search([("equipment_ids", "in", self.ids)])._get_list_action()
