from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.remedy import in_force

TERM_SOURCES = ("policy", "replacement")


class AftersalesEquipment(models.Model):
    """Days in repair of a unit, and what the law makes of them (R17)."""

    _inherit = "aftersales.equipment"

    custody_ids = fields.One2many(
        comodel_name="aftersales.custody",
        inverse_name="equipment_id",
        string="Stays with Us",
        groups="aftersales_service.aftersales_service_group_technician",
    )
    remedy_ids = fields.One2many(
        comodel_name="aftersales.remedy",
        inverse_name="equipment_id",
        string="Remedies",
        groups="aftersales_service.aftersales_service_group_technician",
    )
    remedy_count = fields.Integer(
        string="Number of Remedies",
        readonly=True,
        copy=False,
        groups="aftersales_service.aftersales_service_group_technician",
    )

    # ------------------------------------------------------------
    # FACTS FOR THE RULES
    # ------------------------------------------------------------

    def _get_zone(self):
        """Return the time zone where the unit stands."""
        return ZoneInfo(self.site_tz or "UTC")

    def _get_sale_days(self):
        """Return the day of the sale, by the document that the law takes first."""
        self.ensure_one()
        invoice, delivery = self.invoice_date or None, self.delivery_date or None
        return {"invoice": invoice or delivery, "delivery": delivery or invoice}

    def _get_jurisdiction(self):
        """Return country and province whose law holds: where the unit stands."""
        self.ensure_one()
        for partner in (self.site_id, self.partner_id, self.company_id.partner_id):
            if partner.country_id:
                return partner.country_id.id, partner.state_id.id
        return False, False

    def _get_rules_in_force(self, rules):
        """Return those of the rules that hold for the unit."""
        self.ensure_one()
        country, state = self._get_jurisdiction()
        product_class = self.product_id.product_tmpl_id._get_aftersales_class().id
        sale_days = self._get_sale_days()
        return tuple(
            rule
            for rule in rules
            if in_force(
                rule, self.company_id.id, country, state, product_class, sale_days
            )
        )

    def _get_seasons(self):
        """Return the busy seasons of the kind of goods, for its company."""
        self.ensure_one()
        return tuple(
            season._get_period()
            for season in self.product_id.product_tmpl_id._get_aftersales_class().season_ids
            if season.company_id in (self.company_id, season.company_id.browse())
        )

    def _is_inside_term(self, ticket):
        """Tell whether a fault was reported while its warranty ran.

        The terms of the most specific component group speak, as for who pays.
        """
        self.ensure_one()
        day = self._get_local_day(ticket.date_open)
        component = ticket.component_id
        depths = {
            int(key): depth
            for depth, key in enumerate(
                (component.parent_path or "").strip("/").split("/"), start=1
            )
            if key
        }
        terms = [
            (depths.get(cover.component_id.id, 0), cover)
            for cover in self.coverage_ids
            if cover.source in TERM_SOURCES
            and (
                cover.component_id.id in depths
                if depths
                else not cover.component_id.parent_id
            )
        ]
        deepest = max((depth for depth, _cover in terms), default=0)
        usage = {"hour": ticket.usage_hours, "km": ticket.usage_km}
        return any(
            depth == deepest
            and cover.covers_anything
            and cover.date_start <= day <= cover.date_end
            and (not cover.usage_limit or usage[cover.usage_unit] <= cover.usage_limit)
            for depth, cover in terms
        )

    def _count_remedies(self, unit_ids):
        """Count new remedies on their units.

        Written before they are made: of two processes that find the same right at
        once, the second is told by the database to look again.
        """
        # The counter follows the rules' proposals.
        for unit in self.sudo()._by_method():
            unit.remedy_count += unit_ids.count(unit.id)
        self.flush_recordset(["remedy_count"])

    # ------------------------------------------------------------
    # DAYS ADDED TO THE WARRANTY
    # ------------------------------------------------------------

    def _count_repair_days(self):
        """Add the days in repair back to the terms that ran when they began.

        They are counted anew from all stays, so that a correction takes back what it
        gave.
        """
        # A promise follows the facts, whoever notes them.
        units_sudo = self.sudo()
        stays = units_sudo._get_repair_days()
        if not stays:
            return
        changed = self.browse()
        # Extensions begin after their term: first the terms, then they.
        for wanted in (TERM_SOURCES, ("extension",)):
            for unit, spans in stays.items():
                covers = unit.coverage_ids.filtered(
                    lambda cover, wanted=wanted: cover.source in wanted
                    and cover.adds_repair_days
                    and cover.covers_anything
                )
                if covers._set_added_days(spans):
                    changed |= unit
            changed._chain_extensions()
        if changed:
            changed._decide_open_lines()

    def _get_repair_days(self):
        """Return ``{unit: [(day of the hand-in, days)]}`` of units ever with us.

        A unit that took over the rest of another one's terms has its days, too.
        """
        ancestors = {unit: unit._get_replaced() | unit for unit in self}
        Custody = self.env["aftersales.custody"]
        known = Custody.search(
            [("equipment_id", "in", self.browse().union(*ancestors.values()).ids)],
            order="date_in, id",
        ).grouped("equipment_id")
        own = Custody._get_reasons_of_customer() if known else frozenset()
        return {
            unit: [
                (old._get_local_day(custody.date_in), custody._count_days(own))
                for old in line
                for custody in known.get(old, ())
                if custody.date_out
            ]
            for unit, line in ancestors.items()
            if any(old in known for old in line)
            or any(cover.days_added for cover in unit.coverage_ids)
        }

    def _get_replaced(self):
        """Return the units that this one stands for, one after the other."""
        self.ensure_one()
        line, unit = self.browse(), self.replaces_id
        while unit and unit not in line:
            line |= unit
            unit = unit.replaces_id
        return line

    def _move_warranty(self):
        result = super()._move_warranty()
        self._count_repair_days()
        return result

    def action_reapply_policy(self, reason, policy_id=None):
        result = super().action_reapply_policy(reason, policy_id)
        self._count_repair_days()
        return result

    def _decide_open_lines(self):
        result = super()._decide_open_lines()
        # Rights hang on the same promises and papers.
        tickets_sudo = self.env["aftersales.ticket"].sudo()
        tickets_sudo.search(
            Domain("equipment_id", "in", self.ids) & tickets_sudo._get_open_domain()
        )._propose_remedies()
        return result

    @api.model
    def _get_remedy_action(self, domain):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_remedy_action"
        )
        return {**action, "domain": domain, "context": {}}

    def action_view_remedies(self):
        """Open the remedies of these units."""
        return self._get_remedy_action([("equipment_id", "in", self.ids)])
