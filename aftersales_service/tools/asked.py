"""Reading what stands in an address or a form, without a database.

Whatever was sent, what comes out can be looked up and stored.
"""

from .mail_text import storable

MAX_ID = 2**31 - 1


def number_of(record_id):
    """Return a number that a record may have, 0 for any other."""
    return record_id if 0 < record_id <= MAX_ID else 0


def key_of(token):
    """Return a token that may be one of ours, None for what cannot be."""
    return token if isinstance(token, str) and token.isascii() else None


def text_of(value):
    """Return a text that can be stored; empty for what is none, such as a file."""
    return storable(value) if isinstance(value, str) else ""
