from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import hmac

# Scope: how often, within how many minutes, one source may do it.
LIMITS = {
    "label_code": (20, 10),
    "label_request": (5, 10),
    "card": (20, 10),
    "registration": (10, 60),
    "portal_ticket": (20, 60),
    "portal_visit": (20, 60),
    "resale": (60, 60),
}


class AftersalesAttempt(models.Model):
    """How often one source knocked, by minute, so that nobody guesses or floods.

    One row holds all attempts of a source in a minute: a flood costs one row and
    not one row each, and two requests at the same instant meet on that row, so
    that the second is counted after the first. The source is kept as a keyed
    hash, and for one day.
    """

    _name = "aftersales.attempt"
    _description = "Counted Attempt"
    _log_access = False
    _order = "minute desc, id desc"

    scope = fields.Char(required=True, readonly=True)
    source = fields.Char(required=True, readonly=True)
    minute = fields.Datetime(required=True, readonly=True)
    count = fields.Integer(required=True, readonly=True, default=1)

    _source_minute_uniq = models.UniqueIndex(
        "(scope, source, minute)", "A minute of one source is counted in one row."
    )
    _minute_idx = models.Index("(minute)")

    @api.model
    def _get_limits(self):
        """Return how often, within how many minutes, by scope (hook)."""
        return LIMITS

    @api.model
    def _is_blocked(self, scope, source):
        """Tell whether a source has used up what the scope allows.

        :param str scope: see :meth:`_get_limits`
        :param str source: network, user or whatever is counted
        """
        limit, minutes = self._get_limits()[scope]
        since = fields.Datetime.now() - timedelta(minutes=minutes)
        [(total,)] = self.env.execute_query(
            SQL(
                "SELECT COALESCE(SUM(count), 0) FROM aftersales_attempt "
                "WHERE scope = %s AND source = %s AND minute > %s",
                scope,
                self._hash(scope, source),
                since,
            )
        )
        return total >= limit

    @api.model
    def _record(self, scope, source):
        """Count one attempt of a source."""
        self.env.cr.execute(
            SQL(
                "INSERT INTO aftersales_attempt (scope, source, minute, count) "
                "VALUES (%s, %s, %s, 1) ON CONFLICT (scope, source, minute) "
                "DO UPDATE SET count = aftersales_attempt.count + 1",
                scope,
                self._hash(scope, source),
                fields.Datetime.now().replace(second=0, microsecond=0),
            )
        )

    @api.model
    def _hash(self, scope, source):
        # sudo: the database's secret makes the hash useless outside of it.
        return hmac(self.env(su=True), "aftersales.attempt", (scope, source))

    @api.autovacuum
    def _gc_attempts(self):
        """Forget attempts after a day: no window is longer, and nobody is profiled."""
        day_ago = fields.Datetime.now() - timedelta(days=1)
        self.env.cr.execute(
            SQL("DELETE FROM aftersales_attempt WHERE minute < %s", day_ago)
        )
