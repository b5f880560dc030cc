from odoo import api, fields, models


class AftersalesMeetingWhy(models.Model):
    """One answer to “why?”; the next row asks why that is (R59)."""

    _name = "aftersales.meeting.why"
    _description = "Why"
    _order = "sequence, id"
    _rec_name = "answer"

    meeting_id = fields.Many2one(
        comodel_name="aftersales.meeting", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="meeting_id.company_id", store=True, index=True
    )
    sequence = fields.Integer(default=10)
    answer = fields.Char(string="Because", required=True)

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows.meeting_id._ensure_draft()
        return rows

    def write(self, vals):
        self.meeting_id._ensure_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        self.meeting_id._ensure_draft()
