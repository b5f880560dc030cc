from odoo import api, fields, models
from odoo.fields import Domain

from .aftersales_ticket import OPEN_STATES

# Rows of each list on the page; the smart buttons show the rest.
LIMIT = 10
STAFF = "aftersales_service.aftersales_service_group_technician"


class ResPartner(models.Model):
    """The customer file at a glance (R12): one page for the staff of after-sales."""

    _inherit = "res.partner"

    aftersales_class_id = fields.Many2one(
        comodel_name="aftersales.customer.class",
        string="Customer Class",
        index="btree_not_null",
        help="How often the customer is visited.",
    )
    aftersales_file_ok = fields.Boolean(
        string="File Complete as It Is",
        copy=False,
        help="Nothing more is expected: not listed among the incomplete files.",
    )
    aftersales_callback_count = fields.Integer(
        string="Open Callbacks", compute="_compute_aftersales_callback_count"
    )
    aftersales_desk_unit_ids = fields.Many2many(
        comodel_name="aftersales.equipment",
        string="Units in Use",
        compute="_compute_aftersales_desk",
        groups=STAFF,
    )
    aftersales_desk_ticket_ids = fields.Many2many(
        comodel_name="aftersales.ticket",
        string="Open Tickets",
        compute="_compute_aftersales_desk",
        groups=STAFF,
    )
    aftersales_desk_contract_ids = fields.Many2many(
        comodel_name="aftersales.contract",
        string="Contracts in Force",
        compute="_compute_aftersales_desk",
        groups=STAFF,
    )
    aftersales_desk_callback_ids = fields.Many2many(
        comodel_name="aftersales.callback",
        string="Planned Callbacks",
        compute="_compute_aftersales_desk",
        groups=STAFF,
    )
    aftersales_next_service_date = fields.Date(
        string="Next Service",
        compute="_compute_aftersales_desk",
        groups=STAFF,
        help="The first service that is due among the units in use.",
    )
    aftersales_promised_date = fields.Datetime(
        string="Next Promise",
        compute="_compute_aftersales_desk",
        groups=STAFF,
        help="The first solution promised on the open tickets.",
    )
    aftersales_last_contact = fields.Datetime(
        string="Last Contact",
        compute="_compute_aftersales_last_contact",
        groups=STAFF,
        help="Last call registered, callback, visit or letter.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    def _compute_aftersales_callback_count(self):
        counts = self._aftersales_count(
            "aftersales.callback", Domain("state", "=", "planned")
        )
        for partner in self:
            partner.aftersales_callback_count = counts.get(partner._origin.id, 0)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_aftersales_desk(self):
        """Read what is open of each customer and his contacts, in one pass."""
        homes = self._aftersales_get_homes()
        lists = {
            "aftersales_desk_unit_ids": (
                "aftersales.equipment",
                Domain("state", "=", "active"),
                "next_service_date, warranty_end, id",
            ),
            "aftersales_desk_ticket_ids": (
                "aftersales.ticket",
                Domain("state", "in", OPEN_STATES),
                "promised_date, priority desc, id",
            ),
            "aftersales_desk_contract_ids": (
                "aftersales.contract",
                Domain("state", "=", "active"),
                "date_end, id",
            ),
            "aftersales_desk_callback_ids": (
                "aftersales.callback",
                Domain("state", "=", "planned"),
                "date_deadline, id",
            ),
        }
        found = {
            field: self._aftersales_find(homes, model, domain, order)
            for field, (model, domain, order) in lists.items()
        }
        for partner in self:
            for field, (model, _domain, _order) in lists.items():
                records = found[field].get(partner._origin.id, self.env[model])
                partner[field] = records[:LIMIT]
                if field == "aftersales_desk_unit_ids":
                    services = filter(None, records.mapped("next_service_date"))
                    partner.aftersales_next_service_date = min(services, default=False)
                elif field == "aftersales_desk_ticket_ids":
                    promises = filter(None, records.mapped("promised_date"))
                    partner.aftersales_promised_date = min(promises, default=False)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_aftersales_last_contact(self):
        homes = self._aftersales_get_homes()
        last = {}
        for model, field, domain in (
            ("aftersales.ticket", "date_open", Domain.TRUE),
            ("aftersales.callback", "date_done", Domain("state", "=", "done")),
        ):
            Model = self.env[model]
            if not Model.has_access("read"):
                continue
            for partner, moment in Model._read_group(
                Domain("partner_id", "in", list(homes)) & domain,
                ["partner_id"],
                [f"{field}:max"],
            ):
                for home in homes[partner.id]:
                    last[home] = max(moment, last.get(home, moment))
        for partner in self:
            partner.aftersales_last_contact = last.get(partner._origin.id, False)

    def _aftersales_get_homes(self):
        """Return ``{contact id: those of self it belongs to}`` of their families."""
        family = self.with_context(active_test=False).search_fetch(
            [("id", "child_of", self.ids)], ["parent_id"]
        )
        asked = set(self.ids)
        homes = {}
        for contact in family:
            partner = contact
            while partner:
                if partner.id in asked:
                    homes.setdefault(contact.id, []).append(partner.id)
                partner = partner.parent_id if partner.parent_id in family else None
        return homes

    def _aftersales_find(self, homes, model, domain, order):
        """Return ``{id of self: records of it and its contacts}``."""
        Model = self.env[model]
        if not Model.has_access("read"):
            return {}
        found = {}
        # A dealer has hundreds of units: as many as are shown, for each asked.
        records = Model.search(
            Domain("partner_id", "in", list(homes)) & domain,
            order=order,
            limit=20 * LIMIT * max(len(self), 1),
        )
        for record in records:
            for home in homes.get(record.partner_id.id, ()):
                found[home] = found.get(home, Model) | record
        return found

    @api.model
    def _get_aftersales_person_models(self):
        return [
            *super()._get_aftersales_person_models(),
            "aftersales.callback",
            "aftersales.campaign.recipient",
        ]

    # ------------------------------------------------------------
    # SCREENS
    # ------------------------------------------------------------

    def action_view_aftersales_callbacks(self):
        """Open the callbacks of this customer, open and done ones."""
        return self.env["aftersales.callback"]._get_list_action(
            self._aftersales_family_domain("partner_id"),
            {"default_partner_id": self.id if len(self) == 1 else False},
        )
