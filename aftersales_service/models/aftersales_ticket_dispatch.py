from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.turn import take_turn
from .aftersales_dispatch import OPEN_STATES as OPEN_VISIT_STATES
from .aftersales_ticket import OPEN_STATES

STAFF = "aftersales_service.aftersales_service_group_technician"


class AftersalesTicket(models.Model):
    """The visits of a ticket (R22)."""

    _inherit = "aftersales.ticket"

    job_type_id = fields.Many2one(
        comodel_name="aftersales.job.type",
        check_company=True,
        groups=STAFF,
        help="What the visit asks of those who are sent.",
    )
    dispatch_ids = fields.One2many(
        comodel_name="aftersales.dispatch",
        inverse_name="ticket_id",
        string="Dispatch Orders",
        groups=STAFF,
    )
    dispatch_count = fields.Integer(compute="_compute_dispatch_count", groups=STAFF)
    can_dispatch = fields.Boolean(compute="_compute_can_dispatch", groups=STAFF)

    def _compute_dispatch_count(self):
        counts = dict(
            self.env["aftersales.dispatch"]._read_group(
                [("ticket_id", "in", self.ids)], ["ticket_id"], ["__count"]
            )
        )
        for ticket in self:
            ticket.dispatch_count = counts.get(ticket, 0)

    @api.depends("state", "to_verify")
    @api.depends_context("uid", "su")
    def _compute_can_dispatch(self):
        is_agent = self.env.su or self.env.user.has_group(
            "aftersales_service.aftersales_service_group_agent"
        )
        for ticket in self:
            ticket.can_dispatch = (
                is_agent and ticket.state in OPEN_STATES and not ticket.to_verify
            )

    @api.model
    def _get_to_dispatch_domain(self):
        """Leave out what somebody is sent to already, bring back what is not solved.

        The house rule (R06); after a visit that did not help the plan comes back (R08).
        """
        again = (
            Domain("state", "in", ("new", "open"))
            & Domain("service_mode", "=", "onsite")
            & Domain("to_verify", "=", False)
            & Domain("dispatch_ids", "any", [("state", "in", ("done", "failed"))])
        )
        return (super()._get_to_dispatch_domain() | again) & ~Domain(
            "dispatch_ids",
            "any",
            [("state", "in", ("assigned", "accepted", "on_site"))],
        )

    def action_dispatch(self):
        """Open the dispatch order to be assigned, a new one when there is none.

        :raise UserError: when the ticket is finished or not verified, or the user is
            no dispatcher
        """
        self._ensure_can(
            "can_dispatch",
            self.env._(
                "Only the desk sends somebody, for verified unfinished tickets."
            ),
        )
        # Two who send somebody at once open the same order.
        take_turn(self)
        Dispatch = self.env["aftersales.dispatch"]
        drafts = Dispatch.search(
            [("ticket_id", "in", self.ids), ("state", "=", "draft")]
        )
        drafts |= Dispatch.create(
            [ticket._prepare_dispatch() for ticket in self - drafts.ticket_id]
        )
        return self._get_dispatch_action(drafts)

    def _prepare_dispatch(self):
        """Return the values of a new dispatch order."""
        self.ensure_one()
        wish = self.arrive_wish
        return {
            "ticket_id": self.id,
            "date_start": wish if wish and wish > fields.Datetime.now() else False,
        }

    def action_view_dispatches(self):
        """Open the visits of the tickets."""
        return self._get_dispatch_action(
            self.env["aftersales.dispatch"].search([("ticket_id", "in", self.ids)])
        )

    @api.model
    def _get_dispatch_action(self, dispatches):
        """Return the form of one visit, or the list of several."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_dispatch_action"
        )
        if len(dispatches) == 1:
            return {
                **action,
                "views": [(False, "form")],
                "res_id": dispatches.id,
                "context": {},
            }
        return {**action, "domain": [("id", "in", dispatches.ids)], "context": {}}

    # ------------------------------------------------------------
    # FOLLOWING
    # ------------------------------------------------------------

    def action_solve(self):
        """Solve; visits that are not needed any more are cancelled."""
        result = super().action_solve()
        self._cancel_visits(self.env._("Solved before the visit"))
        return result

    def action_cancel(self, reason=None):
        """Cancel; so are the visits."""
        result = super().action_cancel(reason)
        self._cancel_visits(reason)
        return result

    def action_merge(self, target_id, reason=None):
        """Merge; the visits are for the ticket that goes on to order anew."""
        result = super().action_merge(target_id, reason)
        self._cancel_visits(self.env._("Merged into another ticket"))
        return result

    def _cancel_visits(self, reason):
        """Cancel what is planned for finished tickets.

        :raise UserError: when somebody is on site
        """
        # Whoever may finish the ticket may call off its visits.
        visits_sudo = self.env["aftersales.dispatch"].sudo()
        visits_sudo = visits_sudo.search(
            [("ticket_id", "in", self.ids), ("state", "in", OPEN_VISIT_STATES)]
        )
        if begun_sudo := visits_sudo.filtered(lambda v: v.state == "on_site"):
            begun_sudo._refuse(
                self.env._(
                    "Somebody is at the customer's. Finish the visit or give it up first."
                )
            )
        if visits_sudo:
            visits_sudo.action_cancel(reason)
