from odoo import fields, models
from odoo.fields import Domain


class AftersalesSanction(models.Model):
    """What payroll has taken over (R61)."""

    _inherit = "aftersales.sanction"

    payroll_id = fields.Many2one(
        comodel_name="aftersales.sanction.payroll",
        string="Payroll List",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )

    _payroll_idx = models.Index(
        "(company_id, approve_day) WHERE state = 'approved' AND payroll_id IS NULL"
    )

    def action_hand_over(self):
        """Hand these approved entries over to payroll, once (R61).

        :return: action that opens the new payroll lists
        :raise UserError: for entries that are not approved, without money, or handed
            over already
        """
        lists = self.env["aftersales.sanction.payroll"]
        lists.check_access("create")
        self._ensure_handed_once()
        waiting = self.filtered_domain(
            Domain("state", "=", "approved") & Domain("amount", "!=", 0)
        )
        if others := self - waiting:
            others._refuse(self.env._("Only approved amounts of money go to payroll."))
        for company, entries in self.grouped("company_id").items():
            last = max(entries.mapped("approve_day"))
            lists |= lists.with_context(aftersales_hand_over=entries.ids).create(
                {"company_id": company.id, "month": last.replace(day=1)}
            )
        return lists._get_lists_action()

    def _ensure_handed_once(self):
        """Lock the entries, and refuse those that somebody else has handed over.

        :raise UserError: naming them
        """
        self._lock()
        if handed := self.filtered("payroll_id"):
            handed._refuse(
                self.env._(
                    "Handed over to payroll already: %s",
                    ", ".join(handed.payroll_id.mapped("display_name")),
                )
            )

    def _get_signed_amount(self):
        """Return the amount as payroll books it: sanctions are deducted."""
        self.ensure_one()
        return self.amount if self.nature == "reward" else -self.amount

    def _get_title(self):
        """Return what happened in one line."""
        self.ensure_one()
        triggers = dict(self._fields["trigger"]._description_selection(self.env))
        text = " ".join((self.description or "").split())
        parts = (triggers.get(self.trigger), self.source_name, text)
        return " · ".join(part for part in parts if part)[:500]
