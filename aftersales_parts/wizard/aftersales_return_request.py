from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ..models.aftersales_return_line import REMEDIES
from ..models.aftersales_return_workflow import AGENT

# More than this in one form helps nobody; older ones are found by their order.
MAX_DELIVERIES = 500
# What vouches for the user: he reads it himself.
SOURCES = (
    "order_ids",
    "invoice_ids",
    "picking_ids",
    "lot_ids",
    "equipment_ids",
    "ticket_id",
    "return_id",
    "customer_id",
)


class AftersalesReturnRequest(models.TransientModel):
    """ "Return Goods" on core documents: what may come back, to tick (R48, R49)."""

    _name = "aftersales.return.request"
    _description = "Return Goods"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    # Where it was opened from: these vouch for who may ask.
    order_ids = fields.Many2many(comodel_name="sale.order", readonly=True)
    invoice_ids = fields.Many2many(comodel_name="account.move", readonly=True)
    picking_ids = fields.Many2many(comodel_name="stock.picking", readonly=True)
    lot_ids = fields.Many2many(comodel_name="stock.lot", readonly=True)
    equipment_ids = fields.Many2many(comodel_name="aftersales.equipment", readonly=True)
    ticket_id = fields.Many2one(comodel_name="aftersales.ticket", readonly=True)
    return_id = fields.Many2one(comodel_name="aftersales.return", readonly=True)
    customer_id = fields.Many2one(
        comodel_name="res.partner", string="Opened for", readonly=True
    )

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        help="Who sends the goods. Empty when they belong to several customers: then "
        "each gets his own return.",
    )
    partner_phone = fields.Char(
        string="Phone",
        compute="_compute_partner_phone",
        store=True,
        readonly=False,
    )
    reason_id = fields.Many2one(
        comodel_name="aftersales.return.reason",
        string="Reason for All",
        help="For every line that names no other.",
    )
    remedy = fields.Selection(
        selection=REMEDIES,
        string="Remedy for All",
        compute="_compute_remedy",
        store=True,
        readonly=False,
    )
    note = fields.Char(string="Fault of All")
    description = fields.Text(string="What the customer says")
    serials = fields.Text(
        string="Serial Numbers",
        help="Typed, scanned or pasted, one a line: they are ticked below.",
    )
    line_ids = fields.One2many(
        comodel_name="aftersales.return.request.line",
        inverse_name="request_id",
        string="What may come back",
    )
    ticked_count = fields.Integer(compute="_compute_ticked")
    ticked_amount = fields.Monetary(string="Value", compute="_compute_ticked")
    is_cut = fields.Boolean(readonly=True)
    has_several = fields.Boolean(readonly=True)
    is_agent = fields.Boolean(compute="_compute_is_agent")

    # ------------------------------------------------------------
    # OPENING
    # ------------------------------------------------------------

    @api.model
    def _open_for(
        self,
        orders=None,
        invoices=None,
        pickings=None,
        lots=None,
        units=None,
        ticket=None,
        partner=None,
        rma=None,
    ):
        """Return the action that opens this form with what may come back.

        :raise AccessError: when the user may not read the documents
        :raise UserError: when they are of several companies, or nothing may come back
        """
        documents = [
            records
            for records in (orders, invoices, pickings, lots, units, ticket, rma)
            if records
        ]
        companies = self.env["res.company"].union(
            *(records.company_id for records in documents)
        )
        if len(companies) > 1:
            raise UserError(
                self.env._("Choose documents of one company for one return.")
            )
        sources = {
            "order_ids": orders,
            "invoice_ids": invoices,
            "picking_ids": pickings,
            "lot_ids": lots,
            "equipment_ids": units,
        }
        request = self.create(
            {
                "company_id": (companies or self.env.company).id,
                "ticket_id": ticket and ticket.id,
                "customer_id": partner and partner.id,
                "return_id": rma and rma.id,
                **{
                    name: [Command.set(records.ids)]
                    for name, records in sources.items()
                    if records
                },
            }
        )
        request._fill()
        return request._get_action()

    def _get_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Return Goods"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def _fill(self):
        """Write what may come back as lines, and whose it is.

        :raise UserError: when nothing may come back
        """
        self.ensure_one()
        rows = self._find_rows()
        if not rows:
            raise UserError(
                self.env._(
                    "Nothing of it can come back: nothing was delivered yet, or all "
                    "of it was returned or is announced on other returns."
                )
            )
        customers = {row["partner_id"] for row in rows}
        given = (
            self.return_id.partner_id
            or self.customer_id
            or self.ticket_id.partner_id
            or self._given("equipment_ids").partner_id[:1]
        )
        own = given.id or (customers.pop() if len(customers) == 1 else False)
        Line = self.env["aftersales.return.request.line"]
        shown = Line._fields.keys()
        self.write(
            {
                "partner_id": own,
                "has_several": not own,
                "line_ids": [
                    Command.create(
                        {
                            **{key: row[key] for key in row if key in shown},
                            "quantity": row["returnable_quantity"],
                            # The only thing there is, is meant.
                            "selected": len(rows) == 1,
                        }
                    )
                    for row in rows
                ],
            }
        )

    # ------------------------------------------------------------
    # WHAT MAY COME BACK
    # ------------------------------------------------------------

    def _find_rows(self):
        """Return what may come back of the documents, see :meth:`_offer`.

        :raise AccessError: when the user may not read the documents
        """
        self.ensure_one()
        self._ensure_may_ask()
        Line = self.env["aftersales.return.line"]
        domain = Line._get_delivery_domain(self.company_id) & self._get_move_domain()
        # Sales and warehouse choose among what the documents they read delivered.
        Move = self.env["stock.move"].sudo()
        moves_sudo = Move.search(
            domain, order="date desc, id desc", limit=MAX_DELIVERIES + 1
        )
        if len(moves_sudo) > MAX_DELIVERIES:
            self.is_cut = True
            moves_sudo = moves_sudo[:MAX_DELIVERIES]
        rows = Line._offer(
            moves_sudo,
            lots=self._get_lots(),
            # See above.
            invoice_lines=self._given("invoice_ids").sudo().invoice_line_ids or None,
        )
        rows += [Line._offer_unit(unit) for unit in self._find_units_sudo()]
        # What the return has already, is not offered again.
        taken = {Line._get_offer_key(line) for line in self.return_id.sudo().line_ids}
        return [row for row in rows if Line._get_offer_key(row) not in taken]

    def _ensure_may_ask(self):
        """Refuse who may not read the documents he starts from.

        :raise AccessError: when he may not read them, or has no after-sales right
            and starts from no document
        """
        self.ensure_one()
        for name in SOURCES:
            if records := self._given(name):
                records.check_access("read")
        if self.return_id:
            self.return_id.check_access("write")

    def _given(self, name):
        """Return the documents the form was opened from, under the user's rights."""
        # Which ones they are, the form knows; reading them is another question.
        return self.sudo()[name].with_env(self.env)

    def _get_move_domain(self):
        """Domain of the deliveries of the documents the form was opened from."""
        self.ensure_one()
        if self._given("order_ids"):
            return Domain("sale_line_id.order_id", "in", self._given("order_ids").ids)
        if self._given("invoice_ids"):
            # The lines of an invoice the user reads, for who reads no orders.
            lines_sudo = (
                self._given("invoice_ids").sudo().invoice_line_ids.sale_line_ids
            )
            return Domain("sale_line_id", "in", lines_sudo.ids)
        if self._given("picking_ids"):
            return Domain("picking_id", "in", self._given("picking_ids").ids)
        if self._given("lot_ids"):
            return Domain("move_line_ids.lot_id", "in", self._given("lot_ids").ids)
        units_sudo = self._get_units().sudo()  # read by the user, see above
        if units_sudo:
            return Domain("id", "in", units_sudo.move_id.ids)
        return self._get_customer_domain()

    def _get_customer_domain(self):
        customer = (
            self.return_id.partner_id or self.ticket_id.partner_id or self.customer_id
        )
        if not customer:
            return Domain.FALSE
        domain = self.env["aftersales.return.line"]._get_customer_domain(customer)
        if self.env.user.has_group(AGENT):
            return domain
        # Others choose among the orders they read themselves.
        Order = self.env["sale.order"]
        if not Order.has_access("read"):
            return Domain.FALSE
        own = Order.search(
            [
                ("partner_id", "child_of", customer.commercial_partner_id.ids),
                ("company_id", "=", self.company_id.id),
            ]
        )
        return domain & Domain("sale_line_id.order_id", "in", own.ids)

    def _get_units(self):
        return self._given("equipment_ids") or self.ticket_id.equipment_id

    def _get_lots(self):
        """Return the serials that are meant, None for all."""
        # Serials of units and documents the user reads.
        lots_sudo = (self._given("lot_ids") or self._get_units().lot_id).sudo()
        return lots_sudo or None

    def _find_units_sudo(self):
        """Return the units without a known delivery: sold before the go-live."""
        Unit = self.env["aftersales.equipment"]
        domain = (
            Domain("state", "=", "active")
            & Domain("move_id", "=", False)
            & Domain("company_id", "=", self.company_id.id)
        )
        # Those of the documents the user reads, and of the customer for the desk.
        units_sudo = Unit.sudo()
        if meant := self._get_units():
            domain &= Domain("id", "in", meant.ids)
        elif self._given("lot_ids"):
            domain &= Domain("lot_id", "in", self._given("lot_ids").ids)
        elif (
            self._given("order_ids")
            or self._given("invoice_ids")
            or self._given("picking_ids")
        ):
            return units_sudo
        else:
            customer = (
                self.return_id.partner_id
                or self.ticket_id.partner_id
                or self.customer_id
            )
            domain &= Domain(
                "partner_id", "child_of", customer.commercial_partner_id.ids
            )
            if not self.env.user.has_group(AGENT):
                domain &= Domain("id", "in", Unit.search(domain).ids)
        units_sudo = units_sudo.search(domain, limit=MAX_DELIVERIES)
        announced_sudo = (
            self.env["aftersales.return.line"]
            .sudo()  # what others have announced counts
            ._read_group(
                [
                    ("equipment_id", "in", units_sudo.ids),
                    ("state", "in", ("authorised", "received", "inspected")),
                ],
                ["equipment_id"],
            )
        )
        busy = {unit.id for (unit,) in announced_sudo}
        return units_sudo.filtered(lambda unit: unit.id not in busy)

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("partner_id")
    def _compute_partner_phone(self):
        for request in self:
            request.partner_phone = request.partner_id.phone

    @api.depends("reason_id")
    def _compute_remedy(self):
        for request in self:
            request.remedy = request.reason_id.remedy or request.remedy

    @api.depends("line_ids.selected", "line_ids.quantity", "line_ids.price_paid")
    def _compute_ticked(self):
        for request in self:
            ticked = request.line_ids.filtered("selected")
            request.ticked_count = len(ticked)
            request.ticked_amount = sum(
                line.quantity * line.price_paid for line in ticked
            )

    @api.depends_context("uid")
    def _compute_is_agent(self):
        self.is_agent = self.env.user.has_group(AGENT)

    # ------------------------------------------------------------
    # REQUESTING
    # ------------------------------------------------------------

    def action_request(self):
        """Request the return of what is ticked; the desk authorises it (R49).

        :return: action that opens the returns
        :raise AccessError: when the user may not read the documents it came from
        :raise UserError: when nothing is ticked, or it may not come back
        """
        self.ensure_one()
        returns = self._create_returns()
        return returns._open_documents(returns)

    def action_authorise(self):
        """Request and authorise what is ticked.

        :raise UserError: as the authorisation itself, see :meth:`action_request`
        """
        self.ensure_one()
        returns = self._create_returns()
        returns.action_authorise()
        return returns._open_documents(returns)

    def _create_returns(self):
        """Write the ticked lines as returns, one for each customer."""
        self.ensure_one()
        self._ensure_company()
        ticked = self._get_ticked()
        if self.return_id:
            self.return_id._ensure_open_to_lines()
            self.return_id.write(
                {"line_ids": [Command.create(vals) for _p, vals in ticked]}
            )
            return self.return_id
        by_customer = {}
        for partner_id, vals in ticked:
            by_customer.setdefault(partner_id, []).append(vals)
        Return = self.env["aftersales.return"]
        if not Return.has_access("create"):
            # Sales and warehouse request returns without any after-sales right; what
            # is written is this form, and the creator stays the user himself.
            Return = Return.sudo()
        returns = Return.create(
            [
                self._prepare_return(partner_id, lines)
                for partner_id, lines in by_customer.items()
            ]
        )
        for rma in returns:
            rma.message_subscribe(partner_ids=self.env.user.partner_id.ids)
        # Whoever asked reads on by his own rights.
        return returns.sudo(False)

    def _ensure_company(self):
        if self.company_id not in self.env.companies:
            raise UserError(
                self.env._(
                    "Switch to company %s first.",
                    self.company_id.sudo().name,  # which he may not read
                )
            )

    def _get_ticked(self):
        """Return (id of the customer, values of the line) of what is ticked.

        Compared once more with what may come back: the form was on a screen.

        :raise UserError: naming what may not come back, or is missing
        """
        Line = self.env["aftersales.return.line"]
        lines = self.line_ids.filtered("selected")
        if not lines:
            raise UserError(self.env._("Tick first what is to come back."))
        offered = {Line._get_offer_key(row): row for row in self._find_rows()}
        ticked = []
        for line in lines:
            row = offered.get(Line._get_offer_key(line))
            line._ensure_offered(row)
            ticked.append((self._get_customer_id(line, row), line._prepare_line(row)))
        return ticked

    def _get_customer_id(self, line, row):
        """Return who sends a line back.

        :raise UserError: when it was delivered to somebody else
        """
        partner = self.return_id.partner_id or self.partner_id
        if not partner:
            return row["partner_id"]
        customer = partner.commercial_partner_id
        if row["fitting_ids"] and customer.id not in row["fitting_ids"]:
            raise UserError(
                self.env._(
                    "%(product)s was not delivered to %(customer)s; request its return "
                    "apart from the others.",
                    product=line.product_id.display_name,
                    customer=partner.display_name,
                )
            )
        return partner.id

    def _prepare_return(self, partner_id, lines):
        """Return the values of a return of one customer (hook)."""
        vals = {
            "partner_id": partner_id,
            "company_id": self.company_id.id,
            "ticket_id": self.ticket_id.id,
            "description": self.description,
            "line_ids": [Command.create(line) for line in lines],
            # Who asks from elsewhere does not handle it.
            "user_id": self.env.uid if self.is_agent else False,
        }
        if self.partner_phone and partner_id == self.partner_id.id:
            vals["partner_phone"] = self.partner_phone
        return vals
