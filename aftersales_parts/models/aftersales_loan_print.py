from odoo import models


class AftersalesLoan(models.Model):
    _inherit = "aftersales.loan"

    def _get_report_base_filename(self):
        self.ensure_one()
        return f"{self.env._('Loan')} {self.name}"

    def _group_for_print(self):
        """Return the loans of each paper: one for each borrower, kind and company."""
        return list(
            self.grouped(
                lambda loan: (loan.company_id, loan.kind, loan.borrower, loan.signed_by)
            ).values()
        )

    def _get_print_lang(self):
        """Return the language of the paper: a customer reads his own."""
        # The language of the borrower is no secret to who prints his paper.
        customer_sudo = self[:1].sudo().partner_id
        mine = self.env.lang or "en_US"
        return (self[:1].kind == "loaner" and customer_sudo.lang) or mine

    def action_view_moves(self):
        """Open the moves of the goods."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "stock.stock_move_action"
        )
        return {
            **action,
            "domain": [("aftersales_loan_id", "in", self.ids)],
            "context": {},
        }
