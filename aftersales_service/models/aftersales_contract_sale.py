from odoo import models
from odoo.exceptions import UserError


class AftersalesContract(models.Model):
    """Contracts that begin with their order: nobody is there to be refused."""

    _inherit = "aftersales.contract"

    def _take_back(self, reason):
        """End contracts whose order was cancelled or credited, each once."""
        if given := self.filtered(lambda contract: contract.state != "cancelled"):
            given._cancel(reason)
            given._by_method().write({"taken_back": True})

    def _begin_sold(self):
        """Let contracts begin whose order is confirmed and whose units are delivered.

        The customer's signature and the warehouse are not stopped by a contract that
        cannot begin: it stays a draft, and a supervisor is told why.
        """
        ready = self.browse()
        for contract in self:
            if contract.taken_back:
                contract._by_method().write({"state": "draft", "taken_back": False})
            try:
                contract._ensure_complete()
                contract._ensure_any_unit()
                contract._ensure_no_overlap()
            except UserError as error:
                contract._tell_why_not(str(error))
            else:
                ready |= contract
                # One after the other: two of them may be for the same unit.
                contract._activate()
        ready.sale_line_id.write({"aftersales_has_cover": True})

    def _ensure_any_unit(self):
        """Units gone since they were named do not keep the others from their cover."""
        for contract in self:
            if not contract._get_coverable_units():
                contract._ensure_units(contract.equipment_ids)

    def _tell_why_not(self, reason):
        self.ensure_one()
        if self.activity_ids:
            return
        supervisor = self.company_id._aftersales_supervisor()
        self._message_log(body=reason)
        if supervisor:
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._("Sold contract cannot begin"),
                note=reason,
                user_id=supervisor.id,
            )
