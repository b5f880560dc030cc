from odoo import fields, models

from .aftersales_coverage import FACTS

SOLD_FACTS = frozenset({"active", "date_sold", "revoked_date"})


class AftersalesCoverage(models.Model):
    """Cover that was sold: given with the order, taken back with the credit note."""

    _inherit = "aftersales.coverage"
    _facts = FACTS | SOLD_FACTS

    active = fields.Boolean(
        default=True,
        readonly=True,
        help="Not set: taken back before it had begun.",
    )
    date_sold = fields.Date(
        string="Sold on",
        readonly=True,
        help="Day of the order and the delivery; an extension does not begin before.",
    )
    revoked_date = fields.Date(
        string="Taken Back on",
        readonly=True,
        help="The order line that sold it was cancelled or credited, or its unit was "
        "returned.",
    )

    _sold_once = models.UniqueIndex(
        "(source_line_id, equipment_id, component_id) "
        "WHERE source = 'extension' AND source_line_id IS NOT NULL",
        "An order line extends each component group of a unit once.",
    )
    # Periods of one unit under two contracts do not meet. Ranges of one number are
    # compared instead of the numbers, which needs no extension of the database.
    _one_contract = models.Constraint(
        "EXCLUDE USING gist (int4range(equipment_id, equipment_id, '[]') WITH &&, "
        "int4range(component_id, component_id, '[]') WITH &&, "
        "daterange(date_start, date_end, '[]') WITH &&) "
        "WHERE (source = 'contract')",
        "A unit cannot be covered by two contracts at the same time.",
    )

    def _revoke(self, day, reason):
        """Take sold cover back: it ends, or never begins.

        :param date day: last covered day
        :param str reason: why, kept on the cover
        """
        given = self.filtered(lambda cover: not cover.revoked_date)
        begun = given.filtered(lambda cover: cover.date_start <= day)
        news = {"revoked_date": day, "reason": reason}
        running = begun.filtered(lambda cover: cover.date_end > day)
        running._by_method().write({**news, "date_end": day})
        (begun - running)._by_method().write(news)
        (given - begun)._by_method().write({**news, "active": False})

    def _prepare_successor_vals(self, unit):
        """Return the values of the same cover on the unit that replaces this one."""
        self.ensure_one()
        return {
            **self.copy_data()[0],
            "equipment_id": unit.id,
            "date_end": self._get_end_from(self.date_start),
            "active": True,
            "revoked_date": False,
            "reason": False,
        }

    def _restore(self):
        """Give back what was taken, with the dates it had."""
        for start, covers in (
            self.filtered("revoked_date").grouped("date_start").items()
        ):
            covers._by_method().write(
                {"active": True, "revoked_date": False, "reason": False}
            )
            covers._move_to(start)
