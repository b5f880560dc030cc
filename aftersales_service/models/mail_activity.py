from odoo import fields, models
from odoo.fields import Domain


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        self._aftersales_hand_over()
        return super()._action_done(feedback=feedback, attachment_ids=attachment_ids)

    def _aftersales_hand_over(self):
        """Note the certificates that to-dos marked as done were for (R20)."""
        activity_type = self.env.ref(
            "aftersales_service.mail_activity_type_aftersales_certificate",
            raise_if_not_found=False,
        )
        handed = self.filtered(
            lambda activity: activity.activity_type_id == activity_type
            and activity.active
            and activity.res_model == "aftersales.equipment"
        )
        if not (activity_type and handed):
            return
        # Who has the to-do may close it, also without the right to write on units.
        Equipment = self.env["aftersales.equipment"].sudo()
        units_sudo = Equipment.search(
            Equipment._get_to_hand_over_domain()
            & Domain("certificate_activity_id", "in", handed.ids)
        )
        day = fields.Date.context_today(self)
        units_sudo._by_method().write({"certificate_date": day})
