from odoo import fields, models


class ResCompany(models.Model):
    """How complaints come in, and what customers are told (R58)."""

    _inherit = "res.company"

    aftersales_complaint_from_cards = fields.Boolean(
        string="Bad Cards Become Complaints",
        help="An evaluation card with bad marks, or with words that are a complaint, is "
        "recorded as a complaint by itself. Otherwise the desk does so with a button.",
    )
    aftersales_complaint_mail = fields.Boolean(
        string="Mail on Complaints",
        default=True,
        help="Customers are written to when their complaint has arrived, when a day is "
        "promised, when a solution is proposed, and when it is settled.",
    )
    aftersales_complaint_alias_id = fields.Many2one(
        comodel_name="mail.alias",
        string="Address for Complaints",
        copy=False,
        ondelete="set null",
        help="Mails to this address are recorded as complaints.",
    )

    def _aftersales_set_complaint_alias(self, name):
        """Open, rename or close the mail address for complaints.

        :param str name: what stands before the @; closed when empty
        :raise UserError: when the address is taken
        """
        self.ensure_one()
        # The caller checked that he manages after-sales; he makes this address alone.
        company_sudo = self.sudo()
        alias_sudo = company_sudo.aftersales_complaint_alias_id
        if not name:
            alias_sudo.unlink()
            return
        values = {
            "alias_name": name,
            "alias_domain_id": company_sudo.alias_domain_id.id,
            "alias_defaults": repr({"company_id": self.id, "channel": "mail"}),
        }
        if alias_sudo:
            alias_sudo.write(values)
            return
        company_sudo.aftersales_complaint_alias_id = alias_sudo.create(
            {
                **values,
                "alias_model_id": self.env["ir.model"]._get_id("aftersales.complaint"),
                "alias_contact": "everyone",
            }
        )
