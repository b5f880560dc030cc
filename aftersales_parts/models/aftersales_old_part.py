from odoo import api, fields, models
from odoo.fields import Command, Domain

GROUP = "aftersales_service.aftersales_service_group_%s"
ACTIVITY = "aftersales_parts.mail_activity_type_aftersales_old_part"
# Who owes it, until when and to whom.
DUE = frozenset({"lot_id", "warehouse_id", "technician_id", "date_due"})


class AftersalesOldPart(models.Model):
    """A replaced part that is due back, and its receipt (R47)."""

    _name = "aftersales.old.part"
    _description = "Old Part"
    _inherit = ["aftersales.fact.mixin", "mail.thread", "mail.activity.mixin"]
    _facts = frozenset(
        {
            "state",
            "line_id",
            "quantity",
            "receive_date",
            "received_by_id",
            "move_id",
            "waive_reason",
            "remind_date",
        }
    )
    _order = "date_due, id"
    _check_company_auto = True
    _mail_post_access = "read"

    line_id = fields.Many2one(
        comodel_name="aftersales.ticket.line",
        string="Replaced by",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
        help="Line of the new part.",
    )
    company_id = fields.Many2one(
        related="line_id.company_id", store=True, index=True, precompute=True
    )
    ticket_id = fields.Many2one(
        related="line_id.ticket_id", store=True, index=True, precompute=True
    )
    partner_id = fields.Many2one(
        related="line_id.ticket_id.partner_id", store=True, precompute=True
    )
    product_id = fields.Many2one(
        related="line_id.product_id", store=True, index=True, precompute=True
    )
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit of Measure")
    tracking = fields.Selection(related="product_id.tracking")
    quantity = fields.Float(digits="Product Unit", readonly=True)
    lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="Removed Serial",
        check_company=True,
        domain="[('product_id', '=', product_id)]",
    )
    technician_id = fields.Many2one(
        comodel_name="hr.employee",
        index="btree_not_null",
        help="Who is to hand it in.",
    )
    warehouse_id = fields.Many2one(
        comodel_name="stock.warehouse",
        string="Handed in at",
        required=True,
        check_company=True,
    )
    date_due = fields.Date(string="Due on", required=True)
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    state = fields.Selection(
        selection=[("due", "Due"), ("received", "Received"), ("waived", "Waived")],
        required=True,
        default="due",
        readonly=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    receive_date = fields.Datetime(string="Received on", readonly=True, copy=False)
    received_by_id = fields.Many2one(
        comodel_name="res.users", string="Received by", readonly=True, copy=False
    )
    move_id = fields.Many2one(
        comodel_name="stock.move",
        string="Receipt",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="stock.group_stock_user",
    )
    waive_reason = fields.Char(string="Waived because", readonly=True, copy=False)
    remind_date = fields.Date(string="Reminded on", readonly=True, copy=False)
    can_receive = fields.Boolean(compute="_compute_can")
    can_waive = fields.Boolean(compute="_compute_can")

    _line_uniq = models.UniqueIndex(
        "(line_id)", "The old part of a line is due back once."
    )
    _due_idx = models.Index("(company_id, date_due) WHERE state = 'due'")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("state", "date_due")
    def _compute_is_overdue(self):
        for part in self:
            part.is_overdue = part.state == "due" and part.date_due < part._get_today()

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain("state", "=", "due") & Domain(
            "date_due", "<", self._get_today()
        )
        return domain if True in value else ~domain

    def _get_today(self):
        company = self.company_id[:1] or self.env.company
        return company._aftersales_today()

    @api.depends("state")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        user = self.env.user
        supervisor = self.env.su or user.has_group(GROUP % "supervisor")
        warehouse = user.has_group("stock.group_stock_user")
        for part in self:
            part.can_receive = part.state == "due" and (supervisor or warehouse)
            part.can_waive = part.state == "due" and supervisor

    @api.depends("product_id.display_name", "ticket_id.name")
    def _compute_display_name(self):
        for part in self:
            names = (part.product_id.display_name, part.ticket_id.name)
            part.display_name = " · ".join(name for name in names if name)

    # ------------------------------------------------------------
    # CREATE, WRITE
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        if not self._is_by_method() and DUE & vals.keys():
            self._ensure_can(
                "can_receive",
                self.env._(
                    "The warehouse or a supervisor changes what is due; what was "
                    "handed in or waived stays as it is."
                ),
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_by_line(self):
        """It goes with its line alone."""
        if not self._is_by_method():
            self._refuse(self.env._("Waive it instead, with a reason."))

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def action_receive(self):
        """Book the parts handed in: they lie with the old parts, at no value.

        :raise UserError: for parts received or waived already, without the serial of a
            part that has one, and for users other than the warehouse and supervisors
        """
        self._ensure_can(
            "can_receive",
            self.env._(
                "The warehouse or a supervisor receives old parts, each of them once."
            ),
        )
        if nameless := self.filtered(
            lambda part: part.tracking != "none" and not part.lot_id
        ):
            nameless._refuse(self.env._("Name the serial that was removed."))
        self._receive()
        return True

    def _receive(self):
        # A second receipt at the same time begins again, and finds it received.
        self._by_method().write(
            {
                "state": "received",
                "receive_date": fields.Datetime.now(),
                "received_by_id": self.env.uid,
            }
        )
        self.env.flush_all()
        # Supervisors have no right on stock: what moves is the part on the list.
        parts_sudo = self.sudo()
        for depot, parts in parts_sudo.grouped("warehouse_id").items():
            depot._aftersales_ensure_complete()
            picking = self.env["stock.picking"].sudo()  # as above
            picking = picking.create(parts._prepare_receipt(depot))
            moves = picking.move_ids.create(
                [part._prepare_receipt_move(picking) for part in parts]
            )
            for part, move in zip(parts, moves, strict=True):
                part._by_method().move_id = move
            moves.picked = True
            moves._action_done()
        self.activity_unlink([ACTIVITY])

    def _prepare_receipt(self, depot):
        """Return the values of the transfer that brings old parts (hook)."""
        return {
            "picking_type_id": depot.in_type_id.id,
            "location_id": self.env.ref("stock.stock_location_customers").id,
            "location_dest_id": depot.aftersales_old_parts_id.id,
            "company_id": depot.company_id.id,
            "origin": ", ".join(self.ticket_id.mapped("name")),
        }

    def _prepare_receipt_move(self, picking):
        self.ensure_one()
        common = {
            "product_id": self.product_id.id,
            "location_id": picking.location_id.id,
            "location_dest_id": picking.location_dest_id.id,
            "company_id": self.company_id.id,
            "picking_id": picking.id,
        }
        return {
            **common,
            "product_uom": self.product_id.uom_id.id,
            "product_uom_qty": self.quantity,
            "origin": self.ticket_id.name,
            "picking_type_id": picking.picking_type_id.id,
            "move_line_ids": [
                Command.create(
                    {
                        **common,
                        "product_uom_id": self.product_id.uom_id.id,
                        "lot_id": self.lot_id.id,
                        "quantity": self.quantity,
                    }
                )
            ],
        }

    def action_waive(self, reason=None):
        """Do without an old part: it was lost, or the customer kept it all the same.

        :param str reason: why, mandatory
        :raise UserError: without a reason, and for users other than supervisors
        """
        self._ensure_can(
            "can_waive",
            self.env._("A supervisor does without an old part that is due."),
        )
        if not (reason or "").strip():
            self._refuse(self.env._("Say why it does not come back."))
        self._by_method().write({"state": "waived", "waive_reason": reason.strip()})
        self.activity_unlink([ACTIVITY])
        return True
