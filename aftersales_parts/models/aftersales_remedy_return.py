from odoo import api, fields, models
from odoo.fields import Command

# What the law calls it, and what the return does.
REMEDIES = {"exchange": "exchange", "replace_unit": "exchange", "refund": "refund"}


class AftersalesRemedy(models.Model):
    """An exchange or a refund that was granted is carried out by a return (R17)."""

    _inherit = "aftersales.remedy"

    return_ids = fields.One2many(
        comodel_name="aftersales.return",
        inverse_name="remedy_id",
        string="Returns",
        copy=False,
    )
    can_return = fields.Boolean(compute="_compute_can_return")

    @api.depends("state", "remedy", "choice", "return_ids.state")
    @api.depends_context("uid", "su")
    def _compute_can_return(self):
        carries_out = self._is_allowed("agent")
        for remedy in self:
            remedy.can_return = (
                carries_out
                and remedy.state == "approved"
                and (remedy.choice or remedy.remedy) in REMEDIES
                and not remedy._get_living_returns()
            )

    def _get_living_returns(self):
        return self.return_ids.filtered(
            lambda rma: rma.state not in ("refused", "cancelled")
        )

    def action_return(self):
        """Make the return that carries the remedy out; the one there is, is opened.

        :return: action that opens it
        :raise UserError: when it was not approved, or gives neither goods nor money
        """
        self.ensure_one()
        living = self._get_living_returns()
        if not living:
            self._ensure_can(
                "can_return",
                self.env._(
                    "Only an approved exchange or refund takes the unit back, and the "
                    "desk makes the return."
                ),
            )
            living = self.env["aftersales.return"].create(self._prepare_return())
        return living._open_documents(living)

    def _prepare_return(self):
        """Return the values of the return (hook)."""
        self.ensure_one()
        unit = self.equipment_id
        return {
            "company_id": self.company_id.id,
            "partner_id": (unit.partner_id or self.ticket_id.partner_id).id,
            "ticket_id": self.ticket_id.id,
            "remedy_id": self.id,
            "line_ids": [
                Command.create(
                    {
                        "equipment_id": unit.id,
                        "quantity": unit.quantity - unit.quantity_returned,
                        "remedy": REMEDIES[self.choice or self.remedy],
                        "note": self.ticket_id.symptom,
                    }
                )
            ],
        }
