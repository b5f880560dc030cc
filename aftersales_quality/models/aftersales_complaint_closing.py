from odoo import fields, models


class AftersalesComplaint(models.Model):
    """The last steps: person, improvement, archive, and again from the archive (R58)."""

    _inherit = "aftersales.complaint"

    # ------------------------------------------------------------
    # STEP 7: RESPONSIBLE PERSON
    # ------------------------------------------------------------

    def _get_missing_account(self):
        # Who is responsible is asked, nothing else of his file.
        person_sudo = self.sudo().responsible_id.user_id
        deciders = self._get_current_approvals().decided_by_id
        if set(person_sudo.ids) & set(deciders.ids):
            return [
                self.env._(
                    "another responsible person: %s approved the solution himself",
                    person_sudo.name,
                )
            ]
        if not self.responsible_id and self.liability not in ("customer", "supplier"):
            return [
                self.env._(
                    "the responsible person: nobody is named, and the supervisor of "
                    "the team, who stands in, is no employee"
                )
            ]
        return []

    def action_account(self):
        """Name the responsible person and propose his sanction (R58, step 7; R61).

        Where nobody is found, the leader of the team stands in.

        :raise UserError: before its turn, by a stranger, without a person, or when he
            is neither sanctioned nor a reason says why
        """
        for complaint in self:
            if complaint.can_account and not complaint.responsible_id:
                complaint.responsible_id = complaint._get_team_lead()
        self._ensure_step("account")
        self._propose_sanctions()
        if unexplained := self.filtered(
            lambda complaint: complaint._asks_for_records()
            and complaint.responsible_id
            and not complaint._has_sanction()
            and not (complaint.responsible_note or "").strip()
        ):
            unexplained._refuse(
                self.env._(
                    "Propose a sanction of the responsible person, or say why nobody "
                    "is sanctioned."
                )
            )
        return self._move("accountable")

    def _get_team_lead(self):
        """Return the employee who answers where nobody is found, if any."""
        self.ensure_one()
        if self.liability in ("customer", "supplier"):
            return self.env["hr.employee"]
        # Who leads the team is no secret, the rest of his file is not asked for.
        leader_sudo = self.team_id.sudo().supervisor_id
        employees_sudo = leader_sudo.with_company(self.company_id).employee_ids
        employee_sudo = employees_sudo.filtered(
            lambda employee: employee.company_id == self.company_id
        )[:1]
        lead_sudo = employee_sudo or self.department_id.sudo().manager_id  # likewise
        return self.env["hr.employee"].browse(lead_sudo.id)

    def _propose_sanctions(self):
        """Propose the sanctions that the rules name for these complaints (hook).

        :return: the sanctions
        """
        return self.env["aftersales.sanction"]

    def _has_sanction(self):
        """Tell whether a sanction is proposed or decided for the complaint."""
        self.ensure_one()
        # Sanctions are secret; that there is one is not, to him who handles it. Searched,
        # not read: what is read once is shown to him, too.
        sanctions_sudo = self.env["aftersales.sanction"].sudo()
        domain = [("complaint_id", "=", self.id), ("state", "!=", "cancelled")]
        return bool(sanctions_sudo.search_count(domain, limit=1))

    # ------------------------------------------------------------
    # STEP 8: IMPROVEMENT
    # ------------------------------------------------------------

    def _get_standing_actions(self):
        """Return the actions that were not cancelled."""
        # Whoever handles it may not see the actions of every department.
        actions_sudo = self.sudo().action_ids
        return actions_sudo.filtered(lambda action: action.state != "cancelled")

    def _get_missing_improve(self):
        actions_sudo = self._get_standing_actions()
        if not actions_sudo:
            return [self.env._("an improvement action, done")]
        return [
            self.env._("the action %s, not done yet", action.display_name)
            for action in actions_sudo
            if action.state == "open"
        ]

    def action_improve(self):
        """Note that the improvement is made (R58, step 8).

        :raise UserError: before its turn, by a stranger, without an action, or while
            one is not done
        """
        self._ensure_step("improve")
        return self._move("improved")

    # ------------------------------------------------------------
    # STEP 9: ARCHIVE
    # ------------------------------------------------------------

    def _get_missing_close(self):
        missing, actions_sudo = [], self._get_standing_actions()
        missing += [
            self.env._("the check whether %s had an effect", action.display_name)
            for action in actions_sudo
            if not action.effective
        ]
        if not missing and "yes" not in actions_sudo.mapped("effective"):
            missing.append(self.env._("an action that had an effect"))
        if self._asks_for_records() and not (self.summary or "").strip():
            missing.append(self.env._("the closing summary"))
        return missing

    def action_close(self, summary=None):
        """Archive the complaint, to be kept as it is (R58, step 9; R66).

        :param str summary: what was learnt; the one on the complaint when empty
        :raise UserError: before its turn, by a stranger, while the effect of an action
            is not checked, or without a summary
        """
        if summary:
            self.summary = summary
        self._ensure_step("close")
        return self._move("archived", {"archive_date": fields.Datetime.now()})

    def action_reopen(self, reason=None):
        """Open a new complaint that follows a finished one (R58).

        :param str reason: why the customer complains again
        :return: action that opens the new complaints
        :raise UserError: without a reason, or when the user is no supervisor
        """
        self._ensure_can(
            "can_reopen",
            self.env._(
                "A supervisor opens a new complaint that follows a finished one."
            ),
        )
        if not (reason or "").strip():
            self._refuse(self.env._("Say why the customer complains again."))
        new = self.browse()
        for complaint in self:
            again = complaint.copy({"description": reason})
            again._by_method().write({"repeat_of_id": complaint.id})
            new |= again
        self._message_log_batch(
            bodies={
                old.id: self.env._("Complained again: %s", again.name)
                for old, again in zip(self, new, strict=True)
            }
        )
        return new._get_records_action()

    def action_view_previous(self):
        """Open the complaint that this one follows."""
        self.ensure_one()
        return self.repeat_of_id._get_records_action()
