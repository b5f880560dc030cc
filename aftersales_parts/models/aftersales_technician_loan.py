from odoo import api, fields, models

STAFF = ("aftersales_service.aftersales_service_group_technician", "hr.group_hr_user")


class AftersalesTechnicianMixin(models.AbstractModel):
    """What a technician has in his hands, on both faces of an employee (R46)."""

    _inherit = "aftersales.technician.mixin"

    aftersales_loan_count = fields.Integer(
        string="Tools and Goods Lent",
        compute="_compute_aftersales_loan_count",
    )

    @api.depends_context("uid")
    def _compute_aftersales_loan_count(self):
        # Read together, by the number that both faces of an employee share.
        counts = {}
        if shown := self._aftersales_get_shown(*STAFF):
            loans = self.env["aftersales.loan"]._read_group(
                [("employee_id", "in", shown.ids), ("state", "=", "out")],
                ["employee_id"],
                ["__count"],
            )
            counts = {employee.id: count for employee, count in loans}
        for person in self:
            person.aftersales_loan_count = counts.get(person._origin.id, 0)

    def action_view_aftersales_loans(self):
        """Open what is lent to these people."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_parts.aftersales_loan_action"
        )
        return {
            **action,
            "domain": [("employee_id", "in", self.ids)],
            "context": {
                "search_default_open": 1,
                "default_kind": "tool",
                "default_employee_id": self.id if len(self) == 1 else False,
            },
        }
