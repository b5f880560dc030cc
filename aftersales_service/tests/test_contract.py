from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import format_date, mute_logger

from .contract_common import ContractCommon

TODAY = "2026-06-15"
# The warranty of a machine sold then is over, so that contracts are asked.
SOLD = "2024-01-10"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestContract(ContractCommon):
    """Proves R19, section C: contracts as cover, counted as they are used."""

    def setUp(self):
        super().setUp()
        with freeze_time(SOLD):
            self.unit = self._sold_unit("C-1")

    # ------------------------------------------------------------
    # CONFIRM
    # ------------------------------------------------------------

    def test_confirmed_contract_covers_its_units(self):
        ticket = self._ticket(equipment_id=self.unit.id)
        part = self._line(ticket, self.panel)
        self.assertEqual(part.coverage, "customer")
        contract = self._contract(self.unit, confirm=False)
        self.assertFalse(self._covers(self.unit, "contract"))
        contract.with_user(self.supervisor).action_confirm()
        cover = self._covers(self.unit, "contract")
        self.assertEqual(contract.state, "active")
        self.assertEqual(cover.component_id, self.machine)
        self.assertEqual(
            (cover.date_start, cover.date_end), (date(2026, 3, 1), date(2027, 2, 28))
        )
        self.assertTrue(cover.covers_parts)
        self.assertEqual(cover.contract_id, contract)
        # Work that was planned before is decided anew.
        self.assertEqual((part.coverage, part.contract_id), ("contract", contract))
        self.assertIn(contract.name, part.coverage_reason)

    def test_covers_the_root_of_the_units_own_terms(self):
        building = self._component("building")
        unit = self.unit.create(
            {"product_id": self.header.id, "partner_id": self.farmer.id}
        )
        unit.delivery_date = SOLD
        unit._copy_terms(self._policy("Halls", terms=[(building, 24, "month")]))
        self._contract(unit)
        self.assertEqual(self._covers(unit, "contract").component_id, building)

    def test_agent_drafts_and_supervisor_confirms(self):
        contract = self.env["aftersales.contract"].with_user(self.agent)
        contract = contract.create({"partner_id": self.farmer.id})
        self.assertEqual(contract.name[:3], "SC/")
        with self.assertRaisesRegex(UserError, "supervisor confirms"):
            contract.action_confirm()
        supervised = contract.with_user(self.supervisor)
        with self.assertRaisesRegex(UserError, "Name the units"):
            supervised.action_confirm()
        contract.equipment_ids = self.unit
        contract.write({"covers_labour": False, "covers_travel": False})
        with self.assertRaisesRegex(UserError, "labour, parts or travel"):
            supervised.action_confirm()
        contract.covers_labour = True
        supervised.action_confirm()
        with self.assertRaisesRegex(UserError, "supervisor confirms"):
            supervised.action_confirm()
        for values in ({"date_end": "2030-01-01"}, {"price": 1}):
            with self.assertRaisesRegex(UserError, "changed by a supervisor"):
                contract.write(values)

    def test_technician_reads_only(self):
        contract = self._contract(self.unit).with_user(self.technician)
        self.assertTrue(contract.name)
        for call in (
            contract.action_confirm,
            lambda: contract.write({"note": "x"}),
            lambda: contract.create({"partner_id": self.farmer.id}),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_form_takes_the_terms_of_the_product_over(self):
        form = Form(self.env["aftersales.contract"])
        form.partner_id = self.farmer
        self.assertEqual(form.date_end, date(2027, 6, 14), "a year by default")
        self.assertTrue(form.covers_labour)
        form.product_id = self.care
        form.date_start = "2026-07-01"
        self.assertEqual(form.date_end, date(2027, 6, 30))
        self.assertEqual((form.visits_included, form.hours_included), (2, 10))
        self.assertTrue(form.covers_parts)
        self.assertEqual(form.price, 900)
        form.visits_included = 5
        contract = form.save()
        self.assertEqual(contract.visits_included, 5)

    def test_state_is_no_field_to_write(self):
        contract = self._contract(self.unit, confirm=False)
        for values in (
            {"state": "active"},
            {"visits_used": 3},
            {"reminded_end": TODAY},
            {"taken_back": True},
        ):
            with self.assertRaisesRegex(UserError, "cannot be typed"):
                contract.write(values)
        with self.assertRaisesRegex(UserError, "cannot be typed"):
            contract.create({"partner_id": self.farmer.id, "state": "active"})

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    def test_unit_of_another_holder(self):
        with freeze_time(SOLD):
            other = self._sold_unit("C-2", partner=self.other_farmer)
        with self.assertRaisesRegex(UserError, "is held by Farmer Li"):
            self._contract(self.unit, confirm=False, equipment_ids=other.ids)
        contract = self._contract(self.unit)
        with self.assertRaisesRegex(UserError, "is held by Farmer Li"):
            contract.equipment_ids |= other
        with self.assertRaisesRegex(UserError, "is held by Farmer Wang"):
            contract.partner_id = self.other_farmer

    def test_unit_no_longer_in_use(self):
        contract = self._contract(self.unit, confirm=False)
        self.unit.action_scrap()
        with self.assertRaisesRegex(UserError, "no longer in use"):
            contract.action_confirm()
        with self.assertRaisesRegex(UserError, "no longer in use"):
            self._contract(self.unit, confirm=False)

    def test_unit_of_another_company(self):
        company = self.env["res.company"].create({"name": "Other Works"})
        unit = self.unit.create(
            {
                "product_id": self.harvester.id,
                "partner_id": self.farmer.id,
                "company_id": company.id,
            }
        )
        with self.assertRaisesRegex(UserError, "Other Works|company"):
            self._contract(self.unit, equipment_ids=unit.ids)

    def test_two_contracts_at_the_same_time(self):
        first = self._contract(self.unit)
        second = self._contract(
            self.unit, confirm=False, date_start="2027-02-28", date_end="2027-12-31"
        )
        with self.assertRaisesRegex(
            UserError, f"already covered by contract {first.name}"
        ):
            second.action_confirm()
        second.date_start = "2027-03-01"
        second.action_confirm()
        with self.assertRaisesRegex(UserError, "already covered by contract"):
            first.date_end = "2027-03-01"

    def test_two_drafts_confirmed_together(self):
        drafts = self._contract(self.unit, confirm=False)
        drafts |= self._contract(self.unit, confirm=False)
        with self.assertRaisesRegex(UserError, "already covered by contract"):
            drafts.action_confirm()

    def test_database_knows_no_second_contract_either(self):
        """Two who confirm at once: the second transaction does not see the first."""
        self._contract(self.unit)
        cover = self._covers(self.unit, "contract")
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            cover._by_method().copy(
                {"date_start": "2027-02-28", "date_end": "2028-01-01"}
            )

    def test_dates_and_amounts_are_sane(self):
        for values in (
            {"date_end": "2026-02-28"},
            {"date_end": "2099-01-01"},
            {"visits_included": -1},
            {"hours_included": -0.5},
            {"price": -1},
        ):
            with (
                self.subTest(values=values),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self._contract(self.unit, confirm=False, **values)

    def test_only_drafts_are_deleted(self):
        draft = self._contract(self.unit, confirm=False)
        draft.unlink()
        contract = self._contract(self.unit)
        with self.assertRaisesRegex(UserError, "Only drafts are deleted"):
            contract.with_user(self.manager).unlink()

    # ------------------------------------------------------------
    # CHANGE
    # ------------------------------------------------------------

    def test_change_keeps_the_cover_in_step(self):
        with freeze_time(SOLD):
            other = self._sold_unit("C-2")
        contract = self._contract(self.unit)
        contract = contract.with_user(self.supervisor)
        contract.write({"date_end": "2028-02-28", "covers_parts": False})
        cover = self._covers(self.unit, "contract")
        self.assertEqual(cover.date_end, date(2028, 2, 28))
        self.assertFalse(cover.covers_parts)
        contract.equipment_ids |= other
        self.assertEqual(self._covers(other, "contract").date_end, date(2028, 2, 28))
        contract.equipment_ids = other
        self.assertEqual(cover.date_end, date(2026, 6, 15), "its last day is today")
        self.assertEqual(cover.reason, "The contract was changed.")
        contract.equipment_ids |= self.unit
        self.assertEqual(cover.date_end, date(2028, 2, 28))
        self.assertFalse(cover.reason)

    def test_change_decides_planned_work_anew(self):
        contract = self._contract(self.unit)
        ticket = self._ticket(equipment_id=self.unit.id)
        part = self._line(ticket, self.panel)
        contract.covers_parts = False
        self.assertEqual((part.coverage, part.coverage_code), ("customer", "kind"))

    def test_cancel_ends_the_cover_with_a_reason(self):
        contract = self._contract(self.unit)
        ticket = self._ticket(equipment_id=self.unit.id)
        line = self._line(ticket, self.panel)
        with self.assertRaisesRegex(UserError, "Say why"):
            contract.action_cancel(" ")
        with self.assertRaisesRegex(UserError, "A supervisor cancels"):
            contract.with_user(self.agent).action_cancel("No more")
        wizard = self.env["aftersales.contract.cancel"].with_user(self.supervisor)
        wizard = wizard.with_context(active_ids=contract.ids)
        wizard.create({"reason": "Gave up farming"}).action_apply()
        cover = self._covers(self.unit, "contract")
        self.assertEqual(contract.state, "cancelled")
        self.assertEqual(contract.cancel_reason, "Gave up farming")
        self.assertEqual(cover.date_end, date(2026, 6, 15))
        self.assertEqual(cover.reason, "Gave up farming")
        # Reported while it was in force.
        self.assertEqual(line.coverage, "contract")
        with freeze_time("2026-06-16"):
            late = self._line(self._ticket(equipment_id=self.unit.id), self.panel)
            self.assertEqual(late.coverage_code, "expired")
        with self.assertRaisesRegex(UserError, "stay as they were"):
            contract.date_end = "2029-01-01"

    def test_cancelled_before_it_began(self):
        contract = self._contract(
            self.unit, date_start="2026-09-01", date_end="2027-08-31"
        )
        contract.action_cancel("Ordered twice")
        self.assertFalse(self._covers(self.unit, "contract"))

    def test_unit_out_of_use_falls_out_and_comes_back(self):
        contract = self._contract(self.unit)
        cover = self._covers(self.unit, "contract")
        self.unit.action_scrap("Burnt")
        self.assertEqual(cover.date_end, date(2026, 6, 15))
        contract.date_end = "2027-12-31"
        self.assertEqual(cover.date_end, date(2026, 6, 15), "not by another change")
        self.unit.action_reactivate()
        self.assertEqual(cover.date_end, date(2027, 12, 31))

    def test_unit_back_before_the_contract_begins(self):
        contract = self._contract(
            self.unit, date_start="2026-09-01", date_end="2027-08-31"
        )
        self.unit.action_scrap("Burnt")
        self.assertFalse(self._covers(self.unit, "contract"))
        self.unit.action_reactivate()
        self.assertEqual(self._covers(self.unit, "contract").contract_id, contract)

    def test_new_owner_does_not_inherit_the_contract(self):
        contract = self._contract(self.unit)
        cover = self._covers(self.unit, "contract")
        self.unit.action_transfer(self.other_farmer.id)
        self.assertEqual(cover.date_end, date(2026, 6, 15))
        contract.covers_parts = False
        self.assertEqual(cover.date_end, date(2026, 6, 15))

    # ------------------------------------------------------------
    # USE
    # ------------------------------------------------------------

    def test_visits_are_counted_and_not_exceeded(self):
        contract = self._contract(self.unit, visits_included=2)
        first = self._worked(self.unit)
        self._line(first, self.panel)
        second = self._worked(self.unit, use=False)
        self.assertEqual((contract.visits_used, contract.visits_planned), (1, 1))
        third = self._worked(self.unit)
        self.assertEqual(third.line_ids.coverage_code, "visits")
        self.assertIn("are used up", third.line_ids.coverage_reason)
        # A cancelled ticket gives its visit back.
        second.action_cancel("Not needed")
        self.assertEqual((contract.visits_used, contract.visits_planned), (1, 0))
        third.line_ids._decide()
        self.assertEqual(third.line_ids.coverage, "contract")
        self.assertEqual(contract.visits_used, 2)

    def test_unused_line_frees_its_visit(self):
        contract = self._contract(self.unit, visits_included=1)
        ticket = self._worked(self.unit, use=False)
        self.assertEqual(contract.visits_planned, 1)
        ticket.line_ids.action_skip()
        self.assertEqual((contract.visits_used, contract.visits_planned), (0, 0))
        other = self._worked(self.unit)
        self.assertEqual(other.line_ids.coverage, "contract")

    def test_hours_are_counted_and_not_exceeded(self):
        contract = self._contract(self.unit, hours_included=3)
        self._worked(self.unit, hours=2)
        late = self._worked(self.unit, hours=2)
        self.assertEqual(late.line_ids.coverage_code, "hours")
        self.assertEqual(contract.hours_used, 2)
        late.line_ids.quantity = 1
        self.assertEqual(late.line_ids.coverage, "contract")
        self.assertEqual(contract.hours_used, 3)

    def test_cannot_include_less_than_was_used(self):
        contract = self._contract(self.unit, visits_included=2)
        self._worked(self.unit)
        self._worked(self.unit)
        with self.assertRaisesRegex(ValidationError, "2 visits and 2 hours are used"):
            contract.visits_included = 1
        contract.visits_included = 3
        self.assertEqual(self._worked(self.unit).line_ids.coverage, "contract")

    def test_one_and_fifty_tickets_cost_the_same(self):
        contract = self._contract(self.unit, visits_included=1000)

        def tickets(count):
            tickets = self.env["aftersales.ticket"].create(
                [
                    {"symptom": "S", "equipment_id": self.unit.id}
                    for _number in range(count)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["aftersales.ticket.line"].create(
                [
                    {
                        "ticket_id": ticket.id,
                        "kind": "labour",
                        "product_id": self.labour.id,
                        "state": "used",
                    }
                    for ticket in tickets
                ]
            )
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        tickets(1)
        one = tickets(1)
        fifty = tickets(50)
        self.assertEqual(contract.visits_used, 52)
        self.assertEqual(contract.ticket_count, 52)
        self.assertLessEqual(fifty, one + 8)

    def test_hundred_units_are_covered_in_few_queries(self):
        def confirm(count, prefix):
            units = self.unit.create(
                [
                    {
                        "product_id": self.harvester.id,
                        "partner_id": self.farmer.id,
                        "serial": f"{prefix}{number}",
                    }
                    for number in range(count)
                ]
            )
            contract = self._contract(units, confirm=False)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            contract.action_confirm()
            self.env.flush_all()
            self.assertEqual(len(contract.coverage_ids), count)
            return self.env.cr.sql_log_count - before

        confirm(1, "A")
        one, hundred = confirm(1, "B"), confirm(100, "C")
        self.assertLessEqual(hundred, one + 3)

    # ------------------------------------------------------------
    # SALE AND RENEWAL
    # ------------------------------------------------------------

    def test_registered_contract_drafts_its_order(self):
        contract = self._contract(
            self.unit,
            confirm=False,
            product_id=self.care.id,
            price=850,
            date_start="2026-07-01",
            date_end="2027-06-30",
        )
        action = contract.with_user(self.agent).action_sell()
        self.assertEqual(action["tag"], "display_notification", "no right on orders")
        order = contract.sale_order_id
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.order_line.price_unit, 850)
        self.assertEqual(order.order_line.aftersales_equipment_ids, self.unit)
        lang = order.partner_id.lang
        for day in ("2026-07-01", "2027-06-30"):
            text = format_date(self.env, day, lang_code=lang)
            self.assertIn(text, order.order_line.name)
        with self.assertRaisesRegex(UserError, "quotation is drafted"):
            contract.action_sell()
        self.assertEqual(contract.state, "draft")
        order.action_confirm()
        self.assertEqual(contract.state, "active")
        self.assertEqual(contract.date_start, date(2026, 7, 1))
        invoice = self._invoice(order)
        self.assertEqual(invoice.amount_untaxed, 850)
        self.assertEqual(order.aftersales_contract_count, 1)

    def test_renewal_is_a_quotation_for_the_next_period(self):
        contract = self._contract(
            self.unit,
            product_id=self.care.id,
            price=870,
            visits_included=4,
            user_id=self.salesman.id,
        )
        self._worked(self.unit)
        action = contract.with_user(self.salesman).action_renew()
        renewal = contract.renewed_by_id
        self.assertEqual(action["res_model"], "sale.order")
        self.assertEqual(renewal.renews_id, contract)
        self.assertEqual(renewal.state, "draft")
        self.assertEqual(
            (renewal.date_start, renewal.date_end),
            (date(2027, 3, 1), date(2028, 2, 29)),
        )
        self.assertEqual(renewal.equipment_ids, self.unit)
        self.assertEqual((renewal.visits_included, renewal.visits_used), (4, 0))
        line = renewal.sale_line_id
        self.assertEqual((line.product_id, line.price_unit), (self.care, 870))
        self.assertEqual(line.order_id.user_id, self.salesman)
        self.assertEqual(line.order_id.origin, contract.name)
        with self.assertRaisesRegex(UserError, "are renewed by the desk"):
            contract.action_renew()
        line.order_id.with_user(self.salesman).action_confirm()
        self.assertEqual(renewal.state, "active")
        covers = self._covers(self.unit, "contract").sorted("date_start")
        self.assertEqual(covers.mapped("contract_id"), contract | renewal)
        self.assertEqual(covers[1].date_start, date(2027, 3, 1))

    def test_confirmed_late_it_is_as_long_but_not_as_early(self):
        contract = self._contract(
            self.unit, product_id=self.care.id, user_id=self.salesman.id
        )
        contract.action_renew()
        renewal = contract.renewed_by_id
        with freeze_time("2027-04-10 08:00:00"):
            renewal.sale_order_id.action_confirm()
            self.assertEqual(
                (renewal.date_start, renewal.date_end),
                (date(2027, 4, 10), date(2028, 4, 9)),
            )

    def test_refused_renewal_can_be_offered_again(self):
        contract = self._contract(self.unit, product_id=self.care.id)
        contract.action_renew()
        first = contract.renewed_by_id
        first.sale_order_id.action_cancel()
        self.assertEqual(first.state, "cancelled")
        self.assertIn("was cancelled", first.cancel_reason)
        contract.action_renew()
        self.assertNotEqual(contract.renewed_by_id, first)

    def test_another_salesman_neither_reads_nor_renews(self):
        colleague = self.salesman.copy({"login": "colleague", "name": "Colleague"})
        contract = self._contract(
            self.unit, product_id=self.care.id, user_id=self.salesman.id
        )
        self.assertTrue(contract.with_user(self.salesman).can_renew)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            contract.with_user(colleague).action_renew()
        self.assertFalse(contract.with_user(self.technician).can_renew)

    def test_month_ends_stay_month_ends(self):
        Contract = self.env["aftersales.contract"]
        for start, months, end in (
            (date(2026, 1, 1), 12, date(2026, 12, 31)),
            (date(2028, 2, 29), 12, date(2029, 2, 27)),
            (date(2026, 11, 22), 6, date(2027, 5, 21)),
        ):
            self.assertEqual(Contract._get_last_day(start, months), end)

    # ------------------------------------------------------------
    # WAYS
    # ------------------------------------------------------------

    def test_found_by_serial_and_reached_from_everywhere(self):
        contract = self._contract(self.unit)
        ticket = self._worked(self.unit)
        found = contract.name_search("C-1")
        self.assertEqual([row[0] for row in found], contract.ids)
        self.assertEqual(self.unit.contract_count, 1)
        self.assertEqual(self.unit.action_view_contracts()["res_id"], contract.id)
        self.assertEqual(self.farmer.aftersales_contract_count, 1)
        self.assertEqual(contract.ticket_count, 1)
        tickets = self.env["aftersales.ticket"].search(
            contract.action_view_tickets()["domain"]
        )
        self.assertEqual(tickets, ticket)
        self.assertEqual(contract.action_view_equipment()["res_id"], self.unit.id)

    def test_copy_is_a_new_draft(self):
        contract = self._contract(self.unit)
        self._worked(self.unit)
        copy = contract.copy()
        self.assertEqual((copy.state, copy.visits_used), ("draft", 0))
        self.assertNotEqual(copy.name, contract.name)
        self.assertFalse(copy.coverage_ids)

    def test_import_brings_the_numbers_of_the_books(self):
        result = self.env["aftersales.contract"].load(
            ["name", "partner_id/.id", "equipment_ids/.id", "date_start", "date_end"],
            [
                [
                    "SC/2025/00070",
                    str(self.farmer.id),
                    str(self.unit.id),
                    "2026-01-01",
                    "2026-12-31",
                ]
            ],
        )
        self.assertFalse(result["messages"])
        contract = self.env["aftersales.contract"].browse(result["ids"])
        contract.action_confirm()
        self.assertEqual(contract.name, "SC/2025/00070")
        self.assertEqual(contract.state, "active")

    def test_form_of_a_contract_in_force_saves(self):
        contract = self._contract(self.unit).with_user(self.supervisor)
        with Form(contract) as form:
            form.note = "Ask for the key"
            form.date_end = "2027-04-30"
        self.assertEqual(
            self._covers(self.unit, "contract").date_end, date(2027, 4, 30)
        )
        self.assertEqual(contract.equipment_ids, self.unit)
        contract.equipment_ids = [Command.unlink(self.unit.id)]
        self.assertFalse(contract.equipment_ids)
