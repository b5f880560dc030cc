"""Do the same work undisturbed, twice at once, and killed again and again.

Usage: gauntlet.py CONFIGURATION DATABASE NOW SIZE RESULT

The database holds our add-ons; its test makes it, judges RESULT and throws it away. SIZE is
``full``, or ``small`` for a part of the works, killed less often.
"""

import json
import random
import sys
from datetime import timedelta
from pathlib import Path

import invariants
from fire_actions import get_actions
from footprint import differences
from sabotage import unheard
from stage import Stage

from odoo.tools import config

# The world is made in the afternoon; the jobs run when the day has ended.
HOURS = 8
# How often each work is killed in the full size.
POINTS = 10
# The works of the small size, and those of its actions that are killed.
KILLED = {
    "validate a delivery of serials",
    "authorise a return",
    "receive a return",
    "credit a return",
    "finish a visit",
    "plan a campaign",
}
SMALL = KILLED | {
    "inspect a return",
    "work off past deliveries",
    "aftersales_parts.ir_cron_aftersales_loan",
    "aftersales_quality.ir_cron_aftersales_figure",
    "aftersales_service.ir_cron_aftersales_backfill",
    "aftersales_service.ir_cron_aftersales_card",
    "aftersales_service.ir_cron_aftersales_escalation",
    "aftersales_service.ir_cron_aftersales_reminder",
}
KINDS = ("before commit", "after commit", "query")
# The people of the demonstration have the logins of those of the tests.
MOVE_OVER = """
UPDATE res_users SET login = 'demo-' || login
 WHERE id NOT IN (SELECT res_id FROM ir_model_data
                   WHERE model = 'res.users' AND module = 'base')
"""
JOBS = """
SELECT d.module || '.' || d.name, c.id
  FROM ir_cron c
  JOIN ir_model_data d ON d.model = 'ir.cron' AND d.res_id = c.id
 WHERE d.module LIKE 'aftersales%'
 ORDER BY c.id
"""


class Gauntlet:
    """All jobs and actions, on copies of the same database."""

    def __init__(self, stage, small):
        self.stage = stage
        self.small = small
        [built] = stage.play(self._build)
        assert built.answer.startswith("{"), built.answer
        self.world = json.loads(built.answer)
        self.works = self._get_works()

    def _build(self):
        # Only in a process of its own: it brings Odoo's tests with it.
        from fire_world import World

        with self.stage.env() as env:
            env.cr.execute(MOVE_OVER)
        self.stage.clock.tick(timedelta(hours=-HOURS))
        return json.dumps(World.make())

    def _get_works(self):
        stage = self.stage
        works = {
            name: ("action", stage.action(function))
            for name, function in get_actions(self.world).items()
        }
        jobs = stage.look(lambda cr: (cr.execute(JOBS), cr.fetchall())[1])
        works.update((name, ("job", stage.job(number))) for name, number in jobs)
        if self.small:
            works = {name: works[name] for name in works if name in SMALL}
        return works

    def is_job(self, name):
        return self.works[name][0] == "job"

    # --------------------------------------------------------------- plays
    def undisturbed(self):
        """Do each work, and then once more."""
        before, told = self.stage.footprint(), {}
        for name, (kind, work) in self.works.items():
            outcomes, once = self.stage.play(work), self.stage.footprint()
            row = {
                "kind": kind,
                "commits": outcomes[0].commits,
                "queries": outcomes[0].queries,
                "effect": differences(before, once),
            }
            before = once
            if not self.small or kind == "job":
                outcomes += self.stage.play(work)
                before = self.stage.footprint()
            told[name] = {
                **row,
                "answers": [outcome.answer for outcome in outcomes],
                "log": [line for outcome in outcomes for line in outcome.log],
                "again": differences(once, before),
                "footprint": before,
            }
        return told

    def at_once(self, expected, name):
        """Let two processes do a job at once, and then once more."""
        if not self.is_job(name):
            return 0, self.stage.play(self.works[name][1])
        both = self.stage.play(*[self.works[name][1]] * 2)
        # What the two left to each other is done by the next run.
        return 0, both + self.stage.play(self.works[name][1])

    def killed(self, expected, name, points):
        """Kill a work at some points, one after the other, and let it end."""
        rand, deaths, outcomes = random.Random(name), 0, []
        first_kind = rand.randrange(len(KINDS))
        for number in range(first_kind, first_kind + points):
            kind = KINDS[number % len(KINDS)]
            last = expected[name]["queries" if kind == "query" else "commits"]
            # A job first notes that it began.
            first = min(3, last) if self.is_job(name) else 1
            point = (kind, rand.randint(first, max(first, last)))
            [outcome] = self.stage.play(self.works[name][1], point=point)
            deaths += outcome.killed
            if not outcome.killed:
                outcomes.append(outcome)
            self.stage.wait_until_alone()
        return deaths, outcomes + self.stage.play(self.works[name][1])

    def killed_at_once(self, expected, name):
        """Kill some works, then let two processes do them at once."""
        points = 1 if self.is_job(name) else 2 * (name in KILLED)
        deaths, outcomes = self.killed(expected, name, points) if points else (0, [])
        return deaths, outcomes + self.at_once(expected, name)[1]

    def replay(self, expected, play):
        """Do each work in the given way, and compare with the undisturbed one."""
        told = {}
        for name in self.works:
            deaths, outcomes = play(expected, name)
            told[name] = {
                "deaths": deaths,
                "log": [line for outcome in outcomes for line in outcome.log],
                "differences": differences(
                    expected[name]["footprint"], self.stage.footprint()
                ),
                "broken": self.stage.look(invariants.broken),
            }
        return told


def main(configuration, database, now, size, result):
    stage = Stage(configuration, database, now)
    gauntlet = Gauntlet(stage, small=size == "small")
    copy = f"{database}_kept"
    stage.keep(copy)
    told = {"undisturbed": gauntlet.undisturbed(), "replays": {}, "files": []}
    files = Path(config.filestore(database))
    plays = {
        "two at once": gauntlet.at_once,
        "killed": lambda expected, name: gauntlet.killed(expected, name, POINTS),
    }
    if gauntlet.small:
        plays = {"killed, then two at once": gauntlet.killed_at_once}
    for name, play in plays.items():
        stage.put_back(copy)
        told["replays"][name] = gauntlet.replay(told["undisturbed"], play)
        told["files"] += stage.look(lambda cr: invariants.missing_files(cr, files))
    told["stale"] = stage.stale_amounts()
    told["unheard"] = stage.look(lambda cr: (unheard(cr), cr.rollback())[0])
    for row in told["undisturbed"].values():
        row.pop("footprint")
    Path(result).write_text(json.dumps(told, indent=1), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
