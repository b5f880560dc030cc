"""Expected values in a CSV file that a person can read, and how they are compared."""

import csv
import os

# A run with this variable writes the files instead of comparing with them.
WRITE = bool(os.environ.get("AFTERSALES_WRITE_RIGHTS"))


def compare(path, key, columns, actual):
    """Return how a file differs from what was found, cell by cell; or write it.

    :param str key: name of the first column
    :param columns: those that were asked, of all that the file has
    :param actual: ``{name: {column: cell}}``
    """
    if WRITE:
        write(path, key, columns, actual)
    expected = read(path, key)
    findings = [
        f"{name}: missing from {path.name}" for name in actual.keys() - expected
    ]
    findings += [
        f"{name}: in {path.name}, but gone" for name in expected.keys() - actual
    ]
    findings += [
        f"{name}, {column}: expected {expected[name].get(column)}, found {cell}"
        for name in expected.keys() & actual.keys()
        for column, cell in actual[name].items()
        if expected[name].get(column) != cell
    ]
    return sorted(findings)


def read(path, key):
    with path.open(encoding="utf-8", newline="") as stream:
        return {row.pop(key): row for row in csv.DictReader(stream)}


def write(path, key, columns, actual):
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [key, *columns], lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: name, **actual[name]} for name in sorted(actual))
