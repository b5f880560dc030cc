"""A database with ours and with what ours is compared with: core's and community add-ons."""

import configparser
import contextlib
import hashlib
import subprocess

import support

# The folder of peers.txt, and core modules that ours do not depend on.
PEERS = ("helpdesk_mgmt_sla", "fieldservice", "rma_sale", "project", "maintenance")
# As much of ours as is compared; in setup/proof all that a company may install.
OURS = "aftersales_quality" if support.FULL else "aftersales_parts"


def addons_path():
    """The folders of the run's configuration, and the peers'."""
    parser = configparser.RawConfigParser()
    parser.read(support.env("AFTERSALES_CONF"))
    return f"{parser['options']['addons_path']},{support.env('AFTERSALES_PEERS')}"


def peers_base():
    """Database with the peers and our host modules, kept between runs."""
    source = support.env("AFTERSALES_TEMPLATE_DB")
    # Other versions of the peers lie in another folder.
    seed = f"{support.env('AFTERSALES_PEERS')} {PEERS}"
    name = f"{source}_peers_{hashlib.sha256(seed.encode()).hexdigest()[:8]}"
    with support.lock(name):
        if not support.database_exists(name):
            draft = support.clone(source, support.temporary_name("peers"))
            support.server(
                draft, "-i", ",".join(PEERS), "--addons-path", addons_path()
            ).check()
            support.clone(draft, name)
            support.drop(draft)
    return name


@contextlib.contextmanager
def peers_copy(label):
    """A copy of it with ours beside the peers, dropped afterwards."""
    database = support.clone(peers_base(), support.temporary_name(label))
    try:
        support.server(database, "-i", OURS, "--addons-path", addons_path()).check()
        yield database
    finally:
        support.drop(database)


def run(script, *arguments):
    """Run a script of this folder with Odoo's Python, until it is done."""
    done = subprocess.run(
        [support.env("AFTERSALES_PYTHON"), str(script), *map(str, arguments)],
        capture_output=True,
        check=False,
        text=True,
        timeout=3600,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-5000:]
