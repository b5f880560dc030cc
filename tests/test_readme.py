"""What a newcomer reads is true: pages, pictures and logins are those of the repository."""

import re
import subprocess
import sys

import pytest
import support
from lxml import etree

README = support.ROOT / "README.md"
LOGINS = support.ROOT / "setup" / "demo-logins.txt"
PICTURES = support.ROOT / "docs" / "screenshots"
USERS = support.ROOT / "aftersales_service" / "demo" / "res_users_demo.xml"
TARGETS = re.compile(r"\]\(([^)#]+)|src=\"([^\"]+)\"")


def demo_users():
    """Return {login: (password, text of its groups)} of the demonstration."""
    users = {}
    for record in etree.parse(USERS).iter("record"):
        fields = {field.get("name"): field for field in record.iter("field")}
        if record.get("model") == "res.users":
            groups = fields["group_ids"].get("eval")
            users[fields["login"].text] = (fields["password"].text, groups)
    return users


def listed_logins():
    lines = LOGINS.read_text("utf-8").splitlines()
    return [line.split(maxsplit=2) for line in lines if line and line[0] != "#"]


def test_addon_readmes_are_current():
    """Proves: each README.rst says what the fragments say."""
    command = [sys.executable, support.ROOT / "setup" / "readme.py", "--check"]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert not done.returncode, done.stderr


def test_readme_targets_exist():
    """Proves: no link and no picture of the README leads nowhere."""
    targets = {a or b for a, b in TARGETS.findall(README.read_text("utf-8"))}
    local = {name for name in targets if not name.startswith("http")}
    assert any(name.endswith(".png") for name in local)
    missing = sorted(name for name in local if not (support.ROOT / name).exists())
    support.report(missing, "missing, named in README.md")


def test_readme_names_every_picture():
    """Proves: no picture is carried along that nobody sees, and none is a burden."""
    pictures = sorted(PICTURES.glob("*.png"))
    text = README.read_text("utf-8")
    assert len(pictures) <= 12
    support.report(
        [
            support.relative(path)
            for path in pictures
            if path.name not in text or path.stat().st_size > 250_000
        ],
        "not in README.md, or larger than 250 kB",
    )


def test_logins_are_those_of_the_demonstration():
    """Proves: who types what setup/run prints gets in."""
    printed = {login: password for login, password, _role in listed_logins()}
    users = demo_users()
    assert printed == {login: password for login, (password, _groups) in users.items()}
    text = README.read_text("utf-8")
    assert not [login for login in users if f"`{login}`" not in text]


@pytest.mark.parametrize("login", sorted(demo_users()))
def test_nobody_is_administrator(login):
    """Proves: the demonstration shows the product with the rights of its people."""
    groups = demo_users()[login][1]
    assert "Command.set(" in groups, "without it, the default groups come along"
    assert not re.search(r"group_(system|erp_manager|account_manager)", groups)
