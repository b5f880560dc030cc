from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.aftersales_service.tests.clock_common import local

from ..tools import figures
from .report_common import FigureCommon

NOW = local("2026-08-20 12:00")
JUNE, JULY, AUGUST = date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1)


@tagged("post_install", "-at_install")
class TestFigures(FigureCommon):
    """Every measure counted again by hand from its rows, with the traps of each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enterClassContext(freeze_time(NOW))

    def _measure(self, name, month=JUNE, team=None):
        end = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        Measures = self.env["aftersales.measure"]
        return Measures._measure([name], self.company, month, end, team)[name]

    def _read(self, month, user=None, **kwargs):
        Dashboard = self.env["aftersales.dashboard"].with_user(user or self.supervisor)
        shown = Dashboard.dashboard_read(month=str(month), **kwargs)
        return {tile["name"]: tile for tile in shown["tiles"]}, shown

    # ------------------------------------------------------------
    # ARITHMETIC
    # ------------------------------------------------------------

    def test_arithmetic(self):
        self.assertIsNone(figures.value_of("percent", 0, 0), "nothing is no rate")
        self.assertEqual(figures.value_of("hours", 12, 4), 3)
        self.assertEqual(figures.satisfaction([5, 4, 3.99, 1]), 50)
        # 3 promoters, 1 neutral, 1 detractor of 5.
        self.assertEqual(figures.recommendation([9, 10, 10, 8, 6]), 40)
        self.assertIsNone(figures.recommendation([]))

    # ------------------------------------------------------------
    # VISITS
    # ------------------------------------------------------------

    def test_first_fix_and_repeat(self):
        """Closed too early, reopened, same serial on another ticket, too young."""
        self._visit("2026-06-04 09:00", "2026-06-05 09:00", "2026-06-05 10:00", 0)
        self._visit("2026-06-04 09:00", "2026-06-06 09:00", "2026-06-06 10:00", 1)
        # The same machine again, as another ticket: it was not fixed.
        self._visit("2026-06-20 09:00", "2026-06-21 09:00", "2026-06-21 10:00", 1)
        reopened = self._visit(
            "2026-06-09 09:00", "2026-06-10 09:00", "2026-06-10 10:00", 2
        )
        with freeze_time(local("2026-06-12 09:00")):
            reopened.ticket_id.action_reopen("Broken again")
        self._visit(
            "2026-06-09 09:00",
            "2026-06-15 09:00",
            "2026-06-15 10:00",
            ticket=reopened.ticket_id,
        )
        # Its days to look back are not over.
        self._visit("2026-08-09 09:00", "2026-08-10 09:00", "2026-08-10 10:00", 3)
        value, up, down = self._measure("first_fix")
        self.assertEqual((up, down), (2, 4))
        self.assertEqual(value, 50)
        self.assertEqual(self._measure("first_fix", AUGUST), (None, 0, 0))
        # By hand: first visits of June; not fixed when anything came after.
        visits = self.env["aftersales.dispatch"].search(
            [("company_id", "=", self.company.id), ("state", "=", "done")]
        )
        firsts, fixed = 0, 0
        for visit in visits.filtered(lambda v: v.finish_date < local("2026-07-01")):
            ticket = visit.ticket_id
            if visit != ticket.dispatch_ids.sorted("arrive_date")[0]:
                continue
            firsts += 1
            later = visits.ticket_id.filtered(
                lambda other, visit=visit: other != visit.ticket_id
                and other.equipment_id == visit.equipment_id
                and timedelta()
                < other.date_open - visit.finish_date
                <= timedelta(days=30)
            )
            fixed += not (later or ticket.reopen_count or len(ticket.dispatch_ids) > 1)
        self.assertEqual((fixed, firsts), (up, down))
        # Solving visits: A, B (came again), B2, second of the reopened ticket.
        self.assertEqual(self._measure("repeat")[1:], (1, 4))
        # A month later the August visit is judged, though nobody wrote anything.
        tiles, _shown = self._read(AUGUST)
        self.assertEqual(tiles["first_fix"]["text"], "–")
        with freeze_time("2026-09-12 12:00:00"):
            tiles, _shown = self._read(AUGUST)
            self.assertEqual(tiles["first_fix"]["basis"], "1 of 1")

    def test_mttr_and_promise(self):
        """A reopened ticket counts with its last solution, and in that month."""
        plain = self._visit(
            "2026-06-04 09:00", "2026-06-04 11:00", "2026-06-04 12:00", 0
        )
        again = self._visit(
            "2026-06-28 09:00", "2026-06-28 11:00", "2026-06-28 12:00", 1
        )
        self._read(JUNE)
        with freeze_time(local("2026-07-02 09:00")):
            again.ticket_id.action_reopen("Broken again")
            self.env.flush_all()
        self.assertEqual(self._measure("mttr")[2], 1, "no longer solved")
        with freeze_time(local("2026-07-03 09:00")):
            again.ticket_id.action_solve()
            self.env.flush_all()
        internal = self._visit(
            "2026-06-04 09:00",
            "2026-06-04 11:00",
            "2026-06-04 12:00",
            service_kind="internal",
        )
        tickets = plain.ticket_id | again.ticket_id | internal.ticket_id
        by_hand = {
            ticket.id: (ticket.done_date - ticket.date_open).total_seconds() / 3600
            for ticket in tickets
        }
        self.assertEqual(by_hand[plain.ticket_id.id], 3)
        self.assertEqual(by_hand[again.ticket_id.id], 120)
        self.assertEqual(self._measure("mttr"), (3, 3, 1))
        self.assertEqual(self._measure("mttr", JULY), (120, 120, 1))
        # What the dashboard had counted in June is taken back.
        tiles, _shown = self._read(JUNE)
        self.assertEqual(tiles["mttr"]["text"], "3.0")
        self.assertEqual(tiles["solved"]["numerator"], 1)
        # Promises: the reopened one broke its own, the other kept it.
        (plain | again).ticket_id._by_method().write(
            {"solve_deadline": local("2026-06-30 12:00")}
        )
        for month in (JUNE, JULY):
            _value, kept, promised = self._measure("promise", month)
            solved = (plain | again).ticket_id.filtered(
                lambda t, month=month: t.done_date.month == month.month
            )
            self.assertEqual(promised, len(solved))
            self.assertEqual(kept, len(solved.filtered(lambda t: t.sla_state == "met")))
        # An open ticket whose time is over is not in it.
        self._ticket(promised_date=NOW + timedelta(hours=1))
        with freeze_time(NOW + timedelta(days=1)):
            self.assertEqual(self._measure("promise", AUGUST), (None, 0, 0))

    # ------------------------------------------------------------
    # CARDS
    # ------------------------------------------------------------

    def test_cards(self):
        """CSAT is 4 and 5 of 5, NPS promoters less detractors, response of those sent."""
        answers = [
            ((4, 4, 4, 4), "10"),  # 5.0
            ((4, 3, 3, 3), "9"),  # mean 3.25: 4.0
            ((3, 3, 3, 3), "8"),  # 3.67
            ((1, 1, 2, 2), "6"),  # 1.67
            ((4, 4, 4, 3), ""),  # 4.67, says nothing
        ]
        visits = [
            self._visit("2026-06-04 09:00", "2026-06-05 09:00", "2026-06-05 10:00")
            for _number in range(7)
        ]
        cards = self.env["rating.rating"]
        for visit, (levels, mark) in zip(visits, answers, strict=False):
            cards |= self._answered(visit, "2026-06-08 10:00", levels, recommend=mark)
        # One card was sent and not answered, one waits still.
        visits[5].sudo().card_ids._by_method().aftersales_sent_date = local(
            "2026-06-06 09:00"
        )
        marks = cards.mapped("rating")
        self.assertEqual(self._measure("csat")[0], figures.satisfaction(marks))
        self.assertEqual(self._measure("csat")[1:], (3, 5))
        said = [int(mark) for mark in cards.mapped("aftersales_recommend") if mark]
        self.assertEqual(said, [10, 9, 8, 6])
        self.assertEqual(self._measure("nps")[0], figures.recommendation(said))
        self.assertEqual(self._measure("nps"), (25, 1, 4))
        self.assertEqual(self._measure("response")[1:], (5, 6))
        tiles, _shown = self._read(JUNE)
        self.assertEqual(tiles["nps"]["text"], "+25")
        self.assertEqual(tiles["csat"]["basis"], "3 of 5")
        # Nobody marks himself up afterwards, and nonsense is no mark.
        with self.assertRaises(UserError):
            cards[0].aftersales_recommend = "10"
        self.assertFalse(cards._get_card_extras({"recommend": "11"}))

    # ------------------------------------------------------------
    # COMPLAINTS AND COSTS
    # ------------------------------------------------------------

    def test_complaint_rate(self):
        """Void complaints, merged and cancelled tickets do not count."""
        tickets = self.env["aftersales.ticket"]
        for _number in range(4):
            tickets |= self._ticket(date_open=local("2026-06-10 09:00"))
        tickets[3].action_cancel("Not needed")
        self._complain(date=local("2026-06-30 23:30"))
        self._complain(date=local("2026-07-01 00:30"))
        void = self._complain(date=local("2026-06-11 09:00"))
        void._by_method().state = "rejected"
        self.assertEqual(self._measure("complaint_ticket")[1:], (1, 3))
        self.assertEqual(self._measure("complaint_ticket", JULY)[1:], (1, 0))
        # Units 0 to 3 were delivered in June.
        self.assertEqual(self._measure("complaint_unit")[:3], (25, 1, 4))

    def test_warranty_cost(self):
        """Cost of what was used under warranty, by machine; the rest is not in it."""
        ticket = self._ticket(
            equipment_id=self.units[0].id, date_open=local("2026-06-10 09:00")
        )
        values = {
            "ticket_id": ticket.id,
            "kind": "fee",
            "name": "Crane",
            "state": "used",
            "date_done": local("2026-06-12 09:00"),
        }
        lines = self.env["aftersales.ticket.line"].create(
            [values, values, {**values, "kind": "labour"}]
        )
        lines._by_method().write({"cost_unit": 40.0, "coverage": "warranty"})
        lines[1]._by_method().coverage = "customer"
        lines.flush_recordset()
        self.assertEqual(lines.mapped("cost_total"), [40, 40, 40])
        total = sum(line.cost_total for line in lines if line.coverage == "warranty")
        self.assertEqual(self._measure("warranty_cost")[1], total)
        tiles, shown = self._read(JUNE)
        self.assertEqual(tiles["warranty_cost"]["numerator"], total)
        self.assertEqual(
            [(row["id"], row["amount"]) for row in shown["products"]["rows"]],
            [(self.harvester.id, total)],
        )

    # ------------------------------------------------------------
    # DASHBOARD
    # ------------------------------------------------------------

    def test_numbers_open_their_rows(self):
        """Each number opens as many rows as it counts, also of one team."""
        other = self.env["aftersales.team"].create(
            {"name": "North", "hazard_look_required": False}
        )
        visit = self._visit(
            "2026-06-04 09:00", "2026-06-05 09:00", "2026-06-05 10:00", 0
        )
        self._visit(
            "2026-06-04 09:00",
            "2026-06-06 09:00",
            "2026-06-06 10:00",
            1,
            team_id=other.id,
        )
        self._answered(visit, "2026-06-08 10:00", (4, 4, 4, 4), recommend="2")
        self._complain(date=local("2026-06-11 09:00"), ticket_id=visit.ticket_id.id)
        self._ticket(date_open=local("2026-06-10 09:00"), active=False)
        Dashboard = self.env["aftersales.dashboard"].with_user(self.manager)
        for team in (False, other.id, self.team.id):
            tiles, shown = self._read(JUNE, self.manager, team_id=team)
            self.assertEqual(shown["team_id"], team)
            for name, tile in tiles.items():
                if name == "warranty_cost":
                    continue
                for whole, count in (
                    (False, tile["numerator"]),
                    (True, tile["denominator"]),
                ):
                    if name in ("nps", "mttr"):
                        count = tile["denominator"]
                    if whole and not tile["can_open_all"]:
                        continue
                    action = Dashboard.dashboard_open(
                        name, month="2026-06-01", team_id=team, whole=whole
                    )
                    Model = self.env[action["res_model"]].with_user(self.manager)
                    rows = Model.with_context(**action["context"]).search_count(
                        action["domain"]
                    )
                    self.assertEqual(rows, count, f"{name} {whole} {team}")
        action = Dashboard.dashboard_open_step("recorded")
        self.assertEqual(shown["steps"]["total"], 1)
        self.assertEqual(
            self.env["aftersales.complaint"].search_count(action["domain"]), 1
        )

    def test_counted_again(self):
        """Figures follow their rows, and counting twice changes nothing."""
        self._ticket(date_open=local("2026-06-10 09:00"))
        tiles, _shown = self._read(JUNE)
        self.assertEqual(tiles["registered"]["numerator"], 1)
        Figure = self.env["aftersales.figure"]
        rows = Figure.search([("company_id", "=", self.company.id)])
        before = rows.read(["numerator", "denominator", "write_date"])
        Figure._count_month(self.company, JUNE)
        self.assertEqual(rows.read(["numerator", "denominator", "write_date"]), before)
        with freeze_time(NOW + timedelta(days=1)):
            self._ticket(date_open=local("2026-06-11 09:00"))
            self.env.flush_all()
            tiles, _shown = self._read(JUNE)
        self.assertEqual(tiles["registered"]["numerator"], 2)
        self.assertEqual(tiles["registered"]["old"], "0")
        # The job counts months never counted, and is safe when run again.
        self._ticket(date_open=local("2024-03-10 09:00"))
        self.env.flush_all()
        for _turn in range(2):
            with self.enter_registry_test_mode():
                self.env.ref(
                    "aftersales_quality.ir_cron_aftersales_figure"
                ).method_direct_trigger()
        tiles, _shown = self._read(date(2024, 3, 1))
        self.assertEqual(tiles["registered"]["numerator"], 1)

    def test_opens_with_few_queries(self):
        """Opening costs the same whatever there is to show."""
        self._ticket(date_open=local("2026-06-10 09:00"))
        self.env.flush_all()
        for table in ("ticket", "equipment"):
            self.env.cr.execute(
                f"UPDATE aftersales_{table} SET write_date = '2026-06-11'"
            )
        self._read(JUNE)
        with freeze_time(NOW + timedelta(hours=2)):
            Dashboard = self.env["aftersales.dashboard"].with_user(self.supervisor)
            self.env.invalidate_all()
            with self.assertQueryCount(25):
                Dashboard.dashboard_read(month="2026-06-01", span=12)

    def test_for_those_who_lead(self):
        self._read(JUNE, self.quality_lead)
        for user in (self.technician, self.agent, self.salesman, self.employee):
            with self.assertRaisesRegex(AccessError, "supervisors and managers"):
                self._read(JUNE, user)
        with self.assertRaisesRegex(UserError, "one, three or twelve"):
            self._read(JUNE, span=5)
        Dashboard = self.env["aftersales.dashboard"].with_user(self.supervisor)
        with self.assertRaisesRegex(UserError, "no such measure"):
            Dashboard.dashboard_open("profit")
