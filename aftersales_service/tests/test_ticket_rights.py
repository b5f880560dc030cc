from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestTicketRights(AftersalesCommon):
    """Proves who may do what: sales, warehouse, accounting, desk, technicians."""

    def _request(self, record, user, **values):
        """Press "Request service" on a core document and fill in the form."""
        action = record.with_user(user).action_aftersales_request_service()
        Request = self.env[action["res_model"]].with_user(user)
        form = Form(Request.with_context(**action["context"]))
        for field, value in {"symptom": "Hydraulic leak", **values}.items():
            form[field] = value
        result = form.save().action_create_ticket()
        return self.env["aftersales.ticket"].browse(result["res_id"])

    def test_salesman_requests_from_his_order(self):
        unit = self._sold_unit("S1")
        order = unit.sale_order_id
        ticket = self._request(order, self.salesman)
        self.assertEqual(ticket.equipment_id, unit)
        self.assertEqual(ticket.partner_id, self.farmer)
        self.assertEqual(ticket.sale_order_id, order)
        self.assertEqual(ticket.create_uid, self.salesman)
        seen = ticket.with_user(self.salesman)
        self.assertEqual(seen.symptom, "Hydraulic leak")
        self.assertIn(self.salesman.partner_id, ticket.message_partner_ids)
        seen.message_post(body="Please hurry")
        with self.assertRaises(AccessError):
            seen.write({"symptom": "x"})
        self.assertEqual(order.with_user(self.salesman).aftersales_ticket_count, 1)
        self.assertEqual(order.with_user(self.salesman).aftersales_equipment_count, 1)

    def test_salesman_and_foreign_orders(self):
        colleague = self.salesman.copy({"login": "colleague"})
        unit = self._sold_unit("S2", user=colleague)
        with self.assertRaises(AccessError):
            self._request(unit.sale_order_id, self.salesman)
        ticket = self._ticket(equipment_id=unit.id)
        with self.assertRaises(AccessError):
            ticket.with_user(self.salesman).read(["symptom"])
        with self.assertRaises(AccessError):
            unit.with_user(self.salesman).read(["name"])
        self.assertEqual(ticket.with_user(colleague).symptom, "Does not start")

    def test_foreign_unit_slipped_into_the_form(self):
        """The form takes only units of the document it was opened from."""
        own, foreign = self._sold_unit("S3"), self._sold_unit("S4")
        request = (
            self.env["aftersales.ticket.request"]
            .with_user(self.salesman)
            .create(
                {
                    "order_id": own.sale_order_id.id,
                    "equipment_id": foreign.id,
                    "symptom": "x",
                    "partner_id": self.farmer.id,
                }
            )
        )
        with self.assertRaisesRegex(UserError, "does not belong"):
            request.action_create_ticket()

    def test_warehouse_requests_from_delivery_and_lot(self):
        unit = self._sold_unit("W1")
        ticket = self._request(unit.picking_id, self.warehouse_user)
        self.assertEqual(ticket.equipment_id, unit)
        self.assertEqual(ticket.with_user(self.warehouse_user).state, "new")
        ticket = self._request(unit.lot_id, self.warehouse_user)
        self.assertEqual(ticket.equipment_id, unit)
        self.assertEqual(
            unit.lot_id.with_user(self.warehouse_user).aftersales_equipment_count, 1
        )

    def test_accountant_requests_from_invoice(self):
        unit = self._sold_unit("I1")
        invoice = self._invoice(unit.sale_order_id)
        ticket = self._request(invoice, self.accountant)
        self.assertEqual(ticket.equipment_id, unit)

    def test_agent_requests_from_partner_and_unit(self):
        unit = self._sold_unit("A1")
        self.assertEqual(self._request(self.farmer, self.agent).equipment_id, unit)
        action = unit.with_user(self.agent).action_request_service()
        self.assertEqual(action["context"]["default_equipment_id"], unit.id)

    def test_employee_without_document(self):
        """Without a document that vouches for him, an employee opens nothing."""
        with self.assertRaises(AccessError):
            self._request(self.farmer, self.employee)

    def test_technician_sees_his_own(self):
        mine = self._ticket(user_id=self.technician.id)
        other = self._ticket(user_id=self.agent.id)
        self.assertEqual(
            self.env["aftersales.ticket"]
            .with_user(self.technician)
            .search([("id", "in", (mine | other).ids)]),
            mine.with_user(self.technician),
        )
        mine.with_user(self.technician).action_open()
        with self.assertRaises(AccessError):
            other.with_user(self.technician).action_open()
        with self.assertRaises(UserError):
            mine.with_user(self.technician).action_cancel("x")

    def test_employee_sees_nothing(self):
        unit, ticket = self._sold_unit("E1"), self._ticket()
        with self.assertRaises(AccessError):
            unit.with_user(self.employee).read(["name"])
        with self.assertRaises(AccessError):
            ticket.with_user(self.employee).read(["name"])
        self.assertEqual(
            self.farmer.with_user(self.employee).aftersales_ticket_count, 0
        )

    def test_agent_has_no_right_on_core_documents(self):
        """Our groups give no right on sale, stock or accounting."""
        unit = self._sold_unit("C1")
        self._invoice(unit.sale_order_id)
        for record in (unit.sale_order_id, unit.move_id, unit.invoice_line_ids):
            with self.subTest(record._name), self.assertRaises(AccessError):
                record.with_user(self.manager).read(["display_name"])
        seen = unit.with_user(self.agent)
        self.assertEqual(seen.order_ref, unit.sale_order_id.name)
        self.assertTrue(seen.invoice_ref)

    def test_every_screen_opens_for_the_desk(self):
        """A form reads what its user may read: no field breaks it."""
        unit = self._sold_unit("V1")
        self._invoice(unit.sale_order_id)
        ticket = self._ticket(equipment_id=unit.id)
        for user in (self.technician, self.agent, self.supervisor, self.manager):
            ticket.user_id = user
            for record in (unit, ticket):
                with self.subTest(user=user.login, model=record._name):
                    Form(record.with_user(user))

    def test_partner_button_counts_contacts_too(self):
        contact = self.env["res.partner"].create(
            {"name": "Son", "parent_id": self.farmer.id}
        )
        self._ticket(partner_id=contact.id)
        self._ticket()
        self.assertEqual(self.farmer.with_user(self.agent).aftersales_ticket_count, 2)
        self.assertEqual(contact.with_user(self.agent).aftersales_ticket_count, 1)

    def test_other_company_is_invisible(self):
        other = self.env["res.company"].create({"name": "Other Works"})
        ticket = self.env["aftersales.ticket"].create(
            {"symptom": "x", "partner_name": "y", "company_id": other.id}
        )
        self.assertFalse(ticket.team_id)
        with self.assertRaises(AccessError):
            ticket.with_user(self.manager).read(["name"])
        unit = self._sold_unit("O1")
        with self.assertRaises(UserError):
            ticket.equipment_id = unit
