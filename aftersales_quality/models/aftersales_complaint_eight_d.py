from odoo import models


class AftersalesComplaint(models.Model):
    """The 8D report of a complaint, with the words of its nonconformities."""

    _name = "aftersales.complaint"
    _inherit = ["aftersales.complaint", "aftersales.eight.d.mixin"]

    def _get_eight_d_problem(self):
        lines = [
            (self.env._("Customer"), self.partner_id.name),
            (self.env._("Product"), self.product_id.display_name),
            (self.env._("Unit"), self.equipment_id.display_name),
            (
                self.env._("Bad quantity"),
                self.bad_quantity and f"{round(self.bad_quantity, 6):g}",
            ),
            (self.env._("What the customer says"), self.description),
            (self.env._("What was found"), self.investigation),
        ]
        return [line for line in lines if line[1]]

    def _get_eight_d_notes(self):
        """Return the words of the nonconformities about the same case."""
        rows = self.env["aftersales.nonconformity"].search(
            [("complaint_id", "=", self.id), ("state", "!=", "cancelled")]
        )
        return {
            "team": ", ".join(filter(None, rows.mapped("team_note"))),
            "escape": "\n".join(filter(None, rows.mapped("escape_note"))),
            "recognition": "\n".join(filter(None, rows.mapped("recognition"))),
        }

    def _get_eight_d_begun(self):
        return self._get_local_day(self.date)

    def _get_eight_d_closed(self):
        return self.state == "archived" and self._get_local_day(self.archive_date)

    def _get_eight_d_filename(self):
        self.ensure_one()
        return f"8D {self.name}"
