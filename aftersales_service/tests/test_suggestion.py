from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .clock_common import local
from .suggestion_common import START, TODAY, SuggestionCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSuggestion(SuggestionCommon):
    """The right technician, as seen by a dispatcher without rights on employees."""

    # ------------------------------------------------------------
    # THIRTY SITUATIONS
    # ------------------------------------------------------------

    def _situations(self):
        """Return (name, what is done, arguments, refusals expected)."""
        job, chen = self.job, self.chen
        asks = job.write
        two_weeks = {"start": local("2026-06-16 14:00")}
        return [
            ("nothing against him", lambda: None, {}, []),
            (
                "over lunch",
                lambda: None,
                {"start": local("2026-06-02 11:00"), "hours": 3.0},
                [],
            ),
            (
                "too early",
                lambda: None,
                {"start": local("2026-06-03 06:00")},
                ["works 08:00–12:00, 13:00–18:00 on that day"],
            ),
            (
                "too late",
                lambda: None,
                {"start": local("2026-06-02 17:00")},
                ["works 08:00–12:00, 13:00–18:00 on that day"],
            ),
            (
                "on Sunday",
                lambda: None,
                {"start": local("2026-06-07 14:00")},
                ["does not work on that day"],
            ),
            (
                "no calendar",
                lambda: chen.write({"resource_calendar_id": False}),
                {},
                ["no working hours; human resources set them on the employee"],
            ),
            (
                "empty calendar",
                lambda: self.calendar.write({"attendance_ids": [Command.clear()]}),
                {},
                ["no working hours; human resources set them on the employee"],
            ),
            (
                "on call at night",
                lambda: self._on_call(),
                {"start": local("2026-06-02 21:00")},
                [],
            ),
            (
                "in another time zone",
                lambda: chen.write({"tz": "Europe/Berlin"}),
                {"start": local("2026-06-02 10:00")},
                ["works 08:00–12:00, 13:00–18:00 on that day"],
            ),
            (
                "on leave today",
                lambda: self._leave("2026-06-02 00:00", "2026-06-02 23:59", chen),
                {},
                ["on leave until Tuesday"],
            ),
            (
                "on leave until Monday",
                lambda: self._leave("2026-06-01 00:00", "2026-06-08 23:59", chen),
                {},
                ["on leave until Monday"],
            ),
            (
                "leave that goes on",
                lambda: (
                    self._leave("2026-06-01 00:00", "2026-06-03 23:59", chen),
                    self._leave("2026-06-04 00:00", "2026-06-05 23:59", chen),
                ),
                {},
                ["on leave until Friday"],
            ),
            (
                "long leave",
                lambda: self._leave("2026-06-01 00:00", "2026-06-30 23:59", chen),
                {},
                ["on leave until 06/30/2026"],
            ),
            (
                "back from leave",
                lambda: self._leave("2026-06-01 00:00", "2026-06-02 12:00", chen),
                {},
                [],
            ),
            (
                "somebody else's leave",
                lambda: self._leave("2026-06-01 00:00", "2026-06-08 23:59", self.zhou),
                {},
                [],
            ),
            (
                "public holiday",
                lambda: self._leave("2026-06-02 00:00", "2026-06-02 23:59"),
                {},
                ["public holiday"],
            ),
            (
                "holiday for all calendars",
                lambda: self._leave(
                    "2026-06-02 00:00", "2026-06-02 23:59", calendar_id=False
                ),
                {},
                ["public holiday"],
            ),
            (
                "training on that day",
                lambda: self._leave(
                    "2026-06-02 00:00", "2026-06-02 23:59", chen, time_type="other"
                ),
                {},
                [],
            ),
            (
                "another visit",
                lambda: self._busy("2026-06-02 14:00", "2026-06-02 16:00"),
                {},
                ["visit 14:00–16:00"],
            ),
            (
                "no time for the way",
                lambda: self._busy("2026-06-02 12:00", "2026-06-02 13:45"),
                {},
                ["visit 12:00–13:45, less than 30 minutes left for the way"],
            ),
            (
                "just enough time for the way",
                lambda: self._busy("2026-06-02 12:00", "2026-06-02 13:30"),
                {},
                [],
            ),
            (
                "no way between sites",
                lambda: (
                    self._busy("2026-06-02 12:00", "2026-06-02 14:00"),
                    self.company.write({"aftersales_travel_minutes": 0}),
                ),
                {},
                [],
            ),
            (
                "in the crew elsewhere",
                lambda: self._in_crew(),
                {},
                ["visit 14:00–16:00"],
            ),
            (
                "no grade",
                lambda: asks({"grade_id": self.grades[0].id}),
                {},
                ["no grade yet, job asks 1"],
            ),
            (
                "grade too low",
                lambda: (asks({"grade_id": self.grades[2].id}), self._grade(chen, 2)),
                {},
                ["grade 2, job asks 3"],
            ),
            (
                "grade high enough",
                lambda: (asks({"grade_id": self.grades[2].id}), self._grade(chen, 5)),
                {},
                [],
            ),
            (
                "skill not proven",
                lambda: (
                    asks(
                        {"skill_ids": [Command.set([self.repair.id, self.engine.id])]}
                    ),
                    self._skill(self.repair),
                ),
                {},
                ["not proven: Engine"],
            ),
            (
                "skill no longer held",
                lambda: (
                    asks({"skill_ids": [Command.set(self.repair.ids)]}),
                    self._skill(self.repair, valid_to="2026-05-31"),
                ),
                {},
                ["not proven: Repair"],
            ),
            (
                "no licence",
                lambda: asks({"licence_ids": [Command.set(self.electrician.ids)]}),
                {},
                ["no licence: Electrician"],
            ),
            (
                "licence ended",
                lambda: (
                    asks({"licence_ids": [Command.set(self.electrician.ids)]}),
                    self._skill(self.electrician, valid_to="2026-05-31"),
                ),
                {},
                ["licence ended on 05/31/2026: Electrician"],
            ),
            (
                "licence will have ended",
                lambda: (
                    asks({"licence_ids": [Command.set(self.electrician.ids)]}),
                    self._skill(self.electrician, valid_to="2026-06-10"),
                ),
                two_weeks,
                ["licence ended on 06/10/2026: Electrician"],
            ),
            (
                "licence renewed",
                lambda: (
                    asks({"licence_ids": [Command.set(self.electrician.ids)]}),
                    self._skill(self.electrician, valid_to="2026-05-31"),
                    self._skill(
                        self.electrician, valid_from="2026-06-01", valid_to="2027-05-31"
                    ),
                ),
                {},
                [],
            ),
            (
                "licence only warned about",
                lambda: asks(
                    {
                        "licence_ids": [Command.set(self.electrician.ids)],
                        "licence_missing": "warn",
                    }
                ),
                {},
                [],
            ),
            (
                "refused by the customer",
                lambda: self.farmer.write(
                    {"aftersales_refused_technician_id": chen.id}
                ),
                {},
                ["the customer does not want him"],
            ),
            (
                "two things at once",
                lambda: (
                    asks({"grade_id": self.grades[0].id}),
                    self._leave("2026-06-02 00:00", "2026-06-02 23:59", chen),
                ),
                {},
                ["on leave until Tuesday", "no grade yet, job asks 1"],
            ),
            (
                "cancelled visit",
                lambda: self._busy(
                    "2026-06-02 14:00", "2026-06-02 16:00"
                ).action_cancel("No need"),
                {},
                [],
            ),
        ]

    def _on_call(self):
        self.env["aftersales.duty"].create(
            {
                "team_id": self.team.id,
                "user_id": self.technician.id,
                "date_from": local("2026-06-02 18:00"),
                "date_to": local("2026-06-03 08:00"),
            }
        )

    def _in_crew(self):
        other = self._dispatch(
            technician=self.zhou, start=START, crew_ids=[Command.link(self.chen.id)]
        )
        other.action_assign()

    def test_thirty_situations(self):
        situations = self._situations()
        self.assertGreaterEqual(len(situations), 30)
        for name, prepare, arguments, expected in situations:
            with self.subTest(name), self.cr.savepoint() as savepoint:
                prepare()
                self.env.flush_all()
                self.assertEqual(self._refusals(**arguments), expected)
                savepoint.rollback()
                self.env.invalidate_all()
