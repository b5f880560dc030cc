from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..tools.credit import LIVING
from .aftersales_return import HOLDING_STATES
from .aftersales_return_workflow import MANAGER


class AftersalesReturn(models.Model):
    """Money for goods sold before this register began, against a proof (R48)."""

    _inherit = "aftersales.return"

    can_credit_freely = fields.Boolean(compute="_compute_can_credit_freely")

    @api.depends("state", "line_ids.quantity_received", "line_ids.quantity_refunded")
    @api.depends_context("uid", "su")
    def _compute_can_credit_freely(self):
        is_manager = self.env.su or self.env.user.has_group(MANAGER)
        for rma in self:
            rma.can_credit_freely = (
                is_manager
                and rma.state in HOLDING_STATES
                and bool(rma._get_free_lines())
            )

    def _get_free_lines(self):
        """Return the lines that no known sale or invoice pays for, with money due."""
        return self.line_ids.filtered(
            lambda line: line._is_credited()
            and not line._get_books_key()
            and line._get_money_due()
        )

    def _credit_freely(self, prices, proofs, reason):
        """Draft a credit note without an invoice, flagged as such.

        :param dict prices: ``{line: price of one unit}`` in the company's currency
        :param proofs: [(file name, content in base64)], mandatory
        :param str reason: why, mandatory
        :return: the credit note, a draft until accounting posts it
        :raise UserError: for who is no manager, without a proof, a reason or a price,
            or for goods of which a sale is known
        """
        self.ensure_one()
        self._ensure_can(
            "can_credit_freely",
            self.env._(
                "Only a manager gives money for goods of which no sale is known, and "
                "only for what came back and passed."
            ),
        )
        self._ensure_proof(proofs, reason)
        lines = self.line_ids.browse([line.id for line in prices])
        # Credit notes are made behind this rule: managers may lack accounting rights.
        lines_sudo = lines.sudo()
        lines_sudo._lock_books()
        _by_books, by_line = lines_sudo._read_items()
        # See above.
        free_sudo = self.sudo()._get_free_lines()
        commands = []
        for line in lines_sudo:
            credited = sum(
                item.quantity
                for item in by_line.get(line.id, ())
                if item.kind == "out_refund" and item.state in LIVING
            )
            due = line._get_money_due(credited)
            price = prices[line.sudo(False)]  # as given
            if line not in free_sudo or not due or price <= 0:
                self._refuse(
                    self.env._(
                        "%s: nothing is due, its sale is known, or the price is "
                        "missing.",
                        line.display_name,
                    )
                )
            commands.append(
                Command.create(
                    {
                        "product_id": line.product_id.id,
                        "product_uom_id": line.product_id.uom_id.id,
                        "quantity": due,
                        "price_unit": price,
                        "aftersales_return_line_id": line.id,
                    }
                )
            )
        # See above.
        moves_sudo = self.env["account.move"].with_company(self.company_id).sudo()
        move_sudo = moves_sudo.create(
            {
                "move_type": "out_refund",
                "partner_id": self.partner_id.id,
                "company_id": self.company_id.id,
                "invoice_origin": self.name,
                "ref": reason.strip(),
                "aftersales_return_id": self.id,
                "aftersales_free_credit": True,
                "invoice_line_ids": commands,
            }
        )
        self._attach_proofs(move_sudo, proofs, reason)
        return move_sudo.with_env(self.env)

    def _ensure_proof(self, proofs, reason):
        if not proofs or not all(content for _name, content in proofs):
            raise UserError(
                self.env._(
                    "Attach the proof of purchase: receipt, warranty card or a photo."
                )
            )
        if not (reason or "").strip():
            raise UserError(self.env._("Say why money is given without an invoice."))

    def _attach_proofs(self, move_sudo, proofs, reason):
        """Keep the proof with the credit note, and with the return."""
        # Files of a credit note, for who has no accounting right.
        attachments_sudo = self.env["ir.attachment"].sudo()
        attachments_sudo = attachments_sudo.create(
            [
                {
                    "name": name or self.env._("Proof of purchase"),
                    "datas": content,
                    "res_model": move_sudo._name,
                    "res_id": move_sudo.id,
                }
                for name, content in proofs
            ]
        )
        move_sudo.message_post(
            body=self.env._("Free credit note: %s", reason.strip()),
            attachment_ids=attachments_sudo.ids,
        )
        copies = attachments_sudo.copy({"res_model": self._name, "res_id": self.id})
        self.message_post(
            body=self.env._("Free credit note drafted: %s", reason.strip()),
            attachment_ids=copies.ids,
        )
