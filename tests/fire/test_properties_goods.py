"""Whatever is sold, broken and paid, the sums are right (R14–R20, R43, R48, R57, R61, R65)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import DAYS, PLAIN

from odoo.addons.aftersales_parts.tools import credit, parts_plan, return_rule
from odoo.addons.aftersales_quality.tools import performance, sanction, supplier_claim
from odoo.addons.aftersales_service.tools import allocation, warranty

KINDS = ("labour", "part", "travel")
PIECES = st.integers(0, 40).map(lambda number: number / 2)
MONEY = st.integers(0, 1_000_000).map(lambda cents: cents / 100)


# -------------------------------------------------------------------- coverage
@st.composite
def covers(draw, sources=warranty.SOURCES):
    """Promises of one unit: some overlap, some are over, some have limits."""
    found = []
    for key in range(draw(st.integers(0, 6))):
        start = draw(DAYS)
        source = draw(st.sampled_from(sources))
        visits = draw(st.none() | st.integers(0, 3))
        found.append(
            warranty.Cover(
                key=key,
                source=source,
                date_start=start,
                date_end=start + timedelta(days=draw(st.integers(0, 1500))),
                kinds=frozenset(draw(st.sets(st.sampled_from(KINDS)))),
                component=draw(st.sampled_from([None, "machine", "main", "wear"])),
                needs_proof=draw(st.booleans()),
                pool=warranty.Pool(visits=visits) if source == "contract" else None,
            )
        )
    return tuple(found)


UNITS = st.builds(
    warranty.Unit,
    covers=covers(),
    in_use=st.booleans(),
    proven=st.booleans(),
    clearance=st.booleans(),
    third_party=st.booleans(),
)
WORKS = st.builds(
    warranty.Work,
    kind=st.sampled_from([*KINDS, "fee"]),
    day=DAYS,
    path=st.sampled_from([(), ("machine",), ("machine", "main"), ("machine", "wear")]),
    ticket=st.integers(1, 3),
    excluded=st.booleans(),
    voids_contract=st.booleans(),
    mismatch=st.booleans(),
)
ROOTS = frozenset({"machine"})


@PLAIN
@given(DAYS, st.integers(-1, 60), st.sampled_from(["day", "month", "year"]))
def test_longer_terms_never_end_earlier(start, duration, unit):
    """Proves: also from the end of a month, and from the 29th of February."""
    end = warranty.last_day(start, duration, unit)
    if duration <= 0:
        assert end is None
        return
    assert start < end < warranty.last_day(start, duration + 1, unit)
    if unit != "day":
        assert end.day == start.day or (end + timedelta(days=1)).day == 1
    for other in range(1, 4):
        assert warranty.last_day(start + timedelta(days=other), duration, unit) >= end


@PLAIN
@given(DAYS, st.integers(1, 36), st.integers(0, 400), st.integers(0, 400))
def test_days_in_repair_are_added_back_in_full(start, months, first, second):
    end = warranty.last_day(start, months, "month")
    once = warranty.prolong(end, first + second)
    assert once == warranty.prolong(warranty.prolong(end, first), second)
    assert (once - end).days == first + second


@PLAIN
@given(UNITS, WORKS)
def test_one_payer_with_a_reason(unit, work):
    """Proves: either one promise pays, or a rule says why none does; never both."""
    decision = warranty.decide(unit, work, ROOTS)
    assert decision.code
    assert decision.covered == (decision.code == "covered")
    if decision.covered:
        cover = decision.cover
        assert cover in unit.covers
        assert unit.in_use and not work.mismatch and work.kind != "fee"
        assert cover.date_start <= work.day <= cover.date_end
        assert work.kind in cover.kinds
        assert unit.proven or not cover.needs_proof
        if cover.source != "contract":
            assert not (work.excluded or unit.third_party or unit.clearance)


@PLAIN
@given(UNITS, WORKS, st.randoms(use_true_random=False))
def test_the_order_of_the_promises_does_not_matter(unit, work, random):
    """Proves: the same source pays until the same day, however the rows are read."""
    shuffled = list(unit.covers)
    random.shuffle(shuffled)

    def fresh(rows):
        rows = [
            replace(row, pool=row.pool and replace(row.pool, visitors=set()))
            for row in rows
        ]
        return warranty.decide(replace(unit, covers=tuple(rows)), work, ROOTS)

    first, second = fresh(unit.covers), fresh(shuffled)
    assert first.covered == second.covered
    if first.covered:
        assert first.cover.source == second.cover.source
        assert first.cover.date_end == second.cover.date_end


@PLAIN
@given(UNITS, WORKS, st.integers(1, 500))
def test_a_longer_promise_never_covers_less(unit, work, days):
    """Proves: nobody loses cover because one of his terms was prolonged."""
    before = warranty.decide(unit, work, ROOTS)
    if not before.covered or before.cover.source == "contract":
        return
    longer = tuple(
        replace(cover, date_end=cover.date_end + timedelta(days=days))
        if cover.key == before.cover.key
        else cover
        for cover in unit.covers
    )
    assert warranty.decide(replace(unit, covers=longer), work, ROOTS).covered


@PLAIN
@given(st.integers(0, 4), st.integers(0, 20), st.lists(WORKS, max_size=12))
def test_a_contract_never_gives_more_than_it_includes(visits, hours, works):
    pool = warranty.Pool(visits=visits, hours=float(hours))
    cover = warranty.Cover(
        "c", "contract", date(2020, 1, 1), date(2030, 1, 1), frozenset(KINDS), "machine",
        pool=pool,
    )  # fmt: skip
    unit = warranty.Unit(covers=(cover,))
    decisions = [(work, warranty.decide(unit, work, ROOTS)) for work in works]
    paid = [work for work, decision in decisions if decision.covered]
    assert len({work.ticket for work in paid}) <= visits
    assert sum(work.quantity for work in paid if work.kind == "labour") <= hours
    assert pool.visits >= 0 and pool.hours >= 0


# ------------------------------------------------------------ invoices, credit
@st.composite
def books(draw):
    """Invoices of some goods and the credit notes that were made of them."""
    items, key = [], 0
    for move in range(draw(st.integers(0, 4))):
        key += 1
        state = draw(st.sampled_from(["draft", "posted", "posted", "cancel"]))
        day = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 30)))
        items.append(
            credit.Item(key, move, state, "out_invoice", draw(PIECES), None, day)
        )
    for move in range(10, 10 + draw(st.integers(0, 4))):
        key += 1
        state = draw(st.sampled_from(["draft", "posted", "cancel"]))
        reverses = draw(st.sampled_from([None, 0, 1, 2]))
        items.append(
            credit.Item(key, move, state, "out_refund", draw(PIECES), reverses)
        )
    return items


@PLAIN
@given(books(), st.lists(PIECES, max_size=5), st.none() | st.integers(1, 4))
def test_never_credited_more_than_invoiced(items, wishes, first):
    """Proves: whatever is credited in whatever order, drafts included."""
    found = credit.read_books(items)
    posted = {
        item.key: item.quantity
        for item in items
        if item.kind == "out_invoice" and item.state == "posted"
    }
    assert all(0 <= left <= posted[key] for key, left in found.left)
    given_back = dict.fromkeys(posted, 0.0)
    before = {key: left for key, left in found.left}
    for wish in wishes:
        taken = credit.allocate(found, wish, first)
        assert sum(part for _key, part in taken) <= wish + 1e-6
        for key, part in taken:
            assert part > 0
            given_back[key] += part
    for key, quantity in given_back.items():
        assert quantity <= before.get(key, 0.0) + 1e-6


@PLAIN
@given(books(), st.randoms(use_true_random=False))
def test_the_order_of_the_documents_does_not_matter(items, random):
    shuffled = list(items)
    random.shuffle(shuffled)
    assert credit.read_books(items).invoiced == pytest.approx(
        credit.read_books(shuffled).invoiced
    )


@PLAIN
@given(
    st.lists(st.tuples(PIECES, PIECES), max_size=6),
    st.lists(st.tuples(PIECES, PIECES), max_size=5),
    PIECES,
)
def test_each_unit_has_its_invoice_and_no_more_than_were_sold(sold, billed, loose):
    units = [
        allocation.Unit(key, quantity, min(back, quantity))
        for key, (quantity, back) in enumerate(sold)
    ]
    lines = [
        allocation.Invoiced(key, quantity, credited)
        for key, (quantity, credited) in enumerate(billed)
    ]
    result = allocation.allocate(units, lines, loose)
    assert list(result) == [unit.key for unit in units]
    named = [key for keys in result.values() for key in keys]
    # First delivered, first invoiced.
    assert named == sorted(named)
    assert not set(named) - {line.key for line in lines if line.quantity}
    charged = sum(line.quantity for line in lines)
    credited = sum(line.credited for line in lines) + loose
    if credited >= charged:
        assert not named


# ----------------------------------------------------------------- house rules
RULES = st.lists(
    st.builds(
        return_rule.ReturnRule,
        key=st.integers(1, 99),
        company=st.sampled_from([None, 1, 2]),
        date_from=st.none() | DAYS,
        date_to=st.none() | DAYS,
        days_from=st.integers(0, 30),
        days_to=st.integers(0, 60),
        discount=st.sampled_from([None, "with", "without"]),
    ),
    max_size=6,
    unique_by=lambda rule: rule.key,
)
CASES = st.builds(
    return_rule.ReturnCase,
    company=st.sampled_from([1, 2]),
    today=DAYS,
    delivered=st.none() | DAYS,
    discounted=st.booleans(),
)


@PLAIN
@given(RULES, CASES)
def test_exactly_the_first_rule_that_fits_decides(rules, case):
    chosen = return_rule.decide(rules, case)
    alone = [rule.key for rule in rules if return_rule.decide([rule], case)]
    assert chosen == (alone[0] if alone else None)
    for rule in rules:
        if rule.key == chosen:
            assert not rule.date_from or rule.date_from <= case.today
            assert not rule.date_to or case.today <= rule.date_to


@PLAIN
@given(DAYS, DAYS, st.tuples(st.integers(1, 12), st.integers(1, 28)))
def test_a_season_that_ended_stays_over(delivered, today, last):
    case = return_rule.ReturnCase(
        1, today, delivered=delivered, seasons=(((1, 1), last),)
    )
    over = return_rule.has_season_ended(case)
    later = return_rule.has_season_ended(
        case._replace(today=today + timedelta(days=30))
    )
    assert later or not over
    assert over or today <= delivered + timedelta(days=366)


# ------------------------------------------------------------------ parts plan
FIGURES = st.builds(
    parts_plan.Figures,
    **dict.fromkeys(
        ("needed", "used", "used_season", "used_year", "sold", "ordered", "promised"),
        PIECES,
    ),
    on_hand=PIECES,
    on_order=PIECES,
    minimum=PIECES,
)
PARENTS = {"van": "region", "region": "head", "head": None}


@PLAIN
@given(
    st.dictionaries(st.sampled_from(sorted(PARENTS)), FIGURES, min_size=1),
    st.integers(1, 12),
    st.sampled_from([0.5, 1.0, 12.0]),
)
def test_what_is_proposed_is_enough_and_not_a_step_more(figures, months, step):
    known = {(depot, "belt"): row for depot, row in figures.items()}
    proposals = parts_plan.propose(known, PARENTS, months, {}, lambda _belt: step)
    for (depot, _belt), row in proposals.items():
        assert row.quantity >= 0
        assert (row.quantity / step) == pytest.approx(round(row.quantity / step))
        had = row.figures.on_hand + row.figures.on_order
        wanted = (
            row.forecast + row.supplied + row.figures.promised + row.figures.minimum
        )
        assert had + row.quantity >= wanted - 1e-5
        assert row.quantity == 0 or had + row.quantity < wanted + step
        children = [child for child, parent in PARENTS.items() if parent == depot]
        asked = [proposals.get((child, "belt")) for child in children]
        assert row.supplied == sum(child.quantity for child in asked if child)


@PLAIN
@given(FIGURES, st.integers(1, 12), PIECES)
def test_more_on_stock_is_never_more_to_buy(figures, months, more):
    def bought(row):
        return parts_plan.propose({("head", 1): row}, {}, months, {})[
            "head", 1
        ].quantity

    richer = replace(figures, on_hand=figures.on_hand + more)
    assert bought(richer) <= bought(figures)


# ----------------------------------------------------------------------- people
@PLAIN
@given(
    st.floats(-1e4, 1e4), st.floats(-100, 100), st.floats(-100, 100), st.floats(0, 99)
)
def test_scores_keep_their_bounds_and_their_direction(value, floor, target, better):
    if floor == target:
        with pytest.raises(ValueError, match="the same"):
            performance.score_of(value, floor, target)
        return
    score = performance.score_of(value, floor, target)
    assert 0 <= score <= 100
    towards = better if target > floor else -better
    assert performance.score_of(value + towards, floor, target) >= score - 1e-9


@PLAIN
@given(
    st.lists(st.tuples(st.floats(0, 100), st.none() | st.floats(0, 100)), max_size=9)
)
def test_weights_sum_to_one_whatever_was_measured(rows):
    mean, shares = performance.weigh(rows)
    scores = [score for weight, score in rows if score is not None and weight]
    if mean is None:
        assert not any(shares)
        return
    assert sum(shares) == pytest.approx(1)
    assert all(0 <= share <= 1 for share in shares)
    assert min(scores) - 1e-6 <= mean <= max(scores) + 1e-6


@PLAIN
@given(MONEY, MONEY, st.integers(0, 20))
def test_a_bonus_is_lost_and_never_owed(amount, deduction, complaints):
    left = performance.bonus_of(amount, deduction, complaints)
    assert 0 <= left <= amount
    assert left >= performance.bonus_of(amount, deduction, complaints + 1)


@PLAIN
@given(MONEY, st.sampled_from(["false_inspection", "other", "late", "rude"]))
def test_a_sanction_is_doubled_once_at_most(base, trigger):
    assert sanction.doubling_of(trigger) in ("always", "never", "repeat")
    assert sanction.amount_of(base, False) == base
    assert sanction.amount_of(base, True) == 2 * base


@PLAIN
@given(DAYS, st.integers(0, 24))
def test_repetitions_are_looked_for_within_their_months(day, months):
    first = sanction.first_day(day, months)
    assert first <= day
    assert sanction.first_day(day, months + 1) <= first
    assert sanction.month_after(day) > day
    assert sanction.probation_end(day, months) > day


@PLAIN
@given(MONEY, PIECES, st.floats(0, 100), MONEY, st.sampled_from([*KINDS, "freight"]))
def test_no_more_is_claimed_than_it_has_cost(cost, hours, share, hourly, kind):
    terms = supplier_claim.Terms(share, share, share, share, hourly)
    kind = "part" if kind == "travel" else kind
    assert 0 <= supplier_claim.get_claimed(terms, kind, cost, hours) <= cost + 1e-6


@PLAIN
@given(PIECES, st.lists(st.tuples(st.integers(1, 9), PIECES), max_size=5))
def test_goods_are_taken_from_where_they_lie(wanted, places):
    taken, missing = supplier_claim.split_quantity(wanted, places)
    assert sum(part for _place, part in taken) + missing == pytest.approx(wanted)
    assert missing == pytest.approx(max(0, wanted - sum(there for _p, there in places)))
    assert all(0 < part <= dict_of[1] for (_p, part), dict_of in zip(
        taken, [place for place in places if place[1]], strict=False
    ))  # fmt: skip
