from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesLoan(models.Model):
    """Showroom samples go up and down with notice (R55)."""

    _inherit = "aftersales.loan"

    date_planned = fields.Date(
        string="Put up on",
        copy=False,
        tracking=True,
        help="Day on which the sample is put up.",
    )
    date_down = fields.Date(
        string="Take down on",
        copy=False,
        tracking=True,
        help="Day on which the sample is taken down.",
    )
    request_date = fields.Date(
        string="Requested on",
        default=lambda self: self.env.company._aftersales_today(),
        readonly=True,
        copy=False,
    )
    notice_date = fields.Date(
        string="Take-down Announced on", readonly=True, copy=False
    )
    short_notice_reason = fields.Char(
        copy=False,
        tracking=True,
        help="A manager says why the notice was not kept.",
    )
    earliest_date = fields.Date(
        string="Earliest Day",
        compute="_compute_earliest_date",
        help="With the notice in working days: not put up or taken down before.",
    )

    @api.depends(
        "kind", "state", "request_date", "notice_date", "company_id", "date_planned"
    )
    def _compute_earliest_date(self):
        for loan in self:
            if loan.kind != "sample":
                loan.earliest_date = False
            elif loan.state == "out":
                loan.earliest_date = loan._count_notice(loan.notice_date)
            else:
                loan.earliest_date = loan._count_notice(loan.request_date)

    def _count_notice(self, day):
        """Return the day on which the notice given on a day is over."""
        self.ensure_one()
        company = self.company_id
        left = company.aftersales_sample_notice_days
        works = company.resource_calendar_id._aftersales_get_working_days()
        if not day:
            return False
        # A calendar without working days has no working days to wait for.
        for _day in range(366):
            if left <= 0:
                break
            day += timedelta(days=1)
            left -= works(day)
        return day

    @api.model_create_multi
    def create(self, vals_list):
        loans = super().create(vals_list)
        if loans.filtered("short_notice_reason"):
            loans._ensure_manager()
        return loans

    def write(self, vals):
        if vals.get("short_notice_reason"):
            self._ensure_manager()
        if vals.get("date_down"):
            # The notice begins when the day is first told.
            fresh = self.filtered(lambda loan: not loan.notice_date)
            for company, loans in fresh.grouped("company_id").items():
                loans._step({"notice_date": company._aftersales_today()})
        return super().write(vals)

    def _ensure_manager(self):
        if not (
            self.env.su
            or self.env.user.has_group(
                "aftersales_service.aftersales_service_group_manager"
            )
        ):
            raise UserError(
                self.env._(
                    "%s: only a manager shortens the notice of a sample.",
                    ", ".join(self.mapped("display_name")),
                )
            )

    def _ensure_approval(self):
        result = super()._ensure_approval()
        self._ensure_notice("date_planned", self.env._("Put up on"))
        return result

    def _ensure_issue(self):
        result = super()._ensure_issue()
        samples = self._ensure_notice("date_planned", self.env._("Put up on"))
        samples._ensure_day("date_planned")
        return result

    def _ensure_return(self):
        result = super()._ensure_return()
        samples = self._ensure_notice("date_down", self.env._("Take down on"))
        samples._ensure_day("date_down")
        return result

    def _ensure_notice(self, field, label):
        """Refuse samples without a day, or with one that comes too soon (R55).

        :return: the samples whose notice counts
        :raise UserError: naming the sample and its earliest day
        """
        samples = self.filtered(
            lambda loan: loan.kind == "sample" and not loan.short_notice_reason
        )
        for loan in samples:
            if not loan[field]:
                loan._refuse(
                    self.env._(
                        "Give notice first, in the field %(field)s: %(days)s working "
                        "days ahead.",
                        field=label,
                        days=loan.company_id.aftersales_sample_notice_days,
                    )
                )
            if loan.earliest_date and loan[field] < loan.earliest_date:
                loan._refuse(
                    self.env._(
                        "The notice is %(days)s working days: %(date)s is the first "
                        "day. A manager may say why it has to be sooner.",
                        days=loan.company_id.aftersales_sample_notice_days,
                        date=loan.earliest_date,
                    )
                )
        return samples

    def _ensure_day(self, field):
        """Refuse samples before the day that was told."""
        for loan in self:
            if loan[field] > loan.company_id._aftersales_today():
                loan._refuse(
                    self.env._(
                        "It was announced for %s; nobody expects it before.",
                        loan[field],
                    )
                )
