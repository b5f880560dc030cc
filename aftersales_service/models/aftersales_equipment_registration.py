from collections import Counter

from odoo import api, models
from odoo.exceptions import UserError

IDENTITY = frozenset({"product_id", "lot_id", "serial", "quantity"})


class AftersalesEquipment(models.Model):
    """How vouchers are registered, by a delivery, by hand or by file (R13, R16)."""

    _inherit = "aftersales.equipment"

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            self._ensure_no_facts(vals)
        self._number(vals_list)
        self._attach_lots(vals_list)
        if not self._is_by_method():
            self._ensure_serials_free(vals_list)
        units = super().create(vals_list)
        units._mark_sale_lines()
        return units

    def write(self, vals):
        self._ensure_no_facts(vals)
        if IDENTITY & vals.keys():
            self._ensure_can_change_identity(vals)
        result = super().write(vals)
        if vals.get("serial") and "lot_id" not in vals:
            self._follow_typed_serial()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        """A voucher with a delivery or a ticket is history and stays (R66)."""
        tickets = self.env["aftersales.ticket"].sudo()  # also those not ours to see
        used = tickets.search([("equipment_id", "in", self.ids)]).equipment_id
        if kept := self.filtered(lambda unit: unit.move_id or unit in used):
            raise UserError(
                self.env._(
                    "These service vouchers have a delivery or tickets and are kept; "
                    "archive them instead: %s",
                    ", ".join(kept.mapped("name")),
                )
            )

    def _mark_sale_lines(self):
        """Tell the order lines that they have vouchers."""
        # The warehouse delivers, the order belongs to sales.
        lines = self.sale_line_id.sudo()
        lines.filtered(lambda line: not line.aftersales_has_units).write(
            {"aftersales_has_units": True}
        )

    def _ensure_can_change_identity(self, vals):
        """What was delivered is what the done move says.

        :raise UserError: for units with a delivery, unless the delivery writes
        """
        if self._is_by_method():
            return
        for unit in self.filtered("move_id"):
            if any(
                field in vals
                and unit._fields[field].convert_to_write(unit[field], unit)
                != vals[field]
                for field in IDENTITY
            ):
                raise UserError(
                    self.env._(
                        "%s was delivered like this: correct the delivery instead.",
                        unit.display_name,
                    )
                )

    def _follow_typed_serial(self):
        """Tie units to the lot of the serial number just typed."""
        vals_list = [
            {
                "product_id": unit.product_id.id,
                "serial": unit.serial,
                "company_id": unit.company_id.id,
            }
            for unit in self
        ]
        self._attach_lots(vals_list)
        for unit, vals in zip(self, vals_list, strict=True):
            if vals.get("lot_id") and vals["lot_id"] != unit.lot_id.id:
                unit.lot_id = vals["lot_id"]

    @api.model
    def _attach_lots(self, vals_list):
        """Tie typed serial numbers of tracked products to their ``stock.lot``.

        An unknown number is registered as a lot without stock, so that a unit sold
        before go-live can come back through the same transfers as any other.
        """
        typed = [
            vals for vals in vals_list if vals.get("serial") and not vals.get("lot_id")
        ]
        products = self.env["product.product"].browse(
            {vals["product_id"] for vals in typed if vals.get("product_id")}
        )
        tracked = set(products.filtered(lambda p: p.tracking != "none").ids)
        typed = [vals for vals in typed if vals.get("product_id") in tracked]
        if not typed:
            return
        # Agents have no right on lots; only number, product and company are written.
        Lot = self.env["stock.lot"].sudo()
        known = {}
        for lot in Lot.search(
            [
                ("name", "in", [vals["serial"].strip() for vals in typed]),
                ("product_id", "in", list(tracked)),
            ]
        ):
            known[lot.name, lot.product_id.id, lot.company_id.id] = lot.id
        wanted, unknown = [], {}
        for vals in typed:
            company_id = vals.get("company_id") or self.env.company.id
            key = (vals["serial"].strip(), vals["product_id"], company_id)
            if (*key[:2], False) in known:
                key = (*key[:2], False)
            wanted.append((vals, key))
            if key not in known:
                unknown[key] = dict(
                    zip(("name", "product_id", "company_id"), key, strict=True)
                )
        lots = Lot.create(list(unknown.values()))
        known |= dict(zip(unknown, lots.ids, strict=True))
        for vals, key in wanted:
            vals["lot_id"] = known[key]

    @api.model
    def _ensure_serials_free(self, vals_list):
        """Nobody registers a unit that is in use under another voucher (R13).

        The unique index stays the guard against two people at the same moment.

        :raise UserError: naming the serial numbers and their vouchers
        """
        products = self.env["product.product"].browse(
            {vals["product_id"] for vals in vals_list if vals.get("product_id")}
        )
        # A lot number belongs to many units, any other number to one.
        unique = set(products.filtered(lambda p: p.tracking != "lot").ids)
        claimed = Counter(
            (
                vals["serial"].strip(),
                vals["product_id"],
                vals.get("company_id") or self.env.company.id,
            )
            for vals in vals_list
            if vals.get("serial") and vals.get("product_id") in unique
        )
        if not claimed:
            return
        serials, product_ids, company_ids = map(set, zip(*claimed, strict=True))
        # Also those that the user cannot see; their number is all that is told.
        units = self.sudo().search(
            [
                ("serial", "in", list(serials)),
                ("product_id", "in", list(product_ids)),
                ("company_id", "in", list(company_ids)),
                ("state", "=", "active"),
            ]
        )
        used = {
            (unit.serial, unit.product_id.id, unit.company_id.id): unit.name
            for unit in units
        }
        problems = []
        for key, count in claimed.items():
            names = {
                "serial": key[0],
                "product": products.browse(key[1]).display_name,
            }
            if key in used:
                problems.append(
                    self.env._(
                        "Serial number %(serial)s of %(product)s is in use already: "
                        "service voucher %(voucher)s.",
                        voucher=used[key],
                        **names,
                    )
                )
            elif count > 1:
                problems.append(
                    self.env._(
                        "Serial number %(serial)s of %(product)s comes %(count)s times.",
                        count=count,
                        **names,
                    )
                )
        if problems:
            raise UserError("\n".join(problems))

    # ------------------------------------------------------------
    # IMPORT
    # ------------------------------------------------------------

    @api.model
    def get_import_templates(self):
        """Offer the template for units sold before go-live in the import screen."""
        return [
            {
                "label": self.env._("Template for units sold before go-live"),
                "template": "/aftersales/import_template/aftersales.equipment",
            }
        ]
