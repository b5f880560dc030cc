from odoo import api, fields, models
from odoo.exceptions import UserError

from .aftersales_dispatch import OPEN_STATES


class HrEmployee(models.Model):
    _name = "hr.employee"
    _inherit = ["hr.employee", "aftersales.technician.mixin"]

    aftersales_technician = fields.Boolean(
        string="Service Technician",
        help="Can be sent to customers. Needs no user of his own: the desk reports for "
        "technicians without one.",
    )
    aftersales_grade_id = fields.Many2one(
        comodel_name="aftersales.grade",
        string="Grade",
        compute="_compute_aftersales_grade_id",
        store=True,
        help="That of his latest assessment.",
    )

    @api.depends("aftersales_assessment_ids.grade_id", "aftersales_assessment_ids.date")
    def _compute_aftersales_grade_id(self):
        for employee in self:
            latest = employee.aftersales_assessment_ids.sorted(
                lambda assessment: (assessment.date, assessment._origin.id or 0)
            )
            employee.aftersales_grade_id = latest[-1:].grade_id

    @api.ondelete(at_uninstall=False)
    def _unlink_except_on_visits(self):
        """Visits say who was there.

        :raise UserError: for technicians of visits that were assigned
        """
        # Whoever deletes employees need not be allowed to see visits.
        visits_sudo = self.env["aftersales.dispatch"].sudo()
        visits_sudo = visits_sudo.search(
            [("technician_id", "in", self.ids), ("assign_date", "!=", False)]
        )
        if visits_sudo:
            raise UserError(
                self.env._(
                    "Visits name these technicians: %(names)s. Archive them instead, so "
                    "that the visits keep saying who was there.",
                    names=", ".join(visits_sudo.technician_id.mapped("name")),
                )
            )

    def write(self, vals):
        leaving = "active" in vals and not vals["active"]
        if leaving or vals.get("aftersales_technician") is False:
            self._aftersales_ensure_free()
        return super().write(vals)

    def _aftersales_ensure_free(self):
        """Refuse to let somebody go who still has visits.

        :raise UserError: naming the visits
        """
        # Human resources archive people without seeing dispatch orders.
        Dispatch = self.env["aftersales.dispatch"].sudo()
        visits_sudo = Dispatch.search(
            [
                "&",
                ("state", "in", OPEN_STATES),
                "|",
                ("technician_id", "in", self.ids),
                ("crew_ids", "in", self.ids),
            ],
            order="date_start, id",
        )
        if not visits_sudo:
            return
        # Only the names of those who are leaving are told.
        people = (visits_sudo.technician_id | visits_sudo.crew_ids) & self.sudo()
        raise UserError(
            self.env._(
                "%(people)s still has open visits: %(visits)s. Let the dispatcher send "
                "somebody else or cancel them first.",
                people=", ".join(people.mapped("name")),
                visits=", ".join(visits_sudo.mapped("name")),
            )
        )
