from odoo import api, fields, models

from .aftersales_clearance import ENDED, NEEDED, PEOPLE

LEAD = "aftersales_quality.aftersales_quality_group_lead"
AGENT = "aftersales_service.aftersales_service_group_agent"
PLANNED = ("draft", "assigned", "accepted")


class AftersalesDispatch(models.Model):
    """A visit that others clear first: nobody is sent, or leaves, before (R68, R88)."""

    _inherit = "aftersales.dispatch"

    mission_approval = fields.Boolean(
        string="Quality Asks for Approval",
        readonly=True,
        copy=False,
        help="Quality lead and general manager approve this visit before anybody sets "
        "out.",
    )
    mission_reason = fields.Text(
        string="Why Quality Asks",
        copy=False,
        help="Written by quality before it asks for the approval.",
    )
    review_solution = fields.Text(
        string="Solution of the Review",
        readonly=True,
        copy=False,
        help="What the technical review decided is done at the customer's.",
    )
    clearance_ids = fields.One2many(
        comodel_name="aftersales.clearance",
        inverse_name="dispatch_id",
        string="Clearances",
        readonly=True,
    )
    clearance_text = fields.Char(
        string="To Be Cleared by", compute="_compute_clearance"
    )
    can_ask_clearance = fields.Boolean(compute="_compute_clearance")
    can_demand_approval = fields.Boolean(compute="_compute_clearance")

    @api.depends(
        "state",
        "job_type_id",
        "mission_approval",
        "clearance_ids.state",
        "technician_id",
        "crew_ids",
    )
    @api.depends_context("uid", "su", "lang")
    def _compute_clearance(self):
        user = self.env(su=False).user
        leads = user.has_group(LEAD)
        asks = leads or user.has_group(AGENT)
        for dispatch in self:
            planned = dispatch.state in PLANNED
            missing = dispatch._get_uncleared(NEEDED) if planned else []
            dispatch.clearance_text = ", ".join(dispatch._say_uncleared(missing))
            rows_sudo = dispatch.sudo().clearance_ids  # whoever may see them
            asked = {(row.kind, row.role) for row in rows_sudo if row._is_alive()}
            dispatch.can_ask_clearance = asks and any(
                pair not in asked for pair in missing
            )
            dispatch.can_demand_approval = (
                leads and planned and not dispatch._needs_clearance("mission")
            )

    # ------------------------------------------------------------
    # WHAT IS MISSING
    # ------------------------------------------------------------

    def _needs_clearance(self, kind):
        """Tell whether a visit is cleared in this way before it begins."""
        self.ensure_one()
        if kind == "mission":
            return self.mission_approval or self.job_type_id.mission_approval
        return self.job_type_id.technical_review

    def _get_uncleared(self, kinds):
        """Return the (kind, role) that have not cleared a visit yet.

        Who goes along later has not cleared it himself.
        """
        self.ensure_one()
        needed = [
            (kind, role)
            for kind in kinds
            if self._needs_clearance(kind)
            for role in NEEDED[kind]
        ]
        if not needed:
            return []
        # Clearances and crew are looked at for everybody.
        visit_sudo = self.sudo()
        crew = (visit_sudo.technician_id | visit_sudo.crew_ids).user_id
        cleared = {
            (row.kind, row.role)
            for row in visit_sudo.clearance_ids
            if row.state == "approved" and row.decided_by_id not in crew
        }
        return [pair for pair in needed if pair not in cleared]

    def _say_uncleared(self, missing):
        """Return who is missing, in words: the role and who is asked."""
        self.ensure_one()
        Clearance = self.env["aftersales.clearance"]
        roles = dict(Clearance._fields["role"]._description_selection(self.env))
        # Whom the company names is no secret.
        company_sudo = self.sudo().company_id
        return [
            f"{roles[role]} ({company_sudo[PEOPLE[role]].name or '–'})"
            for role in dict.fromkeys(role for _kind, role in missing)
        ]

    def _ensure_cleared(self, *kinds):
        """Refuse visits that are not cleared yet (R68, R88).

        :raise UserError: naming the visits and who is missing
        """
        for dispatch in self:
            missing = dispatch._get_uncleared(kinds)
            if not missing:
                continue
            names = ", ".join(dispatch._say_uncleared(missing))
            if missing[0][0] == "review":
                dispatch._refuse(
                    self.env._(
                        "This job is reviewed before anybody is sent. Missing: %s. "
                        "Ask for the review on the visit; where nobody is named, name "
                        "somebody in the settings.",
                        names,
                    )
                )
            dispatch._refuse(
                self.env._(
                    "Quality wants this visit approved before anybody leaves. Missing: "
                    "%s. Ask for the approval on the visit; where nobody is named, "
                    "name somebody in the settings.",
                    names,
                )
            )

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_clearance(vals)
        dispatches = super().create(vals_list)
        dispatches._ask_clearances()
        return dispatches

    def write(self, vals):
        self._ensure_no_clearance(vals)
        if "mission_reason" in vals and not self._is_by_method():
            self._ensure_asking()
        other = self.browse()
        if "job_type_id" in vals:
            other = self.filtered(lambda d: d.job_type_id.id != vals["job_type_id"])
        res = super().write(vals)
        if other:
            # Another job is cleared anew.
            other._drop_clearances()
            other._ask_clearances()
        return res

    def _ensure_no_clearance(self, vals):
        """Refuse to type what the clearances say.

        :raise UserError: naming the way out
        """
        typed = [n for n in ("mission_approval", "review_solution") if vals.get(n)]
        if typed and not self._is_by_method():
            self._refuse(
                self.env._(
                    "Quality asks for the approval, and the review writes the "
                    "solution, by their buttons."
                )
            )

    def _ensure_asking(self):
        """Refuse the reason of quality to others.

        :raise UserError: naming the visits
        """
        if self.env.su or self.env.user.has_group(LEAD):
            return
        self._refuse(self.env._("Quality says why it asks for the approval."))

    def _ensure_planned(self):
        result = super()._ensure_planned()
        self._ensure_cleared("review")
        return result

    def _step(self, vals):
        if vals.get("depart_date") or vals.get("arrive_date"):
            self._ensure_cleared("review", "mission")
        return super()._step(vals)

    def action_demand_approval(self, reason=None):
        """Quality wants these visits approved before anybody leaves (R68).

        :param str reason: why; the one on the visit when empty
        :raise UserError: for others than quality, without a reason, and for visits
            that have begun or are approved anyway
        """
        self.check_access("read")
        if refused := self.filtered(lambda d: not d.can_demand_approval):
            refused._refuse(
                self.env._(
                    "Quality asks for the approval of a visit before it begins, once."
                )
            )
        if mute := self.filtered(lambda d: not (reason or d.mission_reason)):
            mute._refuse(self.env._("Say why quality wants to approve it."))
        vals = {"mission_approval": True}
        if reason:
            vals["mission_reason"] = reason
        # Quality plans no visits; it asks for the approval alone.
        self.sudo()._by_method().write(vals)
        self._ask_clearances()
        return True

    def action_ask_clearance(self):
        """Ask those who have not been asked, or once more after a refusal.

        :raise UserError: when nobody is missing who is named in the settings
        """
        self.check_access("read")
        if refused := self.filtered(lambda d: not d.can_ask_clearance):
            refused._refuse(self.env._("Everybody who clears this visit was asked."))
        if not self._ask_clearances():
            self._refuse(
                self.env._(
                    "Nobody is named who could be asked. Missing: %s. Name them in "
                    "the settings.",
                    ", ".join(self.mapped("clearance_text")),
                )
            )
        return True

    # ------------------------------------------------------------
    # ASKING
    # ------------------------------------------------------------

    def _ask_clearances(self):
        """Ask for what these visits need; whom the company does not name is left out.

        :return: the new clearances
        """
        vals_list = []
        for dispatch in self:
            missing = dispatch._get_uncleared(NEEDED)
            if not missing or dispatch.state not in PLANNED:
                continue
            # Whoever plans the visit asks, and decides on nothing.
            visit_sudo = dispatch.sudo()
            asked = {
                (row.kind, row.role)
                for row in visit_sudo.clearance_ids
                if row._is_alive()
            }
            for kind, role in missing:
                user = visit_sudo.company_id[PEOPLE[role]]
                if user and (kind, role) not in asked:
                    vals_list.append(
                        {
                            "dispatch_id": dispatch.id,
                            "kind": kind,
                            "role": role,
                            "user_id": user.id,
                            "date_asked": fields.Datetime.now(),
                        }
                    )
        # Rows are made by these steps alone.
        rows_sudo = self.env["aftersales.clearance"].sudo()._by_method()
        if not vals_list:
            return rows_sudo
        # Refused and dropped rows make room first.
        rows_sudo.flush_model(["state"])
        rows_sudo = rows_sudo.create(vals_list)
        rows_sudo.with_env(self.env)._ask()
        return rows_sudo

    def _drop_clearances(self):
        """What was said of another job does not count for this one."""
        # See above: decided on by nobody.
        rows_sudo = self.sudo().clearance_ids.filtered(
            lambda row: row.state not in ENDED
        )
        rows_sudo._by_method().write({"state": "dropped"})
        rows_sudo.activity_ids.unlink()
