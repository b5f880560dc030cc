from datetime import date, datetime, timedelta

from odoo.tests import BaseCase, tagged

from ..tools.clock import Timetable, due, held_since, overall, state_of

# Monday, 4 May 2026.
MONDAY = datetime(2026, 5, 4)


def at(text, day=MONDAY):
    """Return the moment of ``"<days after Monday> <hour>:<minute>"``."""
    days, clock = text.split()
    hour, minute = clock.split(":")
    return day + timedelta(days=int(days), hours=int(hour), minutes=int(minute))


def office(begin, end, closed=()):
    """Monday to Friday, 8–12 and 13–17."""
    spans, day = [], datetime(begin.year, begin.month, begin.day)
    while day < end:
        if day.weekday() < 5 and day.date() not in closed:
            for first, last in ((8, 12), (13, 17)):
                spans.append(
                    (day + timedelta(hours=first), day + timedelta(hours=last))
                )
        day += timedelta(days=1)
    return spans


def timetable(closed=()):
    return Timetable(lambda b, e: office(b, e, closed), lambda moment: moment.date())


@tagged("post_install", "-at_install")
class TestClockArithmetic(BaseCase):
    """R03, R04: when a promise ends, whatever lies in between."""

    def test_table(self):
        holiday = (date(2026, 5, 5),)
        hour = 3600
        table = [
            # what, clock, start, amount, pauses, closed days, deadline
            ("within the morning", "working", "0 9:00", 0.5, [], (), "0 9:30"),
            ("over noon", "working", "0 11:00", 2, [], (), "0 14:00"),
            ("ends as the office closes", "working", "0 13:00", 4, [], (), "0 17:00"),
            ("over night", "working", "0 16:00", 6, [], (), "1 14:00"),
            ("before the office opens", "working", "0 6:00", 1, [], (), "0 9:00"),
            ("after the office closed", "working", "0 20:00", 0.5, [], (), "1 8:30"),
            ("over the weekend", "working", "4 16:00", 6, [], (), "7 14:00"),
            ("called on a Sunday", "working", "6 10:00", 6, [], (), "7 15:00"),
            ("over a holiday", "working", "0 16:00", 6, [], holiday, "2 14:00"),
            ("called on a holiday", "working", "1 10:00", 1, [], holiday, "2 9:00"),
            ("round the clock", "calendar", "4 16:00", 24, [], (), "5 16:00"),
            (
                "the clock knows no holiday",
                "calendar",
                "0 16:00",
                6,
                [],
                holiday,
                "0 22:00",
            ),
            ("same day", "day", "0 9:00", 24, [], (), "0 17:00"),
            ("same day, called at noon", "day", "0 12:30", 24, [], (), "0 17:00"),
            ("same day, called at night", "day", "0 18:00", 24, [], (), "1 17:00"),
            (
                "same day, before a holiday",
                "day",
                "0 18:00",
                24,
                [],
                holiday,
                "2 17:00",
            ),
            ("one working day later", "day", "4 10:00", 48, [], (), "7 17:00"),
            (
                "a pause in working time",
                "working",
                "0 9:00",
                2,
                [("0 10:00", "0 11:00")],
                (),
                "0 12:00",
            ),
            (
                "a pause over noon counts its working time",
                "working",
                "0 9:00",
                4,
                [("0 11:00", "0 14:00")],
                (),
                "0 16:00",
            ),
            (
                "a pause over night costs what it had of the day",
                "working",
                "0 9:00",
                8,
                [("0 16:00", "1 9:00")],
                (),
                "1 11:00",
            ),
            (
                "a pause over a holiday",
                "working",
                "0 15:00",
                4,
                [("0 16:00", "2 9:00")],
                holiday,
                "2 12:00",
            ),
            (
                "a pause before the start",
                "working",
                "0 9:00",
                2,
                [("0 7:00", "0 8:30")],
                (),
                "0 11:00",
            ),
            (
                "two pauses that overlap",
                "working",
                "0 8:00",
                3,
                [("0 9:00", "0 10:30"), ("0 10:00", "0 11:00")],
                (),
                "0 14:00",
            ),
            (
                "a pause round the clock",
                "calendar",
                "0 16:00",
                24,
                [("0 18:00", "1 6:00")],
                (),
                "2 4:00",
            ),
            (
                "a pause of the same day moves it",
                "day",
                "0 9:00",
                24,
                [("0 10:00", "0 11:00")],
                (),
                "1 9:00",
            ),
            (
                "a pause that goes on does not count yet",
                "working",
                "0 9:00",
                2,
                [("0 10:00", None)],
                (),
                "0 11:00",
            ),
        ]
        for what, clock, start, amount, pauses, closed, deadline in table:
            pauses = [(at(begin), end and at(end)) for begin, end in pauses]
            with self.subTest(what):
                _warning, end = due(
                    at(start), amount * hour, clock, timetable(closed), pauses
                )
                self.assertEqual(end, at(deadline))

    def test_warning_is_a_share_of_the_promise(self):
        warning, deadline = due(
            at("0 16:00"), 10 * 3600, "working", timetable(), [], warning=0.8
        )
        self.assertEqual((warning, deadline), (at("1 16:00"), at("2 9:00")))

    def test_a_calendar_without_hours_ends(self):
        never = Timetable(lambda begin, end: [], lambda moment: moment.date())
        self.assertEqual(due(MONDAY, 3600, "working", never), (None, None))
        self.assertEqual(due(MONDAY, 86400, "day", never), (None, None))

    def test_held_since(self):
        self.assertIsNone(held_since([(at("0 9:00"), at("0 10:00"))]))
        self.assertEqual(held_since([(at("0 9:00"), None)]), at("0 9:00"))

    def test_states(self):
        deadline, warning = at("0 12:00"), at("0 11:00")
        table = [
            # what, now, hold, stop, missed, over, state
            ("running", "0 10:00", None, None, None, False, "on_track"),
            ("from the warning on", "0 11:00", None, None, None, False, "warning"),
            ("at the deadline", "0 12:00", None, None, None, False, "warning"),
            ("one minute over", "0 12:01", None, None, None, False, "late"),
            ("held in time", "0 15:00", "0 10:00", None, None, False, "on_track"),
            ("held too late", "0 15:00", "0 13:00", None, None, False, "late"),
            ("stopped in time", "0 15:00", None, "0 12:00", None, False, "met"),
            ("stopped too late", "0 15:00", None, "0 12:01", None, False, "missed"),
            ("broken before", "0 10:00", None, None, "0 9:00", False, "late"),
            ("broken, stopped", "0 10:00", None, "0 10:00", "0 9:00", False, "missed"),
            ("stop noted later", "0 10:00", None, "0 8:50", "0 9:00", False, "met"),
            ("over without a stop", "0 15:00", None, None, None, True, None),
            ("over, broken", "0 15:00", None, None, "0 12:00", True, "missed"),
        ]
        for what, now, hold, stop, missed, over, state in table:
            with self.subTest(what):
                moments = [moment and at(moment) for moment in (hold, stop, missed)]
                self.assertEqual(
                    state_of(deadline, warning, *moments, over, at(now)), state
                )
        self.assertIsNone(state_of(None, None, None, None, None, False, MONDAY))

    def test_what_asks_for_action_comes_first(self):
        self.assertEqual(overall(["met", "warning", "late"]), "late")
        self.assertEqual(overall(["missed", "warning", None]), "warning")
        self.assertEqual(overall(["missed", "on_track"]), "missed")
        self.assertEqual(overall(["met", "on_track"]), "on_track")
        self.assertEqual(overall(["met", None]), "met")
        self.assertIsNone(overall([None]))
