from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged

from .common import AftersalesCommon


class PhoneCommon(AftersalesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Call = cls.env["aftersales.ticket.call"].with_user(cls.agent)

    def _form(self, phone=False, **context):
        form = Form(self.Call.with_context(**context))
        if phone:
            form.phone = phone
        return form

    def _last(self):
        return self.env["aftersales.ticket"].search([], order="id desc", limit=1)


@tagged("post_install", "-at_install")
class TestPhoneForm(PhoneCommon):
    """R01: a call is registered while the customer is on the line."""

    def test_number_in_any_notation_finds_customer_and_unit(self):
        unit = self._sold_unit("TEL-1")
        for phone in (
            "+86 138 0013 8000",
            "008613800138000",
            "138-0013-8000",
            "(138) 0013.8000",
            "+86(0)13800138000",
            "１３８００１３８０００",
        ):
            with self.subTest(phone=phone):
                form = self._form(phone)
                self.assertEqual(form.partner_id, self.farmer)
                self.assertEqual(form.partner_name, "Farmer Wang")
                self.assertEqual(form.equipment_id, unit)
                self.assertTrue(form.warranty_text)

    def test_save(self):
        unit = self._sold_unit("TEL-2")
        form = self._form("13800138000")
        form.symptom = "Does not start"
        action = form.save().action_save()
        ticket = self._last()
        self.assertIn(ticket.name, action["params"]["message"])
        self.assertEqual(
            (ticket.equipment_id, ticket.partner_id, ticket.channel, ticket.symptom),
            (unit, self.farmer, "phone", "Does not start"),
        )
        self.assertEqual(ticket.partner_phone, "13800138000")
        self.assertEqual(ticket.create_uid, self.agent)
        form = self._form("13800138000")
        form.symptom = "Leaks"
        action = form.save().action_save_and_open()
        self.assertEqual(action["res_id"], self._last().id)

    def test_only_his_units_are_offered(self):
        first, second = self._sold_unit("TEL-3"), self._sold_unit("TEL-4")
        other = self._sold_unit("TEL-5", partner=self.other_farmer)
        form = self._form("13800138000")
        self.assertFalse(form.equipment_id)
        offered = self.env["aftersales.equipment"].search(form.unit_domain)
        self.assertEqual(offered, first | second)
        # Of an unknown caller every unit may be meant.
        offered = self.env["aftersales.equipment"].search(
            self._form("0209999999").unit_domain
        )
        self.assertIn(other, offered)

    def test_unknown_number_needs_no_contact(self):
        partners = self.env["res.partner"].search_count([])
        form = self._form("020 9999 8888")
        self.assertFalse(form.partner_id)
        form.partner_name = "Mrs Sun"
        form.symptom = "Question"
        form.save().action_save()
        ticket = self._last()
        self.assertFalse(ticket.partner_id)
        self.assertEqual(ticket.partner_name, "Mrs Sun")
        self.assertEqual(self.env["res.partner"].search_count([]), partners)
        # Who called last from this number is known by name.
        self.assertEqual(self._form("0086 20 9999 8888").partner_name, "Mrs Sun")

    def test_contact_on_wish(self):
        """Whoever may create contacts keeps the caller; others only his name."""
        self.assertFalse(self._form("020 9999 7777").can_create_contact)
        self.agent.group_ids |= self.env.ref("base.group_partner_manager")
        form = self._form("020 9999 7777")
        form.partner_name = "Mrs Qian"
        form.create_contact = True
        form.symptom = "Question"
        form.save().action_save()
        self.assertEqual(self._last().partner_id.phone, "020 9999 7777")

    def test_known_solutions_are_proposed_while_he_speaks(self):
        """R11: by product and symptom, before anything is saved."""
        self.env["aftersales.solution"].create(
            {"name": "Bleed the hydraulic oil", "product_ids": self.harvester.ids}
        )._by_method().write({"state": "published"})
        self._sold_unit("TEL-9")
        form = self._form("13800138000")
        form.symptom = "Hydraulic oil leaks"
        self.assertEqual(form.solution_ids[:].name, "Bleed the hydraulic oil")

    def test_number_of_several_customers_is_asked(self):
        self.other_farmer.phone = "138 0013 8000"
        self._sold_unit("TEL-6")
        form = self._form("13800138000")
        self.assertEqual(len(form.caller_ids), 2)
        self.assertFalse(form.partner_id)
        form.partner_id = self.other_farmer
        self.assertFalse(form.equipment_id)

    def test_open_tickets_are_shown_and_added_to(self):
        unit = self._sold_unit("TEL-7")
        known = self._ticket(equipment_id=unit.id, user_id=self.agent.id)
        known.action_wait("customer")
        form = self._form("13800138000")
        self.assertEqual(form.existing_id, known)
        self.assertIn(known.name, form.history)
        form.symptom = "Still does not start"
        count = self.env["aftersales.ticket"].search_count([])
        form.save().action_add()
        self.assertEqual(self.env["aftersales.ticket"].search_count([]), count)
        self.assertIn(
            "Still does not start", " ".join(known.message_ids.mapped("body"))
        )
        self.assertEqual(known.state, "open")

    def test_nobody_adds_to_a_foreign_ticket(self):
        foreign = self._ticket(
            partner_id=self.other_farmer.id, partner_phone="0209990000"
        )
        form = self._form("13800138000")
        form.symptom = "x"
        call = form.save()
        call.existing_id = foreign
        with self.assertRaises(UserError):
            call.action_add()

    def test_what_is_missing_is_said(self):
        with self.assertRaisesRegex(UserError, "what is wrong"):
            self.Call.create({"phone": "123456"}).action_save()
        with self.assertRaisesRegex(UserError, "who calls"):
            self.Call.create({"symptom": "S"}).action_save()
        with self.assertRaises(AccessError):
            self.Call.with_user(self.employee).create({"symptom": "S"})

    def test_missed_calls_of_the_number_are_answered(self):
        missed = self.env["aftersales.missed.call"].create(
            {"phone": "+8613800138000", "team_id": self.team.id}
        )
        form = self._form("13800138000")
        self.assertEqual(form.missed_count, 1)
        form.symptom = "Does not start"
        form.save().action_save()
        self.assertEqual((missed.state, missed.ticket_id), ("registered", self._last()))

    # ------------------------------------------------------------
    # DUPLICATES
    # ------------------------------------------------------------

    def test_same_unit_or_phone_is_proposed(self):
        unit = self._sold_unit("DUP-1")
        by_unit = self._ticket(equipment_id=unit.id)
        by_phone = self._ticket(
            partner_id=False, partner_name="Anybody", partner_phone="138 0013 8000"
        )
        ending = self._ticket(
            partner_id=False, partner_name="X", partner_phone="+1 555 0013 8000"
        )
        ticket = self._ticket(equipment_id=unit.id)
        self.assertEqual(ticket.similar_ids, by_unit | by_phone)
        self.assertNotIn(ending, by_phone.similar_ids)
        by_unit.action_cancel("Done")
        ticket.invalidate_recordset(["similar_ids"])
        self.assertEqual(ticket.similar_ids, by_phone)

    def test_calls_of_one_number_are_merged_with_their_story(self):
        """Whoever called, missed calls and to-dos move along; strangers never merge."""
        target = self._ticket(
            partner_id=False, partner_name="A", partner_phone="5551234567"
        )
        merged = self._ticket(
            partner_id=False,
            partner_name="B",
            partner_phone="+86 555 123 4567",
            description="<p>Told twice</p>",
        )
        missed = self.env["aftersales.missed.call"].create(
            {"phone": "5551234567", "team_id": self.team.id}
        )
        missed._link(merged)
        activity = merged.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.agent.id, summary="Call"
        )
        merged.message_post(body="Said before")
        Step = self.env["aftersales.ticket.step"].with_user(self.agent)
        step = Step.create({"step": "merge", "ticket_ids": [Command.set(merged.ids)]})
        self.assertIn(target, step.candidate_ids)
        step.target_id = target
        step.action_apply()
        self.assertEqual(merged.duplicate_of_id, target)
        self.assertEqual(missed.ticket_id, target)
        self.assertEqual(activity.res_id, target.id)
        story = " ".join(target.message_ids.mapped("body"))
        for said in ("Said before", "Told twice", "Caller: B"):
            self.assertIn(said, story)
        stranger = self._ticket(partner_id=False, partner_name="C")
        with self.assertRaises(UserError):
            stranger.action_merge(target.id)


@tagged("post_install", "-at_install")
class TestPhoneFormKeyboard(PhoneCommon, HttpCase):
    def test_a_call_without_a_mouse(self):
        """R01: from the list to the saved ticket by keys alone."""
        unit = self._sold_unit("KEY-1")
        self.start_tour(
            "/odoo/aftersales-tickets", "aftersales_phone_form", login="agent"
        )
        ticket = unit.ticket_ids
        self.assertEqual(ticket.symptom, "Does not start")
        self.assertEqual(ticket.partner_phone, "008613800138000")
        self.assertEqual(ticket.create_uid, self.agent)
