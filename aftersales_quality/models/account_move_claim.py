from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AccountMove(models.Model):
    """Vendor credit notes of supplier claims: followed by their claim (R57)."""

    _inherit = "account.move"

    aftersales_claim_id = fields.Many2one(
        comodel_name="aftersales.supplier.claim",
        string="Supplier Claim",
        index="btree_not_null",
        check_company=True,
        copy=False,
        ondelete="restrict",
        domain="[('state', 'in', ('agreed', 'done')), "
        "('partner_id', 'child_of', commercial_partner_id)]",
        help="Claim that the vendor settles with this credit note.",
    )

    @api.constrains("aftersales_claim_id", "partner_id", "move_type")
    def _check_aftersales_claim(self):
        for move in self.filtered("aftersales_claim_id"):
            # Accounting reads claims; whoever else changes a credit note need not.
            claim_sudo = move.aftersales_claim_id.sudo()
            same = (
                claim_sudo.partner_id.commercial_partner_id
                == move.partner_id.commercial_partner_id
            )
            if move.move_type != "in_refund" or not same:
                raise ValidationError(
                    self.env._(
                        "%(claim)s is settled by a vendor credit note of %(partner)s.",
                        claim=claim_sudo.display_name,
                        partner=claim_sudo.partner_id.display_name,
                    )
                )
            if claim_sudo.state not in ("agreed", "done"):
                raise ValidationError(
                    self.env._(
                        "%s: amounts are agreed before a credit note is linked to it.",
                        claim_sudo.display_name,
                    )
                )

    def write(self, vals):
        if "aftersales_claim_id" not in vals:
            return super().write(vals)
        before = self.aftersales_claim_id
        result = super().write(vals)
        (before | self.aftersales_claim_id)._follow_credits()
        return result

    def _post(self, soft=True):
        posted = super()._post(soft)
        posted._aftersales_follow_claims()
        return posted

    def button_draft(self):
        result = super().button_draft()
        self._aftersales_follow_claims()
        return result

    def button_cancel(self):
        result = super().button_cancel()
        self._aftersales_follow_claims()
        return result

    def unlink(self):
        claims = self._aftersales_get_claims()
        result = super().unlink()
        claims._follow_credits()
        return result

    def _aftersales_get_claims(self):
        """Return the claims that these settle, or whose settlement they reverse."""
        return (self | self.reversed_entry_id).aftersales_claim_id

    def _aftersales_follow_claims(self):
        if claims := self._aftersales_get_claims():
            claims._follow_credits()

    def _aftersales_get_credit(self):
        """Return what a credit note gives without tax, less what reversed it."""
        self.ensure_one()
        if self.state != "posted":
            return 0.0
        back = self.reversal_move_ids.filtered(lambda move: move.state == "posted")
        return self.amount_untaxed - sum(back.mapped("amount_untaxed"))
