from odoo import fields, models

OPEN_STATES = ("draft", "waiting", "confirmed", "partially_available", "assigned")
LINKS = ("aftersales_ticket_line_id", "aftersales_request_line_id")


class StockMove(models.Model):
    """Moves of parts: for a line of a ticket, or that a technician asked for."""

    _inherit = "stock.move"

    aftersales_ticket_line_id = fields.Many2one(
        comodel_name="aftersales.ticket.line",
        string="Ticket Line",
        index="btree_not_null",
        check_company=True,
        copy=False,
        ondelete="set null",
    )
    aftersales_request_line_id = fields.Many2one(
        comodel_name="aftersales.part.request.line",
        string="Line of the Part Request",
        index="btree_not_null",
        check_company=True,
        copy=False,
        ondelete="set null",
    )

    def _prepare_merge_moves_distinct_fields(self):
        return [*super()._prepare_merge_moves_distinct_fields(), *LINKS]

    def _prepare_move_split_vals(self, qty):
        """A backorder is for the same line."""
        vals = super()._prepare_move_split_vals(qty)
        return vals | {name: self[name].id for name in LINKS}

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        moves._aftersales_follow_parts()
        return moves

    def _action_assign(self, force_qty=False):
        result = super()._action_assign(force_qty=force_qty)
        if self.env.context.get("aftersales_booking"):
            return result  # booked by the line itself
        lines = self.filtered(
            lambda move: move.aftersales_ticket_line_id
            and move.state in ("assigned", "partially_available")
        ).aftersales_ticket_line_id
        if lines:
            # What was used before it was in stock leaves as soon as it is there.
            used_sudo = lines.sudo().filtered(lambda line: line.state == "used")
            used_sudo._filter_goods()._sync_stock()
        return result

    def _aftersales_follow_parts(self):
        """Let requests and planned parts follow what reached a van or a site."""
        if self.env.context.get("aftersales_booking"):
            return  # booked by the line itself
        done = self.filtered(lambda move: move.state == "done")
        if asked := done.filtered("aftersales_request_line_id"):
            # The request follows its moves; the warehouse has no right on it.
            asked.aftersales_request_line_id.request_id.sudo()._follow_moves()
        # Whose van it is, is read with the place.
        vans_sudo = done.location_dest_id.sudo().filtered("aftersales_technician_id")
        if vans_sudo:
            # Parts planned on visits wait for what came; the warehouse plans none.
            self.env["aftersales.ticket.line"].sudo()._follow_refill(
                vans_sudo.aftersales_technician_id, done.product_id
            )

    def _aftersales_net(self):
        """Return what these moves took to a customer, less what came back.

        In the product's unit of measure, of done moves.
        """
        done = self.filtered(lambda move: move.state == "done")
        back = done.filtered(lambda move: move._aftersales_comes_from_customer())
        went = done.filtered(lambda move: move._aftersales_is_delivery())
        return went._aftersales_sum() - back._aftersales_sum()
