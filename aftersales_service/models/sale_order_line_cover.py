from odoo import api, fields, models
from odoo.exceptions import ValidationError

NAMES_UNITS = frozenset({"aftersales_equipment_ids", "aftersales_for_line_id"})


class SaleOrderLine(models.Model):
    """Cover sold by an order line: for which units, and whether it is in force.

    Everything follows from order, deliveries and posted invoices each time anew, so
    that it happens once, whatever comes first and however often.
    """

    _inherit = "sale.order.line"

    aftersales_sells = fields.Selection(related="product_id.aftersales_sells")
    aftersales_equipment_ids = fields.Many2many(
        comodel_name="aftersales.equipment",
        relation="aftersales_sale_line_equipment_rel",
        column1="sale_line_id",
        column2="equipment_id",
        string="Covered Units",
        check_company=True,
        copy=False,
        help="Units that the sold extension or contract is for; the units of this "
        "order when empty.",
    )
    aftersales_for_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="For the Units of",
        domain="[('order_id', '=', order_id), ('id', '!=', id)]",
        index="btree_not_null",
        copy=False,
        help="Line of this order whose units are covered; all of them when empty.",
    )
    aftersales_has_cover = fields.Boolean(
        readonly=True,
        copy=False,
        help="Set by the first cover it gave, so that invoices of other lines cost "
        "nothing.",
    )
    aftersales_contract_ids = fields.One2many(
        comodel_name="aftersales.contract",
        inverse_name="sale_line_id",
        string="Service Contract",
        copy=False,
    )

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    @api.constrains("aftersales_equipment_ids")
    def _check_aftersales_equipment(self):
        """Cover is sold for units in use of this customer."""
        for line in self.filtered("aftersales_equipment_ids"):
            order = line.order_id
            # The units of the customer, also of orders of colleagues.
            line_sudo = line.sudo()
            units_sudo = line_sudo.aftersales_equipment_ids
            for unit_sudo in units_sudo:
                if (
                    unit_sudo.state != "active"
                    or not line_sudo._aftersales_get_eligible(unit_sudo)
                ):
                    raise ValidationError(
                        self.env._(
                            "%(line)s: %(unit)s is no longer in use or not a unit of "
                            "%(customer)s.",
                            line=line.name or line.display_name,
                            unit=unit_sudo.display_name,
                            customer=order.partner_id.display_name,
                        )
                    )

    @api.constrains("aftersales_for_line_id", "order_id")
    def _check_aftersales_for_line(self):
        for line in self.filtered("aftersales_for_line_id"):
            if line.aftersales_for_line_id.order_id != line.order_id:
                raise ValidationError(
                    self.env._(
                        "%s: cover is sold for a line of the same order.",
                        line.name or line.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered(lambda line: line.state == "sale")._aftersales_follow_cover()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if NAMES_UNITS & vals.keys():
            self.filtered(lambda line: line.state == "sale")._aftersales_follow_cover()
        return result

    # ------------------------------------------------------------
    # COVER
    # ------------------------------------------------------------

    def _aftersales_follow_cover(self):
        """Give what these lines sell and is due, take back what is not any more."""
        selling = self.filtered(
            lambda line: line.aftersales_has_cover
            or line.product_id.aftersales_sells in ("extension", "contract")
        )
        if not selling:
            return
        # Whoever confirms, delivers or posts has no right on cover; what is written
        # follows order, delivery and invoices alone.
        lines_sudo = selling.sudo()
        kept = {line: line._aftersales_get_kept_units() for line in lines_sudo}
        lines_sudo._aftersales_follow_extensions(kept)
        lines_sudo._aftersales_follow_contracts(kept)

    def _aftersales_get_units(self):
        """Return the units the line sells cover for, and those that replaced them."""
        self.ensure_one()
        beside = self.aftersales_for_line_id or self.order_id.order_line
        units = (
            self.aftersales_equipment_ids or beside.aftersales_equipment_delivered_ids
        )
        return units | units.replaced_by_id

    def _aftersales_get_eligible(self, units):
        """Return the units that may get cover from this line: those of the buyer."""
        self.ensure_one()
        order = self.order_id
        buyers = (order.partner_id | order.partner_shipping_id).commercial_partner_id
        return units.filtered(
            lambda unit: unit.sale_order_id == order
            or (unit.partner_id | unit.dealer_id).commercial_partner_id & buyers
        )

    def _aftersales_get_kept_units(self):
        """Return the units whose cover is due: ordered, not credited, in use.

        Of a line sold per unit, a credit note takes the last delivered ones first.
        """
        self.ensure_one()
        units = self._aftersales_get_units()
        in_use = units.filtered(lambda unit: unit.state == "active")
        in_use = in_use.sorted(
            lambda unit: (unit.delivery_date or unit.create_date.date(), unit.id)
        )
        if self.order_id.state != "sale":
            return units.browse()
        ordered, invoiced, kept = self._aftersales_get_quantities()
        if kept <= 0:
            return units.browse()
        sold = units.filtered(lambda unit: unit.state != "replaced")
        if max(ordered, invoiced) >= len(sold) and kept < len(in_use):
            return in_use[: int(kept)]
        return in_use

    def _aftersales_get_quantities(self):
        """Return what was ordered, what was invoiced, and what is not credited of it.

        What was credited and invoiced anew counts as invoiced.
        """
        self.ensure_one()
        sums = {"out_invoice": 0.0, "out_refund": 0.0}
        for line in self.invoice_lines:
            if line.parent_state == "posted" and line.move_type in sums:
                sums[line.move_type] += line.product_uom_id._compute_quantity(
                    line.quantity, self.product_uom_id, round=False
                )
        ordered, invoiced = self.product_uom_qty, sums["out_invoice"]
        remaining = max(invoiced - sums["out_refund"], 0.0)
        kept = min(ordered, remaining + max(ordered - invoiced, 0.0))
        return ordered, invoiced, kept

    def _aftersales_get_floor(self, units):
        """Return the first day on which both the order and a delivery were done."""
        self.ensure_one()
        ordered = self.company_id._aftersales_today(self.order_id.date_order)
        delivered = min(
            (unit.delivery_date for unit in units if unit.delivery_date),
            default=ordered,
        )
        return max(ordered, delivered)

    def _aftersales_get_take_back_reason(self):
        """Say why what the line sold is taken back."""
        self.ensure_one()
        order = self.order_id
        if order.state != "sale":
            return self.env._("Order %s was cancelled.", order.name)
        refunds = self.invoice_lines.move_id.filtered(
            lambda move: move.move_type == "out_refund" and move.state == "posted"
        )
        ordered, invoiced, kept = self._aftersales_get_quantities()
        if refunds and kept < max(ordered, invoiced):
            return self.env._("Credited with %s.", ", ".join(refunds.mapped("name")))
        return self.env._("The unit is no longer in use or no longer named.")

    # ------------------------------------------------------------
    # EXTENSIONS
    # ------------------------------------------------------------

    def _aftersales_follow_extensions(self, kept):
        """Extend the warranty of the kept units by the terms of the product's policy.

        :param dict kept: units to cover, by line
        """
        Coverage = self.env["aftersales.coverage"]._by_method()
        known = Coverage.with_context(active_test=False).search(
            [("source_line_id", "in", self.ids), ("source", "=", "extension")]
        )
        missing, concerned = [], known.equipment_id
        for line in self:
            given = known.filtered(lambda c, line=line: c.source_line_id == line)
            due = given.filtered(lambda c, line=line: c.equipment_id in kept[line])
            due._restore()
            if gone := (given - due).filtered(lambda cover: not cover.revoked_date):
                gone._revoke(
                    line.company_id._aftersales_today(),
                    line._aftersales_get_take_back_reason(),
                )
            missing += line._aftersales_prepare_extensions(
                line._aftersales_get_eligible(kept[line] - given.equipment_id), given
            )
            concerned |= kept[line]
        covers = Coverage.create(missing)
        covers.source_line_id.filtered(
            lambda line: not line.aftersales_has_cover
        ).write({"aftersales_has_cover": True})
        if known or covers:
            concerned._chain_extensions()
            concerned._decide_open_lines()

    def _aftersales_prepare_extensions(self, units, given):
        """Return the values of the cover that an extension gives to units.

        :param units: units that have none of it yet
        :param given: cover that the line gave to others, perhaps since replaced
        """
        self.ensure_one()
        if self.product_id.aftersales_sells != "extension" or not units:
            return []
        product = self.product_id.with_company(self.company_id)
        terms = product.aftersales_policy_id.term_ids.filtered(
            lambda term: term.duration and not term._is_repair_guarantee()
        )
        vals_list = []
        for unit in units:
            former = given.filtered(
                lambda cover, unit=unit: cover.equipment_id == unit.replaces_id
            )
            if former:
                vals_list += [cover._prepare_successor_vals(unit) for cover in former]
                continue
            floor = self._aftersales_get_floor(unit)
            for term in terms:
                vals = term._prepare_coverage_vals(unit, floor, source="extension")
                vals_list.append(
                    {**vals, "source_line_id": self.id, "date_sold": floor}
                )
        return vals_list

    # ------------------------------------------------------------
    # OBSTACLES
    # ------------------------------------------------------------

    def _aftersales_get_obstacle(self):
        """Say why a confirmed line will never cover anything, empty when it can."""
        self.ensure_one()
        sells = self.product_id.aftersales_sells
        if sells not in ("extension", "contract"):
            return ""
        product = self.product_id.with_company(self.company_id)
        if sells == "extension" and not product.aftersales_policy_id:
            return self.env._(
                "%s sells an extension but its product has no warranty policy with "
                "the terms.",
                self.name or product.display_name,
            )
        named = self.aftersales_equipment_ids
        if named and not self._aftersales_get_eligible(named):
            return self.env._(
                "%s: the named units are not those of this customer.",
                self.name or product.display_name,
            )
        beside = self.aftersales_for_line_id or self.order_id.order_line
        vouchers = beside.product_id.filtered(
            lambda other: other.type != "service" and other.aftersales_voucher != "none"
        )
        if not named and not vouchers:
            return self.env._(
                "%s: name the units it covers; this order delivers none.",
                self.name or product.display_name,
            )
        return ""
