from odoo import fields, models


class HrEmployeePublic(models.Model):
    _name = "hr.employee.public"
    _inherit = ["hr.employee.public", "aftersales.technician.mixin"]

    aftersales_technician = fields.Boolean(readonly=True)
    aftersales_grade_id = fields.Many2one(
        comodel_name="aftersales.grade", string="Grade", readonly=True
    )

    def action_aftersales_tools(self):
        """Open the list of the technician's tools."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Tools Issued"),
            "res_model": "aftersales.technician.tools",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_employee_id": self.id},
        }
