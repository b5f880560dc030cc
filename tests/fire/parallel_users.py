"""Let several people do the same thing at the same moment, each in a process of his own.

Usage: parallel_users.py CONFIGURATION DATABASE RESULT PLAY…

A PLAY is ``8-at-once``: eight people press at the same moment; or ``2-in-turn``: two people,
each of whom sees what was before the other began, and comes when the other is done. The
database holds our add-ons; test_parallel_users.py makes it, judges what RESULT says of each
case and throws it away.
"""

import json
import random
import sys
import traceback
from multiprocessing import get_context
from pathlib import Path

from stage import Stage

from odoo import api
from odoo.exceptions import AccessError, UserError
from odoo.service.model import retrying

# A Tuesday, nine in the morning in Shanghai.
NOW = "2026-06-02 01:00:00"
PATIENCE = 60


def play(stage, world, case, people, in_turn):
    """Play one case.

    :param in_turn: they commit one after another; otherwise all at once
    :return: what each was told, and what is true afterwards
    """
    with world.scene(stage) as scene:
        memory = case.prepare(scene)
    acts = [case.acts(memory, number, people) for number in range(people)]
    queue = Queue(people, in_turn)
    outcomes = stage.play(
        *(
            work(stage, world.company_id, queue, number, *act)
            for number, act in enumerate(acts)
        )
    )
    with world.scene(stage) as scene:
        facts = case.facts(scene.env, memory)
    return {"answers": [outcome.answer for outcome in outcomes], "facts": facts}


class Queue:
    """Lets processes begin all at once, or each when the one before is done."""

    def __init__(self, people, in_turn):
        fork = get_context("fork")
        self.ready = fork.Barrier(people)
        self.turns = [fork.Event() for _person in range(people + 1)]
        for turn in self.turns if not in_turn else self.turns[:1]:
            turn.set()

    def wait(self, number):
        self.ready.wait(PATIENCE)
        self.turns[number].wait(PATIENCE)

    def leave(self, number):
        self.turns[number + 1].set()


def work(stage, company_id, queue, number, uid, function):
    """What one process does: a request of its user, begun when all others are."""

    def begin():
        # Who has to begin again waits a moment that differs from his neighbour's.
        random.seed(number)
        try:
            # Left by an error, the cursor forgets what was done until then.
            with stage.registry.cursor() as cr:
                context = {"lang": "en_US", "allowed_company_ids": [company_id]}
                env = api.Environment(cr, uid, context)
                # What everybody sees from here on is how it was before anybody began.
                cr.execute("SELECT 1")
                queue.wait(number)
                retrying(lambda: function(env), env)
        except AccessError as error:
            # His rights are no answer to why he is too late.
            return f"denied: {error}"
        except UserError as error:
            return f"refused: {error}"
        finally:
            queue.leave(number)
        return "passed"

    return begin


def play_safely(*args):
    """One case that breaks does not hide what the others show."""
    try:
        return play(*args)
    except Exception:  # told to the test, which judges it
        return {"answers": [traceback.format_exc()], "facts": None}


def main(configuration, database, result, *plays):
    stage = Stage(configuration, database, NOW)
    # Odoo finds our add-ons once it has read its configuration.
    from parallel_desk import DESK
    from parallel_goods import GOODS
    from parallel_quality import QUALITY
    from parallel_world import keep_scene

    keep_scene(stage)
    told = {}
    for world in (*DESK, *GOODS, *QUALITY):
        world.settle(stage)
        for case in world.cases:
            told[case.name] = {
                one: play_safely(stage, world, case, *read_play(one)) for one in plays
            }
        world.leave(stage)
    Path(result).write_text(json.dumps(told, indent=1), "utf-8")


def read_play(text):
    """Return how many people ``2-in-turn`` or ``8-at-once`` asks for, and how."""
    people, _dash, way = text.partition("-")
    return int(people), way == "in-turn"


if __name__ == "__main__":
    main(*sys.argv[1:])
