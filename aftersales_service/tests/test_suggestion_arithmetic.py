from datetime import date, datetime, timedelta
from unittest import TestCase
from zoneinfo import ZoneInfo

from ..tools.suggestion import Job, Person, Week, load, miss_licences, rank, rate, works

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Monday to Friday, eight to twelve and one to six; Saturdays of the first week only.
WEEK = Week(
    hours={
        (week, day): [(8.0, 12.0), (13.0, 18.0)] for week in (0, 1) for day in range(5)
    }
    | {(0, 5): [(8.0, 12.0)]}
)


def job(day, first, last, **values):
    """Return a visit in hours of Shanghai on a day of June 2026."""
    midnight = datetime(2026, 6, day) - timedelta(hours=8)
    return Job(
        midnight + timedelta(hours=first), midnight + timedelta(hours=last), **values
    )


class TestSuggestionArithmetic(TestCase):
    """Hours, licences and scores, without database (R22, R70)."""

    def _person(self, **values):
        return Person(key=1, zone=SHANGHAI, **{"week": WEEK, **values})

    def test_working_hours(self):
        person = self._person()
        for name, (day, first, last), expected in (
            ("in the morning", (2, 9, 11), True),
            ("from the first to the last minute", (2, 8, 18), True),
            ("over lunch", (2, 11, 14), True),
            ("in the lunch break alone", (2, 12, 13), False),
            ("before the day begins", (2, 7.5, 9), False),
            ("after the day ends", (2, 17, 19), False),
            ("overnight", (2, 17, 33), True),
            ("into Sunday", (6, 11, 33), False),
            ("Sunday", (7, 9, 11), False),
            ("till midnight", (2, 17, 24), False),
        ):
            with self.subTest(name):
                self.assertEqual(works(job(day, first, last), person), expected)

    def test_weeks_in_turn(self):
        person = self._person()
        saturdays = [works(job(day, 9, 10), person) for day in (6, 13, 20, 27)]
        self.assertEqual(sorted(saturdays[:2]), [False, True])
        self.assertEqual(saturdays[:2], saturdays[2:])

    def test_own_time_zone(self):
        """Nine in Shanghai is three in the morning in Berlin."""
        berlin = self._person()
        berlin.zone = ZoneInfo("Europe/Berlin")
        self.assertFalse(works(job(2, 9, 11), berlin))
        self.assertTrue(works(job(2, 15, 17), berlin))

    def test_on_call(self):
        night = job(2, 22, 23)
        duty = (night.begin - timedelta(hours=1), night.end)
        self.assertTrue(works(night, self._person(duties=[duty])))
        self.assertTrue(works(night, self._person(week=Week(flexible=True))))

    def test_licence_on_its_last_day(self):
        asked = job(2, 9, 11, licences=frozenset({7}))
        for till, expected in (
            (date(2026, 6, 1), ["expired"]),
            (date(2026, 6, 2), []),
            (None, []),
        ):
            person = self._person(licences={7: [(date(2026, 1, 1), till)]})
            codes = [refusal.code for refusal in miss_licences(asked, person)]
            self.assertEqual(codes, expected)
        early = self._person(licences={7: [(date(2026, 6, 3), None)]})
        self.assertEqual(miss_licences(asked, early)[0].code, "licence")

    def test_score_in_parts(self):
        asked = job(2, 9, 11, skills=frozenset({1, 2}), zone=5, preferred=1)
        visit = (datetime(2026, 6, 2, 6), datetime(2026, 6, 2, 9))
        person = self._person(
            stars=3, skills={1: 1.0, 2: 0.6}, zones={5}, visits=[visit], rating=5.0
        )
        weights = dict.fromkeys(
            ("preference", "zone", "unit", "skill", "grade", "load", "rating"), 10
        )
        self.assertEqual(load(asked, person), 3)
        self.assertEqual(
            rate(asked, person, weights),
            {
                "preference": 10,
                "zone": 10,
                "skill": 8,
                "grade": 6,
                "load": 6.7,
                "rating": 10,
            },
        )
        self.assertEqual(rate(asked, person, {}), {})

    def test_ranking(self):
        rows = [
            {"name": "B", "score": 1, "refusals": []},
            {"name": "A", "score": 9, "refusals": ["no"]},
            {"name": "C", "score": 5, "refusals": []},
            {"name": "A", "score": 1, "refusals": []},
        ]
        self.assertEqual(
            [(row["name"], row["score"]) for row in rank(rows)],
            [("C", 5), ("A", 1), ("B", 1), ("A", 9)],
        )
