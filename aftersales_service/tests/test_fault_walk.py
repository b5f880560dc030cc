from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged

from .knowledge_common import KnowledgeCommon


@tagged("post_install", "-at_install")
class TestFaultWalk(KnowledgeCommon):
    """The desk walks the fault tree with the customer on the phone (R11, R08)."""

    def _walk(self, ticket, user=None):
        action = ticket.with_user(user or self.agent).action_walk()
        walk = self.env[action["res_model"]].with_user(user or self.agent)
        return walk.browse(action["res_id"])

    def _choose(self, walk, name):
        card = walk.card_ids.filtered(lambda card: card.name == name)
        self.assertTrue(card, f"{name} not in {walk.card_ids.mapped('name')}")
        return card.action_choose()

    def _names(self, walk):
        return walk.card_ids.mapped("name")

    # ------------------------------------------------------------
    # TREE
    # ------------------------------------------------------------

    def test_tree_keeps_its_order(self):
        for parent, kind in (
            (None, "check"),
            (None, "remedy"),
            (self.charge, "cause"),
            (self.battery, "symptom"),
        ):
            with self.subTest(kind=kind), self.assertRaises(ValidationError):
                self._fault("Wrong", kind, parent)
        with self.assertRaises(ValidationError):
            self._fault("Answer without a check", "cause", self.engine, answer="no")
        with self.assertRaises(ValidationError):
            self.turns.kind = "remedy"
        with self.assertRaises(UserError):
            self.no_start.parent_id = self.turns

    def test_names_follow_the_way_down(self):
        self.assertEqual(
            self.battery.complete_name,
            "Engine / Does not start / Does the starter turn? / Battery empty",
        )
        self.assertEqual(
            self.battery.display_name, "Engine / Does not start / Battery empty"
        )
        tree = self.env["aftersales.fault"].search(
            [("id", "child_of", (self.engine | self.hydraulics).ids)]
        )
        self.assertEqual(
            tree.mapped("name"),
            [
                "Engine",
                "Does not start",
                "Does the starter turn?",
                "Battery empty",
                "Charge the battery",
                "Clean the terminals",
                "No fuel",
                "Filter blocked",
                "Hydraulics",
                "Cylinder leaks",
            ],
        )

    def test_faults_are_read_by_the_staff_and_written_by_supervisors(self):
        Fault = self.env["aftersales.fault"]
        self.assertTrue(Fault.with_user(self.technician).search([]))
        with self.assertRaises(AccessError):
            Fault.with_user(self.agent).create({"name": "Mine"})
        Fault.with_user(self.supervisor).create({"name": "Mine"})
        portal = self.env.ref("base.public_user")
        with self.assertRaises(AccessError):
            Fault.with_user(portal).search([])

    def test_tree_comes_in_by_file(self):
        result = (
            self.env["aftersales.fault"]
            .with_user(self.supervisor)
            .load(
                ["code", "name", "kind", "parent_id", "answer"],
                [
                    ["E", "Electrics", "Symptom", "", ""],
                    ["E1", "Are the lamps on?", "Check", "E", ""],
                    ["E2", "Fuse blown", "Cause", "E1", "No"],
                ],
            )
        )
        self.assertFalse(result["messages"])
        fuse = self.env["aftersales.fault"].browse(result["ids"][-1])
        self.assertEqual(
            fuse.complete_name, "Electrics / Are the lamps on? / Fuse blown"
        )
        self.assertEqual(fuse.answer, "no")
        self.assertTrue(self.env["aftersales.fault"]._make_import_template())

    # ------------------------------------------------------------
    # WALK
    # ------------------------------------------------------------

    def test_agent_walks_from_the_symptom_to_what_helped(self):
        ticket = self._ticket()
        walk = self._walk(ticket)
        self.assertIn("Engine", self._names(walk))
        self._choose(walk, "Engine")
        self._choose(walk, "Does not start")
        self._choose(walk, "Does the starter turn?")
        self.assertEqual(self._names(walk), ["Yes", "No"])
        self._choose(walk, "No")
        self.assertEqual(walk.title, "Battery empty")
        self.assertEqual(walk.path, "Engine › Does not start › Does the starter turn?")
        self._choose(walk, "Clean the terminals")
        self._choose(walk, "It did not help")
        tried = walk.card_ids.filtered("tried")
        self.assertEqual(tried.name, "Clean the terminals")
        self._choose(walk, "Charge the battery")
        self.assertEqual(walk.instruction, "At least 2 h.")
        action = self._choose(walk, "It helped")
        self.assertEqual(action["type"], "ir.actions.act_window_close")
        self.assertEqual(ticket.fault_id, self.no_start)
        self.assertEqual(ticket.found_fault_id, self.battery)
        self.assertFalse(ticket.found_other)
        self.assertEqual(
            ticket.resolution, "Found: Battery empty\nHelped: Charge the battery"
        )
        self.assertFalse(ticket.walk_fault_id | ticket.walk_tried_ids)
        note = ticket.message_ids[0]
        self.assertIn(
            "Does the starter turn? No › Battery empty › Charge the battery", note.body
        )
        self.assertIn("tried without success: Clean the terminals", note.body)

    def test_walk_goes_on_where_it_stopped(self):
        ticket = self._ticket(fault_id=self.no_start.id)
        walk = self._walk(ticket)
        self.assertEqual(walk.title, "Does not start", "not asked again")
        self._choose(walk, "Does the starter turn?")
        again = self._walk(ticket, self.supervisor)
        self.assertEqual(again.title, "Does the starter turn?")
        again.action_back()
        self.assertEqual(again.title, "Does not start")
        again.action_restart()
        self.assertIn("Hydraulics", self._names(again))

    def test_several_answers_are_offered_and_back_leads_to_the_question(self):
        walk = self._walk(self._ticket(fault_id=self.no_start.id))
        self._choose(walk, "Does the starter turn?")
        self._choose(walk, "Yes")
        self.assertEqual(self._names(walk), ["No fuel", "Filter blocked"])
        walk.action_back()
        self.assertEqual(self._names(walk), ["Yes", "No"])

    def test_dead_end_of_a_check_excludes_it(self):
        self._fault("Is the tank full?", "check", self.no_start)
        walk = self._walk(self._ticket(fault_id=self.no_start.id))
        self._choose(walk, "Is the tank full?")
        self._choose(walk, "Yes")
        self.assertEqual(walk.title, "Does not start")
        self.assertEqual(walk.tried, "Is the tank full?")

    def test_walk_that_finds_nothing_is_noted(self):
        ticket = self._ticket(fault_id=self.no_start.id)
        walk = self._walk(ticket)
        walk.action_stop()
        self.assertIn("Engine › Does not start", ticket.message_ids[0].body)
        self.assertFalse(ticket.found_fault_id)

    def test_walk_shows_only_what_concerns_the_product(self):
        self.hydraulics.product_ids = self.header
        self.engine.category_ids = self.env["product.category"].create({"name": "X"})
        walk = self._walk(self._ticket(product_id=self.header.id))
        self.assertIn("Hydraulics", self._names(walk))
        self.assertNotIn("Engine", self._names(walk))
        self.header.categ_id = self.env["product.category"].create(
            {"name": "Y", "parent_id": self.engine.category_ids.id}
        )
        self.assertIn("Engine", self._names(self._walk(walk.ticket_id)))

    def test_finished_tickets_are_not_walked(self):
        ticket = self._ticket(fault_id=self.no_start.id)
        walk = self._walk(ticket)
        card = walk.card_ids[0]
        ticket.action_solve()
        with self.assertRaisesRegex(UserError, "finished meanwhile"):
            card.action_choose()
        with self.assertRaisesRegex(UserError, ticket.name):
            ticket.action_walk()

    def test_technician_walks_his_own_ticket_only(self):
        ticket = self._ticket(user_id=self.technician.id, fault_id=self.no_start.id)
        walk = self._walk(ticket, self.technician)
        self._choose(walk, "Does the starter turn?")
        self._choose(walk, "No")
        self._choose(walk, "This is the cause")
        self.assertEqual(ticket.found_fault_id, self.battery)
        self.assertEqual(ticket.resolution, "Found: Battery empty")
        with self.assertRaises(AccessError):
            self._ticket().with_user(self.technician).action_walk()

    # ------------------------------------------------------------
    # FOUND
    # ------------------------------------------------------------

    def test_found_other_than_reported_is_kept_beside_it(self):
        ticket = self._ticket(fault_id=self.no_start.id, found_fault_id=self.leak.id)
        self.assertTrue(ticket.found_other)
        Ticket = self.env["aftersales.ticket"]
        self.assertIn(ticket, Ticket.search([("found_other", "=", True)]))
        groups = Ticket._read_group(
            [("id", "=", ticket.id)], ["fault_id", "found_fault_id"], ["__count"]
        )
        self.assertEqual(groups, [(self.no_start, self.leak, 1)])
        ticket.found_fault_id = self.battery
        self.assertFalse(ticket.found_other)
        self.turns.parent_id = self.hydraulics
        self.assertTrue(ticket.found_other, "the tree was put in order")

    def test_steps_are_no_faults(self):
        with self.assertRaisesRegex(ValidationError, "Charge the battery"):
            self._ticket(found_fault_id=self.charge.id)

    def test_team_asks_for_the_found_fault_on_every_way(self):
        self.team.fault_required = True
        ticket = self._ticket(team_id=self.team.id)
        self.assertTrue(ticket.can_solve, "the button says what is missing")
        ways = {
            "button": ticket.action_solve,
            "drag": lambda: ticket.write({"state": "solved"}),
            "file": lambda: self.env["aftersales.ticket"].create(
                {
                    "symptom": "Old",
                    "partner_id": self.farmer.id,
                    "team_id": self.team.id,
                    "state": "solved",
                }
            ),
        }
        for name, way in ways.items():
            with self.subTest(name), self.assertRaisesRegex(UserError, "found fault"):
                way()
        ticket.write({"found_fault_id": self.battery.id, "state": "solved"})
        self.assertEqual(ticket.state, "solved")
        with self.assertRaisesRegex(UserError, ticket.name):
            ticket.found_fault_id = False

    # ------------------------------------------------------------
    # COST
    # ------------------------------------------------------------

    def test_faults_cost_tickets_without_them_nothing(self):
        cr = self.env.cr

        def count(values):
            self.env.flush_all()
            before = cr.sql_log_count
            tickets = self.env["aftersales.ticket"].create(
                [{"symptom": "x", "partner_id": self.farmer.id, **values}] * 20
            )
            self.env.flush_all()
            created = cr.sql_log_count - before
            tickets.action_solve()
            self.env.flush_all()
            return created, cr.sql_log_count - before - created

        count({})
        plain = count({})
        faulty = count({"fault_id": self.no_start.id})
        self.assertLessEqual(faulty[0], plain[0] + 4)
        self.assertLessEqual(faulty[1], plain[1])


@tagged("post_install", "-at_install")
class TestFaultWalkScreen(KnowledgeCommon, HttpCase):
    """Proves in the browser: cards lead to the found fault without typing (R11)."""

    def test_agent_walks_with_one_hand(self):
        self.env["res.lang"]._activate_lang("en_US")
        (self.env["aftersales.fault"].search([]) - self._tree()).active = False
        ticket = self._ticket()
        action = "aftersales_service.aftersales_ticket_action"
        self.start_tour(
            f"/odoo/action-{action}/{ticket.id}",
            "aftersales_agent_walks_the_fault_tree",
            login="agent",
        )
        self.assertEqual(ticket.found_fault_id, self.battery)
        self.assertEqual(ticket.fault_id, self.no_start)

    def _tree(self):
        return self.env["aftersales.fault"].search(
            [("id", "child_of", (self.engine | self.hydraulics).ids)]
        )
