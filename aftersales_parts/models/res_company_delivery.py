from datetime import timedelta

from odoo import fields, models


class ResCompany(models.Model):
    """When the orders of the day are listed for delivery, and who minds them (R54)."""

    _inherit = "res.company"

    aftersales_delivery_hour = fields.Float(
        string="Orders of the day at",
        default=17.0,
        help="Local time at which the orders confirmed since the last list are listed "
        "and their stock is checked; 0 for never.",
    )
    aftersales_delivery_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Deliveries minded by",
        domain="[('share', '=', False), ('company_ids', 'in', id)]",
        help="Who gets the list of the day and orders what is missing; the supervisor "
        "of the service when empty.",
    )
    aftersales_delivery_listed = fields.Datetime(
        string="Orders listed until",
        default=lambda self: fields.Datetime.now(),
        help="Until when confirmed orders have been listed.",
    )

    _aftersales_delivery_sane = models.Constraint(
        "CHECK (COALESCE(aftersales_delivery_hour, 0) BETWEEN 0 AND 23.5)",
        "The orders of the day are listed between 0:00 and 23:30.",
    )

    def _aftersales_next_working_day(self, day):
        """Return the first day after another one on which the company works."""
        self.ensure_one()
        for ahead in range(1, 15):
            following = day + timedelta(days=ahead)
            if self._aftersales_works_on(following):
                return following
        return day + timedelta(days=1)
