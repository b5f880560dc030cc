from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class AftersalesCollection(models.Model):
    """What the service sees of the money that technicians collected (R26).

    It has no rights on payments, and no table here: each row shows one payment.
    """

    _name = "aftersales.collection"
    _description = "Collected Money"
    _auto = False
    _order = "collected_on desc, id desc"
    _depends = {
        "account.payment": [
            "aftersales_dispatch_id",
            "aftersales_technician_id",
            "aftersales_receipt",
            "aftersales_collected_on",
            "aftersales_method",
            "aftersales_handed_in_on",
            "aftersales_cancel_reason",
            "partner_id",
            "company_id",
            "currency_id",
            "amount",
            "amount_company_currency_signed",
            "state",
        ],
        "aftersales.dispatch": ["ticket_id", "team_id"],
    }

    name = fields.Char(string="Receipt", readonly=True)
    payment_id = fields.Many2one(comodel_name="account.payment", readonly=True)
    dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch", string="Dispatch Order", readonly=True
    )
    ticket_id = fields.Many2one(comodel_name="aftersales.ticket", readonly=True)
    team_id = fields.Many2one(comodel_name="aftersales.team", readonly=True)
    technician_id = fields.Many2one(
        comodel_name="hr.employee", string="Collected by", readonly=True
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    collected_on = fields.Datetime(string="Collected on", readonly=True)
    method = fields.Selection(
        selection=lambda self: self.env["account.payment"]
        ._fields["aftersales_method"]
        ._description_selection(self.env),
        string="Paid in",
        readonly=True,
    )
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    amount = fields.Monetary(readonly=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    amount_company = fields.Monetary(
        string="In Company Currency",
        currency_field="company_currency_id",
        readonly=True,
    )
    state = fields.Selection(
        selection=[
            ("open", "Not Handed in"),
            ("handed_in", "Handed in"),
            ("cancelled", "Cancelled"),
        ],
        readonly=True,
        help="Handed in: accounting has the money and confirmed the payment.",
    )
    handed_in_on = fields.Datetime(string="Given to Accounting on", readonly=True)
    cancel_reason = fields.Char(string="Cancelled Because", readonly=True)
    can_cancel = fields.Boolean(compute="_compute_can_cancel")

    @property
    def _table_query(self):
        return SQL(
            """SELECT payment.id,
                   payment.id AS payment_id,
                   payment.aftersales_receipt AS name,
                   payment.aftersales_dispatch_id AS dispatch_id,
                   visit.ticket_id,
                   visit.team_id,
                   payment.aftersales_technician_id AS technician_id,
                   payment.partner_id,
                   payment.company_id,
                   payment.aftersales_collected_on AS collected_on,
                   payment.aftersales_method AS method,
                   payment.currency_id,
                   payment.amount,
                   payment.amount_company_currency_signed AS amount_company,
                   CASE WHEN payment.state IN ('in_process', 'paid') THEN 'handed_in'
                        WHEN payment.state IN ('canceled', 'rejected') THEN 'cancelled'
                        ELSE 'open' END AS state,
                   payment.aftersales_handed_in_on AS handed_in_on,
                   payment.aftersales_cancel_reason AS cancel_reason
              FROM account_payment payment
              JOIN aftersales_dispatch visit
                ON visit.id = payment.aftersales_dispatch_id"""
        )

    # ------------------------------------------------------------
    # CANCEL
    # ------------------------------------------------------------

    @api.depends("state", "dispatch_id.state")
    @api.depends_context("uid", "su")
    def _compute_can_cancel(self):
        """Who noted it wrongly takes it back on site, later his supervisor does."""
        lead = self.env.su or self.env.user.has_group(
            "aftersales_service.aftersales_service_group_supervisor"
        )
        for collection in self:
            visit = collection.dispatch_id
            there = visit.state == "on_site" and self.env.user in visit.user_ids
            collection.can_cancel = collection.state == "open" and (lead or there)

    def action_cancel(self, reason=None):
        """Cancel collected money that was noted wrongly or given back (R26).

        The row stays, with its number and the reason.

        :param str reason: why, mandatory
        :return: True
        :raise UserError: without a reason, when it was handed in, or for others than
            the technician on site and the supervisor
        """
        self.dispatch_id.check_access("write")
        if refused := self.filtered(lambda row: not row.can_cancel):
            raise UserError(
                self.env._(
                    "Collected money is cancelled before it is handed in: by the "
                    "technician on site, afterwards by the supervisor: %s",
                    ", ".join(refused.mapped("name")),
                )
            )
        if not (reason or "").strip():
            raise UserError(
                self.env._(
                    "Say why the collected money is cancelled: %s",
                    ", ".join(self.mapped("name")),
                )
            )
        # Payments are accounting's; the rules above say which ones are taken back.
        payments_sudo = self.sudo().payment_id
        payments_sudo.write({"aftersales_cancel_reason": reason})
        payments_sudo.action_cancel()
        for row in self:
            row.dispatch_id._message_log(
                body=self.env._(
                    "Collected money %(receipt)s was cancelled: %(reason)s",
                    receipt=row.name,
                    reason=reason,
                )
            )
        self.invalidate_recordset()
        return True

    def action_ask_reason(self):
        """Open the form that asks why it is cancelled."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel Collected Money"),
            "res_model": "aftersales.collection.cancel",
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_collection_id": self.id},
        }

    def action_open_payment(self):
        """Open the payment, for users who may see it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.payment",
            "res_id": self.id,
            "views": [[False, "form"]],
        }
