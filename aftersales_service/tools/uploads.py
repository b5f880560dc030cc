"""Telling a harmless file from a hostile one by its content, without a database."""

import re
from dataclasses import dataclass, field
from pathlib import PurePath

MAX_FILES = 5
MAX_SIZE = 8 * 1024 * 1024
# What a visitor's browser offers to choose; the content decides on the server.
ACCEPT = "image/jpeg,image/png,image/gif,image/webp,application/pdf"

_SIGNATURES = (
    (re.compile(rb"\xff\xd8\xff"), "jpg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "png"),
    (re.compile(rb"GIF8[79]a"), "gif"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "webp"),
    (re.compile(rb"%PDF-\d"), "pdf"),
)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f<>:\"/\\|?*]+")


@dataclass
class Uploads:
    """Files that were sent: ``accepted`` as (name, content), ``refused`` as
    (name, reason), the reason being ``size``, ``type`` or ``count``."""

    accepted: list = field(default_factory=list)
    refused: list = field(default_factory=list)


def sniff(content):
    """Return the extension a content deserves, or None when it is not welcome.

    Only pictures that a browser shows as pictures, and PDF: whatever could carry
    a script (SVG, HTML) or run (EXE, Office macros) has no signature here.
    """
    for pattern, extension in _SIGNATURES:
        if pattern.match(content):
            return extension
    return None


def safe_name(name, extension):
    """Return a file name without path, whose extension tells the content."""
    stem = PurePath(
        _UNSAFE.sub(" ", (name or "").replace("\\", "/").split("/")[-1])
    ).stem
    stem = stem.strip(" .")[:80] or "file"
    return f"{stem}.{extension}"


def read(storages):
    """Read uploaded files, never more than is allowed of each.

    :param storages: objects with ``filename`` and ``read(size)``
    :return: :class:`Uploads`
    """
    uploads = Uploads()
    for storage in storages:
        if not storage.filename:
            continue
        if len(uploads.accepted) >= MAX_FILES:
            uploads.refused.append((storage.filename, "count"))
            continue
        content = storage.read(MAX_SIZE + 1)
        extension = sniff(content)
        if len(content) > MAX_SIZE:
            uploads.refused.append((storage.filename, "size"))
        elif not extension:
            uploads.refused.append((storage.filename, "type"))
        else:
            uploads.accepted.append((safe_name(storage.filename, extension), content))
    return uploads
