from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

SUPERVISOR = "aftersales_service.aftersales_service_group_supervisor"
OFFICER = "hr.group_hr_user"


class HrEmployeeSkill(models.Model):
    """Licences of technicians: number, end, and a reminder before it (R70)."""

    _name = "hr.employee.skill"
    _inherit = ["hr.employee.skill", "aftersales.reminder.mixin"]
    _reminder_end = "valid_to"
    _reminder_mark = "aftersales_reminded_end"
    _reminder_days = "aftersales_licence_notice_days"

    aftersales_number = fields.Char(
        string="Licence Number", help="Number of the licence or certificate."
    )
    aftersales_reminded_end = fields.Date(
        string="Reminded of",
        readonly=True,
        copy=False,
        help="End of which the supervisor was reminded; when it moves, a new reminder "
        "is due.",
    )

    def _get_passive_fields(self):
        return [*super()._get_passive_fields(), "aftersales_number"]

    # ------------------------------------------------------------
    # NOBODY CERTIFIES HIMSELF
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._aftersales_ensure_may_certify()
        return rows

    def write(self, vals):
        self._aftersales_ensure_may_certify()
        result = super().write(vals)
        self._aftersales_ensure_may_certify()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_proven(self):
        self._aftersales_ensure_may_certify()

    def _aftersales_ensure_may_certify(self):
        """Refuse what a technician writes on his own file.

        Every employee may edit his own skills. Who may be sent to a job is decided by
        some of them, so these are for others to note.

        :raise UserError: naming the skills
        """
        user = self.env.user
        if self.env.su or user.has_group(OFFICER) or user.has_group(SUPERVISOR):
            return
        # Whoever asks, jobs depend on these skills.
        rows_sudo = self.sudo()
        demanding = [("skill_ids", "!=", False)]
        grades_sudo = rows_sudo.env["aftersales.grade"].search(demanding)
        jobs_sudo = rows_sudo.env["aftersales.job.type"].search(demanding)
        asked = grades_sudo.skill_ids | jobs_sudo.skill_ids
        own_sudo = rows_sudo.filtered(
            lambda row: row.employee_id.aftersales_technician
            and (row.is_certification or row.skill_id in asked)
        )
        if own_sudo:
            raise UserError(
                self.env._(
                    "Nobody certifies himself: %(skills)s. Show the licence to your "
                    "supervisor; skills are noted by an assessment.",
                    skills=", ".join(own_sudo.skill_id.mapped("name")),
                )
            )

    # ------------------------------------------------------------
    # REMINDER
    # ------------------------------------------------------------

    @api.model
    def _get_ending_domain(self, company):
        today = company._aftersales_today()
        last = today + timedelta(days=company[self._reminder_days])

        def unreminded(model, alias, query):
            return SQL(
                "%s IS DISTINCT FROM %s",
                SQL.identifier(alias, self._reminder_mark),
                SQL.identifier(alias, self._reminder_end),
            )

        return (
            Domain("employee_id.company_id", "=", company.id)
            & Domain("employee_id.active", "=", True)
            & Domain("employee_id.aftersales_technician", "=", True)
            & Domain("skill_type_id.is_certification", "=", True)
            & Domain("valid_to", ">=", today)
            & Domain("valid_to", "<=", last)
            & Domain.custom(to_sql=unreminded)
        )

    def _mark_reminded(self):
        for end, rows in self.grouped(self._reminder_end).items():
            rows.write({self._reminder_mark: end})

    def _remind(self):
        """Give the supervisor a to-do for each licence that ends soon (R70).

        Licences renewed already are only marked.
        """
        for company, rows in self.grouped(
            lambda row: row.employee_id.company_id
        ).items():
            rows._plan_renewal(company._aftersales_supervisor())
        self._mark_reminded()

    def _plan_renewal(self, user):
        renewed = {
            (row.employee_id, row.skill_id): row.valid_to
            for row in self.search(
                [
                    ("employee_id", "in", self.employee_id.ids),
                    ("skill_id", "in", self.skill_id.ids),
                    ("id", "not in", self.ids),
                ],
                order="valid_to NULLS LAST",
            )
        }
        if not user:
            return
        words = self.with_context(lang=user.lang or self.env.lang).env
        todo = self.env.ref("mail.mail_activity_data_todo")
        # A to-do of its own: supervisors may not read the employees of human resources.
        self.env["mail.activity"].create(
            [
                {
                    "activity_type_id": todo.id,
                    "user_id": user.id,
                    "date_deadline": row.valid_to,
                    "summary": words._(
                        "%(technician)s: %(licence)s ends on %(day)s",
                        technician=row.employee_id.name,
                        licence=row.with_env(words).skill_id.name,
                        day=format_date(words, row.valid_to),
                    ),
                }
                for row in self
                if not _is_later(
                    renewed.get((row.employee_id, row.skill_id), row.valid_to),
                    row.valid_to,
                )
            ]
        )


def _is_later(end, other):
    return not end or end > other
