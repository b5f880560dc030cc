from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .contract_common import ContractCommon

TODAY = "2026-06-15"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSoldCover(ContractCommon):
    """Proves R14, R19, sold cover: begins with order and delivery, ends when credited."""

    def _sell_units(self, *serials, product=None, quantity=1, **values):
        """Sell machines and cover beside them; return order and the cover's line."""
        order = self._sell(
            *([(self.harvester, len(serials))] if serials else []),
            (product or self.longer, quantity),
            **values,
        )
        return order, order.order_line[-1]

    def _sell_for(self, units, product=None, confirm=True, **values):
        """Sell cover for named units; return its order line."""
        order = self.env["sale.order"].create(
            {
                "partner_id": units.partner_id.id,
                "user_id": self.salesman.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": (product or self.longer).id,
                            "product_uom_qty": 1,
                            "aftersales_equipment_ids": [Command.set(units.ids)],
                            **values,
                        }
                    )
                ],
            }
        )
        if confirm:
            order.with_user(self.salesman).action_confirm()
        return order.order_line

    def _contract_of(self, line):
        return self.env["aftersales.contract"].search([("sale_line_id", "=", line.id)])

    # ------------------------------------------------------------
    # EXTENSION
    # ------------------------------------------------------------

    def test_extension_beside_the_machine(self):
        lots = self._lots("E-1", "E-2")
        order, line = self._sell_units("E-1", "E-2", quantity=2)
        self.assertFalse(line.aftersales_has_cover, "nothing is delivered")
        with freeze_time("2026-06-20"):
            picking = order.picking_ids.with_user(self.warehouse_user)
            self._take_lots_of(picking, lots)
        units = self._units(order)
        self.assertEqual(len(units), 2)
        for unit in units:
            cover = self._covers(unit, "extension")
            self.assertEqual(cover.source_line_id, line)
            self.assertEqual(cover.component_id, self.machine)
            # Twelve months of the policy first.
            self.assertEqual(
                (cover.date_start, cover.date_end),
                (date(2027, 6, 21), date(2029, 6, 20)),
            )
            self.assertEqual(unit.warranty_end, date(2029, 6, 20))

    def _take_lots_of(self, picking, lots):
        """Deliver as a warehouse clerk without any right of ours."""
        picking.action_assign()
        move = picking.sudo().move_ids
        self._take_lots(move, lots)
        move.picked = True
        picking.with_context(skip_backorder=True).button_validate()

    def test_extension_for_a_unit_sold_before(self):
        unit = self._sold_unit("E-3")
        line = self._sell_for(unit)
        cover = self._covers(unit, "extension")
        self.assertEqual(cover.source_line_id, line)
        self.assertEqual(cover.date_start, date(2027, 6, 16))

    def test_terms_are_a_snapshot(self):
        unit = self._sold_unit("E-4")
        line = self._sell_for(unit)
        self.longer.aftersales_policy_id.term_ids.duration = 60
        line._aftersales_follow_cover()
        cover = self._covers(unit, "extension")
        self.assertEqual(cover.date_end, date(2029, 6, 15))

    def test_sold_after_the_warranty_begins_with_the_sale(self):
        with freeze_time("2023-01-10"):
            unit = self._sold_unit("E-5")
        self._sell_for(unit)
        cover = self._covers(unit, "extension")
        self.assertEqual(cover.date_start, date(2026, 6, 15))
        unit.installation_date = "2023-02-01"
        self.assertEqual(cover.date_start, date(2026, 6, 15))

    def test_two_extensions_follow_each_other(self):
        unit = self._sold_unit("E-6")
        self._sell_for(unit)
        self._sell_for(unit)
        first, second = self._covers(unit, "extension").sorted("id")
        self.assertEqual(first.date_end, date(2029, 6, 15))
        self.assertEqual(second.date_start, date(2029, 6, 16))
        # The term they prolong moves: both follow.
        unit.delivery_date = "2026-06-25"
        self.assertEqual(first.date_start, date(2027, 6, 26))
        self.assertEqual(second.date_start, date(2029, 6, 26))

    def test_only_the_units_of_the_named_line(self):
        self._stock(self.header, 1)
        lots = self._lots("E-7")
        order = self.env["sale.order"].create(
            {
                "partner_id": self.farmer.id,
                "order_line": [
                    Command.create({"product_id": product.id})
                    for product in (self.harvester, self.header, self.longer)
                ],
            }
        )
        machine, _header, line = order.order_line
        line.aftersales_for_line_id = machine
        order.action_confirm()
        self._deliver(order, lots=lots)
        units = self._units(order)
        covered = units.filtered(lambda unit: self._covers(unit, "extension"))
        self.assertEqual(covered.product_id, self.harvester)

    def test_units_named_after_the_order(self):
        unit = self._sold_unit("E-8")
        order, line = self._sell_units()
        self.assertIn("name the units", order.activity_ids.note)
        self.assertEqual(order.activity_ids.user_id, self.salesman)
        line.with_user(self.salesman).aftersales_equipment_ids = unit
        self.assertTrue(self._covers(unit, "extension"))

    def test_line_added_to_a_confirmed_order(self):
        unit = self._sold_unit("E-9")
        order = unit.sale_order_id
        order.order_line = [Command.create({"product_id": self.longer.id})]
        self.assertTrue(self._covers(unit, "extension"))

    def test_unit_of_another_customer_is_refused(self):
        unit = self._sold_unit("E-10", partner=self.other_farmer)
        own = self._sold_unit("E-11")
        line = self._sell_for(own, confirm=False)
        with self.assertRaisesRegex(ValidationError, "not a unit of"):
            line.aftersales_equipment_ids = unit
        own.action_scrap()
        line = self._sell_for(self._sold_unit("E-12"), confirm=False)
        with self.assertRaisesRegex(ValidationError, "no longer in use"):
            line.aftersales_equipment_ids = own
        # Named for one customer, then sold to another: covered is nothing.
        line.order_id.partner_id = self.other_farmer
        line.order_id.action_confirm()
        unit = line.aftersales_equipment_ids
        self.assertFalse(self._covers(unit, "extension"))
        self.assertIn("not those of this customer", line.order_id.activity_ids.note)

    def test_product_without_terms_is_told(self):
        self.longer.aftersales_policy_id = False
        unit = self._sold_unit("E-13")
        line = self._sell_for(unit)
        self.assertFalse(self._covers(unit, "extension"))
        self.assertIn("no warranty policy", line.order_id.activity_ids.note)

    # ------------------------------------------------------------
    # CREDITED, CANCELLED, RETURNED
    # ------------------------------------------------------------

    def test_credit_note_takes_back_and_its_reset_gives_back(self):
        unit = self._sold_unit("R-1")
        line = self._sell_for(unit)
        cover = self._covers(unit, "extension")
        end = unit.warranty_end
        invoice = self._invoice(line.order_id)
        self.assertEqual(unit.warranty_end, end, "an invoice changes nothing")
        refund = self._credit(invoice)
        self.assertFalse(self._covers(unit, "extension"), "it had not begun")
        self.assertEqual(unit.warranty_end, date(2027, 6, 15))
        self.assertEqual(cover.revoked_date, date(2026, 6, 15))
        self.assertIn(refund.name, cover.reason)
        before = cover.read()
        line._aftersales_follow_cover()
        self.assertEqual(cover.read(), before, "once")
        refund.with_user(self.accountant).sudo(False).button_draft()
        self.assertEqual(self._covers(unit, "extension"), cover)
        self.assertFalse(cover.revoked_date or cover.reason)
        self.assertEqual(unit.warranty_end, end)
        refund.action_post()
        self.assertEqual(unit.warranty_end, date(2027, 6, 15))
        refund.button_draft()
        refund.button_cancel()
        self.assertEqual(unit.warranty_end, end)

    def test_running_extension_ends_on_the_day_it_is_credited(self):
        with freeze_time("2024-06-01"):
            unit = self._sold_unit("R-2")
            line = self._sell_for(unit)
            invoice = self._invoice(line.order_id)
        cover = self._covers(unit, "extension")
        self.assertEqual(cover.date_start, date(2025, 6, 2))
        refund = self._credit(invoice)
        self.assertEqual(cover.date_end, date(2026, 6, 15))
        self.assertTrue(cover.active, "what was in force is history")
        # The terms move: what was taken back does not come back.
        unit.delivery_date = "2024-06-10"
        self.assertEqual(cover.date_end, date(2026, 6, 15))
        refund.button_draft()
        self.assertEqual(cover.date_start, date(2025, 6, 11))
        self.assertEqual(cover.date_end, date(2027, 6, 10))

    def test_sold_again_after_the_credit_note(self):
        unit = self._sold_unit("R-3")
        line = self._sell_for(unit)
        self._credit(self._invoice(line.order_id))
        again = self._sell_for(unit)
        cover = self._covers(unit, "extension")
        self.assertEqual(cover.source_line_id, again)
        self.assertEqual(cover.date_start, date(2027, 6, 16))

    def test_credited_and_invoiced_anew(self):
        unit = self._sold_unit("R-4")
        line = self._sell_for(unit)
        self._credit(self._invoice(line.order_id))
        self.assertFalse(self._covers(unit, "extension"))
        self._invoice(line.order_id)
        self.assertTrue(self._covers(unit, "extension"))

    def test_partial_credit_takes_the_last_unit(self):
        lots = self._lots("R-5", "R-6", "R-7")
        order, line = self._sell_units("R-5", "R-6", "R-7", quantity=3)
        self._deliver(order, lots=lots)
        invoice = self._invoice(order)
        self._credit(invoice, {self.longer: 1})
        covered = [bool(self._covers(unit, "extension")) for unit in self._units(order)]
        self.assertEqual(covered, [True, True, False])

    def test_cancelled_order_takes_back_and_confirmed_again_gives_back(self):
        unit = self._sold_unit("R-8")
        order = self._sell_for(unit).order_id
        cover = self._covers(unit, "extension")
        order.with_user(self.salesman)._action_cancel()
        self.assertFalse(self._covers(unit, "extension"))
        self.assertIn(f"Order {order.name} was cancelled", cover.reason)
        order.action_draft()
        self.assertFalse(self._covers(unit, "extension"))
        order.action_confirm()
        self.assertEqual(self._covers(unit, "extension"), cover)

    def test_returned_machine_loses_its_extension(self):
        lots = self._lots("R-9", "R-10")
        order, line = self._sell_units("R-9", "R-10", quantity=2)
        picking = self._deliver(order, lots=lots)
        first, second = self._units(order)
        back = self._return(picking, {self.harvester: 1})
        self._validate(back, lots=lots[:1])
        self.assertEqual(first.state, "returned")
        self.assertFalse(self._covers(first, "extension"))
        self.assertTrue(self._covers(second, "extension"))
        # Its credit note takes nothing more.
        self._credit(self._invoice(order), {self.longer: 1})
        self.assertTrue(self._covers(second, "extension"))
        again = self._return(back)
        self._validate(again, lots=lots[:1])
        self.assertEqual(first.state, "active")

    # ------------------------------------------------------------
    # CONTRACT
    # ------------------------------------------------------------

    def test_contract_begins_with_the_delivery(self):
        lots = self._lots("K-1", "K-2")
        order, line = self._sell_units("K-1", "K-2", product=self.care, quantity=2)
        self.assertFalse(self._contract_of(line))
        with freeze_time("2026-06-20"):
            self._take_lots_of(
                order.picking_ids.with_user(self.warehouse_user), lots[:1]
            )
        contract = self._contract_of(line)
        self.assertEqual(contract.state, "active")
        self.assertEqual(contract.partner_id, self.farmer)
        self.assertEqual(
            (contract.date_start, contract.date_end),
            (date(2026, 6, 20), date(2027, 6, 19)),
        )
        self.assertEqual((contract.visits_included, contract.hours_included), (4, 20))
        self.assertEqual(contract.price, 1800)
        self.assertEqual(contract.user_id, self.salesman)
        self.assertEqual(len(contract.equipment_ids), 1)
        with freeze_time("2026-07-01"):
            self._deliver(order, lots=lots[1:])
        self.assertEqual(contract.equipment_ids, self._units(order))
        for unit in self._units(order):
            cover = self._covers(unit, "contract")
            self.assertEqual(cover.source_line_id, line)
            self.assertEqual(cover.date_end, date(2027, 6, 19))

    def test_contract_for_named_units_begins_with_the_order(self):
        unit = self._sold_unit("K-3")
        line = self._sell_for(unit, self.care)
        contract = self._contract_of(line)
        self.assertEqual(contract.date_start, date(2026, 6, 15))
        self.assertEqual(line.order_id.aftersales_contract_count, 1)
        action = line.order_id.action_view_aftersales_contracts()
        self.assertEqual(action["res_id"], contract.id)

    def test_second_contract_begins_after_the_first(self):
        unit = self._sold_unit("K-4")
        self._sell_for(unit, self.care)
        contract = self._contract_of(self._sell_for(unit, self.care))
        self.assertEqual(contract.date_start, date(2027, 6, 15))

    def test_contract_belongs_to_the_holder_not_to_the_dealer(self):
        lots = self._lots("K-5")
        order, line = self._sell_units(
            "K-5", product=self.care, partner=self.dealer, ship_to=self.farmer
        )
        self._deliver(order, lots=lots)
        self.assertEqual(self._contract_of(line).partner_id, self.farmer)
        self.assertEqual(self._contract_of(line).state, "active")

    def test_credited_contract_ends_and_comes_back(self):
        unit = self._sold_unit("K-6")
        line = self._sell_for(unit, self.care)
        contract = self._contract_of(line)
        refund = self._credit(self._invoice(line.order_id))
        self.assertEqual((contract.state, contract.taken_back), ("cancelled", True))
        self.assertIn(refund.name, contract.cancel_reason)
        cover = self._covers(unit, "contract")
        self.assertEqual(cover.date_end, date(2026, 6, 15))
        refund.button_draft()
        self.assertEqual((contract.state, contract.taken_back), ("active", False))
        self.assertEqual(cover.date_end, contract.date_end)
        self.assertFalse(cover.reason)
        self.assertEqual(len(self._contract_of(line)), 1)

    def test_cancelled_by_a_supervisor_it_stays_cancelled(self):
        unit = self._sold_unit("K-7")
        line = self._sell_for(unit, self.care)
        contract = self._contract_of(line)
        contract.action_cancel("Agreed with the customer")
        self._invoice(line.order_id)
        self.assertEqual(contract.state, "cancelled")
        self.assertEqual(contract.cancel_reason, "Agreed with the customer")

    def test_unit_taken_out_by_a_supervisor_stays_out(self):
        units = self._sold_unit("K-8") | self._sold_unit("K-9")
        line = self._sell_for(units, self.care)
        contract = self._contract_of(line)
        contract.equipment_ids -= units[0]
        self._invoice(line.order_id)
        self.assertEqual(contract.equipment_ids, units[1])

    def test_returned_machine_ends_its_contract(self):
        lots = self._lots("K-10")
        order, line = self._sell_units("K-10", product=self.care)
        picking = self._deliver(order, lots=lots)
        contract = self._contract_of(line)
        back = self._return(picking)
        self._validate(back, lots=lots)
        self.assertEqual((contract.state, contract.taken_back), ("cancelled", True))
        again = self._return(back)
        self._validate(again, lots=lots)
        self.assertEqual(contract.state, "active")
        cover = self._covers(self._units(order), "contract")
        self.assertEqual(cover.date_end, contract.date_end)

    def test_contract_that_cannot_begin_is_told_to_a_supervisor(self):
        """The customer signs and the warehouse delivers, whatever is wrong with it."""
        self.care.write(
            {
                "aftersales_contract_covers_labour": False,
                "aftersales_contract_covers_parts": False,
                "aftersales_contract_covers_travel": False,
            }
        )
        unit = self._sold_unit("K-11")
        line = self._sell_for(unit, self.care)
        contract = self._contract_of(line)
        self.assertEqual(contract.state, "draft")
        self.assertEqual(contract.activity_ids.user_id, self.supervisor)
        self.assertIn("labour, parts or travel", contract.activity_ids.note)

    def test_quotation_of_a_contract_in_force_may_be_cancelled(self):
        unit = self._sold_unit("K-12")
        contract = self._contract(unit, product_id=self.care.id)
        contract.action_sell()
        contract.sale_order_id.action_cancel()
        self.assertEqual(contract.state, "active")
        self.assertTrue(contract.can_sell)
        contract.action_sell()
        contract.sale_order_id.action_confirm()
        self._credit(self._invoice(contract.sale_order_id))
        self.assertEqual(contract.state, "cancelled")

    def test_customer_confirms_by_his_signature(self):
        unit = self._sold_unit("K-13")
        line = self._sell_for(unit, self.care, confirm=False)
        public = self.env.ref("base.public_user")
        line.order_id.with_user(public).sudo()._validate_order()
        self.assertEqual(self._contract_of(line).state, "active")

    def test_replacement_takes_over_what_was_sold(self):
        unit, new = self._sold_unit("K-14"), self._sold_unit("K-15")
        extension = self._sell_for(unit)
        self.longer.aftersales_policy_id.term_ids.duration = 60
        line = self._sell_for(unit, self.care)
        by_hand = self._contract(unit, date_start="2028-01-01", date_end="2028-12-31")
        unit.action_replace(new.id)
        self.assertFalse(self._covers(unit, "extension"))
        cover = self._covers(new, "extension")
        self.assertEqual(cover.source_line_id, extension)
        self.assertEqual(
            (cover.date_start, cover.date_end), (date(2027, 6, 16), date(2029, 6, 15))
        )
        contract = self._contract_of(line)
        self.assertEqual(self._covers(new, "contract").contract_id, contract | by_hand)
        self.assertEqual(contract.state, "active")
        old = self._covers(unit, "contract")
        self.assertEqual(old.contract_id, contract)
        self.assertEqual(old.date_end, date(2026, 6, 15))

    # ------------------------------------------------------------
    # WHAT IT COSTS
    # ------------------------------------------------------------

    def test_one_and_fifty_machines_cost_the_same(self):
        for product in (self.longer, self.care):
            tax = {}
            for count in (1, 2, 50):
                costs = []
                for beside in (product, self.labour):
                    queries, order = self._deliver_many(count, beside)
                    costs.append(queries)
                    covers = self._units(order).coverage_ids
                    sold = covers.filtered("source_line_id")
                    self.assertEqual(len(sold), count if beside == product else 0)
                tax[count] = costs[0] - costs[1]
            self.assertLessEqual(tax[50], tax[2] + 4, product.name)
            self.assertLessEqual(tax[50], 60, product.name)

    def _deliver_many(self, count, beside):
        """Return the queries of delivering machines with a service beside them."""
        known = self.env["stock.lot"].search_count([])
        names = [f"N-{known + number}" for number in range(count)]
        lots = self._lots(*names)
        order, _line = self._sell_units(*names, product=beside, quantity=count)
        picking = order.picking_ids
        picking.action_assign()
        self._take_lots(picking.move_ids, lots)
        picking.move_ids.picked = True
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        picking.button_validate()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before, order

    def test_order_of_fifty_other_lines_costs_nothing(self):
        def confirm(count):
            order = self.env["sale.order"].create(
                {
                    "partner_id": self.farmer.id,
                    "order_line": [
                        Command.create({"product_id": self.oil.id})
                        for _number in range(count)
                    ],
                }
            )
            lines = order.order_line
            self.env.flush_all()
            self.env.invalidate_all()
            lines.product_id.mapped("type")
            before = self.env.cr.sql_log_count
            lines._aftersales_follow_cover()
            lines._aftersales_tell_obstacles()
            return self.env.cr.sql_log_count - before

        confirm(1)
        self.assertLessEqual(confirm(50), confirm(1))
