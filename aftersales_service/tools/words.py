"""Lists that a person types into one line."""

import re

_SEPARATORS = re.compile(r"[,;，；、\n]")


def split_list(text):
    """Return the words of a list with western or Chinese separators, without blanks.

    :param str text: as typed, may be empty
    """
    words = (word.strip() for word in _SEPARATORS.split(text or ""))
    return [word for word in words if word]
