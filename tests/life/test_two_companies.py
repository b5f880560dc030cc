"""Two companies with books of their own, in one database and with one customer."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import new_test_user, tagged

from odoo.addons.aftersales_quality.tests.common import QualityCommon

GROUP = "aftersales_service.aftersales_service_group_"
MANAGER = f"{GROUP}manager,aftersales_quality.aftersales_quality_group_lead"
PRICE = 1000.0
# Of one unit of the company's currency: how many dollars, when invoiced and afterwards.
RATES = {"CNY": (0.14, 0.2), "EUR": (1.1, 1.25)}


class TwoCompanies(QualityCommon):
    """Works in China and in Europe; each test goes through both."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dollar = cls._currency("USD")
        cls.works = cls.company
        cls.europe = cls.env["res.company"].create(
            {"name": "Harvester Europe", "aftersales_complaint_records": True}
        )
        # Installed long before this company: it comes whole.
        cls.env["account.chart.template"].try_loading(
            "generic_coa", company=cls.europe, install_demo=False
        )
        # After the charts of accounts, which bring a currency of their own.
        cls.works.currency_id = cls._currency("CNY")
        cls.europe.currency_id = cls._currency("EUR")
        cls.houses = cls.works + cls.europe
        cls.env.user.company_ids += cls.europe
        cls.dollars = {}
        for house in cls.houses:
            cls.dollars[house], house.aftersales_pricelist_id = cls.env[
                "product.pricelist"
            ].create(
                [
                    {
                        "name": currency.name,
                        "currency_id": currency.id,
                        "company_id": house.id,
                    }
                    for currency in (cls.dollar, house.currency_id)
                ]
            )
        cls.managers = {
            house: new_test_user(
                cls.env,
                login=f"manager_{house.currency_id.name}",
                groups=f"base.group_user,{MANAGER}",
                context={"no_reset_password": True},
                company_id=house.id,
                company_ids=[Command.set(house.ids)],
            )
            for house in cls.houses
        }
        for house in cls.houses:
            cls._set_rates(house)
        (cls.harvester + cls.oil).taxes_id = [Command.clear()]
        cls.belt = cls.env["product.product"].create(
            {
                "name": "Belt",
                "type": "consu",
                "is_storable": True,
                "aftersales_kind": "spare",
                "list_price": 90.0,
            }
        )

    @classmethod
    def _currency(cls, name):
        currency = cls.env["res.currency"].with_context(active_test=False)
        currency = currency.search([("name", "=", name)])
        currency.active = True
        return currency

    @classmethod
    def _set_rates(cls, house):
        """Rates of a house are kept against its own currency."""
        for day, rate in zip(
            ("2026-01-01", "2026-11-15"),
            RATES[house.currency_id.name],
            strict=True,
        ):
            cls.env["res.currency.rate"].create(
                {
                    "name": day,
                    "company_id": house.id,
                    "currency_id": cls.dollar.id,
                    "rate": rate,
                }
            )

    def _enter(self, house):
        """Let the helpers work in a company, as its own people."""
        self.company = house
        self.env = self.env(
            context={**self.env.context, "allowed_company_ids": house.ids}
        )
        self.warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", house.id)], limit=1
        )
        self.stock = self.warehouse.lot_stock_id
        self.manager = self.managers[house]
        self.salesman = self.env.user
        for name in ("farmer", "harvester", "oil", "belt", "cause"):
            setattr(self, name, getattr(self, name).with_env(self.env))
        self.cause.company_id = False

    def _each(self):
        for house in self.houses:
            self._enter(house)
            yield house

    def _as_manager(self, records):
        return records.with_user(self.manager).with_context(
            allowed_company_ids=self.company.ids
        )


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 04:00:00")
class TestTwoCompanies(TwoCompanies):
    """Proves: a company made after the installation is served like the first one, in its
    own currency, and neither sees the other's service."""

    def test_new_company_is_whole(self):
        """Places, operation types, numbers and settings are there from the beginning."""
        for house in self._each():
            codes = {code for code, _name, _prefix in house._aftersales_get_sequences()}
            sequences = self.env["ir.sequence"].search(
                [("code", "in", list(codes)), ("company_id", "=", house.id)]
            )
            self.assertEqual(sorted(sequences.mapped("code")), sorted(codes))
            ours = [
                name
                for name, field in self.warehouse._fields.items()
                # The floor above makes its place when it is first needed.
                if field._modules == ("aftersales_parts",)
                and field.type == "many2one"
                and field.comodel_name in ("stock.location", "stock.picking.type")
            ]
            self.assertGreater(len(ours), 5)
            # The operation for parts on jobs comes with the first job.
            self.assertFalse(self.warehouse.aftersales_job_type_id)
            self.warehouse._aftersales_ensure_complete()
            for name in ours:
                self.assertTrue(self.warehouse[name], name)
                self.assertEqual(self.warehouse[name].company_id, house, name)
            setup = self._as_manager(self.env["aftersales.setup"]).browse(house.id)
            self.assertTrue(setup.read())
        settings = self._own_fields("res.company", stored=True)
        for name in settings:
            field = self.env["res.company"]._fields[name]
            if field.default and field.type in ("integer", "float", "boolean"):
                self.assertEqual(
                    self.europe[name], field.default(self.europe), f"default of {name}"
                )

    def test_one_customer_of_both(self):
        """The same serial number, sold by both: each has its unit, case and visit."""
        visits = self.env["aftersales.dispatch"]
        for house in self._each():
            unit = self._sold_unit("SAME-1")
            self.assertEqual((unit.company_id, len(unit)), (house, 1))
            technician = self.env["hr.employee"].create(
                {
                    "name": f"Chen of {house.name}",
                    "company_id": house.id,
                    "aftersales_technician": True,
                    "tz": "Asia/Shanghai",
                }
            )
            ticket = self._as_manager(self.env["aftersales.ticket"]).create(
                {
                    "symptom": "Does not start",
                    "partner_id": self.farmer.id,
                    "equipment_id": unit.id,
                    "service_mode": "onsite",
                }
            )
            self.assertEqual(ticket.company_id, house)
            self.assertFalse(ticket.repeat_of_id)
            start = fields.Datetime.now() + timedelta(days=1)
            offered = ticket._suggest_technicians(start, 2.0)
            self.assertIn(technician.id, [row["employee_id"] for row in offered])
            others = self.env["hr.employee"].sudo()
            others = others.search([("company_id", "not in", (house.id, False))])
            self.assertFalse({row["employee_id"] for row in offered} & set(others.ids))
            visit = self.env["aftersales.dispatch"].with_user(self.manager)
            visit = visit.create(
                {
                    "ticket_id": ticket.id,
                    "technician_id": technician.id,
                    "date_start": start,
                    "date_end": start + timedelta(hours=2),
                }
            )
            visit.action_assign()
            self.assertEqual((visit.company_id, visit.state), (house, "assigned"))
            visits |= visit.sudo()
        self.assertEqual(len(visits.ticket_id.equipment_id.lot_id), 2)

    def test_estimate_in_the_currency_of_the_house(self):
        """An estimate counts in its company's own currency."""
        labour = self.env["product.product"].create(
            {"name": "Labour", "type": "service", "list_price": 100}
        )
        for house in self._each():
            ticket = self._ticket()
            line = self.env["aftersales.ticket.line"].create(
                {
                    "ticket_id": ticket.id,
                    "kind": "labour",
                    "product_id": labour.id,
                    "quantity": 3,
                }
            )
            self.assertEqual(line.company_id, house)
            ticket.action_estimate()
            order = ticket.order_id
            self.assertEqual(
                (order.company_id, order.currency_id), (house, house.currency_id)
            )

    def test_credit_at_the_rate_of_the_invoice(self):
        """Sold in dollars, returned when the dollar has moved: the books are even."""
        for house in self._each():
            self._stock(self.oil, 10)
            order = self.env["sale.order"].create(
                {
                    "partner_id": self.farmer.id,
                    "pricelist_id": self.dollars[house].id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.oil.id,
                                "product_uom_qty": 4,
                                "price_unit": PRICE,
                            }
                        )
                    ],
                }
            )
            order.action_confirm()
            self._deliver(order)
            invoice = self._invoice(order)
            rate, later = RATES[house.currency_id.name]
            self.assertEqual(invoice.currency_id, self.dollar)
            self.assertAlmostEqual(
                invoice.amount_untaxed_signed,
                house.currency_id.round(4 * PRICE / rate),
            )
            with freeze_time("2026-11-20 04:00:00"):
                rma = self._rma(
                    (order.picking_ids.move_ids, 4, {"remedy": "refund"}),
                    description="Not needed",
                )
                self.assertEqual(rma.company_id, house)
                rma.action_authorise()
                receipt = self._received(rma)
                self.assertEqual(
                    receipt.location_dest_id, self.warehouse.aftersales_quarantine_id
                )
                rma.line_ids.inspection = "resaleable"
                rma.action_inspect()
                rma.action_refund()
                rma.refund_ids.action_post()
            self.assertEqual(rma.refund_ids.currency_id, self.dollar)
            self.assertAlmostEqual(
                rma.refund_ids.amount_total_signed, -invoice.amount_total_signed
            )
            self.assertNotAlmostEqual(
                invoice.amount_untaxed_signed,
                house.currency_id.round(4 * PRICE / later),
            )
            self.assertEqual(rma.currency_id, house.currency_id)

    def test_claim_in_the_currency_of_the_house(self):
        """A supplier who is paid in dollars: claimed in ours, credited in his."""
        vendor = self.env["res.partner"].create(
            {"name": "Belt Works", "is_company": True, "lang": "en_US"}
        )
        for house in self._each():
            vendor.with_company(house).property_purchase_currency_id = self.dollar
            claim = self._as_manager(self.env["aftersales.supplier.claim"]).create(
                {
                    "partner_id": vendor.id,
                    "line_ids": [Command.create({"name": "Belt", "claimed": 100.0})],
                }
            )
            self.assertEqual(
                (claim.company_id, claim.currency_id), (house, house.currency_id)
            )
            claim.action_send()
            claim.line_ids.write({"offered": 80, "agreed": 80, "cut_reason": "Wear"})
            claim.action_answer()
            claim.action_agree()
            claim.action_credit()
            refund = claim.sudo().refund_id
            self.assertEqual(
                (refund.company_id, refund.currency_id), (house, self.dollar)
            )
            rate = RATES[house.currency_id.name][0]
            self.assertAlmostEqual(
                refund.amount_untaxed, self.dollar.round(80 * rate), 2
            )

    def test_plan_of_parts(self):
        """A plan orders for its own depots, in its own currency."""
        vendor = self.env["res.partner"].create(
            {"name": "Belt Works", "is_company": True, "lang": "en_US"}
        )
        for house in self._each():
            self.belt.write(
                {
                    "seller_ids": [
                        Command.create(
                            {
                                "partner_id": vendor.id,
                                "price": 18,
                                "company_id": house.id,
                                "currency_id": house.currency_id.id,
                            }
                        )
                    ]
                }
            )
            plan = self.env["aftersales.parts.plan"].create({"month": "2026-12-01"})
            plan.action_compute()
            self.assertEqual(plan.company_id, house)
            self.assertEqual(plan.currency_id, house.currency_id)
            self.assertFalse(plan.line_ids.warehouse_id.company_id - house)

    def test_figures_of_the_house(self):
        """The dashboard speaks of the company one stands in, and of its currency."""
        solved = {self.works: 3, self.europe: 1}
        for house in self._each():
            for _number in range(solved[house]):
                self._ticket()
            self.env.flush_all()
        for house in self._each():
            board = self._as_manager(self.env["aftersales.dashboard"])
            tiles = {tile["name"]: tile for tile in board.dashboard_read()["tiles"]}
            self.assertEqual(tiles["registered"]["value"], solved[house])
            both = board.with_user(self.env.user).with_context(
                allowed_company_ids=(house | self.houses).ids
            )
            tiles = {tile["name"]: tile for tile in both.dashboard_read()["tiles"]}
            # Standing in one with both ticked, sums are still one company's.
            self.assertEqual(tiles["registered"]["value"], solved[house])

    def test_neither_sees_the_other(self):
        """Every model of ours that knows companies: lists show one's own alone."""
        for _house in self._each():
            unit = self._sold_unit("OWN-1")
            ticket = self._ticket(equipment_id=unit.id)
            self._rma((unit.move_id, 1, {"remedy": "repair", "lot_id": unit.lot_id.id}))
            self._complain(ticket_id=ticket.id)
        self.env.flush_all()
        findings, filled = [], 0
        for house in self._each():
            for model in self._models_of_companies():
                everything = self._as_manager(model).sudo()
                everything = everything.with_context(
                    active_test=False, allowed_company_ids=self.houses.ids
                )
                filled += bool(everything.search_count([], limit=1))
                if not self._as_manager(model).has_access("read"):
                    continue
                shown = self._as_manager(model).with_context(
                    active_test=False, allowed_company_ids=house.ids
                )
                foreign = shown.search([]).sudo().company_id - house
                if foreign:
                    findings.append(
                        f"{house.name} sees {model._name} of {foreign.name}"
                    )
        self.assertEqual(findings, [])
        self.assertGreater(filled, 20)

    def test_sums_of_two_currencies_are_told_apart(self):
        """Money of ours always knows its currency, so no list adds yuan to euros."""
        findings = []
        for model in self.env.values():
            if model._abstract or model._transient or not self._is_ours(model):
                continue
            for field in model._fields.values():
                if field.type != "monetary" or not field.aggregator:
                    continue
                currency = model._fields.get(field.get_currency_field(model))
                if currency is None:
                    findings.append(f"{field} has no currency")
                elif field.store and not (currency.store or currency.related):
                    findings.append(f"{field} is summed without its currency")
        self.assertEqual(findings, [])

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _is_ours(self, model):
        return (model._original_module or "").startswith("aftersales_")

    def _own_fields(self, model, stored):
        return [
            name
            for name, field in self.env[model]._fields.items()
            if name.startswith("aftersales_") and field.store == stored
        ]

    def _models_of_companies(self):
        for model in self.env.values():
            field = model._fields.get("company_id")
            if field and self._is_ours(model) and not model._abstract:
                if not model._transient and (field.store or field.search):
                    yield model
