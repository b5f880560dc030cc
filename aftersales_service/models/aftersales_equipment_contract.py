from odoo import api, fields, models


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
        return units

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self._follow_use()
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
        contracts_sudo = covers_sudo.contract_id
        contracts_sudo.with_context(active_test=True)._sync_coverage(
            self.env._("The unit is no longer in use.")
        )
        lines_sudo = covers_sudo.source_line_id | contracts_sudo.sale_line_id
        lines_sudo.with_context(active_test=True)._aftersales_follow_cover()

    def _is_held_by(self, partner):
        """Tell whether the unit belongs to a customer; to anybody without a holder."""
        self.ensure_one()
        holder = self.partner_id.commercial_partner_id
        return holder == partner.commercial_partner_id

    def action_view_contracts(self):
        """Open the contracts of these units."""
        Contract = self.env["aftersales.contract"]
        return Contract.search([("equipment_ids", "in", self.ids)])._get_list_action()
