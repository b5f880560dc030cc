from odoo import fields, models
from odoo.fields import Command, Domain

from .stock_move_nonconformity import RELEASED


class AftersalesHoldMixin(models.AbstractModel):
    """Record that keeps goods apart from stock by real transfers, and releases them.

    What it keeps is the sum of the done moves that name it in ``_hold_link``.
    """

    _name = "aftersales.hold.mixin"
    _description = "Keeper of Failing Goods"

    _hold_link = ""

    quantity_held = fields.Float(
        string="Kept Apart",
        digits="Product Unit",
        compute="_compute_quantity_held",
        compute_sudo=True,
        help="On hand and outside the stock, so that nobody is promised it.",
    )
    reserved_for = fields.Text(
        string="Reserved and Not Kept Apart",
        compute="_compute_reserved_for",
        compute_sudo=True,
        help="Transfers that have reserved these goods: decide on each of them.",
    )

    def _compute_quantity_held(self):
        held = self._get_held()
        for record in self:
            record.quantity_held = sum(held.get(record._get_keeper(), {}).values())

    def _compute_reserved_for(self):
        for record in self:
            items = record._get_reserved_items()
            record.reserved_for = "\n".join(items.mapped(record._say_reserved)) or False

    # ------------------------------------------------------------
    # HOOKS
    # ------------------------------------------------------------

    def _get_keeper(self):
        """Return the record that the moves name: this one, unless it was split off."""
        self.ensure_one()
        return self

    def _get_hold_domain(self):
        """Domain of the quants that are about these goods, wherever they lie (hook)."""
        return Domain.FALSE

    # ------------------------------------------------------------
    # WHAT LIES WHERE
    # ------------------------------------------------------------

    def _get_held(self):
        """Return ``{keeper: {(product, lot, place): quantity}}`` in one query."""
        keepers = self.browse().union(*(record._get_keeper() for record in self))
        held = {keeper: {} for keeper in keepers}
        if not keepers.ids:
            return held
        apart = self.env["stock.warehouse"]._aftersales_get_apart_ids()
        items = self.env["stock.move.line"].search(
            [(f"move_id.{self._hold_link}", "in", keepers.ids), ("state", "=", "done")]
        )
        for item in items:
            keeper = held[item.move_id[self._hold_link].with_env(self.env)]
            for place, sign in ((item.location_dest_id, 1), (item.location_id, -1)):
                if place._aftersales_is_within(apart):
                    key = (item.product_id, item.lot_id, place)
                    keeper[key] = keeper.get(key, 0) + sign * item.quantity_product_uom
        lying = self._get_lying(held)
        return {
            keeper: {
                key: min(quantity, lying.get(key, 0.0))
                for key, quantity in goods.items()
                if key[0].uom_id.compare(min(quantity, lying.get(key, 0.0)), 0.0) > 0
            }
            for keeper, goods in held.items()
        }

    def _get_lying(self, held):
        """Return ``{(product, lot, place): quantity}`` that lies there and is free.

        What the warehouse scrapped there or sends to the supplier is not kept any more.
        """
        places = {place.id for goods in held.values() for *_goods, place in goods}
        products = {product.id for goods in held.values() for product, *_rest in goods}
        if not places:
            return {}
        groups = self.env["stock.quant"]._read_group(
            [("location_id", "in", list(places)), ("product_id", "in", list(products))],
            ["product_id", "lot_id", "location_id"],
            ["quantity:sum", "reserved_quantity:sum"],
        )
        return {
            (product, lot, place): quantity - reserved
            for product, lot, place, quantity, reserved in groups
        }

    def _get_stock_domain(self):
        """Domain of the places whose goods are promised to customers, or used."""
        warehouses = self.env["stock.warehouse"].with_context(active_test=False)
        warehouses = warehouses.search([("company_id", "in", self.company_id.ids)])
        elsewhere = (
            warehouses.aftersales_quarantine_id
            | warehouses.aftersales_customer_goods_id
            | warehouses.aftersales_hold_id
            | warehouses.aftersales_apart_id
        )
        return (
            Domain("location_id.usage", "=", "internal")
            & Domain("owner_id", "=", False)
            & ~Domain("location_id", "child_of", elsewhere.ids)
        )

    def _get_reserved_items(self):
        """Return the reservations of these goods that still lie on stock."""
        self.ensure_one()
        domain = self._get_hold_domain()
        if Domain(domain).is_false():
            return self.env["stock.move.line"]
        return self.env["stock.move.line"].search(
            domain
            & self._get_stock_domain()
            & Domain("state", "in", ("assigned", "partially_available"))
            & Domain("quantity", ">", 0)
        )

    def _say_reserved(self, item):
        """Name what reserved goods, for whom and how many."""
        parts = (
            item.picking_id.name or item.reference or item.move_id.display_name,
            item.picking_id.partner_id.display_name,
            item.lot_id.name,
            f"{round(item.quantity_product_uom, 6):g} {item.product_id.uom_id.name}",
        )
        return " · ".join(part for part in parts if part)

    # ------------------------------------------------------------
    # MOVING
    # ------------------------------------------------------------

    def _keep_apart(self, limit=None):
        """Move what is on stock of these goods and reserved by nobody to a place apart.

        Run twice it finds nothing more.

        :param float limit: at most so much
        :return: the quantity that was moved
        """
        self.ensure_one()
        domain = self._get_hold_domain()
        if Domain(domain).is_false():
            return 0.0
        quants = self.env["stock.quant"].search(
            domain & self._get_stock_domain() & Domain("quantity", ">", 0)
        )
        # One takes goods apart at a time, and nobody reserves them meanwhile.
        quants.lock_for_update(allow_referencing=True)
        parts, left = {}, limit
        for quant in quants:
            free = quant.quantity - quant.reserved_quantity
            free = free if left is None else min(free, left)
            if quant.product_id.uom_id.compare(free, 0.0) <= 0:
                continue
            left = None if left is None else left - free
            place = self._get_apart(quant.location_id)
            parts.setdefault((quant.location_id, place), []).append(
                (quant.product_id, quant.lot_id, quant.package_id, free)
            )
        return self._transfer(parts)

    def _get_apart(self, location):
        """Return the place apart of the warehouse that a location belongs to."""
        warehouse = location.warehouse_id or self.env["stock.warehouse"].search(
            [("company_id", "=", self.company_id.id)], limit=1
        )
        return warehouse._aftersales_get_apart()

    def _release(self, limit=None):
        """Bring goods back to stock that are kept apart.

        :param float limit: at most so much
        :return: the quantity that was moved
        """
        self.ensure_one()
        parts, taken = {}, self._take_held(limit)
        warehouses = self.env["stock.warehouse"].search(
            [("aftersales_apart_id", "in", [place.id for _p, _l, place, _q in taken])]
        )
        stock = {house.aftersales_apart_id: house.lot_stock_id for house in warehouses}
        for product, lot, place, quantity in taken:
            parts.setdefault((place, stock[place]), []).append(
                (product, lot, self.env["stock.package"], quantity)
            )
        return self._transfer(parts)

    def _take_held(self, limit=None):
        """Return (product, lot, place, quantity) of what is kept, up to a quantity."""
        keeper, taken, left = self._get_keeper(), [], limit
        for (product, lot, place), held in self._get_held()[keeper].items():
            quantity = held if left is None else min(held, left)
            if product.uom_id.compare(quantity, 0.0) <= 0:
                continue
            left = None if left is None else left - quantity
            taken.append((product, lot, place, quantity))
        return taken

    def _transfer(self, parts):
        """Make and validate the transfers of goods between two places.

        :param dict parts: ``{(from, to): [(product, lot, package, quantity)]}``
        """
        pickings = self.env["stock.picking"].create(
            [
                self._prepare_transfer(source, destination, goods)
                for (source, destination), goods in parts.items()
            ]
        )
        pickings.move_ids.picked = True
        pickings.with_context(aftersales_released=RELEASED)._action_done()
        self._after_transfer()
        return sum(quantity for goods in parts.values() for *_goods, quantity in goods)

    def _after_transfer(self):
        """Read anew what lies where."""
        self.invalidate_model(["quantity_held", "reserved_for"], flush=False)

    def _prepare_transfer(self, source, destination, goods):
        place = source.warehouse_id or destination.warehouse_id
        warehouse = place or self.env["stock.warehouse"].search(
            [("company_id", "=", self.company_id.id)], limit=1
        )
        common = {
            "location_id": source.id,
            "location_dest_id": destination.id,
            "company_id": self.company_id.id,
        }
        by_product = {}
        for product, *rest in goods:
            by_product.setdefault(product, []).append(rest)
        return {
            **common,
            "picking_type_id": warehouse.int_type_id.id,
            "origin": self.display_name,
            "move_ids": [
                Command.create(
                    {
                        **common,
                        "product_id": product.id,
                        "product_uom": product.uom_id.id,
                        "product_uom_qty": sum(quantity for *_lot, quantity in items),
                        self._hold_link: self._get_keeper().id,
                        "move_line_ids": [
                            Command.create(
                                {
                                    **common,
                                    "product_id": product.id,
                                    "product_uom_id": product.uom_id.id,
                                    "lot_id": lot.id,
                                    "package_id": package.id,
                                    "quantity": quantity,
                                }
                            )
                            for lot, package, quantity in items
                        ],
                    }
                )
                for product, items in by_product.items()
            ],
        }
