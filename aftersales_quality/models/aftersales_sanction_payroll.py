import io
from base64 import b64encode

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools import payroll_book
from ..tools import sanction as rule


class AftersalesSanctionPayroll(models.Model):
    """List of approved amounts that payroll takes over by hand, once (R61)."""

    _name = "aftersales.sanction.payroll"
    _description = "Payroll List"
    _inherit = ["aftersales.fact.mixin"]
    _facts = frozenset({"workbook", "workbook_name", "handed_by_id", "handed_date"})
    _given_at_creation = frozenset({"month", "company_id"})
    _order = "month desc, id desc"
    _check_company_auto = True

    month = fields.Date(
        required=True,
        default=lambda self: rule.month_after(self.env.company._aftersales_today(), -1),
        help="First day of the month; what was approved until its end and was not "
        "handed over is taken.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    sanction_ids = fields.One2many(
        comodel_name="aftersales.sanction",
        inverse_name="payroll_id",
        string="Sanctions and Rewards",
        readonly=True,
    )
    sanction_count = fields.Integer(string="Entries", compute="_compute_totals")
    amount_sanctions = fields.Monetary(
        string="To Deduct", compute="_compute_totals", help="Sanctions of money."
    )
    amount_rewards = fields.Monetary(
        string="To Pay", compute="_compute_totals", help="Rewards of money."
    )
    handed_by_id = fields.Many2one(
        comodel_name="res.users", string="Handed over by", readonly=True
    )
    handed_date = fields.Datetime(string="Handed over on", readonly=True)
    workbook = fields.Binary(attachment=True, readonly=True)
    workbook_name = fields.Char(readonly=True, export_string_translation=False)

    _month_first = models.Constraint(
        "CHECK (EXTRACT(DAY FROM month) = 1)",
        "A payroll list is of a whole month: choose its first day.",
    )

    @api.depends("sanction_ids.amount", "sanction_ids.nature")
    def _compute_totals(self):
        rows = self.env["aftersales.sanction"]._read_group(
            Domain("payroll_id", "in", self.ids),
            ["payroll_id", "nature"],
            ["__count", "amount:sum"],
        )
        sums = {(one.id, nature): values for one, nature, *values in rows}
        for payroll in self:
            count, penalties = sums.get((payroll._origin.id, "sanction"), (0, 0.0))
            number, rewards = sums.get((payroll._origin.id, "reward"), (0, 0.0))
            payroll.sanction_count = count + number
            payroll.amount_sanctions = penalties
            payroll.amount_rewards = rewards

    @api.depends("month")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for payroll in self:
            month = payroll.month
            payroll.display_name = self.env._(
                "Payroll List %s",
                format_date(self.env, month, date_format="MMMM y") if month else "",
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Hand over what was approved until the end of the month, each entry once.

        :raise UserError: when nothing is left to hand over
        """
        for vals in vals_list:
            self._ensure_no_facts(vals)
        payrolls = super().create(vals_list)
        for payroll in payrolls:
            payroll._hand_over()
        return payrolls

    def write(self, vals):
        self._ensure_no_facts(vals)
        if vals and not self._is_by_method():
            raise UserError(
                self.env._("A payroll list stays as it was handed over; make another.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What was handed over to payroll is kept."))

    @api.model
    def _get_due_domain(self, company, month=None):
        """Domain of the entries of money that wait for payroll.

        :param date month: first day; those approved until its end
        """
        domain = (
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "approved")
            & Domain("payroll_id", "=", False)
            & Domain("amount", "!=", 0)
        )
        if month:
            domain &= Domain("approve_day", "<", rule.month_after(month))
        return domain

    def _hand_over(self):
        """Take the entries, each under its lock, and write the workbook."""
        self.ensure_one()
        Sanction = self.env["aftersales.sanction"]
        domain = self._get_due_domain(self.company_id, self.month)
        if chosen := self.env.context.get("aftersales_hand_over"):
            domain &= Domain("id", "in", chosen)
        due = Sanction.search(domain)
        due._ensure_handed_once()
        if not due:
            raise UserError(
                self.env._(
                    "Nothing is left to hand over until the end of this month: what "
                    "was handed over is on an earlier payroll list."
                )
            )
        due._step({"payroll_id": self.id})
        self._by_method().write(
            {
                "handed_by_id": self.env.uid,
                "handed_date": fields.Datetime.now(),
                "workbook": b64encode(self._make_workbook(due)),
                "workbook_name": f"{self.display_name}.xlsx",
            }
        )

    def _make_workbook(self, sanctions):
        stream = io.BytesIO()
        natures = dict(sanctions._fields["nature"]._description_selection(self.env))
        ordered = sanctions.sorted(lambda one: (one.employee_id.name, one.id))
        payroll_book.write(
            stream,
            (
                (
                    one.employee_id.name,
                    one.name,
                    natures[one.nature],
                    one.kind_id.name,
                    one._get_title(),
                    one.approved_by_id.name,
                    one.approve_day,
                    one._get_signed_amount(),
                )
                for one in ordered
            ),
            payroll_book.Labels(
                f"{self.display_name} · {self.company_id.name}",
                (
                    (self.env._("Employee"), 20),
                    (self.env._("Number"), 16),
                    (self.env._("Nature"), 12),
                    (self.env._("Kind"), 18),
                    (self.env._("What Happened"), 40),
                    (self.env._("Approved by"), 18),
                    (self.env._("Approved on"), 14),
                    (
                        self.env._("Amount (%s)", self.currency_id.name),
                        16,
                    ),
                ),
                self.env._("Total"),
            ),
        )
        return stream.getvalue()

    def _get_lists_action(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_sanction_payroll_action"
        )
        if len(self) == 1:
            return {**action, "views": [(False, "form")], "res_id": self.id}
        return {**action, "domain": [("id", "in", self.ids)]}

    def action_download(self):
        """Download the workbook as it was handed over."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/workbook/{self.workbook_name}"
            "?download=true",
            "target": "self",
        }
