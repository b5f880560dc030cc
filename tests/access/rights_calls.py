"""Public methods of the add-ons, called as a client calls them."""

import inspect
import traceback
from functools import partial
from unittest.mock import patch

from access.rights_factory import PNG
from access.rights_world import OURS

from odoo import api
from odoo.exceptions import AccessDenied, AccessError, MissingError, UserError
from odoo.service.model import call_kw, get_public_method, retrying
from odoo.tools import mute_logger

MODULES = tuple(f"odoo.addons.{name}." for name in OURS)
# What the matrix of models tells.
PLAIN = {"create", "write", "unlink"}
DONE, WRITTEN, DECLINED, REFUSED = "a", "w", "u", "x"
WRITES = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables"
# What they log of what was refused.
QUIET = ("odoo.sql_db", "odoo.models.unlink", "odoo.addons.base.models.ir_module")
# Values of parameters that have no default, by their names.
WORDS = {
    **dict.fromkeys(("answer", "by", "note", "reason", "signed_by"), "So it was"),
    **dict.fromkeys(("statement", "text"), "So it was"),
    **dict.fromkeys(("attitude", "skill", "arrival", "promise"), 4),
    **dict.fromkeys(("amount", "quantity"), 1.0),
    "coverage": "goodwill",
    "data": [["new"]],
    "date_start": "2026-06-11 01:00:00",
    "day": "2026-06-11",
    "effective": "yes",
    "field_name": "body",
    "fields": ["id"],
    "measure": "visits",
    "model": "aftersales.ticket",
    "msg_dict": {"subject": "It leaks", "body": "Badly", "email_from": "a@b.example"},
    "opinion": "complaint",
    "phone": "+86 138 0013 8000",
    "rate": 5,
    "result": "satisfied",
    "signature": PNG.decode(),
    "translations": {"en_US": {"a": "b"}},
}
# Models of the records that parameters name.
RECORDS = {
    "employee_id": "hr.employee",
    "partner_id": "res.partner",
    "reason_id": "aftersales.custody.reason",
    "replacement_id": "aftersales.equipment",
    "res_id": "aftersales.ticket",
    "return_line_id": "aftersales.return.line",
    "solution_id": "aftersales.solution",
    "target_id": "aftersales.ticket",
    "technician_id": "hr.employee",
    "witness_id": "res.users",
}


def public_methods(env):
    """Return ``(model, method)`` of what our add-ons let a client call.

    What they refuse on every document of the host, see ``mail.thread``, is not theirs.
    """
    found = set()
    for model, cls in env.registry.items():
        for base in cls.mro():
            if not base.__module__.startswith(MODULES) or base._name == "mail.thread":
                continue
            found |= {
                (model, name)
                for name, value in vars(base).items()
                if name not in PLAIN
                and is_public(env[model], name, value)
                and (not cls._abstract or hasattr(getattr(cls, name), "_api_model"))
            }
    return sorted(found)


def is_public(model, name, value):
    if name.startswith("_") or not inspect.isroutine(value):
        return False
    try:
        get_public_method(model, name)
    except AccessError:
        return False
    return True


class Caller:
    """Calls methods inside the test's transaction, and takes back what they do.

    :param records: ``records(model)`` gives those to call on
    :param watch: what it returns must be the same after every call
    """

    def __init__(self, env, records=None, watch=None):
        self.env = env
        self.records = records
        self.watch = watch
        self.seen = watch and watch()
        self.findings = []

    def call(self, uid, model, method, args=None):
        """Return how a call by a user ends, as a letter.

        :param args: ids and values; records and words of the world when None
        """
        cr = self.env.cr
        commits = []
        savepoint = cr.savepoint()
        try:
            with (
                patch.object(cr, "commit", lambda: commits.append(method)),
                patch.object(cr, "rollback", savepoint.rollback),
                mute_logger(*QUIET),
            ):
                letter = self._get_letter(uid, model, method, args)
                if (
                    letter in (DONE, WRITTEN)
                    and self.watch
                    and self.watch() != self.seen
                ):
                    self.findings.append(f"{model}.{method}: gave rights: {args}")
        finally:
            savepoint.rollback()
            savepoint.close(rollback=True)
            self.env.invalidate_all()
            if self.env.registry.cache_invalidated:
                self.env.registry.reset_changes()
        if letter in (DECLINED, REFUSED) and commits:
            self.findings.append(f"{model}.{method}: committed before it refused")
        return letter

    def _get_letter(self, uid, model, method, args):
        env = api.Environment(self.env.cr, uid, {})
        args = args or self._get_arguments(env[model], method)
        before = self._count_writes()
        try:
            retrying(partial(call_kw, env[model], method, args, {}), env)
        except MissingError as error:
            return self._note(model, method, error)
        except (AccessError, AccessDenied):
            return REFUSED
        except UserError:
            return DECLINED
        except Exception as error:  # noqa: BLE001 whatever it is, it is reported
            return self._note(model, method, error)
        return WRITTEN if self._count_writes() != before else DONE

    def _count_writes(self):
        """Return how many rows the transaction has written, also those taken back."""
        self.env.cr.execute(WRITES)
        return self.env.cr.fetchone()

    def _note(self, model, method, error):
        place = traceback.extract_tb(error.__traceback__)[-1]
        self.findings.append(
            f"{model}.{method}: {type(error).__name__}: {error} "
            f"({place.filename.rpartition('/')[2]}:{place.lineno})"
        )
        return "!"

    def _get_arguments(self, model, method):
        function = getattr(type(model), method)
        parameters = list(inspect.signature(function).parameters.values())[1:]
        values = [
            self._get_argument(parameter.name)
            for parameter in parameters
            if parameter.default is parameter.empty
            and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        ]
        if getattr(function, "_api_model", False):
            return values
        return [self.records(model._name).ids, *values]

    def _get_argument(self, name):
        if name in RECORDS:
            return self.records(RECORDS[name]).id
        return WORDS[name]
