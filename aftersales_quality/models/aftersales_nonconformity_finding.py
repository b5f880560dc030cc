from odoo import models

from odoo.addons.aftersales_parts.models.aftersales_return_inspection import GOOD

from .aftersales_nonconformity import REWORKED


class AftersalesNonconformity(models.Model):
    """What the return found after rework closes it, or opens it again (R52)."""

    _inherit = "aftersales.nonconformity"

    def _follow_finding(self, finding):
        """Follow a finding after rework that was booked on the return itself.

        :raise UserError: when the inspector reworked the goods himself
        """
        self.ensure_one()
        if self.env.user in self._get_reworkers():
            self._refuse(
                self.env._("Somebody other than who reworked them inspects the goods.")
            )
        failed = finding.finding == "rework"
        left = self._get_quarantined()
        if not failed and self.uom_id.compare(left, 0.0) > 0:
            return
        if failed and self.state == "open":
            return
        self._note_check(
            "passed" if finding.finding in GOOD else "failed", finding.note
        )
        if failed:
            self._step({"state": "open", "disposition": False})
            return
        if finding.finding not in GOOD:
            self._step({"disposition": "scrap"})
        elif self.disposition not in REWORKED:
            self._step({"disposition": "rework"})
        self._close_passed()
