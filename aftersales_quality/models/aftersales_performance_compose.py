from collections import Counter, defaultdict

from odoo import api, fields, models
from odoo.tools import formatLang

from ..tools import performance
from .aftersales_performance_criterion import UNIT_OF

# What a leader answers for himself, not with the work of his team.
OWN_MEASURES = ("handled",)


class AftersalesPerformance(models.Model):
    """From the numbers of a month to its sheets: points and pay parts (R65)."""

    _inherit = "aftersales.performance"

    differs_text = fields.Text(
        string="Differs Now",
        compute="_compute_differs_text",
        help="What the records say now, after the sheet was checked. It changes "
        "nothing.",
    )

    # ------------------------------------------------------------
    # COMPOSE
    # ------------------------------------------------------------

    def _compose(self):
        """Measure these sheets and write what was found, a month at a time.

        The number of queries depends on neither the sheets nor the records behind them.
        """
        # Whose figures they are is decided before; the records behind them are read for
        # everybody alike.
        composer_sudo = self.sudo()._by_method()
        composer_sudo = composer_sudo.with_context(
            tracking_disable=True, mail_notrack=True, active_test=True
        )
        for (company, month), sheets in composer_sudo.grouped(
            lambda sheet: (sheet.company_id, sheet.month)
        ).items():
            sheets = sheets.with_context(lang=company.partner_id.lang or self.env.lang)
            drafts = sheets._draw_up(company, month)
            sheets.line_ids.unlink()
            sheets.pay_ids.unlink()
            for sheet in sheets:
                sheet.write(drafts[sheet]["vals"])
            sheets.line_ids.create(
                [vals for sheet in sheets for vals in drafts[sheet]["lines"]]
            )
            sheets.pay_ids.create(
                [vals for sheet in sheets for vals in drafts[sheet]["pays"]]
            )
        self.invalidate_recordset()

    def _draw_up(self, company, month):
        """Return what these sheets of one month say, without writing it.

        :return: ``{sheet: {"vals", "lines", "pays"}}``
        """
        Measure = self.env["aftersales.performance.measure"]
        span = Measure._get_span(company, month)
        homes, led = self._get_places(span)
        # As with daily reports: whoever is in no team is with the first one.
        first_team = self.env["aftersales.team"].search(
            [("company_id", "=", company.id)], limit=1
        )
        people = self.employee_id
        everybody = people.union(*(led[person] for person in people if person in led))
        numbers = Measure._get_numbers(span, everybody)
        sold = Measure._get_commissions(span, people)
        criteria = self.env["aftersales.performance.criterion"]._get_criteria(company)
        rules = self.env["aftersales.performance.commission"].search(
            [("company_id", "in", (company.id, False))]
        )
        probation = self._get_on_probation(span, people)
        drafts = {}
        for sheet in self:
            person = sheet.employee_id
            role = "leader" if person in led else "technician"
            own = numbers.get(person.id, {})
            counted = own
            if role == "leader":
                counted = sheet._add_up(numbers, led[person].ids, own)
            lines, score = sheet._prepare_lines(criteria[role], counted)
            complete, visits = own.get("feedback", (0, 0))
            vals = {
                "role": role,
                "team_id": homes.get(person.id, first_team.id),
                "score": score or 0.0,
                "is_scored": score is not None,
                "visit_count": visits,
                "feedback_count": complete,
                "feedback_missing": visits - complete,
                "failed_count": own.get("failed_count", 0),
                "complaint_count": own.get("complaint", (0, 0))[0],
                "work_hours": own.get("work_hours", 0.0),
                "travel_hours": own.get("travel_hours", 0.0),
                "on_probation": person.id in probation,
                "compose_date": fields.Datetime.now(),
            }
            drafts[sheet] = {
                "vals": vals,
                "lines": lines,
                "pays": sheet._prepare_pays(vals, rules, sold[person.id]),
            }
        return drafts

    @api.model
    def _add_up(self, numbers, members, own):
        """Return the numbers of a team: counted and out of, of all its members."""
        total = defaultdict(lambda: (0, 0))
        for employee_id in members:
            for measure, found in numbers.get(employee_id, {}).items():
                if isinstance(found, tuple) and measure not in OWN_MEASURES:
                    total[measure] = tuple(
                        map(sum, zip(total[measure], found, strict=True))
                    )
        for measure in OWN_MEASURES:
            total[measure] = own.get(measure, (0, 0))
        return total

    @api.model
    def _get_places(self, span):
        """Return where people belong: ``{employee id: team id}``, and who leads whom.

        Whoever is a member of no team belongs to that of most of his visits in the month.

        :return: (homes, ``{leader: members of all his teams, and himself}``)
        """
        Employee = self.env["hr.employee"].with_context(active_test=False)
        teams = self.env["aftersales.team"].search(
            [("company_id", "=", span.company.id)]
        )
        users = teams.member_ids | teams.supervisor_id
        persons = Employee.search(
            [("company_id", "=", span.company.id), ("user_id", "in", users.ids)],
            order="active DESC, id",
        )
        by_user = {}
        for person in persons:
            by_user.setdefault(person.user_id, person)
        homes, members, led = {}, defaultdict(lambda: Employee), {}
        served = defaultdict(Counter)
        Measure = self.env["aftersales.performance.measure"]
        for person, team, count in self.env["aftersales.dispatch.report"]._read_group(
            Measure._within("date", span)
            & fields.Domain("company_id", "=", span.company.id)
            & fields.Domain("team_id", "in", teams.ids),
            ["technician_id", "team_id"],
            ["__count"],
        ):
            served[person][team] += count
        for team in teams:
            for user in team.member_ids & persons.user_id:
                members[team] |= by_user[user]
                homes.setdefault(by_user[user].id, team.id)
        for person, counts in served.items():
            if person.id not in homes:
                team = counts.most_common(1)[0][0]
                homes[person.id] = team.id
                members[team] |= person.with_env(Employee.env)
        for team in teams:
            if leader := by_user.get(team.supervisor_id):
                if leader not in led:
                    homes[leader.id] = team.id
                led[leader] = led.get(leader, leader) | members[team]
        return homes, led

    @api.model
    def _get_on_probation(self, span, employees):
        """Return the ids of those on probation in the month (hook)."""
        return set()

    # ------------------------------------------------------------
    # LINES
    # ------------------------------------------------------------

    def _prepare_lines(self, criteria, numbers):
        """Return the values of the lines of this sheet, and its score.

        :param criteria: those of the role
        :param numbers: ``{measure: (counted, out of)}``
        :return: (list of values, score or None when nothing was measured)
        """
        self.ensure_one()
        rows, scored = [], []
        for criterion in criteria:
            unit = UNIT_OF.get(criterion.measure, performance.PERCENT)
            counted, out_of = numbers.get(criterion.measure, (0, 0))
            value = performance.value_of(counted, out_of, unit)
            points = None
            if value is not None:
                points = performance.score_of(value, criterion.floor, criterion.target)
            scored.append((criterion.weight, points))
            rows.append(
                {
                    "performance_id": self.id,
                    "sequence": len(rows) + 1,
                    "criterion_id": criterion.id,
                    "name": criterion.name,
                    "measure": criterion.measure,
                    "unit": unit,
                    "numerator": counted,
                    "denominator": out_of,
                    "value": value or 0.0,
                    "floor": criterion.floor,
                    "target": criterion.target,
                    "weight": criterion.weight,
                    "score": points or 0.0,
                    "has_data": value is not None,
                }
            )
        score, shares = performance.weigh(scored)
        for row, share in zip(rows, shares, strict=True):
            row["share"] = share * 100.0
        return rows, score

    # ------------------------------------------------------------
    # PAY
    # ------------------------------------------------------------

    def _prepare_pays(self, vals, rules, sold):
        """Return the values of the pay parts of this sheet.

        :param dict vals: figures of the sheet
        :param rules: commission rules
        :param sold: ``{rule id: (sold lines, base)}``
        """
        self.ensure_one()
        company, currency = self.company_id, self.company_id.currency_id
        pays = []

        def add(kind, name, amount, **values):
            pays.append(
                {
                    "performance_id": self.id,
                    "sequence": len(pays) + 1,
                    "kind": kind,
                    "name": name,
                    "amount": currency.round(amount),
                    **values,
                }
            )

        allowance = company.aftersales_visit_allowance
        if allowance and vals["visit_count"]:
            missing = vals["feedback_missing"]
            add(
                "allowance",
                self.env._("Visit Allowance"),
                allowance * vals["feedback_count"],
                quantity=vals["feedback_count"],
                rate=allowance,
                note=missing
                and self.env._(
                    "Not paid for %s visits without a complete feedback form.", missing
                ),
            )
        if company.aftersales_complaint_bonus and vals["visit_count"]:
            add("bonus", self.env._("No-Complaint Bonus"), **self._reckon_bonus(vals))
        for rule in rules:
            count, base = sold.get(rule.id, (0, 0.0))
            if count:
                add(
                    "commission",
                    rule.name,
                    base * rule.percent / 100,
                    commission_id=rule.id,
                    quantity=count,
                    base=currency.round(base),
                    rate=rule.percent,
                )
        return pays

    def _reckon_bonus(self, vals):
        """Return amount and reckoning of the bonus for a month without complaints."""
        company = self.company_id
        full, complaints = company.aftersales_complaint_bonus, vals["complaint_count"]
        deduction = company.aftersales_complaint_deduction
        reckoned = {
            "base": full,
            "quantity": complaints,
            "rate": deduction,
            "amount": performance.bonus_of(full, deduction, complaints),
        }
        if vals["on_probation"]:
            note = self.env._("No bonus in probation.")
            return {**reckoned, "amount": 0.0, "note": note}
        return reckoned

    # ------------------------------------------------------------
    # DIFFERS NOW
    # ------------------------------------------------------------

    @api.depends("state", "line_ids", "pay_ids")
    @api.depends_context("lang")
    def _compute_differs_text(self):
        """Say what checked sheets would say if they were measured now."""
        kept = self.filtered(lambda sheet: sheet.id and sheet.state != "draft")
        (self - kept).differs_text = False
        # As when they were measured.
        kept_sudo = kept.sudo()
        for (company, month), sheets in kept_sudo.grouped(
            lambda sheet: (sheet.company_id, sheet.month)
        ).items():
            drafts = sheets._draw_up(company, month)
            for sheet in sheets:
                texts = sheet._compare(drafts[sheet])
                sheet.differs_text = "\n".join(texts) or False

    def _compare(self, draft):
        """Return in words where a fresh measure differs from this sheet."""
        self.ensure_one()
        texts = []
        now = {vals["criterion_id"]: vals for vals in draft["lines"]}
        for line in self.line_ids:
            vals = now.get(line.criterion_id.id)
            if vals is None:
                continue
            old = (line.numerator, line.denominator)
            new = (vals["numerator"], vals["denominator"])
            if any(abs(a - b) > 0.005 for a, b in zip(old, new, strict=True)):
                texts.append(
                    self.env._(
                        "%(criterion)s: %(new)s instead of %(old)s",
                        criterion=line.title,
                        old=self._say_share(*old),
                        new=self._say_share(*new),
                    )
                )
        total = sum(vals["amount"] for vals in draft["pays"])
        if self.currency_id.compare_amounts(total, self.pay_total):
            money = (
                formatLang(self.env, amount, currency_obj=self.currency_id)
                for amount in (total, self.pay_total)
            )
            texts.append(
                self.env._(
                    "Pay parts: %(new)s instead of %(old)s",
                    **dict(zip(("new", "old"), money, strict=True)),
                )
            )
        return texts

    def _say_share(self, counted, out_of):
        return " / ".join(
            f"{number:.10g}" for number in (round(counted, 2), round(out_of, 2))
        )

    # ------------------------------------------------------------
    # RECORDS BEHIND A FIGURE
    # ------------------------------------------------------------

    def _find_records(self, measure, hits, own=False):
        """Return the records behind a figure of this sheet: (model, ids).

        :param str measure: see :meth:`AftersalesPerformanceMeasure._find_records`
        :param bool hits: only those that made the count
        :param bool own: of the employee himself, not of the team he leads
        """
        self.ensure_one()
        # Which records they are; what the reader may see of them, the list decides.
        sheet_sudo = self.sudo()
        Measure = sheet_sudo.env["aftersales.performance.measure"]
        span = Measure._get_span(sheet_sudo.company_id, sheet_sudo.month)
        people = sheet_sudo.employee_id
        own = own or measure in OWN_MEASURES
        if sheet_sudo.role == "leader" and not own:
            _homes, led = sheet_sudo._get_places(span)
            people = led.get(people, people)
        self.env.flush_all()
        return Measure._find_records(measure, span, people, hits)

    def _find_pay_records(self, pay):
        """Return the records behind a pay part of this sheet: (model, ids)."""
        self.ensure_one()
        # As above.
        sheet_sudo = self.sudo()
        Measure = sheet_sudo.env["aftersales.performance.measure"]
        span = Measure._get_span(sheet_sudo.company_id, sheet_sudo.month)
        people = sheet_sudo.employee_id
        self.env.flush_all()
        if pay.kind == "commission":
            rule_sudo = pay.sudo().commission_id  # whichever rule it was
            ids = Measure._find_sold_lines(span, people, rule_sudo)
            return "aftersales.ticket.line", ids
        measure = "complaint" if pay.kind == "bonus" else "feedback"
        return Measure._find_records(measure, span, people, True)
