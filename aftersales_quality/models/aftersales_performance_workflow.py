from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

OFFICER = "aftersales_quality.aftersales_quality_group_performance"


class AftersalesPerformance(models.Model):
    """Who checks, approves and reopens a month sheet (R65, F114)."""

    _inherit = "aftersales.performance"

    can_recompute = fields.Boolean(compute="_compute_can")
    can_check = fields.Boolean(compute="_compute_can")
    can_approve = fields.Boolean(compute="_compute_can")
    can_reopen = fields.Boolean(compute="_compute_can")

    @api.depends("state", "month", "user_id", "team_id.supervisor_id")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        user = self.env.user
        officer = self.env.su or user.has_group(OFFICER)
        for sheet in self:
            own = sheet.user_id == user
            # Who leads which team is no secret.
            leads = officer or sheet.sudo().team_id.supervisor_id == user
            sheet.can_recompute = leads and not own and sheet.state == "draft"
            sheet.can_check = sheet.can_recompute and sheet._is_month_over()
            sheet.can_approve = officer and not own and sheet.state == "checked"
            sheet.can_reopen = officer and not own and sheet.state != "draft"

    def _is_month_over(self):
        self.ensure_one()
        today = self.company_id._aftersales_today()
        return bool(self.month) and self._get_first_day(self.month, 1) <= today

    def action_recompute(self):
        """Measure the month once more from the records, while the sheet is a draft.

        :raise UserError: for sheets that are checked, and for whoever leads neither
            the team nor the measuring
        """
        self._lock_sheets()
        self._ensure_can(
            "can_recompute",
            self.env._(
                "Drafts are measured anew by the leader of the team or the performance "
                "officer; what is checked stays as it is."
            ),
        )
        self._compose()
        return True

    def action_check(self):
        """Check the sheets as leader of the team; the employees see them from now on.

        :raise UserError: before the month is over, for one's own sheet, and for whoever
            does not lead the team
        """
        self._lock_sheets()
        self._ensure_can(
            "can_check",
            self.env._(
                "Drafts are checked when the month is over, by the leader of the team "
                "or the performance officer, nobody his own."
            ),
        )
        return self._step(
            {
                "state": "checked",
                "check_date": fields.Datetime.now(),
                "checked_by_id": self.env.uid,
            }
        )

    def action_approve(self):
        """Approve checked sheets as performance officer: they are locked.

        :raise UserError: for sheets nobody checked, one's own, and other people
        """
        self._lock_sheets()
        self._ensure_can(
            "can_approve",
            self.env._(
                "Checked sheets are approved by the performance officer, nobody his "
                "own."
            ),
        )
        return self._step(
            {
                "state": "approved",
                "approve_date": fields.Datetime.now(),
                "approved_by_id": self.env.uid,
            }
        )

    def action_reopen(self, reason=None):
        """Make checked or approved sheets drafts again; the reason is kept.

        :param str reason: why, mandatory
        :raise UserError: without a reason, for drafts, one's own sheet, other people
        """
        self._lock_sheets()
        self._ensure_can(
            "can_reopen",
            self.env._(
                "Sheets are reopened by the performance officer, nobody his own; a "
                "draft need not be reopened."
            ),
        )
        reason = (reason or "").strip()
        if not reason:
            self._refuse(self.env._("Say why it is reopened."))
        body = Markup("<b>%s</b><br/>%s") % (self.env._("Reopened"), reason)
        self._message_log_batch(bodies=dict.fromkeys(self.ids, body))
        return self._step(
            {
                "state": "draft",
                "check_date": False,
                "checked_by_id": False,
                "approve_date": False,
                "approved_by_id": False,
                "reopen_reason": reason,
            }
        )

    def action_ask_reopen(self):
        """Ask why the sheets are reopened."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_performance_reopen_action"
        )
        return {**action, "context": {"default_performance_ids": self.ids}}

    def _step(self, vals):
        """Write a step after its rule was checked."""
        self._by_method().write(vals)
        return True

    def _lock_sheets(self):
        """Wait until nobody else decides on these sheets, and read what he decided.

        :raise UserError: when a sheet was deleted meanwhile
        """
        self.check_access("read")
        self.flush_recordset()
        # Not lock_for_update, which refuses instead of waiting.
        found = self.env.execute_query(
            SQL(
                "SELECT id FROM aftersales_performance WHERE id IN %s "
                "ORDER BY id FOR UPDATE",
                tuple(self.ids) or (0,),
            )
        )
        if len(found) < len(set(self.ids)):
            raise UserError(self.env._("A month sheet was deleted meanwhile."))
        self.invalidate_recordset()
