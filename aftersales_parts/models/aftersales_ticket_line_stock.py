from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import NO_ACCESS, Command, Domain

from .stock_move_part import OPEN_STATES

# Visits parts are reserved for.
BOOKED_STATES = ("assigned", "accepted", "on_site")
# What changes which goods a line needs.
GOODS = frozenset(
    {
        "ticket_id",
        "dispatch_id",
        "kind",
        "product_id",
        "quantity",
        "state",
        "new_lot_id",
    }
)


class AftersalesTicketLine(models.Model):
    """Parts of a ticket are goods: where they come from, and whether they are there.

    What is planned on an assigned visit is reserved, what was used is booked out, what
    was not needed is free again or goes back.
    """

    _inherit = "aftersales.ticket.line"

    stock_move_ids = fields.One2many(
        comodel_name="stock.move",
        inverse_name="aftersales_ticket_line_id",
        string="Moves",
        copy=False,
        groups=NO_ACCESS,
    )
    source_location_id = fields.Many2one(
        comodel_name="stock.location",
        string="Taken from",
        compute="_compute_stock",
        compute_sudo=True,
        help="Van or depot the part comes from.",
    )
    technician_id = fields.Many2one(related="dispatch_id.technician_id")
    visit_date = fields.Datetime(
        related="dispatch_id.date_start", string="Planned Start"
    )
    stock_state = fields.Selection(
        selection=[
            ("reserved", "Reserved"),
            ("missing", "Not in Stock"),
            ("booked", "Booked Out"),
        ],
        string="Stock",
        compute="_compute_stock",
        compute_sudo=True,
        search="_search_stock_state",
        help="Reserved: waits in the van or depot for the visit.\n"
        "Not in Stock: neither in the van nor in the depot; when it was used all the "
        "same, it is booked out as soon as it is there.\n"
        "Booked Out: it has left our stock.",
    )

    @api.depends(
        "stock_move_ids.state",
        "stock_move_ids.location_id",
        "stock_move_ids.quantity",
    )
    def _compute_stock(self):
        for line in self:
            moves = line.stock_move_ids
            waiting = moves.filtered(
                lambda move: move.state in OPEN_STATES
                and not move._aftersales_comes_from_customer()
            )
            last = (waiting or line._get_went())[-1:]
            line.source_location_id = last.location_id
            if waiting:
                there = all(move.state == "assigned" for move in waiting)
                line.stock_state = "reserved" if there else "missing"
            else:
                gone = moves._aftersales_net() > 0
                line.stock_state = "booked" if gone else False

    def _search_stock_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        waiting = Domain("state", "in", OPEN_STATES)
        kinds = {
            "reserved": waiting & Domain("state", "=", "assigned"),
            "missing": waiting & Domain("state", "!=", "assigned"),
            "booked": Domain("state", "=", "done"),
        }
        wanted = Domain.OR(kinds[state] for state in value if state in kinds)
        # Which lines wait for goods tells nothing of the moves.
        moves_sudo = self.env["stock.move"].sudo()
        query = moves_sudo._search(
            wanted
            & Domain("aftersales_ticket_line_id", "!=", False)
            & Domain("location_dest_id.usage", "=", "customer")
        )
        ids = Domain("id", "in", query.subselect("aftersales_ticket_line_id"))
        return ids if False not in value else ids | ~self._get_moved_domain()

    @api.model
    def _get_moved_domain(self):
        # See _search_stock_state.
        moves_sudo = self.env["stock.move"].sudo()
        query = moves_sudo._search(
            Domain("aftersales_ticket_line_id", "!=", False)
            & Domain("state", "!=", "cancel")
        )
        return Domain("id", "in", query.subselect("aftersales_ticket_line_id"))

    def _get_went(self):
        """Return the done moves that took the part to the customer."""
        return self.stock_move_ids.filtered(
            lambda move: move.state == "done" and move._aftersales_is_delivery()
        )

    # ------------------------------------------------------------
    # WHAT CHANGES IT
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if goods := lines.filtered("kind")._filter_goods():
            goods.filtered(
                lambda line: line.state == "used" or line._is_booked()
            )._sync_stock()
        return lines

    def write(self, vals):
        changed = GOODS & vals.keys() and not self._is_by_method()
        goods = self._filter_goods() if changed else self.browse()
        if goods and {"product_id", "kind"} & vals.keys():
            goods._ensure_not_moved(vals)
        result = super().write(vals)
        if changed:
            (goods | self._filter_goods())._sync_stock()
        return result

    def unlink(self):
        if goods := self._filter_goods():
            # What waits for the line waits for nothing; see _sync_stock.
            goods.sudo()._get_own_open()._action_cancel()
        return super().unlink()

    def _ensure_not_moved(self, vals):
        """Another product is another line, once goods have left for this one.

        :raise UserError: naming the lines and the way out
        """
        moved = self.filtered(
            lambda line: any(line._differs(name, vals[name]) for name in vals)
            # Whether goods have left is no secret.
            and line.sudo()._get_went()
        )
        if moved:
            raise UserError(
                self.env._(
                    "These parts have left our stock: set them to Not Used, and add "
                    "the other part as a new line: %s",
                    ", ".join(moved.mapped("display_name")),
                )
            )

    def _filter_goods(self):
        """Return the lines that move goods of ours (hook)."""
        return self.filtered(
            # What kind of product it is, is no secret.
            lambda line: line.kind == "part" and line.product_id.sudo().type == "consu"
        )

    def _is_booked(self):
        """Tell whether the line is for a visit that takes place."""
        self.ensure_one()
        # Whether the visit takes place is no secret to who changes its lines.
        return self.sudo().dispatch_id.state in BOOKED_STATES

    def _get_own_open(self):
        """Return moves to come of these lines that no order has made."""
        return self.stock_move_ids.filtered(
            lambda move: move.state in OPEN_STATES and not move.sale_line_id
        )

    @api.model
    def _follow_refill(self, technicians, products):
        """Reserve for visits what has just come into vans.

        :param technicians: employees whose vans were refilled
        """
        lines = self.search(
            Domain("product_id", "in", products.ids)
            & Domain("stock_state", "=", "missing")
            & (
                Domain("dispatch_id.technician_id", "in", technicians.ids)
                | Domain("dispatch_id.crew_ids", "in", technicians.ids)
            )
        )
        lines._filter_goods()._sync_stock()

    def action_use(self):
        """Note that the work was done, and be told which part was not in stock.

        :return: a notice on screen when a part is missing in the books
        """
        result = super().action_use()
        missing = self.filtered(lambda line: line.stock_state == "missing")
        return missing._get_missing_notice() if missing else result

    def action_book_stock(self):
        """Book out parts that were used while they were not in stock.

        :return: a notice on screen when some are still missing
        """
        self.check_access("write")
        self._filter_goods()._sync_stock()
        missing = self.filtered(lambda line: line.stock_state == "missing")
        return missing._get_missing_notice() if missing else True

    def action_request_parts(self):
        """Open a new request for this part."""
        self.ensure_one()
        return self._get_request_action(self.ticket_id, self.dispatch_id)

    def _get_request_action(self, ticket, visit):
        """Return the action that opens a new request for the parts of these lines."""
        context = {
            "default_ticket_id": ticket.id,
            "default_line_ids": [
                Command.create(
                    {
                        "product_id": line.product_id.id,
                        "quantity": line.quantity,
                        "ticket_line_id": line.id,
                    }
                )
                for line in self
            ],
        }
        if visit:
            context |= {
                # Whose van the parts are for.
                "default_technician_id": visit.sudo().technician_id.id,
                "default_date_needed": visit.date_start,
            }
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask for Parts"),
            "res_model": "aftersales.part.request",
            "views": [(False, "form")],
            "target": "current",
            "context": context,
        }

    def action_view_ticket(self):
        """Open the ticket."""
        self.ensure_one()
        return self.env["aftersales.equipment"]._get_form_action(self.ticket_id)

    def _get_missing_notice(self):
        """Say which parts are neither in the van nor in the depot."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Not in stock"),
                "message": self._get_missing_text(),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _get_missing_text(self):
        """Say which parts are missing, and what can be done about it."""
        return self.env._(
            "Neither in the van nor in the depot: %s. Ask for it with a part request, or "
            "have the van counted when you hold it in your hands.",
            ", ".join(line.name or line.product_id.display_name for line in self),
        )
