from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.phone import is_same_number, key_of


class AftersalesTicket(models.Model):
    """Calls that may be the same one: same unit or same phone (R01)."""

    _inherit = "aftersales.ticket"

    phone_key = fields.Char(
        compute="_compute_phone_key",
        store=True,
        precompute=True,
        export_string_translation=False,
        help="Last digits of the number, the same in every notation.",
    )
    similar_ids = fields.Many2many(
        string="Open Tickets of the Same Unit or Phone",
        help="Open tickets of the same unit, or of a caller with the same number.",
    )
    missed_call_ids = fields.One2many(
        comodel_name="aftersales.missed.call",
        inverse_name="ticket_id",
        string="Missed Calls",
        readonly=True,
    )

    _phone_idx = models.Index("(phone_key) WHERE phone_key IS NOT NULL")

    @api.depends("partner_phone")
    def _compute_phone_key(self):
        for ticket in self:
            ticket.phone_key = key_of(ticket.partner_phone)

    @api.depends("equipment_id", "phone_key")
    def _compute_similar_ids(self):
        found = self._find_similar(
            self.equipment_id, self.mapped("partner_phone"), self.company_id
        )
        for ticket in self:
            ticket.similar_ids = (found - ticket._origin).filtered(
                lambda other, ticket=ticket: other._is_similar(
                    ticket.equipment_id, ticket.partner_phone, ticket.company_id
                )
            )

    @api.model
    def _find_similar(self, units, phones, companies, domain=None):
        """Return the open tickets of these units or of callers with these numbers.

        :param units: units, may be empty
        :param phones: numbers in any notation
        :param companies: whose tickets
        :param domain: of other tickets than the open ones
        """
        keys = {key_of(phone) for phone in phones} - {None}
        alike = Domain("equipment_id", "in", units.ids)
        alike |= Domain("phone_key", "in", list(keys))
        if not units and not keys:
            return self.browse()
        wanted = self._get_open_domain() if domain is None else domain
        return self.search(
            alike & Domain("company_id", "in", companies.ids) & wanted, limit=200
        )

    def _is_similar(self, unit, phone, company):
        self.ensure_one()
        if self.company_id != company:
            return False
        return bool(unit and self.equipment_id == unit) or is_same_number(
            self.partner_phone, phone
        )

    # ------------------------------------------------------------
    # MERGING
    # ------------------------------------------------------------

    def _is_same_case(self, other):
        """Tell whether two tickets may be one: one unit, one customer or one number."""
        self.ensure_one()
        if self.equipment_id and other.equipment_id:
            return self.equipment_id == other.equipment_id
        family = self.partner_id.commercial_partner_id
        if family and other.partner_id:
            return family == other.partner_id.commercial_partner_id
        return is_same_number(self.partner_phone, other.partner_phone)

    def _get_mergeable_domain(self):
        """Domain of the tickets that these may be merged into."""
        families = self.partner_id.commercial_partner_id
        keys = set(self.mapped("phone_key")) - {False}
        return (
            Domain("state", "!=", "cancelled")
            & Domain("company_id", "in", self.company_id.ids)
            & (
                Domain("equipment_id", "in", self.equipment_id.ids)
                | Domain("partner_id", "child_of", families.ids)
                | Domain("phone_key", "in", list(keys))
            )
        )

    def _absorb_history(self, ticket):
        """Take over who called, his missed calls and the to-dos of a merged ticket."""
        ticket._drop_notices()
        said = [
            (self._fields[name]._description_string(self.env), ticket[name])
            for name in ("partner_name", "partner_phone", "partner_email", "channel")
            if ticket[name] and ticket[name] != self[name]
        ]
        # To-dos belong to the tickets, both of which the user may edit.
        self.env["mail.activity"].sudo().search(
            [("res_model", "=", self._name), ("res_id", "=", ticket.id)]
        ).write({"res_id": self.id})
        ticket.missed_call_ids._by_method().write({"ticket_id": self.id})
        result = super()._absorb_history(ticket)
        if said:
            self._message_log(
                body=self.env._(
                    "Also said on %(ticket)s: %(facts)s",
                    ticket=ticket.name,
                    facts="; ".join(f"{label}: {value}" for label, value in said),
                )
            )
        return result
