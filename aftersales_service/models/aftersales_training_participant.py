from odoo import fields, models


class AftersalesTrainingParticipant(models.Model):
    """One operator of the customer at a training (R37)."""

    _name = "aftersales.training.participant"
    _description = "Participant of a Training"
    _order = "training_id, id"

    training_id = fields.Many2one(
        comodel_name="aftersales.training",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="training_id.company_id")
    name = fields.Char(required=True)
    role = fields.Char(help="What he does with the product.")
    phone = fields.Char()
    certificate = fields.Boolean(string="Certified", help="He got a certificate.")
