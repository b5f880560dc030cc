from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import format_date, mute_logger

from .supplier_common import SupplierCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-18 04:00:00")
class TestSupplierClaim(SupplierCommon):
    """Proves R57: the supplier pays what his failed part has cost, once."""

    def _day(self, day):
        return format_date(self.env(user=self.quality_lead), day)

    # ------------------------------------------------------------
    # COLLECT
    # ------------------------------------------------------------

    def test_costs_of_the_lot_are_collected(self):
        """The lot says who sold it, whoever sells the product usually."""
        ticket = self._failed()
        claim = self._claim()
        claim.action_collect()
        rows = {line.kind: line for line in claim.line_ids}
        self.assertEqual(set(rows), {"part", "labour"})
        self.assertEqual(rows["part"].claimed, 40)
        self.assertEqual(rows["labour"].claimed, 60)
        self.assertEqual(set(claim.line_ids.mapped("basis")), {"purchase"})
        self.assertEqual(rows["part"].receipt_id, self.receipt.move_ids)
        self.assertEqual(rows["part"].cost_bought, 30)
        self.assertEqual(claim.line_ids.ticket_id, ticket)
        self.assertEqual((claim.amount_cost, claim.amount_claimed), (100, 100))

    def test_usual_supplier_is_a_guess(self):
        self._failed(lot=self.other_lot)
        with self.assertRaisesRegex(UserError, "No warranty cost of this supplier"):
            self._claim().action_collect()
        claim = self._claim(partner_id=self.rival.id)
        claim.action_collect()
        self.assertEqual(set(claim.line_ids.mapped("basis")), {"guess"})
        self.assertFalse(claim.amount_bought)

    def test_only_our_share_in_the_days_and_tickets_asked_for(self):
        self._failed()
        shared = self._ticket()
        line = self._work(
            shared, "part", 1, 40, product_id=self.belt.id, old_lot_id=self.lot.id
        )
        line.action_override(
            "goodwill", "Shared", shares=[25.0, 75.0, 0.0], third_party_id=None
        )
        self._work(
            shared,
            "travel",
            1,
            10,
            coverage="customer",
            coverage_reason="Wished",
        )
        claim = self._claim(
            self.supervisor,
            ticket_ids=shared.ids,
            date_from="2026-11-01",
            date_to="2026-11-10",
        )
        claim.action_collect()
        self.assertEqual(claim.line_ids.mapped("claimed"), [10.0])
        late = self._claim(date_from="2026-11-11")
        with self.assertRaisesRegex(UserError, "No warranty cost"):
            late.action_collect()

    def test_agreement_cuts_and_leaves_out_in_words(self):
        self.env["aftersales.supplier.agreement"].create(
            {
                "partner_id": self.supplier.id,
                "labour_share": 50,
                "hourly_limit": 20,
                "claim_days": 30,
                "warranty_months": 12,
                "answer_days": 7,
            }
        )
        self._failed()
        old = self._failed()
        old.line_ids._by_method().write({"date_done": "2026-10-01 03:00:00"})
        claim = self._claim()
        claim.action_collect()
        self.assertEqual(sorted(claim.line_ids.mapped("claimed")), [20.0, 40.0])
        self.assertIn(f"had to be claimed by {self._day('2026-10-31')}", claim.left_out)
        self.assertEqual(claim.left_out.count(old.name), 2)
        self.assertEqual(claim.claim_until, date(2026, 12, 10))
        claim.action_send()
        self.assertEqual(claim.date_due, date(2026, 11, 25))

    def test_his_warranty_ends_by_the_receipt(self):
        self.env["aftersales.supplier.agreement"].create(
            {"partner_id": self.supplier.id, "warranty_months": 12}
        )
        self.receipt.move_ids.date = "2025-01-05 03:00:00"
        self._failed()
        with self.assertRaisesRegex(
            UserError, f"warranty ended on {self._day('2026-01-05')}"
        ):
            self._claim().action_collect()

    def test_queries_do_not_grow_with_costs(self):
        def collect():
            claim = self._claim()
            self.env.flush_all()
            self.env.invalidate_all()
            count = self.env.cr.sql_log_count
            claim.action_collect()
            self.env.flush_all()
            return claim, self.env.cr.sql_log_count - count

        self._failed()
        self.env.flush_all()
        collect()[0].action_cancel()
        self.env["aftersales.supplier.claim.line"].flush_model()
        first, few = collect()
        first.action_cancel()
        ticket = self._ticket()
        for _number in range(25):
            self._work(ticket, "labour", 1, 10)
            self._work(
                ticket, "part", 1, 40, product_id=self.belt.id, old_lot_id=self.lot.id
            )
        many = collect()
        self.assertEqual(len(many[0].line_ids), 52)
        self.assertLessEqual(many[1], few + 3)

    # ------------------------------------------------------------
    # ONCE, AND NOT FOR THE CUSTOMER'S FAULT
    # ------------------------------------------------------------

    def test_each_cost_is_claimed_once(self):
        ticket = self._failed()
        claim = self._claim()
        claim.action_collect()
        # Pressed twice: nothing is added.
        with self.assertRaisesRegex(UserError, "No warranty cost"):
            claim.action_collect()
        other = self._claim()
        with self.assertRaisesRegex(UserError, f"claimed already with {claim.name}"):
            other.action_collect()
        part = ticket.line_ids[0]
        with self.assertRaisesRegex(UserError, f"claimed already with {claim.name}"):
            other.line_ids = [Command.create({"ticket_line_id": part.id, "claimed": 1})]
        claim.action_send()
        claim.answer = "Not ours"
        claim.action_refuse()
        # Refused costs may be claimed again.
        other.action_collect()
        self.assertEqual(len(other.line_ids), 2)

    def test_two_at_once_cannot_claim_the_same(self):
        """The database holds what the first check cannot see yet."""
        part = self._failed().line_ids[0]
        one, two = self._claim(), self._claim()
        lines = self.env["aftersales.supplier.claim.line"]._by_method()
        lines.create({"claim_id": one.id, "ticket_line_id": part.id})
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            lines.create({"claim_id": two.id, "ticket_line_id": part.id})
            self.env.flush_all()

    def test_damage_by_the_customer_is_refused_with_its_reason(self):
        finding = self.env["aftersales.exclusion"].create(
            {"name": "Driven without oil", "code": "oil"}
        )
        ticket = self._failed()
        claim = self._claim()
        claim.action_collect()
        ticket.exclusion_id = finding
        with self.assertRaisesRegex(UserError, "Driven without oil"):
            claim.action_send()
        claim.action_cancel()
        with self.assertRaisesRegex(UserError, "Driven without oil"):
            self._claim().action_collect()
        with self.assertRaisesRegex(UserError, "Driven without oil"):
            self._claim(
                line_ids=[Command.create({"ticket_line_id": ticket.line_ids[0].id})]
            )

    def test_misuse_found_by_the_inspection_is_refused(self):
        ticket = self._failed()
        self._stock(self.oil, 5)
        order = self._sold(quantity=2)
        rma = self._rma((order.picking_ids.move_ids, 1, None), ticket_id=ticket.id)
        rma.line_ids._by_method().write({"inspection": "misuse"})
        with self.assertRaisesRegex(UserError, "misuse"):
            self._claim().action_collect()
        nonconformity = self.env["aftersales.nonconformity"].create(
            {"product_id": self.oil.id, "return_line_id": rma.line_ids.id}
        )
        claim = self._claim(
            nonconformity_id=nonconformity.id,
            line_ids=[Command.create({"claimed": 5})],
        )
        with self.assertRaisesRegex(UserError, "misuse"):
            claim.action_send()

    def test_what_the_customer_pays_is_not_claimed(self):
        ticket = self._ticket()
        line = self._work(
            ticket, "labour", 1, 30, coverage="customer", coverage_reason="His wish"
        )
        planned = self.env["aftersales.ticket.line"].create(
            {"ticket_id": ticket.id, "kind": "labour"}
        )
        for row, reason in ((line, "paid by somebody else"), (planned, "not done yet")):
            with self.assertRaisesRegex(UserError, reason):
                self._claim(line_ids=[Command.create({"ticket_line_id": row.id})])

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def test_claim_is_sent_answered_and_agreed_line_by_line(self):
        claim = self._claim()
        with self.assertRaisesRegex(UserError, "claimed amounts"):
            claim.action_send()
        claim.line_ids = [
            Command.create({"name": "Belt", "claimed": 100}),
            Command.create({"name": "Work", "claimed": 60, "kind": "labour"}),
        ]
        with self.assertRaisesRegex(UserError, "Only what was sent"):
            claim.action_answer()
        claim.action_send()
        self.assertEqual(claim.date_due, date(2026, 11, 28))
        with self.assertRaisesRegex(UserError, "has read what is claimed"):
            claim.line_ids[0].claimed = 500
        with self.assertRaisesRegex(UserError, "has read it"):
            claim.partner_id = self.rival
        with self.assertRaisesRegex(UserError, "offers on each line"):
            claim.action_answer()
        belt, work = claim.line_ids
        belt.offered, work.offered = 90, 30
        claim.action_answer()
        # What is offered is agreed where nothing else is noted; cuts have a reason.
        with self.assertRaisesRegex(UserError, "reason of the cut"):
            claim.action_agree()
        claim.line_ids.write({"cut_reason": "His rate"})
        claim.action_agree()
        self.assertEqual((claim.amount_agreed, claim.state), (120, "agreed"))
        self.assertEqual(claim.agreed_share, 75)
        with self.assertRaisesRegex(UserError, "agreed stays"):
            belt.agreed = 100

    def test_more_than_claimed_takes_a_supervisor_and_a_reason(self):
        claim = self._sent(100)
        with self.assertRaisesRegex(UserError, "ask a supervisor"):
            claim.line_ids.agreed = 120
        as_supervisor = claim.with_user(self.supervisor)
        with self.assertRaisesRegex(UserError, "give the reason"):
            as_supervisor.line_ids.agreed = 120
        as_supervisor.line_ids.write({"agreed": 120, "cut_reason": "His mistake"})
        as_supervisor.action_answer()
        as_supervisor.action_agree()
        self.assertEqual(claim.amount_agreed, 120)

    def test_poor_agreements_are_for_the_lead_of_quality(self):
        claim = self._sent(100)
        claim.line_ids.write({"agreed": 49, "cut_reason": "Wear"})
        claim.action_answer()
        with self.assertRaisesRegex(UserError, "lead of quality"):
            claim.with_user(self.supervisor).action_agree()
        claim.with_user(self.manager).action_agree()
        self.assertEqual(claim.agreed_by_id, self.manager)

    def test_service_request_is_followed_until_solved(self):
        """R50: a supplier's repair of 60 pieces takes seven working days."""
        claim = self._claim(kind="request")
        with self.assertRaisesRegex(UserError, "the problem"):
            claim.action_send()
        claim.write(
            {
                "problem": "Belts tear",
                "product_id": self.belt.id,
                "quantity": 60,
                "contact_id": self.farmer.id,
            }
        )
        claim.action_send()
        self.assertEqual(claim.date_due, date(2026, 11, 27))
        with self.assertRaisesRegex(UserError, "repair report"):
            claim.action_solve()
        claim.solution = "Wrong rubber; all exchanged"
        claim.action_solve()
        self.assertEqual(claim.state, "done")
        with self.assertRaisesRegex(UserError, "stays as it is"):
            claim.action_cancel()

    def test_drafts_alone_are_deleted(self):
        claim = self._sent()
        with self.assertRaisesRegex(UserError, "Only drafts"):
            claim.with_user(self.manager).unlink()
        with self.assertRaisesRegex(UserError, "has read"):
            claim.line_ids.unlink()
        self._claim().with_user(self.manager).unlink()
        with self.assertRaisesRegex(UserError, "cannot be typed"):
            claim.state = "done"

    # ------------------------------------------------------------
    # RIGHTS
    # ------------------------------------------------------------

    def test_purchase_reads_and_companies_are_apart(self):
        claim = self._sent()
        for user in (self.buyer, self.accountant):
            seen = claim.with_user(user)
            self.assertEqual(seen.amount_claimed, 100)
            self.assertFalse(seen.can_answer)
            with self.assertRaises(AccessError):
                seen.action_cancel()
            with self.assertRaises(AccessError):
                seen.line_ids.agreed = 1
        with self.assertRaises(AccessError):
            claim.with_user(self.technician).amount_claimed  # noqa: B018
        elsewhere = self.env["res.company"].create({"name": "Somebody Else"})
        foreign = self.env["aftersales.supplier.claim"].create(
            {"partner_id": self.supplier.id, "company_id": elsewhere.id}
        )
        with self.assertRaises(AccessError):
            foreign.with_user(self.quality_lead).amount_claimed  # noqa: B018

    # ------------------------------------------------------------
    # MAIL, OVERDUE
    # ------------------------------------------------------------

    def _run(self, method):
        """Run a scheduled action, which commits, within the test."""
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 99
        ):
            getattr(self.env["aftersales.supplier.claim"], method)()

    def test_supplier_gets_a_mail_and_answers_to_the_thread(self):
        claim = self._sent()
        self._run("_cron_write_to_suppliers")
        message = claim.message_ids.filtered(
            lambda note: self.supplier in note.partner_ids
        )
        self.assertEqual(len(message), 1)
        self.assertEqual(len(message.attachment_ids), 1)
        claim.with_user(self.env.user).message_post(
            body="We pay half",
            message_type="email",
            author_id=self.supplier.id,
            subtype_xmlid="mail.mt_comment",
        )
        self.assertIn("note his answer", claim.activity_ids.summary)

    def test_late_suppliers_are_reminded_once(self):
        claim = self._sent()
        self.assertFalse(claim.is_overdue)
        Claim = self.env["aftersales.supplier.claim"]
        claim._by_method().write({"mail_due": False})
        with freeze_time("2026-11-30 04:00:00"):
            claim.invalidate_recordset(["is_overdue"])
            self.assertTrue(claim.is_overdue)
            self.assertIn(claim, Claim.search([("is_overdue", "=", True)]))
            self.assertNotIn(claim, Claim.search([("is_overdue", "=", False)]))
            for _run in range(2):
                self._run("_cron_remind")
            self.assertEqual(len(claim.activity_ids), 1)
            self.assertEqual(claim.mail_due, "reminder")
            claim.date_due = date(2026, 11, 30) - timedelta(days=1)
            self._run("_cron_remind")
            self.assertEqual(len(claim.activity_ids), 2)

    def test_unsent_claims_run_out_of_time(self):
        self.env["aftersales.supplier.agreement"].create(
            {"partner_id": self.supplier.id, "claim_days": 10}
        )
        self._failed()
        claim = self._claim()
        claim.action_collect()
        with freeze_time("2026-11-22 04:00:00"):
            self._run("_cron_remind")
        self.assertIn("Too late", claim.activity_ids.summary)
        self.assertFalse(claim.mail_due)
