from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.aftersales_service.models.aftersales_dispatch import OPEN_STATES

from .aftersales_delivery_dispatch import TO_DO

AGENT = "aftersales_service.aftersales_service_group_agent"
FAILURES = [
    ("absent", "Nobody Was There"),
    ("refused", "Refused"),
    ("damaged", "Damaged"),
    ("no_fit", "Does Not Fit"),
    ("other", "Something Else"),
]


class AftersalesDispatch(models.Model):
    """Deliveries that failed: goods come back, the next delivery is agreed (R54)."""

    _inherit = "aftersales.dispatch"

    delivery_failure = fields.Selection(
        selection=FAILURES, readonly=True, copy=False, tracking=True
    )
    can_rebook = fields.Boolean(compute="_compute_can_rebook")

    @api.depends("state", "picking_id", "ticket_id.dispatch_ids.state")
    @api.depends_context("uid", "su")
    def _compute_can_rebook(self):
        may = self.env.su or self.env.user.has_group(AGENT)
        for dispatch in self:
            dispatch.can_rebook = (
                may
                and dispatch.state == "failed"
                and bool(dispatch.picking_id)
                and dispatch._is_ticket_served()
                and not any(
                    visit.state in OPEN_STATES
                    for visit in dispatch.ticket_id.dispatch_ids
                )
            )

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def action_fail(self, reason=None, delivery_failure=None):
        """Note that nothing could be done; goods of a delivery come back (R54).

        :param str reason: why, mandatory
        :param str delivery_failure: what kept the goods from being handed over:
            absent, refused, damaged, no_fit or other
        :raise UserError: as before, or for an unknown kind of failure
        """
        kinds = dict(FAILURES)
        if delivery_failure and delivery_failure not in kinds:
            raise UserError(
                self.env._("A delivery fails for one of these: %s", ", ".join(kinds))
            )
        result = super().action_fail(reason)
        for dispatch in self.filtered("picking_id"):
            dispatch._fail_delivery(reason, delivery_failure or "other")
        return result

    def action_rebook(self, date_start=None, date_end=None):
        """Plan the next delivery that was agreed with the customer.

        :param datetime date_start: when; open when empty
        :param datetime date_end: as long as the failed visit when empty
        :return: action that opens the new visit
        :raise UserError: when the visit has not failed, or the next one is planned
        """
        self._ensure_can(
            "can_rebook",
            self.env._(
                "The desk plans the next delivery after one has failed, and one at a "
                "time."
            ),
        )
        visits = self.browse()
        for dispatch in self:
            visits |= dispatch._plan_again(
                dispatch._get_open_delivery(), date_start, date_end
            )
        self.activity_feedback([TO_DO])
        return self.env["aftersales.ticket"]._get_dispatch_action(visits)

    def action_ask_rebook(self):
        """Ask for the time that was agreed."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_parts.aftersales_dispatch_step_action_rebook"
        )
        action["context"] = {
            "default_step": "rebook",
            "default_dispatch_ids": self.ids,
        }
        return action

    # ------------------------------------------------------------
    # WHAT FOLLOWS
    # ------------------------------------------------------------

    def _fail_delivery(self, reason, failure):
        """Bring the goods back, tell supervisor and salesperson."""
        self._step({"delivery_failure": failure})
        # Technicians have no right on transfers: this one was their job.
        picking_sudo = self.picking_id.sudo()
        if picking_sudo.state == "done":
            self._bring_back(picking_sudo)
        picking_sudo.message_post(
            body=self.env._(
                "Not handed over on visit %(visit)s: %(reason)s",
                visit=self.name,
                reason=reason,
            )
        )
        self._notify_supervisor(
            TO_DO, self.env._("Delivery failed: %s. Agree on the next one.", reason)
        )
        order_sudo = picking_sudo.sale_id
        if failure == "no_fit" and order_sudo.user_id:
            order_sudo.activity_schedule(
                TO_DO,
                date_deadline=self.company_id._aftersales_today(),
                summary=self.env._("The goods do not fit"),
                note=reason,
                user_id=order_sudo.user_id.id,
            )

    def _bring_back(self, picking_sudo):
        """Return what left the house already, and deliver it anew, by Odoo's own way.

        The return is under the guard of all returns; the order delivers what it owes.
        """
        wizard_sudo = (
            picking_sudo.env["stock.return.picking"]
            .with_context(
                active_model=picking_sudo._name,
                active_id=picking_sudo.id,
                active_ids=picking_sudo.ids,
            )
            .create({"picking_id": picking_sudo.id})
        )
        for item_sudo in wizard_sudo.product_return_moves:
            item_sudo.write({"quantity": item_sudo.move_id.quantity, "to_refund": True})
        wizard_sudo.action_create_exchanges()

    def _get_open_delivery(self):
        """Return what is to be delivered next: the same goods, or those anew."""
        self.ensure_one()
        # The desk has no right on transfers; it plans their visits.
        picking_sudo = self.picking_id.sudo()
        if picking_sudo.state not in ("done", "cancel"):
            return picking_sudo
        if not picking_sudo.sale_id:
            return picking_sudo.browse()
        others_sudo = picking_sudo.search(
            Domain("sale_id", "=", picking_sudo.sale_id.id)
            & Domain("state", "not in", ("done", "cancel"))
            & Domain("location_dest_id.usage", "=", "customer"),
            order="id desc",
        )
        return others_sudo.filtered(
            lambda picking: not any(
                visit.state in OPEN_STATES for visit in picking.aftersales_dispatch_ids
            )
        )[:1]

    def _plan_again(self, picking_sudo, date_start=None, date_end=None):
        """Make the draft of the next visit, on the same ticket."""
        self.ensure_one()
        start = fields.Datetime.to_datetime(date_start)
        end = fields.Datetime.to_datetime(date_end)
        if start and not end and self.date_start and self.date_end:
            end = start + (self.date_end - self.date_start)
        # Also a technician leaves a visit for the rest behind.
        visit_sudo = self.sudo().create(
            {
                "ticket_id": self.ticket_id.id,
                "job_type_id": self.job_type_id.id,
                "technician_id": self.technician_id.id,
                "date_start": start,
                **({"date_end": end} if start and end else {}),
                "picking_id": picking_sudo.id,
            }
        )
        return visit_sudo.sudo(self.env.su)  # with the rights of who asked
