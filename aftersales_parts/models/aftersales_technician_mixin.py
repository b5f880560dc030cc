from odoo import models
from odoo.exceptions import UserError

SUPERVISOR = "aftersales_service.aftersales_service_group_supervisor"


class AftersalesTechnicianMixin(models.AbstractModel):
    """The van of a technician, from both faces of an employee."""

    _inherit = "aftersales.technician.mixin"

    def action_aftersales_van(self):
        """Open the technician's van; supervisors get him one when he has none.

        :raise UserError: when he has none, and the user may not make one
        """
        self.ensure_one()
        van = self._aftersales_get_van()
        if not van:
            van = self._aftersales_create_van()
        return van.action_aftersales_view_stock()

    def _aftersales_get_van(self):
        self.ensure_one()
        # The company of a colleague, behind the public face.
        employee_sudo = self.env["hr.employee"].sudo().browse(self.id)
        vans = self.env["stock.location"]._aftersales_get_vans(
            employee_sudo, employee_sudo.company_id
        )
        van_sudo = vans.get((employee_sudo.id, employee_sudo.company_id.id))
        return (van_sudo or self.env["stock.location"]).with_env(self.env)

    def _aftersales_create_van(self):
        """Make the van of a technician, refilled from the main depot of his company.

        :return: the location
        :raise UserError: for people who are no technicians, and other users than
            supervisors and the warehouse
        """
        self.ensure_one()
        self._aftersales_ensure_van()
        # Places are the warehouse's to make; a van has one technician and its depot.
        employee_sudo = self.env["hr.employee"].sudo().browse(self.id)
        company_sudo = employee_sudo.company_id
        depot_sudo = company_sudo.aftersales_main_depot_id
        Location = depot_sudo.env["stock.location"].with_company(company_sudo)
        van_sudo = Location.create(depot_sudo._aftersales_prepare_van(employee_sudo))
        return van_sudo.with_env(self.env)

    def _aftersales_ensure_van(self):
        """Refuse a van to who is no technician, and to who may not make one.

        :raise UserError: naming the person and the way out
        """
        user = self.env.user
        may = self.env.su or user.has_group(SUPERVISOR)
        if not (may or user.has_group("stock.group_stock_manager")):
            raise UserError(
                self.env._(
                    "%s has no van yet: a supervisor or the warehouse makes one.",
                    self.display_name,
                )
            )
        if not self.aftersales_technician:
            raise UserError(
                self.env._(
                    "%s is no service technician; the tick is on the employee.",
                    self.display_name,
                )
            )
