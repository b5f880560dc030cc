from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class AftersalesTicketRequest(models.TransientModel):
    """ "Request service" on a core document, for users without after-sales rights."""

    _name = "aftersales.ticket.request"
    _description = "Request Service"

    order_id = fields.Many2one(comodel_name="sale.order", readonly=True)
    picking_id = fields.Many2one(
        comodel_name="stock.picking", string="Delivery", readonly=True
    )
    invoice_id = fields.Many2one(comodel_name="account.move", readonly=True)
    source_lot_id = fields.Many2one(comodel_name="stock.lot", readonly=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    equipment_ids = fields.Many2many(
        comodel_name="aftersales.equipment", compute="_compute_equipment_ids"
    )
    equipment_id = fields.Many2one(
        comodel_name="aftersales.equipment",
        string="Unit",
        domain="[('id', 'in', equipment_ids)]",
        compute="_compute_equipment_id",
        store=True,
        readonly=False,
    )
    similar_ids = fields.Many2many(
        comodel_name="aftersales.ticket",
        string="Open Tickets of This Unit",
        compute="_compute_similar_ids",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
    )
    partner_phone = fields.Char(
        string="Phone",
        compute="_compute_partner_phone",
        store=True,
        readonly=False,
    )
    channel = fields.Selection(
        selection=lambda self: self.env["aftersales.ticket"]
        ._fields["channel"]
        ._description_selection(self.env),
        required=True,
        default=lambda self: self._default_channel(),
    )
    symptom = fields.Char(required=True)
    description = fields.Html()
    priority = fields.Selection(
        selection=[("0", "Normal"), ("1", "Urgent"), ("2", "Very Urgent")], default="0"
    )

    @api.model
    def _default_channel(self):
        """The desk is called, the customer of a salesman stands before him."""
        user = self.env.user
        at_desk = user.has_group(
            "aftersales_service.aftersales_service_group_technician"
        )
        in_store = user.has_group("sales_team.group_sale_salesman")
        return "store" if in_store and not at_desk else "phone"

    @api.model
    def _get_action(
        self,
        order=None,
        picking=None,
        invoice=None,
        lot=None,
        partner=None,
        equipment=None,
    ):
        """Return the action that opens this form for a core document."""
        document = order or picking or invoice or lot or equipment
        company = document and document.company_id or self.env.company
        defaults = {
            "order_id": order,
            "picking_id": picking,
            "invoice_id": invoice,
            "source_lot_id": lot,
            "partner_id": partner,
            "equipment_id": equipment,
            "company_id": company,
        }
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Request Service"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            # An empty default would keep the form from finding the only unit.
            "context": {
                f"default_{field}": record.id
                for field, record in defaults.items()
                if record
            },
        }

    @api.depends("order_id", "picking_id", "invoice_id", "source_lot_id", "partner_id")
    def _compute_equipment_ids(self):
        for request in self:
            request.equipment_ids = self._units_sudo().search(
                request._get_unit_domain()
            )

    @api.depends("equipment_ids")
    def _compute_equipment_id(self):
        for request in self:
            units = request.equipment_ids
            if request.equipment_id not in units:
                request.equipment_id = units if len(units) == 1 else False

    @api.depends("equipment_id", "order_id", "picking_id", "invoice_id")
    def _compute_partner_id(self):
        for request in self:
            holder = request.equipment_id.sudo().partner_id  # shown on his document
            request.partner_id = (
                holder
                or request.partner_id
                or request.order_id.partner_id
                or request.picking_id.partner_id
                or request.invoice_id.partner_id
            )

    @api.depends("partner_id")
    def _compute_partner_phone(self):
        for request in self:
            request.partner_phone = request.partner_id.phone

    @api.depends("equipment_id")
    def _compute_similar_ids(self):
        Ticket = self.env["aftersales.ticket"].sudo()  # a warning, read-only
        for request in self:
            request.similar_ids = Ticket.search(
                Domain("equipment_id", "in", request.equipment_id.ids)
                & Ticket._get_open_domain()
            )

    def _units_sudo(self):
        # Sales and warehouse choose among the units of a document they can read.
        return self.env["aftersales.equipment"].sudo()

    def _get_unit_domain(self):
        """Domain of the units in use of the document the form was opened from."""
        self.ensure_one()
        domain = Domain("state", "=", "active")
        domain &= Domain("company_id", "=", self.company_id.id)
        if self.order_id:
            return domain & Domain("sale_order_id", "=", self.order_id.id)
        if self.picking_id:
            return domain & Domain("move_id.picking_id", "=", self.picking_id.id)
        if self.invoice_id:
            return domain & Domain(
                "invoice_line_ids", "in", self.invoice_id.invoice_line_ids.ids
            )
        if self.source_lot_id:
            return domain & Domain("lot_id", "=", self.source_lot_id.id)
        partner = self.partner_id.commercial_partner_id
        return domain & Domain("partner_id", "child_of", partner.ids)

    def action_create_ticket(self):
        """Register the ticket and open it, or its confirmation when it is not ours.

        :raise AccessError: when the user may not read the document it came from
        :raise UserError: when the unit does not belong to that document
        """
        self.ensure_one()
        self._ensure_can_create()
        # Sales and warehouse may register calls without any after-sales right; what
        # is written is this form, and the creator stays the user himself.
        Ticket = self.env["aftersales.ticket"].sudo()
        ticket = Ticket.create(self._prepare_ticket_vals())
        ticket.message_subscribe(partner_ids=self.env.user.partner_id.ids)
        return self.env["aftersales.equipment"]._get_form_action(ticket)

    def _ensure_can_create(self):
        sources = (self.order_id, self.picking_id, self.invoice_id, self.source_lot_id)
        documents = [source for source in sources if source]
        for document in documents:
            document.check_access("read")
        unit = self.equipment_id
        if not documents:
            # Nothing vouches for a user without after-sales rights but the unit and
            # the customer he can read himself.
            self.env["aftersales.ticket"].check_access("create")
            unit.check_access("read")
        elif unit and unit not in self._units_sudo().search(self._get_unit_domain()):
            raise UserError(
                self.env._(
                    "%s does not belong to the document the request was opened from.",
                    unit.sudo().name,  # its number is all that is said
                )
            )
        if self.company_id not in self.env.companies:
            raise UserError(
                self.env._(
                    "Switch to company %s first.",
                    self.company_id.sudo().name,  # which he may not read
                )
            )

    def _prepare_ticket_vals(self):
        """Return the values of the ticket (hook)."""
        vals = {
            "company_id": self.company_id.id,
            "equipment_id": self.equipment_id.id,
            "channel": self.channel,
            "symptom": self.symptom,
            "description": self.description,
            "priority": self.priority,
        }
        if self.partner_id:
            vals["partner_id"] = self.partner_id.id
        if self.partner_phone:
            vals["partner_phone"] = self.partner_phone
        if self.order_id and not self.equipment_id:
            vals["sale_order_id"] = self.order_id.id
        return vals
