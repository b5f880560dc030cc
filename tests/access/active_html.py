"""Telling what a browser would run of a piece of HTML."""

import re

import hostile
from lxml import html

TAGS = {
    *("script", "style", "iframe", "frame", "object", "embed", "applet", "form"),
    *("meta", "base", "link"),
}
SCHEME = re.compile(r"^\s*(java\s*script|vbscript|data)\s*:", re.IGNORECASE)
STYLE = re.compile(r"expression\s*\(|javascript\s*:|behavior\s*:", re.IGNORECASE)


def active(text):
    """Return what of a stored text would run or reach out, one line each."""
    tree = html.fragment_fromstring(str(text or ""), create_parent="div")
    found = []
    for node in tree.iter():
        if not isinstance(node.tag, str):
            continue
        if node.tag.lower() in TAGS:
            found.append(f"<{node.tag}>")
        for name, value in node.attrib.items():
            if name.lower().startswith("on"):
                found.append(f"{node.tag} {name}")
            elif name.lower() == "style" and STYLE.search(value):
                found.append(f"{node.tag} style={value}")
            elif SCHEME.match(re.sub(r"[\s\0]", "", value)) and not value.startswith(
                "data:image/"
            ):
                found.append(f"{node.tag} {name}={value}")
    return found


def escaped(page):
    """Tell whether a hostile text stayed a text wherever a page shows it."""
    tree = html.fromstring(page if isinstance(page, bytes) else page.encode())
    return not tree.xpath(f"//{hostile.ELEMENT}")
