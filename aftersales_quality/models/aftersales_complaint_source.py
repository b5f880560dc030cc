from odoo import api, fields, models
from odoo.fields import Domain


class AftersalesComplaint(models.Model):
    """Where a complaint came from, who complained, about what (R58, F98).

    What the source knows is taken over; whoever registers may correct it.
    """

    _inherit = "aftersales.complaint"

    # ------------------------------------------------------------
    # Source
    # ------------------------------------------------------------
    dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch",
        string="Dispatch Order",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    rating_id = fields.Many2one(
        comodel_name="rating.rating",
        string="Evaluation Card",
        index="btree_not_null",
        ondelete="restrict",
    )
    return_id = fields.Many2one(
        comodel_name="aftersales.return",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    callback_id = fields.Many2one(
        comodel_name="aftersales.callback",
        index="btree_not_null",
        check_company=True,
        ondelete="set null",
    )
    ticket_id = fields.Many2one(
        compute="_compute_ticket_id", store=True, readonly=False, precompute=True
    )
    equipment_id = fields.Many2one(
        comodel_name="aftersales.equipment",
        string="Unit",
        compute="_compute_equipment_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    sale_order_id = fields.Many2one(
        comodel_name="sale.order",
        string="Sales Order",
        compute="_compute_sale_order_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )

    # ------------------------------------------------------------
    # Who complained
    # ------------------------------------------------------------
    partner_id = fields.Many2one(
        compute="_compute_partner_id", store=True, readonly=False, precompute=True
    )
    contact_name = fields.Char(
        string="Complained by",
        compute="_compute_contact",
        store=True,
        readonly=False,
        precompute=True,
        help="The person who complained, of the customer's house or in his name.",
    )
    contact_phone = fields.Char(
        compute="_compute_contact",
        store=True,
        readonly=False,
        precompute=True,
    )
    contact_email = fields.Char(
        compute="_compute_contact",
        store=True,
        readonly=False,
        precompute=True,
    )
    publisher = fields.Char(
        string="Written by",
        help="Newspaper, programme, website or authority, and the person there.",
    )
    published_on = fields.Date()
    publication_url = fields.Char(
        string="Publication Link", help="Where it can be read, or its file number."
    )

    # ------------------------------------------------------------
    # About what
    # ------------------------------------------------------------
    lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="Lot/Serial",
        compute="_compute_lot_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    ship_date = fields.Date(
        compute="_compute_ship_date", store=True, readonly=False, precompute=True
    )
    quantity = fields.Float(
        compute="_compute_quantity", store=True, readonly=False, precompute=True
    )
    bad_quantity = fields.Float(
        compute="_compute_quantity", store=True, readonly=False, precompute=True
    )
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit of Measure")

    _rating_uniq = models.UniqueIndex(
        "(rating_id) WHERE rating_id IS NOT NULL "
        "AND state NOT IN ('archived', 'rejected')",
        "There is an open complaint from this evaluation card already.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("dispatch_id", "rating_id", "return_id", "callback_id")
    def _compute_ticket_id(self):
        for complaint in self:
            # Of the source its ticket is taken, also by a desk that sees no cards.
            source_sudo = complaint.sudo()
            complaint.ticket_id = (
                complaint.ticket_id
                or source_sudo.dispatch_id.ticket_id
                or source_sudo.rating_id.aftersales_ticket_id
                or source_sudo.return_id.ticket_id
                or source_sudo.callback_id.ticket_id
            )

    @api.depends("ticket_id", "return_id", "callback_id")
    def _compute_equipment_id(self):
        for complaint in self:
            source_sudo = complaint.sudo()  # the unit of a source alone
            units = source_sudo.return_id.line_ids.equipment_id
            complaint.equipment_id = (
                complaint.equipment_id
                or source_sudo.ticket_id.equipment_id
                or source_sudo.callback_id.equipment_id
                or (units if len(units) == 1 else False)
            )

    @api.depends("ticket_id", "equipment_id", "return_id")
    def _compute_sale_order_id(self):
        for complaint in self:
            source_sudo = complaint.sudo()  # the order of a source alone
            orders = source_sudo.return_id.line_ids.sale_line_id.order_id
            complaint.sale_order_id = (
                complaint.sale_order_id
                or source_sudo.equipment_id.sale_order_id
                or source_sudo.ticket_id.sale_order_id
                or (orders if len(orders) == 1 else False)
            )

    @api.depends("ticket_id", "return_id", "callback_id", "equipment_id")
    def _compute_partner_id(self):
        for complaint in self:
            source_sudo = complaint.sudo()  # the customer of a source alone
            complaint.partner_id = (
                complaint.partner_id
                or source_sudo.ticket_id.partner_id
                or source_sudo.return_id.partner_id
                or source_sudo.callback_id.partner_id
                or source_sudo.equipment_id.partner_id
                or source_sudo.sale_order_id.partner_id
            )

    @api.depends("partner_id", "ticket_id")
    def _compute_contact(self):
        for complaint in self:
            # Contacts are for the desk to call back, whoever registers.
            ticket_sudo, partner_sudo = complaint.sudo().ticket_id, complaint.sudo()
            partner_sudo = partner_sudo.partner_id
            if ticket_sudo.partner_id != partner_sudo:
                ticket_sudo = ticket_sudo.browse()
            complaint.contact_name = (
                complaint.contact_name or ticket_sudo.partner_name or partner_sudo.name
            )
            complaint.contact_phone = (
                complaint.contact_phone
                or ticket_sudo.partner_phone
                or partner_sudo.phone
            )
            complaint.contact_email = (
                complaint.contact_email
                or ticket_sudo.partner_email
                or partner_sudo.email
            )

    @api.depends("equipment_id", "return_id")
    def _compute_product_id(self):
        result = super()._compute_product_id()
        for complaint in self:
            source_sudo = complaint.sudo()  # what a source is about
            products = source_sudo.return_id.line_ids.product_id
            complaint.product_id = (
                complaint.product_id
                or source_sudo.equipment_id.product_id
                or (products if len(products) == 1 else False)
            )
        return result

    @api.depends("product_id", "equipment_id", "ticket_id", "return_id")
    def _compute_lot_id(self):
        for complaint in self:
            source_sudo = complaint.sudo()  # what a source is about
            lots = source_sudo.return_id.line_ids.lot_id
            lot = (
                source_sudo.lot_id
                or source_sudo.equipment_id.lot_id
                or source_sudo.ticket_id.lot_id
                or (lots if len(lots) == 1 else lots.browse())
            )
            same = lot.product_id == source_sudo.product_id
            complaint.lot_id = lot if same else False

    @api.depends("equipment_id", "sale_order_id")
    def _compute_ship_date(self):
        for complaint in self:
            source_sudo = complaint.sudo()  # a day alone
            shipped = source_sudo.equipment_id.delivery_date
            if not shipped and (effective := source_sudo.sale_order_id.effective_date):
                shipped = fields.Date.context_today(complaint, effective)
            complaint.ship_date = complaint.ship_date or shipped

    @api.depends("product_id", "equipment_id", "sale_order_id", "return_id")
    def _compute_quantity(self):
        for complaint in self:
            source_sudo = complaint.sudo()  # amounts of the product alone
            product = source_sudo.product_id
            delivered = source_sudo.equipment_id.quantity
            if not delivered and product:
                lines = source_sudo.sale_order_id.order_line.filtered(
                    lambda line, product=product: line.product_id == product
                )
                delivered = sum(lines.mapped("qty_delivered"))
            returned = source_sudo.return_id.line_ids.filtered(
                lambda line, product=product: line.product_id == product
            )
            bad = sum(returned.mapped("quantity"))
            if not bad and source_sudo.equipment_id:
                bad = delivered
            complaint.quantity = complaint.quantity or delivered
            complaint.bad_quantity = complaint.bad_quantity or bad

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    @api.model
    def _find_open(self, field, sources):
        """Return ``{id of the source: its open complaint}``, whoever may see them.

        :param str field: of the complaint that names the source
        :param sources: records of one model
        """
        # Whether there is one, so that nobody registers it twice.
        found_sudo = self.sudo().search(
            Domain(field, "in", sources.ids) & self._get_open_domain(),
            order="id desc",
        )
        return {complaint[field].id: complaint for complaint in found_sudo}
