from odoo import api, fields, models

from .aftersales_ticket import OPEN_STATES


class AftersalesTicket(models.Model):
    """Goods of a third party: their maker's promise, and the job routed to him (R84)."""

    _inherit = "aftersales.ticket"

    maker_id = fields.Many2one(
        comodel_name="res.partner",
        compute="_compute_maker",
        compute_sudo=True,
    )
    maker_promise = fields.Text(compute="_compute_maker", compute_sudo=True)
    maker_notice = fields.Char(
        string="Whose Warranty",
        compute="_compute_maker",
        compute_sudo=True,
        help="Whose promise applies to goods that are not ours.",
    )
    maker_date = fields.Datetime(
        string="Sent to the Maker on", readonly=True, copy=False
    )
    can_route_to_maker = fields.Boolean(compute="_compute_can_route_to_maker")

    @api.depends(
        "equipment_id.product_id.aftersales_maker_id",
        "equipment_id.product_id.aftersales_maker_promise",
        "product_id.aftersales_maker_id",
        "product_id.aftersales_maker_promise",
        "equipment_id.product_id.aftersales_maker_id.name",
        "product_id.aftersales_maker_id.name",
    )
    @api.depends_context("lang")
    def _compute_maker(self):
        for ticket in self:
            product = ticket.equipment_id.product_id or ticket.product_id
            ticket.maker_id = product.aftersales_maker_id
            ticket.maker_promise = promise = product.aftersales_maker_promise
            ticket.maker_notice = product.aftersales_maker_id and self.env._(
                "Warranty of %(maker)s: %(promise)s",
                maker=product.aftersales_maker_id.name,
                promise=promise or self.env._("no promise noted"),
            )

    @api.depends("maker_id", "state", "to_verify")
    @api.depends_context("uid", "su")
    def _compute_can_route_to_maker(self):
        for ticket in self:
            ticket.can_route_to_maker = (
                ticket._is_desk()
                and bool(ticket.maker_id)
                and ticket.state in OPEN_STATES
                and not ticket.to_verify
            )

    def action_route_to_maker(self, reason=None):
        """Send the job to the maker, whose promise applies, and wait for him (R84).

        :param str reason: why it is sent again, mandatory the second time
        :raise UserError: without a maker, his address, or the reason
        """
        self._ensure_can(
            "can_route_to_maker",
            self.env._(
                "The desk sends open tickets to the maker of goods that are not ours; "
                "who he is, is on the product."
            ),
        )
        reason = (reason or "").strip()
        for ticket in self:
            # Who the maker is, is on the product; his address is not secret.
            maker_sudo = ticket.maker_id.sudo()
            if not maker_sudo.email:
                ticket._refuse(
                    self.env._(
                        "%s has no email address; add one to send him the job.",
                        maker_sudo.display_name,
                    )
                )
            if ticket.maker_date and not reason:
                ticket._refuse(
                    self.env._("The maker has it already; say why it is sent again.")
                )
            ticket._mail_to_maker(maker_sudo)
            ticket._tell(self.env._("Sent to %s", maker_sudo.display_name), reason)
            ticket._step({"maker_date": fields.Datetime.now()})
            if ticket.can_wait:
                ticket.action_wait("supplier")
        return True

    def _mail_to_maker(self, maker_sudo):
        self.ensure_one()
        template = self.env.ref("aftersales_service.mail_template_aftersales_maker")
        # The desk sends this one mail; templates and the maker's file are not its own.
        ticket_sudo = self.sudo()
        ticket_sudo.with_context(
            lang=maker_sudo.lang or self.env.lang
        ).message_post_with_source(
            template,
            subtype_xmlid="mail.mt_note",
            partner_ids=maker_sudo.ids,
        )
