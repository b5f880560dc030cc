"""Days as people name them."""

from babel.dates import format_skeleton

from odoo.tools import get_lang
from odoo.tools.misc import babel_locale_parse


def say_day(env, day):
    """Say a day with its weekday and without the year, as the reader's language does.

    :param day: date
    """
    return format_skeleton("MMMEd", day, locale=babel_locale_parse(get_lang(env).code))
