from odoo import api, fields, models

from .aftersales_part_approval import LEVELS
from .aftersales_part_request import OPEN_STATES

GROUP = "aftersales_service.aftersales_service_group_%s"


class AftersalesPartRequest(models.Model):
    """The steps of a part request: ``can_x`` → ``_ensure_can`` → ``action_x``."""

    _inherit = "aftersales.part.request"

    approval_level = fields.Selection(
        selection=LEVELS,
        string="To Be Approved by",
        compute="_compute_approval_level",
        compute_sudo=True,
        help="By kind of part and cost.",
    )
    can_submit = fields.Boolean(compute="_compute_can")
    can_approve = fields.Boolean(compute="_compute_can")
    can_refuse = fields.Boolean(compute="_compute_can")
    can_supply = fields.Boolean(compute="_compute_can")
    can_done = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")

    @api.depends("kind", "line_ids.product_id", "line_ids.quantity", "company_id")
    def _compute_approval_level(self):
        Approval = self.env["aftersales.part.approval"]
        for request in self:
            request.approval_level = Approval._get_level(
                request.company_id, request.kind, request.amount
            )

    @api.depends("state", "approval_level")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        user = self.env.user
        levels = {
            level: self.env.su or user.has_group(GROUP % level)
            for level, _name in LEVELS
        }
        for request in self:
            state = request.state
            may_approve = levels[request.approval_level]
            # Whose request it is, is no secret to who sees it.
            own = request.sudo().technician_id.user_id == user or (
                request.create_uid == user
            )
            request.can_submit = state == "draft" and (levels["agent"] or own)
            request.can_approve = state == "submitted" and may_approve
            request.can_refuse = state == "submitted" and levels["agent"]
            request.can_supply = state == "approved" and levels["agent"]
            request.can_done = state == "approved" and levels["agent"]
            request.can_cancel = state in OPEN_STATES and (
                levels["agent"] or (own and state != "approved")
            )

    # ------------------------------------------------------------
    # TRANSITIONS
    # ------------------------------------------------------------

    def action_submit(self):
        """Send the request to who approves it (R42).

        :raise UserError: without parts, or a make-up part without its reason
        """
        self._ensure_can("can_submit", self.env._("Who asks sends the request, once."))
        if empty := self.filtered(lambda request: not request.line_ids):
            empty._refuse(self.env._("Say first which parts are needed."))
        self._ensure_reason()
        self._step({"state": "submitted", "submit_date": fields.Datetime.now()})
        return True

    def action_approve(self):
        """Approve: the parts are sent by the next depot that has them (R43).

        :raise UserError: for users who may not approve that kind or amount
        """
        levels = dict(self._fields["approval_level"]._description_selection(self.env))
        for request in self.filtered(lambda item: not item.can_approve):
            request._refuse(
                self.env._(
                    "Approved once it is sent, and by: %s.",
                    levels[request.approval_level],
                )
            )
        self._ensure_can("can_approve", "")
        self._ensure_reason()
        self._step(
            {
                "state": "approved",
                "approve_date": fields.Datetime.now(),
                "approved_by_id": self.env.uid,
            }
        )
        self._supply()
        return True

    def action_refuse(self, reason=None):
        """Refuse; who asked reads why.

        :param str reason: why, mandatory
        :raise UserError: without a reason
        """
        self._ensure_can(
            "can_refuse", self.env._("The desk refuses what waits for its approval.")
        )
        return self._end("refused", reason, self.env._("Say why it is refused."))

    def action_supply(self):
        """Look again for parts that no depot had (R43).

        :raise UserError: before it is approved
        """
        self._ensure_can(
            "can_supply", self.env._("The desk looks for parts that were approved.")
        )
        self._supply()
        return True

    def action_done(self):
        """Note that all is there, also what came by another way.

        :raise UserError: before it is approved
        """
        self._ensure_can(
            "can_done", self.env._("The desk ends requests that were approved.")
        )
        self._cancel_moves()
        self._arrive()
        return True

    def action_cancel(self, reason=None):
        """Cancel what is not needed any more.

        :param str reason: why, mandatory
        :raise UserError: without a reason, or when parts are there already
        """
        self._ensure_can(
            "can_cancel",
            self.env._(
                "Who asks cancels before the approval, the desk before the arrival."
            ),
        )
        # What has arrived is no secret to who asked.
        if here := self.filtered(
            lambda request: any(request.line_ids.mapped("quantity_arrived"))
        ):
            here._refuse(
                self.env._(
                    "Parts of it have arrived: note that it is complete instead."
                )
            )
        return self._end("cancelled", reason, self.env._("Say why it is cancelled."))

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def _ensure_reason(self):
        missing = self.filtered(
            lambda request: request.kind == "makeup"
            and not (request.reason or "").strip()
        )
        if missing:
            missing._refuse(
                self.env._(
                    "Say why the part is made up: what was missing, and since when."
                )
            )

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
        self._cancel_moves()
        return True

    def _arrive(self):
        """Note the arrival, and go on with the tickets that waited for it."""
        self._step({"state": "done", "done_date": fields.Datetime.now()})
        self._message_log_batch(
            bodies=dict.fromkeys(self.ids, self.env._("The parts have arrived."))
        )
        self._resume_tickets()

    def _resume_tickets(self):
        """Go on with tickets that waited for these parts and for no others."""
        waiting = self.ticket_id.filtered(
            lambda ticket: ticket.state == "waiting"
            and ticket.waiting_reason == "parts"
            and ticket.can_resume
        )
        if not waiting:
            return
        others = self.search(
            [("ticket_id", "in", waiting.ids), ("state", "in", OPEN_STATES)]
        )
        (waiting - others.ticket_id).action_resume()
