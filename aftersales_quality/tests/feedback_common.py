from odoo.addons.aftersales_service.tests.clock_common import local
from odoo.addons.aftersales_service.tests.dispatch_common import DispatchCommon

from .complaint_common import ComplaintCommon

TODAY = local("2027-03-10 10:00")


class FeedbackCommon(DispatchCommon, ComplaintCommon):
    """A desk, two technicians, and the heads of the other departments."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sales, cls.constructor, cls.producer = (
            cls._create_head(login) for login in ("sales", "constructor", "producer")
        )
        cls.company.write(
            {
                "aftersales_sales_director_id": cls.sales.id,
                "aftersales_technical_lead_id": cls.constructor.id,
                "aftersales_production_lead_id": cls.producer.id,
            }
        )
        cls.job = cls.env["aftersales.job.type"].create(
            {"name": "Rebuild", "company_id": cls.company.id}
        )

    @classmethod
    def _create_head(cls, login):
        """Create a plain user of another department."""
        user = cls._create_user(login, "aftersales_quality_group_lead")
        user.group_ids = cls.env.ref("base.group_user")
        return user

    def _run(self, name):
        """Run a scheduled action; it commits in a transaction of the test."""
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(f"aftersales_quality.{name}").method_direct_trigger()
        self.env.invalidate_all()

    def _messages(self, record, user):
        """Return what a user was written about a record."""
        return self.env["mail.message"].search(
            [
                ("model", "=", record._name),
                ("res_id", "=", record.id),
                ("partner_ids", "in", user.partner_id.ids),
            ]
        )
