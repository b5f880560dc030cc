from odoo import Command, fields

from odoo.addons.aftersales_service.tests.clock_common import local

from .complaint_common import GROUP, ComplaintCommon

TODAY = local("2027-03-10 10:00")
MONEY = "aftersales_quality.aftersales_sanction_kind_"


class SanctionCommon(ComplaintCommon):
    """Two teams with a leader and a technician each, and those who decide."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.colleague = cls._plain("colleague", "technician")
        cls.other_leader = cls._plain("other_leader", "supervisor")
        cls.director = cls._plain("director", "technician")
        cls.member = cls._plain("member", "technician")
        cls.team.write(
            {
                "supervisor_id": cls.supervisor.id,
                "member_ids": [Command.link(cls.technician.id)],
            }
        )
        cls.other_team = cls.env["aftersales.team"].create(
            {
                "name": "South",
                "company_id": cls.company.id,
                "supervisor_id": cls.other_leader.id,
                "member_ids": [Command.link(cls.colleague.id)],
            }
        )
        cls.person, cls.other_person = cls.env["hr.employee"].create(
            [
                {
                    "name": user.name,
                    "company_id": cls.company.id,
                    "user_id": user.id,
                    "aftersales_technician": True,
                }
                for user in (cls.technician, cls.colleague)
            ]
        )
        cls.company.write(
            {
                "aftersales_reward_reviewer_id": cls.director.id,
                "aftersales_reward_committee_ids": [
                    Command.set((cls.member | cls.general_manager).ids)
                ],
            }
        )
        cls.rules = cls.env["aftersales.sanction.rule"].search([])
        cls.rules.date_from = "2027-01-01"

    @classmethod
    def _plain(cls, login, group):
        return (
            cls.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": login.replace("_", " ").title(),
                    "login": login,
                    "email": f"{login}@fenghe.example",
                    "lang": "en_US",
                    "company_id": cls.company.id,
                    "company_ids": [Command.set(cls.company.ids)],
                    "group_ids": [Command.set(cls.env.ref(f"{GROUP}{group}").ids)],
                }
            )
        )

    @classmethod
    def _kind(cls, name):
        return cls.env.ref(f"{MONEY}{name}")

    @classmethod
    def _sanction(cls, employee=None, user=None, **values):
        """Propose a fine of 20, as the leader of the team."""
        employee = employee or cls.person
        leader = cls.supervisor if employee == cls.person else cls.other_leader
        return (
            cls.env["aftersales.sanction"]
            .with_user(user or leader)
            .create(
                {
                    "employee_id": employee.id,
                    "company_id": cls.company.id,
                    "base_amount": 20,
                    "description": "Tools were left in the rain.",
                    **values,
                }
            )
        )

    @classmethod
    def _approved(cls, employee=None, **values):
        """Return a sanction that the employee was heard on, approved."""
        sanction = cls._sanction(employee, **values)
        own = sanction.with_user(sanction.sudo().user_id)
        own.action_speak("It was I.")
        sanction.with_user(cls.officer).action_approve()
        return sanction

    @classmethod
    def _reward(cls, **values):
        return cls._sanction(kind_id=cls._kind("bonus").id, base_amount=200, **values)

    def _day(self, text):
        return fields.Date.to_date(text)
