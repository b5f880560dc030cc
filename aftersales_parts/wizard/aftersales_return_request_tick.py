from odoo import models
from odoo.exceptions import UserError


class AftersalesReturnRequest(models.TransientModel):
    """Ticking many lines at once: all, none, or by their serial numbers."""

    _inherit = "aftersales.return.request"

    def action_tick_all(self):
        """Tick all lines with all that may come back."""
        self.ensure_one()
        for line in self.line_ids:
            line.write({"selected": True, "quantity": line.returnable_quantity})
        return self._get_action()

    def action_untick_all(self):
        """Tick no line."""
        self.ensure_one()
        self.line_ids.selected = False
        return self._get_action()

    def action_tick_serials(self):
        """Tick the lines of the serial numbers that were typed or scanned.

        :raise UserError: naming those that may not come back
        """
        self.ensure_one()
        wanted = [
            name for text in (self.serials or "").splitlines() if (name := text.strip())
        ]
        by_name = {line.lot_name: line for line in self.line_ids if line.lot_name}
        if unknown := [name for name in wanted if name not in by_name]:
            raise UserError(
                self.env._(
                    "These serial numbers are not among what may come back: %s",
                    ", ".join(unknown),
                )
            )
        lines = self.line_ids.browse([by_name[name].id for name in wanted])
        lines.selected = True
        self.serials = False
        return self._get_action()
