"""Write the README.rst of the add-ons from the fragments in their readme folders.

setup/readme.py [--check] [ADDON…]   with --check nothing is written, and the exit code is 1
                                     when a README.rst is not what the fragments say
"""

import argparse
import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# In the order of OCA's add-ons; a fragment that does not exist is left out.
SECTIONS = [
    ("DESCRIPTION", None),
    ("CONTEXT", "Use Cases / Context"),
    ("INSTALL", "Installation"),
    ("CONFIGURE", "Configuration"),
    ("USAGE", "Usage"),
    ("ROADMAP", "Known issues / Roadmap"),
    ("HISTORY", "Changelog"),
    ("CONTRIBUTORS", "Contributors"),
]
LICENSES = {"LGPL-3": "https://www.gnu.org/licenses/lgpl-3.0-standalone.html"}
HEADING = re.compile(r"(#+) (.*)")
ITEM = re.compile(r"(\s*)(?:[-*]|\d+\.) ")
LINK = re.compile(r"\[([^]]+)\]\(([^)]+)\)")


def inline(text):
    """Turn the marks inside a line of Markdown into those of reStructuredText."""
    text = re.sub(r"`([^`]+)`", r"``\1``", text)
    return LINK.sub(r"`\1 <\2>`__", text)


def heading(text, mark):
    # Chinese characters are twice as wide; a longer line never hurts.
    width = sum(2 if ord(character) > 0x2E7F else 1 for character in text)
    return [text, mark * width]


def to_rst(markdown):
    """Turn headings, paragraphs, lists, emphasis, code and links to reStructuredText."""
    lines, before = [], ""
    for line in markdown.strip().splitlines():
        if match := HEADING.match(line):
            lines += heading(inline(match[2]), "-" if len(match[1]) < 3 else "~")
        else:
            starts_list = ITEM.match(line) and not ITEM.match(before)
            if starts_list and before.strip() and not before.startswith(" "):
                lines.append("")
            lines.append(inline(line))
        before = line
    return lines


def readme(addon):
    """Return the README.rst that the manifest and the fragments of an add-on make."""
    folder = ROOT / addon
    manifest = ast.literal_eval((folder / "__manifest__.py").read_text("utf-8"))
    lines = [".. Made by setup/readme.py from the folder readme: change it there.", ""]
    title = manifest["name"]
    lines += ["=" * len(title), title, "=" * len(title), ""]
    for name, section in SECTIONS:
        fragment = folder / "readme" / f"{name}.md"
        if not fragment.is_file():
            continue
        lines += [*heading(section, "="), ""] if section else []
        lines += [*to_rst(fragment.read_text("utf-8")), ""]
    licence = manifest["license"]
    lines += [*heading("License", "="), "", f"`{licence} <{LICENSES[licence]}>`__"]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("addons", nargs="*", metavar="ADDON")
    options = parser.parse_args()
    found = [path.parent.parent.name for path in ROOT.glob("*/readme/DESCRIPTION.md")]
    stale = []
    for addon in options.addons or sorted(found):
        path, text = ROOT / addon / "README.rst", readme(addon)
        if not path.is_file() or path.read_text("utf-8") != text:
            stale.append(addon)
            if not options.check:
                path.write_text(text, "utf-8")
    if options.check and stale:
        sys.exit(f"Run setup/readme.py for: {', '.join(stale)}")


if __name__ == "__main__":
    main()
