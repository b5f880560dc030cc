from odoo import api, fields, models
from odoo.tools import SQL

from .aftersales_return import HOLDING_STATES
from .aftersales_return_workflow import AGENT


class AftersalesReturn(models.Model):
    """Replacements: the same product from stock, another one on a new order (R48)."""

    _inherit = "aftersales.return"

    order_ids = fields.One2many(
        comodel_name="sale.order",
        inverse_name="aftersales_return_id",
        string="Orders of this Return",
        copy=False,
        groups="aftersales_service.aftersales_service_group_technician,"
        "sales_team.group_sale_salesman",
    )

    exchange_line_ids = fields.One2many(
        comodel_name="aftersales.return.line",
        inverse_name="return_id",
        string="Lines to Be Replaced",
        domain=[("remedy", "=", "exchange")],
        copy=False,
    )
    pair_ids = fields.One2many(
        comodel_name="aftersales.return.pair",
        inverse_name="return_id",
        string="Replaced Serial Numbers",
        readonly=True,
        copy=False,
    )

    @api.depends("line_ids.exchange_first", "line_ids.replacement_product_id")
    def _compute_can(self):
        result = super()._compute_can()
        is_agent = self.env.su or self.env.user.has_group(AGENT)
        for rma in self:
            # What another product is given for is credited.
            rma.can_refund |= (
                is_agent
                and rma.state in HOLDING_STATES
                and any(line._is_exchanged_for_other() for line in rma.line_ids)
            )
        return result

    # ------------------------------------------------------------
    # EXCHANGE
    # ------------------------------------------------------------

    def _exchange(self):
        """Make the deliveries of replacements and the offers of other products.

        Pressed again it makes what is missing and opens what exists.

        :return: deliveries; the orders when there are none
        :raise UserError: when there is nothing to replace yet
        """
        pickings = super()._exchange()
        self._take_turns()
        lines = self.line_ids.filtered(lambda line: line.remedy == "exchange")
        lines._ensure_replaceable()
        others = lines.filtered(lambda line: line._is_exchanged_for_other())
        pickings |= (lines - others)._send_replacements()
        orders = others._offer_replacements()
        if not pickings and not orders:
            self._refuse(
                self.env._(
                    "Nothing is to be replaced yet: the goods are neither received "
                    "and accepted, nor is the replacement to be sent first."
                )
            )
        return pickings or orders

    def _take_turns(self):
        """Let two who press the button at once do it one after the other.

        Writing the row makes the second of two transactions wait for the first, and
        then begin anew: it finds what the first one made.
        """
        self.env.cr.execute(
            SQL(
                "UPDATE aftersales_return SET write_date = write_date WHERE id IN %s",
                tuple(self.ids),
            ),
            log_exceptions=False,
        )

    # ------------------------------------------------------------
    # FOLLOWING
    # ------------------------------------------------------------

    def _follow_moves(self):
        result = super()._follow_moves()
        lines = self.line_ids.filtered(lambda line: line.remedy == "exchange")
        if lines:
            lines._pair_pieces()
            lines._follow_due_back()
        return result

    def _is_here(self):
        if super()._is_here():
            return True
        # Nothing of what was sent first came, and nothing will: the customer keeps it.
        lines = self.line_ids
        return (
            any(lines.mapped("exchange_first"))
            and any(line._get_quantity_kept() for line in lines)
            and not lines.stock_move_ids.filtered(
                lambda move: move.state not in ("done", "cancel")
                and move._aftersales_comes_from_customer()
            )
        )

    def _ensure_nothing_came(self):
        result = super()._ensure_nothing_came()
        if sent := self.filtered(
            lambda rma: any(rma.line_ids.mapped("quantity_replaced"))
        ):
            sent._refuse(
                self.env._(
                    "The replacement is with the customer already: receive the faulty "
                    "goods, or offer them to him."
                )
            )
        return result

    def _get_documents(self):
        documents = super()._get_documents()
        # Also the orders that were made for the return.
        for return_id, ids in self._group_documents("sale.order").items():
            documents["order"].setdefault(return_id, set()).update(ids)
        return documents

    def _open_documents(self, records):
        """Tell who may not open transfers and orders what was made for others."""
        told = {
            "stock.picking": self.env._("The warehouse has the transfer."),
            "sale.order": self.env._("Sales has the quotation for the customer."),
        }
        message = told.get(records._name)
        if not message or not records or records.has_access("read"):
            return super()._open_documents(records)
        # Which ones they are is shown on the return.
        names = ", ".join(records.sudo().mapped("name"))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": names,
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
