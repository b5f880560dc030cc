from odoo import api, models
from odoo.exceptions import UserError


class AftersalesTicket(models.Model):
    """How calls are registered, by a person or a file (R01, R87)."""

    _inherit = "aftersales.ticket"

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        wishes = []
        for vals in vals_list:
            self._ensure_no_facts(vals)
            # An import of open tickets asks for a state; it gets there by the same
            # steps as everybody.
            wishes.append(
                (vals.pop("state", None) or "new", vals.get("waiting_reason"))
            )
        self._prepare_own_reports(vals_list)
        self._number(vals_list)
        tickets = super().create(vals_list)
        alike = {}
        for ticket, wish in zip(tickets, wishes, strict=True):
            alike[wish] = alike.get(wish, self.browse()) | ticket
        for (state, waiting_reason), group in alike.items():
            if state != "new":
                group._go_to_state(state, waiting_reason)
        return tickets

    def write(self, vals):
        self._ensure_no_facts(vals)
        if self._is_by_method():
            return super().write(vals)
        vals = dict(vals)
        state = vals.pop("state", None)
        result = super().write(vals) if vals else True
        if vals.get("channel") == "staff":
            self.filtered(lambda ticket: not ticket.verified_by_id)._by_method().write(
                {"to_verify": True}
            )
        if state:
            self.filtered(lambda ticket: ticket.state != state)._go_to_state(
                state, vals.get("waiting_reason")
            )
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_new(self):
        """Nothing that was worked on is deleted (R66)."""
        if kept := self.filtered(lambda ticket: ticket.state != "new"):
            raise UserError(
                self.env._(
                    "Only new tickets can be deleted, cancel these instead: %s",
                    ", ".join(kept.mapped("name")),
                )
            )

    @api.model
    def _prepare_own_reports(self, vals_list):
        """Mark reports of our own staff: the desk verifies them before work (R87).

        Whatever a technician registers is such a report, and his own job.
        """
        user = self.env.user
        own_report = user.has_group(
            "aftersales_service.aftersales_service_group_technician"
        ) and not user.has_group("aftersales_service.aftersales_service_group_agent")
        for vals in vals_list:
            if own_report:
                vals["channel"] = "staff"
                vals.setdefault("user_id", user.id)
            channel = vals.get("channel") or self.env.context.get("default_channel")
            vals["to_verify"] = channel == "staff"

    def _creation_message(self):
        # Odoo's own asks the database for the name of the model each time.
        self.ensure_one()
        return self.env._("Ticket registered")

    @api.model
    def get_import_templates(self):
        """Offer the template for open tickets in the import screen."""
        return [
            {
                "label": self.env._("Template for open tickets"),
                "template": "/aftersales/import_template/aftersales.ticket",
            }
        ]
