"""From the ticket to the customer's judgement, in the browser, each as his own user."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from odoo.addons.aftersales_service.tests.dispatch_common import DispatchCommon


@tagged("post_install", "-at_install")
class TestDispatchJourney(DispatchCommon, HttpCase):
    """Proves R22, R25, R33: the dispatcher sends, the technician serves, the customer judges.

    Nobody is an administrator, the dispatcher has no rights on employees, the customer
    has no login.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The journey is walked at whatever hour the tests run.
        cls.calendar.flexible_hours = True
        now = fields.Datetime.now()
        cls.env["resource.calendar.leaves"].create(
            {
                "name": "At the sea",
                "resource_id": cls.zhou.resource_id.id,
                "company_id": cls.company.id,
                "date_from": now - timedelta(days=1),
                "date_to": now + timedelta(days=3),
            }
        )
        cls.team.write(
            {
                "supervisor_id": cls.supervisor.id,
                "signature_required": True,
                "hazard_look_required": True,
            }
        )
        cls.job_type = cls.env["aftersales.job.type"].create({"name": "Belt"})
        cls.checklist = cls.env["aftersales.checklist"].create(
            {
                "name": "Before the Belt",
                "job_type_ids": [Command.set(cls.job_type.ids)],
                "point_ids": [
                    Command.create({"name": "Power off before opening"}),
                    Command.create(
                        {
                            "name": "Pressure",
                            "kind": "number",
                            "unit": "bar",
                            "number_min": 2.0,
                            "number_max": 3.0,
                        }
                    ),
                ],
            }
        )

    def _show(self, size):
        """Choose the size of the window of the next walk."""
        self.addClassCleanup(setattr, type(self), "browser_size", self.browser_size)
        type(self).browser_size = size

    def test_from_ticket_to_judgement(self):
        ticket = self._visit_ticket(
            equipment_id=self._sold_unit("VISIT-1").id,
            team_id=self.team.id,
            job_type_id=self.job_type.id,
        )
        dispatch = self._walk_dispatcher(ticket)
        self._walk_technician(dispatch)
        self._walk_customer(dispatch)

    def _walk_dispatcher(self, ticket):
        self._show("1400x900")
        action = "aftersales_service.aftersales_ticket_action"
        self.start_tour(
            f"/odoo/action-{action}/{ticket.id}",
            "aftersales_dispatcher_sends",
            login="agent",
        )
        self.env.invalidate_all()
        dispatch = ticket.dispatch_ids
        self.assertEqual(dispatch.state, "assigned")
        self.assertEqual(dispatch.technician_id, self.chen)
        self.assertEqual(dispatch.assigned_by_id, self.agent)
        self.assertFalse(dispatch.override_reason)
        self.assertEqual(dispatch.slot_ids.employee_id, self.chen)
        self.assertEqual(ticket.state, "open")
        return dispatch

    def _walk_technician(self, dispatch):
        self._show("390x844")
        self.start_tour(
            "/odoo/aftersales-my-jobs", "aftersales_visit_phone", login="technician"
        )
        self.env.invalidate_all()
        self.assertEqual(dispatch.state, "done")
        self.assertLessEqual(dispatch.assign_date, dispatch.accept_date)
        self.assertLessEqual(dispatch.depart_date, dispatch.arrive_date)
        self.assertLessEqual(dispatch.arrive_date, dispatch.finish_date)
        self.assertLessEqual(dispatch.finish_date, dispatch.check_out_date)
        self.assertEqual(dispatch.work_done, "Belt changed")
        self.assertEqual(dispatch.signed_by, "Farmer Wang")
        self.assertTrue(dispatch.signature and dispatch.signed_on)
        checks = dispatch.checklist_ids.filtered(
            lambda check: check.checklist_id == self.checklist
        )
        self.assertEqual(checks.mapped("is_answered"), [True, True])
        self.assertEqual(checks.mapped("is_flagged"), [False, True])
        self.assertEqual(dispatch.line_ids.quantity, 1.5)
        self.assertEqual(dispatch.line_ids.employee_id, self.chen)
        self.assertEqual(dispatch.line_ids.state, "used")
        ticket = dispatch.ticket_id
        self.assertEqual(ticket.state, "solved")
        self.assertEqual(ticket.arrive_date, dispatch.arrive_date)
        self.assertFalse(dispatch.slot_ids)

    def _walk_customer(self, dispatch):
        url = dispatch.sudo()._get_card_url()
        self.start_tour(
            url[url.index("/aftersales/") :], "aftersales_customer_evaluates"
        )
        self.env.invalidate_all()
        card = dispatch.sudo().card_ids
        self.assertTrue(card.consumed)
        self.assertEqual(
            (
                card.aftersales_attitude,
                card.aftersales_skill,
                card.aftersales_arrival,
                card.aftersales_promise,
            ),
            ("4", "3", "1", "2"),
        )
        self.assertEqual(card.rating, 1 + (10 / 4 - 1) * 4 / 3)
        self.assertEqual(card.feedback, "Came after dark")
        self.assertEqual(card.rated_partner_id, self.chen.work_contact_id)
        self.assertFalse(card.aftersales_noted_by_id)
        # One item at the lowest level: the supervisor is told the same minute.
        self.assertEqual(card.aftersales_alerted_id, self.supervisor)
        self.assertIn(self.supervisor, dispatch.activity_ids.user_id)
        self.assertFalse(dispatch.sudo()._get_card_url())
