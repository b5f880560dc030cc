from odoo import models


class AftersalesSanction(models.Model):
    """Dialogs that ask for the words a step needs, and the printed form (F101)."""

    _inherit = "aftersales.sanction"

    def _ask(self, step):
        """Open the dialog of a step."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_sanction_step_action"
        )
        titles = self.env["aftersales.sanction.step"]._fields["step"]
        return {
            **action,
            "name": dict(titles._description_selection(self.env))[step],
            "context": {"default_step": step, "default_sanction_ids": self.ids},
        }

    def action_ask_speak(self):
        """Ask the employee for his own words."""
        return self._ask("speak")

    def action_ask_decline(self):
        """Ask who was witness that the employee declined to speak."""
        return self._ask("decline")

    def action_ask_refuse(self):
        """Ask why they are refused."""
        return self._ask("refuse")

    def action_ask_cancel(self):
        """Ask why they are cancelled."""
        return self._ask("cancel")

    def action_ask_reverse(self):
        """Ask why they are taken back."""
        return self._ask("reverse")

    def action_ask_appeal(self):
        """Ask why the employee appeals."""
        return self._ask("appeal")

    def _get_signatures(self):
        """Return the lines of the printed form where people sign (F101, F115)."""
        self.ensure_one()
        lines = [
            (self.env._("Proposed by"), self.proposed_by_id, self.create_date),
            (self.env._("Employee"), self.employee_id, False),
        ]
        if self.nature == "reward":
            lines.append(
                (self.env._("Sales Director"), self.reviewed_by_id, self.review_date)
            )
            committee = self.env._("Management Committee")
            lines += [(committee, row.user_id, row.date) for row in self.approval_ids]
            if not self.approval_ids:
                lines.append((committee, self.env["res.users"], False))
        else:
            if self.witness_id:
                witness = (self.env._("Witness"), self.witness_id, self.statement_date)
                lines.append(witness)
            role = self.env._("Performance Officer")
            if self._asks_for_manager():
                role = self.env._("General Manager")
            lines.append((role, self.approved_by_id, self.approve_date))
        return [
            {"role": role, "name": who.name, "date": date} for role, who, date in lines
        ]
