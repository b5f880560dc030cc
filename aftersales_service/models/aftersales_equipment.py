import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools.phone import looks_like_phone

# What the delivery wrote is a fact; the voucher's own methods change it, a
# form, an import or a call from outside does not.
FACTS = frozenset(
    {
        "name",
        "move_id",
        "sale_line_id",
        "invoice_line_ids",
        "quantity_returned",
        "return_move_ids",
        "state",
        "close_date",
        "close_reason",
        "public_code",
        "remedy_count",
        "source",
        "certificate_date",
        "certificate_activity_id",
        "warranty_reminded_end",
        "warranty_policy_id",
        "warranty_rules",
        "warranty_end",
        "site_tz",
    }
)


class AftersalesEquipment(models.Model):
    """One sold unit at a customer: the service voucher (R13)."""

    _name = "aftersales.equipment"
    _description = "Service Voucher"
    _inherit = [
        "aftersales.document.mixin",
        "portal.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _facts = FACTS
    _given_at_creation = frozenset({"name", "warranty_policy_id"})
    _order = "delivery_date desc, id desc"
    _check_company_auto = True

    # ------------------------------------------------------------
    # Identity
    # ------------------------------------------------------------
    name = fields.Char(string="Voucher")
    active = fields.Boolean(default=True)
    product_id = fields.Many2one(
        comodel_name="product.product",
        required=True,
        check_company=True,
        index=True,
        tracking=True,
        domain="[('type', '!=', 'service'), ('company_id', 'in', [False, company_id])]",
    )
    tracking_mode = fields.Selection(related="product_id.tracking")
    lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="Lot/Serial",
        check_company=True,
        index="btree_not_null",
        readonly=True,
        copy=False,
    )
    serial = fields.Char(
        string="Serial Number",
        compute="_compute_serial",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        tracking=True,
        index="trigram",
        help="Number on the type plate. A number typed by hand is registered as the "
        "serial number of the product.",
    )
    is_serialised = fields.Boolean(
        compute="_compute_is_serialised", store=True, precompute=True
    )
    quantity = fields.Float(
        digits="Product Unit", default=1.0, required=True, copy=False
    )
    quantity_returned = fields.Float(
        string="Returned", digits="Product Unit", readonly=True, copy=False
    )
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit of Measure")
    public_code = fields.Char(
        readonly=True,
        copy=False,
        default=lambda self: self._new_public_code(),
        groups="aftersales_service.aftersales_service_group_technician",
        help="Random code of the public page behind the QR label.",
    )

    # ------------------------------------------------------------
    # Holder
    # ------------------------------------------------------------
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Holder",
        check_company=True,
        index=True,
        tracking=True,
        help="Customer who owns the unit.",
    )
    partner_phone = fields.Char(related="partner_id.phone", string="Phone")
    dealer_id = fields.Many2one(
        comodel_name="res.partner",
        check_company=True,
        index="btree_not_null",
        tracking=True,
        help="Buyer on the order when he is not the holder.",
    )
    site_id = fields.Many2one(
        comodel_name="res.partner",
        check_company=True,
        index="btree_not_null",
        tracking=True,
        help="Address where the unit stands.",
    )

    # ------------------------------------------------------------
    # Where it came from
    # ------------------------------------------------------------
    source = fields.Selection(
        selection=[
            ("delivery", "Delivery"),
            ("import", "Sold before go-live"),
            ("customer", "Registered by the customer"),
        ],
        default="import",
        required=True,
        readonly=True,
        copy=False,
    )
    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Order Line",
        check_company=True,
        index="btree_not_null",
        readonly=True,
        copy=False,
    )
    sale_order_id = fields.Many2one(
        related="sale_line_id.order_id",
        string="Sales Order",
        store=True,
        index="btree_not_null",
    )
    order_ref = fields.Char(
        related="sale_order_id.name",
        string="Order Number",
        store=True,
        index="trigram",
        help="Number of the sales order, readable without rights on sales.",
    )
    move_id = fields.Many2one(
        comodel_name="stock.move",
        string="Delivery Move",
        check_company=True,
        index="btree_not_null",
        readonly=True,
        copy=False,
    )
    picking_id = fields.Many2one(related="move_id.picking_id", string="Delivery")
    return_move_ids = fields.Many2many(
        comodel_name="stock.move",
        relation="aftersales_equipment_return_move_rel",
        column1="equipment_id",
        column2="move_id",
        string="Returns",
        readonly=True,
        copy=False,
        help="Done moves that brought the unit back against a refund, or out again.",
    )
    invoice_line_ids = fields.Many2many(
        comodel_name="account.move.line",
        relation="aftersales_equipment_invoice_line_rel",
        column1="equipment_id",
        column2="invoice_line_id",
        string="Invoice Lines",
        readonly=True,
        copy=False,
    )
    invoice_ref = fields.Char(
        string="Invoice",
        compute="_compute_invoice_ref",
        compute_sudo=True,
        help="Posted invoices of this unit, readable without accounting rights.",
    )
    proof = fields.Text(
        string="Proof of Purchase",
        help="What was shown for a unit without delivery and invoice in this system: "
        "invoice number and date, warranty card, photo.",
    )
    proof_accepted = fields.Boolean(
        copy=False,
        tracking=True,
        help="A person has seen the proof and accepts it.",
    )

    # ------------------------------------------------------------
    # Life
    # ------------------------------------------------------------
    delivery_date = fields.Date(tracking=True)
    installation_date = fields.Date(tracking=True)
    registration_date = fields.Date(
        tracking=True, help="Day on which the resale to the holder was registered."
    )
    next_service_date = fields.Date(
        string="Next Service",
        tracking=True,
        help="Day on which the unit is due for its next service.",
    )
    state = fields.Selection(
        selection=[
            ("active", "In Use"),
            ("returned", "Returned"),
            ("replaced", "Replaced"),
            ("scrapped", "Scrapped"),
        ],
        default="active",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        help="In Use: at the customer, also while it is with us for repair.\n"
        "Returned: given back against a credit or an exchange.\n"
        "Replaced: another unit took its place.\n"
        "Scrapped: taken out of service.",
    )
    close_date = fields.Date(string="Closed on", readonly=True, copy=False)
    close_reason = fields.Char(string="Closing Reason", readonly=True, copy=False)
    replaces_id = fields.Many2one(
        comodel_name="aftersales.equipment",
        check_company=True,
        index="btree_not_null",
        copy=False,
    )
    replaced_by_id = fields.Many2one(
        comodel_name="aftersales.equipment",
        string="Replaced by",
        compute="_compute_replaced_by_id",
    )
    ticket_ids = fields.One2many(
        comodel_name="aftersales.ticket", inverse_name="equipment_id", string="Tickets"
    )
    ticket_count = fields.Integer(compute="_compute_ticket_count")
    open_ticket_count = fields.Integer(compute="_compute_ticket_count")
    note = fields.Html(string="Notes")

    _move_lot_uniq = models.UniqueIndex(
        "(move_id, lot_id) WHERE move_id IS NOT NULL AND lot_id IS NOT NULL",
        "This serial number of the delivery already has its service voucher.",
    )
    _move_uniq = models.UniqueIndex(
        "(move_id) WHERE move_id IS NOT NULL AND lot_id IS NULL",
        "This delivery already has its service voucher.",
    )
    _serial_uniq = models.UniqueIndex(
        "(company_id, product_id, serial) WHERE state = 'active' AND is_serialised",
        "This serial number already has a service voucher in use.",
    )
    _public_code_uniq = models.UniqueIndex(
        "(public_code)", "The public code of a service voucher must be unique."
    )
    _name_uniq = models.UniqueIndex(
        "(company_id, name) WHERE name <> '/'",
        "The voucher number must be unique per company.",
    )
    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "The quantity of a service voucher must be positive."
    )
    _returned_range = models.Constraint(
        "CHECK (quantity_returned >= 0 AND quantity_returned <= quantity)",
        "No more can be returned than was delivered.",
    )
    _list_idx = models.Index("(company_id, delivery_date DESC, id DESC)")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _new_public_code(self):
        return secrets.token_urlsafe(12)

    @api.depends("lot_id.name")
    def _compute_serial(self):
        for unit in self:
            if unit.lot_id:
                unit.serial = unit.lot_id.name
            elif not unit.serial:
                unit.serial = False

    @api.depends("lot_id", "product_id.tracking")
    def _compute_is_serialised(self):
        for unit in self:
            unit.is_serialised = bool(
                unit.lot_id and unit.product_id.tracking == "serial"
            )

    @api.depends("name", "serial", "product_id.display_name")
    def _compute_display_name(self):
        for unit in self:
            parts = (unit.serial, unit.product_id.display_name, unit.name)
            unit.display_name = " · ".join(part for part in parts if part)

    @api.depends("invoice_line_ids.parent_state", "invoice_line_ids.move_name")
    def _compute_invoice_ref(self):
        for unit in self:
            invoices = unit.invoice_line_ids.move_id
            unit.invoice_ref = ", ".join(invoices.mapped("name")) or False

    def _compute_replaced_by_id(self):
        newer = {
            unit.replaces_id.id: unit
            for unit in self.search([("replaces_id", "in", self.ids)], order="id")
        }
        for unit in self:
            unit.replaced_by_id = newer.get(unit.id, False)

    def _compute_ticket_count(self):
        Ticket = self.env["aftersales.ticket"]
        domain = Domain("equipment_id", "in", self.ids)
        total = dict(Ticket._read_group(domain, ["equipment_id"], ["__count"]))
        running = dict(
            Ticket._read_group(
                domain & Ticket._get_open_domain(), ["equipment_id"], ["__count"]
            )
        )
        for unit in self:
            unit.ticket_count = total.get(unit, 0)
            unit.open_ticket_count = running.get(unit, 0)

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for unit in self:
            unit.access_url = f"/my/units/{unit.id}"
        return result

    @api.model
    def _search_display_name(self, operator, value):
        """Find a unit by voucher, serial, order number, customer or phone (R01)."""
        if operator not in ("ilike", "=ilike", "=", "in") or not value:
            return super()._search_display_name(operator, value)
        texts = [value] if isinstance(value, str) else value
        return Domain.OR(self._get_lookup_domain(text, operator) for text in texts)

    @api.model
    def _get_lookup_domain(self, text, operator="ilike"):
        """Domain of the units that a typed text may mean (R01)."""
        operator = "=" if operator == "in" else operator
        domain = Domain.OR(
            Domain(field, operator, text)
            for field in ("name", "serial", "order_ref", "partner_id", "product_id")
        )
        if looks_like_phone(text):
            for field in ("partner_id", "site_id", "dealer_id"):
                domain |= Domain(f"{field}.phone_mobile_search", "ilike", text)
        return domain

    # ------------------------------------------------------------
    # CONSTRAINS
    # ------------------------------------------------------------

    @api.constrains("delivery_date", "installation_date", "registration_date")
    def _check_dates(self):
        """Nothing is installed or resold before it was delivered."""
        for unit in self.filtered("delivery_date"):
            for field in ("installation_date", "registration_date"):
                if unit[field] and unit[field] < unit.delivery_date:
                    raise ValidationError(
                        self.env._(
                            "%(unit)s: %(field)s cannot lie before the delivery on "
                            "%(date)s.",
                            unit=unit.display_name,
                            field=self._fields[field]._description_string(self.env),
                            date=unit.delivery_date,
                        )
                    )

    @api.constrains("product_id", "lot_id")
    def _check_lot_product(self):
        for unit in self:
            if unit.lot_id and unit.lot_id.product_id != unit.product_id:
                raise ValidationError(
                    self.env._(
                        "Serial number %(serial)s belongs to %(product)s, not to the "
                        "product of voucher %(unit)s.",
                        serial=unit.lot_id.name,
                        product=unit.lot_id.product_id.display_name,
                        unit=unit.name,
                    )
                )

    @api.constrains("replaces_id")
    def _check_replaces(self):
        if self._has_cycle("replaces_id"):
            raise ValidationError(
                self.env._("A unit cannot replace itself, not even by a detour.")
            )
