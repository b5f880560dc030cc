"""Every door of the add-ons, as Odoo's own routing knows it."""

import csv
import threading
from pathlib import Path
from unittest.mock import patch

import support

TABLE = Path(__file__).with_name("routes.csv")
COLUMNS = ("route", "methods", "type", "auth", "csrf", "who")
OURS = tuple(f"odoo.addons.{name}." for name in support.addons())


def _is_ours(endpoint):
    """Tell whether one of our controllers takes part in the answer of an endpoint."""
    function = endpoint.func
    controller, name = type(function.__self__), function.__name__
    return any(
        name in vars(cls) and cls.__module__.startswith(OURS)
        for cls in controller.__mro__
    )


def rules(env):
    """Return the routing rules that our controllers serve, overridden ones too."""
    # Odoo makes its map for the database of the thread, as a server's threads have one.
    thread = threading.current_thread()
    with patch.object(thread, "dbname", env.cr.dbname, create=True):
        routing_map = env["ir.http"].routing_map()
    return [rule for rule in routing_map.iter_rules() if _is_ours(rule.endpoint)]


def describe(rule):
    """Return a rule as a row of the table, without who may pass."""
    routing = rule.endpoint.routing
    return {
        "route": rule.rule,
        "methods": " ".join(sorted(routing.get("methods") or ["any"])).upper(),
        "type": routing["type"],
        "auth": routing["auth"],
        "csrf": "yes"
        if routing["type"] == "http" and routing.get("csrf", True)
        else "no",
    }


def read_table():
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
