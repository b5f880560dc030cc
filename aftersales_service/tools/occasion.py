"""What callbacks are planned for, without a database."""

from datetime import date
from typing import NamedTuple


class Occasion(NamedTuple):
    """Something happened to a customer that a rule may want to be called about."""

    company: object
    team: object
    service_kind: str | bool
    day: date
    numbers: tuple
    vals: dict
    kind: str | None = None
    round: int | None = None
