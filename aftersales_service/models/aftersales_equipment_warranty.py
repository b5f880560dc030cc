from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

EXPIRING_DAYS = 90


class AftersalesEquipment(models.Model):
    """What a unit is promised, and until when (R14)."""

    _inherit = "aftersales.equipment"

    warranty_policy_id = fields.Many2one(
        comodel_name="aftersales.warranty.policy",
        check_company=True,
        index="btree_not_null",
        readonly=True,
        copy=False,
        tracking=True,
        help="Policy whose terms were copied when the unit was delivered.",
    )
    coverage_ids = fields.One2many(
        comodel_name="aftersales.coverage",
        inverse_name="equipment_id",
        copy=False,
    )
    warranty_end = fields.Date(
        compute="_compute_warranty_end",
        store=True,
        index="btree_not_null",
        help="Last day on which the whole unit is covered, extensions included.",
    )
    warranty_state = fields.Selection(
        selection=[
            ("none", "No Warranty"),
            ("active", "Under Warranty"),
            ("expiring", "Expiring"),
            ("expired", "Expired"),
        ],
        string="Warranty",
        compute="_compute_warranty_state",
        search="_search_warranty_state",
        help="Expiring: it ends within 90 days. A unit no longer in use and clearance "
        "goods have none.",
    )
    site_tz = fields.Char(
        string="Time Zone",
        compute="_compute_site_tz",
        store=True,
        precompute=True,
        help="Where the unit stands: its warranty ends when the last day ends there.",
    )
    invoice_date = fields.Date(
        compute="_compute_invoice_date",
        compute_sudo=True,
        help="Day of the first posted invoice of the unit.",
    )
    clearance = fields.Boolean(
        string="Clearance Goods",
        copy=False,
        tracking=True,
        help="Sold as clearance goods: served as usual, the company bears no cost.",
    )
    usage_hours = fields.Float(string="Hours Run", copy=False, tracking=True)
    usage_km = fields.Float(string="Kilometres Run", copy=False, tracking=True)
    certificate_date = fields.Date(
        string="Certificate Handed Over",
        readonly=True,
        copy=False,
        tracking=True,
        help="Day on which the customer received the warranty certificate.",
    )

    _usage_positive = models.Constraint(
        "CHECK (COALESCE(usage_hours, 0) >= 0 AND COALESCE(usage_km, 0) >= 0)",
        "A unit cannot have run less than nothing.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends(
        "coverage_ids.active",
        "coverage_ids.date_end",
        "coverage_ids.source",
        "coverage_ids.component_id.parent_id",
        "coverage_ids.covers_labour",
        "coverage_ids.covers_parts",
        "coverage_ids.covers_travel",
    )
    def _compute_warranty_end(self):
        for unit in self:
            promises = unit.coverage_ids.filtered(
                lambda cover: cover.source in ("policy", "replacement", "extension")
                and cover.covers_anything
            )
            whole = promises.filtered(lambda cover: not cover.component_id.parent_id)
            ends = (whole or promises).mapped("date_end")
            unit.warranty_end = max(ends, default=False)

    @api.depends("site_id.tz", "partner_id.tz", "company_id.partner_id.tz")
    def _compute_site_tz(self):
        for unit in self:
            # The address may be another user's to see.
            unit_sudo = unit.sudo()
            unit.site_tz = (
                unit_sudo.site_id.tz
                or unit_sudo.partner_id.tz
                or unit_sudo.company_id.partner_id.tz
                or "UTC"
            )

    @api.depends("invoice_line_ids.parent_state", "invoice_line_ids.invoice_date")
    def _compute_invoice_date(self):
        for unit in self:
            days = unit.invoice_line_ids.mapped("invoice_date")
            unit.invoice_date = min(filter(None, days), default=False)

    @api.depends("warranty_end", "site_tz", "state", "clearance")
    def _compute_warranty_state(self):
        for unit in self:
            promised = unit.warranty_end and not unit.clearance
            if not promised or unit.state != "active":
                unit.warranty_state = "none"
                continue
            left = (unit.warranty_end - unit._get_local_day()).days
            unit.warranty_state = (
                "expired"
                if left < 0
                else "expiring"
                if left <= EXPIRING_DAYS
                else "active"
            )

    def _search_warranty_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        states = tuple(state or "none" for state in value)

        def in_states(model, alias, query):
            return SQL("%s IN %s", model._get_warranty_state_sql(alias, query), states)

        return Domain.custom(to_sql=in_states)

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "warranty_state":
            return self._get_warranty_state_sql(alias, query)
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _get_warranty_state_sql(self, alias, query):
        """Return the state as SQL: true now, where the unit stands."""
        end = self._field_to_sql(alias, "warranty_end", query)
        today = SQL(
            "(%s AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(%s, 'UTC'))::date",
            fields.Datetime.now(),
            self._field_to_sql(alias, "site_tz", query),
        )
        return SQL(
            "CASE WHEN %(end)s IS NULL OR %(state)s <> 'active' OR %(clearance)s "
            "THEN 'none' WHEN %(end)s < %(today)s THEN 'expired' "
            "WHEN %(end)s <= %(today)s + %(days)s THEN 'expiring' "
            "ELSE 'active' END",
            end=end,
            state=self._field_to_sql(alias, "state", query),
            clearance=SQL(
                "COALESCE(%s, FALSE)", self._field_to_sql(alias, "clearance", query)
            ),
            today=today,
            days=EXPIRING_DAYS,
        )

    def _get_local_day(self, moment=None):
        """Return the day it is where the unit stands.

        :param datetime moment: naive UTC, now when empty
        """
        moment = moment or fields.Datetime.now()
        zone = ZoneInfo(self.site_tz or "UTC")
        return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).date()
