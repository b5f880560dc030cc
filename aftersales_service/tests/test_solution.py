from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .knowledge_common import KnowledgeCommon


@tagged("post_install", "-at_install")
class TestSolution(KnowledgeCommon):
    """What helped once is written down, reviewed and proposed again (R11)."""

    def _todos(self, solution):
        return solution.sudo().activity_ids

    # ------------------------------------------------------------
    # REVIEW
    # ------------------------------------------------------------

    def test_supervisor_publishes_what_the_agent_submits(self):
        solution = self._solution("Charge it", state="draft")
        self.assertEqual(solution.author_id, self.agent)
        solution.with_user(self.agent).action_submit()
        self.assertEqual(solution.state, "review")
        self.assertEqual(self._todos(solution).user_id, self.supervisor)
        with self.assertRaisesRegex(UserError, "supervisor publishes"):
            solution.with_user(self.agent).action_publish()
        solution.with_user(self.supervisor).action_publish()
        self.assertEqual(solution.state, "published")
        self.assertEqual(solution.reviewer_id, self.supervisor)
        self.assertFalse(self._todos(solution))

    def test_supervisor_sends_back_with_a_reason(self):
        solution = self._solution("Charge it", state="review")
        reviewed = solution.with_user(self.supervisor)
        with self.assertRaisesRegex(UserError, "improve"):
            reviewed.action_send_back("  ")
        self.env["aftersales.solution.decide"].with_user(self.supervisor).create(
            {
                "solution_ids": solution.ids,
                "step": "send_back",
                "reason": "Which charger?",
            }
        ).action_apply()
        self.assertEqual(solution.state, "draft")
        self.assertIn("Which charger?", solution.message_ids[0].body)
        self.assertEqual(self._todos(solution).user_id, self.agent)

    def test_reviewer_gets_a_text_and_a_fault(self):
        solution = self._solution("Empty", state="draft", body="<p><br></p>")
        with self.assertRaisesRegex(UserError, "Write the solution"):
            solution.action_submit()

    def test_published_text_changes_through_a_new_review_alone(self):
        solution = self._solution("Charge it")
        solution._by_method().use_count = 7
        for user in (self.agent, self.manager):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                solution.with_user(user).body = "<p>Other</p>"
        with self.assertRaises(UserError):
            solution.with_user(self.manager).update_field_translations(
                "name", {"en_US": "Other"}
            )
        with self.assertRaises(UserError):
            solution.with_user(self.manager).state = "draft"
        action = solution.with_user(self.agent).action_revise()
        revision = self.env["aftersales.solution"].browse(action["res_id"])
        self.assertEqual((revision.name, revision.state), ("Charge it", "draft"))
        self.assertEqual(revision.fault_id, self.battery)
        self.assertFalse(solution.with_user(self.agent).can_revise)
        revision.with_user(self.agent).body = "<p>Charge it for 3 h.</p>"
        self.assertIn("step by step", solution.body, "readers keep the old text")
        revision.with_user(self.agent).action_submit()
        with self.assertRaises(UserError):
            revision.with_user(self.agent).body = "<p>Other</p>"
        revision.with_user(self.supervisor).action_publish()
        self.assertEqual(solution.state, "retired")
        self.assertEqual(revision.use_count, 7)

    def test_one_new_version_at_a_time(self):
        solution = self._solution("Charge it")
        solution.action_revise()
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            solution._by_method().copy({"revises_id": solution.id})

    def test_only_drafts_are_deleted(self):
        self._solution("Draft", state="draft").with_user(self.supervisor).unlink()
        with self.assertRaisesRegex(UserError, "Charge it"):
            self._solution("Charge it").with_user(self.manager).unlink()

    def test_technician_reads_what_is_published(self):
        published = self._solution("Published")
        draft = self._solution("Draft", state="draft")
        found = self.env["aftersales.solution"].with_user(self.technician).search([])
        self.assertIn(published, found)
        self.assertNotIn(draft, found)
        with self.assertRaises(AccessError):
            published.with_user(self.technician).name = "Mine"
        with self.assertRaises(AccessError):
            published.with_user(self.salesman).read(["name"])

    # ------------------------------------------------------------
    # PROPOSAL
    # ------------------------------------------------------------

    def test_best_match_comes_first(self):
        same = self._solution("Same fault", self.no_start)
        same_product = self._solution("Same and product", self.no_start, self.harvester)
        beneath = self._solution("Beneath", self.battery, self.harvester)
        above = self._solution("Above", self.engine)
        product = self._solution("Product only", self.leak, self.harvester)
        self._solution("Other product", self.no_start, self.header)
        self._solution("Other fault", self.leak)
        self._solution("Draft", self.no_start, state="draft")
        proposed = (
            self.env["aftersales.ticket"]
            .with_user(self.agent)
            ._propose_solutions(self.harvester, self.no_start)
        )
        self.assertEqual(
            proposed.mapped("name"),
            (same_product + same + beneath + above + product).mapped("name"),
        )

    def test_words_help_when_nothing_else_is_known(self):
        belt = self._solution("Header belt slips", self.leak)
        chinese = self._solution("割台皮带打滑", self.leak)
        Ticket = self.env["aftersales.ticket"].with_user(self.agent)
        nothing = self.env["aftersales.fault"], self.env["product.product"]
        fault, product = nothing
        self.assertEqual(
            Ticket._propose_solutions(product, fault, "The belt smokes!"), belt
        )
        self.assertEqual(Ticket._propose_solutions(product, fault, "皮带冒烟"), chinese)
        self.assertFalse(Ticket._propose_solutions(product, fault, "it is"))
        self.assertFalse(Ticket._propose_solutions(product, fault, ""))

    def test_proposals_cost_one_search_for_many_tickets(self):
        self._solution("Same", self.no_start, self.harvester)
        tickets = self.env["aftersales.ticket"]
        for _index in range(20):
            tickets |= self._ticket(
                fault_id=self.no_start.id, product_id=self.harvester.id
            )
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.assertEqual(tickets.solution_ids.name, "Same")
        self.assertLessEqual(self.env.cr.sql_log_count - before, 12)

    def test_salesman_opens_his_ticket_without_the_solutions(self):
        self._solution("Same", self.no_start)
        ticket = self._ticket(fault_id=self.no_start.id).with_user(self.salesman)
        self.assertFalse(
            ticket._propose_solutions(self.harvester, ticket.sudo().fault_id)
        )

    # ------------------------------------------------------------
    # USE
    # ------------------------------------------------------------

    def test_using_a_solution_writes_the_resolution_and_counts_once(self):
        solution = self._solution("Charge it")
        ticket = self._ticket(user_id=self.technician.id, resolution="Looked at it.")
        for _again in range(2):
            solution.with_user(self.technician).with_context(
                aftersales_ticket_id=ticket.id
            ).action_apply()
        self.assertEqual(
            ticket.resolution, "Looked at it.\n\nCharge it\nCharge it, step by step."
        )
        self.assertEqual(ticket.found_fault_id, self.battery)
        self.assertEqual(ticket.used_solution_ids, solution)
        self.assertEqual(solution.use_count, 1)
        with self.assertRaises(UserError):
            ticket.with_user(self.agent).used_solution_ids = False

    def test_only_published_solutions_and_open_tickets(self):
        ticket = self._ticket()
        draft = self._solution("Draft", state="draft")
        with self.assertRaisesRegex(UserError, "published"):
            ticket.with_user(self.agent).action_apply_solution(draft.id)
        ticket.action_solve()
        with self.assertRaisesRegex(UserError, ticket.name):
            ticket.action_apply_solution(self._solution("Charge it").id)

    def test_new_solution_comes_prefilled_from_a_solved_ticket(self):
        ticket = self._ticket(
            fault_id=self.no_start.id,
            found_fault_id=self.battery.id,
            product_id=self.harvester.id,
            resolution="Charged\n<b>2 h</b>",
        ).with_user(self.agent)
        with self.assertRaisesRegex(UserError, ticket.name):
            ticket.action_new_solution()
        ticket.action_solve()
        action = ticket.action_new_solution()
        solution = self.env["aftersales.solution"].browse(action["res_id"])
        self.assertEqual(solution.state, "draft")
        self.assertEqual(solution.fault_id, self.battery)
        self.assertEqual(solution.product_ids, self.harvester)
        self.assertEqual(solution.ticket_id, ticket.with_env(self.env))
        self.assertIn("Charged<br>&lt;b&gt;2 h", solution.body.replace("<br/>", "<br>"))
        self.assertEqual(
            ticket.action_new_solution()["res_id"], solution.id, "pressed twice"
        )
