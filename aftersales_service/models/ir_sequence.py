from odoo import models


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
        self.env.cr.execute(
            "SELECT nextval(%s) FROM generate_series(1, %s)",
            [f"ir_sequence_{self.id:03d}", count],
        )
        return [self.get_next_char(number) for (number,) in self.env.cr.fetchall()]
