from odoo import api, models
from odoo.exceptions import ValidationError


class HrEmployee(models.Model):
    """Tools lent to somebody stay on his list, and are asked for when he leaves."""

    _inherit = "hr.employee"

    def write(self, vals):
        leaving = (
            self.filtered("active")
            if "active" in vals and not vals["active"]
            else self.browse()
        )
        result = super().write(vals)
        if leaving:
            # Human resources archive people without seeing loans.
            Loan = self.env["aftersales.loan"].sudo()
            loans_sudo = Loan.search(
                [("employee_id", "in", leaving.ids), ("state", "=", "out")]
            )
            loans_sudo._follow_leaving()
        return result

    @api.constrains("aftersales_tool_ids")
    def _check_aftersales_tools(self):
        """A tool that is lent leaves the list with its loan (R46)."""
        # Who writes the list need not see the loans.
        Loan = self.env["aftersales.loan"].sudo()
        lent = Loan._read_group(
            [
                ("employee_id", "in", self.ids),
                ("kind", "=", "tool"),
                ("state", "=", "out"),
            ],
            ["employee_id", "product_id"],
        )
        for employee, product in lent:
            # As above.
            if product not in employee.sudo().aftersales_tool_ids:
                raise ValidationError(
                    self.env._(
                        "%(tool)s is lent to %(technician)s: take it back or pass it "
                        "on with its loan instead.",
                        tool=product.display_name,
                        technician=employee.name,
                    )
                )
