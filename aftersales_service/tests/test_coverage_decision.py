from datetime import date

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from ..tools.question import Question
from .warranty_common import WarrantyCommon

SOLD = "2026-01-10"
# Ages of the unit on the day of the work.
NEW, WEEKS, MONTHS, YEAR, YEARS = (
    "2026-01-10",
    "2026-04-10",
    "2026-04-11",
    "2027-01-10",
    "2028-01-10",
)
AFTER_YEAR, AFTER_YEARS, BEFORE = "2027-01-11", "2028-01-11", "2026-01-09"

# component × age × proof × exclusion × contract × usage → (rule, who pays, words)
TABLE = [
    # what, day, state of the unit, expected rule, who pays, a word of the reason
    ("panel", NEW, {}, "covered", "warranty", "Whole Machine until 01/10/2027"),
    ("panel", YEAR, {}, "covered", "warranty", "01/10/2027"),
    ("panel", AFTER_YEAR, {}, "expired", "customer", "expired 01/10/2027"),
    ("panel", BEFORE, {}, "not_started", "customer", "only from 01/10/2026"),
    ("frame", NEW, {}, "covered", "warranty", "Main Parts"),
    ("frame", AFTER_YEAR, {}, "covered", "warranty", "Main Parts until 01/10/2028"),
    ("frame", YEARS, {}, "covered", "warranty", "01/10/2028"),
    ("frame", AFTER_YEARS, {}, "expired", "customer", "Main Parts expired"),
    ("battery", WEEKS, {}, "covered", "warranty", "until 04/10/2026"),
    ("battery", MONTHS, {}, "expired", "customer", "Battery expired 04/10/2026"),
    ("belt", NEW, {}, "component", "customer", "Wear Parts not covered"),
    ("labour", NEW, {}, "covered", "warranty", "Whole Machine"),
    ("labour", AFTER_YEAR, {}, "expired", "customer", "expired 01/10/2027"),
    ("labour:frame", AFTER_YEAR, {}, "covered", "warranty", "Main Parts"),
    ("labour:battery", MONTHS, {}, "expired", "customer", "Battery expired"),
    ("travel", NEW, {}, "covered", "warranty", "Whole Machine"),
    ("travel", NEW, {"no_travel": True}, "kind", "customer", "Travel is not included"),
    ("fee", NEW, {}, "fee", "customer", "fees are never covered"),
    # proof (R16)
    ("panel", NEW, {"proof": False}, "no_proof", "customer", "no posted invoice"),
    ("panel", NEW, {"proof": "invoice"}, "covered", "warranty", "Whole Machine"),
    (
        "panel",
        NEW,
        {"proof": False, "proof_free": True},
        "covered",
        "warranty",
        "Whole Machine",
    ),
    ("panel", AFTER_YEAR, {"proof": False}, "expired", "customer", "expired"),
    ("panel", NEW, {"mismatch": True}, "mismatch", "customer", "serial number or"),
    ("panel", NEW, {"state": "returned"}, "returned", "customer", "no longer in use"),
    ("panel", NEW, {"state": "scrapped"}, "returned", "customer", "no longer in use"),
    # findings (R15)
    ("panel", NEW, {"found": "misuse"}, "excluded", "customer", "wrong use"),
    ("panel", NEW, {"found": "opened"}, "excluded", "customer", "Opened by someone"),
    ("frame", NEW, {"found": "force_majeure"}, "excluded", "customer", "Force majeure"),
    ("labour", NEW, {"found": "no_callback"}, "excluded", "customer", "callbacks"),
    ("panel", AFTER_YEAR, {"found": "misuse"}, "excluded", "customer", "wrong use"),
    ("panel", NEW, {"clearance": True}, "clearance", "customer", "clearance goods"),
    ("panel", NEW, {"maker": True}, "third_party", "customer", "Motor Works"),
    # usage, whichever comes first
    ("panel", NEW, {"hours": 500}, "covered", "warranty", "Whole Machine"),
    ("panel", NEW, {"hours": 501}, "usage", "customer", "more than 500 Hours"),
    ("frame", NEW, {"hours": 501}, "covered", "warranty", "Main Parts"),
    ("panel", AFTER_YEAR, {"hours": 501}, "expired", "customer", "expired"),
    # contract
    ("panel", AFTER_YEAR, {"contract": {}}, "covered", "contract", "Covered: contract"),
    (
        "labour",
        AFTER_YEAR,
        {"contract": {}},
        "covered",
        "contract",
        "Covered: contract",
    ),
    ("belt", NEW, {"contract": {}}, "covered", "contract", "Covered: contract"),
    ("panel", NEW, {"contract": {}}, "covered", "warranty", "Whole Machine"),
    (
        "panel",
        AFTER_YEAR,
        {"contract": {"covers_parts": False}},
        "kind",
        "customer",
        "Part is not included",
    ),
    (
        "labour",
        AFTER_YEAR,
        {"contract": {"visits": 0}},
        "visits",
        "customer",
        "visits of contract",
    ),
    (
        "labour",
        AFTER_YEAR,
        {"contract": {"hours": 2}},
        "covered",
        "contract",
        "Covered: contract",
    ),
    (
        "labour",
        AFTER_YEAR,
        {"contract": {"hours": 0.5}},
        "hours",
        "customer",
        "hours of contract",
    ),
    (
        "panel",
        NEW,
        {"contract": {}, "found": "misuse"},
        "excluded",
        "customer",
        "wrong use",
    ),
    (
        "panel",
        NEW,
        {"contract": {}, "found": "no_callback"},
        "covered",
        "contract",
        "Covered: contract",
    ),
    (
        "panel",
        NEW,
        {"contract": {}, "clearance": True},
        "covered",
        "contract",
        "Covered: contract",
    ),
    (
        "panel",
        NEW,
        {"contract": {}, "proof": False},
        "covered",
        "contract",
        "Covered: contract",
    ),
    (
        "panel",
        NEW,
        {"contract": {}, "state": "returned"},
        "returned",
        "customer",
        "no longer in use",
    ),
    # extension and repair
    ("panel", AFTER_YEAR, {"extension": True}, "covered", "warranty", "until"),
    ("battery", AFTER_YEAR, {"extension": True}, "expired", "customer", "Battery"),
    ("frame", AFTER_YEAR, {"extension": True}, "covered", "warranty", "Main Parts"),
    ("battery", MONTHS, {"repair": True}, "covered", "warranty", "last repair"),
    # nothing promised
    ("panel", NEW, {"no_policy": True}, "no_terms", "customer", "without warranty"),
]


@tagged("post_install", "-at_install")
class TestCoverageDecision(WarrantyCommon):
    """Proves R14–R16: for each line who pays, by which rule, and in words."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.whole_term = cls.policy.term_ids.filtered(
            lambda term: term.component_id == cls.machine
        )
        cls.whole_term.write({"usage_limit": 500, "usage_unit": "hour"})

    def _prepare(self, number, situation):
        """Sell a unit and bring it into the situation."""
        self.harvester.aftersales_maker_id = False
        self.harvester.aftersales_policy_id = (
            False if situation.get("no_policy") else self.policy
        )
        self.policy.proof_required = not situation.get("proof_free")
        self.whole_term.covers_travel = not situation.get("no_travel")
        with freeze_time(f"{SOLD} 08:00:00"):
            unit = self._sold_unit(f"S-{number}")
            if situation.get("proof") == "invoice":
                self._invoice(unit.sale_order_id.sudo())
            else:
                unit.proof_accepted = situation.get("proof", True)
        unit.clearance = situation.get("clearance", False)
        unit.usage_hours = situation.get("hours", 0)
        if situation.get("maker"):
            maker = self.env["res.partner"].create({"name": "Motor Works"})
            self.harvester.aftersales_maker_id = maker
        if "contract" in situation:
            self._cover_by_contract(unit, situation["contract"])
        Coverage = self.env["aftersales.coverage"]._by_method()
        if situation.get("extension"):
            Coverage.create(
                {
                    "equipment_id": unit.id,
                    "component_id": self.machine.id,
                    "source": "extension",
                    "date_start": AFTER_YEAR,
                    "date_end": "2028-06-30",
                }
            )
        if situation.get("repair"):
            Coverage.create(
                {
                    "equipment_id": unit.id,
                    "product_id": self.battery_part.id,
                    "source": "repair",
                    "date_start": WEEKS,
                    "date_end": "2026-05-10",
                }
            )
        if situation.get("state"):
            unit._close(situation["state"], "Gone")
        return unit

    def _cover_by_contract(self, unit, limits):
        contract = self.env["aftersales.contract"].create(
            {
                "partner_id": self.farmer.id,
                "date_start": SOLD,
                "date_end": "2029-01-09",
                "equipment_ids": [Command.set(unit.ids)],
                "covers_parts": limits.get("covers_parts", True),
                "visits_included": 1 if "visits" in limits else 0,
                "hours_included": limits.get("hours", 0),
            }
        )
        self.env["aftersales.coverage"]._by_method().create(
            {
                "equipment_id": unit.id,
                "component_id": self.machine.id,
                "source": "contract",
                "contract_id": contract.id,
                "date_start": contract.date_start,
                "date_end": contract.date_end,
                "covers_parts": contract.covers_parts,
            }
        )
        if limits.get("visits") == 0:
            ticket = self._ticket(equipment_id=unit.id)
            other = self._line(ticket, self.labour, "labour")
            other._by_method().write(
                {"contract_id": contract.id, "coverage": "contract"}
            )
        return contract

    def _ask(self, unit, what, day, situation):
        kind, _sep, component = what.partition(":")
        product = getattr(self, f"{kind}_part", None) or getattr(self, kind, None)
        found = situation.get("found")
        question = Question(
            unit=unit,
            kind=kind if kind in ("labour", "travel", "fee") else "part",
            day=date.fromisoformat(day),
            product=product,
            component=self._component(component) if component else None,
            exclusion=self.env.ref(f"aftersales_service.aftersales_exclusion_{found}")
            if found
            else None,
            mismatch=situation.get("mismatch", False),
        )
        return unit._decide_coverages([question])[0]

    def test_table(self):
        self.assertGreaterEqual(len(TABLE), 40)
        for number, row in enumerate(TABLE):
            what, day, situation, code, payer, words = row
            with self.subTest(row=row):
                unit = self._prepare(number, situation)
                answer = self._ask(unit, what, day, situation)
                english = unit.with_context(lang="en_US")
                reason = english._explain_coverage(answer["code"], answer["facts"])
                self.assertEqual((answer["code"], answer["coverage"]), (code, payer))
                self.assertIn(words, reason)
                self.assertEqual(answer["covered"], payer != "customer")
                self.assertEqual(bool(answer["coverage_id"]), answer["covered"])

    def test_one_question(self):
        unit = self._proven_unit("S-A")
        answer = unit._decide_coverage("part", self.battery_part)
        self.assertTrue(answer["covered"])
        self.assertEqual(answer["coverage_id"].component_id, self.electrical)
        late = unit.delivery_date + relativedelta(months=3, days=1)
        answer = unit._decide_coverage("part", self.battery_part, date=late)
        self.assertEqual(answer["code"], "expired")
        exclusion = self.env.ref("aftersales_service.aftersales_exclusion_misuse")
        answer = unit._decide_coverage("labour", exclusion=exclusion)
        self.assertEqual(answer["code"], "excluded")

    def test_reason_in_the_readers_language(self):
        unit = self._proven_unit("S-B")
        unit.delivery_date = "2024-01-10"
        answer = unit._decide_coverage("part", self.panel)
        chinese = unit.with_context(lang="zh_CN")
        reason = chinese._explain_coverage(answer["code"], answer["facts"])
        self.assertEqual(reason, "客户付费：整机已于2025/01/10过保")

    def test_every_rule_has_words(self):
        Equipment = self.env["aftersales.equipment"]
        field = self.env["aftersales.ticket.line"]._fields["coverage_code"]
        sentences = {
            Equipment._explain_coverage(code, {"exclusion": 1})
            for code in field.get_values(self.env)
        }
        self.assertEqual(len(sentences), len(field.get_values(self.env)))

    def test_last_day_ends_where_the_unit_stands(self):
        self.farmer.tz = "America/New_York"
        with freeze_time(f"{SOLD} 18:00:00"):
            unit = self._proven_unit("S-C")
        end = unit.warranty_end
        # Three in the morning in Greenwich, still the last day in New York.
        with freeze_time(f"{end + relativedelta(days=1)} 03:00:00"):
            self.assertTrue(unit._decide_coverage("part", self.panel)["covered"])
        with freeze_time(f"{end + relativedelta(days=1)} 06:00:00"):
            self.assertEqual(
                unit._decide_coverage("part", self.panel)["code"], "expired"
            )

    def test_ten_thousand_lines_in_one_batch(self):
        """Two thousand units, contracts and usage included: at most 30 queries."""
        units = self.env["aftersales.equipment"].create(
            [
                {
                    "product_id": self.header.id,
                    "partner_id": self.farmer.id,
                    "delivery_date": SOLD,
                    "usage_hours": number % 700,
                    "proof_accepted": bool(number % 3),
                }
                for number in range(2000)
            ]
        )
        units._copy_terms(self.policy)
        contracts = self.env["aftersales.contract"].create(
            [
                {
                    "partner_id": self.farmer.id,
                    "date_start": SOLD,
                    "date_end": "2029-01-09",
                    "equipment_ids": [Command.set(units[start : start + 100].ids)],
                    "visits_included": 30,
                }
                for start in range(0, 1000, 100)
            ]
        )
        self.env["aftersales.coverage"]._by_method().create(
            [
                {
                    "equipment_id": unit.id,
                    "component_id": self.machine.id,
                    "source": "contract",
                    "contract_id": contract.id,
                    "date_start": SOLD,
                    "date_end": contract.date_end,
                }
                for contract in contracts
                for unit in contract.equipment_ids
            ]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        day = date.fromisoformat(AFTER_YEAR)
        questions = [
            Question(unit, kind, day, product, ticket=unit.id)
            for unit in units
            for kind, product in (
                ("part", self.frame_part),
                ("part", self.battery_part),
                ("part", self.panel),
                ("labour", self.labour),
                ("travel", None),
            )
        ]
        self.assertEqual(len(questions), 10_000)
        with self.assertQueryCount(30):
            answers = units._decide_coverages(questions)
        covered = [a for a in answers if a["contract_id"]]
        visits = {contract.id: 0 for contract in contracts}
        for contract_id, _unit in {
            (answer["contract_id"].id, question.unit.id)
            for question, answer in zip(questions, answers, strict=True)
            if answer["contract_id"]
        }:
            visits[contract_id] += 1
        self.assertTrue(covered)
        self.assertEqual(set(visits.values()), {30}, "no visit more than included")
