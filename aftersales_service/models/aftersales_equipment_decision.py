from odoo import api, fields, models
from odoo.tools import format_date

from ..tools.question import Question
from ..tools.warranty import Cover, Unit, Work, decide

PAYER = {
    "policy": "warranty",
    "replacement": "warranty",
    "extension": "warranty",
    "repair": "warranty",
    "contract": "contract",
}


class AftersalesEquipment(models.Model):
    """Who pays for work on a unit, and by which rule (R14–R16)."""

    _inherit = "aftersales.equipment"

    def _decide_coverage(self, kind, product=None, date=None, exclusion=None):
        """Decide who pays for one piece of work on this unit.

        :param str kind: labour, part, travel or fee
        :param product: the part, or the service product; may be empty
        :param date: day of the work where the unit stands, today when empty
        :param exclusion: what was found that voids the warranty (R15); may be empty
        :return: dict with ``covered`` (bool), ``coverage`` (warranty, contract,
            customer or third_party), ``coverage_id`` and ``contract_id`` (records,
            perhaps empty), ``code`` (of the rule), ``facts`` and ``reason`` (a
            sentence in the user's language)
        """
        self.ensure_one()
        day = fields.Date.to_date(date) or self._get_local_day()
        question = Question(self, kind, day, product, exclusion=exclusion)
        answer = self._decide_coverages([question])[0]
        reason = self._explain_coverage(answer["code"], answer["facts"])
        return {**answer, "reason": reason}

    @api.model
    def _decide_coverages(self, questions, except_lines=None):
        """Decide many pieces of work in one batch, in their order.

        What one answer takes of a contract is gone for the next.

        :param questions: list of :class:`Question`
        :param except_lines: ticket lines being decided anew, which have used nothing
        :return: list of dicts as of :meth:`_decide_coverage`
        """
        units = self.browse().union(*(question.unit for question in questions))
        known = self._get_known_units(units, except_lines)
        # The whole tree is small, and the answers read it.
        components = self.env["aftersales.component"].search_fetch([])
        roots = frozenset(part.id for part in components if not part.parent_id)
        answers = []
        for question in questions:
            work = self._get_work(question)
            decision = decide(known[question.unit.id], work, roots)
            answers.append(self._get_answer(question, decision))
        return answers

    @api.model
    def _get_known_units(self, units, except_lines=None):
        """Return ``{unit id: Unit}`` with all promises, in a fixed number of queries."""
        # Promises, invoices and contracts decide, whoever asks.
        units_sudo = units.sudo()
        pools = units_sudo.coverage_ids.contract_id._get_pools(except_lines)
        return {
            unit.id: Unit(
                covers=tuple(
                    Cover(
                        key=cover.id,
                        source=cover.source,
                        date_start=cover._get_first_day(),
                        date_end=cover.date_end,
                        kinds=cover._get_kinds(),
                        component=cover.component_id.id or None,
                        product=cover.product_id.id or None,
                        needs_proof=cover.proof_required,
                        usage_limit=cover.usage_limit,
                        usage_unit=cover.usage_unit or None,
                        pool=pools.get(cover.contract_id.id),
                    )
                    for cover in unit.coverage_ids
                ),
                in_use=unit.state == "active",
                proven=unit.proof_accepted or bool(unit.invoice_line_ids),
                clearance=unit.clearance,
                third_party=bool(unit.product_id.aftersales_maker_id),
                usage={"hour": unit.usage_hours, "km": unit.usage_km},
            )
            for unit in units_sudo
        }

    @api.model
    def _get_work(self, question):
        # The part may be a product that the asking user does not see.
        product = question.product.sudo() if question.product else None
        component = question.component
        if not component and product and question.kind == "part":
            component = product.aftersales_component_id
        path = ()
        if component:
            path = tuple(int(key) for key in component.parent_path.split("/") if key)
        return Work(
            kind=question.kind,
            day=question.day,
            path=path,
            product=product.id if product else None,
            quantity=question.quantity,
            ticket=question.ticket,
            excluded=bool(question.exclusion),
            voids_contract=bool(
                question.exclusion and question.exclusion.voids_contract
            ),
            mismatch=question.mismatch,
            usage=question.usage or {},
        )

    @api.model
    def _get_answer(self, question, decision):
        cover = self.env["aftersales.coverage"].browse(
            decision.cover.key if decision.cover else []
        )
        cover_sudo = cover.sudo()  # as in _get_known_units
        payer = PAYER[cover_sudo.source] if decision.covered else "customer"
        facts = {
            "component": cover_sudo.component_id.id,
            "product": cover_sudo.product_id.id,
            "source": cover_sudo.source,
            "contract": cover_sudo.contract_id.name,
            "date_start": fields.Date.to_string(cover_sudo.date_start),
            "date_end": fields.Date.to_string(cover_sudo.date_end),
            "limit": cover_sudo.usage_limit,
            "unit": cover_sudo.usage_unit,
            "exclusion": question.exclusion.id if question.exclusion else False,
            # The maker is named to whoever asks.
            "maker": question.unit.sudo().product_id.aftersales_maker_id.name,
            "kind": question.kind,
            "state": question.unit.state,
        }
        facts = {name: value for name, value in facts.items() if value}
        return {
            "covered": decision.covered,
            "coverage": payer,
            "coverage_id": cover if decision.covered else cover.browse(),
            "contract_id": cover_sudo.contract_id
            if decision.covered
            else cover_sudo.contract_id.browse(),
            "code": decision.code,
            "facts": facts,
        }

    @api.model
    def _get_no_unit(self):
        """Return the answer for work on a ticket without a unit."""
        return {
            "covered": False,
            "coverage": "customer",
            "coverage_id": self.env["aftersales.coverage"],
            "contract_id": self.env["aftersales.contract"],
            "code": "no_unit",
            "facts": {},
        }

    def _decide_open_lines(self):
        """Decide anew who pays for work that is still planned on these units."""
        # A promise holds for every ticket of the unit, whoever gives it.
        lines = self.env["aftersales.ticket.line"].sudo()
        lines.search(
            [
                ("equipment_id", "in", self.ids),
                ("state", "=", "planned"),
                ("ticket_id.state", "not in", ("closed", "cancelled")),
            ]
        )._decide()

    @api.model
    def _explain_coverage(self, code, facts):
        """Put a decision into words, in the user's language.

        :param str code: rule of the decision, ``covered`` when somebody else pays
        :param dict facts: what the sentence needs, as the decision noted it
        """
        if code == "covered":
            return self._explain_covered(facts)
        names = self._get_names(facts)
        env = self.env
        reasons = {
            "no_unit": lambda: env._("Customer pays: the ticket names no unit of ours"),
            "returned": lambda: env._("Customer pays: the unit is no longer in use"),
            "mismatch": lambda: env._(
                "Customer pays: serial number or model is not that of the voucher"
            ),
            "fee": lambda: env._("Customer pays: fees are never covered"),
            "excluded": lambda: env._("Customer pays: %s", names["exclusion"]),
            "third_party": lambda: env._(
                "Customer pays our help: the warranty is that of %s", names["maker"]
            ),
            "clearance": lambda: env._("Customer pays: sold as clearance goods"),
            "no_proof": lambda: env._(
                "Customer pays: no posted invoice and no accepted proof of purchase"
            ),
            "usage": lambda: env._(
                "Customer pays: %(component)s has run more than %(limit)s",
                component=names["component"],
                limit=names["limit"],
            ),
            "visits": lambda: env._(
                "Customer pays: the visits of contract %s are used up",
                names["contract"],
            ),
            "hours": lambda: env._(
                "Customer pays: the hours of contract %s are used up",
                names["contract"],
            ),
            "kind": lambda: (
                env._(
                    "Customer pays: %(kind)s is not included in contract %(contract)s",
                    kind=names["kind"],
                    contract=names["contract"],
                )
                if names["contract"]
                else env._(
                    "Customer pays: %(kind)s is not included for %(component)s",
                    kind=names["kind"],
                    component=names["component"],
                )
            ),
            "expired": lambda: env._(
                "Customer pays: %(component)s expired %(date)s",
                component=names["component"],
                date=names["date_end"],
            ),
            "not_started": lambda: env._(
                "Customer pays: %(component)s is covered only from %(date)s",
                component=names["component"],
                date=names["date_start"],
            ),
            "component": lambda: (
                env._("Customer pays: %s not covered", names["component"])
                if names["component"]
                else env._("Customer pays: component not covered")
            ),
            "no_terms": lambda: env._("Customer pays: sold without warranty"),
        }
        return reasons[code]()

    @api.model
    def _explain_covered(self, facts):
        names = self._get_names(facts)
        if facts.get("source") == "contract":
            return self.env._(
                "Covered: contract %(contract)s until %(date)s",
                contract=names["contract"],
                date=names["date_end"],
            )
        if facts.get("source") == "repair":
            return self.env._(
                "Covered: guarantee of the last repair until %s", names["date_end"]
            )
        return self.env._(
            "Covered: %(component)s until %(date)s",
            component=names["component"],
            date=names["date_end"],
        )

    @api.model
    def _get_names(self, facts):
        """Return the facts of a decision as the user reads them."""
        env = self.env
        component = env["aftersales.component"].browse(facts.get("component"))
        # A part of a decision is named also to who may not see the product.
        product = env["product.product"].sudo().browse(facts.get("product"))
        kinds = env["aftersales.ticket.line"]._fields["kind"]
        usage = env["aftersales.coverage"]._fields["usage_unit"]
        units = dict(usage._description_selection(env))
        return {
            "component": component.name or product.display_name or "",
            "exclusion": env["aftersales.exclusion"]
            .browse(facts.get("exclusion"))
            .name,
            "contract": facts.get("contract") or "",
            "maker": facts.get("maker") or env._("the maker"),
            "kind": dict(kinds._description_selection(env)).get(facts.get("kind")),
            "limit": f"{facts.get('limit', 0):g} {units.get(facts.get('unit'), '')}",
            "date_start": format_date(env, facts.get("date_start")),
            "date_end": format_date(env, facts.get("date_end")),
        }
