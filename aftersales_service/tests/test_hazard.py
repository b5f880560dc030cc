from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_visit_phone import TODAY, VisitCommon, picture


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestHazard(VisitCommon):
    """Hazards are told, signed and followed up; damage is settled (R79, R80)."""

    def _hazard(self, own, **values):
        return (
            self.env["aftersales.hazard"]
            .with_user(own.env.user)
            .create({"dispatch_id": own.id, "description": "Bare wire", **values})
        )

    def _damage(self, own, **values):
        return (
            self.env["aftersales.damage"]
            .with_user(own.env.user)
            .create({"dispatch_id": own.id, "description": "Vase broken", **values})
        )

    def test_every_visit_includes_a_look(self):
        self.team.hazard_look_required = True
        own = self._on_site()
        with self.assertRaisesRegex(UserError, "anything dangerous"):
            own.action_finish()
        own.hazard_look = "found"
        with self.assertRaisesRegex(UserError, "which hazard"):
            own.action_finish()
        hazard = self._hazard(own)
        with self.assertRaisesRegex(UserError, "who was told") as caught:
            own.action_finish()
        self.assertIn("signature for the hazard", str(caught.exception))
        hazard.told_to = "Farmer Wang"
        hazard.unsigned_reason = "Refuses to sign"
        own.action_finish()
        self.assertEqual(own.state, "done")

    def test_told_signed_followed_up(self):
        unit = self._sold_unit("HAZ-1")
        own = self._on_site(
            ticket=self._visit_ticket(team_id=self.team.id, equipment_id=unit.id)
        )
        hazard = self._hazard(own, kind="power", followup_date=date(2026, 6, 9))
        self.assertEqual(own.hazard_look, "found")
        self.assertEqual((hazard.partner_id, hazard.equipment_id), (self.farmer, unit))
        activity = hazard.sudo().activity_ids
        self.assertEqual(
            (activity.user_id, activity.date_deadline), (self.agent, date(2026, 6, 9))
        )
        hazard.followup_date = date(2026, 6, 12)
        self.assertEqual(hazard.sudo().activity_ids.date_deadline, date(2026, 6, 12))
        hazard.write({"told_to": "Farmer Wang", "signature": picture()})
        self.assertEqual(hazard.signed_on, TODAY)
        with self.assertRaisesRegex(UserError, "customer has signed"):
            hazard.description = "Nothing"
        with self.assertRaisesRegex(UserError, "they are kept"):
            hazard.unlink()
        with self.assertRaisesRegex(UserError, "The desk settles"):
            hazard.action_rectify()
        with self.assertRaisesRegex(UserError, "cannot be typed"):
            hazard.state = "rectified"
        hazard.with_user(self.agent).action_rectify("Electrician was there")
        self.assertEqual((hazard.state, hazard.end_date), ("rectified", TODAY))
        self.assertFalse(hazard.sudo().activity_ids)
        with self.assertRaisesRegex(UserError, "The desk settles"):
            hazard.with_user(self.agent).action_refuse()

    def test_only_on_own_visits(self):
        foreign = self._assigned(technician=self.zhou)
        with self.assertRaises(AccessError):
            self._hazard(foreign.with_user(self.technician))
        with self.assertRaises(AccessError):
            self._damage(foreign.with_user(self.technician))
        draft = self._dispatch(start=TODAY + timedelta(hours=5))
        with self.assertRaisesRegex(UserError, "visits that take place"):
            self._hazard(draft)

    def test_damage_is_the_supervisors_to_settle(self):
        """The technician records and apologises; amounts are not for his eyes."""
        own = self._on_site()
        damage = self._damage(own, apology=True)
        self.assertEqual(damage.sudo().activity_ids.user_id, self.supervisor)
        self.assertNotIn("amount_paid", damage.fields_get())
        with self.assertRaises(AccessError):
            damage.write({"amount_paid": 10.0})
        with self.assertRaises(AccessError):
            damage.read(["estimated_value"])
        with self.assertRaisesRegex(UserError, "A supervisor settles"):
            damage.action_settle()
        boss = damage.with_user(self.supervisor)
        with self.assertRaisesRegex(UserError, "who bears"):
            boss.action_settle()
        boss.write({"estimated_value": 90, "amount_paid": 80, "bearer": "company"})
        boss.action_settle()
        self.assertEqual((damage.state, damage.settle_date), ("settled", TODAY))
        self.assertFalse(boss.activity_ids)
        with self.assertRaisesRegex(UserError, "is not changed"):
            damage.description = "Two vases"
        boss.action_reopen()
        self.assertEqual(damage.state, "open")
