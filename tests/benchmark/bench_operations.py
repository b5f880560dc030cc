"""Measure what is decided, suggested and written in bulk: one process, one database.

Usage: bench_operations.py CONFIGURATION DATABASE RESULT RUNS LINES TECHNICIANS ROWS

LINES, TECHNICIANS and ROWS are sizes, growing and separated by commas. The database holds
our add-ons; test_benchmark_operations.py makes it, judges the figures in RESULT and throws
it away.
"""

import json
import re
import sys
import tempfile
import time
from datetime import date, datetime, timedelta
from pathlib import Path

from bench_fit import summarise
from bench_meter import Meter
from bench_rows import SYMPTOMS, copy, one_of
from bench_samples import Samples

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service import server
from odoo.tools import config

UNITS = 1_000
# Visits of a technician in the week that is asked for.
VISITS = 6
# What people take along in the list of tickets.
COLUMNS = (
    "name",
    "symptom",
    "partner_id/name",
    "equipment_id/serial",
    "state",
    "date_open",
    "user_id/name",
)


class Bench(Samples, Meter):
    """A department with units under warranty, technicians, and one great customer."""

    def __init__(self, env):
        self.env = env
        self.cr = env.cr
        self.tickets = self.technicians = 0

    # ------------------------------------------------------------
    # COVERAGE
    # ------------------------------------------------------------

    def prepare_coverage(self):
        """Make units with three promises each, copied from those of one unit."""
        self.product.aftersales_policy_id = self.env[
            "aftersales.warranty.policy"
        ].create(
            {
                "name": "Harvesters",
                "start_on": "delivery",
                "term_ids": [
                    Command.create(
                        {
                            "component_id": self.env.ref(
                                f"aftersales_service.aftersales_component_{code}"
                            ).id,
                            "duration": months,
                            "duration_unit": "month",
                        }
                    )
                    for code, months in (("machine", 12), ("main", 24), ("frame", 36))
                ],
            }
        )
        unit = self.get_sample("unit")
        assert len(unit.coverage_ids) == 3, unit.coverage_ids
        copy(
            unit,
            f"generate_series(1, {UNITS}) AS i",
            name="'U' || i",
            serial="'U' || i",
            public_code="md5(random()::text)",
            access_token="NULL",
        )
        self.units = unit.search([("serial", "=like", "U%")])
        assert len(self.units) == UNITS
        for cover in unit.coverage_ids:
            copy(
                cover,
                "(SELECT id AS unit_id, row_number() OVER () AS i "
                "FROM aftersales_equipment WHERE serial LIKE 'U%%') AS units",
                equipment_id="unit_id",
                # A third of the warranties is over.
                date_end="CURRENT_DATE + mod(i, 3)::int * 400 - 10",
            )
        self.cr.commit()  # pylint: disable=invalid-commit

    def decide(self, count):
        """Decide this many pieces of work: of labour, of parts and of travel."""
        # Only now it is known where the add-ons are.
        from odoo.addons.aftersales_service.tools.question import Question

        kinds = ("labour", "part", "travel")
        today = date.today()
        questions = [
            Question(self.units[i % UNITS], kinds[i % 3], today, self.belt)
            for i in range(count)
        ]
        answers = self.env["aftersales.equipment"]._decide_coverages(questions)
        covered = sum(answer["covered"] for answer in answers)
        assert len(answers) == count
        assert 0 < covered < count, covered

    # ------------------------------------------------------------
    # SUGGESTION
    # ------------------------------------------------------------

    def employ(self, count):
        """Have this many technicians, with skills, leaves and visits."""
        new = self.env["hr.employee"].create(
            [
                {"name": f"Technician {number}", "aftersales_technician": True}
                for number in range(self.technicians, count - 1)
            ]
        )
        self.technicians = count - 1
        skill = self.env.ref("aftersales_service.hr_skill_repair")
        levels = skill.skill_type_id.skill_level_ids
        self.env["hr.employee.skill"].create(
            [
                {
                    "employee_id": employee.id,
                    "skill_type_id": skill.skill_type_id.id,
                    "skill_id": skill.id,
                    "skill_level_id": levels[number % len(levels)].id,
                }
                for number, employee in enumerate(new)
            ]
        )
        self.env["resource.calendar.leaves"].create(
            [
                {
                    "name": "Holiday",
                    "resource_id": employee.resource_id.id,
                    "date_from": self.monday,
                    "date_to": self.monday + timedelta(days=2),
                }
                for employee in new[::3]
            ]
        )
        self.env.flush_all()
        start = f"timestamp '{self.monday}' + i * interval '1 day'"
        for employee in new:
            copy(
                self.get_sample("visit"),
                f"generate_series(1, {VISITS}) AS i",
                name=f"'V{employee.id}-' || i",
                technician_id=str(employee.id),
                state="'assigned'",
                date_start=start,
                date_end=f"{start} + interval '2 hours'",
                access_token="NULL",
                arrive_date="NULL",
                finish_date="NULL",
            )
        self.cr.commit()  # pylint: disable=invalid-commit

    def suggest(self, count):
        found = self.job._suggest_technicians(self.monday, 2.0)
        assert len(found) == count, len(found)
        away = sum(bool(row["refusals"]) for row in found)
        assert count / 4 < away < count / 2, found[:3]

    # ------------------------------------------------------------
    # WORKBOOKS
    # ------------------------------------------------------------

    def fill(self, count):
        """Give the customer this many tickets."""
        first, self.tickets = self.tickets, count
        copy(
            self.get_sample("ticket"),
            f"generate_series({first} + 1, {count}) AS i",
            name="'X' || lpad(i::text, 7, '0')",
            symptom=f"{one_of(SYMPTOMS)} || ' ' || i",
            partner_id=str(self.customer.id),
            state="'closed'",
            next_escalation="NULL",
            access_token="NULL",
        )
        self.cr.execute("ANALYZE aftersales_ticket")
        self.cr.commit()  # pylint: disable=invalid-commit

    def write_file(self, _count):
        """Write the after-sales file of the customer, as its route does."""
        self.customer._aftersales_make_file().close()

    def write_report(self, count):
        """Write a report of this many rows, as all reports of the suite are written."""
        # As in decide.
        from odoo.addons.aftersales_quality.tools import report_book

        rows = (
            (f"T{i}", SYMPTOMS[i % 10], "Farmer Wang", i, datetime(2026, 1, 1))
            for i in range(count)
        )
        table = report_book.Table("Tickets", ["No.", "Call", "Who", "Sum", "On"], rows)
        with tempfile.TemporaryFile() as target:
            report_book.write(target, "Report", [table])

    def export_list(self, count):
        """Read what the list's own export writes down."""
        tickets = self.env["aftersales.ticket"].search(
            [("partner_id", "=", self.customer.id)]
        )
        found = tickets.export_data(COLUMNS)["datas"]
        assert len(found) == count, len(found)

    # ------------------------------------------------------------
    # MEASURING
    # ------------------------------------------------------------

    def measure_memory(self, function, *args):
        """Return the cost of a call, with the megabytes it takes at its peak."""
        self.env.flush_all()
        self.env.invalidate_all()
        # Forget the peak of what came before.
        Path("/proc/self/clear_refs").write_text("5")
        before = memory("VmRSS")
        cost = self.measure(function, *args)
        return {**cost, "mb": memory("VmHWM") - before}

    def run(self, runs, lines, technicians, rows):
        self.prepare()
        self.monday = datetime.combine(date.today(), datetime.min.time())
        self.monday += timedelta(days=14 - self.monday.weekday(), hours=9)
        self.prepare_coverage()
        self.job = self.get_sample("ticket")
        self.customer = self.env["res.partner"].create({"name": "Great farm"})
        figures, start = {"seconds": {}}, time.perf_counter()

        def note(name, size, costs):
            found = summarise(costs)
            if "mb" in costs[0]:
                found["mb"] = round(max(cost["mb"] for cost in costs), 1)
            figures.setdefault(name, {})[size] = found
            figures["seconds"][name] = round(time.perf_counter() - start, 1)

        for size in lines:
            self.decide(size)
            costs = [self.measure(self.decide, size) for _run in range(runs)]
            note("coverage decided", size, costs)
        for size in technicians:
            self.employ(size)
            self.suggest(size)
            costs = [self.measure(self.suggest, size) for _run in range(runs)]
            note("technicians suggested", size, costs)
        for size in rows:
            self.fill(size)
            for name, function in (
                ("report as a workbook", self.write_report),
                ("file of a customer as a workbook", self.write_file),
                ("list of tickets exported", self.export_list),
            ):
                note(name, size, [self.measure_memory(function, size)])
        return figures


def memory(what):
    """Return megabytes of this process."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(re.search(rf"{what}:\s*(\d+)", status)[1]) / 1024


def main(configuration, database, result, runs, *sizes):
    config.parse_config(["-c", configuration, "-d", database, "--no-http"])
    server.load_server_wide_modules()
    sizes = [[int(size) for size in text.split(",")] for text in sizes]
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
        figures = Bench(env).run(int(runs), *sizes)
        cr.rollback()
    Path(result).write_text(json.dumps(figures, indent=1), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
