from collections import defaultdict

from psycopg2 import OperationalError

from odoo import api, fields, models

from ..tools.remedy import CLOCKS, Case, Part, find_rights, group_faults, nearness

# What a counted part is: see tools.remedy.Finding.
PART_MODELS = {"component": "aftersales.component", "product": "product.product"}


class AftersalesRemedy(models.Model):
    """Which rights the facts on tickets give: all rules, many tickets, one batch."""

    _inherit = "aftersales.remedy"

    # ------------------------------------------------------------
    # FINDING
    # ------------------------------------------------------------

    @api.model
    def _find_rights(self, tickets):
        """Evaluate all rules for tickets, in a fixed number of queries.

        :return: ``{ticket: [(rule, finding)]}`` with plain rules and findings of
            :mod:`tools.remedy`; tickets to which no rule speaks are left out
        """
        rules = self.env["aftersales.remedy.rule"]._get_plain_rules()
        # The law asks for the whole history of the unit, whoever works on it.
        tickets_sudo = tickets.sudo().filtered(
            lambda ticket: ticket.equipment_id.state == "active"
            and ticket.state != "cancelled"
            and ticket.service_kind != "internal"
        )
        if not (rules and tickets_sudo):
            return {}
        units = tickets_sudo.equipment_id
        by_unit = {unit: unit._get_rules_in_force(rules) for unit in units}
        units = units.filtered(lambda unit: by_unit[unit])
        tickets_sudo = tickets_sudo.filtered(lambda t: t.equipment_id in units)
        if not tickets_sudo:
            return {}
        history = self.sudo()._get_history(units)  # as above
        now = fields.Datetime.now()
        found = {}
        for ticket in tickets_sudo:
            unit = ticket.equipment_id
            case = self._get_case(ticket, history[unit], now)
            if rights := find_rights(by_unit[unit], case):
                found[ticket] = rights
        return found

    @api.model
    def _get_history(self, units):
        """Return what happened to units before, as the rules count it."""
        # Merged tickets and those without work tell the same fault twice.
        tickets = self.env["aftersales.ticket"].search_fetch(
            [
                ("equipment_id", "in", units.ids),
                ("state", "!=", "cancelled"),
                ("service_kind", "!=", "internal"),
            ],
            ["repeat_of_id"],
            order="date_open, id",
        )
        lines = self.env["aftersales.ticket.line"].search(
            [
                ("ticket_id", "in", tickets.ids),
                ("kind", "=", "part"),
                ("state", "!=", "unused"),
            ],
            order="id",
        )
        custodies = self.env["aftersales.custody"].search(
            [("equipment_id", "in", units.ids)], order="date_in, id"
        )
        given = self.search([("equipment_id", "in", units.ids), ("state", "=", "done")])
        tickets_of = tickets.grouped("equipment_id")
        lines_of = lines.grouped("equipment_id")
        custodies_of = custodies.grouped("equipment_id")
        given_of = given.grouped("equipment_id")
        return {
            unit: {
                "repairs": tuple(
                    ticket._get_repair() for ticket in tickets_of.get(unit, ())
                ),
                "faults": group_faults(
                    (
                        ticket.id,
                        ticket.repeat_of_id.id,
                        self._get_path(ticket.component_id) and ticket.component_id.id,
                        ticket.found_fault_id and ("fault", ticket.found_fault_id.id),
                    )
                    for ticket in tickets_of.get(unit, ())
                ),
                "parts": tuple(
                    Part(
                        line.ticket_id.id,
                        self._get_path(line.component_id),
                        line.product_id.id,
                    )
                    for line in lines_of.get(unit, ())
                    if line.state == "used"
                ),
                "lines": lines_of.get(unit, lines.browse()),
                "stays": tuple(
                    custody._get_stay() for custody in custodies_of.get(unit, ())
                ),
                "given": tuple(
                    (remedy.rule_id.id, remedy.ticket_id.id)
                    for remedy in given_of.get(unit, ())
                ),
            }
            for unit in units
        }

    @api.model
    def _get_path(self, component):
        """Return the ids down to a component group; none stands for the whole unit."""
        if not component.parent_id:
            return ()
        return tuple(int(key) for key in component.parent_path.split("/") if key)

    @api.model
    def _get_case(self, ticket, history, now):
        unit = ticket.equipment_id
        planned = history["lines"].filtered(lambda line: line.ticket_id == ticket)
        return Case(
            own=ticket._get_repair(),
            now=now,
            zone=unit._get_zone(),
            reported=ticket.date_open,
            solved=ticket.solve_date if ticket.state in ("solved", "closed") else None,
            sale_days=unit._get_sale_days(),
            in_term=unit._is_inside_term(ticket),
            performance_fault=ticket.performance_fault,
            return_wanted=ticket.return_wanted,
            has_report=bool((ticket.inspection_report or "").strip()),
            usage={"hour": ticket.usage_hours, "km": ticket.usage_km},
            repairs=history["repairs"],
            faults=history["faults"],
            parts=history["parts"],
            planned_parts=tuple(self._get_path(line.component_id) for line in planned),
            stays=history["stays"],
            given=history["given"],
            seasons=unit._get_seasons(),
            works=ticket._get_working_days(),
        )

    # ------------------------------------------------------------
    # PROPOSING
    # ------------------------------------------------------------

    @api.model
    def _propose_for(self, tickets):
        """Propose the rights that tickets have given, each of them once.

        :return: the new remedies
        """
        found = self._find_rights(tickets)
        # A right found on one ticket counts on the others of the unit, seen or not.
        units = tickets.sudo().equipment_id
        known = self.sudo().search([("equipment_id", "in", units.ids)])
        faults = self._get_fault_keys(found)
        vals_list = []
        taken = {remedy._get_right(faults) for remedy in known}
        open_rights = {
            remedy._get_right(faults)[:3]
            for remedy in known
            if remedy.state in ("proposed", "approved")
        }
        for ticket, rights in found.items():
            for rule, finding in rights:
                right = (ticket.equipment_id.id, rule.remedy, finding.key)
                if (
                    not finding.met
                    or right in open_rights
                    or (*right, finding.occurrence) in taken
                ):
                    continue
                open_rights.add(right)
                vals_list.append(self._prepare_proposal_vals(ticket, rule, finding))
        self._check_standing(known.filtered(lambda r: r.ticket_id in tickets), found)
        tickets._note_next_check(found)
        if not vals_list:
            return self.browse()
        return self._create_proposals(vals_list)

    @api.model
    def _get_fault_keys(self, found):
        """Return ``{ticket id: key}`` of the faults of the rights just found."""
        return {
            ticket.id: finding.key
            for ticket, rights in found.items()
            for _rule, finding in rights
            if finding.key.startswith("fault:")
        }

    def _get_right(self, faults):
        """Return what makes the right this one: unit, remedy, cause, occurrence.

        Tickets linked later may have given the fault another key.
        """
        self.ensure_one()
        key = self.right_key
        if key.startswith("fault:"):
            key = faults.get(self.ticket_id.id, key)
        return (self.equipment_id.id, self.remedy, key, self.occurrence)

    @api.model
    def _prepare_proposal_vals(self, ticket, rule, finding):
        """Return the values of a proposal (hook)."""
        record = self.env["aftersales.remedy.rule"].sudo().browse(rule.key)  # for all
        return {
            "ticket_id": ticket.id,
            "equipment_id": ticket.equipment_id.id,
            "rule_id": rule.key,
            "trigger": rule.trigger,
            "remedy": rule.remedy,
            "cost_bearer": record.cost_bearer,
            "facts": self._get_facts(rule, finding),
            "right_key": finding.key,
            "occurrence": finding.occurrence,
            "date_asked": ticket.equipment_id._get_local_day(),
        }

    @api.model
    def _create_proposals(self, vals_list):
        """Create proposals, tell the ticket and remind the supervisor in time."""
        units = self.env["aftersales.equipment"].browse(
            {vals["equipment_id"] for vals in vals_list}
        )
        # Whose facts gave the right does not matter; nobody else may propose.
        remedies_sudo = self.sudo()._by_method()
        units._count_remedies([vals["equipment_id"] for vals in vals_list])
        remedies_sudo = remedies_sudo.with_context(
            mail_create_nosubscribe=True, mail_create_nolog=True
        ).create(vals_list)
        remedies_sudo._remind_supervisors()
        labels = dict(self._fields["remedy"]._description_selection(self.env))
        bodies = {}
        for remedy in remedies_sudo:
            text = self.env._(
                "The customer may have a right to: %(remedy)s – %(reason)s "
                "(%(reference)s)",
                remedy=labels[remedy.remedy],
                reason=remedy.reason,
                reference=remedy.legal_reference,
            )
            ticket_id = remedy.ticket_id.id
            bodies[ticket_id] = "\n".join(filter(None, (bodies.get(ticket_id), text)))
        remedies_sudo.ticket_id._message_log_batch(bodies=bodies)
        return self.browse(remedies_sudo.ids)

    @api.model
    def _check_standing(self, known, found):
        """Note on proposals whether the facts still support them."""
        stands = self.browse()
        for remedy in known:
            for rule, finding in found.get(remedy.ticket_id, ()):
                if (
                    finding.met
                    and rule.key == remedy.rule_id.id
                    and finding.occurrence == remedy.occurrence
                ):
                    stands |= remedy
        proposed = known.filtered(lambda remedy: remedy.state == "proposed")
        for holds, group in (
            (True, proposed & stands),
            (False, proposed - stands),
        ):
            changed = group.filtered(lambda remedy, holds=holds: remedy.holds != holds)
            if changed:
                changed._by_method().write({"holds": holds})

    def _remind_supervisors(self):
        """Give the team's supervisor a to-do the day before the answer is due."""
        kind = self.env.ref("mail.mail_activity_data_todo")
        model_id = self.env["ir.model"]._get_id(self._name)
        vals_list = []
        for remedy in self:
            user = remedy.team_id.supervisor_id or remedy.ticket_id.user_id
            if not user:
                continue
            today = fields.Date.context_today(self)
            due = remedy.date_deadline or today
            vals_list.append(
                {
                    "res_model_id": model_id,
                    "res_id": remedy.id,
                    "activity_type_id": kind.id,
                    "user_id": user.id,
                    "date_deadline": max(
                        fields.Date.subtract(due, days=1), min(due, today)
                    ),
                    "summary": self.env._("Answer the customer: right to a remedy"),
                    "note": remedy.reason,
                }
            )
        activities = self.env["mail.activity"].with_context(
            mail_activity_quick_update=True
        )
        activities.create(vals_list)

    # ------------------------------------------------------------
    # SCHEDULED
    # ------------------------------------------------------------

    @api.model
    def _cron_propose(self, batch_size=100):
        """Propose the rights that arise by time alone: days in repair, days to fix.

        Looks only at tickets whose next threshold may be reached by now; safe in two
        processes at once, killed between two batches, or run twice.
        """
        Ticket = self.env["aftersales.ticket"]
        progress = self.env["ir.cron"]
        remaining = Ticket.search_count(self._get_due_domain())
        left = progress._commit_progress(remaining=remaining)
        while left:
            due = Ticket.search(
                self._get_due_domain(), limit=batch_size, order="remedy_check_date, id"
            )
            tickets = due.try_lock_for_update(allow_referencing=True)
            if not tickets:
                break
            try:
                self._propose_for(tickets)
            except OperationalError:
                # Somebody changes the same units right now: the next run looks again.
                self.env.cr.rollback()
                break
            left = progress._commit_progress(len(tickets))

    @api.model
    def _get_due_domain(self):
        return [("remedy_check_date", "<=", fields.Datetime.now())]

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    @api.model
    def _get_facts(self, rule, finding):
        """Return what the sentence about a finding needs, in any language."""
        facts = {
            "trigger": rule.trigger,
            "value": finding.value,
            "threshold": rule.threshold,
            "unit": rule.unit,
            "comparison": rule.comparison,
            "severity": rule.severity,
        }
        if finding.part:
            facts["part_kind"], facts["part"] = finding.part
        return {name: value for name, value in facts.items() if value is not None}

    @api.model
    def _explain_finding(self, facts):
        """Say how far a rule was reached, in the reader's language.

        :param dict facts: of :meth:`_get_facts`
        """
        if not facts:
            return False
        env = self.env
        names = {
            "value": f"{facts['value']:g}",
            "threshold": f"{facts['threshold']:g}",
            "part": self._get_part_name(facts),
        }
        working = facts.get("unit") == "working_day"
        reasons = {
            "days_since_sale": lambda: env._(
                "day %(value)s after the sale, of %(threshold)s", **names
            )
            if facts.get("comparison") == "within"
            else env._(
                "%(value)s days after the sale, from day %(threshold)s on", **names
            ),
            "same_fault_repairs": lambda: env._(
                "%(value)s of %(threshold)s repairs of this fault", **names
            ),
            "repairs": lambda: env._(
                "%(value)s of %(threshold)s repairs of serious faults", **names
            )
            if facts.get("severity") == "serious"
            else env._("%(value)s of %(threshold)s repairs", **names),
            "part_replacements": lambda: env._(
                "%(value)s of %(threshold)s replacements of %(part)s", **names
            ),
            "remedy_failed": lambda: env._(
                "the same fault again after the remedy it got (%(value)s of "
                "%(threshold)s)",
                **names,
            ),
            "days_in_repair": lambda: env._(
                "%(value)s of %(threshold)s working days in repair", **names
            )
            if working
            else env._("%(value)s of %(threshold)s days in repair", **names),
            "total_days_in_repair": lambda: env._(
                "%(value)s of %(threshold)s days in repair in all", **names
            ),
            "days_waiting_parts": lambda: env._(
                "%(value)s of %(threshold)s days in repair for lack of parts", **names
            ),
            "days_to_fix": lambda: env._(
                "%(value)s of %(threshold)s days since the call", **names
            ),
        }
        return reasons[facts["trigger"]]()

    @api.model
    def _get_part_name(self, facts):
        model = PART_MODELS.get(facts.get("part_kind"))
        if not model:
            return ""
        # A counted part is named also to who may not see the product.
        return self.env[model].sudo().browse(facts["part"]).exists().display_name or ""

    @api.model
    def _get_outlook(self, tickets):
        """Return the rights that tickets come near to, the nearest first.

        :return: ``{ticket: [(rule record, facts, finding)]}``
        """
        Rule = self.env["aftersales.remedy.rule"].sudo()  # rules are for everybody
        outlook = defaultdict(list)
        for ticket, rights in self._find_rights(tickets).items():
            near = [
                (rule, finding)
                for rule, finding in rights
                if (finding.value or rule.trigger in CLOCKS) or finding.met
            ]
            near.sort(key=lambda pair: -nearness(pair[1].value, pair[0]))
            shown = set()
            for rule, finding in near:
                # Law and house rule may give the same: the first one speaks.
                same = (rule.trigger, rule.remedy, finding.key)
                if same in shown:
                    continue
                shown.add(same)
                outlook[ticket.id].append(
                    (Rule.browse(rule.key), self._get_facts(rule, finding), finding)
                )
        return outlook
