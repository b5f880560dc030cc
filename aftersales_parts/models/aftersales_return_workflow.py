from odoo import api, fields, models

from .aftersales_return import HOLDING_STATES, OPEN_STATES

AGENT = "aftersales_service.aftersales_service_group_agent"
SUPERVISOR = "aftersales_service.aftersales_service_group_supervisor"
MANAGER = "aftersales_service.aftersales_service_group_manager"


class AftersalesReturn(models.Model):
    """The steps of a return: ``can_x`` → ``_ensure_can`` → ``action_x``."""

    _inherit = "aftersales.return"

    can_authorise = fields.Boolean(compute="_compute_can")
    can_refuse = fields.Boolean(compute="_compute_can")
    can_inspect = fields.Boolean(compute="_compute_can")
    can_refund = fields.Boolean(compute="_compute_can")
    can_exchange = fields.Boolean(compute="_compute_can")
    can_repair = fields.Boolean(compute="_compute_can")
    can_done = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")

    @api.depends("state", "line_ids.quantity_received", "line_ids.remedy")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        is_agent = self.env.su or self.env.user.has_group(AGENT)
        is_warehouse = self.env.user.has_group("stock.group_stock_user")
        for rma in self:
            open_for = rma.state in HOLDING_STATES
            here = rma.line_ids.filtered("quantity_received")
            remedies = set(here.mapped("remedy"))
            rma.can_authorise = is_agent and rma.state == "draft"
            rma.can_refuse = is_agent and rma.state in ("draft", "authorised")
            rma.can_inspect = (is_agent or is_warehouse) and rma._has_to_inspect()
            rma.can_refund = is_agent and open_for and "refund" in remedies
            # Replacements may leave before the goods are back.
            rma.can_exchange = (
                is_agent and open_for and "exchange" in rma.line_ids.mapped("remedy")
            )
            rma.can_repair = is_agent and open_for and "repair" in remedies
            rma.can_done = is_agent and rma.state in ("received", "inspected")
            rma.can_cancel = is_agent and rma.state in OPEN_STATES

    def _has_to_inspect(self):
        """Tell whether received goods wait for their inspection."""
        self.ensure_one()
        return self.state in ("authorised", "received") and any(
            line.quantity_received for line in self.line_ids
        )

    # ------------------------------------------------------------
    # TRANSITIONS
    # ------------------------------------------------------------

    def action_authorise(self):
        """Allow the customer to send the goods: number, label and receipt (R49).

        :raise UserError: without lines, above what may come back, or above the limit
            of the user
        """
        self._ensure_can(
            "can_authorise",
            self.env._("Only the desk authorises returns, while they are requested."),
        )
        self._ensure_complete()
        self._ensure_limit()
        self._ensure_returnable()
        self._step(
            {
                "state": "authorised",
                "authorised_by_id": self.env.uid,
                "authorise_date": fields.Datetime.now(),
            }
        )
        self._create_receipts()
        self._after_authorisation()
        return True

    def action_refuse(self, reason=None):
        """Refuse what a customer asked for; he reads why (R49).

        :param str reason: why, mandatory
        :raise UserError: without a reason, or once goods were received
        """
        self._ensure_can(
            "can_refuse",
            self.env._("A return is refused before its goods are received."),
        )
        self._ensure_nothing_came()
        self._end("refused", reason, self.env._("Say why it is refused."))
        return True

    def action_inspect(self):
        """Book what the inspection found: only resaleable goods are sold again (R52).

        :raise UserError: when nothing was received, or a finding is missing
        """
        self._ensure_can(
            "can_inspect", self.env._("Only goods that were received are inspected.")
        )
        self._inspect()
        return True

    def action_refund(self):
        """Draft the credit notes of what came back (R48).

        :return: action that opens them
        :raise UserError: when nothing is left to refund
        """
        self._ensure_can(
            "can_refund",
            self.env._(
                "Money is given back for goods that came, on lines of that remedy; the "
                "warehouse validates the receipt first."
            ),
        )
        return self._open_documents(self._refund())

    def action_exchange(self):
        """Send the replacements.

        :return: action that opens the deliveries
        :raise UserError: when nothing is left to replace
        """
        self._ensure_can(
            "can_exchange",
            self.env._("Authorised lines of that remedy are exchanged."),
        )
        return self._open_documents(self._exchange())

    def action_repair(self):
        """Make the repair orders of what was received.

        :return: action that opens them
        :raise UserError: when nothing is left to repair
        """
        self._ensure_can(
            "can_repair",
            self.env._(
                "Goods that came are repaired, on lines of that remedy; the warehouse "
                "validates the receipt first."
            ),
        )
        return self._open_documents(self._repair())

    def action_done(self):
        """Close returns all lines of which have had their remedy.

        :raise UserError: naming what is still missing
        """
        self._ensure_can(
            "can_done", self.env._("A return is closed after its goods are received.")
        )
        self._ensure_settled()
        self._step({"state": "done", "done_date": fields.Datetime.now()})
        return True

    def action_cancel(self, reason=None):
        """Cancel returns that do not take place.

        :param str reason: why, mandatory
        :raise UserError: without a reason, or once goods were received
        """
        self._ensure_can(
            "can_cancel", self.env._("Only the desk cancels returns that are open.")
        )
        self._ensure_nothing_came()
        self._end("cancelled", reason, self.env._("Say why it is cancelled."))
        return True

    def _end(self, state, reason, question):
        if not (reason or "").strip():
            self._refuse(question)
        self._step(
            {
                "state": state,
                "end_reason": reason.strip(),
                "done_date": fields.Datetime.now(),
            }
        )
        # Transfers nobody waits for any more; agents have no right on them.
        pickings_sudo = self.sudo().picking_ids
        pickings_sudo.filtered(
            lambda picking: picking.state not in ("done", "cancel")
        ).action_cancel()

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def _ensure_complete(self):
        """Hook: what is missing before a return may be authorised."""
        if empty := self.filtered(lambda rma: not rma.line_ids):
            empty._refuse(self.env._("Say first which goods are to come back."))

    def _ensure_limit(self):
        """Hook: who may authorise what (R49)."""

    def _ensure_returnable(self):
        """Refuse more than may come back, under the lock of the deliveries."""
        self.line_ids._ensure_tied()
        wanted = {}
        for line in self.line_ids.filtered("move_id"):
            lot = line.lot_id if line.tracking != "none" and line.lot_id else None
            key = (line.move_id, lot)
            wanted[key] = wanted.get(key, 0.0) + line.quantity
        # The requests and deliveries of others count.
        lines_sudo = self.line_ids.sudo()
        if wanted:
            lines_sudo._ensure_quantities(wanted, own=self.line_ids)
        lines_sudo.filtered(lambda line: not line.move_id)._ensure_units_returnable()

    def _ensure_nothing_came(self):
        if here := self.filtered(
            lambda rma: any(rma.line_ids.mapped("quantity_received"))
        ):
            here._refuse(
                self.env._("Goods came already: give them back or settle them instead.")
            )

    def _ensure_settled(self):
        """Hook: what is missing before a return may be closed."""
        for rma in self:
            if unsettled := rma.line_ids.filtered(lambda line: not line._is_settled()):
                rma._refuse(
                    self.env._(
                        "These goods are not refunded, replaced or given back yet: %s",
                        ", ".join(unsettled.mapped("product_id.display_name")),
                    )
                )

    # ------------------------------------------------------------
    # HOOKS
    # ------------------------------------------------------------

    def _after_authorisation(self):
        """Hook: these returns were authorised."""

    def _inspect(self):
        """Hook: book the findings of the inspection."""
        self._step({"state": "inspected", "inspect_date": fields.Datetime.now()})

    def _after_inspection(self):
        """Hook: findings on goods of these returns were booked, with nobody's rights."""

    def _refund(self):
        """Hook: draft credit notes; return them."""
        return self.env["account.move"]

    def _exchange(self):
        """Hook: make the deliveries of replacements; return them."""
        return self.env["stock.picking"]

    def _repair(self):
        """Hook: make repair orders; return them."""
        return self.env["repair.order"]

    @api.model
    def _open_documents(self, records):
        """Return the action that shows documents: the form when it is one."""
        action = {
            "type": "ir.actions.act_window",
            "res_model": records._name,
            "name": records._description,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", records.ids)],
        }
        if len(records) == 1:
            action |= {"views": [(False, "form")], "res_id": records.id}
        return action
