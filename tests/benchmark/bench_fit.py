"""How a cost grows with a size: plain arithmetic."""

import math
from statistics import median


def exponent(points):
    """Return the power of the size that a cost follows, by least squares in logarithms.

    A cost that does not depend on the size has 0, one that is proportional to it 1.

    :param points: list of (size, cost), two sizes at least, all above zero
    """
    xs = [math.log(size) for size, _cost in points]
    ys = [math.log(cost) for _size, cost in points]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - mean_x) ** 2 for x in xs)
    if not spread:
        raise ValueError("A growth needs two sizes.")
    return (
        sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / spread
    )


def growth(figures, what):
    """Return the exponent of one cost.

    :param dict figures: ``{size as text: {what: cost, …}}``
    """
    # What costs nothing at all, no row read for example, does not grow.
    return exponent([(int(size), found[what] or 1) for size, found in figures.items()])


def summarise(costs):
    """Return the cost of several runs of the same work.

    Queries are those of the dearest run; of the clock, the median tells what it takes; of
    processors and rows, the cheapest run has the least of other people's work in it.

    :param costs: list of dicts as of :meth:`Meter.measure`
    """
    return {
        "ms": median(cost["ms"] for cost in costs),
        "cpu_ms": min(cost["cpu_ms"] for cost in costs),
        "queries": max(cost["queries"] for cost in costs),
        "rows": min(cost["rows"] for cost in costs),
        "scanned": sorted({name for cost in costs for name in cost["scanned"]}),
    }
