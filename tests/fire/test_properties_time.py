"""Whatever times people note, promises are counted by the rules (R03, R04, R50, R59)."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from properties import DAYS, MOMENTS, PLAIN, near, spans

from odoo.addons.aftersales_parts.tools import deadline
from odoo.addons.aftersales_quality.tools import complaint, period, week
from odoo.addons.aftersales_service.tools import clock, gaps

UTC = ZoneInfo("UTC")
ZONES = [
    ZoneInfo(name)
    for name in (
        "Asia/Shanghai",
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
    )
]
MINUTES = st.integers(1, 6_000)


def timetable(zone, hours, days):
    """Working time of a week, with the hours of a place that changes its clocks.

    :param hours: pairs of first and last minute of a day
    """

    def fetch(begin, end):
        day, found = begin.date() - timedelta(days=1), []
        while day <= end.date() + timedelta(days=1):
            if day.weekday() in days:
                found += [(at(day, first), at(day, last)) for first, last in hours]
            day += timedelta(days=1)
        cut = ((max(first, begin), min(last, end)) for first, last in found)
        return sorted((first, last) for first, last in cut if first < last)

    def at(day, minute):
        local = datetime.combine(day, time(), zone) + timedelta(minutes=minute)
        return local.astimezone(UTC).replace(tzinfo=None)

    def to_day(moment):
        return moment.replace(tzinfo=UTC).astimezone(zone).date()

    return clock.Timetable(fetch, to_day)


WEEKS = st.builds(
    timetable,
    st.sampled_from(ZONES),
    st.sampled_from([[(480, 720), (780, 1020)], [(0, 240), (1200, 1440)], [(0, 1440)]]),
    st.sampled_from([range(5), range(7), (6,)]),
)


# ------------------------------------------------------------------------- clocks
@PLAIN
@given(st.data(), WEEKS, MOMENTS, MINUTES, MINUTES)
def test_more_time_is_never_due_earlier(data, week_of, start, minutes, more):
    pauses = data.draw(spans(start))
    for kind in ("working", "calendar"):
        first = clock.due(start, minutes * 60, kind, week_of, pauses)[1]
        second = clock.due(start, (minutes + more) * 60, kind, week_of, pauses)[1]
        assert start < first < second


@PLAIN
@given(st.data(), WEEKS, MOMENTS, MINUTES)
def test_working_time_until_the_deadline_is_what_was_promised(
    data, week_of, start, minutes
):
    pauses = data.draw(spans(start))
    end = clock.due(start, minutes * 60, "working", week_of, pauses)[1]
    worked = clock.passed(clock.without(week_of.spans(start), pauses), end)
    assert worked == minutes * 60


@PLAIN
@given(st.data(), WEEKS, MOMENTS, MINUTES)
def test_a_pause_moves_the_deadline_by_its_own_working_time(
    data, week_of, start, minutes
):
    """Proves: no more and no less, also when the clocks of the place change."""
    begin = data.draw(near(start))
    pause = (begin, begin + timedelta(minutes=data.draw(MINUTES)))
    before = clock.due(start, minutes * 60, "working", week_of)[1]
    after = clock.due(start, minutes * 60, "working", week_of, [pause])[1]
    assume(begin < before)
    paused = clock.passed(  # pylint: disable=unreachable
        clock.since(week_of.spans(start), pause[0]), min(pause[1], after)
    )
    moved = clock.passed(clock.since(week_of.spans(start), before), after)
    assert after >= before
    assert moved == paused


@PLAIN
@given(st.data(), WEEKS, MOMENTS, MINUTES)
def test_pauses_count_once_in_any_order(data, week_of, start, minutes):
    pauses = data.draw(spans(start))
    shuffled = data.draw(st.permutations(pauses))
    kinds = ("working", "calendar")
    for kind in kinds:
        once = clock.due(start, minutes * 60, kind, week_of, pauses)
        assert once == clock.due(start, minutes * 60, kind, week_of, shuffled)
        assert once == clock.due(start, minutes * 60, kind, week_of, pauses + pauses)


@PLAIN
@given(st.sampled_from(ZONES), MOMENTS, MINUTES)
def test_round_the_clock_is_the_time_of_the_wall(zone, start, minutes):
    """Proves: a desk that never closes promises calendar time, in every zone."""
    always = timetable(zone, [(0, 1440)], range(7))
    working = clock.due(start, minutes * 60, "working", always)[1]
    assert working == start + timedelta(minutes=minutes)
    assert working == clock.due(start, minutes * 60, "calendar", always)[1]


@PLAIN
@given(WEEKS, MOMENTS, MINUTES, st.floats(0.05, 1.0))
def test_at_risk_before_it_is_broken(week_of, start, minutes, share):
    warning, end = clock.due(start, minutes * 60, "working", week_of, (), share)
    assert start <= warning <= end


@PLAIN
@given(WEEKS, MOMENTS, st.integers(1, 20))
def test_working_days_end_with_the_last_hour_of_a_day(week_of, start, days):
    ends = [
        clock.due(start, number * 86400, "day", week_of)[1]
        for number in (days, days + 1)
    ]
    assert start < ends[0] < ends[1]
    following = next(clock.since(week_of.spans(start), ends[0]))[0]
    last = week_of._to_day(ends[0] - timedelta(seconds=1))
    assert week_of._to_day(following) > last


@PLAIN
@given(st.data(), MOMENTS, MOMENTS)
def test_a_clock_is_in_one_state_and_late_is_never_met(data, start, now):
    deadline_of = data.draw(st.none() | near(start))
    stop = data.draw(st.none() | near(start))
    hold = data.draw(st.none() | near(start))
    missed = data.draw(st.none() | near(start))
    over = data.draw(st.booleans())
    state = clock.state_of(deadline_of, None, hold, stop, missed, over, now)
    assert state is None or state in clock.STATES
    if stop and deadline_of and not missed:
        assert (state == "met") == (stop <= deadline_of)


# ------------------------------------------------------------------ complaints
@PLAIN
@given(
    MOMENTS,
    st.integers(1, 60),
    st.sampled_from(["hour", "day", "working_day"]),
    st.sampled_from(ZONES),
    st.frozensets(st.integers(0, 6), min_size=1),
)
def test_limits_of_complaints_end_after_they_begin(start, amount, unit, zone, open_on):
    def works(day):
        return day.weekday() in open_on

    ends = [
        complaint.due_moment(start, number, unit, works, zone)
        for number in (amount, amount + 1)
    ]
    assert start < ends[0] < ends[1]
    if unit != "hour":
        local = [end.replace(tzinfo=UTC).astimezone(zone) for end in ends]
        assert local[0].time() == time(23, 59, 59)
        first = start.replace(tzinfo=UTC).astimezone(zone).date()
        assert (local[0].date() - first).days >= amount
        assert unit == "day" or works(local[0].date())


@PLAIN
@given(
    st.floats(0, 1e6),
    st.floats(0, 1e6),
    st.lists(st.floats(0, 1e5), min_size=3, max_size=3),
)
def test_dearer_solutions_need_no_lower_approval(amount, other, limits):
    """Proves: levels are passed in their order, and none is left out."""
    handler, lead, officer = sorted(limits)
    bounds = {"handler": handler, "lead": lead, "officer": officer}
    cheap, dear = sorted((amount, other))
    few = complaint.get_levels(cheap, bounds, False)
    many = complaint.get_levels(dear, bounds, False)
    assert many[: len(few)] == few
    assert list(complaint.LEVELS[: len(many)]) == many
    assert complaint.get_levels(cheap, bounds, True)


# --------------------------------------------------------------------- returns
@PLAIN
@given(
    st.lists(
        st.builds(
            deadline.Step,
            st.integers(0, 50),
            st.integers(1, 20),
            st.integers(0, 10),
            st.integers(0, 5),
            st.integers(0, 40),
        ),
        min_size=1,
        max_size=4,
        unique_by=lambda step: step.up_to,
    ),
    st.integers(1, 300),
)
def test_the_very_most_is_never_below_the_promise(steps, quantity):
    allowance = deadline.get_allowance(steps, quantity)
    assert 0 < allowance.days <= allowance.days_max
    assert allowance == deadline.get_allowance(steps[::-1], quantity)


@PLAIN
@given(DAYS, st.integers(1, 40), st.data())
def test_paused_days_are_added_to_the_turnaround(arrival, days, data):
    begin = data.draw(st.integers(0, 30).map(lambda n: arrival + timedelta(days=n)))
    length = data.draw(st.integers(0, 30))
    pause = (begin, begin + timedelta(days=length))

    def works(day):
        return day.weekday() < 5

    plain = deadline.get_due_day(arrival, days, works)
    paused = deadline.get_due_day(arrival, days, works, [pause])
    assert plain <= paused
    lost = {begin + timedelta(days=n) for n in range(1, length + 1)}
    counted = [
        day
        for day in (arrival + timedelta(days=n) for n in range(1, 400))
        if works(day) and day not in lost
    ]
    assert paused == counted[days - 1]


# --------------------------------------------------------------- plans, periods
@PLAIN
@given(st.data(), MOMENTS)
def test_free_and_taken_time_make_up_the_working_time(data, start):
    work = gaps.joined(data.draw(spans(start)), timedelta())
    taken = gaps.joined(data.draw(spans(start)), timedelta())
    free = gaps.free_spans(work, taken)
    for (_begin, end), (following, _end) in pairwise(free):
        assert end <= following
    for begin, end in free:
        assert begin < end
        assert any(first <= begin and end <= last for first, last in work)
        assert not any(first < end and begin < last for first, last in taken)
    covered = sum(
        max(0.0, (min(end, last) - max(begin, first)).total_seconds())
        for begin, end in work
        for first, last in taken
    )
    assert sum(map(gaps.hours, free)) * 3600 + covered == pytest.approx(
        sum(map(gaps.hours, work)) * 3600
    )


@PLAIN
@given(MOMENTS)
def test_the_next_quarter_is_less_than_a_quarter_away(moment):
    rounded = gaps.next_quarter(moment + timedelta(seconds=17))
    assert (
        timedelta() <= rounded - moment - timedelta(seconds=17) < timedelta(minutes=15)
    )
    assert rounded.minute % 15 == rounded.second == 0


@PLAIN
@given(DAYS, st.sampled_from([1, 6, 12]), st.integers(1, 12))
def test_every_day_lies_in_one_period(day, months, first_month):
    start = period.start_of(day, months, first_month)
    end = period.end_of(start, months)
    assert start <= day <= end
    assert period.start_of(end + timedelta(days=1), months, first_month) == end + (
        timedelta(days=1)
    )
    assert len(period.months_of(start, end)) == months


@PLAIN
@given(
    DAYS, MOMENTS, st.sampled_from([1, 6, 12]), st.integers(1, 28), st.floats(0, 23.9)
)
def test_each_report_is_due_once(first, now, months, day, hour):
    """Proves: asked at any two moments, what is due later follows what was due before."""
    starts = period.due_starts(first, now, months, 1, day, hour)
    later = period.due_starts(first, now + timedelta(days=40), months, 1, day, hour)
    assert later[: len(starts)] == starts == sorted(set(starts))
    assert all(period.due_moment(start, months, day, hour) <= now for start in starts)


@PLAIN
@given(DAYS, st.integers(0, 400))
def test_each_week_is_reported_once(today, days):
    last = week.monday(today, 0) - timedelta(days=days)
    last = week.monday(last)
    weeks = week.weeks_due(last, today)
    assert weeks == sorted(set(weeks))
    assert all(last < monday < week.monday(today) for monday in weeks)
    assert len(weeks) == min(8, max(0, (week.monday(today) - last).days // 7 - 1))
    assert isinstance(last, date)
