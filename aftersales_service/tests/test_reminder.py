from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from ..models import aftersales_contract_reminder
from .contract_common import ContractCommon

TODAY = "2026-06-15"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestReminder(ContractCommon):
    """Proves R19: each reminder once, to the right person, whatever the scheduler did."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref("aftersales_service.ir_cron_aftersales_reminder")
        cls.director = cls.salesman.copy({"login": "director", "name": "Director"})

    def setUp(self):
        super().setUp()
        with freeze_time("2025-09-20"):
            self.unit = self._sold_unit("M-1")
        self.assertEqual(self.unit.warranty_end, date(2026, 9, 20))

    def _run(self, day=TODAY):
        """Run the job as the server would, with its commits."""
        with freeze_time(f"{day} 08:00:00"), self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()

    def _ending(self, **values):
        return self._contract(
            self.unit,
            date_start="2025-07-16",
            date_end="2026-07-15",
            **{"user_id": self.salesman.id, **values},
        )

    def _letters(self, contract):
        messages = contract.message_ids.filtered(
            lambda message: self.farmer in message.partner_ids
        )
        return messages

    # ------------------------------------------------------------
    # CONTRACTS
    # ------------------------------------------------------------

    def test_contract_one_month_ahead(self):
        self.farmer.lang = "en_US"
        contract = self._ending()
        self._run("2026-06-14")
        self.assertFalse(self._letters(contract), "31 days before")
        self._run()
        letter = self._letters(contract)
        self.assertEqual(len(letter), 1)
        self.assertIn("ends on 07/15/2026", letter.subject)
        self.assertIn("M-1", letter.body)
        mail = self.env["mail.mail"].search([("mail_message_id", "=", letter.id)])
        self.assertEqual(mail.state, "outgoing", "queued, not sent at once")
        visit = contract.activity_ids
        self.assertEqual(visit.user_id, self.salesman)
        self.assertIn("Renewal visit", visit.summary)
        self.assertEqual(visit.date_deadline, date(2026, 6, 30))
        self.assertEqual(contract.reminded_end, date(2026, 7, 15))
        for day in (TODAY, "2026-06-16", "2026-07-10"):
            self._run(day)
        self.assertEqual(len(self._letters(contract)), 1)
        self.assertEqual(len(contract.activity_ids), 1)

    def test_after_days_without_the_scheduler(self):
        contract = self._ending()
        self._run("2026-07-13")
        self.assertEqual(len(self._letters(contract)), 1)
        self.assertEqual(contract.activity_ids.date_deadline, date(2026, 7, 14))

    def test_moved_end_is_reminded_anew(self):
        contract = self._ending()
        self._run()
        contract.date_end = "2026-12-31"
        self._run("2026-07-15")
        self.assertEqual(len(self._letters(contract)), 1)
        self._run("2026-12-05")
        self.assertEqual(len(self._letters(contract)), 2)
        self.assertEqual(contract.reminded_end, date(2026, 12, 31))

    def test_letter_in_the_customers_language(self):
        self.farmer.lang = "zh_CN"
        template = self.env.ref(
            "aftersales_service.mail_template_aftersales_contract_expiry"
        )
        template.with_context(lang="zh_CN").subject = "合同 {{ object.name }} 到期"
        contract = self._ending()
        self._run()
        self.assertEqual(self._letters(contract).subject, f"合同 {contract.name} 到期")

    def test_customer_without_mail_is_called(self):
        self.farmer.email = False
        contract = self._ending(user_id=False)
        self._run()
        self.assertFalse(self._letters(contract))
        self.assertIn("call him", contract.activity_ids.note)
        self.assertEqual(contract.activity_ids.user_id, self.supervisor)

    def test_renewed_contract_is_not_reminded(self):
        contract = self._ending(product_id=self.care.id)
        contract.action_renew()
        contract.renewed_by_id.sale_order_id.action_confirm()
        self._run()
        self.assertFalse(self._letters(contract))
        self.assertFalse(contract.activity_ids)

    def test_only_contracts_in_force(self):
        draft = self._contract(
            self.unit, confirm=False, date_start="2025-07-16", date_end="2026-07-15"
        )
        cancelled = self._ending()
        cancelled.action_cancel("Sold")
        self._run()
        self.assertFalse(self._letters(draft | cancelled))

    def test_expired_contract_says_so(self):
        contract = self._ending()
        self._run("2026-07-15")
        self.assertEqual(contract.state, "active", "its last day")
        self._run("2026-07-16")
        self.assertEqual(contract.state, "expired")
        with freeze_time("2026-07-20"):
            contract.date_end = "2026-07-31"
        self.assertEqual(contract.state, "active", "prolonged by a supervisor")

    # ------------------------------------------------------------
    # FREE MAINTENANCE
    # ------------------------------------------------------------

    def test_free_maintenance_three_months_ahead(self):
        sales_team = self.env["crm.team"].create(
            {"name": "Sales", "user_id": self.director.id}
        )
        self.unit.sale_order_id.team_id = sales_team
        self._run("2026-06-21")
        self.assertFalse(self._todo(self.unit), "91 days before")
        self._run("2026-06-22")
        todo = self._todo(self.unit)
        self.assertEqual(todo.user_id, self.salesman)
        letter = self.team.message_ids[:1]
        self.assertEqual(
            letter.partner_ids, (self.supervisor | self.director).partner_id
        )
        self.assertIn("M-1", letter.body)
        self._run("2026-06-22")
        self._run("2026-08-01")
        self.assertEqual(len(self._todo(self.unit)), 1)
        self.assertEqual(self.team.message_ids[:1], letter)

    def _todo(self, unit):
        return unit.activity_ids.filtered(
            lambda activity: "Free maintenance" in (activity.summary or "")
        )

    def test_sold_extension_moves_the_reminder(self):
        self._run("2026-06-22")
        self.env["aftersales.coverage"].create(
            {
                "equipment_id": self.unit.id,
                "component_id": self.machine.id,
                "date_start": "2026-09-21",
                "date_end": "2027-09-20",
                "reason": "Goodwill",
            }
        )
        self._run("2026-09-01")
        self.assertEqual(len(self._todo(self.unit)), 1)
        self._run("2027-07-01")
        self.assertEqual(len(self._todo(self.unit)), 2)

    def test_without_salesperson_the_supervisor(self):
        self.unit.sale_order_id.user_id = False
        other = self.unit.create(
            {
                "product_id": self.harvester.id,
                "partner_id": self.farmer.id,
                "serial": "M-2",
                "delivery_date": "2025-09-01",
            }
        )
        gone = self._sold_unit_of("M-3", self.director)
        self.director.active = False
        self._run("2026-06-22")
        for unit in (self.unit, other, gone):
            self.assertEqual(self._todo(unit).user_id, self.supervisor)

    def _sold_unit_of(self, serial, user):
        with freeze_time("2025-09-10"):
            return self._sold_unit(serial, user=user)

    def test_units_out_of_use_and_without_promise(self):
        self.unit.action_scrap()
        clearance = self._sold_unit_of("M-4", self.salesman)
        clearance.clearance = True
        self._run("2026-06-22")
        self.assertFalse(self._todo(self.unit | clearance))
        self.assertTrue(clearance.warranty_reminded_end, "looked at once")

    def test_company_says_how_many_days(self):
        self.company.aftersales_warranty_notice_days = 0
        self.company.aftersales_contract_notice_days = 60
        contract = self._ending()
        self._run("2026-06-01")
        self.assertTrue(self._letters(contract))
        self.assertFalse(self._todo(self.unit))

    def test_manager_sets_the_days(self):
        setup = self.env["aftersales.setup"].with_user(self.manager)
        setup = setup.browse(self.company.id)
        self.assertEqual(
            (setup.warranty_notice_days, setup.contract_notice_days), (90, 30)
        )
        setup.contract_notice_days = 45
        self.assertEqual(self.company.aftersales_contract_notice_days, 45)

    # ------------------------------------------------------------
    # JOB
    # ------------------------------------------------------------

    def _many(self, count):
        units = self.unit.create(
            [
                {
                    "product_id": self.harvester.id,
                    "partner_id": self.farmer.id,
                    "serial": f"J-{number}",
                }
                for number in range(count)
            ]
        )
        contracts = self.env["aftersales.contract"]
        for unit in units:
            contracts |= self._contract(
                unit, date_start="2025-07-16", date_end="2026-07-15"
            )
        return contracts

    def test_one_that_fails_does_not_stop_the_others(self):
        contracts = self._many(5)
        Contract = self.registry["aftersales.contract"]
        plan = Contract._plan_renewal

        def failing(self, user):
            if contracts[2] in self:
                raise ValueError("broken")
            return plan(self, user)

        with (
            patch.object(Contract, "_plan_renewal", failing),
            self.assertLogs("odoo.addons.aftersales_service", "WARNING") as logs,
        ):
            self._run()
        self.assertEqual(len(logs.output), 1)
        done = contracts.filtered("reminded_end")
        self.assertEqual(contracts - done, contracts[2])
        self.assertEqual(len(self._letters(done)), 4)
        self._run()
        self.assertTrue(contracts[2].reminded_end, "tried again the next day")
        self.assertEqual(len(self._letters(contracts)), 5)

    def test_batches(self):
        contracts = self._many(5)
        with patch.object(aftersales_contract_reminder, "BATCH_SIZE", 2):
            self._run()
        self.assertEqual(len(self._letters(contracts)), 5)
        self.assertEqual(
            contracts.mapped("reminded_end"), [fields.Date.to_date("2026-07-15")] * 5
        )

    def test_nothing_due_costs_little(self):
        self._many(20)
        self._run()
        companies = self.env["res.company"].search_count([])
        self.env.invalidate_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            Contract = self.env(cr=cr)["aftersales.contract"]
            before = cr.sql_log_count
            Contract._cron_follow_dates()
            # The floors above add a job of their own for each company.
            self.assertLessEqual(cr.sql_log_count - before, 14 + 22 * companies)
