from odoo import api, fields, models


class AftersalesMeetingAttendee(models.Model):
    """Somebody invited to a joint meeting, and whether he came (F100)."""

    _name = "aftersales.meeting.attendee"
    _description = "Attendee of a Joint Meeting"
    _order = "id"
    _rec_name = "partner_id"
    _check_company_auto = True

    meeting_id = fields.Many2one(
        comodel_name="aftersales.meeting", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="meeting_id.company_id", store=True, index=True
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Person",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        help="A colleague, a supplier's or the customer's person.",
    )
    role = fields.Char(string="Department or Role")
    attended = fields.Boolean()

    _person_uniq = models.Constraint(
        "UNIQUE (meeting_id, partner_id)", "Everybody is invited once."
    )

    @api.model_create_multi
    def create(self, vals_list):
        attendees = super().create(vals_list)
        attendees.meeting_id._ensure_draft()
        return attendees

    def write(self, vals):
        self.meeting_id._ensure_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        self.meeting_id._ensure_draft()
