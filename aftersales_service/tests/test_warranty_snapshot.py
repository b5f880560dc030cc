from datetime import date

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .warranty_common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestWarrantySnapshot(WarrantyCommon):
    """Proves R14: what was promised when the unit was sold, and what moves it."""

    def _end(self, unit, component):
        cover = unit.coverage_ids.filtered(lambda c: c.component_id == component)
        return cover.date_end

    # ------------------------------------------------------------
    # COPY
    # ------------------------------------------------------------

    def test_terms_are_copied_at_delivery(self):
        unit = self._sold_unit()
        day = unit.delivery_date
        self.assertEqual(unit.warranty_policy_id, self.policy)
        self.assertEqual(
            {
                cover.component_id: (cover.date_start, cover.date_end)
                for cover in unit.coverage_ids
            },
            {
                self.machine: (day, day + relativedelta(months=12)),
                self.main: (day, day + relativedelta(months=24)),
                self.electrical: (day, day + relativedelta(months=3)),
                self.wear: (day, day),
            },
        )
        self.assertEqual(unit.warranty_end, day + relativedelta(months=12))
        wear = unit.coverage_ids.filtered(lambda c: c.component_id == self.wear)
        self.assertFalse(wear.covers_anything)

    def test_shipped_policy_has_the_terms_of_the_rule_book(self):
        policy = self.env.ref("aftersales_service.aftersales_warranty_policy_machine")
        terms = {
            term.component_id.code: (term.duration, term.duration_unit)
            for term in policy.term_ids
        }
        self.assertEqual(
            terms,
            {
                "machine": (12, "month"),
                "main": (24, "month"),
                "electrical": (3, "month"),
                "wear": (0, "month"),
                "repaired": (30, "day"),
            },
        )
        main = self.env.ref("aftersales_service.aftersales_component_main")
        self.assertEqual(len(main.child_ids), 6)

    def test_changing_the_policy_changes_no_sold_unit(self):
        unit = self._sold_unit()
        before = unit.coverage_ids.mapped("date_end")
        self.policy.term_ids.duration = 1
        self.policy.start_on = "installation"
        unit.installation_date = unit.delivery_date + relativedelta(days=20)
        self.assertEqual(unit.coverage_ids.mapped("date_end"), before)

    def test_policy_of_the_category_and_its_parents(self):
        self.harvester.aftersales_policy_id = False
        parent = self.env["product.category"].create(
            {"name": "Machines", "aftersales_policy_id": self.policy.id}
        )
        self.harvester.categ_id = self.env["product.category"].create(
            {"name": "Harvesters", "parent_id": parent.id}
        )
        self.assertEqual(self._sold_unit().warranty_policy_id, self.policy)

    def test_policy_is_valid_on_the_day_of_the_sale(self):
        self.policy.date_to = date(2020, 1, 1)
        self.harvester.categ_id = self.env["product.category"].create(
            {"name": "Machines", "aftersales_policy_id": self._policy("Today").id}
        )
        self.assertEqual(self._sold_unit().warranty_policy_id.name, "Today")

    def test_policy_per_company_on_a_shared_product(self):
        other = self.env["res.company"].create({"name": "Other"})
        product = self.harvester.with_company(other)
        self.assertFalse(product.aftersales_policy_id)
        self.policy.company_id = self.company
        with self.assertRaises(UserError):
            product.product_tmpl_id.aftersales_policy_id = self.policy

    def test_unit_registered_by_hand(self):
        unit = self.env["aftersales.equipment"].create(
            {
                "product_id": self.harvester.id,
                "partner_id": self.farmer.id,
                "delivery_date": date(2026, 1, 10),
            }
        )
        self.assertEqual(self._end(unit, self.machine), date(2027, 1, 10))

    def test_policy_given_when_registered(self):
        unit = self.env["aftersales.equipment"].create(
            {
                "product_id": self.header.id,
                "partner_id": self.farmer.id,
                "delivery_date": date(2026, 1, 10),
                "warranty_policy_id": self.policy.id,
            }
        )
        self.assertEqual(self._end(unit, self.machine), date(2027, 1, 10))
        for vals in (
            {"warranty_policy_id": self._policy("Other").id},
            {"warranty_end": "2040-01-01"},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                unit.with_user(self.manager).write(vals)

    # ------------------------------------------------------------
    # FIRST DAY
    # ------------------------------------------------------------

    def test_starts_with_the_installation_once_known(self):
        self.policy.start_on = "installation"
        unit = self._sold_unit()
        self.assertEqual(
            self._end(unit, self.electrical),
            unit.delivery_date + relativedelta(months=3),
        )
        installed = unit.delivery_date + relativedelta(days=20)
        unit.installation_date = installed
        self.assertEqual(
            self._end(unit, self.electrical), installed + relativedelta(months=3)
        )

    def test_invoice_and_delivery_differ_the_later_counts(self):
        """Order 43 art. 18: the invoice date, but the delivery if they differ."""
        self.policy.start_on = "invoice"
        with freeze_time("2026-03-10 08:00:00"):
            order = self._sell((self.harvester, 1))
            self.harvester.invoice_policy = "order"
            invoice = self._invoice(order, post=False)
            invoice.invoice_date = date(2026, 3, 1)
            invoice.action_post()
            self._deliver(order, lots=self._lots("S-10"))
            unit = self._units(order)
            self.assertEqual(unit.invoice_date, date(2026, 3, 1))
            self.assertEqual(self._end(unit, self.machine), date(2027, 3, 10))

    def test_late_invoice_moves_the_terms(self):
        self.policy.start_on = "invoice"
        with freeze_time("2026-03-10 08:00:00"):
            order = self._sell((self.harvester, 1))
            self._deliver(order, lots=self._lots("S-11"))
            unit = self._units(order)
            self.assertEqual(self._end(unit, self.machine), date(2027, 3, 10))
            invoice = self._invoice(order, post=False)
            invoice.invoice_date = date(2026, 3, 25)
            invoice.action_post()
            self.assertEqual(self._end(unit, self.machine), date(2027, 3, 25))
            answer = unit._decide_coverage("labour", date="2026-03-15")
            self.assertTrue(answer["covered"], "delivered, not yet invoiced")
            invoice.button_draft()
            self.assertEqual(self._end(unit, self.machine), date(2027, 3, 10))

    def test_registration_of_the_resale_starts_the_terms(self):
        self.policy.start_on = "registration"
        unit = self._sold_unit()
        sold_on = unit.delivery_date + relativedelta(days=40)
        with freeze_time(f"{sold_on} 08:00:00"):
            unit.action_register_resale(self.farmer.id, date=sold_on)
        self.assertEqual(
            self._end(unit, self.machine), sold_on + relativedelta(months=12)
        )

    # ------------------------------------------------------------
    # CHANGES
    # ------------------------------------------------------------

    def test_supervisor_applies_a_policy_again(self):
        unit = self._sold_unit()
        longer = self._policy("Longer", [(self.machine, 36, "month")])
        with self.assertRaises(UserError):
            unit.with_user(self.agent).action_reapply_policy("Asked", longer.id)
        with self.assertRaises(UserError):
            unit.with_user(self.supervisor).action_reapply_policy(" ", longer.id)
        unit.with_user(self.supervisor).action_reapply_policy("Promised", longer.id)
        self.assertEqual(unit.warranty_policy_id, longer)
        self.assertEqual(
            self._end(unit, self.machine), unit.delivery_date + relativedelta(months=36)
        )
        self.assertFalse(self._end(unit, self.main))
        self.assertIn("Promised", unit.message_ids[0].body)

    def test_policy_of_another_company_is_refused(self):
        unit = self._sold_unit()
        foreign = self._policy("Foreign")
        foreign.company_id = self.env["res.company"].create({"name": "Other"})
        with self.assertRaisesRegex(UserError, "Other"):
            unit.action_reapply_policy("Mistake", foreign.id)

    def test_replacement_starts_anew(self):
        with freeze_time("2026-01-05 08:00:00"):
            old = self._sold_unit("S-20")
        with freeze_time("2026-09-05 08:00:00"):
            new = self._sold_unit("S-21")
            old.with_user(self.supervisor).action_replace(new.id, "Exchanged")
        self.assertEqual(old.state, "replaced")
        self.assertEqual(set(new.coverage_ids.mapped("source")), {"replacement"})
        self.assertEqual(self._end(new, self.machine), date(2027, 9, 5))

    def test_replacement_takes_over_the_rest(self):
        self.policy.restarts_on_replacement = False
        with freeze_time("2026-01-05 08:00:00"):
            old = self._sold_unit("S-22")
        with freeze_time("2026-09-05 08:00:00"):
            new = self._sold_unit("S-23")
            old.with_user(self.supervisor).action_replace(new.id)
        self.assertEqual(self._end(new, self.machine), date(2027, 1, 5))
        self.assertEqual(self._end(new, self.electrical), date(2026, 4, 5))

    def test_new_owner_keeps_the_warranty(self):
        """Order 43 art. 30: the rights follow the unit."""
        unit = self._sold_unit()
        before = unit.coverage_ids.mapped("date_end")
        buyer = self.env["res.partner"].create({"name": "Neighbour"})
        unit.with_user(self.agent).action_transfer(buyer.id)
        self.assertEqual(unit.partner_id, buyer)
        self.assertEqual(unit.coverage_ids.mapped("date_end"), before)

    # ------------------------------------------------------------
    # STATE
    # ------------------------------------------------------------

    def test_state_now_where_the_unit_stands(self):
        """The last day ends at the unit's midnight, not at ours."""
        with freeze_time("2026-01-05 08:00:00"):
            units = {
                zone: self._sold_unit(
                    f"S-{zone}",
                    partner=self.env["res.partner"].create({"name": zone, "tz": zone}),
                )
                for zone in ("Asia/Shanghai", "America/New_York")
            }
        Equipment = self.env["aftersales.equipment"]
        ids = [unit.id for unit in units.values()]
        # 02:00 of the next day in Shanghai, still the last day in New York.
        with freeze_time("2027-01-05 18:00:00"):
            for unit in units.values():
                unit.invalidate_recordset(["warranty_state"])
            self.assertEqual(units["Asia/Shanghai"].warranty_state, "expired")
            self.assertEqual(units["America/New_York"].warranty_state, "expiring")
            expired = Equipment.search(
                [("id", "in", ids), ("warranty_state", "=", "expired")]
            )
            self.assertEqual(expired, units["Asia/Shanghai"])
            self.assertEqual(
                Equipment.search(
                    [("id", "in", ids), ("warranty_state", "!=", "expired")]
                ),
                units["America/New_York"],
            )
            groups = Equipment._read_group(
                [("id", "in", ids)], ["warranty_state"], ["__count"]
            )
            self.assertEqual(dict(groups), {"expired": 1, "expiring": 1})

    def test_no_warranty_of_ours(self):
        """Clearance goods, goods of another maker, units no longer in use (R15, R84)."""
        clearance = self._sold_unit("S-30")
        clearance.clearance = True
        gone = self._sold_unit("S-31")
        gone.with_user(self.supervisor).action_scrap("Burnt")
        self.harvester.aftersales_maker_id = self.env["res.partner"].create(
            {"name": "Motor Works"}
        )
        foreign = self._sold_unit("S-32")
        units = clearance | gone | foreign
        self.assertEqual(units.mapped("warranty_state"), ["none"] * 3)
        self.assertFalse(foreign.coverage_ids)
        found = units.search([("id", "in", units.ids), ("warranty_state", "=", "none")])
        self.assertEqual(found, units)

    def test_no_policy_no_warranty(self):
        self.harvester.aftersales_policy_id = False
        unit = self._sold_unit()
        self.assertEqual(unit.warranty_state, "none")
        self.assertFalse(unit.coverage_ids)

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    def test_two_terms_for_one_component(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._policy(
                "Twice", [(self.machine, 12, "month"), (self.machine, 24, "month")]
            )

    def test_absurd_duration(self):
        for duration, unit in ((-1, "month"), (101, "year"), (1201, "month")):
            with (
                self.subTest(duration=duration),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self._policy("Absurd", [(self.machine, duration, unit)])

    def test_policy_dates_in_the_wrong_order(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._policy("Back", date_from="2026-02-01", date_to="2026-01-01")

    def test_policy_without_terms(self):
        with self.assertRaises(ValidationError):
            self.env["aftersales.warranty.policy"].create({"name": "Empty"})

    def test_component_within_itself(self):
        with self.assertRaises(UserError):
            self.machine.parent_id = self.battery

    def test_cover_by_hand(self):
        """A supervisor extends with a reason; nobody else, and nothing else."""
        unit = self._sold_unit()
        end = unit.warranty_end
        vals = {
            "equipment_id": unit.id,
            "component_id": self.machine.id,
            "date_start": end + relativedelta(days=1),
            "date_end": end + relativedelta(days=60),
        }
        Coverage = self.env["aftersales.coverage"].with_user(self.supervisor)
        with self.assertRaisesRegex(UserError, "reason"):
            Coverage.create(vals)
        with self.assertRaises(UserError):
            Coverage.create({**vals, "source": "policy", "reason": "No"})
        with self.assertRaises(UserError):
            Coverage.with_user(self.agent).create({**vals, "reason": "Loyal"})
        cover = Coverage.create({**vals, "reason": "Loyal customer"})
        self.assertEqual(unit.warranty_end, end + relativedelta(days=60))
        with self.assertRaisesRegex(ValidationError, "already extended"):
            Coverage.create({**vals, "reason": "Again"})
        with self.assertRaisesRegex(UserError, "Say why"):
            cover.date_end = end + relativedelta(days=90)
        with self.assertRaises(UserError):
            cover.unlink()
        with self.assertRaises(UserError):
            cover.write({"source": "policy", "reason": "No"})
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            cover.write({"date_end": unit.delivery_date, "reason": "Shorter"})
