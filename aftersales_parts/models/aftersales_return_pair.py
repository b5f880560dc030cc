from odoo import api, fields, models
from odoo.fields import Domain


class AftersalesReturnPair(models.Model):
    """One piece that came back and the one that took its place (R52).

    Written by the return alone, from what really went and came.
    """

    _name = "aftersales.return.pair"
    _description = "Old and New Serial Number"
    _inherit = ["aftersales.fact.mixin"]
    _facts = frozenset(
        {
            "line_id",
            "move_id",
            "quantity",
            "old_lot_id",
            "new_lot_id",
            "old_equipment_id",
            "new_equipment_id",
            "is_expected",
        }
    )
    _order = "line_id, id"
    _rec_name = "new_lot_id"
    _check_company_auto = True

    line_id = fields.Many2one(
        comodel_name="aftersales.return.line",
        string="Line of the Return",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    return_id = fields.Many2one(
        related="line_id.return_id", store=True, index=True, precompute=True
    )
    company_id = fields.Many2one(
        related="line_id.company_id", store=True, index=True, precompute=True
    )
    move_id = fields.Many2one(
        comodel_name="stock.move",
        string="Replacement Move",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    date = fields.Datetime(related="move_id.date", string="Replaced on")
    quantity = fields.Float(digits="Product Unit", required=True, readonly=True)
    old_lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="Old Serial",
        readonly=True,
        index="btree_not_null",
        check_company=True,
    )
    new_lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="New Serial Number",
        readonly=True,
        index="btree_not_null",
        check_company=True,
    )
    old_equipment_id = fields.Many2one(
        comodel_name="aftersales.equipment",
        string="Old Unit",
        readonly=True,
        index="btree_not_null",
        check_company=True,
    )
    new_equipment_id = fields.Many2one(
        comodel_name="aftersales.equipment",
        string="New Unit",
        readonly=True,
        index="btree_not_null",
        check_company=True,
    )
    is_expected = fields.Boolean(
        string="Not Back Yet",
        readonly=True,
        help="The replacement left first: the old serial number is the announced one.",
    )

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "A pair is of more than nothing."
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        return super().write(vals)

    @api.depends("old_lot_id.name", "new_lot_id.name")
    def _compute_display_name(self):
        for pair in self:
            pair.display_name = (
                f"{pair.old_lot_id.name or '–'} → {pair.new_lot_id.name or '–'}"
            )

    # ------------------------------------------------------------
    # UNITS
    # ------------------------------------------------------------

    def _link_units(self):
        """Let the vouchers of the new pieces stand for those of the old ones.

        The old voucher closes as replaced, once all of it was; the new one has its
        holder, dealer and site, and its terms by the rule of the sale. What is linked
        already costs nothing.
        """
        replaced = self.env["aftersales.equipment"]
        changed = replaced
        by_move, by_lot = self._find_units()
        for pair in self:
            old = pair._get_old_unit(by_move, by_lot)
            new = pair._get_unit(by_move, pair.move_id, pair.new_lot_id)
            if new and new != pair.new_equipment_id:
                pair._by_method().new_equipment_id = new
            if old and old != pair.old_equipment_id:
                pair.old_equipment_id._reopen_replaced(pair.quantity)
                pair._by_method().old_equipment_id = old
                pair._give_back(old)
                replaced |= old
            if old and new and new.replaces_id != old and new != old:
                new._by_method().write(pair._prepare_new_unit_vals(old, new))
                changed |= new
                replaced |= old
        for old in replaced:
            old._close_replaced(
                self.filtered(lambda pair, old=old: pair.old_equipment_id == old)
            )
        if changed | replaced:
            (changed | replaced)._allocate_invoices()

    def _find_units(self):
        """Return the vouchers these pairs may mean.

        :return: ``{id of the delivery: vouchers}``, ``{id of the lot: vouchers}``
        """
        # Archived units are units still.
        Equipment = self.env["aftersales.equipment"].with_context(active_test=False)
        moves = self.move_id
        for move in self.line_id.move_id:
            moves |= move._aftersales_first_move()
        units = Equipment.search(
            Domain("move_id", "in", moves.ids)
            | Domain("lot_id", "in", self.old_lot_id.ids)
            & Domain("company_id", "in", self.company_id.ids),
            order="delivery_date, id",
        )
        return units.grouped("move_id"), units.grouped("lot_id")

    @api.model
    def _get_unit(self, by_move, move, lot):
        """Return the voucher of a piece of a delivery, its serial's first."""
        units = by_move.get(move, self.env["aftersales.equipment"])
        return (
            units.filtered(lambda unit: unit.lot_id == lot)
            or units.filtered(lambda unit: not unit.lot_id)
        )[:1]

    def _get_old_unit(self, by_move, by_lot):
        """Return the voucher of the old piece, if it has one."""
        self.ensure_one()
        line, lot = self.line_id, self.old_lot_id
        unit = line.equipment_id
        if unit and unit.lot_id in (lot, lot.browse()):
            return unit
        found = unit.browse()
        if line.move_id:
            first = line.move_id._aftersales_first_move()
            found = self._get_unit(by_move, first, lot)
        if not found and lot:
            found = by_lot.get(lot, unit.browse()).filtered(
                lambda unit: unit.move_id != self.move_id
            )[-1:]
        return found or (unit.browse() if line.move_id else unit)

    def _give_back(self, old):
        """Book the old piece as given back, when its receipt did not or cannot."""
        self.ensure_one()
        line = self.line_id
        if line.exchange_first:
            old._give_back(self.quantity)
        elif not line.move_id and old.state == "active":
            old._give_back(min(self.quantity, old.quantity - old.quantity_returned))

    def _prepare_new_unit_vals(self, old, new):
        """Return what the new unit has of the old one (hook)."""
        vals = {
            "replaces_id": old.id,
            "partner_id": old.partner_id.id,
            "dealer_id": old.dealer_id.id,
            "site_id": old.site_id.id,
        }
        if not new.sale_line_id:
            vals["sale_line_id"] = self.line_id.sale_line_id.id
        return vals
