from odoo import api, fields, models
from odoo.tools import format_datetime

from .aftersales_part_request import OPEN_STATES

# Visits that have not begun: somebody can still be told.
COMING_STATES = ("draft", "assigned", "accepted")


class AftersalesDispatch(models.Model):
    """Whoever drives there before the parts is told (R45)."""

    _inherit = "aftersales.dispatch"

    parts_warning = fields.Char(
        string="Parts on Their Way",
        compute="_compute_parts_warning",
        help="Requested parts that will not be there when the technician is.",
    )

    @api.depends(
        "date_start",
        "state",
        "ticket_id.part_request_ids.state",
        "ticket_id.part_request_ids.date_promised",
    )
    @api.depends_context("lang", "tz")
    def _compute_parts_warning(self):
        coming = self.filtered(lambda dispatch: dispatch.state in COMING_STATES)
        # What was requested for a ticket is no secret to who sees its visits.
        requests_sudo = self.env["aftersales.part.request"].sudo()
        if coming.ticket_id:
            requests_sudo = requests_sudo.search(
                [
                    ("ticket_id", "in", coming.ticket_id.ids),
                    ("state", "in", OPEN_STATES),
                ]
            )
        by_ticket = requests_sudo.grouped("ticket_id")
        for dispatch in self:
            late = by_ticket.get(dispatch.ticket_id, ()) if dispatch in coming else ()
            texts = [dispatch._say_late(request) for request in late]
            dispatch.parts_warning = " ".join(text for text in texts if text)

    def _say_late(self, request_sudo):
        """Say in words that parts come after the visit; nothing when they do not."""
        self.ensure_one()
        if request_sudo.state != "approved":
            return self.env._("%s is not approved yet.", request_sudo.name)
        expected = request_sudo.date_expected
        if expected and self.date_start and expected <= self.date_start:
            return ""
        if not expected:
            return self.env._(
                "%s: nobody knows yet when the parts arrive.", request_sudo.name
            )
        return self.env._(
            "%(request)s: the parts arrive on %(date)s only.",
            request=request_sudo.name,
            date=format_datetime(self.env, expected, dt_format="short"),
        )

    def _after_assignment(self):
        result = super()._after_assignment()
        warned = self.filtered("parts_warning")
        if warned:
            warned._message_log_batch(
                bodies={visit.id: visit.parts_warning for visit in warned}
            )
        return result

    def action_accept(self):
        """Accept, and be told when the parts come later than the technician.

        :return: a notice on screen when parts are missing or late
        """
        result = super().action_accept()
        late = self.filtered("parts_warning")
        if not late:
            return result
        text = "\n".join(late.mapped("parts_warning"))
        if isinstance(result, dict):
            result["params"]["message"] += "\n" + text
            return result
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Parts are late"),
                "message": text,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # ------------------------------------------------------------
    # PHONE
    # ------------------------------------------------------------

    def action_request_parts(self):
        """Open a new request for what is missing on the visit."""
        self.ensure_one()
        missing = self.line_ids.filtered(lambda line: line.stock_state == "missing")
        return missing._get_request_action(self.ticket_id, self)

    def action_view_van(self):
        """Open what is in the van of who leads the visit."""
        self.ensure_one()
        # Whose van it is, is known with the visit; what is in it has its own rule.
        people_sudo = self.sudo().technician_id
        vans = self.env["stock.location"]._aftersales_get_vans(
            people_sudo, self.company_id
        )
        van = vans.get((people_sudo.id, self.company_id.id))
        if not van:
            self._refuse(
                self.env._("The technician has no van yet: a supervisor makes one.")
            )
        return van.with_env(self.env).action_aftersales_view_stock()
