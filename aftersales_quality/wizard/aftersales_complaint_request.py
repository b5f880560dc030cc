from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..models.aftersales_complaint import CHANNELS

# Field of the source, field that leads from it to its company.
SOURCES = {
    "rating_id": "aftersales_company_id",
    "dispatch_id": "company_id",
    "return_id": "company_id",
    "callback_id": "company_id",
    "ticket_id": "company_id",
    "equipment_id": "company_id",
    "sale_order_id": "company_id",
}
AGENT = "aftersales_service.aftersales_service_group_agent"
QUALITY = "aftersales_quality.aftersales_quality_group_lead"


class AftersalesComplaintRequest(models.TransientModel):
    """ "Record Complaint" on a document: also for those who lead no complaints.

    A technician records what he hears on his visit, a salesman what he hears about
    his order; both follow it (R58).
    """

    _name = "aftersales.complaint.request"
    _description = "Record Complaint"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    rating_id = fields.Many2one(
        comodel_name="rating.rating", string="Evaluation Card", readonly=True
    )
    dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch", string="Dispatch Order", readonly=True
    )
    return_id = fields.Many2one(comodel_name="aftersales.return", readonly=True)
    callback_id = fields.Many2one(comodel_name="aftersales.callback", readonly=True)
    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket", string="Service Ticket", readonly=True
    )
    equipment_id = fields.Many2one(
        comodel_name="aftersales.equipment", string="Unit", readonly=True
    )
    sale_order_id = fields.Many2one(
        comodel_name="sale.order", string="Sales Order", readonly=True
    )
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer")
    contact_name = fields.Char(string="Complained by")
    contact_phone = fields.Char()
    contact_email = fields.Char()
    channel = fields.Selection(
        selection=CHANNELS, string="How It Reached Us", required=True, default="desk"
    )
    kind = fields.Selection(
        selection=[
            ("quality", "Quality"),
            ("service", "Not Quality"),
            ("other", "Other"),
        ],
        string="Class",
        required=True,
        default="quality",
    )
    severity = fields.Selection(
        selection=[("light", "Light"), ("severe", "Severe")],
        required=True,
        default="light",
    )
    description = fields.Text(string="What the Customer Says")
    demand = fields.Text(string="What the Customer Asks for")
    publisher = fields.Char(string="Written by")
    published_on = fields.Date()
    publication_url = fields.Char(string="Publication Link")
    similar_ids = fields.Many2many(
        comodel_name="aftersales.complaint",
        string="Open Complaints of This Customer",
        compute="_compute_similar_ids",
    )

    @api.depends("partner_id")
    def _compute_similar_ids(self):
        Complaint = self.env["aftersales.complaint"]
        for request in self:
            customer = request.partner_id.commercial_partner_id
            request.similar_ids = (
                Complaint.search(
                    Complaint._get_open_domain()
                    & Domain("partner_id", "child_of", customer.ids),
                    limit=10,
                )
                if customer and Complaint.has_access("read")
                else False
            )

    # ------------------------------------------------------------
    # OPENING
    # ------------------------------------------------------------

    @api.model
    def _open_for(self, **values):
        """Return the action that opens this form.

        :param values: the source by its field, and what it knows already
        :raise AccessError: when the user may not read the source
        """
        request = self.new(values)
        request._check_sources()
        vals = request._prepare_complaint_vals()
        # What the complaint would take over from its source is shown, to be corrected.
        draft = self.env["aftersales.complaint"].sudo().new(vals)
        company = request._get_source_company()
        context = {
            f"default_{name}": value.id
            if isinstance(value, models.BaseModel)
            else value
            for name, value in {
                **{
                    name: draft[name]
                    for name in (
                        "partner_id",
                        "contact_name",
                        "contact_phone",
                        "contact_email",
                    )
                },
                **values,
                "company_id": company,
            }.items()
            if value
        }
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Record Complaint"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": context,
        }

    def _get_sources(self):
        """Return ``{field: source}`` of the sources that are set."""
        self.ensure_one()
        return {name: self[name]._origin for name in SOURCES if self[name]}

    def _get_source_company(self):
        """Return the company of the source, the user's own without one."""
        for name, source in self._get_sources().items():
            # Of the source its company alone.
            return source.sudo()[SOURCES[name]] or self.env.company
        return self.env.company

    # ------------------------------------------------------------
    # RECORDING
    # ------------------------------------------------------------

    def action_record(self):
        """Record the complaint and open it (R58).

        :raise AccessError: when the user may not read the document it comes from
        :raise UserError: without the customer's words, for a document that has an
            open complaint of its own, or of another company
        """
        self.ensure_one()
        self._check_sources()
        if not (self.description or "").strip():
            raise UserError(
                self.env._("Write down what the customer says, in his own words.")
            )
        company = self._get_source_company()
        if company not in self.env.companies:
            raise UserError(
                self.env._(
                    "Switch to company %s first.",
                    company.sudo().name,  # which he may not read
                )
            )
        # Technicians and salesmen have no right to write complaints: what is written
        # is this form, and the creator stays the user himself.
        Complaint = self.env["aftersales.complaint"].sudo()
        complaint_sudo = Complaint.create(
            {**self._prepare_complaint_vals(), "company_id": company.id}
        )
        complaint_sudo.message_subscribe(partner_ids=self.env.user.partner_id.ids)
        complaint = complaint_sudo.with_env(self.env)
        return self.env["aftersales.equipment"]._get_form_action(complaint)

    def _check_sources(self):
        """Refuse documents the user may not read himself.

        :raise AccessError: naming the document
        :raise UserError: for a card whose open complaint there is
        """
        self.ensure_one()
        sources = self._get_sources()
        for source in sources.values():
            source.check_access("read")
        if not sources and not self._may_record_freely():
            raise UserError(
                self.env._(
                    "Open the order, visit or ticket the customer complains about, and "
                    "record the complaint there."
                )
            )
        card = self.rating_id._origin
        known = self.env["aftersales.complaint"]._find_open("rating_id", card)
        if card and card.id in known:
            raise UserError(
                self.env._(
                    "There is an open complaint from this evaluation card already: %s",
                    known[card.id].name,
                )
            )

    def _may_record_freely(self):
        """Tell whether the user records complaints without any document."""
        return self.env.su or self.env.user.has_groups(f"{AGENT},{QUALITY}")

    def _prepare_complaint_vals(self):
        """Return the values of the complaint (hook)."""
        self.ensure_one()
        vals = {name: source.id for name, source in self._get_sources().items()}
        names = [
            "contact_name",
            "contact_phone",
            "contact_email",
            "channel",
            "kind",
            "severity",
            "description",
            "demand",
        ]
        if self.channel in ("press", "authority"):
            names += ["publisher", "published_on", "publication_url"]
        vals |= {name: self[name] for name in names if self[name]}
        if self.partner_id:
            vals["partner_id"] = self.partner_id.id
        return vals
