from typing import NamedTuple


class Taken(NamedTuple):
    """What one request, transfer or line of a transfer takes from a delivery."""

    kind: str
    id: int
    root_id: int
    lot_id: int
    write_date: object
    quantity: float
    move_id: int
