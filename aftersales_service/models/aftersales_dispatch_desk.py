from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class AftersalesDispatch(models.Model):
    """What the dispatcher's screens show of a visit (R22)."""

    _inherit = "aftersales.dispatch"

    is_late = fields.Boolean(
        compute="_compute_is_late",
        search="_search_is_late",
        help="Somebody should be at the customer's by now, and is not.",
    )

    @api.depends("state", "date_start")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for dispatch in self:
            dispatch.is_late = (
                dispatch.state in ("draft", "assigned", "accepted")
                and dispatch.date_start
                and dispatch.date_start < now
            )

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("state", "in", ("draft", "assigned", "accepted")) & Domain(
            "date_start", "<", fields.Datetime.now()
        )
        return late if True in value else ~late

    def _get_drop_refusals(self):
        """Say what speaks against the technician and the time of a visit.

        :return: list of texts, empty when he can go
        """
        self.ensure_one()
        try:
            return self._get_refused()[self]
        except UserError as error:
            return [line for line in str(error).split("\n") if line]
