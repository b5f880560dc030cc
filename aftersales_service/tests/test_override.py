from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .estimate_common import EstimateCommon


@tagged("post_install", "-at_install")
class TestOverride(EstimateCommon):
    """Proves R21: goodwill and shared responsibility, by whom and up to how much."""

    def _override(self, lines, user, **values):
        """Fill in the form that asks who pays instead."""
        Wizard = self.env["aftersales.ticket.line.override"].with_user(user)
        form = Form(Wizard.with_context(active_ids=lines.ids))
        for field, value in values.items():
            form[field] = value
        return form.save().action_apply()

    def test_goodwill_from_the_form(self):
        self._override(
            self.paid | self.work, self.supervisor, coverage="goodwill", reason="Loyal"
        )
        self.assertEqual(self.paid.coverage, "goodwill")
        self.assertEqual((self.paid | self.work).mapped("share_company"), [100, 100])
        self.assertEqual(self.ticket.amount_customer, 0)

    def test_shared_responsibility_from_the_form(self):
        builder = self.env["res.partner"].create({"name": "Builder"})
        values = {
            "coverage": "customer",
            "shared": True,
            "share_company": 30,
            "share_customer": 50,
            "share_third_party": 10,
            "third_party_id": builder,
            "reason": "Both signed",
        }
        with self.assertRaisesRegex(ValidationError, "add up to 90 %"):
            self._override(self.paid, self.supervisor, **values)
        self._override(
            self.paid, self.supervisor, **{**values, "share_third_party": 20}
        )
        self.assertEqual(
            (
                self.paid.amount_company,
                self.paid.amount_customer,
                self.paid.amount_third_party,
            ),
            (120, 200, 80),
        )

    def test_only_supervisors_get_the_form(self):
        for user in (self.technician, self.agent, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._override(self.paid, user, coverage="goodwill", reason="x")

    def test_calls_from_outside(self):
        """Every field that says who pays is refused to agents, by write and create."""
        builder = self.env["res.partner"].create({"name": "Builder"})
        calls = (
            {"coverage": "goodwill", "coverage_reason": "Loyal"},
            {"coverage_reason": "Because"},
            {"share_customer": 0, "share_company": 100},
            {
                "share_customer": 0,
                "share_third_party": 100,
                "third_party_id": builder.id,
            },
            {"coverage_code": "covered"},
            {"override_user_id": self.supervisor.id, "override_reason": "x"},
        )
        for user in (self.technician, self.agent):
            self.ticket.user_id = user
            for vals in calls:
                with self.subTest(user=user.login, vals=vals):
                    with self.assertRaises(UserError):
                        self.paid.with_user(user).write(vals)
                    with self.assertRaises(UserError):
                        self._line(self.ticket.with_user(user), self.belt, **vals)
        self.assertEqual(
            (self.paid.coverage, self.paid.share_customer), ("customer", 100)
        )

    def test_supervisors_write_with_a_reason(self):
        line = self.paid.with_user(self.supervisor)
        with self.assertRaisesRegex(UserError, "Say why"):
            line.write({"share_customer": 40, "share_company": 60})
        line.write(
            {"share_customer": 40, "share_company": 60, "coverage_reason": "Half ours"}
        )
        self.assertEqual((line.amount_customer, line.amount_company), (160, 240))
        self.assertEqual(line.override_user_id, self.supervisor)
        with self.assertRaises(ValidationError):
            line.write({"share_customer": 50, "coverage_reason": "Too much"})

    def test_limit_of_a_supervisor_counts_the_whole_ticket(self):
        self.company.aftersales_goodwill_limit = 400
        self._override(self.paid, self.supervisor, coverage="goodwill", reason="Loyal")
        with self.assertRaisesRegex(UserError, "the after-sales manager decides"):
            self._override(
                self.work, self.supervisor, coverage="goodwill", reason="Loyal"
            )
        self._override(self.work, self.manager, coverage="goodwill", reason="Loyal")
        self.assertEqual(self.ticket.amount_customer, 0)

    def test_limit_holds_when_price_or_quantity_grow_afterwards(self):
        self.company.aftersales_goodwill_limit = 400
        self._override(self.paid, self.supervisor, coverage="goodwill", reason="Loyal")
        for vals in ({"quantity": 20}, {"price_unit": 2000}):
            with (
                self.subTest(vals=vals),
                self.assertRaisesRegex(UserError, "the after-sales manager decides"),
            ):
                self.paid.with_user(self.agent).write(vals)

    def test_promised_goodwill_reaches_the_customer(self):
        self._estimate()
        self._override(self.paid, self.supervisor, coverage="goodwill", reason="Loyal")
        offer = self._offer(self.paid)
        self.assertEqual((offer.discount, offer.price_subtotal), (100, 0))
        self.assertIn("Goodwill: Loyal", offer.name)
