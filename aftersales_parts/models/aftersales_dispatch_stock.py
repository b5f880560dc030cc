from odoo import models


class AftersalesDispatch(models.Model):
    """Parts follow their visit: reserved when somebody is sent, free when nobody is."""

    _inherit = "aftersales.dispatch"

    def _after_assignment(self):
        result = super()._after_assignment()
        self._sync_parts()
        return result

    def _after_reschedule(self):
        result = super()._after_reschedule()
        self._sync_parts()
        return result

    def _after_finish(self):
        result = super()._after_finish()
        self._sync_parts()
        return result

    def _end(self, state, reason, way_out):
        result = super()._end(state, reason, way_out)
        self._sync_parts()
        return result

    def _sync_parts(self):
        """Bring the goods of these visits to what the visits say now."""
        # Parts move with the visit, whoever takes the step.
        self.sudo().line_ids._filter_goods()._sync_stock()
