from odoo import Command

from odoo.addons.aftersales_parts.tests.common import PartsCommon


class QualityCommon(PartsCommon):
    """The harvester maker of the floors below, with people who lead quality."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.quality_lead = cls._create_user(
            "quality_lead", "aftersales_quality_group_lead"
        )
        cls.officer = cls._create_user(
            "officer", "aftersales_quality_group_performance"
        )
        cls.company.write(
            {
                "aftersales_quality_lead_id": cls.quality_lead.id,
                "aftersales_performance_officer_id": cls.officer.id,
                "aftersales_complaint_records": True,
            }
        )

    @classmethod
    def _create_user(cls, login, group):
        """Create a user of the company with one group of this floor."""
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
                    "group_ids": [
                        Command.set(cls.env.ref(f"aftersales_quality.{group}").ids)
                    ],
                }
            )
        )

    def _complain(self, **values):
        """Record a complaint of the farmer."""
        return self.env["aftersales.complaint"].create(
            {
                "partner_id": self.farmer.id,
                "description": "The belt broke again.",
                **values,
            }
        )
