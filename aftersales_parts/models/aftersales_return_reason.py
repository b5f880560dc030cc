from odoo import fields, models


class AftersalesReturnReason(models.Model):
    """Why a customer brings something back, in his words (R18, R48)."""

    _name = "aftersales.return.reason"
    _description = "Return Reason"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char()
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(comodel_name="res.company", index=True)
    remedy = fields.Selection(
        selection="_get_remedies",
        string="Usual Remedy",
        help="What is proposed; the line may say otherwise.",
    )

    fault_required = fields.Boolean(
        string="Fault Asked for",
        help="The reason alone does not say what is wrong with the goods.",
    )

    def _get_remedies(self):
        return self.env["aftersales.return.line"]._fields["remedy"].selection
