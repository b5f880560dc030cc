"""An installation of an earlier version, with its demo data, is updated to this one.

At full size only: the earlier version comes out of the repository's own history.
"""

import configparser
import io
import subprocess
import tarfile

import host
import pytest
import snapshot
import support

__test__ = support.FULL
# Version: commit, top floor of that time.
PREVIOUS = {
    "service 2.0": ("c1f3c14cf0a2a6c323398921187f23c268ac0846", "aftersales_service"),
    "quality 1.0": ("c60fb1705922881478493e2ecc912abfd5acd236", "aftersales_quality"),
}
FACTS = """
    SELECT 'rule ' || d.module || '.' || d.name || ' ' ||
           concat_ws('|', regexp_replace(r.domain_force, '\\s+', ' ', 'g'), r.perm_read,
                     r.perm_write, r.perm_create, r.perm_unlink, r.active)
      FROM ir_rule r
      JOIN ir_model_data d ON d.model = 'ir.rule' AND d.res_id = r.id
     WHERE d.module LIKE 'aftersales%%'
     UNION ALL
    SELECT 'job ' || d.module || '.' || d.name || ' ' ||
           concat_ws('|', r.interval_number, r.interval_type, r.active)
      FROM ir_cron r
      JOIN ir_model_data d ON d.model = 'ir.cron' AND d.res_id = r.id
     WHERE d.module LIKE 'aftersales%%'
     UNION ALL
    SELECT 'mail ' || d.module || '.' || d.name || ' ' || (r.subject->>'en_US')
      FROM mail_template r
      JOIN ir_model_data d ON d.model = 'mail.template' AND d.res_id = r.id
     WHERE d.module LIKE 'aftersales%%'
     UNION ALL
    SELECT 'access ' || module || '.' || name
      FROM ir_model_data
     WHERE module LIKE 'aftersales%%' AND model IN ('ir.model.access', 'res.groups')
     UNION ALL
    SELECT DISTINCT 'numbers ' || code FROM ir_sequence WHERE code LIKE 'aftersales%%'
"""


@pytest.fixture(scope="module", params=PREVIOUS)
def upgrade(request, tmp_path_factory):
    """Facts of a database before and after its update."""
    commit, top = PREVIOUS[request.param]
    folder = tmp_path_factory.mktemp("previous")
    unpack(commit, folder)
    database = support.temporary_name("previous")
    try:
        support.clone(host.demo_base(), database)
        support.server(
            database, f"--addons-path={addons_path(folder)}", "-i", top, "--with-demo"
        ).check()
        before = snapshot.counts(database)
        run = support.server(database, "-u", support.FLOORS[0]).check()
        after = snapshot.counts(database)
        # Floors that there were not yet come on top.
        support.server(database, "-i", support.FLOORS[-1]).check()
        yield {
            "run": run,
            "before": before,
            "after": after,
            "facts": facts(database),
            "screens": host.story(database, "screens"),
        }
    finally:
        support.drop(database)


def unpack(commit, folder):
    """Put the add-ons of an earlier commit into a folder."""
    done = subprocess.run(
        ["git", "archive", commit], cwd=support.ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, (
        f"{commit} is not here: this proof needs the repository's history "
        f"(git fetch --unshallow)\n{done.stderr.decode()}"
    )
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")


def addons_path(folder):
    parser = configparser.RawConfigParser()
    parser.read(support.env("AFTERSALES_CONF"))
    paths = parser.get("options", "addons_path").split(",")
    return ",".join(
        str(folder) if path.strip() == str(support.ROOT) else path for path in paths
    )


def facts(database):
    found = {fact for (fact,) in support.rows(database, FACTS)}
    return found | {
        f"{kind} {table}.{column}"
        for kind, table, column in support.rows(
            database,
            "SELECT data_type, table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND "
            "(table_name LIKE 'aftersales%%' OR column_name LIKE 'aftersales%%')",
        )
    }


def test_upgraded_as_if_new(upgrade):
    """Proves: rights, jobs, mails, numbers and tables are those of a new installation."""
    new = facts(support.env("AFTERSALES_CLEAN_DB"))
    support.report(
        [f"only upgraded: {fact}" for fact in sorted(upgrade["facts"] - new)]
        + [f"only new: {fact}" for fact in sorted(new - upgrade["facts"])],
        "differences from a new installation",
    )
    support.report(upgrade["run"].bad, "log of the update")


def test_no_row_is_lost(upgrade):
    """Proves: every table of ours keeps its rows."""
    support.report(
        [
            f"{table}: {count} → {upgrade['after'].get(table, 0)}"
            for table, count in sorted(upgrade["before"].items())
            if "aftersales" in table and upgrade["after"].get(table, 0) < count
        ],
        "tables with fewer rows",
    )


def test_records_of_then_are_read_now(upgrade):
    """Proves: records of the earlier version are shown by this one."""
    assert upgrade["screens"]["records"] > 100
    support.report(upgrade["screens"]["findings"], "models that cannot be read")
