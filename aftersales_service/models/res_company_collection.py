from odoo import fields, models


class ResCompany(models.Model):
    """What technicians may collect, and where it goes (R26)."""

    _inherit = "res.company"

    aftersales_collection_limit = fields.Monetary(
        string="Collected on the spot, at most",
        default=1000,
        help="What a technician may collect on one visit; larger amounts are invoiced "
        "the same day.",
    )
    aftersales_cash_journal_id = fields.Many2one(
        comodel_name="account.journal",
        string="Cash of technicians",
        check_company=True,
        domain="[('type', '=', 'cash')]",
        help="Journal of the cash that technicians collect; the first cash journal "
        "when empty.",
    )
    aftersales_mobile_journal_id = fields.Many2one(
        comodel_name="account.journal",
        string="Mobile payments to technicians",
        check_company=True,
        domain="[('type', 'in', ('bank', 'credit'))]",
        help="Journal of transfers and mobile payments that customers make on site; "
        "technicians collect cash alone when empty.",
    )
    aftersales_collection_days = fields.Integer(
        string="Money handed in within (days)",
        default=3,
        help="The supervisor is reminded of money that a technician has not handed in "
        "after so many days; 0 for never.",
    )
    aftersales_accountant_id = fields.Many2one(
        comodel_name="res.users",
        string="Posts service invoices",
        domain="[('share', '=', False), ('company_ids', 'in', id)]",
        help="Is told the same day of the draft invoices of finished visits.",
    )

    _aftersales_collection_positive = models.Constraint(
        "CHECK (COALESCE(aftersales_collection_limit, 0) >= 0 "
        "AND COALESCE(aftersales_collection_days, 0) BETWEEN 0 AND 365)",
        "What technicians collect, and the days to hand it in, cannot be negative, nor "
        "the days more than 365.",
    )

    def _aftersales_collection_journal(self, method):
        """Return the journal of what technicians collect, as superuser.

        :param str method: cash or mobile
        """
        self.ensure_one()
        # Journals are not the technician's to see, his money has to go into one.
        company_sudo = self.sudo()
        if method == "mobile":
            return company_sudo.aftersales_mobile_journal_id
        journals_sudo = company_sudo.env["account.journal"].with_company(self)
        return company_sudo.aftersales_cash_journal_id or journals_sudo.search(
            [("company_id", "=", self.id), ("type", "=", "cash")], limit=1
        )

    def _aftersales_poster(self):
        """Return who posts the invoices of visits: the one named, else an accountant.

        Administrators are asked only when there is nobody else.
        """
        self.ensure_one()

        def able(user):
            return user.active and not user.share and self in user.company_ids

        # Who answers for invoices is no secret.
        named = self.sudo().aftersales_accountant_id.filtered(able)
        group = self.env.ref("account.group_account_invoice").sudo()  # likewise
        candidates = group.all_user_ids.filtered(able).sorted(
            lambda user: (user._has_group("base.group_system"), user.id)
        )
        return (named or candidates)[:1]
