from odoo import api, fields, models

FACTS = frozenset({"name", "state", "looked_up_on", "campaign_id", "tickets_wanted"})
# Whom and what it concerns stands once it runs; more lots may be added.
SETTLED = frozenset({"company_id", "product_id"})


class AftersalesContainment(models.Model):
    """From a failing lot to every unit of it: stock, customers, notices, work (R63)."""

    _name = "aftersales.containment"
    _description = "Containment"
    _inherit = [
        "aftersales.document.mixin",
        "aftersales.hold.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _facts = FACTS
    _hold_link = "aftersales_containment_id"
    _order = "id desc"
    _check_company_auto = True

    title = fields.Char(
        required=True,
        tracking=True,
        help="What is done at each unit, e.g. exchange the hydraulic pump. It becomes "
        "the symptom of the tickets and the name of the campaign.",
    )
    description = fields.Html(
        string="Instructions", help="What the technician does at each unit."
    )
    notice = fields.Html(
        string="Notice to the Customers",
        help="The script of the calls and the text of the letters.",
    )
    nonconformity_id = fields.Many2one(
        comodel_name="aftersales.nonconformity",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        compute="_compute_from_nonconformity",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('type', '=', 'consu')]",
    )
    tracking = fields.Selection(related="product_id.tracking")
    lot_ids = fields.Many2many(
        comodel_name="stock.lot",
        relation="aftersales_containment_lot_rel",
        string="Lots/Serial Numbers",
        compute="_compute_from_nonconformity",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('product_id', '=', product_id)]",
        check_company=True,
    )
    serial_from = fields.Char(
        string="Serial from", help="First number of a range, in alphabetical order."
    )
    serial_to = fields.Char(string="Serial to", help="Last number of a range.")
    date_from = fields.Date(
        string="Made from",
        help="First day on which the lots were registered; for goods without lots, on "
        "which they were delivered.",
    )
    date_to = fields.Date(string="Made to", help="Last day; see the first one.")
    team_id = fields.Many2one(
        comodel_name="aftersales.team",
        check_company=True,
        index="btree_not_null",
        help="Which team the tickets go to; empty: as for other tickets.",
    )
    date = fields.Date(
        string="Work Starts on",
        required=True,
        tracking=True,
        default=lambda self: self.env.company._aftersales_today(),
        help="First day of the campaign; the customers hear of it before.",
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("running", "Running"),
            ("done", "Completed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="draft",
        index=True,
        copy=False,
        tracking=True,
    )
    looked_up_on = fields.Datetime(readonly=True, copy=False)
    unit_ids = fields.One2many(
        comodel_name="aftersales.containment.unit",
        inverse_name="containment_id",
        string="Units",
        readonly=True,
    )
    campaign_id = fields.Many2one(
        comodel_name="aftersales.campaign",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    unit_count = fields.Integer(string="Units Found", compute="_compute_counts")
    customer_count = fields.Integer(
        string="Customers Concerned", compute="_compute_counts"
    )
    ticket_count = fields.Integer(string="Number of Tickets", compute="_compute_counts")
    solved_count = fields.Integer(string="Units Done", compute="_compute_counts")
    completion = fields.Float(
        compute="_compute_counts", help="Units whose ticket is solved, of all found."
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("nonconformity_id")
    def _compute_from_nonconformity(self):
        for record in self:
            row = record.nonconformity_id
            record.product_id = record.product_id or row.product_id
            record.lot_ids = record.lot_ids or row.lot_id

    def _compute_counts(self):
        # Numbers alone, also of tickets that quality does not read.
        units_sudo = self.env["aftersales.containment.unit"].sudo()
        domain = [("containment_id", "in", self.ids)]
        groups = units_sudo._read_group(
            domain, ["containment_id", "ticket_state"], ["__count", "ticket_id:count"]
        )
        customers = {
            containment.id: count
            for containment, count in units_sudo._read_group(
                domain, ["containment_id"], ["partner_id:count_distinct"]
            )
        }
        for record in self:
            own = [row for row in groups if row[0].id == record._origin.id]
            units = sum(count for *_key, count, _tickets in own)
            solved = sum(
                count
                for _record, state, count, _tickets in own
                if state in ("solved", "closed")
            )
            record.unit_count = units
            record.ticket_count = sum(tickets for *_rest, tickets in own)
            record.solved_count = solved
            record.completion = solved / units if units else 0.0
            record.customer_count = customers.get(record._origin.id, 0)

    @api.depends("name", "title")
    def _compute_display_name(self):
        for record in self:
            parts = (record.name, record.title)
            record.display_name = " · ".join(part for part in parts if part)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        self._number(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        if SETTLED & vals.keys():
            settled = self.filtered(
                lambda record: record.state != "draft"
                and any(
                    record._get_change(name, vals[name])
                    for name in SETTLED & vals.keys()
                )
            )
            if settled:
                settled._refuse(
                    self.env._("It runs already; start another one for other goods.")
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        kept = self.filtered(
            lambda record: record.state != "draft" or record.quantity_held
        )
        if kept:
            kept._refuse(
                self.env._("Only drafts without goods kept apart are deleted.")
            )
