"""Refresh the translation files of the add-ons.

Usage: python tests/i18n_tool.py [--database DB] [ADDON...]

Exports i18n/<addon>.pot from a database that has the add-ons and merges it into
i18n/zh_CN.po: translations are kept, new terms come in empty, dropped terms go, nothing
becomes fuzzy. Without --database a copy of the template database is made, filled and
dropped; the environment variables are those of setup/test. The short way that sets them:
AFTERSALES_I18N_REFRESH=1 setup/test tests/test_translations.py
"""

import argparse
import contextlib
import sys
import tempfile
from pathlib import Path

import polib
import support

LANGUAGE = "zh_CN"
DEMO_SUFFIX = "_demo"


def files(addon):
    """Paths of the template and of the Chinese translation."""
    folder = support.ROOT / addon / "i18n"
    return folder / f"{addon}.pot", folder / f"{LANGUAGE}.po"


def export(database, addon):
    """The terms of an installed add-on, as a polib file without translations."""
    with tempfile.TemporaryDirectory(prefix="aftersales-") as folder:
        target = Path(folder, f"{addon}.pot")
        run = support.odoo("i18n", "export", "-d", database, "-o", str(target), addon)
        run.check()
        assert target.is_file(), run.log[-2000:]
        return without_demo(polib.pofile(target.read_text("utf-8")))


def without_demo(terms):
    """Leave out what only demo records say: it is not on a customer's database."""
    kept = polib.POFile()
    kept.metadata, kept.header = terms.metadata, terms.header
    for entry in terms:
        entry.occurrences = [
            (place, line)
            for place, line in entry.occurrences
            if place.startswith("code:") or not place.endswith(DEMO_SUFFIX)
        ]
        if entry.occurrences:
            kept.append(entry)
    return kept


def signature(entry):
    """What must be equal for Odoo to load a translation to the right place."""
    places = sorted({place for place, _line in entry.occurrences})
    return entry.msgid, tuple(places), entry.comment


def merge(terms, old, addon):
    """Terms with the translations of the old file, without fuzzy and obsolete entries."""
    known = {
        entry.msgid: entry.msgstr
        for entry in (old or [])
        if not entry.obsolete and not entry.fuzzy
    }
    merged = polib.POFile()
    merged.header = terms.header
    merged.metadata = {**terms.metadata, "Language": LANGUAGE}
    merged.metadata["Plural-Forms"] = "nplurals=1; plural=0;"
    merged.metadata["Content-Transfer-Encoding"] = "8bit"
    if old is not None:
        merged.metadata |= {
            key: value
            for key, value in old.metadata.items()
            if key in ("Last-Translator", "Language-Team", "PO-Revision-Date")
        }
    for entry in terms:
        merged.append(
            polib.POEntry(
                msgid=entry.msgid,
                msgstr=known.get(entry.msgid, ""),
                occurrences=entry.occurrences,
                comment=entry.comment,
            )
        )
    return merged


def write(path, content, always=False):
    """Write, unless only dates in the header changed: no noise in the history."""
    if path.is_file() and not always:
        old = polib.pofile(path)
        same = [(*signature(e), e.msgstr) for e in old if not e.fuzzy]
        if same == [(*signature(e), e.msgstr) for e in content] and len(old) == len(
            same
        ):
            return False
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{content}".rstrip("\n") + "\n", "utf-8")
    return True


def refresh(database, addon):
    pot, po = files(addon)
    terms = export(database, addon)
    merged = merge(terms, polib.pofile(po) if po.is_file() else None, addon)
    changed = [
        support.relative(path)
        for path, content in ((pot, terms), (po, merged))
        if write(path, content)
    ]
    empty = sum(not entry.msgstr for entry in merged)
    sys.stdout.write(
        f"{addon}: {len(merged)} terms, {empty} to translate, written: {changed or '-'}\n"
    )


@contextlib.contextmanager
def installed_database(addons):
    """A copy of the template with the add-ons installed, dropped afterwards."""
    database = support.temporary_name("i18n")
    support.clone(support.env("AFTERSALES_TEMPLATE_DB"), database)
    try:
        support.server(database, "-i", ",".join(addons)).check()
        yield database
    finally:
        support.drop(database)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", help="database that has the add-ons installed")
    parser.add_argument("addons", nargs="*", metavar="ADDON")
    options = parser.parse_args(arguments)
    addons = options.addons or support.addons()
    source = (
        contextlib.nullcontext(options.database)
        if options.database
        else installed_database(addons)
    )
    with source as database:
        for addon in addons:
            refresh(database, addon)


if __name__ == "__main__":
    main(sys.argv[1:])
