from odoo import api, fields, models
from odoo.fields import Command, Domain

from ..tools.supplier_claim import split_quantity


class AftersalesSupplierClaim(models.Model):
    """Failed goods go to the supplier, repaired ones come back through inspection (R50)."""

    _inherit = "aftersales.supplier.claim"

    picking_ids = fields.One2many(
        comodel_name="stock.picking",
        inverse_name="aftersales_claim_id",
        string="Transfers",
        copy=False,
    )
    picking_count = fields.Integer(
        string="Number of Transfers", compute="_compute_picking_count"
    )
    goods_date = fields.Datetime(string="Transfer Made on", readonly=True, copy=False)
    can_return_goods = fields.Boolean(compute="_compute_can_return_goods")
    can_receive_goods = fields.Boolean(compute="_compute_can_return_goods")

    def _compute_picking_count(self):
        # How many there are, for who may not read them.
        pickings_sudo = self.env["stock.picking"].sudo()
        counts = dict(
            pickings_sudo._read_group(
                [("aftersales_claim_id", "in", self.ids)],
                ["aftersales_claim_id"],
                ["__count"],
            )
        )
        for claim in self:
            claim.picking_count = counts.get(claim, 0)

    @api.depends("state", "picking_ids.state")
    @api.depends_context("uid", "su")
    def _compute_can_return_goods(self):
        works = self.env.su or self.browse().has_access("write")
        for claim in self:
            live = works and claim.state in ("sent", "answered", "agreed", "done")
            # The warehouse's transfers, for who may not read them.
            live_sudo = claim.sudo().picking_ids.filtered(
                lambda picking: picking.state != "cancel"
            )
            out = live_sudo.filtered(
                lambda picking: picking.location_dest_id.usage == "supplier"
            )
            back = live_sudo.filtered(
                lambda picking: picking.location_id.usage == "supplier"
            )
            gone = bool(out) and all(picking.state == "done" for picking in out)
            claim.can_return_goods = live and not out
            claim.can_receive_goods = live and gone and not back

    def _ensure_no_transfers(self):
        """Refuse to drop claims whose goods wait to be shipped or received.

        :raise UserError: naming the claims and the way out
        """
        # Whether there are any, for who may not read them.
        waiting_sudo = self.sudo().filtered(
            lambda claim: any(
                picking.state not in ("done", "cancel") for picking in claim.picking_ids
            )
        )
        if waiting_sudo:
            # Said with the rights of who asked.
            waiting_sudo.sudo(False)._refuse(
                self.env._("The warehouse validates or cancels its transfers first.")
            )

    # ------------------------------------------------------------
    # TO THE SUPPLIER
    # ------------------------------------------------------------

    def action_return_goods(self):
        """Make the transfers that bring the failed goods to the supplier (R57).

        Goods whose receipt is known go back as its return, others as a delivery to the
        vendor. The warehouse validates them.

        :raise UserError: before it was sent, a second time, or when the goods are not
            in our hands
        """
        self._ensure_can(
            "can_return_goods",
            self.env._(
                "Goods go to the supplier once, after he was sent the claim; cancel its "
                "transfer to make another one."
            ),
        )
        self._lock()
        for claim in self:
            # Made behind the rules of the claim: its people have no right on stock.
            claim.sudo()._send_goods()
        self._by_method().write({"goods_date": fields.Datetime.now()})
        return True

    def _send_goods(self):
        self.ensure_one()
        wanted = self._get_wanted_goods()
        quants = self._find_goods(wanted)
        left = {quant: quant.quantity - quant.reserved_quantity for quant in quants}
        by_place, missing = {}, []
        for item in wanted:
            places = [
                (quant, left[quant])
                for quant in quants
                if quant.product_id == item["product"]
                and (not item["lot"] or quant.lot_id == item["lot"])
                and left[quant] > 0
            ]
            taken, short = split_quantity(item["quantity"], places)
            for quant, quantity in taken:
                left[quant] -= quantity
                row = {**item, "lot": quant.lot_id, "quantity": quantity}
                by_place.setdefault(quant.location_id, []).append(row)
            if not item["product"].uom_id.is_zero(short):
                names = (item["product"].display_name, item["lot"].name)
                missing.append(f"{short:g} × {' '.join(filter(None, names))}")
        if missing or not by_place:
            self._refuse(
                self.env._(
                    "These goods are not in our hands; the places of quarantine, of failing "
                    "goods and of old parts are looked through, for a known lot all: %s",
                    ", ".join(missing) or "–",
                )
            )
        for place, items in by_place.items():
            self._create_delivery(place, items)

    def _get_wanted_goods(self):
        """Return what goes to the supplier: the parts of the lines, else the model."""
        self.ensure_one()
        found = [
            {
                "line": line,
                "product": line.product_id,
                "lot": line.lot_id,
                "quantity": line.quantity,
                "receipt": line.receipt_id,
            }
            for line in self.line_ids
            if line.kind == "part" and line.product_id.type == "consu"
        ]
        if not found and self.product_id:
            found.append(
                {
                    "line": self.line_ids.browse(),
                    "product": self.product_id,
                    "lot": self.lot_id,
                    "quantity": self.quantity,
                    "receipt": self._find_receipt(),
                }
            )
        return found

    def _find_receipt(self):
        """Return the receipt from this supplier that its lot came with."""
        self.ensure_one()
        if not self.lot_id:
            return self.env["stock.move"]
        details = self.env["stock.move.line"].search(
            [
                ("product_id", "=", self.product_id.id),
                ("lot_id", "=", self.lot_id.id),
                ("state", "=", "done"),
                ("location_id.usage", "=", "supplier"),
                ("move_id.purchase_line_id", "!=", False),
                ("company_id", "=", self.company_id.id),
            ],
            order="date, id",
            limit=1,
        )
        return details.move_id

    def _find_goods(self, wanted):
        """Return our stock of these goods: known lots anywhere, others set apart.

        A good piece on stock is not sent in place of a failed one.
        """
        self.ensure_one()
        lots = [item["lot"].id for item in wanted if item["lot"]]
        others = [item["product"].id for item in wanted if not item["lot"]]
        warehouses = self.env["stock.warehouse"].search(
            [("company_id", "=", self.company_id.id)]
        )
        apart = (
            warehouses.aftersales_quarantine_id
            | warehouses.aftersales_old_parts_id
            | warehouses.aftersales_apart_id
        )
        domain = Domain("lot_id", "in", lots) | (
            Domain("product_id", "in", others)
            & Domain("location_id", "child_of", apart.ids)
        )
        domain &= (
            Domain("company_id", "=", self.company_id.id)
            & Domain("location_id.usage", "=", "internal")
            & Domain("owner_id", "=", False)
            & Domain("quantity", ">", 0)
        )
        quants = self.env["stock.quant"].search(domain, order="in_date, id")
        # What is set apart has failed for certain.
        return quants.sorted(lambda quant: quant.location_id not in apart)

    def _create_delivery(self, place, items):
        self.ensure_one()
        receipts = self.env["stock.move"].union(*(item["receipt"] for item in items))
        picking = self.env["stock.picking"].create(
            self._prepare_delivery(place, receipts)
        )
        wizard = self.env["stock.return.picking"].create({})
        for item in items:
            move = self._create_delivery_move(picking, wizard, item)
            move._action_confirm(merge=False)
            if item["lot"]:
                # Whatever was reserved when it was confirmed: this lot failed.
                move.move_line_ids.unlink()
                self.env["stock.move.line"].create(
                    self._prepare_detail(move, item["lot"], item["quantity"])
                )
        picking.action_assign()
        return picking

    def _prepare_delivery(self, place, receipts):
        """Return the values of the transfer to the supplier (hook)."""
        self.ensure_one()
        vendor = self.partner_id.with_company(self.company_id)
        warehouse = place.warehouse_id or self.env["stock.warehouse"].search(
            [("company_id", "=", self.company_id.id)], limit=1
        )
        own_type = receipts.picking_type_id.return_picking_type_id[:1]
        return {
            "partner_id": vendor.id,
            "picking_type_id": (own_type or warehouse.out_type_id).id,
            "location_id": place.id,
            "location_dest_id": vendor.property_stock_supplier.id,
            "origin": self.name,
            "company_id": self.company_id.id,
            "aftersales_claim_id": self.id,
            "return_id": receipts.picking_id.id
            if len(receipts.picking_id) == 1
            else False,
        }

    def _create_delivery_move(self, picking, wizard, item):
        """Make a move as Odoo's return of a receipt makes it, from where the goods lie.

        Ordered quantities stay: the money goes by the claim.
        """
        product, receipt = item["product"], item["receipt"]
        back = self.env["stock.return.picking.line"].create(
            {
                "wizard_id": wizard.id,
                "product_id": product.id,
                "quantity": item["quantity"],
                "move_id": receipt.id,
                "to_refund": False,
            }
        )
        vals = {
            **back._prepare_move_default_values(picking),
            "product_uom": product.uom_id.id,
            "product_uom_qty": item["quantity"],
            "origin": self.name,
            "company_id": self.company_id.id,
            "aftersales_claim_line_id": item["line"].id,
        }
        if receipt:
            vals = {**receipt.copy_data(vals)[0], **vals}
        return self.env["stock.move"].create(vals)

    @api.model
    def _prepare_detail(self, move, lot, quantity):
        return {
            "move_id": move.id,
            "picking_id": move.picking_id.id,
            "product_id": move.product_id.id,
            "product_uom_id": move.product_uom.id,
            "lot_id": lot.id,
            "quantity": quantity,
            "location_id": move.location_id.id,
            "location_dest_id": move.location_dest_id.id,
        }

    # ------------------------------------------------------------
    # BACK FROM HIM
    # ------------------------------------------------------------

    def action_receive_goods(self):
        """Announce repaired goods: they come into quarantine and are inspected (R50).

        :raise UserError: before the goods have left, or a second time
        """
        self._ensure_can(
            "can_receive_goods",
            self.env._(
                "Only goods that have left for the supplier come back, once: the "
                "warehouse validates that transfer first."
            ),
        )
        self._lock()
        for claim in self:
            # Made behind the rules of the claim: its people have no right on stock.
            claim.sudo()._expect_goods()
        self._by_method().write({"goods_date": fields.Datetime.now()})
        return True

    def _expect_goods(self):
        """Make the receipt and the inspection after it."""
        self.ensure_one()
        out = self.picking_ids.filtered(
            lambda picking: picking.state == "done"
            and picking.location_dest_id.usage == "supplier"
        )
        gone = out.move_ids.filtered(lambda move: move.state == "done")
        warehouse = out.location_id.warehouse_id[:1] or self.env[
            "stock.warehouse"
        ].search([("company_id", "=", self.company_id.id)], limit=1)
        warehouse._aftersales_ensure_complete()
        common = {
            "partner_id": self.partner_id.id,
            "origin": self.name,
            "company_id": self.company_id.id,
            "aftersales_claim_id": self.id,
        }
        quarantine = warehouse.aftersales_quarantine_id
        receipt, inspection = self.env["stock.picking"].create(
            [
                {
                    **common,
                    "picking_type_id": warehouse.in_type_id.id,
                    "location_id": out.location_dest_id[:1].id,
                    "location_dest_id": quarantine.id,
                },
                {
                    **common,
                    "picking_type_id": warehouse.aftersales_inspection_type_id.id,
                    "location_id": quarantine.id,
                    "location_dest_id": warehouse.lot_stock_id.id,
                },
            ]
        )
        for move in gone:
            came = self.env["stock.move"].create(
                {
                    **self._prepare_repaired(move, receipt),
                    "origin_returned_move_id": move.id,
                }
            )
            came._action_confirm(merge=False)
            came.move_line_ids.unlink()
            self.env["stock.move.line"].create(
                [
                    self._prepare_detail(came, detail.lot_id, detail.quantity)
                    for detail in move.move_line_ids
                ]
            )
            looked = self.env["stock.move"].create(
                {
                    **self._prepare_repaired(move, inspection),
                    "procure_method": "make_to_order",
                    "move_orig_ids": [Command.link(came.id)],
                }
            )
            looked._action_confirm(merge=False)

    def _prepare_repaired(self, move, picking):
        """Return the values of a move of repaired goods (hook)."""
        self.ensure_one()
        return {
            "product_id": move.product_id.id,
            "product_uom": move.product_uom.id,
            "product_uom_qty": move.quantity,
            "picking_id": picking.id,
            "picking_type_id": picking.picking_type_id.id,
            "location_id": picking.location_id.id,
            "location_dest_id": picking.location_dest_id.id,
            "company_id": self.company_id.id,
            "origin": self.name,
            "to_refund": False,
            "aftersales_claim_line_id": move.aftersales_claim_line_id.id,
        }

    def action_view_pickings(self):
        """Open the transfers (warehouse)."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "stock.action_picking_tree_all"
        )
        action |= {
            "domain": [("aftersales_claim_id", "=", self.id)],
            "context": {"create": False},
        }
        if len(self.picking_ids) == 1:
            action |= {"views": [(False, "form")], "res_id": self.picking_ids.id}
        return action
