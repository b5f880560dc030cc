from odoo import models


class AftersalesComplaint(models.Model):
    """Who answers for a complaint is proposed for what the rules name (R58, R61)."""

    _inherit = "aftersales.complaint"

    def action_account(self):
        """Remember for whom the leader of the team stands in.

        :raise UserError: as the step itself
        """
        nobody = self.filtered(lambda complaint: not complaint.responsible_id)
        accounted = self.with_context(aftersales_stands_in=tuple(nobody.ids))
        return super(AftersalesComplaint, accounted).action_account()

    def _propose_sanctions(self):
        """Propose the sanction of the responsible person, unless a reason says why not.

        :return: the sanctions
        """
        sanctions, events = super()._propose_sanctions(), {}
        Sanction = self.env["aftersales.sanction"]
        nobody = self.env.context.get("aftersales_stands_in", ())
        for complaint in self:
            if (
                not complaint.responsible_id
                or (complaint.responsible_note or "").strip()
                or complaint._has_sanction()
            ):
                continue
            stands_in = complaint.id in nobody
            event = Sanction._prepare_event(
                complaint._get_sanction_trigger(stands_in),
                complaint.responsible_id,
                complaint,
                complaint_id=complaint.id,
                description=complaint.investigation or complaint.description,
                stands_in=stands_in,
            )
            events.setdefault(complaint.company_id, []).append(event)
        for company, rows in events.items():
            # Only what a rule names is made; the handler need not read it.
            made_sudo = Sanction.sudo()._propose_batch(company, rows)
            sanctions |= made_sudo.sudo(self.env.su)
        self.invalidate_recordset(["sanction_ids"])
        return sanctions

    def _get_sanction_trigger(self, stands_in):
        """Return what happened: complaints about the leader have an amount of theirs."""
        self.ensure_one()
        # Who leads the team is no secret, the file of the person is not asked for.
        user_sudo = self.sudo().responsible_id.user_id
        leads = user_sudo and user_sudo == self.team_id.sudo().supervisor_id
        return "supervisor_complaint" if leads and not stands_in else "complaint"
