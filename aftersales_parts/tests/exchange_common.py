from .common import PartsCommon

# Goods on stock as they come: the inspection has its own tests.
EXCHANGE = {"remedy": "exchange", "inspection_required": False}


class ExchangeCommon(PartsCommon):
    """Helpers to exchange goods, and to read what an order says of it."""

    def setUp(self):
        super().setUp()
        self.oil.invoice_policy = "delivery"

    def _rest(self, order):
        """Return delivered, invoiced and still to invoice of an order's first line."""
        line = order.order_line[:1]
        return (line.qty_delivered, line.qty_invoiced, line.qty_to_invoice)

    def _came(self, rma, lots=None, **kwargs):
        """Validate the receipts of a return, and nothing else of it."""
        pickings = rma.line_ids._get_expected_moves().picking_id
        for picking in pickings:
            self._validate(picking, lots=lots, **kwargs)
        return pickings

    def _replacement(self, rma):
        """Return the open deliveries of replacements."""
        moves = rma.line_ids._get_replacement_moves()
        return moves.filtered(lambda move: move.state != "done").picking_id

    def _ship(self, rma, lots=None, **kwargs):
        """Validate the deliveries of replacements, step by step."""
        shipped = self.env["stock.picking"]
        while pickings := self._replacement(rma) - shipped:
            for picking in pickings:
                self._validate(picking, lots=lots, **kwargs)
            shipped |= pickings
            if kwargs:
                break
        return shipped

    def _exchange_rma(self, order, quantity=1, authorise=True, **values):
        deliveries = order.picking_ids.move_ids.filtered(
            lambda move: move._aftersales_is_delivery()
        )
        rma = self._rma(
            *((move, quantity, {**EXCHANGE, **values}) for move in deliveries)
        )
        if authorise:
            rma.action_authorise()
        return rma
