from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .aftersales_return import HOLDING_STATES

ACTIVITY = "aftersales_parts.mail_activity_type_aftersales_due_back"


class AftersalesReturnLine(models.Model):
    """Faulty goods that are waited for: their replacement left first (R48)."""

    _inherit = "aftersales.return.line"

    quantity_due_back = fields.Float(
        string="Due Back",
        digits="Product Unit",
        compute="_compute_quantity_due_back",
        compute_sudo=True,
        store=True,
        help="Replaced, not received, and not kept and paid by the customer.",
    )
    date_due_back = fields.Date(
        string="Due Back on",
        copy=False,
        help="Until when the faulty goods are to be back. Set when the replacement is "
        "delivered; may be put off as agreed with the customer.",
    )
    is_back_overdue = fields.Boolean(
        string="Back Overdue",
        compute="_compute_is_back_overdue",
        search="_search_is_back_overdue",
    )
    due_back_reminded = fields.Date(
        string="Reminded of Due Date",
        readonly=True,
        copy=False,
        help="Due date of which somebody was reminded; when it is put off, a new "
        "reminder is due.",
    )

    _due_back_idx = models.Index(
        "(company_id, date_due_back) WHERE quantity_due_back > 0"
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends(
        "remedy",
        "exchange_first",
        "quantity_replaced",
        "quantity_received",
        "order_line_ids.state",
        "order_line_ids.aftersales_kept",
        "order_line_ids.product_uom_qty",
    )
    def _compute_quantity_due_back(self):
        for line in self:
            due = 0.0
            if line.exchange_first and line.remedy == "exchange":
                due = line._get_quantity_still_out() - line._get_quantity_kept()
            line.quantity_due_back = max(due, 0.0)

    @api.depends("quantity_due_back", "date_due_back", "state")
    def _compute_is_back_overdue(self):
        for line in self:
            # The day it is there is no secret of the company.
            today = line.company_id.sudo()._aftersales_today()
            line.is_back_overdue = (
                line.state in HOLDING_STATES
                and line.quantity_due_back > 0
                and bool(line.date_due_back)
                and line.date_due_back < today
            )

    def _search_is_back_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(
            self._get_due_back_domain(company)
            & Domain("date_due_back", "<", company._aftersales_today())
            for company in self.env.companies
        )

    def action_view_return(self):
        """Open the return of a line."""
        self.ensure_one()
        return self.return_id._open_documents(self.return_id)

    # ------------------------------------------------------------
    # QUANTITIES
    # ------------------------------------------------------------

    def _get_quantity_still_out(self):
        """Return what was replaced and has not come back."""
        self.ensure_one()
        return max(self.quantity_replaced - self.quantity_received, 0.0)

    def _get_quantity_kept(self):
        """Return what the customer keeps and has agreed to pay, in the product's unit."""
        self.ensure_one()
        return sum(
            item.product_uom_id._compute_quantity(
                item.product_uom_qty, self.product_id.uom_id, rounding_method="HALF-UP"
            )
            for item in self.order_line_ids
            if item.aftersales_kept and item.state == "sale"
        )

    # ------------------------------------------------------------
    # FOLLOWING
    # ------------------------------------------------------------

    def write(self, vals):
        if "date_due_back" in vals and not self._is_by_method():
            self._log_due_back(fields.Date.to_date(vals["date_due_back"]))
        return super().write(vals)

    def _log_due_back(self, date):
        """Keep in the chatter of the return who put a due date off."""
        for line in self.filtered("date_due_back"):
            if line.date_due_back != date:
                line.return_id._message_log(
                    body=self.env._(
                        "%(line)s: due back on %(new)s instead of %(old)s",
                        line=line.product_id.display_name,
                        new=date or "–",
                        old=line.date_due_back,
                    )
                )

    def _follow_due_back(self):
        """Set the due date when a replacement left first; be content when all is back."""
        first = self.filtered("exchange_first")
        if not first:
            return
        # Due dates follow the moves of the warehouse.
        for line in first.sudo():
            if line.quantity_due_back and not line.date_due_back:
                company = line.company_id
                days = company.aftersales_due_back_days
                line._by_method().date_due_back = (
                    company._aftersales_today() + timedelta(days=days)
                )
        first.sudo().order_line_ids._aftersales_follow_kept()  # as above
        first._forget_reminders()

    def _forget_reminders(self):
        """Take the reminders away from returns that nothing is due to any more."""
        # The reminder is somebody else's.
        returns_sudo = self.return_id.sudo().filtered(
            lambda rma: rma.activity_ids
            and not any(rma.line_ids.mapped("quantity_due_back"))
        )
        if returns_sudo:
            returns_sudo.activity_unlink([ACTIVITY])

    # ------------------------------------------------------------
    # REMINDER
    # ------------------------------------------------------------

    @api.model
    def _get_due_back_domain(self, company):
        """Domain of the lines whose faulty goods are waited for."""
        return (
            Domain("company_id", "=", company.id)
            & Domain("quantity_due_back", ">", 0)
            & Domain("state", "in", HOLDING_STATES)
        )

    @api.model
    def _get_unreminded_domain(self, company):
        """Domain of what is due today or was, and nobody was reminded of."""

        def unreminded(model, alias, query):
            return SQL(
                "%s IS DISTINCT FROM %s",
                SQL.identifier(alias, "due_back_reminded"),
                SQL.identifier(alias, "date_due_back"),
            )

        return (
            self._get_due_back_domain(company)
            & Domain("date_due_back", "<=", company._aftersales_today())
            & Domain.custom(to_sql=unreminded)
        )

    def _remind_due_back(self):
        """Plan a to-do for who handles each return, once for each due date."""
        for rma, lines in self.grouped("return_id").items():
            user = rma.user_id
            if not (user.active and user._is_internal()):
                user = rma.company_id._aftersales_supervisor()
            words = rma.with_context(lang=user.lang or self.env.lang).env
            rma.activity_unlink([ACTIVITY])
            rma.activity_schedule(
                ACTIVITY,
                date_deadline=min(lines.mapped("date_due_back")),
                summary=words._("Faulty goods due back"),
                note=words._(
                    "The replacement was delivered; these have not come back: %s. Call "
                    "the customer, put the date off, or offer him the goods.",
                    ", ".join(lines.mapped("product_id.display_name")),
                ),
                user_id=(user or self.env.user).id,
            )
        for date, lines in self.grouped("date_due_back").items():
            lines._by_method().write({"due_back_reminded": date})
