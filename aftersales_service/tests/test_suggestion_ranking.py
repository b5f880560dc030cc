from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .suggestion_common import START, TODAY, SuggestionCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSuggestionRanking(SuggestionCommon):
    """Who comes first, and at what cost."""

    # ------------------------------------------------------------
    # RANKING
    # ------------------------------------------------------------

    def _first(self):
        self.env.invalidate_all()
        self._suggest()
        return self.rows[0]["name"]

    def _served(self, technician):
        """Let somebody have finished a visit for the unit this morning."""
        visit = self._assigned(
            technician=technician,
            start=TODAY + timedelta(days=1),
            ticket=self._visit_ticket(equipment_id=self.unit.id),
        )
        visit.action_arrive()
        visit.action_finish()
        return visit

    def _rated(self, technician):
        visit = self._served(technician)
        self.company.aftersales_points_unit = 0
        Rating = self.env["rating.rating"]._by_method()
        card = Rating.search(
            [("res_model", "=", visit._name), ("res_id", "=", visit.id)]
        )
        items = ("attitude", "skill", "arrival", "promise")
        marks = {f"aftersales_{item}": "4" for item in items}
        card.write({**marks, "rating": 5, "consumed": True})

    def test_what_makes_somebody_first(self):
        """Each part of the score alone decides, and its weight is the company's."""
        zhou = self.zhou
        self.assertEqual(self._first(), "Chen Gang", "alike, by name")
        job, skill = self.job, self.engine
        for part, prepare in (
            (
                "preference",
                lambda: self.farmer.write(
                    {"aftersales_preferred_technician_id": zhou.id}
                ),
            ),
            (
                "zone",
                lambda: self.zone.write({"technician_ids": [Command.set(zhou.ids)]}),
            ),
            ("grade", lambda: self._grade(zhou, 3)),
            (
                "load",
                lambda: self._busy("2026-06-02 08:30", "2026-06-02 10:30", self.chen),
            ),
            (
                "skill",
                lambda: (
                    job.write({"skill_ids": [Command.set(skill.ids)]}),
                    self._skill(skill, level=60),
                    self._skill(skill, zhou),
                ),
            ),
            (
                "licence",
                lambda: (
                    job.write(
                        {
                            "licence_ids": [Command.set(self.welder.ids)],
                            "licence_missing": "warn",
                        }
                    ),
                    self._skill(self.welder, zhou),
                ),
            ),
            ("unit", lambda: self._served(zhou)),
            ("rating", lambda: self._rated(zhou)),
        ):
            with self.subTest(part), self.cr.savepoint() as savepoint:
                prepare()
                self.env.flush_all()
                self.assertEqual(self._first(), "Zhou Min")
                self.company[f"aftersales_points_{part}"] = 0
                self.assertEqual(self._first(), "Chen Gang")
                savepoint.rollback()
                self.env.invalidate_all()

    def test_refused_ones_come_last(self):
        """Whatever his score: who cannot go is at the end, with his reasons."""
        self.farmer.aftersales_preferred_technician_id = self.chen
        self._leave("2026-06-02 00:00", "2026-06-02 23:59", self.chen)
        self._suggest()
        self.assertEqual([row["name"] for row in self.rows], ["Zhou Min", "Chen Gang"])
        self.assertGreater(self.rows[1]["score"], self.rows[0]["score"])
        self.assertNotIn("Wedding", str(self.rows))

    def test_warned_about_a_licence(self):
        self.job.write(
            {"licence_ids": [Command.set(self.welder.ids)], "licence_missing": "warn"}
        )
        row = self._suggest()[self.chen.id]
        self.assertEqual(
            (row["refusals"], row["warnings"]), ([], ["no licence: Welder"])
        )
        self.assertLess(row["parts"]["licence"], 0)

    def test_technicians_of_the_company_alone(self):
        """Each technician of the ticket's company, nobody of another one."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self._create_technician(
            "Stranger", company_id=other.id, resource_calendar_id=False
        )
        self._create_technician("Clerk", aftersales_technician=False)
        archived = self._create_technician("Gone")
        archived.active = False
        self._suggest()
        self.assertEqual({row["name"] for row in self.rows}, {"Chen Gang", "Zhou Min"})

    def test_arguments(self):
        """The list is for dispatchers, and for a time that can be."""
        self.assertEqual(
            [
                row["employee_id"]
                for row in self.ticket._suggest_technicians(START, 2.0)
            ],
            [row["employee_id"] for row in self.ticket.suggest_technicians(str(START))],
        )
        with (
            self.assertRaisesRegex(UserError, "more than 0 and up to 24"),
            self.cr.savepoint(),
        ):
            self.ticket.suggest_technicians(START, 25)
        with (
            self.assertRaisesRegex(UserError, "when the visit is to begin"),
            self.cr.savepoint(),
        ):
            self.ticket.suggest_technicians(False, 2)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.ticket.with_user(self.technician).suggest_technicians(START)
        self.ticket.action_open()
        self.ticket.user_id = self.technician
        with self.assertRaisesRegex(UserError, "Only the desk"), self.cr.savepoint():
            self.ticket.with_user(self.technician).suggest_technicians(START)

    def test_constant_number_of_queries(self):
        """As many queries for three hundred technicians as for three."""
        self.job.write(
            {
                "skill_ids": [Command.set(self.repair.ids)],
                "licence_ids": [Command.set(self.welder.ids)],
            }
        )

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.ticket._suggest_technicians(START, 2.0)
            return self.env.cr.sql_log_count - before

        self._create_technician("Three")
        count()
        few = count()
        self.env["hr.employee"].create(
            [
                {
                    "name": f"Technician {number}",
                    "company_id": self.company.id,
                    "resource_calendar_id": self.calendar.id,
                    "tz": "Asia/Shanghai",
                    "aftersales_technician": True,
                }
                for number in range(297)
            ]
        )
        self.assertEqual(count(), few)
        self.assertLessEqual(few, 40)
        self._suggest()
        self.assertEqual(len(self.rows), 300)
