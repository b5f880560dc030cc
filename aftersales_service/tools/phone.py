"""Telling phone numbers from other texts, without a database."""

import re

_SEPARATORS = re.compile(r"[\s()./+-]+")


def looks_like_phone(text):
    """Tell whether a typed text may be (part of) a phone number.

    :param str text: as typed, in any notation
    :return: True for six or more digits with nothing but separators around them
    """
    digits = _SEPARATORS.sub("", text or "")
    return len(digits) >= 6 and digits.isdigit()
