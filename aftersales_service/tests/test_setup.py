from ast import literal_eval

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import AftersalesCommon


class SetupCommon(AftersalesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setup = cls.env["aftersales.setup"].browse(cls.company.id)
        cls.setup = cls.setup.with_user(cls.manager)


@tagged("post_install", "-at_install")
class TestWarrantyStep(SetupCommon):
    """Proves: the page of first steps tells whether units have a warranty policy."""

    def _step(self):
        self.setup.invalidate_recordset()
        steps = self.setup.step_ids.filtered(lambda step: step.code == "warranty")
        steps.invalidate_recordset()
        return steps

    def test_done_with_the_first_policy(self):
        unit = self._sold_unit()
        self.assertEqual(
            (self._step().state, self._step().figure[-6:]), ("open", "0 of 1")
        )
        policy = self.env.ref("aftersales_service.aftersales_warranty_policy_machine")
        unit.action_reapply_policy("Going live", policy.id)
        self.assertEqual(
            (self._step().state, self._step().figure[-6:]), ("done", "1 of 1")
        )


@tagged("post_install", "-at_install")
class TestNumbering(SetupCommon):
    """Proves: a manager numbers the documents of his company, and none comes twice."""

    def _row(self, code="aftersales.ticket"):
        rows = self.setup.numbering_ids
        return rows.filtered(lambda row: row.code == code)

    def test_shows_his_company_only(self):
        rows = self.env["aftersales.numbering"].with_user(self.manager).search([])
        self.assertLessEqual(
            {"aftersales.equipment", "aftersales.ticket"}, set(rows.mapped("code"))
        )
        self.assertEqual(rows.company_id, self.company)
        self.assertEqual(set(rows.mapped("padding")), {5})
        self.assertRegex(self._row().example, r"^ST/\d{4}/\d{5}$")

    def test_change_prefix_digits_and_next_number(self):
        with Form(self.setup) as form, form.numbering_ids.edit(1) as line:
            line.prefix = "T-"
            line.padding = 3
            line.number_next = 41
            self.assertEqual(line.example, "T-041")
        self.assertEqual(self._row().example, "T-041")
        self.assertEqual(self._row("aftersales.equipment").padding, 5)
        tickets = self._ticket() | self._ticket()
        self.assertEqual(tickets.mapped("name"), ["T-041", "T-042"])
        self.setup.env.invalidate_all()
        self.assertEqual(self._row().number_next, 43)

    def test_not_back_into_used_numbers(self):
        ticket = self._ticket()
        self._row().number_next = 500
        self._ticket()
        self._row().number_next = 501
        with self.assertRaisesRegex(UserError, r"00500 is used already.*501 or more"):
            self._row().number_next = 7
        # A new prefix begins anew; back to the old one its numbers are still used.
        self._row().write({"prefix": "NEW", "number_next": 1})
        self.assertEqual(self._ticket().name, "NEW00001")
        old = ticket.name.removesuffix("00001")
        with self.assertRaisesRegex(UserError, "is used already"):
            self._row().write({"prefix": old})
        self._row().write({"prefix": old, "number_next": 501})
        self.assertTrue(self._ticket().name.endswith("00501"))

    def test_broken_formats_are_refused(self):
        for vals in (
            {"padding": -1},
            {"padding": 40},
            {"number_next": 0},
            {"number_next": -3},
            {"prefix": "%(nothing)s"},
            {"prefix": "100%"},
        ):
            with self.subTest(vals), self.assertRaises(UserError):
                self._row().write(vals)

    def test_only_managers_of_the_company(self):
        other = self.env["res.company"].create({"name": "Other Works"})
        row = self.env["aftersales.numbering"].search([("company_id", "=", other.id)])
        self.assertGreaterEqual(len(row), 2)
        with self.assertRaises(AccessError):
            row[0].with_user(self.manager).padding = 3
        with self.assertRaises(AccessError):
            self._row().with_user(self.supervisor).padding = 3
        sequence = self.env["ir.sequence"].search(
            [("code", "=", "sale.order")], limit=1
        )
        foreign = self.env["aftersales.numbering"].browse(sequence.id)
        with self.assertRaises(UserError):
            foreign.with_user(self.manager).prefix = "X"
        for operation in ("create", "unlink"):
            self.assertFalse(row.with_user(self.manager).has_access(operation))

    def test_imported_numbers_push_the_counter(self):
        """Numbers of the old books are kept, and never given again."""
        prefix = self._row().example.removesuffix("00001")
        old = self._ticket(name=f"{prefix}00120")
        foreign = self._ticket(name="OLD-77")
        self.assertEqual((old.name, foreign.name), (f"{prefix}00120", "OLD-77"))
        self.assertEqual(self._ticket().name, f"{prefix}00121")
        with self.assertRaisesRegex(UserError, "OLD-77"):
            self._ticket(name="OLD-77")
        self._ticket(name=f"{prefix}00005")
        self.assertEqual(self._ticket().name, f"{prefix}00122")


@tagged("post_install", "-at_install")
class TestSetup(SetupCommon):
    """Proves: a manager sees what is missing before going live, without other rights."""

    def _step(self, code):
        return self.setup.step_ids.filtered(lambda step: step.code == code)

    def test_steps_follow_what_is_there(self):
        self.env["hr.employee.public"].invalidate_model()
        self.assertEqual(self._step("team").state, "open")
        self.assertEqual(self._step("technicians").state, "open")
        self.assertEqual(self._step("import_units").state, "open")
        self.assertEqual(self._step("alias").state, "open")
        self.assertEqual(self._step("backfill").state, "open")
        self.assertEqual(self._step("products").state, "done")
        self.assertTrue(self.setup.open_step_count)
        self.team.member_ids = [Command.set(self.agent.ids)]
        self.team.alias_name = "harvester-service"
        self.env["hr.employee"].create(
            [
                {"name": "Zhang", "aftersales_technician": True},
                {
                    "name": "Sun",
                    "aftersales_technician": True,
                    "user_id": self.technician.id,
                },
            ]
        )
        self.env["aftersales.equipment"].create(
            {
                "product_id": self.harvester.id,
                "serial": "OLD-1",
                "partner_id": self.farmer.id,
            }
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self._step("team").state, "done")
        self.assertEqual(self._step("team").figure, "Teams: 1, members: 1")
        self.assertEqual(self._step("technicians").figure, "Technicians: 2")
        self.assertEqual(self._step("without_user").figure, "Without a user: 1")
        self.assertEqual(self._step("without_user").state, "done")
        self.assertEqual(self._step("import_units").state, "done")
        self.assertEqual(self._step("alias").state, "done")
        self.assertIn("harvester-service", self._step("alias").figure)

    def test_marks(self):
        step = self._step("numbering")
        step.action_mark_done()
        self.assertEqual(step.state, "done")
        step.action_reset()
        self.assertEqual(step.state, "open")
        step = self._step("backfill")
        step.action_skip()
        self.assertEqual(step.state, "skipped")
        with self.assertRaises(UserError):
            self._step("team").action_mark_done()
        with self.assertRaises(AccessError):
            step.with_user(self.supervisor).action_reset()

    def test_every_step_leads_somewhere_and_says_what_to_do(self):
        for step in self.setup.step_ids:
            with self.subTest(step.code):
                self.assertTrue(step.hint)
                action = step.action_open()
                model = self.env[action["res_model"]].with_user(self.manager)
                self.assertTrue(model.has_access("read"), action["res_model"])
                model.search(literal_eval(action.get("domain") or "[]"), limit=1)

    def test_per_company(self):
        other = self.env["res.company"].create({"name": "Other Works"})
        self.manager.company_ids |= other
        step = self._step("numbering")
        step.action_mark_done()
        twin = self.env["aftersales.setup"].with_user(self.manager).with_company(other)
        twin = twin.browse(other.id).step_ids.filtered(
            lambda step: step.code == "numbering"
        )
        self.assertEqual(twin.state, "open")
        action = twin.env["aftersales.setup"]._get_page_action()
        self.assertEqual(action["res_id"], other.id)
        with self.assertRaises(AccessError):
            self.setup.browse(other.id).with_user(self.manager).read(
                ["retention_years"]
            )

    def test_retention(self):
        self.setup.retention_years = 5
        self.assertEqual(self.company.aftersales_retention_years, 5)
        with self.assertRaises(AccessError):
            self.setup.with_user(self.supervisor).retention_years = 1
        with self.assertRaises(AccessError):
            # The company itself stays out of his reach.
            self.company.with_user(self.manager).aftersales_retention_years = 1

    def test_cost_does_not_grow_with_companies(self):
        companies = self.env["res.company"].create(
            [{"name": f"Branch {number}"} for number in range(5)]
        )
        Step = self.env["aftersales.setup.step"]

        def count_queries(domain):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            Step.search(domain).mapped("state")
            return self.env.cr.sql_log_count - before

        domain = [("code", "!=", "numbering")]
        count_queries(domain)
        one = count_queries([*domain, ("company_id", "=", self.company.id)])
        many = count_queries([*domain, ("company_id", "in", companies.ids)])
        self.assertLessEqual(many, one)

    def test_administrator_finds_it_in_odoo_settings(self):
        administrator = new_test_user(
            self.env,
            login="aftersales_admin",
            groups="base.group_system,aftersales_service.aftersales_service_group_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        Settings = self.env["res.config.settings"].with_user(administrator)
        settings = Settings.create({"aftersales_retention_years": 7})
        settings.execute()
        self.assertEqual(self.company.aftersales_retention_years, 7)
        action = settings.action_open_aftersales_setup()
        self.assertEqual(action["res_id"], self.company.id)


@tagged("post_install", "-at_install")
class TestTechnicians(AftersalesCommon):
    """Proves: the list of technicians needs no right of human resources."""

    def test_manager_lists_technicians_without_a_user(self):
        with_user, without = self.env["hr.employee"].create(
            [
                {
                    "name": "Sun",
                    "aftersales_technician": True,
                    "user_id": self.technician.id,
                },
                {"name": "Zhang", "aftersales_technician": True},
            ]
        )
        self.env["hr.employee"].create({"name": "Clerk"})
        self.env.flush_all()
        Public = self.env["hr.employee.public"].with_user(self.manager)
        technicians = Public.search(
            [
                ("aftersales_technician", "=", True),
                ("company_id", "=", self.company.id),
            ]
        )
        self.assertEqual(technicians.ids, (with_user | without).sorted("name").ids)
        lonely = technicians.filtered_domain([("user_id", "=", False)])
        self.assertEqual(lonely.mapped("name"), ["Zhang"])
        with self.assertRaises(AccessError):
            technicians[0].write({"aftersales_technician": False})
        with self.assertRaises(AccessError):
            without.with_user(self.manager).aftersales_technician = False
