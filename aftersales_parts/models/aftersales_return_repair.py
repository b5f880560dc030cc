from odoo import fields, models

from .aftersales_return import HOLDING_STATES

DONE_WITH = ("done", "cancel")


class AftersalesReturn(models.Model):
    """The workshop's part of a return: one repair order for each item (R28, R67)."""

    _inherit = "aftersales.return"

    custody_ids = fields.One2many(
        comodel_name="aftersales.custody",
        inverse_name="return_id",
        string="Items with Us",
        groups="aftersales_service.aftersales_service_group_technician",
    )
    release_reason = fields.Char(
        string="Handed Back Unpaid because", readonly=True, copy=False
    )
    released_by_id = fields.Many2one(
        comodel_name="res.users", string="Let Go by", readonly=True, copy=False
    )

    # ------------------------------------------------------------
    # FOLLOWING
    # ------------------------------------------------------------

    def _follow_moves(self):
        self.line_ids._open_custody()
        self._follow_hand_back()
        return super()._follow_moves()

    # ------------------------------------------------------------
    # REPAIR ORDERS
    # ------------------------------------------------------------

    def _repair(self):
        """Make the repair orders that are missing; return all that are open."""
        # Repair orders follow what was received; the desk has no right on them.
        returns_sudo = self.sudo()
        items_sudo = returns_sudo.custody_ids.filtered(
            lambda item: not item.date_out and item.return_line_id.remedy == "repair"
        )
        made = items_sudo._make_repairs()
        open_sudo = returns_sudo.repair_ids.filtered(
            lambda repair: repair.state not in DONE_WITH
        )
        repairs = (made | open_sudo) or returns_sudo.repair_ids
        if not repairs:
            self._refuse(
                self.env._(
                    "Nothing to repair is here: the warehouse validates the receipt "
                    "first."
                )
            )
        # Back to the rights of the user.
        return repairs.sudo(False)

    # ------------------------------------------------------------
    # SETTLED
    # ------------------------------------------------------------

    def _ensure_settled(self):
        for rma in self:
            # The state of repairs is part of the return, for whoever closes it.
            open_sudo = rma.sudo().repair_ids.filtered(
                lambda repair: repair.state not in DONE_WITH
            )
            if open_sudo:
                rma._refuse(
                    self.env._(
                        "These repairs are not finished: %s; finish or cancel them.",
                        ", ".join(open_sudo.mapped("name")),
                    )
                )
        return super()._ensure_settled()

    # ------------------------------------------------------------
    # MONEY
    # ------------------------------------------------------------

    def _get_repair_tickets(self):
        """Return, as superuser, the tickets on which items of the return are served."""
        # What is owed for a repair is asked about by whoever hands it back.
        return self.sudo().custody_ids.ticket_id

    def _follow_payment(self):
        result = super()._follow_payment()
        for rma in self:
            if not rma._get_repair_tickets()._get_unpaid_orders():
                rma._go_on()
        return result

    def action_release(self, reason=None):
        """Let goods go although the repair is not paid (R51), with a reason.

        :param str reason: why, mandatory
        :raise UserError: without a reason, for who is no supervisor, or on a return
            that is closed
        """
        self.check_access("write")
        reason = (reason or "").strip()
        supervisor = "aftersales_service.aftersales_service_group_supervisor"
        if not (self.env.su or self.env.user.has_group(supervisor)):
            self._refuse(
                self.env._("Only a supervisor lets goods go that are not paid.")
            )
        if not reason:
            self._refuse(self.env._("Say why they go unpaid."))
        if closed := self.filtered(lambda rma: rma.state not in HOLDING_STATES):
            closed._refuse(self.env._("It is closed, nothing is left to hand back."))
        self._step({"release_reason": reason, "released_by_id": self.env.uid})
        for rma in self:
            rma._message_log(body=self.env._("To be handed back unpaid: %s", reason))
            rma._go_on()
        return True

    def _get_receipt_filename(self):
        self.ensure_one()
        return self.env._("Goods Receipt %s", self.name.replace("/", "-"))
