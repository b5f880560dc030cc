from collections import Counter
from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestVisitPlan(AftersalesCommon):
    """Proves: every customer is visited as often as his class says (R35)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        freezer = freeze_time("2026-03-10 02:00:00")
        freezer.start()
        cls.addClassCleanup(freezer.stop)
        cls.key = cls.env.ref("aftersales_service.aftersales_customer_class_key")
        cls.long = cls.env.ref("aftersales_service.aftersales_customer_class_long_term")
        cls.shandong = cls.env.ref("base.state_cn_SD")
        cls.plan = cls.env["aftersales.visit.plan"].create({})

    def _customers(self, count, customer_class=None, **values):
        return self.env["res.partner"].create(
            [
                {
                    "name": f"Customer {index}",
                    "lang": "en_US",
                    "aftersales_class_id": (customer_class or self.key).id,
                    **values,
                }
                for index in range(count)
            ]
        )

    def _visited(self, customer, day):
        """Note a visit done on a day."""
        callback = self.env["aftersales.callback"].create(
            {"kind": "visit", "partner_id": customer.id}
        )
        with freeze_time(f"{day} 04:00:00"):
            callback.action_done("solved")
            self.env.flush_all()

    def test_next_quarter_is_proposed(self):
        self.assertEqual(self.plan.name, "2026 Q2")
        self.assertEqual(self.plan.date_start, date(2026, 4, 1))
        self.assertEqual(self.plan.date_end, date(2026, 6, 30))

    def test_even_over_the_months_and_not_twice(self):
        customers = self._customers(8)
        self.plan.with_user(self.supervisor).action_generate()
        visits = self.plan.visit_ids
        self.assertEqual(visits.partner_id, customers)
        self.assertEqual(set(visits.mapped("state")), {"draft"})
        months = Counter(visits.mapped("date_planned"))
        self.assertEqual(
            months, {date(2026, 4, 1): 3, date(2026, 5, 1): 3, date(2026, 6, 1): 2}
        )
        self.assertIn(date(2026, 4, 30), visits.mapped("date_deadline"))
        self.plan.action_generate()
        self.assertEqual(self.plan.visit_ids, visits)
        late = self._customers(2)
        customers[0].aftersales_class_id = False
        visits[1].with_user(self.agent).action_cancel("Moved away")
        self.plan.action_generate()
        self.assertEqual(self.plan.visit_count, 8)
        self.assertLessEqual(late, self.plan.visit_ids.partner_id)
        months = Counter(
            self.plan.visit_ids.filtered(lambda v: v.state == "draft").mapped(
                "date_planned"
            )
        )
        self.assertLessEqual(max(months.values()) - min(months.values()), 1)

    def test_due_by_class_and_last_visit_or_service(self):
        key, long_term, served, fresh = (
            self._customers(1),
            self._customers(1, self.long),
            self._customers(1),
            self._customers(1, self.long),
        )
        self._visited(key, "2025-12-15")  # + 6 months: June
        self._visited(long_term, "2025-12-15")  # + 12 months: next year
        contact = self.env["res.partner"].create(
            {"name": "Foreman", "parent_id": served.id, "lang": "en_US"}
        )
        ticket = self._ticket(partner_id=contact.id)
        ticket.action_solve()  # today + 6 months: September
        self.plan.action_generate()
        self.assertEqual(self.plan.visit_ids.partner_id, key | fresh)
        # Who was never visited comes first.
        by_partner = {v.partner_id: v.date_planned for v in self.plan.visit_ids}
        self.assertLess(by_partner[fresh], by_partner[key])

    def test_regions_classes_and_opt_out(self):
        self._customers(1)
        here = self._customers(2, state_id=self.shandong.id, city="Lingcheng")
        there = self._customers(1, state_id=self.shandong.id, city="Gaotang")
        self._customers(1, self.long, state_id=self.shandong.id, city="Gaotang")
        quiet = self._customers(
            1, state_id=self.shandong.id, city="Gaotang", phone="+86 138 0013 8009"
        )
        self.env["phone.blacklist"].add(quiet.phone)
        self.plan.write(
            {
                "state_ids": [Command.set(self.shandong.ids)],
                "class_ids": [Command.set(self.key.ids)],
            }
        )
        self.plan.action_generate()
        self.assertEqual(self.plan.visit_ids.partner_id, here | there)
        self.plan.cities = "Gaotang，Yucheng"
        self.plan.action_generate()
        self.assertEqual(self.plan.visit_ids.partner_id, there)

    def test_approval(self):
        self._customers(1)
        with self.assertRaises(UserError):
            self.plan.with_user(self.supervisor).action_approve()
        with self.assertRaises(AccessError):
            self.plan.with_user(self.agent).action_generate()
        self.plan.with_user(self.supervisor).action_generate()
        visit = self.plan.visit_ids
        self.assertEqual(visit.due_state, "none")
        self.plan.with_user(self.supervisor).action_approve()
        self.assertEqual(visit.state, "planned")
        self.assertEqual(self.plan.approved_by_id, self.supervisor)
        with self.assertRaises(UserError):
            self.plan.action_generate()
        with self.assertRaises(UserError):
            self.plan.state = "draft"
        # Open in one plan, a customer is not planned in the next.
        following = self.plan.create({"year": 2026, "quarter": "3"})
        following.action_generate()
        self.assertFalse(following.visit_ids)

    def test_months_that_are_over(self):
        self._customers(4)
        plan = self.plan.create({"year": 2026, "quarter": "1"})
        plan.action_generate()
        self.assertEqual(set(plan.visit_ids.mapped("date_planned")), {date(2026, 3, 1)})
        with self.assertRaises(UserError):
            self.plan.create({"year": 2025, "quarter": "4"}).action_generate()
