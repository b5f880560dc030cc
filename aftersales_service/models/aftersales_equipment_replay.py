from datetime import datetime, time

from odoo import api, models
from odoo.fields import Domain

from ..tools.replay import in_layers


class AftersalesEquipment(models.Model):
    """How vouchers are made for the deliveries of the past, when going live (R13).

    Live, the newest transfer is always the last word. A replayed transfer is not:
    the serial number may have gone on to another customer since, or its unit may
    have been registered from a file. Each transfer is therefore set into what is
    known of its serial numbers before and after it.
    """

    _inherit = "aftersales.equipment"

    @api.model
    def _replay(self, moves):
        """Follow done deliveries and returns of the past as they happened.

        What is known already stays as it is, so that a second run adds nothing.

        :param moves: done deliveries and returns, oldest first
        :return: tuple of new vouchers and of vouchers given back
        """
        # Archived vouchers are history too; a line of log for each of many
        # thousand vouchers tells nobody anything.
        self = self.with_context(
            active_test=False, mail_create_nolog=True, tracking_disable=True
        )
        made = returned = self.browse()
        for layer in in_layers(self._get_replay_events(moves)):
            events = moves.browse().union(*layer).with_prefetch(moves.ids)
            outgoing = events.filtered(lambda move: move._aftersales_is_delivery())
            returned |= self._replay_returns(events - outgoing)
            made |= self._replay_deliveries(outgoing)
        (made | returned)._allocate_invoices()
        return made, returned

    @api.model
    def _get_replay_events(self, moves):
        """Yield each move with the things whose order matters to it.

        Deliveries of one lot number do not disturb each other, but a return that
        only names the lot comes after them.
        """
        for move in moves:
            outgoing = move._aftersales_is_delivery()
            own, shared = set(), set()
            (own if outgoing else shared).add(
                ("move", move._aftersales_first_move().id)
            )
            if move.product_id.aftersales_voucher == "serial":
                alone = move.product_id.tracking == "serial" or not outgoing
                lots = {("lot", lot.id) for lot in move.move_line_ids.lot_id}
                (own if alone else shared).update(lots)
            yield move, own, shared

    # ------------------------------------------------------------
    # DELIVERIES
    # ------------------------------------------------------------

    @api.model
    def _replay_deliveries(self, moves):
        """Make the vouchers of past deliveries that have none.

        :return: the new vouchers
        """
        vals_list = self._prepare_new_vals_list(moves)
        vals_list = self._adopt_registered(vals_list)
        vals_list = self._set_into_history(vals_list)
        return self._by_method().create(vals_list).with_env(self.env)

    @api.model
    def _adopt_registered(self, vals_list):
        """Give units registered from a file or by hand their delivery.

        A serial number in use at the same customer is that unit; without serial
        number it is the one of the same product, customer, day and quantity.

        :return: the values of the vouchers still to be made
        """
        units = self.search(self._get_registered_domain(vals_list), order="id")
        if not units:
            return vals_list
        last_sales = self._get_last_sales(units.lot_id)
        registered = {}
        for unit in units:
            registered.setdefault(unit._get_replay_key(), []).append(unit)
        remaining, adopted = [], self.browse()
        for vals in vals_list:
            candidates = registered.get(self._get_replay_key(vals), [])
            if last_sales.get(vals["lot_id"], vals["move_id"]) != vals["move_id"]:
                # Sold again later: that delivery brought the registered unit.
                candidates = []
            unit = next(
                (unit for unit in candidates if unit._is_delivered_by(vals)), None
            )
            if unit is None:
                remaining.append(vals)
                continue
            candidates.remove(unit)
            adopted |= unit
            unit._by_method().write(unit._prepare_adoption_vals(vals))
        adopted._mark_sale_lines()
        adopted._allocate_invoices()
        adopted._follow_sale()
        return remaining

    @api.model
    def _get_registered_domain(self, vals_list):
        """Domain of the units without delivery that these deliveries may have brought."""
        seen = {
            field: list({vals[field] for vals in vals_list})
            for field in ("company_id", "product_id", "lot_id", "delivery_date")
        }
        same_lot = Domain("lot_id", "in", [lot for lot in seen["lot_id"] if lot])
        same_day = Domain("delivery_date", "in", seen["delivery_date"])
        return (
            Domain("move_id", "=", False)
            & Domain("state", "=", "active")
            & Domain("company_id", "in", seen["company_id"])
            & Domain("product_id", "in", seen["product_id"])
            & (same_lot | (Domain("lot_id", "=", False) & same_day))
        )

    @api.model
    def _get_last_sales(self, lots):
        """Return ``{lot id: id of the last move that delivered it on an order}``."""
        serials = lots.filtered(lambda lot: lot.product_id.tracking == "serial")
        lines = self.env["stock.move.line"].search(
            Domain("lot_id", "in", serials.ids)
            & Domain("state", "=", "done")
            & Domain("move_id.sale_line_id", "!=", False)
            & Domain("move_id.origin_returned_move_id", "=", False)
            & Domain("location_dest_id.usage", "=", "customer")
        )
        return {
            line.lot_id.id: line.move_id.id
            for line in lines.sorted(lambda line: (line.move_id.date, line.move_id.id))
        }

    def _get_replay_key(self, vals=None):
        """Return what a delivery and a registered unit must have in common."""
        vals = vals or {
            "company_id": self.company_id.id,
            "product_id": self.product_id.id,
            "lot_id": self.lot_id.id,
        }
        return vals["company_id"], vals["product_id"], vals["lot_id"] or False

    def _is_delivered_by(self, vals):
        """Tell whether a past delivery is the one that brought this registered unit."""
        self.ensure_one()
        known = self.partner_id | self.site_id | self.dealer_id
        receiver = self.env["res.partner"].browse(vals["partner_id"])
        if known and receiver.commercial_partner_id not in known.commercial_partner_id:
            return False
        if vals["lot_id"] and self.is_serialised:
            return True
        return (
            bool(known)
            and self.delivery_date == vals["delivery_date"]
            and self.uom_id.compare(self.quantity, vals["quantity"]) == 0
        )

    def _prepare_adoption_vals(self, vals):
        """Return what a registered unit learns from its delivery (hook)."""
        self.ensure_one()
        result = {
            field: vals[field]
            for field in ("source", "move_id", "sale_line_id", "delivery_date")
        }
        # Who holds the unit was said by a person, later than the delivery.
        if not self.partner_id:
            result |= {"partner_id": vals["partner_id"], "dealer_id": vals["dealer_id"]}
        if not self.site_id:
            result["site_id"] = vals["site_id"]
        return result

    @api.model
    def _set_into_history(self, vals_list):
        """Close what a delivery ended, or the delivery's own voucher when it is old.

        The voucher of the last customer of a serial number stays the one in use.

        :return: the values of the vouchers to be made
        """
        serials = (
            self.env["stock.lot"]
            .browse({vals["lot_id"] for vals in vals_list if vals["lot_id"]})
            .filtered(lambda lot: lot.product_id.tracking == "serial")
        )
        if not serials:
            return vals_list
        life = self._get_life_by_lot(serials)
        remaining, ended = [], {}
        for vals in vals_list:
            date = self.env["stock.move"].browse(vals["move_id"]).date
            before, after = self._find_neighbours(
                life.get((vals["lot_id"], vals["company_id"]), ()), date
            )
            gone = before.quantity_returned >= before.quantity
            if before and not gone and before._is_hand_back(vals):
                continue
            if after:
                vals |= {
                    "state": "returned",
                    "close_date": max(
                        after.delivery_date or vals["delivery_date"],
                        vals["delivery_date"],
                    ),
                    "close_reason": self._get_sold_anew_reason(),
                }
            elif before and before.state == "active":
                day = vals["delivery_date"]
                ended[day] = ended.get(day, self.browse()) | before
            remaining.append(vals)
        for day, units in ended.items():
            units._close("returned", self._get_sold_anew_reason(), day)
        # The index on vouchers in use must see them closed first.
        self.browse().union(*ended.values()).flush_recordset()
        return remaining

    @api.model
    def _get_sold_anew_reason(self):
        return self.env._("The serial number was delivered anew.")

    @api.model
    def _get_life_by_lot(self, lots):
        """Return ``{(lot id, company id): [(moment, voucher)]}``, oldest first.

        A unit without delivery is as recent as the last thing we know of it: its
        delivery as registered, the registration itself, or its last ticket. A
        delivery of before that does not end it.
        """
        units = self.search([("lot_id", "in", lots.ids)])
        registered = units.filtered(lambda unit: not unit.move_id)
        last_ticket = dict(
            self.env["aftersales.ticket"]._read_group(
                [("equipment_id", "in", registered.ids)],
                ["equipment_id"],
                ["date_open:max"],
            )
        )
        life = {}
        for unit in units:
            moment = unit.move_id.date
            if not moment:
                moment = (
                    datetime.combine(unit.delivery_date, time.max)
                    if unit.delivery_date
                    else unit.create_date
                )
                moment = max(moment, last_ticket.get(unit) or moment)
            key = (unit.lot_id.id, unit.company_id.id)
            life.setdefault(key, []).append((moment, unit))
        for history in life.values():
            history.sort(key=lambda entry: (entry[0], entry[1].move_id.id, entry[1].id))
        return life

    @api.model
    def _find_neighbours(self, history, date):
        """Return the last voucher until a moment and the first one after it."""
        before = after = self.browse()
        for moment, unit in history:
            if moment <= date:
                before = unit
            elif not after:
                after = unit
        return before, after

    # ------------------------------------------------------------
    # RETURNS
    # ------------------------------------------------------------

    @api.model
    def _replay_returns(self, moves):
        """Close the vouchers of goods that came back in the past.

        :return: the vouchers given back
        """
        if not moves:
            return self.browse()
        first_moves = {move: move._aftersales_first_move() for move in moves}
        by_move = self._get_by_move_and_lot(moves.browse().union(*first_moves.values()))
        life = self._get_life_by_lot(moves.move_line_ids.lot_id)
        returned = self.browse()
        for move, first in first_moves.items():
            day = self._get_local_date(move)
            for lot, quantity in move._aftersales_lot_quantities().items():
                unit = by_move.get((first.id, lot.id))
                if not unit and lot:
                    history = life.get((lot.id, move.company_id.id), ())
                    if lot.product_id.tracking != "serial":
                        history = [(m, u) for m, u in history if u.state == "active"]
                    unit, _after = self._find_neighbours(history, move.date)
                if not unit or move in unit.return_move_ids:
                    continue
                unit._give_back(quantity, day, move)
                unit._note_day_of_return(day)
                returned |= unit
        return returned

    def _note_day_of_return(self, day):
        """Let a voucher that ended with a later sale say when it really came back."""
        self.ensure_one()
        if self.state != "returned" or self.close_date == day:
            return
        if self.uom_id.compare(self.quantity_returned, self.quantity) >= 0:
            self._by_method().write(
                {
                    "close_date": day,
                    "close_reason": self.env._("Returned by the customer"),
                }
            )
