from odoo import Command, fields

from ..tools.complaint import ORDER
from .common import QualityCommon

GROUP = "aftersales_service.aftersales_service_group_"


class ComplaintCommon(QualityCommon):
    """People who handle complaints, and helpers to lead one through its steps."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.tz = "Asia/Shanghai"
        cls.vice_president = cls._create_user(
            "vice_president", "aftersales_quality_group_lead"
        )
        cls.general_manager = cls._create_user(
            "general_manager", "aftersales_quality_group_lead"
        )
        cls.company.write(
            {
                "aftersales_vice_president_id": cls.vice_president.id,
                "aftersales_general_manager_id": cls.general_manager.id,
                "country_id": cls.env.ref("base.cn").id,
            }
        )
        cls.team.supervisor_id = cls.supervisor
        cls.department = cls.env["hr.department"].create(
            {"name": "Assembly", "company_id": cls.company.id}
        )
        cls.worker, cls.leader = cls.env["hr.employee"].create(
            [
                {"name": "Worker Chen", "company_id": cls.company.id},
                {
                    "name": "Leader Sun",
                    "company_id": cls.company.id,
                    "user_id": cls.supervisor.id,
                },
            ]
        )
        cls.cause.write(
            {"company_id": cls.company.id, "department_id": cls.department.id}
        )

    def _mine(self, complaint, user=None):
        """Return a complaint as its supervisor works on it."""
        return complaint.with_user(user or self.supervisor).with_context(
            allowed_company_ids=self.company.ids
        )

    def _to(self, state, complaint=None, **values):
        """Lead a complaint to a step, as the supervisor."""
        complaint = self._mine(complaint or self._complain(**values))
        first = ORDER.index(complaint.state) + 1
        for step in ORDER[first : ORDER.index(state) + 1]:
            getattr(self, f"_step_{step}")(complaint)
        return complaint

    def _step_validated(self, complaint):
        complaint.action_validate()

    def _step_committed(self, complaint):
        complaint.liability = complaint.liability or "ours"
        if complaint.severity == "severe" and not complaint.letter_date:
            complaint.action_send_letter()
        complaint.action_commit(fields.Datetime.add(fields.Datetime.now(), days=3))

    def _step_investigating(self, complaint):
        complaint.action_investigate()

    def _step_proposed(self, complaint):
        complaint.write(
            {
                "investigation": "The belt was mounted askew.",
                "cause_id": self.cause.id,
                "solution": "A new belt, fitted free of charge.",
            }
        )
        complaint.action_propose()

    def _step_agreed(self, complaint):
        complaint.action_agree("note", "Farmer Wang", "On the phone, at noon.")

    def _step_accountable(self, complaint):
        complaint.write(
            {"responsible_id": self.worker.id, "responsible_note": "First time."}
        )
        complaint.action_account()

    def _step_improved(self, complaint):
        self._improve(complaint)
        complaint.action_improve()

    def _step_archived(self, complaint):
        self._check_effect(complaint)
        complaint.action_close("Belts are aligned with a gauge now.")

    def _improve(self, complaint, state="done"):
        """Make an action for the complaint, as its own screens do in the end."""
        action = self.env["aftersales.action"].create(
            {
                "complaint_id": complaint.id,
                "cause_id": complaint.cause_id.id,
                "description": "Align belts with a gauge.",
                "owner_id": self.agent.id,
                "date_due": fields.Date.today(),
            }
        )
        action._by_method().write({"state": state, "date_done": fields.Date.today()})
        return action

    def _check_effect(self, complaint, effective="yes"):
        complaint.sudo().action_ids._by_method().write(
            {"state": "closed", "effective": effective}
        )

    def _no_approvals(self):
        self.company.write(
            {
                "aftersales_quality_lead_id": False,
                "aftersales_performance_officer_id": False,
                "aftersales_general_manager_id": False,
            }
        )

    def _plain_user(self, login, group):
        return self.env["res.users"].create(
            {
                "name": login.title(),
                "login": login,
                "email": f"{login}@fenghe.example",
                "lang": "en_US",
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
                "group_ids": [Command.set(self.env.ref(f"{GROUP}{group}").ids)],
            }
        )
