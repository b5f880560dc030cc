from datetime import timedelta

from markupsafe import Markup

from odoo import fields, models
from odoo.tools import format_date


class AftersalesEquipment(models.Model):
    """Sales are reminded before the free maintenance of a unit ends (R19)."""

    _name = "aftersales.equipment"
    _inherit = ["aftersales.equipment", "aftersales.reminder.mixin"]
    _reminder_end = "warranty_end"
    _reminder_mark = "warranty_reminded_end"
    _reminder_days = "aftersales_warranty_notice_days"

    warranty_reminded_end = fields.Date(
        string="Reminded of",
        readonly=True,
        copy=False,
        help="End of the warranty of which sales was reminded; when it moves, a new "
        "reminder is due.",
    )

    _reminder_idx = models.Index(
        "(company_id, warranty_end) WHERE state = 'active' "
        "AND warranty_reminded_end IS DISTINCT FROM warranty_end"
    )

    def _remind(self):
        """Tell the salesperson of each unit, and the leads of service and sales.

        The house rule: in writing, from the service lead by the sales director to the
        salesperson.
        """
        told = {}
        # Orders are the business of sales; only their salespeople are read.
        units_sudo = self.sudo().filtered(
            lambda unit: not unit.clearance and not unit.product_id.aftersales_maker_id
        )
        for (order, company), units in units_sudo.grouped(
            lambda unit: (unit.sale_order_id, unit.company_id)
        ).items():
            user = units._get_able(order.user_id) or company._aftersales_supervisor()
            told[user] = told.get(user, units.browse()) | units
        for user, units in told.items():
            units._plan_offer(user)
        for company, units in units_sudo.grouped("company_id").items():
            units._tell_leads(company)
        self._mark_reminded()

    def _plan_offer(self, user):
        if user:
            words = self.with_context(lang=user.lang or self.env.lang).env
            # The leads get one letter for all; a to-do each is enough for the others.
            self.with_context(mail_activity_quick_update=True).activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=self.env.company._aftersales_today() + timedelta(days=7),
                summary=words._("Free maintenance ends: offer an extension"),
                user_id=user.id,
            )

    def _tell_leads(self, company):
        """Write one letter to the service lead and the leads of the sales teams."""
        supervisor = company._aftersales_supervisor()
        directors = self.sale_order_id.team_id.user_id.filtered(
            lambda user: company in user.company_ids
        )
        team = self.env["aftersales.team"].search(
            [("company_id", "=", company.id), ("supervisor_id", "=", supervisor.id)],
            limit=1,
        )
        if not (supervisor and team):
            return
        words = self.with_context(lang=supervisor.lang or self.env.lang).env
        rows = Markup().join(
            Markup("<li>%s: %s · %s</li>")
            % (
                format_date(words, unit.warranty_end),
                unit._get_html_link(),
                unit.partner_id.name or "",
            )
            for unit in self
        )
        team.message_post(
            subject=words._("Free maintenance ends soon"),
            body=Markup("<p>%s</p><ul>%s</ul>")
            % (words._("Free maintenance of these units ends soon:"), rows),
            partner_ids=(supervisor | directors).partner_id.ids,
            subtype_xmlid="mail.mt_note",
        )
