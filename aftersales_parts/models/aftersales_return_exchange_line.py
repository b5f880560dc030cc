from odoo import api, fields, models
from odoo.exceptions import UserError

from .aftersales_return_workflow import SUPERVISOR

# A fact of what leaves first: it decides how the faulty goods are booked.
OPEN = ("draft", "authorised")


class AftersalesReturnLine(models.Model):
    """What is sent in place of what comes back (R48)."""

    _inherit = "aftersales.return.line"

    replacement_product_id = fields.Many2one(
        comodel_name="product.product",
        string="Replaced by",
        index="btree_not_null",
        check_company=True,
        domain="[('sale_ok', '=', True), ('type', '=', 'consu')]",
        help="Another product instead of the same one: it is offered on a new order, "
        "and what comes back is credited.",
    )
    exchange_first = fields.Boolean(
        string="Send First",
        copy=False,
        help="The replacement leaves before the faulty goods are back; they are waited "
        "for until their due date.",
    )
    replacement_lot_id = fields.Many2one(
        help="Serial number that is to be sent, and then the one that was.",
        domain="[('product_id', 'in', (product_id, replacement_product_id))]",
    )
    order_line_ids = fields.One2many(
        comodel_name="sale.order.line",
        inverse_name="aftersales_return_line_id",
        string="Order Lines",
        copy=False,
        help="Lines of orders made for this return: another product, or goods that "
        "the customer keeps.",
    )
    can_exchange_first = fields.Boolean(compute="_compute_can_exchange_first")

    @api.depends(
        "remedy",
        "state",
        "replacement_product_id",
        "company_id.aftersales_exchange_first",
    )
    @api.depends_context("uid", "su")
    def _compute_can_exchange_first(self):
        is_supervisor = self.env.su or self.env.user.has_group(SUPERVISOR)
        for line in self:
            # Whether everybody at the desk may is a setting of the company.
            company_sudo = (line.company_id or self.env.company).sudo()
            line.can_exchange_first = (
                line.remedy == "exchange"
                and line.state in (False, *OPEN)
                and not line._is_exchanged_for_other()
                and (is_supervisor or company_sudo.aftersales_exchange_first)
            )

    # ------------------------------------------------------------
    # CREATE, WRITE
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if any(vals.get("exchange_first") for vals in vals_list):
            lines.filtered("exchange_first")._ensure_exchange_first()
        return lines

    def write(self, vals):
        changed = self.browse()
        if "exchange_first" in vals:
            wanted = bool(vals["exchange_first"])
            changed = self.filtered(lambda line: line.exchange_first != wanted)
            changed._ensure_exchange_first()
        if "replacement_product_id" in vals:
            self._ensure_product_changeable(vals["replacement_product_id"])
        result = super().write(vals)
        changed._follow_exchange_first()
        return result

    def _ensure_exchange_first(self):
        """Refuse to send first, or not to, to who may not or when it is too late.

        :raise UserError: naming the lines
        """
        if self._is_by_method():
            return
        if refused := self.filtered(lambda line: not line.can_exchange_first):
            raise UserError(
                self.env._(
                    "%s: only for exchanges of the same product, and only before the "
                    "goods are received, a supervisor decides that the replacement "
                    "leaves first. The settings page of after-sales can allow it to "
                    "the desk.",
                    ", ".join(refused.mapped("display_name")),
                )
            )
        if begun := self.filtered(
            lambda line: line._get_replacement_moves() or line.quantity_received
        ):
            raise UserError(
                self.env._(
                    "%s: goods are on their way already, in whichever direction; "
                    "it stays as it was agreed.",
                    ", ".join(begun.mapped("display_name")),
                )
            )

    def _follow_exchange_first(self):
        """The faulty goods of who got his replacement first reduce no order."""
        for first, lines in self.grouped("exchange_first").items():
            # Announced by the return; agents have no right on transfers.
            moves_sudo = lines.sudo().stock_move_ids.filtered(
                lambda move: move.state not in ("done", "cancel")
                and move._aftersales_comes_from_customer()
            )
            if moves_sudo:
                moves_sudo.to_refund = not first

    def _ensure_product_changeable(self, product_id):
        begun = self.filtered(
            lambda line: line.replacement_product_id.id != product_id
            and (line._get_replacement_moves() or line._get_offers())
        )
        if begun:
            raise UserError(
                self.env._(
                    "%s: the replacement is on its way or offered; cancel its delivery "
                    "or order first.",
                    ", ".join(begun.mapped("display_name")),
                )
            )

    # ------------------------------------------------------------
    # WHAT IS TO BE REPLACED
    # ------------------------------------------------------------

    def _is_exchanged_for_other(self):
        """Tell whether another product is given: on a new order, against a credit."""
        self.ensure_one()
        other = self.replacement_product_id
        return self.remedy == "exchange" and bool(other) and other != self.product_id

    def _get_replacement_moves(self):
        """Return the moves that bring replacements, done or not, no cancelled ones."""
        # What was sent follows the rules of the return; agents read no transfers.
        return self.sudo().stock_move_ids.filtered(
            lambda move: move.state != "cancel"
            and move._aftersales_goes_to_customer()
            # What goes back as it came replaces nothing.
            and not move.origin_returned_move_id
        )

    def _get_offers(self):
        """Return the lines of living orders that offer another product for it."""
        # The offer is the salesman's, its existence is known to the desk.
        return self.sudo().order_line_ids.filtered(
            lambda item: item.state != "cancel" and not item.aftersales_kept
        )

    def _get_quantity_on_the_way(self):
        """Return what is being sent and has not arrived, each piece once.

        Of several steps (pick, pack, ship) that wait for each other the last counts.
        """
        self.ensure_one()
        waiting = self._get_replacement_moves().filtered(
            lambda move: move.state != "done"
        )
        last = waiting.filtered(lambda move: not move.move_dest_ids & waiting)
        return sum(last.mapped("product_qty"))

    def _get_quantity_due(self):
        """Return what came and was accepted, and what is still to come."""
        self.ensure_one()
        coming = max(self.quantity - self.quantity_received, 0.0)
        return self._get_accepted_quantity() + coming

    def _get_quantity_to_replace(self):
        """Return what is still to be sent, in the product's unit.

        :return: what came and was accepted; of what is sent first also what is to
            come; less what was sent or is on its way
        """
        self.ensure_one()
        due = (
            self._get_quantity_due()
            if self.exchange_first
            else self._get_accepted_quantity()
        )
        left = due - self.quantity_replaced - self._get_quantity_on_the_way()
        uom = self.product_id.uom_id
        return uom.round(left) if uom.compare(left, 0.0) > 0 else 0.0

    # ------------------------------------------------------------
    # WHAT IS SETTLED
    # ------------------------------------------------------------

    def _is_settled(self):
        self.ensure_one()
        uom = self.product_id.uom_id
        if self._is_exchanged_for_other():
            return self._is_offer_settled()
        settled = super()._is_settled()
        if self.remedy == "exchange" and self.exchange_first:
            return (
                settled
                and not uom.compare(self._get_quantity_to_replace(), 0.0)
                and not uom.compare(self._get_quantity_on_the_way(), 0.0)
                and uom.compare(self.quantity_due_back, 0.0) <= 0
            )
        return settled

    def _is_offer_settled(self):
        """Tell whether the old goods are credited, and the new ones with the customer.

        An order that the customer did not want leaves him with his credit.
        """
        self.ensure_one()
        credited = self.product_id.uom_id.compare(
            self.quantity_refunded + self.quantity_uninvoiced,
            self._get_accepted_quantity(),
        )
        # See _get_offers.
        offers_sudo = self._get_offers()
        waiting = self._get_replacement_moves().filtered(
            lambda move: move.state != "done"
        )
        return (
            credited >= 0
            and all(offer.state == "sale" for offer in offers_sudo)
            and not waiting
        )

    # ------------------------------------------------------------
    # WHERE IT CAME FROM
    # ------------------------------------------------------------

    @api.depends("move_id")
    def _compute_sale_line_id(self):
        result = super()._compute_sale_line_id()
        for line in self.filtered(lambda line: line.move_id and not line.sale_line_id):
            # A replacement that comes back was sold with what it replaced.
            first_sudo = line.move_id.sudo()._aftersales_first_move()
            line.sale_line_id = first_sudo.aftersales_return_line_id.sale_line_id
        return result

    def _prepare_receipt_move(self, receipt):
        vals = super()._prepare_receipt_move(receipt)
        if self.sale_line_id:
            # Of a replacement that left without the order, see _compute_sale_line_id.
            vals["sale_line_id"] = self.sale_line_id.id
        return vals

    def _prepare_return_item(self, wizard):
        vals = super()._prepare_return_item(wizard)
        if self.remedy == "exchange" and self.exchange_first:
            # Its replacement left without the order: neither adds to it nor takes.
            vals["to_refund"] = False
        return vals
