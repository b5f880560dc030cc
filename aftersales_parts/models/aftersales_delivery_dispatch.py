from odoo import api, fields, models
from odoo.exceptions import ValidationError

TO_DO = "mail.mail_activity_data_todo"


class AftersalesDispatch(models.Model):
    """A visit that brings and installs goods (R54)."""

    _inherit = "aftersales.dispatch"

    picking_id = fields.Many2one(
        comodel_name="stock.picking",
        string="Delivery",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        copy=False,
        help="The transfer whose goods are brought along.",
    )
    picking_state = fields.Selection(
        related="picking_id.state", string="State of the Delivery"
    )
    delivery_order_id = fields.Many2one(
        related="picking_id.sale_id", string="Order Delivered"
    )
    delivery_text = fields.Char(
        string="To Deliver", compute="_compute_delivery_text", compute_sudo=True
    )
    bring_back_text = fields.Char(
        string="To Bring Back",
        compute="_compute_delivery_text",
        compute_sudo=True,
        help="Goods that this delivery replaces: they come along on the way back.",
    )
    brought_back = fields.Selection(
        selection=[("yes", "Brought Along"), ("no", "Not Brought Along")],
        string="Exchanged Goods",
        copy=False,
        tracking=True,
    )
    leaving_check_ids = fields.One2many(
        comodel_name="aftersales.dispatch.check",
        inverse_name="dispatch_id",
        string="Before Leaving",
        domain=[("checklist_id.before_leaving", "=", True)],
    )

    # However often it is planned: somebody brings the goods once.
    _delivery_uniq = models.UniqueIndex(
        "(picking_id) WHERE picking_id IS NOT NULL "
        "AND state IN ('draft', 'assigned', 'accepted', 'on_site')",
        "This delivery has a visit already.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("picking_id.move_ids.state", "picking_id.move_ids.quantity")
    def _compute_delivery_text(self):
        for dispatch in self:
            # Not filtered, which would look up the goods visit by visit.
            moves = dispatch.picking_id.move_ids
            dispatch.delivery_text = ", ".join(
                dispatch._say_goods(
                    move.product_uom_qty, move.product_id, move.move_line_ids.lot_id
                )
                for move in moves
                if move.state != "cancel"
            )
            dispatch.bring_back_text = ", ".join(
                dispatch._say_goods(left, line.product_id, line.lot_id)
                for line in moves.aftersales_return_line_id
                if (left := line.quantity - line.quantity_received) > 0
            )

    @api.model
    def _say_goods(self, quantity, product, lots):
        text = f"{self._get_quantity_text(quantity)} × {product.display_name}"
        return f"{text} ({', '.join(lots.mapped('name'))})" if lots else text

    # ------------------------------------------------------------
    # CONSTRAINS, WRITE
    # ------------------------------------------------------------

    @api.constrains("picking_id")
    def _check_picking(self):
        """A visit brings goods to a customer."""
        # The desk has no right on transfers.
        for dispatch in self.sudo():
            picking = dispatch.picking_id
            if picking and picking.location_dest_id.usage != "customer":
                raise ValidationError(
                    self.env._(
                        "%(dispatch)s: %(picking)s brings nothing to a customer. Choose "
                        "a delivery.",
                        dispatch=dispatch.name,
                        picking=picking.name,
                    )
                )

    def write(self, vals):
        if "brought_back" in vals and not self._is_by_method():
            self._ensure_not_frozen()
        return super().write(vals)

    # ------------------------------------------------------------
    # BEFORE LEAVING
    # ------------------------------------------------------------

    def action_depart(self, moment=None):
        """Set out, once what is delivered was unpacked and checked (R54).

        :param datetime moment: when, now when empty
        :raise UserError: as before, and naming what is not checked or not in order
        """
        self.filtered(lambda visit: not visit.depart_date)._ensure_checked()
        return super().action_depart(moment)

    def action_arrive(self, moment=None, latitude=None, longitude=None):
        """Arrive; whoever does has left, so has checked what he brings.

        :raise UserError: as before, and naming what is not checked or not in order
        """
        self.filtered(lambda visit: visit.state != "on_site")._ensure_checked()
        return super().action_arrive(moment, latitude, longitude)

    def _ensure_checked(self):
        """Refuse to leave with goods that nobody has looked at.

        :raise UserError: naming the visits and the points
        """
        for dispatch in self.filtered("checklist_ids"):
            # Lists of the company that only its managers see hold for everybody.
            points_sudo = dispatch.sudo().checklist_ids.filtered(
                lambda check: check.checklist_id.before_leaving and check.required
            )
            open_ones = points_sudo.filtered(
                lambda check: not check.is_answered or check.is_flagged
            )
            if open_ones:
                dispatch._refuse(
                    self.env._(
                        "Check before you leave: %s. What is not in order stays here: "
                        "have it exchanged, or postpone the visit.",
                        ", ".join(open_ones.mapped("name")),
                    )
                )

    # ------------------------------------------------------------
    # THE WAREHOUSE KNOWS WHEN
    # ------------------------------------------------------------

    def _after_assignment(self):
        result = super()._after_assignment()
        self._schedule_delivery()
        return result

    def _after_reschedule(self):
        result = super()._after_reschedule()
        self._schedule_delivery()
        return result

    def _schedule_delivery(self):
        """Let the warehouse have the goods ready when the visit begins."""
        for dispatch in self.filtered("picking_id"):
            # The desk plans the visit, and the transfer with it.
            picking_sudo = dispatch.picking_id.sudo()
            if dispatch.date_start and picking_sudo.state not in ("done", "cancel"):
                picking_sudo.scheduled_date = dispatch.date_start

    # ------------------------------------------------------------
    # HANDING OVER
    # ------------------------------------------------------------

    def _get_missing(self):
        """What is delivered is signed for, and what is exchanged is asked for."""
        missing = super()._get_missing()
        if not self.picking_id:
            return missing
        if not self.team_id.signature_required:
            if not self.signature:
                missing.append(self.env._("the customer's signature"))
            if not (self.signature or (self.signed_by or "").strip()):
                missing.append(self.env._("the name of who signed"))
        if self.bring_back_text and not self.brought_back:
            missing.append(
                self.env._(
                    "whether the exchanged goods come along: %s", self.bring_back_text
                )
            )
        return missing

    def _solve_tickets(self):
        """Hand over first: what is left for another visit keeps the ticket open."""
        for dispatch in self.filtered("picking_id"):
            dispatch._hand_over()
        return super()._solve_tickets()

    def _hand_over(self):
        """Book the delivery, with the customer's signature on it."""
        self.ensure_one()
        # Technicians have no right on transfers: this one is their job, and signed.
        picking_sudo = self.picking_id.sudo()
        known_sudo = picking_sudo.backorder_ids
        if picking_sudo.state == "assigned":
            picking_sudo.with_context(
                skip_backorder=True, skip_sms=True
            ).button_validate()
        if picking_sudo.state != "done":
            self._ask_to_book(picking_sudo)
        self._sign_delivery(picking_sudo)
        self._note_installation(picking_sudo)
        rest_sudo = picking_sudo.backorder_ids - known_sudo
        rest_sudo.filtered(
            lambda picking: picking._is_aftersales_deliverable()
        )._aftersales_plan_rest(self)
        if self.brought_back == "no":
            self._notify_supervisor(
                TO_DO,
                self.env._(
                    "The exchanged goods were not brought along: %s",
                    self.bring_back_text,
                ),
            )

    def _ask_to_book(self, picking_sudo):
        """Ask who minds the deliveries to book what nobody had reserved."""
        company_sudo = self.company_id.sudo()  # who minds the deliveries, nothing else
        user = (
            picking_sudo.user_id
            or company_sudo.aftersales_delivery_user_id
            or self._get_supervisor()
        )
        if user:
            picking_sudo.activity_schedule(
                TO_DO,
                date_deadline=self.company_id._aftersales_today(),
                summary=self.env._("Handed over and signed, but not booked yet"),
                user_id=user.id,
            )

    def _sign_delivery(self, picking_sudo):
        """Put the signature on the delivery; its signed slip goes to the order, too."""
        if not self.signature or picking_sudo.signature:
            return
        picking_sudo.signature = self.signature
        order_sudo = picking_sudo.sale_id
        slip_sudo = picking_sudo.env["ir.attachment"].search(
            [
                ("res_model", "=", picking_sudo._name),
                ("res_id", "=", picking_sudo.id),
                ("name", "ilike", "signed_delivery_slip"),
            ],
            order="id desc",
            limit=1,
        )
        if not (order_sudo and slip_sudo):
            return
        copy_sudo = slip_sudo.copy(
            {"res_model": order_sudo._name, "res_id": order_sudo.id}
        )
        order_sudo.message_post(
            body=self.env._(
                "%(delivery)s was handed over on visit %(visit)s, signed by %(name)s.",
                delivery=picking_sudo.name,
                visit=self.name,
                name=self.signed_by or "–",
            ),
            attachment_ids=copy_sudo.ids,
        )

    def _note_installation(self, picking_sudo):
        """The units delivered are installed on the day of the visit."""
        units_sudo = picking_sudo.env["aftersales.equipment"].search(
            [
                ("move_id", "in", picking_sudo.move_ids.ids),
                ("installation_date", "=", False),
            ]
        )
        day = self.company_id._aftersales_today(self.finish_date)
        for delivered, units in units_sudo.grouped("delivery_date").items():
            units.installation_date = max(filter(None, (day, delivered)))
        # The unit that was delivered is what the ticket was about.
        ticket_sudo = self.ticket_id.sudo()
        if len(units_sudo) == 1 and not ticket_sudo.equipment_id:
            ticket_sudo.equipment_id = units_sudo
