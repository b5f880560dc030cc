from odoo import fields, models


class AftersalesReturnLine(models.Model):
    """Which piece took the place of which: told by what went and came."""

    _inherit = "aftersales.return.line"

    pair_ids = fields.One2many(
        comodel_name="aftersales.return.pair",
        inverse_name="line_id",
        string="Serial Numbers",
        readonly=True,
        copy=False,
    )

    def _pair_pieces(self):
        """Pair what was sent with what came, each piece once, in their order.

        Run again it adds what is new. Other serial numbers than announced or planned,
        and parts of a quantity, are paired as they really are.
        """
        # The warehouse has no right on pairs and vouchers; they follow its moves alone.
        lines_sudo = self.sudo().filtered(
            lambda line: line.quantity_replaced and line._has_pieces()
        )
        if not lines_sudo:
            return
        vals_list = []
        for line in lines_sudo:
            line._correct_pairs()
            vals_list += line._prepare_pairs()
        lines_sudo.pair_ids._by_method().create(vals_list)
        lines_sudo.pair_ids._link_units()
        lines_sudo._note_new_serials()

    def _has_pieces(self):
        """Tell whether pieces of the product are told apart, or have vouchers."""
        self.ensure_one()
        product = self.product_id
        return product.tracking != "none" or product.aftersales_voucher != "none"

    def _get_pieces(self, moves):
        """Return ``{(move, lot): quantity}`` of done moves, in their order."""
        pieces = {}
        for move in moves.sorted(lambda move: (move.date, move.id)):
            for item in move.move_line_ids.sorted("id"):
                key = (move, item.lot_id)
                pieces[key] = pieces.get(key, 0.0) + item.quantity_product_uom
        return pieces

    def _get_old_pieces(self):
        """Return ``{lot: quantity}`` of what came back, and what is still to come.

        :return: what came, what is announced by its serial number
        """
        self.ensure_one()
        came = {}
        for (_move, lot), quantity in self._get_pieces(self._get_receipts()).items():
            came[lot] = came.get(lot, 0.0) + quantity
        coming = {}
        left = self.quantity - sum(came.values())
        if self.exchange_first and self.product_id.uom_id.compare(left, 0.0) > 0:
            coming[self.lot_id] = left
        return came, coming

    def _correct_pairs(self):
        """Put the serial numbers that came in the place of those announced."""
        came, _coming = self._get_old_pieces()
        for pair in self.pair_ids.filtered(lambda pair: not pair.is_expected):
            came[pair.old_lot_id] = came.get(pair.old_lot_id, 0.0) - pair.quantity
        uom = self.product_id.uom_id
        expected = self.pair_ids.filtered("is_expected")
        # Those that came as announced first, then the others in their order.
        for pair in expected.sorted(
            lambda pair: (came.get(pair.old_lot_id, 0.0) <= 0, pair.id)
        ):
            first = pair.old_lot_id
            lots = [lot for lot, left in came.items() if uom.compare(left, 0.0) > 0]
            if not lots:
                break
            lot = first if first in lots else lots[0]
            taken = min(came[lot], pair.quantity)
            came[lot] -= taken
            if uom.compare(taken, pair.quantity) < 0:
                # What is still out stays announced, on a row of its own.
                pair._by_method().copy({"quantity": pair.quantity - taken})
                pair._by_method().write({"quantity": taken})
            pair._by_method().write({"old_lot_id": lot.id, "is_expected": False})

    def _prepare_pairs(self):
        """Return the pairs of replacements that arrived since."""
        self.ensure_one()
        new = self._get_pieces(
            self._get_replacement_moves().filtered(
                lambda move: move.state == "done" and move._aftersales_is_delivery()
            )
        )
        came, coming = self._get_old_pieces()
        for pair in self.pair_ids:
            new[pair.move_id, pair.new_lot_id] -= pair.quantity
            old = coming if pair.is_expected else came
            old[pair.old_lot_id] = old.get(pair.old_lot_id, 0.0) - pair.quantity
        uom = self.product_id.uom_id
        stock = [
            [lot, quantity, expected]
            for pieces, expected in ((came, False), (coming, True))
            for lot, quantity in pieces.items()
        ]
        vals_list = []
        for (move, lot), quantity in new.items():
            while uom.compare(quantity, 0.0) > 0:
                old = next((e for e in stock if uom.compare(e[1], 0.0) > 0), None)
                taken = min(quantity, old[1]) if old else quantity
                if old:
                    old[1] -= taken
                quantity -= taken
                vals_list.append(
                    {
                        "line_id": self.id,
                        "move_id": move.id,
                        "new_lot_id": lot.id,
                        "quantity": taken,
                        "old_lot_id": old[0].id if old else False,
                        "is_expected": bool(old and old[2]) or not old,
                    }
                )
        return vals_list

    def _note_new_serials(self):
        """Note the serial numbers that were really sent, where it is a single one."""
        for line in self:
            lots = line.pair_ids.new_lot_id
            single = lots if len(lots) == 1 else lots.browse()
            if lots and line.replacement_lot_id != single:
                line.replacement_lot_id = single
