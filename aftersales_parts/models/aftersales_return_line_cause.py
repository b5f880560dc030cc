from odoo import models


class AftersalesReturnLine(models.Model):
    """Cause, department and person of what came back (R53)."""

    _inherit = "aftersales.return.line"

    def _get_missing_cause(self):
        """Return the names of what is not known yet of the cause of a line.

        Department and person are asked for only where a department of ours caused it.
        """
        self.ensure_one()
        # Who closes a return may not read who caused it.
        line_sudo = self.sudo()
        if not line_sudo.cause_id:
            wanted = ["cause_id"]
        elif line_sudo.cause_id._is_ours():
            wanted = ["department_id", "employee_id"]
        else:
            wanted = []
        return [
            self._fields[name]._description_string(self.env)
            for name in wanted
            if not line_sudo[name]
        ]
