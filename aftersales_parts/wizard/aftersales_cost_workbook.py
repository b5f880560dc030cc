from datetime import datetime, time
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..tools.cost_book import Labels, write

READERS = (
    "aftersales_service.aftersales_service_group_manager",
    "account.group_account_invoice",
    "account.group_account_readonly",
)


class AftersalesCostWorkbook(models.TransientModel):
    """Asks for which month finance wants the cost of parts (R56)."""

    _name = "aftersales.cost.workbook"
    _description = "Monthly Parts Cost"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        domain="[('id', 'in', allowed_company_ids)]",
    )
    month = fields.Date(
        required=True,
        default=lambda self: self._default_month(),
        help="Any day of it.",
    )

    @api.model
    def _default_month(self):
        today = self.env.company._aftersales_today()
        return today.replace(day=1) - relativedelta(months=1)

    def action_download(self):
        """Fetch the workbook of the month."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/aftersales/parts_cost/{self.company_id.id}/{self.month:%Y-%m}",
            "target": "download",
        }

    @api.model
    def _ensure_reader(self, company):
        """Refuse the workbook to those who do not read costs.

        :raise AccessError: for others than finance and managers, and other companies
        """
        if company not in self.env.user.company_ids or not any(
            self.env.user.has_group(group) for group in READERS
        ):
            raise AccessError(
                self.env._(
                    "The cost of parts is for finance and the managers of after-sales, "
                    "in their own companies."
                )
            )

    @api.model
    def _write_month(self, target, company, month):
        """Write the workbook of a month.

        :param target: open binary file
        :param date month: its first day
        :return: how many lines it has
        :raise AccessError: see :meth:`_ensure_reader`
        """
        self._ensure_reader(company)
        local = self.with_context(allowed_company_ids=company.ids)
        report = local.env["aftersales.cost.report"]
        next_month = month + relativedelta(months=1)
        rows = report._stream(
            [
                ("company_id", "=", company.id),
                ("date", ">=", self._get_midnight(company, month)),
                ("date", "<", self._get_midnight(company, next_month)),
            ]
        )
        return write(target, rows, local._get_labels(company, month))

    @api.model
    def _get_midnight(self, company, day):
        """Return when a day begins where the company works, as naive UTC."""
        zone = ZoneInfo(company.partner_id.tz or "UTC")
        moment = datetime.combine(day, time(), zone).astimezone(ZoneInfo("UTC"))
        return moment.replace(tzinfo=None)

    @api.model
    def _get_labels(self, company, month):
        env = self.env
        return Labels(
            title=env._(
                "%(company)s: cost of parts %(month)s (%(currency)s)",
                company=company.name,
                month=f"{month:%Y-%m}",
                currency=company.currency_id.name,
            ),
            by_supplier=env._("By Supplier"),
            by_product=env._("By Product"),
            by_cause=env._("By Cause"),
            lines=env._("Lines"),
            heads=(
                env._("Used on"),
                env._("Document"),
                env._("Part"),
                env._("Supplier"),
                env._("Cause"),
                env._("Who Pays"),
                env._("Quantity"),
                env._("Cost"),
            ),
            share=env._("Share of the Cost"),
            total=env._("Total"),
            none=env._("Not stated"),
        )
