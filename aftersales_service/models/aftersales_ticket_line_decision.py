from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.question import Question

# What the decision depends on.
INPUTS = frozenset({"ticket_id", "kind", "product_id", "component_id", "quantity"})
WORK = INPUTS | {"date_done", "employee_id", "price_unit", "state"}
WISHES = (
    "coverage",
    "coverage_reason",
    "share_company",
    "share_customer",
    "share_third_party",
    "third_party_id",
)
SHARES = {
    "warranty": (100.0, 0.0, 0.0),
    "contract": (100.0, 0.0, 0.0),
    "goodwill": (100.0, 0.0, 0.0),
    "customer": (0.0, 100.0, 0.0),
    "third_party": (0.0, 0.0, 100.0),
}
SHARE_FIELDS = ("share_company", "share_customer", "share_third_party")


class AftersalesTicketLine(models.Model):
    """How a line gets its payer: by the rules, or by a person with a reason."""

    _inherit = "aftersales.ticket.line"

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        wishes = []
        for vals in vals_list:
            self._ensure_no_facts(vals)
            wishes.append(self._pop_wish(vals))
            if vals.get("state") == "used":
                vals.setdefault("date_done", fields.Datetime.now())
        lines = super().create(vals_list)
        lines._ensure_ticket_runs()
        lines.filtered(lambda line: line.state == "used")._note_cost()
        lines._decide()
        for line, wish in zip(lines, wishes, strict=True):
            line._override(line._drop_defaults(wish))
        return lines

    def write(self, vals):
        self._ensure_no_facts(vals)
        if self._is_by_method():
            return super().write(vals)
        vals = dict(vals)
        wish = self._pop_wish(vals)
        if WORK & vals.keys():
            self._ensure_can_change(vals)
        if vals.get("state") == "used":
            self._note_use(vals)
        result = super().write(vals) if vals else True
        if vals.get("state") == "used":
            self._note_cost()
        if vals.keys() & (INPUTS | {"state"}):
            self._decide()
        if wish:
            for line in self:
                line._override(line._drop_unchanged(wish))
        return result

    def unlink(self):
        contracts = self.contract_id
        result = super().unlink()
        # Whoever drops a line frees what it had taken.
        contracts.sudo()._count_usage()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_planned(self):
        """What was done is history (R66)."""
        if kept := self.filtered(lambda line: line.state == "used"):
            raise UserError(
                self.env._(
                    "These lines are done and are kept: %s",
                    ", ".join(kept.mapped("display_name")),
                )
            )

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def _ensure_ticket_runs(self):
        """Work is noted on tickets that are not finished."""
        for ticket in self.ticket_id:
            if ticket.state in ("closed", "cancelled"):
                raise UserError(
                    self.env._(
                        "%s is finished; reopen it before its lines change.",
                        ticket.display_name,
                    )
                )

    def _ensure_can_change(self, vals):
        """Work done is corrected by supervisors only, on tickets still running."""
        self._ensure_ticket_runs()
        done = self.filtered(lambda line: line.state == "used")
        if done and not done._is_allowed("supervisor"):
            raise UserError(
                self.env._(
                    "Work already done is corrected by a supervisor: %s",
                    ", ".join(done.mapped("display_name")),
                )
            )

    def _is_allowed(self, level):
        return self.env.su or self.env.user.has_group(
            f"aftersales_service.aftersales_service_group_{level}"
        )

    # ------------------------------------------------------------
    # DECISION
    # ------------------------------------------------------------

    def _decide(self):
        """Decide who pays for these lines, all in one batch.

        Overridden lines stay as the person decided. Contracts with a limit are locked
        first, so that two users cannot take the same visit.
        """
        lines = self._filter_undecided()
        Contract = self.env["aftersales.contract"].sudo()  # counted for everybody
        touched = Contract.union(self.contract_id)
        touched |= lines.equipment_id.sudo().coverage_ids.contract_id
        touched._lock_limited()
        questions = [line._get_question() for line in lines]
        Equipment = self.env["aftersales.equipment"]
        asked = [question for question in questions if question.unit]
        answers = iter(Equipment._decide_coverages(asked, except_lines=lines))
        outcomes = {}
        for line, question in zip(lines, questions, strict=True):
            answer = next(answers) if question.unit else Equipment._get_no_unit()
            vals = line._prepare_decision_vals(answer)
            key = tuple(str(value) for value in vals.values())
            outcomes.setdefault(key, [vals, lines.browse()])[1] |= line
        for vals, group in outcomes.values():
            group._by_method().write(vals)
        touched._count_usage()
        self.ticket_id._follow_decision()

    def _filter_undecided(self):
        """Return the lines on which the rules have the say (hook)."""
        return self.filtered(
            lambda line: not line.override_user_id and line.state != "unused"
        )

    def _get_question(self):
        self.ensure_one()
        ticket = self.ticket_id
        unit = self.equipment_id
        return Question(
            unit=unit,
            kind=self.kind,
            # The defect was reported in time, however long its repair takes.
            day=unit._get_local_day(ticket.date_open),
            product=self.product_id,
            component=self.component_id,
            exclusion=ticket.exclusion_id,
            quantity=self.quantity,
            ticket=ticket.id,
            mismatch=ticket._is_mismatch(),
            usage=ticket._get_usage(),
        )

    def _prepare_decision_vals(self, answer):
        """Return the values that note a decision on the line (hook)."""
        return {
            "coverage": answer["coverage"],
            "coverage_id": answer["coverage_id"].id,
            "contract_id": answer["contract_id"].id,
            "coverage_code": answer["code"],
            "coverage_facts": answer["facts"],
            "third_party_id": False,
            **dict(zip(SHARE_FIELDS, SHARES[answer["coverage"]], strict=True)),
        }

    # ------------------------------------------------------------
    # OVERRIDE
    # ------------------------------------------------------------

    def action_override(self, coverage, reason, shares=None, third_party_id=None):
        """Let somebody else pay than the rules say: goodwill, shared responsibility.

        :param str coverage: who pays, e.g. ``goodwill``
        :param str reason: why, mandatory
        :param shares: list of the three shares in percent – ours, the customer's, the
            third party's; what the coverage implies when empty
        :param int third_party_id: who bears the third party's share
        :raise UserError: without a reason, or beyond the rights of the user
        """
        wish = {"coverage": coverage, "coverage_reason": reason}
        if shares:
            wish |= dict(zip(SHARE_FIELDS, shares, strict=True))
        if third_party_id:
            wish["third_party_id"] = third_party_id
        for line in self:
            line._override(wish)
        return True

    def action_follow_rules(self):
        """Drop an override: the rules decide again (supervisors)."""
        self._ensure_can_override(self.env._("The rules decide again"))
        self._by_method().write({"override_user_id": False, "override_reason": False})
        self._decide()
        return True

    @api.model
    def _pop_wish(self, vals):
        """Take who is to pay out of the values: that is decided, not typed."""
        return {field: vals.pop(field) for field in WISHES if field in vals}

    def _drop_defaults(self, wish):
        """Return what a new form wants beyond its defaults."""
        blank = self.default_get(list(wish))
        changed = {
            field: value
            for field, value in wish.items()
            if value and value != blank.get(field)
        }
        return self._drop_unchanged(wish) if changed else {}

    def _drop_unchanged(self, wish):
        """Return what is wanted beyond what the line says already."""
        self.ensure_one()
        present = {field: self[field] for field in wish}
        present["third_party_id"] = self.third_party_id.id
        changed = {
            field: value for field, value in wish.items() if value != present[field]
        }
        return wish if changed else {}

    def _override(self, wish):
        """Note who pays by a person's decision.

        :param dict wish: of :data:`WISHES`; nothing is done when empty
        """
        if not wish:
            return
        self.ensure_one()
        reason = (wish.get("coverage_reason") or "").strip()
        self._ensure_can_override(reason)
        coverage = wish.get("coverage") or self.coverage
        shares = dict(zip(SHARE_FIELDS, SHARES[coverage], strict=True))
        given = {field: wish[field] for field in SHARE_FIELDS if field in wish}
        if given and "coverage" not in wish:
            shares = {field: self[field] for field in SHARE_FIELDS}
        vals = {
            **shares,
            **given,
            "coverage": coverage,
            "override_reason": reason,
            "override_user_id": self.env.uid,
            "contract_id": False,
            "coverage_id": False,
        }
        if "third_party_id" in wish:
            vals["third_party_id"] = wish["third_party_id"]
        contracts = self.contract_id
        self._by_method().write(vals)
        self._ensure_within_limit()
        contracts.sudo()._count_usage()  # as in _decide
        self.ticket_id._follow_decision()
        self.ticket_id._message_log(
            body=self.env._(
                "%(line)s: %(reason)s",
                line=self.name or self.product_id.display_name,
                reason=self.coverage_reason,
            )
        )

    def _ensure_can_override(self, reason):
        """Only supervisors override, and they say why.

        :raise UserError: naming the lines
        """
        self.check_access("write")
        self._ensure_ticket_runs()
        names = ", ".join(self.mapped("display_name"))
        if not self._is_allowed("supervisor"):
            raise UserError(
                self.env._(
                    "Who pays is decided by the rules; a supervisor may decide "
                    "otherwise, with a reason: %s",
                    names,
                )
            )
        if not reason:
            raise UserError(
                self.env._("Say why somebody else pays than the rules say: %s", names)
            )

    def _ensure_within_limit(self):
        """Above the company's amount per ticket the manager gives away.

        :raise UserError: naming the ticket and the amounts
        """
        for ticket in self.ticket_id:
            given = sum(ticket.line_ids.mapped(lambda line: line._get_given_away()))
            limit = ticket.company_id.aftersales_goodwill_limit
            currency = ticket.company_id.currency_id
            if currency.compare_amounts(given, limit) > 0 and not self._is_allowed(
                "manager"
            ):
                raise UserError(
                    self.env._(
                        "%(ticket)s: %(given)s would be given away; above %(limit)s "
                        "the after-sales manager decides.",
                        ticket=ticket.display_name,
                        given=currency.format(given),
                        limit=currency.format(limit),
                    )
                )

    def _get_given_away(self):
        """Return the list amount that we bear although the rules did not say so."""
        self.ensure_one()
        if not self.override_user_id or self.coverage_code == "covered":
            return 0.0
        return self.amount_company

    def _inverse_coverage_reason(self):
        """A reason comes with who pays, see ``write``."""

    # ------------------------------------------------------------
    # USE
    # ------------------------------------------------------------

    def action_use(self):
        """Note that the work was done, now."""
        self.write({"state": "used"})
        return True

    def action_skip(self):
        """Note that the work was not needed."""
        self.write({"state": "unused"})
        return True

    def _note_use(self, vals):
        """Note when it was done, and by whom unless somebody said so."""
        if not vals.get("date_done"):
            undated = self.filtered(lambda line: not line.date_done)
            undated._by_method().write({"date_done": fields.Datetime.now()})
        if "employee_id" in vals:
            return
        for line in self.filtered(lambda x: x.kind == "labour" and not x.employee_id):
            # The technician of the ticket; the employee is not his to look up.
            user_sudo = (line.ticket_id.user_id or self.env.user).sudo()
            user_sudo = user_sudo.with_company(line.company_id)
            line._by_method().employee_id = user_sudo.employee_id

    def _note_cost(self):
        """Keep our cost of the day: hourly cost of the employee, cost of the part."""
        for line in self:
            # Costs are the supervisor's to see, whoever notes the work.
            line_sudo = line.sudo()._by_method()
            if line.kind == "labour" and line_sudo.employee_id:
                line_sudo.cost_unit = line_sudo.employee_id.hourly_cost
            else:
                product = line_sudo.product_id.with_company(line.company_id)
                line_sudo.cost_unit = product.standard_price
