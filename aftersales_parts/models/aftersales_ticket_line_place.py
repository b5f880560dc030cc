from odoo import fields, models


class AftersalesTicketLine(models.Model):
    """Where a part comes from: the technician's van, else his depot."""

    _inherit = "aftersales.ticket.line"

    def _get_places(self):
        """Return the locations a part may come from, the nearest first.

        The van of who leads the visit, those of the crew, then the depot.
        """
        self.ensure_one()
        vans = self._get_vans()
        depot = vans.aftersales_depot_id[:1] or self._get_depot()
        return vans | depot.lot_stock_id

    def _get_vans(self):
        self.ensure_one()
        visit, company = self.dispatch_id, self.company_id
        people = visit.technician_id | visit.crew_ids
        if not visit:
            user = self.ticket_id.user_id.with_company(company)
            people = user.employee_id
        vans = self.env["stock.location"]
        for person in people:
            vans |= person.aftersales_van_ids.filtered(
                lambda van: van.company_id == company
            )
        return vans

    def _get_depot(self):
        """Return the depot of technicians without a van (hook)."""
        self.ensure_one()
        return self.company_id.aftersales_main_depot_id

    def _get_free(self):
        """Return ``{(location, product, lot): quantity}`` nobody has reserved."""
        places = self.env["stock.location"].union(
            *(line._get_places() for line in self)
        )
        groups = self.env["stock.quant"]._read_group(
            [
                ("product_id", "in", self.product_id.ids),
                ("location_id", "child_of", places.ids),
                ("owner_id", "=", False),
            ],
            ["location_id", "product_id", "lot_id"],
            ["quantity:sum", "reserved_quantity:sum"],
        )
        free = {}
        for location, product, lot, quantity, reserved in groups:
            for place in places:
                if location._child_of(place):
                    key = (place, product, lot)
                    free[key] = free.get(key, 0.0) + quantity - reserved
        return free

    def _choose_place(self, quantity, keep, free):
        """Return the first place that has enough, and take it from there.

        Without any, the last one: the depot orders what is missing.

        :param keep: moves of the line whose reservation counts as free
        :param dict free: of :meth:`_get_free`, changed
        """
        self.ensure_one()
        product, wanted = self.product_id, self.new_lot_id
        places = self._get_places()
        if not product.is_storable:
            return places[0]
        for place in places:
            here = {
                key: amount
                for key, amount in free.items()
                if key[:2] == (place, product) and (not wanted or key[2] == wanted)
            }
            kept = sum(
                keep.filtered(
                    lambda move, p=place: move.location_id._child_of(p)
                ).mapped("quantity")
            )
            if product.uom_id.compare(sum(here.values()) + kept, quantity) < 0:
                continue
            rest = quantity - kept
            for key, amount in here.items():
                part = min(amount, max(rest, 0.0))
                free[key] -= part
                rest -= part
            return place
        return places[-1]

    def _get_visit_picking(self, place, offer, pickings):
        """Return the open transfer of a visit from a place, a new one if need be.

        What is covered and what an order delivers go with transfers of their own.

        :param dict pickings: those found already, changed
        """
        self.ensure_one()
        visit, order = self.dispatch_id, offer.order_id
        key = (visit or self.ticket_id, place, order)
        if key in pickings:
            return pickings[key]
        values = self._prepare_picking(place)
        Picking = self.env["stock.picking"]
        if visit:
            found = Picking.search(
                [
                    ("aftersales_visit_id", "=", visit.id),
                    ("location_id", "=", place.id),
                    ("location_dest_id", "=", values["location_dest_id"]),
                    ("sale_id", "=", order.id),
                    ("state", "not in", ("done", "cancel")),
                ],
                limit=1,
            )
            if found:
                pickings[key] = found
                return found
        pickings[key] = Picking.create(values)
        return pickings[key]

    def _prepare_picking(self, place):
        """Return the values of a transfer of parts for a visit (hook)."""
        self.ensure_one()
        ticket, visit = self.ticket_id, self.dispatch_id
        depot = place.aftersales_depot_id or place.warehouse_id
        depot = depot or self._get_depot()
        depot._aftersales_ensure_complete()
        partner = ticket.site_id or ticket.partner_id
        customer = partner.with_company(self.company_id).property_stock_customer
        return {
            "picking_type_id": depot.aftersales_job_type_id.id,
            "location_id": place.id,
            "location_dest_id": customer.id or self._get_customers_location().id,
            "partner_id": partner.id,
            "company_id": self.company_id.id,
            "origin": ", ".join(filter(None, (ticket.name, visit.name))),
            "scheduled_date": visit.date_start or fields.Datetime.now(),
            "aftersales_visit_id": visit.id,
            "user_id": False,
        }

    def _get_customers_location(self):
        # Who reports a fault is not always known as a partner.
        return self.env.ref("stock.stock_location_customers")

    def _drop_empty(self, pickings):
        """Cancel nothing, keep nothing: transfers that were made for no move go."""
        made = self.env["stock.picking"].union(*pickings.values())
        made.filtered(lambda picking: not picking.move_ids).unlink()
