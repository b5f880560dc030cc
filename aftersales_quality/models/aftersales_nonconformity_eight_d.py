from odoo import fields, models


class AftersalesNonconformity(models.Model):
    """The 8D report of a nonconformity, with the few words no record has."""

    _name = "aftersales.nonconformity"
    _inherit = ["aftersales.nonconformity", "aftersales.eight.d.mixin"]

    team_note = fields.Text(
        string="Others in the Team", copy=False, help="Besides meetings and actions."
    )
    escape_note = fields.Text(
        string="Why It Was Not Found Earlier",
        copy=False,
        help="Which inspection should have found it.",
    )
    recognition = fields.Text(
        string="Recognition of the Team",
        copy=False,
        help="Thanks and what was learned.",
    )

    def _get_eight_d_problem(self):
        lines = [
            (self.env._("Product"), self.product_id.display_name),
            (self.env._("Lot/Serial Number"), self.lot_id.name),
            (
                self.env._("Quantity"),
                f"{round(self.quantity, 6):g} {self.product_id.uom_id.name}",
            ),
            (
                self.env._("Found"),
                self._say_value(self._fields["found_at"], self.found_at),
            ),
            (self.env._("Supplier"), self.supplier_id.name),
            (self.env._("Complaint"), self.complaint_id.name),
            (self.env._("What fails"), self.description),
            (
                self.env._("Disposition"),
                self.disposition
                and self._say_value(self._fields["disposition"], self.disposition),
            ),
        ]
        return [line for line in lines if line[1]]

    def _get_eight_d_notes(self):
        return {
            "team": self.team_note,
            "escape": self.escape_note,
            "recognition": self.recognition,
        }

    def _get_eight_d_begun(self):
        return self.found_on

    def _get_eight_d_closed(self):
        return self.state == "done" and self._get_local_day(self.closed_on)

    def _get_eight_d_filename(self):
        self.ensure_one()
        return f"8D {self.name}"
