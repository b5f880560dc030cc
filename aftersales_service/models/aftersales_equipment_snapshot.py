from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

# A change of one of these may change who pays for work that is still planned.
DECISIVE = frozenset(
    {
        "state",
        "invoice_line_ids",
        "proof_accepted",
        "clearance",
        "usage_hours",
        "usage_km",
        "product_id",
        "lot_id",
        "partner_id",
    }
)
STARTS = {
    "invoice": "invoice_date",
    "installation": "installation_date",
    "registration": "registration_date",
}
STARTING = frozenset(
    {"delivery_date", "installation_date", "registration_date", "invoice_line_ids"}
)
TERM_SOURCES = ("policy", "replacement")


class AftersalesEquipment(models.Model):
    """How a unit gets its promises: a copy of the terms when it is sold (R14)."""

    _inherit = "aftersales.equipment"

    warranty_rules = fields.Json(
        readonly=True,
        copy=False,
        help="Rules of the policy as they were when the unit was sold.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        units = super().create(vals_list)
        units._take_snapshot()
        return units

    def write(self, vals):
        before = {}
        if STARTING & vals.keys():
            before = {unit: unit._get_warranty_start() for unit in self}
        result = super().write(vals)
        if vals.get("replaces_id"):
            self._follow_replacement()
        self.filtered(
            lambda unit: unit in before and unit._get_warranty_start() != before[unit]
        )._move_warranty()
        if DECISIVE & vals.keys():
            self._decide_open_lines()
        return result

    # ------------------------------------------------------------
    # SNAPSHOT
    # ------------------------------------------------------------

    def _take_snapshot(self):
        """Copy the terms of the valid policy to units that have none yet."""
        # The warehouse delivers; products, policies and promises are not its concern.
        units_sudo = self.sudo().filtered(lambda unit: not unit._get_terms())
        for policy, group in units_sudo.grouped(
            lambda unit: unit.warranty_policy_id or unit._find_policy()
        ).items():
            if policy:
                group._copy_terms(policy)
        clearance = units_sudo.filtered(
            lambda unit: unit.product_id.aftersales_clearance and not unit.clearance
        )
        if clearance:
            clearance._by_method().write({"clearance": True})
        units_sudo._follow_replacement()

    def _get_terms(self):
        """Return the covers that come from the policy or stand for them."""
        return self.coverage_ids.filtered(lambda cover: cover.source in TERM_SOURCES)

    def _find_policy(self):
        """Return the policy valid on the day of the sale, of product or category."""
        self.ensure_one()
        product = self.product_id.with_company(self.company_id)
        if product.aftersales_maker_id:
            # The promise is his, not ours.
            return self.env["aftersales.warranty.policy"]
        day = self.delivery_date or fields.Date.context_today(self)
        candidates = [product.aftersales_policy_id]
        category = product.categ_id
        while category:
            candidates.append(category.aftersales_policy_id)
            category = category.parent_id
        for policy in candidates:
            if policy and policy.active and policy._is_valid_on(day):
                return policy
        return self.env["aftersales.warranty.policy"]

    def _copy_terms(self, policy):
        """Give units the terms of a policy; without a first day they wait for it."""
        self._by_method().write(
            {
                "warranty_policy_id": policy.id,
                "warranty_rules": {
                    "start_on": policy.start_on,
                    "never_before_delivery": policy.never_before_delivery,
                    "restarts_on_replacement": policy.restarts_on_replacement,
                    "repair": policy._get_repair_promise(),
                },
            }
        )
        terms = policy.term_ids.filtered(lambda term: not term._is_repair_guarantee())
        self.env["aftersales.coverage"]._by_method().create(
            [
                term._prepare_coverage_vals(unit, start)
                for unit in self
                if (start := unit._get_warranty_start())
                for term in terms
            ]
        )

    def _get_warranty_start(self):
        """Return the first day of the terms by the rules of the sale, or False."""
        self.ensure_one()
        rules = self.warranty_rules or {}
        start = self[STARTS.get(rules.get("start_on"), "delivery_date")]
        start = start or self.delivery_date
        if rules.get("never_before_delivery") and self.delivery_date and start:
            start = max(start, self.delivery_date)
        return start

    def _move_warranty(self):
        """Let the terms begin on the day that has become known or was corrected.

        Extensions follow the term they prolong.
        """
        # Dates follow facts, whoever notes them.
        units_sudo = self.sudo()
        units_sudo.filtered(lambda unit: not unit._get_terms())._take_snapshot()
        moved = {}
        for unit in units_sudo:
            start = unit._get_warranty_start()
            # What is left of the terms of a replaced unit has its own days.
            own = (unit.warranty_rules or {}).get("restarts_on_replacement")
            terms = unit._get_terms().filtered(
                lambda cover, own=own: cover.source == "policy" or own
            )
            if start:
                moved[start] = moved.get(start, terms.browse()) | terms
        for start, covers in moved.items():
            covers._move_to(start)
        units_sudo._chain_extensions()

    def _chain_extensions(self):
        """Let each sold extension begin on the day after what it prolongs."""
        moved = {}
        for unit in self:
            ends = {cover.component_id: cover.date_end for cover in unit._get_terms()}
            extensions = unit.coverage_ids.filtered(
                lambda cover: cover.source == "extension"
                and cover.duration
                and not cover.revoked_date
            )
            for cover in extensions.sorted("id"):
                before = ends.get(cover.component_id)
                start = before + relativedelta(days=1) if before else cover.date_start
                # Sold after the warranty had expired: not for days gone by.
                start = max(start, cover.date_sold or start)
                ends[cover.component_id] = cover._get_end_from(start)
                if start != cover.date_start:
                    moved[start] = moved.get(start, cover.browse()) | cover
        for start, covers in moved.items():
            covers._move_to(start)

    def _follow_replacement(self):
        """Give units that replace another one their terms by the rule of the sale.

        Either they start anew, or they take over the rest of the replaced unit's.
        """
        taken_over = []
        for unit in self.sudo().filtered("replaces_id"):  # as in _move_warranty
            terms = unit._get_terms().filtered(lambda cover: cover.source == "policy")
            if (unit.warranty_rules or {}).get("restarts_on_replacement", True):
                terms._by_method().write({"source": "replacement"})
                continue
            terms._by_method().unlink()
            if not unit._get_terms():
                taken_over += [
                    {**vals, "equipment_id": unit.id, "source": "replacement"}
                    for vals in unit.replaces_id._get_terms().copy_data()
                ]
        # As in _move_warranty.
        self.env["aftersales.coverage"].sudo()._by_method().create(taken_over)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_reapply_policy(self, reason, policy_id=None):
        """Copy the terms again from the product's present or a given policy.

        :param str reason: why, mandatory, kept in the chatter
        :param int policy_id: the policy, that of the product when empty
        :raise UserError: without a reason, a policy, or the rights of a supervisor
        """
        self._ensure_supervisor()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the policy is applied again."))
        chosen = self.env["aftersales.warranty.policy"].browse(policy_id or [])
        for policy, units in self.grouped(
            lambda unit: chosen or unit._find_policy()
        ).items():
            units._ensure_can_take(policy)
            units_sudo = units.sudo()  # promises are written by methods alone
            units_sudo.coverage_ids.filtered(
                lambda cover: cover.source in TERM_SOURCES
            )._by_method().unlink()
            units_sudo._copy_terms(policy)
            units_sudo._chain_extensions()
            units_sudo._follow_replacement()
            body = self.env._(
                "Warranty policy %(policy)s applied again: %(reason)s",
                policy=policy.name,
                reason=reason,
            )
            units._message_log_batch(bodies=dict.fromkeys(units.ids, body))
        self._decide_open_lines()
        return True

    def _ensure_can_take(self, policy):
        for unit in self:
            if not policy:
                raise UserError(
                    self.env._(
                        "%s: neither the product nor its category has a valid policy; "
                        "choose one.",
                        unit.display_name,
                    )
                )
            if policy.company_id and policy.company_id != unit.company_id:
                raise UserError(
                    self.env._(
                        "%(policy)s belongs to %(company)s and cannot be given to "
                        "%(unit)s.",
                        policy=policy.name,
                        company=policy.company_id.name,
                        unit=unit.display_name,
                    )
                )

    def action_transfer(self, partner_id, date=None, site_id=None):
        """Hand the unit to a new owner; its warranty goes with it.

        The contract of the former owner stays his.

        :param int partner_id: the new holder
        :param date: day of the transfer, today when empty
        :param int site_id: address of the unit, the holder's own when empty
        :raise UserError: when the unit is no longer in use
        """
        self._ensure_in_use()
        day = date or fields.Date.context_today(self)
        # Promises follow the unit, not the rights of whoever notes the new owner.
        contracts = self.sudo().coverage_ids.filtered(
            lambda cover: cover.source == "contract"
        )
        contracts._end_on(day, self.env._("The unit has a new owner."))
        self.write({"partner_id": partner_id, "site_id": site_id or partner_id})
        return True

    def action_replace(self, replacement_id, reason=None):
        """Note that another unit took the place of this one (supervisors).

        :param int replacement_id: the unit now with the customer
        :param str reason: why, kept on the voucher
        :raise UserError: when either is no longer in use
        """
        self.ensure_one()
        self._ensure_supervisor()
        replacement = self.browse(replacement_id)
        (self | replacement)._ensure_in_use()
        replacement.replaces_id = self
        self._close("replaced", reason or self.env._("Replaced by another unit"))
        return True
