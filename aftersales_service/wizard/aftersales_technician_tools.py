from odoo import fields, models


class AftersalesTechnicianTools(models.TransientModel):
    """Lets a supervisor say which tools a technician has."""

    _name = "aftersales.technician.tools"
    _description = "Tools of a Technician"

    employee_id = fields.Many2one(
        comodel_name="hr.employee",
        string="Technician",
        required=True,
        readonly=True,
        domain="[('aftersales_technician', '=', True)]",
    )
    tool_ids = fields.Many2many(
        comodel_name="product.product",
        relation="aftersales_technician_tools_product_rel",
        string="Tools",
        default=lambda self: self._default_tools(),
    )

    def _default_tools(self):
        employee = self.env["hr.employee"].browse(
            self.env.context.get("default_employee_id")
        )
        return employee.aftersales_tool_ids if employee else False

    def action_apply(self):
        """Note the tools on the technician's file.

        :raise AccessError: for the technicians of other companies
        """
        self.ensure_one()
        public = self.env["hr.employee.public"].browse(self.employee_id.id)
        public.check_access("read")
        # Employees are written by human resources; supervisors say what tools their
        # technicians have, and only that.
        technician_sudo = self.employee_id.sudo().filtered("aftersales_technician")
        technician_sudo.aftersales_tool_ids = self.tool_ids
        return {"type": "ir.actions.act_window_close"}
