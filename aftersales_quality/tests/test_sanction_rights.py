from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .sanction_common import TODAY, SanctionCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSanctionRights(SanctionCommon):
    """Nobody sees another's: not by search, groups, names, mail nor complaint (R61)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.complaint = cls.env["aftersales.complaint"].create(
            {
                "partner_id": cls.farmer.id,
                "description": "The belt broke again.",
                "company_id": cls.company.id,
            }
        )
        cls.own = cls._sanction(complaint_id=cls.complaint.id)
        cls.other = cls._sanction(cls.other_person, complaint_id=cls.complaint.id)
        cls.reward = cls._reward()
        cls.human = new_test_user(
            cls.env,
            login="human",
            groups="base.group_user,hr.group_hr_user",
            context={"no_reset_password": True},
            lang="en_US",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _seen(self, user):
        """Return what a user finds, asserting that every way shows the same."""
        user.sudo().group_ids |= self.env.ref("base.group_allow_export")
        Sanction = self.env["aftersales.sanction"].with_user(user)
        found = Sanction.search([])
        self.assertEqual(
            len(found.export_data(["name", "amount"])["datas"]), len(found)
        )
        names = {res_id for res_id, _name in Sanction.name_search("", limit=None)}
        self.assertEqual(names, set(found.ids))
        groups = Sanction._read_group([], [], ["id:array_agg", "amount:sum"])
        self.assertEqual(set(groups[0][0] or ()), set(found.ids))
        hidden = (self.own | self.other | self.reward) - found.sudo()
        for one in hidden.with_user(user):
            with self.assertRaises(AccessError):
                one.read(["amount"])
        messages = (
            self.env["mail.message"]
            .with_user(user)
            .search(
                [
                    ("model", "=", "aftersales.sanction"),
                    ("res_id", "in", hidden.ids),
                    ("author_id", "!=", user.partner_id.id),
                ]
            )
        )
        self.assertFalse(messages)
        return found.sudo()

    def test_everybody_sees_what_is_his_to_see(self):
        nothing = self.own.browse()
        everything = (self.own | self.other | self.reward).sudo()
        own = (self.own | self.reward).sudo()
        seen = {
            self.technician: own,
            self.colleague: self.other.sudo(),
            self.employee: nothing,
            self.agent: nothing,
            self.salesman: nothing,
            self.manager: nothing,
            self.quality_lead: nothing,
            self.vice_president: nothing,
            self.supervisor: own,
            self.other_leader: self.other.sudo(),
            self.director: self.reward.sudo(),
            self.member: nothing,  # not before the review
            self.human: everything,
            self.officer: everything,
            self.general_manager: everything,
        }
        for user, sanctions in seen.items():
            with self.subTest(user=user.login):
                self.assertEqual(self._seen(user), sanctions)
        self.reward.with_user(self.director).action_review()
        self.assertEqual(self._seen(self.member), self.reward.sudo())
        # Another leader, by the personnel file this time.
        self.team.member_ids = False
        # What he proposed as a reward stays his to follow.
        self.assertEqual(self._seen(self.supervisor), self.reward.sudo())
        self.person.parent_id = self.leader
        self.assertEqual(self._seen(self.supervisor), own)

    def test_portal_and_other_companies_see_nothing(self):
        portal = new_test_user(
            self.env, login="portal_s", groups="base.group_portal", lang="en_US"
        )
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        for model in ("", ".kind", ".rule", ".approval", ".payroll"):
            with self.assertRaises(AccessError):
                self.env[f"aftersales.sanction{model}"].with_user(portal).search([])
        self.officer.write(
            {"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id}
        )
        Sanction = self.env["aftersales.sanction"].with_user(self.officer)
        self.assertFalse(
            Sanction.with_context(allowed_company_ids=elsewhere.ids).search([])
        )

    def test_a_leader_neither_writes_his_own_nor_another_teams(self):
        own = self._sanction(self.leader, self.officer)
        with self.assertRaises(AccessError):
            own.with_user(self.supervisor).write({"base_amount": 1})
        with self.assertRaises(AccessError):
            self._sanction(self.leader, self.supervisor)
        with self.assertRaises(AccessError):
            self._sanction(self.other_person, self.supervisor)
        stranger = self.other.with_user(self.supervisor)
        for step, args in (
            ("action_approve", ()),
            ("action_cancel", ("No",)),
            ("action_speak", ("No",)),
            ("action_decline", (self.agent.id,)),
        ):
            with self.subTest(step=step), self.assertRaises(AccessError):
                getattr(stranger, step)(*args)

    def test_the_complaint_does_not_tell(self):
        complaint = self.complaint.with_user(self.supervisor)
        self.assertEqual(complaint.sanction_ids, self.own)
        self.assertEqual(len(complaint._get_printed_sanctions()), 1)
        self.env.invalidate_all()
        self.assertFalse(self.complaint.with_user(self.agent).sanction_ids)
        self.assertTrue(complaint._has_sanction())
        text = " ".join(str(body) for body in self.complaint.message_ids.mapped("body"))
        self.assertNotIn(self.own.name, text)

    def test_mail_reaches_readers_only(self):
        """Followers and those who are mentioned are told when they may read it."""
        sanction = self.own.with_user(self.officer)
        strangers = self.colleague | self.other_leader | self.employee
        sanction.message_subscribe(strangers.partner_id.ids)
        sanction.message_subscribe(self.supervisor.partner_id.ids)
        message = sanction.message_post(
            body="Twenty it is.",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=(strangers.partner_id | self.farmer).ids,
        )
        told = message.sudo().notification_ids.res_partner_id
        self.assertEqual(told, (self.supervisor | self.technician).partner_id)
        file = self.env["ir.attachment"].create(
            {
                "name": "photo.txt",
                "raw": b"rain",
                "res_model": self.own._name,
                "res_id": self.own.id,
            }
        )
        self.assertTrue(file.with_user(self.technician).raw)
        with self.assertRaises(AccessError):
            file.with_user(self.colleague).read(["raw"])

    def test_names_say_nothing(self):
        """To-dos and links show a number, neither person nor amount."""
        self.assertEqual(self.own.display_name, self.own.name)
        self.assertNotIn("20.0", self.own.sudo().activity_ids.res_name)
