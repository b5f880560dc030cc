"""Who may do what: each model and each method, asked by each role.

``models.csv`` and ``methods.csv`` beside this file hold what is expected, a column for each
role; ``_other`` asks of the records of another customer, technician, salesman or team.
``models.csv``: c create, r read, w write, d delete. ``methods.csv``: a answered without
writing, w done, u declined in words by a rule of the business, x refused for lack of rights.
After a change of rights they are written anew, for a reviewer to read the difference::

    AFTERSALES_WRITE_RIGHTS=1 setup/proof access -- -k test_rights
"""

from pathlib import Path

import support
from access import rights_calls, rights_table
from access.rights_world import ROLES, Cast, our_models

from odoo import Command
from odoo.tests import tagged

HERE = Path(__file__).parent
OPERATIONS = {"create": "c", "read": "r", "write": "w", "unlink": "d"}
# Those who may do least, for every commit.
LOW = ("public", "portal", "portal_other", "employee", "salesman_other", "foreigner")
# Tables that a call of a method may have written through a connection of its own.
WATCHED = ("aftersales", "stock", "sale", "account", "mail", "res", "rating", "repair")


@tagged("post_install", "-at_install")
class TestRights(Cast):
    """Proves: nobody has a right that is not written down (section B)."""

    # ------------------------------------------------------------
    # MODELS
    # ------------------------------------------------------------

    def _enter(self, role):
        """Return a role's user and side; the open forms are his."""
        login, side = ROLES[role]
        user = self.users[login]
        for name in our_models(self.env):
            if self.env[name]._transient:
                self._own_form(name, user)
        self.env.invalidate_all()
        return user, side

    def _own_form(self, name, user):
        self.env[name].flush_model()
        self.env.cr.execute(
            f"UPDATE {self.env[name]._table} SET create_uid = %s", [user.id]
        )

    def _get_cell(self, name, user, side):
        """Return the operations a user has on the records of a side, as ``crwd``."""
        records = self._seen_by(self.get_records(name, side), user)
        return "".join(
            letter if self._has(records, operation) else "-"
            for operation, letter in OPERATIONS.items()
        )

    def _seen_by(self, records, user):
        companies = user.company_ids.ids
        return records.with_user(user).with_context(allowed_company_ids=companies)

    def _has(self, records, operation):
        return any(record.has_access(operation) for record in records)

    def test_models(self):
        """Proves: create, read, write, delete of each model are for whom the file says."""
        names = our_models(self.env)
        actual = {name: {} for name in names}
        for role in ROLES:
            user, side = self._enter(role)
            for name in names:
                actual[name][role] = self._get_cell(name, user, side)
        support.report(
            rights_table.compare(HERE / "models.csv", "model", ROLES, actual),
            "other rights than written down",
        )

    def test_records_are_there(self):
        """Proves: the rights were asked of real records."""
        missing = [
            f"{name}: {self.refused['own'].get(name)}"
            for name in our_models(self.env)
            if not self.get_records(name, "own")
        ]
        support.report(missing, "no record of")

    def test_forms_are_private(self):
        """Proves: what somebody types into a form is read and changed by nobody else."""
        open_to = []
        self._enter("agent")
        for name in our_models(self.env):
            if not self.env[name]._transient:
                continue
            form = self.get_records(name, "own")
            open_to += [
                f"{name}: {login}"
                for login, user in self.users.items()
                if user != self.agent
                for operation in ("read", "write", "unlink")
                if self._has(self._seen_by(form, user), operation)
            ]
        support.report(open_to, "forms open to others")

    # ------------------------------------------------------------
    # METHODS
    # ------------------------------------------------------------

    def _get_callable(self, name, side):
        """Return one record to call a method on, or to name in a call."""
        if self.env[name]._abstract:
            return self.env[name]
        if name in self.sides[side]:
            return self.get_records(name, side)[:1]
        return self.known[side].get(name) or self.env[name].search([], limit=1)

    def test_methods(self):
        """Proves: each public method is for whom the file says; a refusal writes nothing."""
        roles = tuple(ROLES) if support.FULL else LOW
        methods = rights_calls.public_methods(self.env)
        actual = {f"{model}.{method}": {} for model, method in methods}
        findings, before = [], self._get_committed()
        for role in roles:
            user, side = self._enter(role)
            caller = rights_calls.Caller(
                self.env,
                lambda name, side=side: self._get_callable(name, side),
                self._get_grants,
            )
            for model, method in methods:
                letter = caller.call(user.id, model, method)
                actual[f"{model}.{method}"][role] = letter
            after = self._get_committed()
            caller.findings += [
                f"{old[0]}: written by a connection of its own"
                for old, new in zip(before, after, strict=True)
                if old != new
            ]
            before = after
            findings += [f"{role}: {finding}" for finding in caller.findings]
        findings += rights_table.compare(HERE / "methods.csv", "method", roles, actual)
        support.report(
            findings, "other than written down, or neither answer nor refusal"
        )

    def _get_committed(self):
        """Return what other connections see of each table."""
        tables = {
            model._table
            for model in self.env.registry.values()
            if not model._abstract
            and model._auto
            and model._name.partition(".")[0] in WATCHED
        }
        query = " UNION ALL ".join(
            f"SELECT '{table}', count(*), "
            f"COALESCE(sum(hashtextextended(t::text, 0)::numeric), 0) FROM {table} t"
            for table in sorted(tables)
        )
        return support.rows(self.env.cr.dbname, f"{query} ORDER BY 1")

    # ------------------------------------------------------------
    # ESCALATION
    # ------------------------------------------------------------

    def _get_grants(self):
        """Return who has which groups and companies."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT 'group', uid, gid FROM res_groups_users_rel
             UNION ALL SELECT 'company', user_id, cid FROM res_company_users_rel
             ORDER BY 1, 2, 3
            """
        )
        return self.env.cr.fetchall()

    def _get_temptations(self, user):
        """Return ``(model, id, field, value)`` that would give a user more than he has."""
        company = self.company
        chief = self.env.ref("aftersales_service.aftersales_service_group_manager")
        groups = chief + self.env.ref("base.group_system")
        companies = self.env["res.company"].search([])
        yield "res.users", user.id, "group_ids", [Command.set(groups.ids)]
        yield "res.users", user.id, "company_ids", [Command.set(companies.ids)]
        yield "res.groups", chief.id, "user_ids", [Command.link(user.id)]
        setup = self.env["aftersales.setup"].search([("company_id", "=", company.id)])
        for record in (company, self.chen, setup):
            for name, field in record._fields.items():
                if field.comodel_name == "res.users" and (
                    name.startswith("aftersales_") or record == setup
                ):
                    many = field.type != "many2one"
                    value = [Command.link(user.id)] if many else user.id
                    yield record._name, record.id, name, value

    def test_nobody_promotes_himself(self):
        """Proves: no role gets a group, a company or an office of it by writing.

        Who holds the offices of after-sales is decided by its manager, on his settings.
        """
        caller = rights_calls.Caller(self.env, watch=self._get_grants)
        offices = []
        for login, user in self.users.items():
            for model, res_id, name, value in self._get_temptations(user):
                args = [[res_id], {name: value}]
                if caller.call(user.id, model, "write", args) == rights_calls.WRITTEN:
                    offices.append(f"{login}: {model}.{name}")
        support.report(caller.findings, "rights taken")
        his = [office for office in offices if "manager: aftersales.setup." in office]
        self.assertTrue(his)
        self.assertEqual(offices, his)
