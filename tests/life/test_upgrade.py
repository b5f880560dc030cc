"""Databases of earlier versions, with data, become those of the present version."""

import importlib.util

import support

from odoo.tests import tagged

from odoo.addons.aftersales_quality.tests.common import QualityCommon

SCRIPTS = {
    "aftersales_service/migrations/19.0.3.0.0/pre-migrate.py",
    "aftersales_parts/migrations/19.0.1.1.0/post-migrate.py",
    "aftersales_quality/migrations/19.0.1.1.0/post-migrate.py",
}


def load(path):
    """Return a script of ours, as Odoo loads it."""
    spec = importlib.util.spec_from_file_location("migration", support.ROOT / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_script_is_proved():
    """Proves: no script without a test, and none newer than its add-on's version."""
    found = {
        str(path.relative_to(support.ROOT))
        for path in support.ROOT.glob("aftersales_*/migrations/*/*.py")
    }
    assert found == SCRIPTS
    for path in found:
        addon, _folder, version, _name = path.split("/")
        present = support.manifest(addon)["version"].split(".")
        assert [int(part) for part in version.split(".")] <= [*map(int, present)]


@tagged("post_install", "-at_install")
class TestScripts(QualityCommon):
    """Proves: each script is right on the rows of the version before it."""

    def _run(self, addon, version):
        [path] = [name for name in SCRIPTS if f"{addon}/migrations/{version}/" in name]
        script = load(path)
        self.env.flush_all()
        script.migrate(self.env.cr, "before")
        self.env.invalidate_all()
        return script

    def test_service_3_tickets_without_promises(self):
        """Tickets of the time before promises were counted are given none."""
        tickets = self._ticket() + self._ticket() + self._ticket()
        for ticket, state in zip(tickets, ("open", "solved", "closed"), strict=True):
            tickets.flush_recordset()
            self.env.cr.execute(
                "UPDATE aftersales_ticket SET state = %s, solve_date = %s WHERE id = %s",
                [state, state != "open" and "2026-10-01 08:00" or None, ticket.id],
            )
        [path] = [name for name in SCRIPTS if "aftersales_service" in name]
        columns = load(path).COLUMNS
        for column in columns:
            self.env.cr.execute(
                f"ALTER TABLE aftersales_ticket DROP COLUMN {column} CASCADE"
            )
        self._run("aftersales_service", "19.0.3.0.0")
        self.env.cr.execute(
            f"SELECT {', '.join(columns)} FROM aftersales_ticket "
            "WHERE id IN %s ORDER BY id",
            [tickets._ids],
        )
        rows = self.env.cr.dictfetchall()
        self.assertEqual(len(rows), 3)
        self.assertEqual(
            [row.pop("done_date") and True for row in rows], [None, True, True]
        )
        self.assertEqual({value for row in rows for value in row.values()}, {None})

    def test_parts_1_1_loans_are_read(self):
        """Who only reads loans no longer writes them; the desk still does."""
        Rules = self.env["ir.model.data"].search(
            [("module", "=", "aftersales_parts"), ("model", "=", "ir.rule")]
        )
        rules = {
            data.name: self.env["ir.rule"].browse(data.res_id)
            for data in Rules
            if data.name.startswith("aftersales_loan_rule_")
        }
        fresh = {name: rule.perm_write for name, rule in rules.items()}
        self.assertEqual(set(fresh.values()), {True, False})
        for rule in rules.values():
            rule.write({"perm_write": True, "perm_create": True, "perm_unlink": True})
        self._run("aftersales_parts", "19.0.1.1.0")
        self.assertEqual({name: rule.perm_write for name, rule in rules.items()}, fresh)

    def test_quality_1_1_rules_are_narrower(self):
        """Rights of the version before are narrowed, somebody's own rule is kept."""
        [path] = [name for name in SCRIPTS if "aftersales_quality" in name]
        fields = ("domain_force", "perm_write", "perm_create", "perm_unlink")
        ref = self.env.ref
        rules = {
            name: ref(f"aftersales_quality.aftersales_{name}")
            for name in load(path).RULES
        }
        fresh = {
            name: [" ".join(str(rule[field]).split()) for field in fields]
            for name, rule in rules.items()
        }
        for name, (before, _after, _values) in load(path).RULES.items():
            rules[name].write(
                {"domain_force": before, **dict.fromkeys(fields[1:], True)}
            )
        own = rules["sanction_rule_supervisor"]
        own.domain_force = "[('user_id', '=', 2)]"
        gone = own.copy({"name": "Action: own"})
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": "aftersales_quality.aftersales_action_rule_technician",
                    "record": gone,
                }
            ]
        )
        self._run("aftersales_quality", "19.0.1.1.0")
        self.assertFalse(gone.exists())
        self.assertEqual(own.domain_force, "[('user_id', '=', 2)]")
        for name, rule in rules.items() - {("sanction_rule_supervisor", own)}:
            shown = [" ".join(str(rule[field]).split()) for field in fields]
            self.assertEqual(shown, fresh[name], name)
