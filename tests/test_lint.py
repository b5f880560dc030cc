"""The linters, with the configuration at the root of the repository."""

import configparser
import shutil
import subprocess
import sys

import pytest
import support

PYLINT_RC = support.ROOT / ".pylintrc"


def run(*command):
    done = subprocess.run(
        command, capture_output=True, check=False, cwd=support.ROOT, text=True
    )
    if done.returncode:
        output = f"{' '.join(command)}\n{done.stdout}{done.stderr}"
        pytest.fail(output, pytrace=False)


def python_folders():
    """The add-ons, tests/, setup/ and the Python files at the root."""
    folders = [*support.addons(), "tests"]
    if any((support.ROOT / "setup").rglob("*.py")):
        folders.append("setup")
    return folders + sorted(path.name for path in support.ROOT.glob("*.py"))


def shell_scripts():
    setup = support.ROOT / "setup"
    candidates = [
        *(setup / name for name in ("run", "test", "proof")),
        *setup.glob("*.sh"),
    ]
    candidates.append(support.ROOT / ".ci" / "run")
    return [
        support.relative(path)
        for path in candidates
        if path.is_file() and "sh" in path.open(encoding="utf-8").readline()
    ]


def test_ruff_check():
    """Proves: no unused, shadowed or unordered code, no code too complex to follow."""
    assert (support.ROOT / ".ruff.toml").is_file()
    run(sys.executable, "-m", "ruff", "check", "--no-cache", *python_folders())


def test_ruff_format():
    """Proves: one layout, so that a difference between two versions is a change."""
    run(
        *(sys.executable, "-m", "ruff", "format", "--check", "--diff", "--no-cache"),
        *python_folders(),
    )


def test_pylint_rules_are_ours():
    """Proves: the rc checks for this Odoo version and for our own author."""
    parser = configparser.RawConfigParser()
    parser.read(PYLINT_RC)
    rules = {
        key: value
        for section in parser.sections()
        for key, value in parser.items(section)
    }
    assert rules["valid-odoo-versions"].strip() == "19.0"
    author = rules.get("manifest-required-authors") or rules["manifest-required-author"]
    assert author.strip() == support.AUTHOR


def test_pylint_odoo():
    """Proves: the OCA rules hold (SQL injection, translations, manifests, access files…)."""
    run(
        *(sys.executable, "-m", "pylint", f"--rcfile={PYLINT_RC}", "--score=n"),
        *python_folders(),
    )


def test_shellcheck():
    """Proves: the set-up scripts quote, check and exit as they mean to."""
    if not (shellcheck := shutil.which("shellcheck")):
        pytest.skip("shellcheck is not installed")
    scripts = shell_scripts()
    assert scripts, "no script in setup/"
    run(shellcheck, "--external-sources", *scripts)
