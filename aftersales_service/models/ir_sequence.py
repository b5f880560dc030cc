from odoo import models
from odoo.tools import SQL

# More digits are no running number, and would not fit into the database's counter.
MAX_DIGITS = 12


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    def _aftersales_next_many(self, count):
        """Return ``count`` consecutive numbers of this sequence, in order.

        A number costs Odoo three queries when drawn alone; a delivery of fifty
        serials must not pay that fifty times, so the numbers of a batch are
        reserved together where the sequence is a plain database sequence.

        :param int count: how many numbers to draw, may be 0
        :return: list of ``count`` strings
        """
        self.ensure_one()
        if not count:
            return []
        if self.implementation != "standard" or self.use_date_range:
            return [self.next_by_id() for _index in range(count)]
        if self.env.context.get("import_file") and self.number_increment == 1:
            return self._aftersales_take_back_able(count)
        self.env.cr.execute(
            "SELECT nextval(%s) FROM generate_series(1, %s)",
            [f"ir_sequence_{self.id:03d}", count],
        )
        numbers = [number for (number,) in self.env.cr.fetchall()]
        # As get_next_char, which works prefix and suffix out for each number.
        prefix, suffix = self._get_prefix_suffix()
        return [f"{prefix}{number:0{self.padding}d}{suffix}" for number in numbers]

    def _aftersales_take_back_able(self, count):
        """Draw numbers that go back with the transaction, for files.

        The test of a file draws as many numbers as the file itself: drawn as usual
        they would be lost. Whoever else wants one waits for the end of the import.
        """
        # Nothing is altered, but the counter is ours from here on.
        self.env.cr.execute(
            SQL(
                "ALTER SEQUENCE %s OWNED BY NONE",
                SQL.identifier(f"ir_sequence_{self.id:03d}"),
            )
        )
        first = self._aftersales_upcoming()
        self.number_next = first + count
        return [self.get_next_char(number) for number in range(first, first + count)]

    def _aftersales_upcoming(self):
        """Return the number that is drawn next; 0 when numbered by period."""
        self.ensure_one()
        if self.use_date_range:
            return 0
        # Drawing a number tells the cache nothing.
        self.invalidate_recordset(["number_next_actual"])
        return self.number_next_actual

    def _aftersales_parse(self, name):
        """Return the number in a name of this sequence's present form, else 0."""
        self.ensure_one()
        prefix, suffix = self._get_prefix_suffix()
        digits = name.removeprefix(prefix).removesuffix(suffix)
        if name != f"{prefix}{digits}{suffix}" or len(digits) > MAX_DIGITS:
            return 0
        return int(digits) if digits.isdecimal() else 0

    def _aftersales_highest_used(self):
        """Return the highest number that a document has in the present form, or 0."""
        self.ensure_one()
        prefix, suffix = self._get_prefix_suffix()
        documents = self.env[self.code]
        documents.flush_model(["name", "company_id"])
        [(highest,)] = self.env.execute_query(
            SQL(
                """SELECT MAX(digits::bigint) FROM (
                    SELECT SUBSTR(name, %(begin)s, LENGTH(name) - %(rest)s) AS digits
                    FROM %(table)s
                    WHERE company_id = %(company)s
                        AND STARTS_WITH(name, %(prefix)s)
                        AND LENGTH(name) > %(rest)s
                        AND RIGHT(name, LENGTH(%(suffix)s)) = %(suffix)s
                ) AS document
                WHERE digits ~ %(pattern)s""",
                begin=len(prefix) + 1,
                rest=len(prefix) + len(suffix),
                table=SQL.identifier(documents._table),
                company=self.company_id.id,
                prefix=prefix,
                suffix=suffix,
                pattern=f"^[0-9]{{1,{MAX_DIGITS}}}$",
            )
        )
        return highest or 0
