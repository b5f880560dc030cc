"""Telling phone numbers from other texts, without a database."""

import re
import unicodedata

_SEPARATORS = re.compile(r"[\s()./+-]+")


def looks_like_phone(text):
    """Tell whether a typed text may be (part of) a phone number.

    :param str text: as typed, in any notation
    :return: True for six or more digits with nothing but separators around them
    """
    digits = _SEPARATORS.sub("", text or "")
    return len(digits) >= 6 and digits.isdigit()


def digits_of(number):
    """Return the digits of a phone number without international or trunk zeros."""
    # The zero in brackets is dialled at home only, and never together with +86.
    text = unicodedata.normalize("NFKC", number or "").replace("(0)", "")
    return "".join(char for char in text if char in "0123456789").lstrip("0")


def key_of(number):
    """Return what all notations of a phone number share: its last eight digits.

    Equal keys are a hint, :func:`is_same_number` decides.

    :return: None when it is none, such as that of an anonymous caller
    """
    digits = digits_of(number)
    return digits[-8:] if len(digits) >= 3 else None


def is_same_number(first, second):
    """Tell whether two notations mean one phone number.

    One of them may leave out country or area: then it is the end of the other.

    :param str first: in any notation
    :param str second: in any notation
    """
    short, long = sorted((digits_of(first), digits_of(second)), key=len)
    if len(short) < 7:
        return len(short) >= 3 and short == long
    return long.endswith(short) and len(long) - len(short) <= 5
