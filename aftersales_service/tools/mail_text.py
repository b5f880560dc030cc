"""Reading incoming mail: what it says, what it names, and who wrote it by machine.

Nothing here knows a database, and nothing trusts what it reads: every step costs at
most what its limits allow, whatever was sent.
"""

import codecs
import re

from lxml import etree

# Of a mail of many megabytes the beginning is read; all of it stays in the message.
MAX_HTML = 1_000_000
MAX_TEXT = 20_000
MAX_TOKENS = 60
MAX_PHONES = 5

_BLOCKS = (
    *("br", "p", "div", "tr", "li", "pre", "blockquote"),
    *("h1", "h2", "h3", "h4", "h5", "h6"),
)
_UNSEEN = ("script", "style", "head", "title", "template", "noscript", "object")
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.\-]{1,62}[A-Za-z0-9]")
_PHONE = re.compile(r"(?<![A-Za-z0-9/_-])\+?\d[\d ().\-/]{5,20}\d(?![A-Za-z0-9])")
_PREFIX = re.compile(
    r"^(?:\s*(?:re|aw|sv|fw|fwd|wg|tr|rv|回复|答复|转发)\s*(?:\[\d+\])?[:：])+\s*",
    re.IGNORECASE,
)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text):
    """Return a text without what no database takes, from mails of broken encoding."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def name_encodings(message):
    """Let the parts of a mail that name an unknown encoding be read as UTF-8."""
    for part in message.walk():
        if part.get_content_maintype() != "text":
            continue
        try:
            codecs.lookup(part.get_content_charset("utf-8"))
        except (LookupError, ValueError):
            part.set_param("charset", "utf-8")


def plain_text(html):
    """Return what a reader sees of a mail, line by line, without blank lines.

    :param str html: body of the mail, safe or not, whole or cut
    """
    if not (html or "").strip():
        return ""
    content = storable(html[:MAX_HTML]).encode()
    try:
        tree = etree.fromstring(content, etree.HTMLParser(encoding="utf-8"))
    except etree.XMLSyntaxError:
        return ""
    if tree is None:
        return ""
    etree.strip_elements(tree, *_UNSEEN, etree.Comment, with_tail=False)
    for block in tree.iter(*_BLOCKS):
        block.text, block.tail = f"\n{block.text or ''}", f"\n{block.tail or ''}"
    text = "".join(tree.itertext())[: MAX_TEXT * 4]
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)[:MAX_TEXT]


def shorten(text, limit):
    """Return the beginning of a text, cut between two words, with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    if " " in head[limit // 2 :]:
        head = head.rsplit(" ", 1)[0]
    return f"{head.rstrip()}…"


def subject_of(subject):
    """Return a subject on one line, without the prefixes of answers."""
    return _PREFIX.sub("", " ".join((subject or "").split()))


def tokens(text):
    """Return the words that may be a serial, order or voucher number, in their order.

    Such a word has a digit; one of digits alone has five of them, since small numbers
    are hours, years and prices. Lower case is also tried in capitals.
    """
    found = {}
    for match in _TOKEN.finditer(text[:MAX_TEXT]):
        word = match.group().rstrip("./-_")
        if not any(char.isdigit() for char in word):
            continue
        if word.isdigit() and len(word) < 5:
            continue
        found.setdefault(word)
        found.setdefault(word.upper())
        if len(found) >= MAX_TOKENS:
            break
    return list(found)


def phones(text):
    """Return the words that may be a phone number, as written."""
    found = {}
    for match in _PHONE.finditer(text[:MAX_TEXT]):
        found.setdefault(match.group().strip())
        if len(found) >= MAX_PHONES:
            break
    return list(found)


def kind_of(message):
    """Tell whether a person wrote a mail.

    :param email.message.EmailMessage message: the mail with its headers
    :return: ``person``, ``reply`` (written by a machine in answer to a mail, RFC 3834)
        or ``machine`` (sent by a machine or a list of its own accord)
    """

    def header(name):
        return str(message.get(name) or "").strip().lower()

    submitted = header("Auto-Submitted")
    precedence = header("Precedence")
    if (
        submitted.startswith("auto-replied")
        or precedence == "auto_reply"
        or header("X-Autoreply") not in ("", "no")
        or header("X-Autorespond")
    ):
        return "reply"
    if (
        submitted not in ("", "no")
        or precedence in ("bulk", "list", "junk")
        or message.get("List-Id")
        or header("Return-Path") == "<>"
    ):
        return "machine"
    return "person"
