"""What pairs of times tell: the median of their ratios, and how far it is to be trusted."""

from math import comb
from statistics import median

CONFIDENCE = 0.95
# The greatest and the least of fewer values lie on one side of the median too often.
FEWEST = 6


def order_interval(values, confidence=CONFIDENCE):
    """Return the least and greatest value the median is trusted to lie between.

    Both are values that were seen: how many lie below the true median follows the toss of a
    coin, whatever their distribution. Too few values tell nothing: both are None.
    """
    ordered = sorted(values)
    if len(ordered) < FEWEST:
        return None, None
    total, below, outside = len(ordered), 0, 0
    while below < (total - 1) // 2:
        outside += comb(total, below)
        if 2 * outside / 2**total > 1 - confidence:
            break
        below += 1
    below = max(below - 1, 0)
    return ordered[below], ordered[total - 1 - below]


def compare(pairs):
    """Return (median of ours, of theirs, of the ratios, low, high) of (ours, theirs)."""
    ratios = [ours / theirs for ours, theirs in pairs]
    return (
        median(ours for ours, _theirs in pairs),
        median(theirs for _ours, theirs in pairs),
        median(ratios),
        *order_interval(ratios),
    )


def take_turns(ours, theirs, count):
    """Call two measures so often in pairs; which one goes first changes: ABBA.

    :return: list of (ours, theirs)
    """
    pairs = []
    for turn in range(count):
        if turn % 2:
            first = theirs()
            pairs.append((ours(), first))
        else:
            first = ours()
            pairs.append((first, theirs()))
    return pairs
