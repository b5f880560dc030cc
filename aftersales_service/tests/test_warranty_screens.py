from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .warranty_common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestWarrantyScreens(WarrantyCommon):
    """Policies, promises and owners are kept through the screens (R14)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.long_policy = cls._policy("Long", [(cls.machine, 36, "month")])

    def _reapply(self, units, user, **values):
        wizard = self.env["aftersales.policy.reapply"].with_user(user)
        form = Form(wizard.with_context(active_ids=units.ids, active_id=units[0].id))
        for field, value in values.items():
            setattr(form, field, value)
        return form.save().action_apply()

    # ------------------------------------------------------------
    # POLICY AGAIN
    # ------------------------------------------------------------

    def test_supervisor_applies_another_policy_with_a_reason(self):
        units = self._sold_unit("H-1") | self._sold_unit("H-2")
        self._reapply(
            units, self.supervisor, policy_id=self.long_policy, reason="Wrong model"
        )
        self.assertEqual(units.warranty_policy_id, self.long_policy)
        self.assertEqual(len(units.coverage_ids), 2)
        for unit in units:
            self.assertEqual(unit.coverage_ids.duration, 36)
            self.assertIn("Wrong model", unit.message_ids[0].body)

    def test_without_a_policy_the_product_says_which(self):
        unit = self._sold_unit("H-1")
        self.harvester.aftersales_policy_id = self.long_policy
        self._reapply(unit, self.supervisor, reason="New terms for all")
        self.assertEqual(unit.warranty_policy_id, self.long_policy)

    def test_policy_again_needs_a_reason_and_the_supervisor(self):
        unit = self._sold_unit("H-1")
        with self.assertRaisesRegex(UserError, "Say why"):
            self._reapply(unit, self.supervisor, reason=" ")
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
            self._reapply(unit, self.agent, reason="Please")
        with self.assertRaisesRegex(UserError, "Only a supervisor"):
            unit.with_user(self.agent).action_reapply_policy("Please")
        self.assertEqual(unit.warranty_policy_id, self.policy)

    def test_actions_of_the_unit_are_offered_to_those_who_may(self):
        Actions = self.env["ir.actions.actions"]

        def offered(user):
            bindings = Actions.with_user(user).get_bindings("aftersales.equipment")
            return {action["name"] for action in bindings.get("action", ())}

        self.assertIn("Apply Policy Again", offered(self.supervisor))
        self.assertNotIn("Apply Policy Again", offered(self.agent))
        self.assertIn("Transfer to a New Owner", offered(self.agent))
        self.assertNotIn("Transfer to a New Owner", offered(self.technician))

    # ------------------------------------------------------------
    # NEW OWNER
    # ------------------------------------------------------------

    def _transfer(self, unit, user, **values):
        wizard = self.env["aftersales.unit.transfer"].with_user(user)
        form = Form(wizard.with_context(active_id=unit.id))
        for field, value in values.items():
            setattr(form, field, value)
        return form.save().action_apply()

    def test_agent_transfers_a_unit_with_its_warranty(self):
        unit = self._sold_unit("H-1")
        end = unit.warranty_end
        self._transfer(unit, self.agent, partner_id=self.other_farmer)
        self.assertEqual(unit.partner_id, self.other_farmer)
        self.assertEqual(unit.site_id, self.other_farmer)
        self.assertEqual(unit.warranty_end, end)

    def test_closed_unit_has_no_new_owner(self):
        unit = self._sold_unit("H-1")
        unit.with_user(self.supervisor).action_scrap("Burnt")
        with self.assertRaisesRegex(UserError, "no longer in use"):
            self._transfer(unit, self.agent, partner_id=self.other_farmer)

    def test_technician_transfers_nothing(self):
        unit = self._sold_unit("H-1")
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
            self._transfer(unit, self.technician, partner_id=self.other_farmer)

    # ------------------------------------------------------------
    # CONFIGURATION
    # ------------------------------------------------------------

    def test_manager_writes_a_policy_in_its_form(self):
        with Form(
            self.env["aftersales.warranty.policy"].with_user(self.manager)
        ) as form:
            form.name = "Pumps"
            form.start_on = "installation"
            with form.term_ids.new() as term:
                term.component_id = self.machine
                term.duration = 18
            with form.term_ids.new() as term:
                term.component_id = self.wear
                term.duration = 0
        policy = form.record
        self.assertEqual(policy.term_ids.mapped("duration"), [18, 0])
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
            policy.with_user(self.supervisor).name = "Mine"

    def test_groups_are_listed_in_the_order_of_their_tree(self):
        names = (
            self.env["aftersales.component"]
            .search([("id", "child_of", self.machine.id)])
            .mapped("name")
        )
        self.assertEqual(names[:3], ["Whole Machine", "Main Parts", "Engine Block"])
        self.assertLess(names.index("Clutch Housing"), names.index("Wear Parts"))

    # ------------------------------------------------------------
    # COVERAGE
    # ------------------------------------------------------------

    def _found(self, name, covers):
        """Return the covers that a filter of the search view finds."""
        view = covers.get_view(view_type="search")
        node = etree.fromstring(view["arch"]).xpath(f"//filter[@name='{name}']")[0]
        return covers.search([("id", "in", covers.ids), *safe_eval(node.get("domain"))])

    def test_list_filters_running_expiring_and_expired_promises(self):
        unit = self._sold_unit("H-1")
        today = fields.Date.context_today(unit)
        covers = unit.coverage_ids
        self.assertEqual(
            self._found("running", covers), covers.filtered("covers_anything")
        )
        electrical = covers.filtered(lambda c: c.component_id == self.electrical)
        self.assertFalse(self._found("expired", covers) - covers)
        unit.delivery_date = today - timedelta(days=60)
        self.assertEqual(self._found("expiring", covers), electrical)
        unit.delivery_date = today - timedelta(days=120)
        self.assertIn(electrical, self._found("expired", covers))

    def test_promises_are_grouped_and_open_their_unit(self):
        unit = self._sold_unit("H-1")
        domain = [("equipment_id", "=", unit.id)]
        Coverage = self.env["aftersales.coverage"].with_user(self.technician)
        for group in ("source", "component_id", "unit_product_id", "date_end:month"):
            groups = Coverage.formatted_read_group(domain, [group], ["__count"])
            self.assertEqual(sum(row["__count"] for row in groups), 4, group)
        action = unit.coverage_ids[0].with_user(self.technician).action_view_equipment()
        self.assertEqual((action["res_model"], action["res_id"]), (unit._name, unit.id))

    def test_units_are_filtered_by_the_state_of_their_warranty(self):
        unit = self._sold_unit("H-1")
        Unit = self.env["aftersales.equipment"].with_user(self.agent)
        domain = [("id", "=", unit.id)]
        self.assertTrue(Unit.search([*domain, ("warranty_state", "=", "active")]))
        groups = Unit.formatted_read_group(domain, ["warranty_state"], ["__count"])
        self.assertEqual(groups[0]["warranty_state"], "active")
