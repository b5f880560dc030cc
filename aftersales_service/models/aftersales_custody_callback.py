from odoo import models


class AftersalesCustody(models.Model):
    """Handing an item back plans a call: does it work again? (R34)"""

    _inherit = "aftersales.custody"

    def write(self, vals):
        if "date_out" not in vals:
            return super().write(vals)
        here = self.filtered(lambda custody: not custody.date_out)
        result = super().write(vals)
        if vals["date_out"]:
            here._plan_callbacks()
        else:
            (self - here)._withdraw_callbacks()
        return result

    def _plan_callbacks(self):
        # The case of the item, whoever hands it back.
        custodies_sudo = self.sudo().filtered(
            lambda custody: custody.ticket_id.service_kind != "internal"
        )
        occasions = []
        for custody in custodies_sudo:
            occasion = custody.ticket_id._prepare_occasion()
            occasions.append(
                occasion._replace(
                    day=custody.company_id._aftersales_today(custody.date_out),
                    vals={**occasion.vals, "custody_id": custody.id},
                )
            )
        self.env["aftersales.callback"]._plan_event("handed_back", occasions)

    def _withdraw_callbacks(self):
        """The item did not go back after all: nobody is called about it."""
        # As in planning: the callbacks follow the item.
        callbacks_sudo = self.env["aftersales.callback"].sudo()
        callbacks_sudo = callbacks_sudo.search(
            [("custody_id", "in", self.ids), ("state", "=", "planned")]
        )
        callbacks_sudo._withdraw(self.env._("The item is still with us."))
