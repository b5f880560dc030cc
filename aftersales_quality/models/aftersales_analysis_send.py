import base64

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Command

from ..tools.pareto import months_due

MANAGER = "aftersales_service.aftersales_service_group_manager"


class AftersalesAnalysis(models.Model):
    """The first of the month: each department is sent its analysis, once (R63)."""

    _inherit = "aftersales.analysis"

    # ------------------------------------------------------------
    # SCHEDULED
    # ------------------------------------------------------------

    @api.model
    def _cron_send(self):
        """Compose and send what is due: each month that was not sent yet, once.

        Runs often and does something on the first day of a month, or later when that
        day was missed. Safe in two processes at once, when killed, and run twice.
        """
        self.env["res.company"]._aftersales_run_each(
            lambda company: self.with_company(company)._send_due(company),
            "quality analysis",
        )

    @api.model
    def _send_due(self, company):
        """Send the analyses of the months that were missed, the oldest first."""
        for month in months_due(
            company.aftersales_analysis_month or None, self._get_previous(company)
        ):
            if not company.try_lock_for_update(allow_referencing=True):
                return
            self._send_month(company, month)
            if not self.env["ir.cron"]._commit_progress():
                return

    @api.model
    def _get_previous(self, company):
        """Return the first day of the month before this one."""
        first = company._aftersales_today().replace(day=1)
        return first - relativedelta(months=1)

    @api.model
    def _send_month(self, company, month):
        """Compose and send the analyses of one month, and note that it is done."""
        company.aftersales_analysis_month = month
        # Another process finds the month noted, or is told to look again.
        company.flush_recordset(["aftersales_analysis_month"])
        return self._compose(company, month)._send()

    @api.model
    def _compose(self, company, month):
        """Make the analyses of a month: of the company, and of each liable department.

        A department without a case has none.

        :return: the new analyses
        """
        Cases = self.env["aftersales.quality.analysis"]
        following = month + relativedelta(months=1)
        before = month - relativedelta(months=1)
        figures = Cases._read_group(
            self._get_cases_domain(company, month, following),
            ["department_id"],
            ["__count", "quantity:sum", "cost:sum"],
        )
        earlier = Cases._read_group(
            self._get_cases_domain(company, before, month),
            ["department_id"],
            ["__count"],
        )
        counts = {department.id: count for department, count in earlier}
        known = self.search(
            [("company_id", "=", company.id), ("month", "=", month)]
        ).department_id
        vals_list = [
            {
                "company_id": company.id,
                "month": month,
                "department_id": department.id,
                "case_count": count,
                "previous_count": counts.get(department.id, 0),
                "quantity": quantity or 0.0,
                "cost": cost or 0.0,
            }
            for department, count, quantity, cost in figures
            if department and department not in known
        ]
        vals_list.insert(
            0,
            {
                "company_id": company.id,
                "month": month,
                "case_count": sum(row[1] for row in figures),
                "previous_count": sum(counts.values()),
                "quantity": sum(row[2] or 0.0 for row in figures),
                "cost": sum(row[3] or 0.0 for row in figures),
            },
        )
        return self._by_method().create(vals_list)

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

    def _send(self):
        """Queue each analysis for its readers, in the language of the first of them."""
        vals_list = []
        for analysis in self:
            readers = analysis._get_readers()
            lang = readers[:1].lang or self.env.lang
            talk = analysis.with_context(lang=lang)
            body = talk._make_body()
            analysis._by_method().write(
                {
                    "body": body,
                    "partner_ids": [Command.set(readers.ids)],
                    "sent_on": fields.Datetime.now() if readers else False,
                }
            )
            workbook = talk._keep_workbook()
            # Nobody is written to about nothing.
            if not (readers and analysis.case_count):
                continue
            vals_list.append(
                {
                    "subject": talk.display_name,
                    "body_html": body,
                    "recipient_ids": [Command.set(readers.ids)],
                    "email_from": analysis.company_id.email_formatted
                    or self.env.user.email_formatted,
                    "author_id": analysis.company_id.partner_id.id,
                    "auto_delete": True,
                    "attachment_ids": [Command.set(workbook.ids)],
                }
            )
        # Whoever sends again has no right on mails.
        return self.env["mail.mail"].sudo().create(vals_list)

    def _keep_workbook(self):
        """Return the workbook, kept with the analysis."""
        self.ensure_one()
        # Readers may not attach files; the old one makes room.
        files_sudo = self.env["ir.attachment"].sudo()
        files_sudo.search(
            [("res_model", "=", self._name), ("res_id", "=", self.id)]
        ).unlink()
        return files_sudo.create(
            {
                "name": f"{self.display_name}.xlsx",
                "datas": base64.b64encode(self._make_workbook()),
                "res_model": self._name,
                "res_id": self.id,
            }
        )

    def _get_readers(self):
        """Return who gets the analysis: who leads the department, else quality."""
        self.ensure_one()
        company = self.company_id
        # Who leads a department is kept in the personnel records.
        manager_sudo = self.sudo().department_id.manager_id
        user_sudo = manager_sudo.user_id
        if user_sudo.active and not user_sudo.share:
            return user_sudo.partner_id.sudo(False)  # see above
        if manager_sudo.work_contact_id.email:
            return manager_sudo.work_contact_id.sudo(False)  # see above
        lead = company.aftersales_quality_lead_id
        managers = self.env.ref(MANAGER).sudo().all_user_ids  # who is a manager
        able = (lead if lead.active else managers).filtered(
            lambda user: user.active and user.email and company in user.company_ids
        )
        return able.partner_id

    # ------------------------------------------------------------
    # BY HAND
    # ------------------------------------------------------------

    def action_send(self):
        """Compose the analyses again from the cases as they are now, and send them.

        :raise AccessError: for others than quality and supervisors
        """
        self.check_access("write")
        Cases = self.env["aftersales.quality.analysis"]
        for analysis in self:
            [(count, quantity, cost)] = Cases._read_group(
                analysis._get_domain(), [], ["__count", "quantity:sum", "cost:sum"]
            )
            analysis._by_method().write(
                {"case_count": count, "quantity": quantity or 0, "cost": cost or 0}
            )
        self._send()
        return True

    def action_download(self):
        """Fetch the workbook."""
        self.ensure_one()
        self.check_access("read")
        # Readers may read the file of what they read.
        files_sudo = self.env["ir.attachment"].sudo()
        file_sudo = files_sudo.search(
            [("res_model", "=", self._name), ("res_id", "=", self.id)], limit=1
        )
        file_sudo = file_sudo or self._keep_workbook()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{file_sudo.id}?download=true",
            "target": "download",
        }

    def action_view_cases(self):
        """Open the cases that were counted."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_quality_analysis_action"
        )
        return {
            **action,
            "views": [(False, "list"), (False, "pivot"), (False, "graph")],
            "domain": list(self._get_domain()),
            "context": {},
        }
