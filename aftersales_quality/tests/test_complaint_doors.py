from datetime import timedelta

from freezegun import freeze_time
from lxml import etree
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.aftersales_service.tests.card_common import GOOD, TODAY, CardCommon

from .common import QualityCommon

BAD = {**GOOD, "attitude": 1}


@freeze_time(TODAY)
@tagged("post_install", "-at_install")
class TestComplaintDoors(QualityCommon, CardCommon):
    """Complaints are recorded where they are heard, by whoever hears them (R58)."""

    def _record(self, document, user=None, **values):
        """Press "Record Complaint" on a document and fill in the form."""
        document = document.with_user(user or self.agent)
        action = document.action_aftersales_complain()
        Request = self.env[action["res_model"]].with_user(user or self.agent)
        form = Form(Request.with_context(**action["context"]))
        for field, value in {"description": "Rude and late", **values}.items():
            form[field] = value
        result = form.save().action_record()
        return self.env["aftersales.complaint"].browse(result["res_id"])

    # ------------------------------------------------------------
    # SOURCES
    # ------------------------------------------------------------

    def test_ticket_hands_over_what_it_knows(self):
        unit = self._sold_unit("C2-1")
        ticket = self._ticket(
            equipment_id=unit.id, partner_name="Son of Wang", partner_phone="123"
        )
        complaint = self._record(ticket, kind="quality")
        self.assertEqual(
            (complaint.ticket_id, complaint.equipment_id, complaint.partner_id),
            (ticket, unit, self.farmer),
        )
        self.assertEqual(
            (complaint.product_id, complaint.lot_id, complaint.sale_order_id),
            (unit.product_id, unit.lot_id, unit.sale_order_id),
        )
        self.assertEqual(
            (complaint.contact_name, complaint.contact_phone), ("Son of Wang", "123")
        )
        self.assertEqual(complaint.ship_date, unit.delivery_date)
        self.assertEqual((complaint.quantity, complaint.bad_quantity), (1, 1))
        self.assertEqual(complaint.create_uid, self.agent)
        self.assertEqual(ticket.aftersales_complaint_count, 1)
        action = ticket.action_view_aftersales_complaints()
        self.assertEqual(action["res_id"], complaint.id)

    def test_script_names_the_ticket_alone(self):
        """Contract: records made over RPC take over what their ticket knows."""
        unit = self._sold_unit("C2-2")
        ticket = self._ticket(equipment_id=unit.id)
        complaint = self.env["aftersales.complaint"].create({"ticket_id": ticket.id})
        self.assertEqual(complaint.partner_id, self.farmer)
        self.assertEqual(complaint.equipment_id, unit)

    def test_return_names_goods_and_order(self):
        self._stock(self.oil, 10)
        order = self._sold(quantity=5)
        rma = self._rma((order.picking_ids.move_ids, 2, None))
        complaint = self._record(rma)
        self.assertEqual(
            (complaint.return_id, complaint.sale_order_id, complaint.product_id),
            (rma, order, self.oil),
        )
        self.assertEqual((complaint.quantity, complaint.bad_quantity), (5, 2))
        # The warehouse reads the number of the complaint, nothing else of it.
        seen = rma.with_user(self.warehouse_user)
        self.assertEqual(seen.aftersales_complaint_names, complaint.name)
        self.assertEqual(seen.aftersales_complaint_count, 0)
        with self.assertRaises(AccessError):
            complaint.with_user(self.warehouse_user).read(["description"])

    def test_order_unit_contact_and_callback(self):
        unit = self._sold_unit("C2-3")
        self.assertEqual(
            self._record(unit.sale_order_id, self.salesman).partner_id, self.farmer
        )
        self.assertEqual(self._record(unit).sale_order_id, unit.sale_order_id)
        self.assertEqual(self._record(self.farmer).partner_id, self.farmer)
        ticket = self._ticket(equipment_id=unit.id)
        callback = self.env["aftersales.callback"].create(
            {"ticket_id": ticket.id, "answer": "Still broken"}
        )
        complaint = self._record(callback, description="Still broken")
        self.assertEqual(
            (complaint.callback_id, complaint.ticket_id, complaint.channel),
            (callback, ticket, "hotline"),
        )
        self.assertEqual(self.farmer.aftersales_complaint_count, 4)
        self.assertEqual(unit.aftersales_complaint_count, 2)
        self.assertEqual(unit.product_id.aftersales_complaint_count, 2)
        self.assertEqual(unit.product_id.product_tmpl_id.aftersales_complaint_count, 2)

    def test_press_says_who_wrote_when_and_where(self):
        complaint = self._record(
            self.farmer,
            channel="press",
            publisher="Farmers' Daily, Li",
            published_on="2026-06-01",
            publication_url="https://daily.example/1",
        )
        self.assertEqual(
            (complaint.publisher, complaint.publication_url),
            ("Farmers' Daily, Li", "https://daily.example/1"),
        )
        self.assertEqual(str(complaint.published_on), "2026-06-01")

    def test_words_are_asked_for(self):
        with self.assertRaisesRegex(UserError, "what the customer says"):
            self._record(self.farmer, description=" ")

    # ------------------------------------------------------------
    # EVALUATION CARDS
    # ------------------------------------------------------------

    def test_bad_card_becomes_a_complaint_once(self):
        visit = self._done()
        card = self._card(visit)
        card._answer_card(BAD, words="He shouted", opinion="complaint")
        seen = card.with_user(self.supervisor)
        self.assertTrue(seen.aftersales_can_complain)
        complaint = self._record(card, self.supervisor)
        self.assertEqual(
            (complaint.rating_id, complaint.dispatch_id, complaint.ticket_id),
            (card, visit, visit.ticket_id),
        )
        self.assertEqual((complaint.channel, complaint.kind), ("card", "service"))
        self.env.invalidate_all()
        self.assertFalse(seen.aftersales_can_complain)
        with self.assertRaisesRegex(UserError, complaint.name):
            card.with_user(self.supervisor).action_aftersales_complain()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self._complain(rating_id=card.id).flush_recordset()

    def test_good_card_is_no_complaint(self):
        card = self._card(self._done())
        card._answer_card(GOOD, words="Fine")
        self.assertFalse(card.with_user(self.supervisor).aftersales_can_complain)
        with self.assertRaisesRegex(UserError, "Class the words first"):
            card.with_user(self.supervisor).action_aftersales_complain()
        self.assertFalse(
            self.env["aftersales.complaint"].search([("rating_id", "=", card.id)])
        )

    def test_card_becomes_a_complaint_by_itself(self):
        """Where the company says so: once, with a to-do for the supervisor."""
        self.company.aftersales_complaint_from_cards = True
        card = self._card(self._done())
        card._answer_card(BAD, words="He shouted")
        complaint = self.env["aftersales.complaint"].search(
            [("rating_id", "=", card.id)]
        )
        self.assertEqual(complaint.description, "He shouted")
        self.assertEqual(complaint.company_id, self.company)
        self.assertEqual(complaint.owner_id, self.supervisor)
        todo = complaint.activity_ids.filtered(lambda a: a.summary == "New complaint")
        self.assertEqual(todo.user_id, self.supervisor)
        # Classing the words afterwards opens no second one.
        card.with_user(self.supervisor).action_complaint()
        self.assertEqual(card.sudo().aftersales_complaint_count, 1)

    # ------------------------------------------------------------
    # RIGHTS
    # ------------------------------------------------------------

    def test_salesman_records_from_his_order_and_follows(self):
        unit = self._sold_unit("C2-4")
        complaint = self._record(unit.sale_order_id, self.salesman)
        self.assertEqual(complaint.create_uid, self.salesman)
        seen = complaint.with_user(self.salesman)
        self.assertEqual(seen.description, "Rude and late")
        self.assertIn(self.salesman.partner_id, complaint.message_partner_ids)
        with self.assertRaises(AccessError):
            seen.write({"description": "x"})
        with self.assertRaises(AccessError):
            seen.action_validate()
        # The form opens with all that it shows him.
        form = etree.fromstring(seen.get_view(view_type="form")["arch"])
        names = form.xpath("//field[not(ancestor::field)]/@name")
        self.assertNotIn("responsible_id", names)
        self.assertTrue(
            seen.web_read(
                {
                    name: {"fields": {}} if seen._fields[name].relational else {}
                    for name in names
                }
            )
        )
        todo = complaint.activity_ids.filtered(lambda a: a.summary == "New complaint")
        self.assertTrue(todo, "Who leads complaints is told")
        colleague = self.salesman.copy({"login": "colleague_c2"})
        foreign = self._sold_unit("C2-5", user=colleague).sale_order_id
        with self.assertRaises(AccessError):
            self._record(foreign, self.salesman)
        with self.assertRaises(AccessError):
            complaint.with_user(colleague).read(["description"])

    def test_salesman_needs_a_document(self):
        request = (
            self.env["aftersales.complaint.request"]
            .with_user(self.salesman)
            .create({"partner_id": self.farmer.id, "description": "x"})
        )
        with self.assertRaisesRegex(UserError, "record the complaint there"):
            request.action_record()

    def test_technician_records_from_his_visit(self):
        visit = self._running()
        mine = visit.with_user(self.technician)
        complaint = self._record(mine, self.technician)
        self.assertEqual((complaint.dispatch_id, complaint.channel), (visit, "visit"))
        self.assertEqual(complaint.ticket_id, visit.ticket_id)
        self.assertEqual(complaint.with_user(self.technician).state, "recorded")
        foreign = self._running(self.zhou, TODAY + timedelta(days=1))
        with self.assertRaises(AccessError):
            self._record(foreign, self.technician)
        with self.assertRaises(AccessError):
            self.env["aftersales.complaint"].with_user(self.technician).create(
                {"partner_id": self.farmer.id}
            )

    def test_employee_shows_complaints_to_hr_and_performance_only(self):
        complaint = self._complain()
        complaint._by_method().write({"responsible_id": self.zhou.id})
        hr = self.agent.copy({"login": "hr_c2"})
        hr.group_ids = [Command.set(self.env.ref("hr.group_hr_user").ids)]
        self.assertEqual(self.zhou.with_user(hr).aftersales_complaint_count, 1)
        public = self.env["hr.employee.public"].browse(self.zhou.id)
        self.assertEqual(public.with_user(self.officer).aftersales_complaint_count, 1)
        # Others may read what both faces of an employee share, as everything of them
        # that has a field there: it says nothing.
        for face in (self.zhou, public):
            count = face.with_user(self.agent).aftersales_complaint_count
            self.assertEqual(count, 0)
        self.assertEqual(self.zhou.with_user(self.agent).name, "Zhou Min")

    # ------------------------------------------------------------
    # COST
    # ------------------------------------------------------------

    def test_counts_cost_the_same_for_many(self):
        tickets = self.env["aftersales.ticket"].create(
            [{"symptom": f"No {i}", "partner_id": self.farmer.id} for i in range(50)]
        )
        self.env["aftersales.complaint"].create(
            [{"ticket_id": ticket.id} for ticket in tickets]
        )
        costs = []
        # What is read once for all, rights and views, is read before.
        for some in (tickets[1:2], tickets[:1], tickets):
            self.env.invalidate_all()
            seen = some.with_user(self.agent)
            seen.mapped("name")
            start = self.env.cr.sql_log_count
            self.assertEqual(set(seen.mapped("aftersales_complaint_count")), {1})
            costs.append(self.env.cr.sql_log_count - start)
        self.assertEqual(costs[1], costs[2])
        self.assertLessEqual(costs[2], 3)

    # ------------------------------------------------------------
    # ERASURE
    # ------------------------------------------------------------

    def test_person_is_erased_after_the_time(self):
        complaint = self._complain(demand="Money back")
        self.assertEqual(
            complaint._get_erasure_verdicts()[complaint][0], "open_complaint"
        )
        complaint._by_method().write(
            {"state": "rejected", "date_end": "2010-01-01 08:00:00"}
        )
        self.assertEqual(complaint._get_erasure_verdicts()[complaint][0], "past")
        self.assertIn(
            complaint, complaint.search(complaint._get_person_domain(self.farmer))
        )
        complaint._erase_person(self.farmer)
        self.assertFalse(complaint.partner_id or complaint.contact_phone)
        for name in ("description", "demand", "contact_name"):
            self.assertIn("Erased on request", complaint[name])
