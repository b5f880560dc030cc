from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesEquipment(models.Model):
    """What happens to a unit after its sale, and where its papers are."""

    _inherit = "aftersales.equipment"

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_scrap(self, reason=None):
        """Take units out of service, for good (supervisors)."""
        self._ensure_supervisor()
        self._ensure_in_use()
        self._close("scrapped", reason or self.env._("Taken out of service"))
        return True

    def action_reactivate(self):
        """Put a unit back in use that was closed by mistake (supervisors).

        :raise UserError: when its serial number has another voucher in use
        """
        self._ensure_supervisor()
        closed = self.filtered(lambda unit: unit.state != "active")
        twins = self.search(
            [
                ("lot_id", "in", closed.filtered("is_serialised").lot_id.ids),
                ("company_id", "in", closed.company_id.ids),
                ("state", "=", "active"),
            ]
        )
        if twins:
            raise UserError(
                self.env._(
                    "The serial number has another voucher in use: %s",
                    ", ".join(twins.mapped("display_name")),
                )
            )
        closed._by_method().write(
            {
                "state": "active",
                "quantity_returned": 0,
                "close_date": False,
                "close_reason": False,
            }
        )
        return True

    def action_register_resale(self, partner_id, date=None, site_id=None):
        """Hand the unit from its dealer to the customer who bought it (R13).

        :param int partner_id: the new holder
        :param date: day of the resale, today when empty
        :param int site_id: address of the unit, the holder's own when empty
        :raise UserError: when the unit is no longer in use
        """
        self._ensure_in_use()
        for unit in self:
            unit.write(
                {
                    "dealer_id": unit.dealer_id.id or unit.partner_id.id,
                    "partner_id": partner_id,
                    "site_id": site_id or partner_id,
                    "registration_date": date or fields.Date.context_today(unit),
                }
            )
        return True

    def action_request_service(self):
        """Open the form that registers a ticket for this unit."""
        self.ensure_one()
        return self.env["aftersales.ticket.request"]._get_action(equipment=self)

    def action_view_tickets(self):
        """Open the tickets of these units."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_ticket_action"
        )
        return {
            **action,
            "domain": [("equipment_id", "in", self.ids)],
            "context": {"default_equipment_id": self.id if len(self) == 1 else False},
        }

    def action_view_order(self):
        """Open the sales order the unit was sold on."""
        self.ensure_one()
        return self._get_form_action(self.sale_order_id)

    def action_view_delivery(self):
        """Open the transfer the unit left with."""
        self.ensure_one()
        return self._get_form_action(self.picking_id)

    def action_view_invoices(self):
        """Open the posted invoices of the unit."""
        self.ensure_one()
        invoices = self.invoice_line_ids.move_id
        if len(invoices) == 1:
            return self._get_form_action(invoices)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Invoices"),
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": [("id", "in", invoices.ids)],
        }

    def _get_list_action(self):
        """Return the action that shows these units: the form when it is one."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_equipment_action"
        )
        action |= {"domain": [("id", "in", self.ids)], "context": {"create": False}}
        if len(self) == 1:
            action |= {"views": [(False, "form")], "res_id": self.id}
        return action

    @api.model
    def _get_form_action(self, record):
        record.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def _ensure_supervisor(self):
        group = "aftersales_service.aftersales_service_group_supervisor"
        if not (self.env.su or self.env.user.has_group(group)):
            raise UserError(
                self.env._("Only a supervisor of after-sales may change this.")
            )

    def _ensure_in_use(self):
        if closed := self.filtered(lambda unit: unit.state != "active"):
            raise UserError(
                self.env._(
                    "These units are no longer in use: %s",
                    ", ".join(closed.mapped("display_name")),
                )
            )

    def _close(self, state, reason, date=None):
        """Close units in one write, with the reason on the voucher."""
        self._by_method().write(
            {
                "state": state,
                "close_reason": reason,
                "close_date": date or fields.Date.context_today(self),
            }
        )
