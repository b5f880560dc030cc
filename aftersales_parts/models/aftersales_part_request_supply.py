from odoo import api, fields, models

from .stock_move_part import OPEN_STATES


class AftersalesPartRequest(models.Model):
    """Where requested parts come from: station, regional depot, head office, vendor."""

    _inherit = "aftersales.part.request"

    date_expected = fields.Datetime(
        string="Expected",
        compute="_compute_date_expected",
        compute_sudo=True,
        help="When the last of it will be there: as promised, else by the transfers.",
    )
    supply_text = fields.Char(
        string="Comes from", compute="_compute_date_expected", compute_sudo=True
    )

    @api.depends(
        "date_promised",
        "line_ids.move_ids.state",
        "line_ids.move_ids.date",
        "line_ids.move_ids.move_orig_ids.date",
    )
    @api.depends_context("lang")
    def _compute_date_expected(self):
        for request in self:
            waiting = request.line_ids.move_ids.filtered(
                lambda move: move.state in OPEN_STATES
            )
            dates = (waiting | waiting.move_orig_ids).mapped("date")
            request.date_expected = request.date_promised or max(dates, default=False)
            texts = request.line_ids.mapped("supply_text")
            request.supply_text = "; ".join(text for text in texts if text)

    # ------------------------------------------------------------
    # SUPPLY
    # ------------------------------------------------------------

    def _supply(self):
        """Send what is not on its way yet, whatever was sent before."""
        # Who approves has no right on stock and purchases: what is sent is what was
        # approved, and no more.
        requests_sudo = self.sudo()
        for request in requests_sudo:
            request.with_company(request.company_id)._supply_one()
        requests_sudo._follow_moves()

    def _supply_one(self):
        self.ensure_one()
        missing = self._get_missing_quantities()
        if not missing:
            return
        # Of two who approve at once, one begins again.
        self._touch()
        chain = self.warehouse_id._get_depot_chain()
        if self.deliver_to == "depot":
            chain -= self.warehouse_id
        free = self._get_free(chain)
        plan = {}
        for line, quantity in missing.items():
            for depot in chain:
                part = min(quantity, free.get((depot, line.product_id), 0.0))
                if part > 0:
                    free[depot, line.product_id] -= part
                    quantity -= part
                    plan.setdefault((depot, False), []).append((line, part))
            if line.product_id.uom_id.compare(quantity, 0) > 0:
                last = chain[-1:] or self.warehouse_id
                plan.setdefault((last, True), []).append((line, quantity))
        for (depot, order), parts in plan.items():
            self._send(depot, parts, order)

    def _touch(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE aftersales_part_request SET write_date = write_date WHERE id = %s",
            (self.id,),
        )

    def _get_missing_quantities(self):
        """Return ``{line: quantity}`` that is neither here nor on its way."""
        self.ensure_one()
        result = {}
        for line in self.line_ids:
            moves = line.move_ids.filtered(lambda move: move.state != "cancel")
            rest = line.quantity - sum(moves.mapped("product_qty"))
            if line.product_id.uom_id.compare(rest, 0) > 0:
                result[line] = rest
        return result

    def _get_free(self, depots):
        """Return ``{(depot, product): quantity}`` nobody has reserved."""
        groups = self.env["stock.quant"]._read_group(
            [
                ("product_id", "in", self.line_ids.product_id.ids),
                ("location_id", "child_of", depots.lot_stock_id.ids),
                ("owner_id", "=", False),
            ],
            ["location_id", "product_id"],
            ["quantity:sum", "reserved_quantity:sum"],
        )
        free = {}
        for location, product, quantity, reserved in groups:
            key = (location.warehouse_id, product)
            free[key] = free.get(key, 0.0) + quantity - reserved
        return free

    def _send(self, depot, parts, order):
        """Make the transfer of a depot; what nobody has is purchased for it.

        :param parts: list of (line, quantity)
        :param bool order: purchase it, as far as there is a vendor
        """
        self.ensure_one()
        if self.deliver_to == "depot" and depot == self.warehouse_id:
            self._order_for_depot(parts)
            return
        depot._aftersales_ensure_complete()
        picking = self.env["stock.picking"].create(self._prepare_picking(depot))
        moves = self.env["stock.move"].create(
            [line._prepare_move(picking, quantity, order) for line, quantity in parts]
        )
        moves._action_confirm(merge=False)
        moves.filtered(
            lambda move: move.state in ("confirmed", "waiting")
        )._action_assign()

    def _prepare_picking(self, depot):
        """Return the values of the transfer a depot sends (hook)."""
        self.ensure_one()
        to_site = self.deliver_to == "site"
        picking_type = depot.aftersales_job_type_id if to_site else depot.int_type_id
        contact = ", ".join(filter(None, (self.contact_name, self.contact_phone)))
        return {
            "picking_type_id": picking_type.id,
            "location_id": depot.lot_stock_id.id,
            "location_dest_id": self._get_destination().id,
            "partner_id": self.site_id.id if to_site else False,
            "company_id": self.company_id.id,
            "origin": self.display_name,
            "scheduled_date": self.date_promised or fields.Datetime.now(),
            "aftersales_part_request_id": self.id,
            "note": contact if to_site else False,
            "user_id": False,
        }

    def _get_destination(self):
        """Return where the parts go: the van, the depot, or the customer."""
        self.ensure_one()
        if self.deliver_to == "site":
            return self.site_id.property_stock_customer
        if self.deliver_to == "van":
            vans = self.env["stock.location"]._aftersales_get_vans(
                self.technician_id, self.company_id
            )
            van = vans.get((self.technician_id.id, self.company_id.id))
            if not van:
                self._refuse(
                    self.env._(
                        "%s has no van: choose another place, or have a van made for "
                        "him.",
                        self.technician_id.name or self.env._("Nobody"),
                    )
                )
            return van
        return self.warehouse_id.lot_stock_id

    def _order_for_depot(self, parts):
        """Purchase what is for the depot itself, and what no parent depot has."""
        self.ensure_one()
        depot = self.warehouse_id
        Rule = self.env["stock.rule"]
        lines = [(line, q) for line, q in parts if line._get_buy_rule(depot)]
        if lines:
            Rule.run(
                [
                    Rule.Procurement(
                        line.product_id,
                        quantity,
                        line.product_id.uom_id,
                        depot.lot_stock_id,
                        self.name,
                        self.display_name,
                        self.company_id,
                        {
                            "warehouse_id": depot,
                            "route_ids": line._get_buy_rule(depot).route_id,
                            "date_planned": self.date_needed or fields.Datetime.now(),
                        },
                    )
                    for line, quantity in lines
                ]
            )

    def _cancel_moves(self):
        """Call off transfers that nobody waits for any more."""
        # See _supply.
        moves_sudo = self.sudo().line_ids.move_ids
        moves_sudo.filtered(lambda move: move.state in OPEN_STATES)._action_cancel()

    def _follow_moves(self):
        """Note the arrival of requests all parts of which are there."""
        here = self.filtered(
            lambda request: request.state == "approved"
            and request.line_ids
            and all(
                line.product_id.uom_id.compare(line.quantity_arrived, line.quantity)
                >= 0
                for line in request.line_ids
            )
        )
        if here:
            here._arrive()
