from odoo import fields, models


class AftersalesReturnLine(models.Model):
    """What the papers of a return say of its lines (R49)."""

    _inherit = "aftersales.return.line"

    def _get_warranty_word(self):
        """Say whether the goods are under warranty, empty where nobody knows."""
        self.ensure_one()
        # Known of the unit alone; for its papers.
        unit_sudo = self.equipment_id.sudo()
        if not unit_sudo or unit_sudo.warranty_state == "none":
            return ""
        if (
            unit_sudo.warranty_end
            and unit_sudo.warranty_end < fields.Date.context_today(self)
        ):
            return self.env._("out of warranty")
        return self.env._("in warranty")
