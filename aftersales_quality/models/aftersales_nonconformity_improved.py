from odoo import api, fields, models

from .aftersales_nonconformity import REWORKED


class AftersalesNonconformity(models.Model):
    """A nonconformity ends when its actions hold; a new one may undo them (R59).

    Goods that pass after rework go back to stock at once; the case stays open until the
    effect of its actions was checked.
    """

    _name = "aftersales.nonconformity"
    _inherit = ["aftersales.nonconformity", "aftersales.improved.mixin"]
    _recurrence_field = "nonconformity_id"

    meeting_ids = fields.Many2many(
        comodel_name="aftersales.meeting",
        relation="aftersales_meeting_nonconformity_rel",
        column1="nonconformity_id",
        column2="meeting_id",
        string="Joint Meetings",
        copy=False,
    )

    @api.depends("check_ids.result")
    def _compute_can(self):
        res = super()._compute_can()
        for row in self.filtered(lambda row: row._is_passed()):
            row.can_rework = False
            row.can_close = row.can_collect
        return res

    def _is_passed(self):
        """Tell whether the goods passed, and only the actions keep the case open."""
        self.ensure_one()
        last = self.check_ids.sorted("id")[-1:]
        return (
            self.state == "decided"
            and self.disposition in REWORKED
            and last.result == "passed"
        )

    def action_pass(self, note=None):
        """Pass goods after rework; the case is closed once its actions are checked.

        :param str note: what was measured
        :raise UserError: for whoever reworked them, or when nothing was reworked
        """
        res = super().action_pass(note)
        # Who inspects need not see the actions.
        waiting = self.filtered(lambda row: row.sudo().action_ids._get_unfinished())
        if waiting:
            waiting._step({"state": "decided", "closed_on": False})
        return res

    def action_close(self):
        """Close what was decided and done, when every action was checked.

        :raise UserError: when goods were not inspected after their rework, or an action
            is not checked for its effect
        """
        self._ensure_actions_checked()
        passed = self.filtered(lambda row: row._is_passed())
        res = True
        if self - passed:
            res = super(AftersalesNonconformity, self - passed).action_close()
        if passed:
            passed._ensure_can(
                "can_close",
                self.env._("It is decided first what becomes of the goods."),
            )
            passed._step({"state": "done", "closed_on": fields.Datetime.now()})
        return res

    def _is_recurrence(self, action):
        """What was split off, or belongs to the same case, is nothing new."""
        checked = action.company_id._aftersales_today(action.date_checked)
        return (
            self != action.nonconformity_id
            and not self.split_from_id
            and (not self.complaint_id or self.complaint_id != action.complaint_id)
            and self.state != "cancelled"
            and self.found_on >= checked
        )
