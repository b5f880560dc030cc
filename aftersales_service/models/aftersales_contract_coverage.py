from odoo import api, models
from odoo.exceptions import UserError

COVERS = ("covers_labour", "covers_parts", "covers_travel")


class AftersalesContract(models.Model):
    """Which units a contract may cover, and the cover it gives them."""

    _inherit = "aftersales.contract"

    # ------------------------------------------------------------
    # UNITS
    # ------------------------------------------------------------

    def _get_coverable_units(self):
        """Return the units that the contract covers as long as they stay what they are.

        A unit taken out of use, or handed to another owner, falls out by itself.
        """
        self.ensure_one()
        holder = self.partner_id.commercial_partner_id
        return self.equipment_ids.filtered(
            lambda unit: unit.state == "active"
            and unit.partner_id.commercial_partner_id == holder
        )

    def _ensure_units(self, units):
        """Refuse units that the contract cannot cover.

        :param units: units newly named on it
        :raise UserError: naming the first one and why
        """
        self.ensure_one()
        holder = self.partner_id.commercial_partner_id
        for unit in units:
            names = {"unit": unit.display_name, "contract": self.display_name}
            if unit.company_id != self.company_id:
                raise UserError(
                    self.env._(
                        "%(unit)s belongs to %(company)s and cannot be covered by "
                        "%(contract)s.",
                        company=unit.company_id.name,
                        **names,
                    )
                )
            if unit.state != "active":
                raise UserError(
                    self.env._(
                        "%(unit)s is no longer in use and cannot be covered by "
                        "%(contract)s.",
                        **names,
                    )
                )
            if unit.partner_id.commercial_partner_id != holder:
                raise UserError(
                    self.env._(
                        "%(unit)s is held by %(holder)s and cannot be covered by "
                        "%(contract)s; make a contract with its holder.",
                        holder=unit.partner_id.name or self.env._("nobody"),
                        **names,
                    )
                )

    def _ensure_no_overlap(self):
        """Refuse a second contract for a unit in the same time.

        :raise UserError: naming unit, other contract and its period
        """
        if not self:
            return
        periods = {}
        # Contracts of colleagues cover, too.
        covers = self.env["aftersales.coverage"].sudo()
        for cover in covers.search(
            [
                ("source", "=", "contract"),
                ("equipment_id", "in", self.equipment_ids.ids),
                ("contract_id", "not in", self.ids),
                ("date_end", ">=", min(self.mapped("date_start"))),
            ]
        ):
            periods.setdefault(cover.equipment_id.id, []).append(
                (cover.date_start, cover.date_end, cover.contract_id)
            )
        for contract in self:
            for unit in contract._get_coverable_units():
                known = periods.setdefault(unit.id, [])
                for start, end, other in known:
                    if start <= contract.date_end and contract.date_start <= end:
                        raise UserError(
                            self.env._(
                                "%(unit)s is already covered by contract %(other)s "
                                "from %(start)s to %(end)s; let %(contract)s begin "
                                "after it.",
                                unit=unit.display_name,
                                other=other.display_name,
                                start=start,
                                end=end,
                                contract=contract.display_name,
                            )
                        )
                known.append((contract.date_start, contract.date_end, contract))

    # ------------------------------------------------------------
    # COVER
    # ------------------------------------------------------------

    def _sync_coverage(self, reason=None):
        """Let the cover of the units be what the contracts say.

        :param str reason: kept on cover that ends by it
        """
        # What is written follows the contract, whoever changed it.
        contracts_sudo = self.sudo()
        Coverage = contracts_sudo.env["aftersales.coverage"]._by_method()
        missing, ended, changed = [], {}, {}
        for contract in contracts_sudo:
            wanted = contract._get_wanted_covers()
            day = contract.company_id._aftersales_today()
            for cover in contract.coverage_ids:
                vals = wanted.pop((cover.equipment_id, cover.component_id), None)
                if vals is None:
                    ended[day] = ended.get(day, Coverage) | cover
                    continue
                news = {
                    field: value
                    for field, value in contract._prepare_cover_vals().items()
                    if cover[field] != value
                }
                if news:
                    key = tuple(news.items())
                    changed[key] = changed.get(key, Coverage) | cover
            missing += wanted.values()
        for day, covers in ended.items():
            covers._end_on(day, reason)
        for news, covers in changed.items():
            covers._by_method().write(dict(news))
        # The database compares periods as soon as new ones come in.
        Coverage.flush_model()
        Coverage.create(missing)

    def _get_wanted_covers(self):
        """Return ``{(unit, component): values}`` of the cover the contract gives."""
        self.ensure_one()
        if self.state not in ("active", "expired"):
            return {}
        whole = self._get_whole_machine()
        return {
            (unit, root): {
                **self._prepare_cover_vals(),
                "equipment_id": unit.id,
                "component_id": root.id,
                "source": "contract",
                "contract_id": self.id,
                "source_line_id": self.sale_line_id.id,
            }
            for unit in self._get_coverable_units()
            for root in self._get_roots(unit) or whole
        }

    def _prepare_cover_vals(self):
        """Return what the cover of every unit has in common (hook)."""
        self.ensure_one()
        return {
            "date_start": self.date_start,
            "date_end": self.date_end,
            "reason": False,
            **{field: self[field] for field in COVERS},
        }

    @api.model
    def _get_roots(self, unit):
        """Return the component groups that stand for the whole unit, by its terms."""
        groups = unit.coverage_ids.filtered(
            lambda cover: cover.source in ("policy", "replacement", "extension")
        ).component_id
        return groups.browse({int(group.parent_path.split("/")[0]) for group in groups})

    @api.model
    def _get_whole_machine(self):
        """Return the component group of units that were sold without terms."""
        machine = self.env.ref(
            "aftersales_service.aftersales_component_machine", raise_if_not_found=False
        )
        Component = self.env["aftersales.component"]
        return machine or Component.search([("parent_id", "=", False)], limit=1)
