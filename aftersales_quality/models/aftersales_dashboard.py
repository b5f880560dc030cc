from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, format_datetime, formatLang

from ..tools.figures import text_of, value_of
from ..tools.measures import MEASURES
from ..tools.period import months_of
from .aftersales_complaint import ENDED_STATES

READERS = (
    "aftersales_service.aftersales_service_group_supervisor",
    "aftersales_quality.aftersales_quality_group_lead",
)
SPANS = (1, 3, 12)
TILES = (
    "first_fix",
    "repeat",
    "mttr",
    "promise",
    "csat",
    "nps",
    "response",
    "complaint_ticket",
    "complaint_unit",
    "registered",
    "solved",
    "warranty_cost",
)
TREND = 12
# Model of the rows behind a number, action with its list.
LISTS = {
    "aftersales.ticket": "aftersales_service.aftersales_ticket_action",
    "aftersales.dispatch.report": "aftersales_service.aftersales_dispatch_report_action",
    "rating.rating": "aftersales_service.rating_rating_action_card",
    "aftersales.ticket.line": "aftersales_service.aftersales_ticket_line_action",
    "aftersales.equipment": "aftersales_service.aftersales_equipment_action",
    "aftersales.cost.report": "aftersales_parts.aftersales_cost_report_action",
    "aftersales.complaint": "aftersales_quality.aftersales_complaint_action",
}


class AftersalesDashboard(models.AbstractModel):
    """The department on one screen; every number opens the rows it is counted from."""

    _name = "aftersales.dashboard"
    _description = "Dashboard of After-Sales"

    @api.model
    def _ensure_reader(self):
        """Refuse the figures to those who lead neither service nor quality.

        :raise AccessError: for others
        """
        user = self.env.user
        if not (self.env.su or any(user.has_group(group) for group in READERS)):
            raise AccessError(
                self.env._(
                    "The figures of the department are for the supervisors and "
                    "managers of after-sales and the leads of quality."
                )
            )

    # ------------------------------------------------------------
    # READ
    # ------------------------------------------------------------

    @api.model
    def dashboard_read(self, month=None, span=1, team_id=None):
        """Return what the screen shows, for the company of the user.

        What changed since the last look is counted first.

        :param str month: a day of the last month shown; the present one when empty
        :param int span: how many months together: 1, 3 or 12
        :param int team_id: figures of one team, of all when empty
        :return: dict of texts, numbers and lists
        :raise AccessError: see :meth:`_ensure_reader`
        """
        self._ensure_reader()
        company = self.env.company
        counted = self.env["aftersales.figure.book"]._refresh(company)
        month, span = self._get_range(month, span)
        team = self._get_team(team_id)
        shown = months_of(month - relativedelta(months=span - 1), month)
        before = months_of(
            shown[0] - relativedelta(months=span), shown[0] - relativedelta(days=1)
        )
        trend = months_of(month - relativedelta(months=TREND - 1), month)
        sums = self.env["aftersales.figure"]._sum(
            company, sorted({*shown, *before, *trend}), team
        )
        today = company._aftersales_today()
        return {
            "month": fields.Date.to_string(month),
            "title": self._say_months(shown),
            "is_last": month >= today.replace(day=1),
            "span": span,
            "team_id": team.id,
            "teams": self._get_teams(company),
            "counted": format_datetime(self.env, counted) if counted else "",
            "tiles": [
                self._get_tile(name, sums, shown, before, trend) for name in TILES
            ],
            "products": self._get_split(
                "warranty_cost", "product_id", company, shown, team
            ),
            "suppliers": self._get_split(
                "warranty_parts", "supplier_id", company, shown, team
            ),
            "steps": self._get_steps(company, team),
        }

    @api.model
    def _get_range(self, month, span):
        if span not in SPANS:
            raise UserError(
                self.env._("Figures are shown of one, three or twelve months.")
            )
        this_month = self.env.company._aftersales_today().replace(day=1)
        month = fields.Date.to_date(month) or this_month
        return min(month.replace(day=1), this_month), span

    @api.model
    def _get_team(self, team_id):
        """Return a team of the company, none for all.

        :raise UserError: for teams of other companies
        """
        team = self.env["aftersales.team"].browse(team_id or [])
        # The company of a team is no secret.
        if team and team.sudo().company_id != self.env.company:
            raise UserError(
                self.env._("The team works in another company: choose that one first.")
            )
        return team

    @api.model
    def _get_teams(self, company):
        # Names of teams, for those who look at the figures of all of them.
        teams_sudo = self.env["aftersales.team"].sudo()
        teams_sudo = teams_sudo.search([("company_id", "=", company.id)])
        return [{"id": team.id, "name": team.name} for team in teams_sudo]

    @api.model
    def _say_months(self, months):
        names = [
            format_date(self.env, month, date_format="MMM yyyy")
            for month in dict.fromkeys((months[0], months[-1]))
        ]
        return " – ".join(names)

    @api.model
    def _get_tile(self, name, sums, shown, before, trend):
        measure, Measures = MEASURES[name], self.env["aftersales.measure"]
        value, up, down = self._add_up(name, sums, shown)
        old = self._add_up(name, sums, before)[0]
        points = [self._add_up(name, sums, [month])[0] for month in trend]
        top = max((abs(point) for point in points if point is not None), default=0)
        change = None if value is None or old is None else value - old
        return {
            "name": name,
            "title": Measures._get_title(name),
            "help": Measures._get_definition(name),
            "text": self._say_value(measure.unit, value),
            "value": value,
            "numerator": up,
            "denominator": down,
            "basis": self._say_basis(measure, up, down),
            "old": self._say_value(measure.unit, old),
            # 1 better, -1 worse, 0 as good or neither.
            "change": measure.good * ((change or 0) > 0)
            - measure.good * ((change or 0) < 0),
            "direction": ((change or 0) > 0) - ((change or 0) < 0),
            "can_open": self._can_open(measure.numerator[0][0]),
            "can_open_all": bool(measure.denominator)
            and self._can_open(measure.denominator),
            "trend": [
                {
                    "month": format_date(self.env, month, date_format="MMM yyyy"),
                    "text": self._say_value(measure.unit, point),
                    "height": round(100 * abs(point) / top) if point and top else 0,
                }
                for month, point in zip(trend, points, strict=True)
            ],
        }

    @api.model
    def _add_up(self, name, sums, months):
        up = down = 0.0
        for month in months:
            more_up, more_down = sums.get((name, month), (0.0, 0.0))
            up, down = up + more_up, down + more_down
        return value_of(MEASURES[name].unit, up, down), up, down

    @api.model
    def _say_value(self, unit, value):
        if unit != "money" or value is None:
            return text_of(unit, value)
        return (
            formatLang(
                self.env,
                round(value),
                digits=0,
                currency_obj=None,
            )
            + f" {self.env.company.currency_id.symbol or ''}"
        )

    @api.model
    def _say_basis(self, measure, up, down):
        if not measure.denominator:
            return ""
        if measure.unit == "hours":
            return self.env._("of %s", f"{down:,.0f}")
        if measure.unit == "score":
            return self.env._("of %s answers", f"{down:,.0f}")
        return self.env._(
            "%(part)s of %(whole)s", part=f"{up:,.0f}", whole=f"{down:,.0f}"
        )

    @api.model
    def _get_split(self, name, field, company, months, team):
        rows = self.env["aftersales.figure"]._split(company, months, name, field, team)
        model = self.env["aftersales.figure"]._fields[field].comodel_name
        # Whoever reads what something cost reads its name.
        records_sudo = self.env[model].sudo().browse([key for key, _ in rows if key])
        names = {record.id: record.display_name for record in records_sudo}
        top = max((amount for _key, amount in rows), default=0)
        return {
            "title": self.env["aftersales.measure"]._get_title(name),
            "help": self.env["aftersales.measure"]._get_definition(name),
            "measure": name,
            "can_open": self._can_open(MEASURES[name].numerator[0][0]),
            "rows": [
                {
                    "id": key or False,
                    "name": names.get(key) or self.env._("Not stated"),
                    "amount": amount,
                    "text": self._say_value("money", amount),
                    "width": round(100 * amount / top) if top > 0 else 0,
                }
                for key, amount in rows
            ],
        }

    @api.model
    def _get_steps(self, company, team):
        """Return the open complaints by step, as of now."""
        Complaint = self.env["aftersales.complaint"]
        domain = self._get_steps_domain(company, team)
        # As all figures: those of the department, whoever of its leads looks.
        counts = dict(Complaint.sudo()._read_group(domain, ["state"], ["__count"]))
        states = Complaint._fields["state"]._description_selection(self.env)
        return {
            "total": sum(counts.values()),
            "can_open": Complaint.has_access("read"),
            "rows": [
                {"state": state, "name": title, "count": counts.get(state, 0)}
                for state, title in states
                if state not in ENDED_STATES
            ],
        }

    @api.model
    def _get_steps_domain(self, company, team):
        domain = [
            ("company_id", "=", company.id),
            ("state", "not in", ENDED_STATES),
        ]
        return [*domain, ("team_id", "=", team.id)] if team else domain

    @api.model
    def _can_open(self, source):
        """Tell whether the user may read the rows of a source."""
        Model = self.env[source.model]
        names = (source.date, source.team, source.split)
        return Model.has_access("read") and all(
            Model._has_field_access(Model._fields[name], "read")
            for name in names
            if name
        )

    # ------------------------------------------------------------
    # ROWS BEHIND A NUMBER
    # ------------------------------------------------------------

    @api.model
    def dashboard_open(
        self, measure, month=None, span=1, team_id=None, whole=False, split=None
    ):
        """Return the action that lists the rows a number is counted from.

        :param str measure: name of the measure
        :param str month: as shown, see :meth:`dashboard_read`
        :param int span: as shown
        :param int team_id: as shown
        :param bool whole: what the number is out of, instead of what is counted
        :param split: id of a product or supplier, False for none stated
        :raise UserError: for measures nobody knows
        """
        self._ensure_reader()
        if measure not in MEASURES:
            raise UserError(self.env._("There is no such measure: %s", measure))
        month, span = self._get_range(month, span)
        start = month - relativedelta(months=span - 1)
        source = self._get_source(MEASURES[measure], whole)
        domain = self.env["aftersales.measure"]._get_rows_domain(
            source,
            self.env.company,
            start,
            month + relativedelta(months=1, days=-1),
            self._get_team(team_id),
            split,
        )
        return self._get_list(
            source.model, domain, self.env["aftersales.measure"]._get_title(measure)
        )

    @api.model
    def _get_source(self, measure, whole):
        if whole and measure.denominator:
            return measure.denominator
        if measure.unit == "score":
            # What is counted are shares of two kinds: all answers show them.
            return measure.denominator
        return measure.numerator[0][0]

    @api.model
    def dashboard_open_step(self, state=None, team_id=None):
        """Return the action that lists the open complaints of a step, or all.

        :param str state: a step, all open ones when empty
        """
        self._ensure_reader()
        domain = self._get_steps_domain(self.env.company, self._get_team(team_id))
        if state:
            domain.append(("state", "=", state))
        return self._get_list(
            "aftersales.complaint", domain, self.env._("Open Complaints")
        )

    @api.model
    def _get_list(self, model, domain, title):
        action = self.env["ir.actions.act_window"]._for_xml_id(LISTS[model])
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model,
            "views": [
                (view if kind == "list" else False, kind)
                for view, kind in self._get_views(action)
            ],
            "search_view_id": action.get("search_view_id"),
            "domain": [*domain],
            # Archived tickets were counted, too.
            "context": {"create": False, "active_test": False},
        }

    @api.model
    def _get_views(self, action):
        lists = [view for view, kind in action["views"] if kind == "list"]
        return [(lists[0] if lists else False, "list"), (False, "form")]
