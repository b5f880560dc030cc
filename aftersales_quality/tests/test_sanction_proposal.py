from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.aftersales_service.tests.clock_common import local

from .sanction_common import TODAY, SanctionCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSanctionProposal(SanctionCommon):
    """Rules propose from what is on record, each event once (R61)."""

    def _run(self):
        Cron = self.registry["ir.cron"]
        with patch.object(Cron, "_commit_progress", lambda *args, **kw: 60):
            self.env["aftersales.sanction"]._cron_propose()
        return self.env["aftersales.sanction"].search([], order="id")

    def _missed(self, moment, users=None):
        call = self.env["aftersales.missed.call"].create(
            {
                "phone": "13800138000",
                "team_id": self.team.id,
                "date_call": local(moment),
            }
        )
        call._by_method().write(
            {"duty_ids": [Command.set((users or self.technician).ids)]}
        )
        return call

    def test_unanswered_calls_once_a_day(self):
        with patch.object(
            type(self.env["aftersales.missed.call"]), "_compute_in_hours", _inside
        ):
            self._missed("2027-03-08 09:00")
            self._missed("2027-03-08 09:05")
            self._missed("2026-12-31 09:00")
            nobody = self._missed("2027-03-09 09:00")
            nobody._by_method().write({"duty_ids": [Command.clear()]})
            made = self._run()
        self.assertEqual(
            [(one.employee_id, one.date, one.amount) for one in made.sorted("date")],
            [
                (self.person, self._day("2027-03-08"), 50),
                (self.leader, self._day("2027-03-09"), 50),
            ],
        )
        self.assertEqual(self._run(), made, "twice gives nothing new")

    def test_left_without_check_out_and_repeat_repair(self):
        tickets = self.env["aftersales.ticket"].create(
            [
                {"symptom": text, "partner_id": self.farmer.id, "team_id": self.team.id}
                for text in ("Leaks", "Leaks again")
            ]
        )
        visit = self.env["aftersales.dispatch"].create(
            {
                "ticket_id": tickets[0].id,
                "technician_id": self.person.id,
                "date_start": local("2027-03-08 09:00"),
            }
        )
        visit._step(
            {
                "state": "done",
                "assign_date": local("2027-03-08 08:00"),
                "arrive_date": local("2027-03-08 09:00"),
                "finish_date": local("2027-03-08 10:00"),
                "left_without_check_out": True,
            }
        )
        tickets[1].repeat_of_id = tickets[0]
        tickets[1]._by_method().write(
            {"state": "solved", "solve_date": local("2027-03-09 10:00")}
        )
        made = self._run()
        self.assertEqual(
            [(one.trigger, one.employee_id, one.amount) for one in made],
            [("left", self.person, 50), ("repeat_repair", self.person, 0)],
        )
        self.assertEqual(made[0].action_view_source()["res_id"], visit.id)
        # Cancelled by hand, it does not come again.
        made.with_user(self.officer).action_cancel("He had phoned")
        self.assertEqual(self._run(), made)

    def test_others_propose_through_one_method(self):
        Sanction = self.env["aftersales.sanction"].with_user(self.agent)
        complaint = self._complain()
        args = ("false_inspection", self.person, complaint)
        first = Sanction._propose(*args, base_amount=40)
        self.assertEqual((first.sudo().amount, first.sudo().repeated), (80, True))
        self.assertEqual(first.sudo().proposed_by_id, self.agent)
        self.assertEqual(Sanction._propose(*args), first)
        self.assertFalse(first.has_access("read"))
        nobody = Sanction._propose(
            "missing_backup", self.env["hr.employee"], complaint, team=self.team
        ).sudo()
        self.assertEqual((nobody.employee_id, nobody.stands_in), (self.leader, True))
        self.other_person.active = False
        self.assertFalse(Sanction._propose("left", self.other_person, complaint))
        self.rules.active = False
        self.assertFalse(Sanction._propose("left", self.person, complaint))

    def test_a_complaint_proposes_its_person(self):
        complaint = self._to("agreed")
        complaint.responsible_id = self.other_person
        complaint.action_account()
        sanction = complaint.sudo().sanction_ids
        self.assertEqual(
            (sanction.employee_id, sanction.trigger, sanction.kind_id),
            (self.other_person, "complaint", self._kind("fine")),
        )
        self.assertIn("mounted askew", sanction.description)
        complaint.invalidate_recordset()
        self.assertFalse(complaint.sanction_ids, "not of his team")
        about = self._to("agreed")
        about.responsible_id = self.leader
        about.with_user(self.vice_president).sudo()._propose_sanctions()
        self.assertEqual(
            (about.sudo().sanction_ids.trigger, about.sudo().sanction_ids.amount),
            ("supervisor_complaint", 10),
        )
        nobody = self._to("agreed")
        nobody.action_account()
        stands = nobody.sudo().sanction_ids
        self.assertEqual((stands.employee_id, stands.stands_in), (self.leader, True))
        self.assertEqual(stands.trigger, "complaint")

    def test_effective_improvements_are_rewarded(self):
        action = self._improve(self._complain(), state="open")
        action.write({"owner_id": self.technician.id})
        quality = action.with_user(self.quality_lead)
        with self.assertRaisesRegex(UserError, "effective action"):
            quality.action_propose_reward()
        action._by_method().write({"state": "closed", "effective": "yes"})
        quality.invalidate_recordset()
        quality.action_propose_reward()
        reward = self.env["aftersales.sanction"].search([])
        self.assertEqual(
            (reward.nature, reward.employee_id, reward.trigger),
            ("reward", self.person, "improvement"),
        )
        with self.assertRaisesRegex(UserError, "once"):
            quality.action_propose_reward()

    def test_constant_number_of_queries(self):
        Sanction = self.env["aftersales.sanction"]
        tickets = self.env["aftersales.ticket"].create(
            [
                {"symptom": f"Leak {number}", "partner_id": self.farmer.id}
                for number in range(51)
            ]
        )
        counts = []
        for some in (tickets[:1], tickets[1:]):
            events = [
                Sanction._prepare_event("repeat_repair", self.worker, ticket)
                for ticket in some
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            made = Sanction._propose_batch(self.company, events)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(len(made), 50)
        # The doubled ones are written in two more statements.
        self.assertLessEqual(counts[1], counts[0] + 12, counts)
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        Sanction.with_user(self.officer).search([]).read(
            ["name", "employee_id", "amount", "state", "can_approve", "can_note"]
        )
        self.assertLessEqual(self.env.cr.sql_log_count - before, 60)


def _inside(calls):
    """Hours of a hotline are tested where they are kept."""
    for call in calls:
        call.in_hours = "inside"
