"""Companies in which people can meet: the scenes of the add-ons' tests, kept for good."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from odoo.tests.common import TransactionCase

from odoo.addons.aftersales_service.tests.scene import Scene
from odoo.addons.aftersales_service.tools.turn import take_turn


@dataclass(frozen=True)
class Case:
    """Something that several people do at once.

    :param name: what it is called in the results
    :param prepare: gets the world's scene and returns what the others need, as plain ids
    :param acts: of (memory, number of the person, how many): his user's id and what he
        does with his environment
    :param facts: of (environment, memory): what is true afterwards
    """

    name: str
    prepare: Callable
    acts: Callable
    facts: Callable


def same(uid, function):
    """Everybody does the same, in the name of one user or of each in turn.

    :param uid: name under which the memory holds the user, or several of them
    :param function: of (environment, memory)
    """
    names = (uid,) if isinstance(uid, str) else uid

    def acts(memory, number, _people):
        user_id = memory[names[number % len(names)]]
        return user_id, lambda env: function(env, memory)

    return acts


def each(uid, *functions):
    """They do different things, in turn; see :func:`same`."""
    names = (uid,) if isinstance(uid, str) else uid

    def acts(memory, number, _people):
        function = functions[number % len(functions)]
        user_id = memory[names[number % len(names)]]
        return user_id, lambda env: function(env, memory)

    return acts


def again(name, prepare, model, key, user, method, *args):
    """A case: somebody writes the record while another presses; that is done again.

    The facts are what differs from a record on which somebody pressed undisturbed.

    :param prepare: makes such a record
    """
    model = f"aftersales.{model}"

    def two(scene):
        return {"twin": prepare(scene)[key], **prepare(scene)}

    def acts(memory, number, people):
        def press(env, name=key):
            getattr(env[model].browse(memory[name]), method)(*args)

        def write(env):
            if not number:
                press(env, "twin")
            take_turn(env[model].browse(memory[key]))

        # Everybody but the last writes; who presses then has an old picture.
        return memory[user], press if number == people - 1 else write

    def facts(env, memory):
        twin, found = (trace(env, model, memory[name]) for name in ("twin", key))
        return {
            name: [twin[name], found[name]]
            for name in twin
            if twin[name] != found[name]
        }

    return Case(name, two, acts, facts)


def trace(env, model, ids):
    """What an action left behind: messages, mails, to-dos, documents, by kind."""
    record = env[model].browse(ids)
    found = {"state": record.state}
    for kind, field in (("mail.message", "model"), ("mail.activity", "res_model")):
        domain = [("res_id", "=", record.id), (field, "=", model)]
        found[kind] = env[kind].search_count(domain)
    for name, field in record._fields.items():
        if field.type == "one2many":
            found[name] = len(record[name])
    return found


class Ground(TransactionCase):
    """Under the classes of the add-ons' tests: they find an environment that is kept."""

    cases = ()

    @classmethod
    def setUpClass(cls):  # pylint: disable=method-required-super
        """``cls.env`` is given, see :meth:`settle`."""

    def setUp(self):  # pylint: disable=method-required-super
        """Nothing is undone between two cases."""

    @classmethod
    def settle(cls, stage):
        """Make the people and goods of this world, and keep them."""
        # What is kept is numbered on.
        with stage.env() as env, patch.object(Scene, "restart_numbers"):
            cls.env = env
            cls.setUpClass()
            cls.company_id = cls.company.id
        cls.uids = {
            name: value.id
            for name, value in vars(cls).items()
            if getattr(value, "_name", None) == "res.users"
        }

    @classmethod
    @contextmanager
    def scene(cls, stage):
        """The world with an environment whose changes are kept."""
        with stage.env() as env:
            env = env(
                context={
                    **env.context,
                    "allowed_company_ids": [cls.company_id],
                    "mail_notrack": True,
                }
            )
            kept = {
                name: value
                for name, value in vars(cls).items()
                if hasattr(value, "with_env")
            }
            for name, value in kept.items():
                setattr(cls, name, value.with_env(env))
            cls.env = env
            scene = cls()
            scene.setUp()
            yield scene

    @classmethod
    def leave(cls, stage):
        """Give logins and users back that the next world wants for its own people."""
        with stage.env() as env:
            kept = Scene(env).find()
            kept_ids = [user.id for user in kept.values() if user._name == "res.users"]
            for uid in set(cls.uids.values()).difference(kept_ids):
                user = env["res.users"].browse(uid)
                user.login = f"{user.login}.{cls.__name__}"
            for person in env["hr.employee"].search([("user_id", "in", kept_ids)]):
                person.user_id = False


def keep_scene(stage):
    """Make once what every world starts from."""
    with stage.env() as env:
        Scene(env).keep()
