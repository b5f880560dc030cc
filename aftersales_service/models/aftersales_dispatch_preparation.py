from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import formatLang

from .aftersales_dispatch import OPEN_STATES


class AftersalesDispatch(models.Model):
    """What goes along, so that nobody drives twice (R23)."""

    _inherit = "aftersales.dispatch"

    item_ids = fields.One2many(
        comodel_name="aftersales.dispatch.item",
        inverse_name="dispatch_id",
        string="Preparation",
    )
    missing_text = fields.Char(
        string="Missing Parts",
        compute="_compute_missing_text",
        help="Neither packed nor in stock.",
    )
    unpacked_count = fields.Integer(compute="_compute_missing_text")

    @api.depends("item_ids.ready", "item_ids.quantity", "item_ids.product_id", "state")
    def _compute_missing_text(self):
        for dispatch in self:
            items = dispatch.item_ids
            is_open = dispatch.state in OPEN_STATES
            dispatch.unpacked_count = is_open and len(
                items.filtered(lambda item: not item.ready)
            )
            dispatch.missing_text = ", ".join(
                self.env._(
                    "%(quantity)s × %(item)s (%(free)s in stock)",
                    quantity=self._get_quantity_text(item.quantity),
                    item=item.name,
                    free=self._get_quantity_text(item.available_quantity),
                )
                for item in items.filtered("is_missing")
            )

    @api.model
    def _get_quantity_text(self, quantity):
        """Say a quantity without the zeros behind the point."""
        digits = 0 if quantity == int(quantity) else 2
        return formatLang(self.env, quantity, digits=digits)

    # ------------------------------------------------------------
    # FILLING
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        dispatches = super().create(vals_list)
        dispatches._fill_preparation()
        return dispatches

    def write(self, vals):
        result = super().write(vals)
        if "job_type_id" in vals:
            open_ones = self.filtered(lambda visit: visit.state in OPEN_STATES)
            open_ones._drop_kit()
            open_ones._fill_preparation()
        return result

    def _after_assignment(self):
        result = super()._after_assignment()
        self._fill_preparation(kit=False)
        return result

    def action_accept(self):
        """Accept, and be told what is missing before one leaves (R23).

        :return: a notice on screen when parts are missing
        """
        result = super().action_accept()
        missing = self.filtered("missing_text")
        if not missing:
            return result
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Parts are missing"),
                "message": "\n".join(missing.mapped("missing_text")),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_fill_preparation(self):
        """Add what the ticket plans and the kit holds and is not on the list yet.

        :raise UserError: when the visit is over
        """
        self._ensure_plannable()
        self._fill_preparation()
        return True

    def _ensure_plannable(self):
        self._ensure_can(
            "can_plan",
            self.env._("Only the dispatcher prepares a visit, and until it begins."),
        )

    def _drop_kit(self):
        """Take off what only the former kind of job asked for, unless it is packed."""
        # Who may plan the visit, here: its dispatcher.
        self.item_ids.filtered(
            lambda item: (
                not item.ready
                and item.kit_item_id.job_type_id
                and item.kit_item_id.job_type_id != item.dispatch_id.job_type_id
            )
        ).unlink()

    def _fill_preparation(self, kit=True):
        """Add to the lists what is missing there, in a constant number of queries.

        :param bool kit: also the kit, else only the parts that the ticket plans
        """
        if not self:
            return
        # The list follows from ticket and kit, whoever takes the step.
        dispatches_sudo = self.sudo()
        wanted = dispatches_sudo._get_planned_parts()
        if kit:
            wanted += dispatches_sudo._get_kit()
        items_sudo = dispatches_sudo.env["aftersales.dispatch.item"]
        if wanted:
            items_sudo._by_method().create(wanted)

    def _get_planned_parts(self):
        """Return the values of the parts planned on the tickets and not listed yet."""
        Line = self.env["aftersales.ticket.line"]
        lines = Line.search(
            Domain("ticket_id", "in", self.ticket_id.ids)
            & Domain("kind", "=", "part")
            & Domain("state", "=", "planned")
            & Domain("dispatch_id", "in", (False, *self.ids))
        )
        by_ticket = lines.grouped("ticket_id")
        return [
            {
                "dispatch_id": visit.id,
                "kind": "part",
                "line_id": line.id,
                "product_id": line.product_id.id,
                "name": line.product_id.display_name or line.name,
                "quantity": line.quantity or 1.0,
            }
            for visit in self
            for line in by_ticket.get(visit.ticket_id, ())
            if line.dispatch_id in (visit, visit.browse())
            and line not in visit.item_ids.line_id
            and (line.product_id or line.name)
            and line.quantity > 0
        ]

    def _get_kit(self):
        """Return the values of the kit of the visits that is not listed yet."""
        items = self.env["aftersales.kit.item"].search(
            Domain("company_id", "in", (False, *self.company_id.ids))
            & Domain("job_type_id", "in", (False, *self.job_type_id.ids))
        )
        return [
            {
                "dispatch_id": visit.id,
                "kind": item.kind,
                "kit_item_id": item.id,
                "product_id": item.product_id.id,
                "name": item.name,
                "quantity": item.quantity,
                "sequence": item.sequence,
            }
            for visit in self
            for item in items
            if item.company_id in (visit.company_id, item.company_id.browse())
            and item.job_type_id in (visit.job_type_id, item.job_type_id.browse())
            and item not in visit.item_ids.kit_item_id
        ]
