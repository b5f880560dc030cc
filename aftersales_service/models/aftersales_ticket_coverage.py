from odoo import api, fields, models

from ..tools.question import Question

# A change of one of these may change who pays.
DECISIVE = frozenset(
    {
        "equipment_id",
        "exclusion_id",
        "product_id",
        "lot_id",
        "date_open",
        "usage_hours",
        "usage_km",
    }
)


class AftersalesTicket(models.Model):
    """Lines of a ticket, and who pays for them in a word (R02, R14)."""

    _inherit = "aftersales.ticket"

    line_ids = fields.One2many(
        comodel_name="aftersales.ticket.line",
        inverse_name="ticket_id",
        string="Work and Parts",
        copy=False,
    )
    component_id = fields.Many2one(
        comodel_name="aftersales.component",
        string="Component Group",
        help="What the trouble is with; new lines take it over.",
    )
    exclusion_id = fields.Many2one(
        comodel_name="aftersales.exclusion",
        string="Exclusion Found",
        tracking=True,
        help="Finding that turns a free repair into a paid one.",
    )
    finding = fields.Text(
        string="Expert Finding",
        copy=False,
        help="What we found and how; the customer reads it on the estimate.",
    )
    for_store = fields.Boolean(
        string="Installed for the Store",
        tracking=True,
        help="Work for the store that sold the unit: prices are those of the store's "
        "list.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_customer = fields.Monetary(
        string="Customer Pays", compute="_compute_line_amounts"
    )
    amount_company = fields.Monetary(string="We Pay", compute="_compute_line_amounts")
    cost_total = fields.Monetary(
        string="Cost",
        compute="_compute_cost_total",
        groups="aftersales_service.aftersales_service_group_supervisor",
    )
    coverage_good = fields.Char(
        string="Covered",
        compute="_compute_coverage_box",
        help="What somebody else than the customer pays, and until when.",
    )
    coverage_bad = fields.Char(
        string="Not Covered",
        compute="_compute_coverage_box",
        help="What the customer pays, and why.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("line_ids.amount_customer", "line_ids.amount_company")
    def _compute_line_amounts(self):
        for ticket in self:
            lines = ticket.line_ids.filtered(lambda line: line.state != "unused")
            ticket.amount_customer = sum(lines.mapped("amount_customer"))
            ticket.amount_company = sum(lines.mapped("amount_company"))

    @api.depends("line_ids.cost_total")
    def _compute_cost_total(self):
        for ticket in self:
            ticket.cost_total = sum(ticket.line_ids.mapped("cost_total"))

    @api.depends("equipment_id")
    def _compute_service_kind(self):
        """Propose who pays from the cover of the whole unit, until lines say more."""
        Equipment = self.env["aftersales.equipment"]
        asked = self.filtered(
            lambda ticket: ticket.equipment_id and ticket.service_kind != "internal"
        )
        answers = Equipment._decide_coverages(
            [ticket._get_question() for ticket in asked]
        )
        kinds = {
            ticket: answer["coverage"]
            for ticket, answer in zip(asked, answers, strict=True)
        }
        for ticket in self:
            kind = kinds.get(ticket)
            if kind:
                ticket.service_kind = self._get_kind_of({kind})
            else:
                ticket.service_kind = ticket.service_kind or "paid"

    @api.depends(
        "equipment_id",
        "equipment_id.coverage_ids.date_end",
        "exclusion_id",
        "product_id",
        "lot_id",
        "date_open",
        "line_ids.coverage",
        "line_ids.state",
        "line_ids.coverage_facts",
        "line_ids.override_reason",
    )
    @api.depends_context("lang")
    def _compute_coverage_box(self):
        bare = self.filtered(lambda ticket: not ticket.line_ids and ticket.equipment_id)
        Equipment = self.env["aftersales.equipment"]
        answers = Equipment._decide_coverages(
            [ticket._get_question() for ticket in bare]
        )
        known = dict(zip(bare, answers, strict=True))
        for ticket in self:
            if ticket in known:
                answer = known[ticket]
                reason = Equipment._explain_coverage(answer["code"], answer["facts"])
                good, bad = ([reason], []) if answer["covered"] else ([], [reason])
            else:
                lines = ticket.line_ids.filtered(lambda line: line.state != "unused")
                paid = lines.filtered("share_customer")
                bad = list(dict.fromkeys(paid.mapped("coverage_reason")))
                good = list(dict.fromkeys((lines - paid).mapped("coverage_reason")))
            ticket.coverage_good = "; ".join(filter(None, good)) or False
            ticket.coverage_bad = "; ".join(filter(None, bad)) or False

    # ------------------------------------------------------------
    # DECISION
    # ------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if DECISIVE & vals.keys():
            self.line_ids.filtered(lambda line: line.state == "planned")._decide()
        if vals.get("state") in ("closed", "cancelled"):
            self._drop_planned_lines()
        return result

    def _drop_planned_lines(self):
        """What was only planned when a ticket ends was not needed."""
        planned = self.line_ids.filtered(lambda line: line.state == "planned")
        planned._by_method().write({"state": "unused"})
        planned.contract_id.sudo()._count_usage()  # frees what they had taken

    def _absorb_history(self, ticket):
        """Take over work, estimates and days in repair of a merged ticket, too."""
        result = super()._absorb_history(ticket)
        # They belong to the tickets, both of which the user may edit.
        ticket_sudo = ticket.sudo()
        ticket_sudo.line_ids._by_method().write({"ticket_id": self.id})
        ticket_sudo.sale_ids.write({"aftersales_ticket_id": self.id})
        ticket_sudo.custody_ids.write({"ticket_id": self.id})
        self.line_ids.filtered(lambda line: line.state == "planned")._decide()
        return result

    def _get_question(self):
        """Return the question who pays for labour on the whole unit."""
        self.ensure_one()
        unit = self.equipment_id
        return Question(
            unit=unit,
            kind="labour",
            day=unit._get_local_day(self.date_open),
            component=self.component_id,
            exclusion=self.exclusion_id,
            # A question costs no hours.
            quantity=0.0,
            ticket=self.id,
            mismatch=self._is_mismatch(),
            usage=self._get_usage(),
        )

    def _get_usage(self):
        """Return the readings of the unit when the fault was reported."""
        # The counter decides, whoever may read it.
        ticket_sudo = self.sudo()
        return {"hour": ticket_sudo.usage_hours, "km": ticket_sudo.usage_km}

    def _is_mismatch(self):
        """Tell whether product or serial differ from those of the voucher (R16)."""
        self.ensure_one()
        unit = self.equipment_id
        if not unit:
            return False
        wrong_lot = self.lot_id and unit.lot_id and self.lot_id != unit.lot_id
        return bool(wrong_lot) or (
            bool(self.product_id) and self.product_id != unit.product_id
        )

    def _follow_decision(self):
        """Let the kind of service follow who pays for the lines (R02)."""
        for ticket in self.filtered(lambda ticket: ticket.service_kind != "internal"):
            lines = ticket.line_ids.filtered(lambda line: line.state != "unused")
            if not lines:
                continue
            kind = self._get_kind_of(set(lines.mapped("coverage")))
            if kind != ticket.service_kind:
                ticket.service_kind = kind

    @api.model
    def _get_kind_of(self, coverages):
        """Return the service kind of work paid for in these ways.

        Paid as soon as the customer pays for a line.
        """
        if coverages & {"customer", "third_party"}:
            return "paid"
        return "contract" if coverages == {"contract"} else "warranty"

    def _get_pricelist(self):
        """Return the service price list: the company's, else the customer's (R26).

        Work for a store goes by the store's list.
        """
        self.ensure_one()
        # Prices are shown to whoever notes the work.
        company = self.company_id.sudo()
        if self.for_store and self.dealer_id:
            dealer = self.dealer_id.sudo().with_company(company)  # likewise
            return dealer.property_product_pricelist
        partner = self.partner_id.sudo().with_company(company)
        return company.aftersales_pricelist_id or partner.property_product_pricelist
