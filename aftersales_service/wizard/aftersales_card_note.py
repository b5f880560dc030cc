from odoo import fields, models

from ..models.rating_rating import LEVELS


class AftersalesCardNote(models.TransientModel):
    """Notes what a customer answered on paper or by phone (R33)."""

    _name = "aftersales.card.note"
    _description = "Customer's Answer on Paper or by Phone"

    dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch",
        string="Dispatch Order",
        required=True,
        readonly=True,
    )
    attitude = fields.Selection(selection=LEVELS, required=True)
    skill = fields.Selection(selection=LEVELS, required=True)
    arrival = fields.Selection(selection=LEVELS, string="Arrival Time", required=True)
    promise = fields.Selection(selection=LEVELS, string="Promises Kept", required=True)
    words = fields.Text(string="In His Words")
    opinion = fields.Selection(
        selection=[("suggestion", "Suggestion"), ("complaint", "Complaint")],
        string="Kind of Words",
    )

    def action_apply(self):
        """Note the answer.

        :raise UserError: as the visit itself
        """
        self.ensure_one()
        self.dispatch_id.action_note_card(
            self.attitude,
            self.skill,
            self.arrival,
            self.promise,
            words=self.words,
            opinion=self.opinion,
        )
        return {"type": "ir.actions.act_window_close"}
