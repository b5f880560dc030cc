from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# Written by the transfers alone.
FOLLOWING = frozenset(
    {
        "return_line_id",
        "product_id",
        "lot_id",
        "quantity",
        "picking_in_id",
        "picking_out_id",
        "ready_date",
        "signed_by",
    }
)


class AftersalesCustody(models.Model):
    """Register of customers' goods: what came in, where it lies, who fetched it (R28)."""

    _name = "aftersales.custody"
    _inherit = ["aftersales.custody", "aftersales.fact.mixin"]
    _facts = FOLLOWING

    return_line_id = fields.Many2one(
        comodel_name="aftersales.return.line",
        string="Line of the Return",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
    )
    return_id = fields.Many2one(
        related="return_line_id.return_id",
        string="Return (RMA)",
        store=True,
        index="btree_not_null",
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        compute="_compute_item",
        store=True,
        readonly=False,
        precompute=True,
    )
    lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="Serial or Lot",
        compute="_compute_item",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
    )
    quantity = fields.Float(digits="Product Unit", default=1.0)
    picking_in_id = fields.Many2one(
        comodel_name="stock.picking",
        string="Came with",
        readonly=True,
        index="btree_not_null",
    )
    picking_out_id = fields.Many2one(
        comodel_name="stock.picking",
        string="Left with",
        readonly=True,
        index="btree_not_null",
    )
    place = fields.Char(compute="_compute_place", compute_sudo=True, string="Lies in")
    date_due = fields.Date(
        string="Promised for", compute="_compute_date_due", search="_search_date_due"
    )
    ready_date = fields.Datetime(
        string="Ready since",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Repaired and released: it waits for its owner.",
    )
    signed_by = fields.Char(string="Handed to", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    is_unclaimed = fields.Boolean(
        string="Unclaimed",
        compute="_compute_is_unclaimed",
        search="_search_is_unclaimed",
        help="Ready for longer than the company waits.",
    )
    repair_ids = fields.One2many(
        comodel_name="repair.order",
        inverse_name="aftersales_custody_id",
        string="Repair Orders",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("ticket_id.product_id", "ticket_id.lot_id")
    def _compute_item(self):
        for custody in self:
            if custody.return_line_id:
                continue
            custody.product_id = custody.ticket_id.product_id
            custody.lot_id = custody.ticket_id.lot_id

    @api.depends("picking_in_id", "date_out")
    def _compute_place(self):
        for custody in self:
            place = custody.picking_in_id.location_dest_id
            custody.place = False if custody.date_out else place.display_name

    @api.depends("return_id.deadline", "ticket_id.promised_date")
    def _compute_date_due(self):
        for custody in self:
            promised = custody.ticket_id.promised_date
            custody.date_due = custody.return_id.deadline or (
                promised and custody.company_id._aftersales_today(promised)
            )

    @api.model
    def _search_date_due(self, operator, value):
        return Domain("return_id.deadline", operator, value) | (
            Domain("return_id.deadline", "=", False)
            & Domain("ticket_id.promised_date", operator, value)
        )

    @api.depends("return_id.deadline", "ticket_id.promised_date", "date_out")
    def _compute_is_overdue(self):
        for custody in self:
            custody.is_overdue = (
                not (custody.date_out or custody.ready_date)
                and bool(custody.date_due)
                and custody.date_due < custody.company_id._aftersales_today()
                and not custody.return_id.is_paused
            )

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("date_out", "=", False)
            & Domain("ready_date", "=", False)
            & Domain("date_due", "<", company._aftersales_today())
            & (
                Domain("return_id", "=", False)
                | Domain("return_id.is_paused", "=", False)
            )
            for company in self.env.companies
        )

    @api.depends("ready_date", "date_out")
    def _compute_is_unclaimed(self):
        now = fields.Datetime.now()
        for custody in self:
            days = timedelta(days=custody.company_id.aftersales_unclaimed_days)
            custody.is_unclaimed = (
                not custody.date_out
                and bool(custody.ready_date)
                and custody.ready_date < now - days
            )

    @api.model
    def _search_is_unclaimed(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        return Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("date_out", "=", False)
            & Domain(
                "ready_date",
                "<",
                now - timedelta(days=company.aftersales_unclaimed_days),
            )
            for company in self.env.companies
        )

    def _compute_display_name(self):
        result = super()._compute_display_name()
        for custody in self.filtered("return_line_id"):
            # A serial is named to whoever sees the item.
            item = custody.sudo().lot_id.name or custody.product_id.display_name
            parts = (custody.ticket_id.name, item)
            custody.display_name = " · ".join(part for part in parts if part)
        return result

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(
                {name: value for name, value in vals.items() if name != "quantity"}
            )
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        if vals.get("date_out") and not self._is_by_method():
            self._ensure_no_transfer()
        return super().write(vals)

    def action_hand_back(self):
        if not self._is_by_method():
            self._ensure_no_transfer()
        return super().action_hand_back()

    def _ensure_no_transfer(self):
        """What came with a transfer leaves with one, and with a signature (R28).

        :raise UserError: naming the items and the way out
        """
        here = self.filtered(lambda item: item.picking_in_id and not item.date_out)
        if here:
            raise UserError(
                self.env._(
                    "These goods came with a transfer and are handed back against a "
                    "signature; use the button Hand Back of their return: %s",
                    ", ".join(here.mapped("display_name")),
                )
            )

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _set_ready(self):
        """Note that the items wait for their owners; the clock of the repair stands."""
        waiting = self.filtered(lambda item: not (item.ready_date or item.date_out))
        waiting._by_method().write({"ready_date": fields.Datetime.now()})
        reason = self.env.ref(
            "aftersales_service.aftersales_custody_reason_pickup",
            raise_if_not_found=False,
        )
        if reason and reason.active:
            waiting.filtered("can_stop").action_stop(reason.id)

    def _set_in_work(self):
        """The items are worked on again."""
        ready = self.filtered(lambda item: item.ready_date and not item.date_out)
        ready._by_method().write({"ready_date": False})
        ready.filtered("can_continue").action_continue()

    def _leave(self, picking, moment):
        """Close the items that left with a transfer: the receipt of the customer is
        void (R28)."""
        open_items = self.filtered(lambda item: not item.date_out)
        open_items._end_stops(moment)
        open_items._by_method().write(
            {
                "date_out": moment,
                "picking_out_id": picking.id,
                "signed_by": picking.aftersales_signed_by
                or picking.aftersales_tracking_ref,
            }
        )
