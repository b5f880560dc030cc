from odoo import fields, models


class AftersalesCustodyReason(models.Model):
    """Why the clock of an item in our hands stands still."""

    _name = "aftersales.custody.reason"
    _description = "Reason to Stop the Repair Clock"
    _order = "sequence, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    prolongs_term = fields.Boolean(
        string="Prolongs the Warranty",
        default=True,
        help="These days, too, are added back to the warranty: the customer could not "
        "use the unit, and not by his own doing.",
    )
    waiting_reason = fields.Selection(
        selection=lambda self: self.env["aftersales.ticket"]
        ._fields["waiting_reason"]
        ._description_selection(self.env),
        string="Stops with the Ticket",
        help="A ticket that waits for this stops the clock of the item by this reason.",
    )

    _code_uniq = models.UniqueIndex(
        "(code)", "The code of a reason to stop the repair clock must be unique."
    )
    _waiting_uniq = models.UniqueIndex(
        "(waiting_reason) WHERE active AND waiting_reason IS NOT NULL",
        "Only one reason to stop the repair clock can follow this state of the ticket.",
    )
