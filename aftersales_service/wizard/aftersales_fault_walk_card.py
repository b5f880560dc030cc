from odoo import fields, models


class AftersalesFaultWalkCard(models.TransientModel):
    """One thing to choose on the walk through the fault tree."""

    _name = "aftersales.fault.walk.card"
    _description = "Card of the Fault Tree"
    _order = "number, id"

    walk_id = fields.Many2one(
        comodel_name="aftersales.fault.walk",
        required=True,
        index=True,
        ondelete="cascade",
    )
    number = fields.Integer()
    act = fields.Selection(
        selection=[
            ("go", "Go On"),
            ("yes", "Yes"),
            ("no", "No"),
            ("helped", "Helped"),
            ("failed", "Did Not Help"),
            ("found", "Found"),
        ],
        required=True,
    )
    fault_id = fields.Many2one(comodel_name="aftersales.fault", required=True)
    kind = fields.Selection(related="fault_id.kind")
    name = fields.Char(required=True)
    note = fields.Text()
    tried = fields.Boolean()

    def action_choose(self):
        """Follow this card.

        :raise UserError: when the ticket was finished meanwhile
        """
        self.ensure_one()
        return self.walk_id._choose(self.act, self.fault_id)
