from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

# Steps that only a person can call done.
BY_HAND = frozenset({"numbering", "retention", "import_tickets"})

ACTIONS = {
    "team": "aftersales_service.aftersales_team_action",
    "products": "aftersales_service.product_template_action_vouchers",
    "warranty": "aftersales_service.aftersales_warranty_policy_action",
    "technicians": "aftersales_service.hr_employee_public_action_technicians",
    "without_user": "aftersales_service.hr_employee_public_action_without_user",
    "alias": "aftersales_service.aftersales_team_action",
    "backfill": "aftersales_service.aftersales_backfill_action",
    "import_units": "aftersales_service.aftersales_equipment_action",
    "import_tickets": "aftersales_service.aftersales_ticket_action",
}


class AftersalesSetupStep(models.Model):
    """One step of going live in one company: what is there, what is missing.

    No table and nothing to keep in step: each figure is counted when it is looked at.
    A higher floor adds a step with ``selection_add`` and ``_check_<code>``.
    """

    _name = "aftersales.setup.step"
    _description = "First Step"
    _auto = False
    _rec_name = "code"
    _order = "company_id, sequence"
    _depends = {"res.company": ["active"]}

    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    setup_id = fields.Many2one(comodel_name="aftersales.setup", readonly=True)
    sequence = fields.Integer(readonly=True)
    code = fields.Selection(
        selection=[
            ("team", "Service team with members"),
            ("products", "Products that make service vouchers"),
            ("numbering", "Numbers of vouchers and tickets"),
            ("technicians", "Technicians"),
            ("without_user", "Technicians without a user"),
            ("alias", "Email address of the desk"),
            ("backfill", "Units of past deliveries"),
            ("import_units", "Units sold before, by file"),
            ("import_tickets", "Open tickets, by file"),
            ("retention", "How long records are kept"),
        ],
        string="Step",
        readonly=True,
    )
    hint = fields.Char(string="What to Do", compute="_compute_hint")
    figure = fields.Char(string="So Far", compute="_compute_state")
    state = fields.Selection(
        selection=[("open", "Open"), ("done", "Done"), ("skipped", "Not Needed")],
        compute="_compute_state",
    )
    can_mark = fields.Boolean(compute="_compute_state")
    can_skip = fields.Boolean(compute="_compute_state")
    can_reset = fields.Boolean(compute="_compute_state")

    @property
    def _table_query(self):
        codes = [code for code, _label in self._fields["code"].selection]
        return SQL(
            """SELECT company.id * 1000 + step.sequence AS id,
                company.id AS company_id, company.id AS setup_id,
                step.code, step.sequence
            FROM res_company AS company
            CROSS JOIN UNNEST(%s) WITH ORDINALITY AS step(code, sequence)
            WHERE company.active""",
            codes,
        )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_hint(self):
        hints = self._get_hints()
        for step in self:
            step.hint = hints.get(step.code)

    @api.model
    def _get_hints(self):
        return {
            "team": self.env._(
                "Who answers the calls? Make a team and name its members."
            ),
            "products": self.env._(
                "A delivery of these makes service vouchers. Whoever keeps the products "
                "sets it on their Sales page."
            ),
            "numbering": self.env._(
                "Prefix, digits and next number, below on this page. Go on where the old "
                "books end."
            ),
            "technicians": self.env._(
                "Who can be sent to customers. Human resources set it on the employee."
            ),
            "without_user": self.env._(
                "They are welcome: the desk reports for them. Nothing to do."
            ),
            "alias": self.env._("Mails to this address become tickets."),
            "backfill": self.env._(
                "Makes the vouchers of what was delivered in Odoo before, in the background."
            ),
            "import_units": self.env._(
                "For units sold outside Odoo: in the list, gear menu, Import records. The "
                "template is offered there, and Test writes nothing."
            ),
            "import_tickets": self.env._(
                "In the call register, gear menu, Import records. Mark it as done afterwards."
            ),
            "retention": self.env._(
                "Below on this page. Counts before a person may be erased from old records."
            ),
        }

    @api.depends("code", "company_id.aftersales_marked_steps")
    @api.depends_context("lang", "uid")
    def _compute_state(self):
        facts = {
            code: getattr(self, f"_check_{code}")(steps.company_id)
            for code, steps in self.grouped("code").items()
        }
        for step in self:
            # Only the marks of the company are looked at.
            marks = step.company_id.sudo().aftersales_marked_steps or {}
            mark = marks.get(step.code)
            done, figure = facts[step.code].get(step.company_id, (False, False))
            step.figure = figure
            if done or mark == "done":
                step.state = "done"
            else:
                step.state = "skipped" if mark == "skipped" else "open"
            step.can_mark = step.state == "open" and step.code in BY_HAND
            step.can_skip = step.state == "open"
            step.can_reset = bool(mark) and not done

    # ------------------------------------------------------------
    # FACTS: {company: (done, figure)}, the same number of queries for any number
    # of companies
    # ------------------------------------------------------------

    @api.model
    def _check_team(self, companies):
        teams = self.env["aftersales.team"].search(
            [("company_id", "in", companies.ids)]
        )
        result = {}
        for company, own in teams.grouped("company_id").items():
            members = len(own.member_ids)
            result[company] = (
                bool(members),
                self.env._(
                    "Teams: %(teams)s, members: %(members)s",
                    teams=len(own),
                    members=members,
                ),
            )
        return result

    @api.model
    def _check_products(self, companies):
        counts = dict(
            self.env["product.template"]._read_group(
                [
                    ("aftersales_voucher", "!=", "none"),
                    ("company_id", "in", [False, *companies.ids]),
                ],
                ["company_id"],
                ["__count"],
            )
        )
        shared = counts.get(self.env["res.company"], 0)
        result = {}
        for company in companies:
            count = counts.get(company, 0) + shared
            result[company] = (bool(count), self.env._("Products: %s", count))
        return result

    @api.model
    def _check_numbering(self, companies):
        rows = self.env["aftersales.numbering"].search(
            [("company_id", "in", companies.ids)]
        )
        return {
            company: (False, ", ".join(own.mapped("example")))
            for company, own in rows.grouped("company_id").items()
        }

    @api.model
    def _get_technician_counts(self, companies):
        """Return ``{company: (technicians, those of them with a user)}``."""
        return {
            company: counts
            for company, *counts in self.env["hr.employee.public"]._read_group(
                [
                    ("aftersales_technician", "=", True),
                    ("company_id", "in", companies.ids),
                ],
                ["company_id"],
                ["__count", "user_id:count"],
            )
        }

    @api.model
    def _check_technicians(self, companies):
        return {
            company: (bool(total), self.env._("Technicians: %s", total))
            for company, (total, _users) in self._get_technician_counts(
                companies
            ).items()
        }

    @api.model
    def _check_without_user(self, companies):
        counts = self._get_technician_counts(companies)
        result = {}
        for company in companies:
            total, users = counts.get(company, (0, 0))
            result[company] = (True, self.env._("Without a user: %s", total - users))
        return result

    @api.model
    def _check_alias(self, companies):
        teams = self.env["aftersales.team"].search(
            [("company_id", "in", companies.ids), ("alias_name", "!=", False)]
        )
        return {
            company: (
                True,
                ", ".join(team.alias_email or team.alias_name for team in own),
            )
            for company, own in teams.grouped("company_id").items()
        }

    @api.model
    def _check_backfill(self, companies):
        domain = [("company_id", "in", companies.ids)]
        finished = dict(
            self.env["aftersales.backfill"]._read_group(
                [*domain, ("state", "=", "done")], ["company_id"], ["__count"]
            )
        )
        made = dict(
            self.env["aftersales.backfill.batch"]._read_group(
                domain, ["company_id"], ["unit_count:sum"]
            )
        )
        return {
            company: (
                bool(finished.get(company)),
                self.env._("Vouchers made: %s", made.get(company, 0)),
            )
            for company in companies
        }

    @api.model
    def _check_import_units(self, companies):
        counts = dict(
            self.env["aftersales.equipment"]._read_group(
                [("company_id", "in", companies.ids), ("source", "=", "import")],
                ["company_id"],
                ["__count"],
            )
        )
        return {
            company: (
                bool(counts.get(company)),
                self.env._("Units registered: %s", counts.get(company, 0)),
            )
            for company in companies
        }

    @api.model
    def _check_import_tickets(self, companies):
        Ticket = self.env["aftersales.ticket"]
        counts = dict(
            Ticket._read_group(
                Ticket._get_open_domain() & Domain("company_id", "in", companies.ids),
                ["company_id"],
                ["__count"],
            )
        )
        return {
            company: (False, self.env._("Open tickets: %s", counts.get(company, 0)))
            for company in companies
        }

    @api.model
    def _check_retention(self, companies):
        return {
            company: (
                False,
                self.env._("Years: %s", company.aftersales_retention_years),
            )
            for company in companies
        }

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open(self):
        """Go where the step is done."""
        self.ensure_one()
        xmlid = ACTIONS.get(self.code)
        if not xmlid:
            return self.env["aftersales.setup"]._get_page_action()
        return self.env["ir.actions.actions"]._for_xml_id(xmlid)

    def action_mark_done(self):
        """Note a step as done that only a person can judge.

        :raise UserError: for steps that show by themselves whether they are done
        """
        if self.filtered(lambda step: step.code not in BY_HAND):
            raise UserError(
                self.env._("This step is done when what it asks for is there.")
            )
        return self._mark("done")

    def action_skip(self):
        """Note a step as not needed in this company."""
        return self._mark("skipped")

    def action_reset(self):
        """Take the mark of a step back."""
        return self._mark(None)

    def _mark(self, mark):
        self.check_access("write")
        for step in self:
            step.company_id._aftersales_mark_step(step.code, mark)
        self.invalidate_recordset()
        return True
