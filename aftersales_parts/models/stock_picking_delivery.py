from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

AGENT = "aftersales_service.aftersales_service_group_agent"
STAFF = "aftersales_service.aftersales_service_group_technician"


class StockPicking(models.Model):
    """Deliveries that a technician brings and installs (R54)."""

    _inherit = "stock.picking"

    aftersales_dispatch_ids = fields.One2many(
        comodel_name="aftersales.dispatch",
        inverse_name="picking_id",
        string="Visits",
        groups=STAFF,
    )
    aftersales_visit_text = fields.Char(
        string="Delivery Visit",
        compute="_compute_aftersales_visit_text",
        compute_sudo=True,
        help="Who brings the goods, and when.",
    )
    can_aftersales_visit = fields.Boolean(compute="_compute_can_aftersales_visit")

    def _compute_aftersales_visit_text(self):
        texts = self._get_aftersales_visit_texts()
        for picking in self:
            picking.aftersales_visit_text = texts.get(picking, False)

    def _get_aftersales_visit_texts(self):
        """Return ``{delivery: who brings it and when}``, in one query for all."""
        # For the warehouse and the salesperson, who have no right on visits.
        visits_sudo = self.env["aftersales.dispatch"].sudo()
        visits_sudo = visits_sudo.search(
            [("picking_id", "in", self.ids), ("state", "!=", "cancelled")], order="id"
        )
        states = dict(visits_sudo._fields["state"]._description_selection(self.env))
        texts = {}
        for visit_sudo in visits_sudo:
            parts = (
                visit_sudo.name,
                visit_sudo.technician_id.name,
                visit_sudo.date_start
                and format_datetime(self.env, visit_sudo.date_start, dt_format="short"),
                states[visit_sudo.state],
            )
            # The last one counts.
            text = " · ".join(part for part in parts if part)
            texts[visit_sudo.picking_id.sudo(False)] = text
        return texts

    @api.depends("state", "picking_type_code", "aftersales_dispatch_ids.state")
    @api.depends_context("uid", "su")
    def _compute_can_aftersales_visit(self):
        may = self.env.su or self.env.user.has_group(AGENT)
        texts = self._get_aftersales_visit_texts() if may else {}
        for picking in self:
            picking.can_aftersales_visit = (
                may and picking not in texts and picking._is_aftersales_deliverable()
            )

    def _is_aftersales_deliverable(self):
        """Tell whether goods are still to be brought to a customer."""
        self.ensure_one()
        return (
            self.picking_type_code == "outgoing"
            and self.location_dest_id.usage == "customer"
            and self.state not in ("done", "cancel")
        )

    def action_aftersales_visit(self):
        """Plan a visit that brings these goods.

        :return: action that opens it
        :raise UserError: when they have one, are gone, or the user is not of the desk
        """
        self.check_access("read")
        if refused := self.filtered(lambda picking: not picking.can_aftersales_visit):
            raise UserError(
                self.env._(
                    "%s: the desk plans a visit for deliveries that are still to be "
                    "brought to a customer and have none.",
                    ", ".join(refused.mapped("display_name")),
                )
            )
        # The desk has no right on transfers; it reads what is to be brought.
        visits = self.sudo()._aftersales_create_visits()
        visits = visits.with_user(self.env.user)
        return self.env["aftersales.ticket"]._get_dispatch_action(visits)

    def action_view_aftersales_visits(self):
        """Open the visits of these deliveries."""
        visits = self.env["aftersales.dispatch"].search(
            [("picking_id", "in", self.ids)]
        )
        return self.env["aftersales.ticket"]._get_dispatch_action(visits)

    def _aftersales_create_visits(self):
        """Make the ticket and the draft visit of each of these deliveries."""
        # Nobody's own report: planned by the order, whoever confirms it.
        Ticket = self.env["aftersales.ticket"].with_user(SUPERUSER_ID)
        Dispatch = self.env["aftersales.dispatch"].with_user(SUPERUSER_ID)
        visits = Dispatch
        for company, pickings in self.grouped("company_id").items():
            pickings = pickings.with_company(company)
            tickets = {
                picking: picking.aftersales_return_id.ticket_id.filtered(
                    lambda ticket: ticket.can_dispatch
                ).with_user(SUPERUSER_ID)
                for picking in pickings
            }
            without = [picking for picking, ticket in tickets.items() if not ticket]
            made = Ticket.with_company(company).create(
                [picking._prepare_aftersales_ticket() for picking in without]
            )
            made._notice_new()
            tickets |= dict(zip(without, made, strict=True))
            visits |= Dispatch.create(
                [
                    {**ticket._prepare_dispatch(), "picking_id": picking.id}
                    for picking, ticket in tickets.items()
                ]
            )
        return visits

    def _prepare_aftersales_ticket(self):
        """Return the values of the ticket that a delivery is planned on."""
        self.ensure_one()
        order = self.sale_id
        products = self.move_ids.product_id
        installed = products.filtered("aftersales_install") or products
        wish = order.commitment_date or self.scheduled_date
        return {
            "symptom": self.env._(
                "Deliver and install: %s",
                ", ".join(installed.mapped("name"))[:200],
            ),
            "company_id": self.company_id.id,
            "channel": "order",
            "service_kind": "internal",
            "service_mode": "onsite",
            "remote_result": "impossible",
            "partner_id": (order.partner_id or self.partner_id).id,
            "site_id": (self.partner_id or order.partner_shipping_id).id,
            "product_id": installed[:1].id,
            "sale_order_id": order.id,
            "job_type_id": installed.product_tmpl_id._get_aftersales_install_type().id,
            "arrive_wish": wish if wish and wish > fields.Datetime.now() else False,
        }

    def _aftersales_plan_rest(self, dispatch):
        """Plan who brings what could not be brought this time, on the same ticket.

        :param dispatch: the visit that brought the rest
        """
        for picking in self:
            dispatch._plan_again(picking)
