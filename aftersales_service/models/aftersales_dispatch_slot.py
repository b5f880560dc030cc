from odoo import fields, models


class AftersalesDispatchSlot(models.Model):
    """Time of one person taken by one visit: nobody is at two places (R22).

    The rows follow the visits, see ``_book`` of the dispatch order. The database itself
    refuses two that overlap, also when two dispatchers press at the same moment.
    """

    _name = "aftersales.dispatch.slot"
    _description = "Booked Time of a Technician"
    _order = "date_start, id"
    _log_access = False

    dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="dispatch_id.company_id")
    employee_id = fields.Many2one(
        comodel_name="hr.employee", required=True, index=True, ondelete="restrict"
    )
    date_start = fields.Datetime(required=True)
    date_end = fields.Datetime(required=True)

    # A range of one number, because the plain number would need an extension of
    # PostgreSQL that not every server has.
    _no_double_booking = models.Constraint(
        "EXCLUDE USING gist (int4range(employee_id, employee_id, '[]') WITH &&, "
        "tsrange(date_start, date_end) WITH &&)",
        "Somebody of the crew has another visit at that time. Look at his day again "
        "and choose another time or person.",
    )
