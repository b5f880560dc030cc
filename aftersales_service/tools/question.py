"""What is asked of a unit: one piece of work, as records."""

from dataclasses import dataclass
from datetime import date

from odoo.models import BaseModel


@dataclass(frozen=True)
class Question:
    """One piece of work on one unit, as records.

    ``ticket`` is the id of the ticket, or any key that stands for one visit.
    """

    unit: BaseModel
    kind: str
    day: date
    product: BaseModel | None = None
    component: BaseModel | None = None
    exclusion: BaseModel | None = None
    quantity: float = 1.0
    ticket: object = None
    mismatch: bool = False
    usage: dict | None = None
