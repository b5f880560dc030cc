from odoo import api, fields, models
from odoo.fields import Domain

from .aftersales_dispatch import BOOKED_STATES
from .aftersales_dispatch_workflow import AGENT


class AftersalesDispatch(models.Model):
    """The checklists of a visit: copied when somebody is sent (R25)."""

    _inherit = "aftersales.dispatch"

    checklist_ids = fields.One2many(
        comodel_name="aftersales.dispatch.check",
        inverse_name="dispatch_id",
    )
    check_count = fields.Integer(string="Points", compute="_compute_check_counts")
    check_done_count = fields.Integer(
        string="Answered Points", compute="_compute_check_counts"
    )
    check_flag_count = fields.Integer(
        string="Points Not in Order", compute="_compute_check_counts"
    )
    check_label = fields.Char(
        string="Points Answered",
        compute="_compute_check_counts",
        help="How many points of the checklist are answered.",
    )
    can_answer = fields.Boolean(compute="_compute_can_answer")

    @api.depends("checklist_ids.is_answered", "checklist_ids.is_flagged")
    def _compute_check_counts(self):
        for dispatch in self:
            checks = dispatch.checklist_ids
            count, answered = len(checks), len(checks.filtered("is_answered"))
            dispatch.check_count = count
            dispatch.check_done_count = answered
            dispatch.check_flag_count = len(checks.filtered("is_flagged"))
            dispatch.check_label = f"{answered} / {count}" if count else False

    @api.depends("state", "user_ids", "correction_user_id")
    @api.depends_context("uid", "su")
    def _compute_can_answer(self):
        is_agent = self.env.su or self.env.user.has_group(AGENT)
        for dispatch in self:
            own = is_agent or self.env.user in dispatch.user_ids
            running = own and dispatch.state in BOOKED_STATES
            dispatch.can_answer = running or dispatch._is_being_corrected()

    def _after_assignment(self):
        result = super()._after_assignment()
        self._copy_checklists()
        return result

    def _copy_checklists(self):
        """Give the visits the lists that apply to them and that they lack.

        Lists that applied to another job are dropped as long as nobody used them.
        """
        # Also lists that only the managers of the company see are worked off.
        lists_sudo = self.env["aftersales.checklist"].sudo()
        lists_sudo = lists_sudo.search(
            Domain("company_id", "in", [*self.company_id.ids, False])
        )
        # The units and their categories are not always the dispatcher's to see.
        visits_sudo = self.sudo()
        stale_sudo = visits_sudo.env["aftersales.dispatch.check"]
        missing = []
        for visit in visits_sudo:
            wanted = lists_sudo.filtered(lambda li, v=visit: li._applies_to(v))
            for checklist, checks in visit.checklist_ids.grouped(
                "checklist_id"
            ).items():
                if (
                    checklist
                    and checklist not in wanted
                    and not any(checks.mapped("is_answered"))
                ):
                    stale_sudo |= checks
            points = (wanted - visit.checklist_ids.checklist_id).point_ids
            missing.append((visit, points))
        stale_sudo.unlink()
        self.env["aftersales.dispatch.check"]._copy_points(missing)
        self.invalidate_recordset(["checklist_ids"])
