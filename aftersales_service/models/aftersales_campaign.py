from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# Days that the desk has for the calls, and for the letter after each of them.
CALL_DAYS = 2
LETTER_DAYS = 2


class AftersalesCampaign(models.Model):
    """A campaign and the notices to the customers it concerns (R36)."""

    _name = "aftersales.campaign"
    _description = "Service Campaign"
    _inherit = ["aftersales.fact.mixin", "aftersales.place.mixin", "mail.thread"]
    _facts = frozenset({"state"})
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    date = fields.Date(
        string="Campaign Day",
        required=True,
        tracking=True,
        help="First day of the campaign; the customers hear of it before.",
    )
    notice_days = fields.Integer(
        string="Calls Before (Days)",
        default=14,
        required=True,
        help="Days before the campaign on which the customers are called.",
    )
    text = fields.Html(
        string="Notice",
        translate=True,
        help="What customers are told: the script of the call and the letter.",
    )
    product_ids = fields.Many2many(
        comodel_name="product.product",
        string="Models",
        domain="[('aftersales_voucher', '!=', 'none')]",
        help="Whoever has one of these in use is told.",
    )
    team_id = fields.Many2one(
        comodel_name="aftersales.team", check_company=True, index="btree_not_null"
    )
    recipient_ids = fields.One2many(
        comodel_name="aftersales.campaign.recipient",
        inverse_name="campaign_id",
        string="Customers",
        readonly=True,
    )
    callback_ids = fields.One2many(
        comodel_name="aftersales.callback",
        inverse_name="campaign_id",
        string="Calls and Letters",
    )
    recipient_count = fields.Integer(
        string="Customers Concerned", compute="_compute_counts"
    )
    left_out_count = fields.Integer(string="Left Out", compute="_compute_counts")
    called_count = fields.Integer(string="Calls Done", compute="_compute_counts")
    written_count = fields.Integer(string="Letters Sent", compute="_compute_counts")
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("planned", "Planned"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
    )
    can_plan = fields.Boolean(compute="_compute_can")
    can_close = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")

    _notice_sane = models.Constraint(
        "CHECK (notice_days BETWEEN 0 AND 366)",
        "Customers are called between 0 and 366 days before a campaign.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    def _compute_counts(self):
        Recipient = self.env["aftersales.campaign.recipient"]
        recipients = {
            (campaign.id, left_out): count
            for campaign, left_out, count in Recipient._read_group(
                [("campaign_id", "in", self.ids)],
                ["campaign_id", "left_out"],
                ["__count"],
            )
        }
        done = {
            (campaign.id, kind): count
            for campaign, kind, count in self.env["aftersales.callback"]._read_group(
                [("campaign_id", "in", self.ids), ("state", "=", "done")],
                ["campaign_id", "kind"],
                ["__count"],
            )
        }
        for campaign in self:
            key = campaign._origin.id
            campaign.left_out_count = recipients.get((key, True), 0)
            campaign.recipient_count = campaign.left_out_count + recipients.get(
                (key, False), 0
            )
            campaign.called_count = done.get((key, "notice"), 0)
            campaign.written_count = done.get((key, "letter"), 0)

    @api.depends("state")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        is_supervisor = self.env.su or self.env.user.has_group(
            "aftersales_service.aftersales_service_group_supervisor"
        )
        for campaign in self:
            campaign.can_plan = is_supervisor and campaign.state == "draft"
            campaign.can_close = is_supervisor and campaign.state == "planned"
            campaign.can_cancel = is_supervisor and campaign.state in (
                "draft",
                "planned",
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        self._ensure_state("draft", self.env._("Only drafts are deleted."))

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def action_look_up(self):
        """Look up whom the campaign concerns, and who is left out and why.

        :raise UserError: without models, or when the notices are planned already
        """
        self._ensure_can_plan()
        for campaign in self:
            campaign._look_up()
        return True

    def action_plan(self):
        """Plan the notices: calls two weeks ahead, a letter after each call.

        Customers who cannot be called get the letter alone.

        :raise UserError: without models, or when there is nobody to tell
        """
        self.action_look_up()
        for campaign in self:
            told = campaign.recipient_ids.filtered(lambda r: not r.left_out)
            if not told:
                raise UserError(
                    self.env._(
                        "%s concerns nobody who can be told: check models and places.",
                        campaign.name,
                    )
                )
            called = told.filtered(lambda recipient: not recipient.call_refusal)
            day = campaign._get_notice_day()
            called._plan_calls(day, day + timedelta(days=CALL_DAYS))
            (told - called)._plan_letters(day, day + timedelta(days=LETTER_DAYS))
        self._by_method().write({"state": "planned"})
        return True

    def action_close(self):
        """Close the campaign; what is still open of its notices is withdrawn.

        :raise UserError: when it is not planned
        """
        self._ensure_state("planned", self.env._("Only planned campaigns are closed."))
        self._withdraw_open(self.env._("The campaign is over."))
        return self._by_method().write({"state": "done"})

    def action_cancel(self):
        """Cancel the campaign; nobody is called any more.

        :raise UserError: when it is over
        """
        if any(not campaign.can_cancel for campaign in self):
            raise UserError(self.env._("A supervisor cancels campaigns that run."))
        self._withdraw_open(self.env._("The campaign was cancelled."))
        return self._by_method().write({"state": "cancelled"})

    def action_send_letters(self):
        """Send the letters that are planned: mails into the queue, others as posted.

        :raise UserError: when there are none
        """
        letters = self.callback_ids.filtered("can_send")
        if not letters:
            raise UserError(self.env._("There are no letters to send now."))
        return letters.action_send()

    def action_view_callbacks(self):
        """Open the calls and letters of the campaign."""
        return self.env["aftersales.callback"]._get_list_action(
            [("campaign_id", "in", self.ids)]
        )

    def action_view_recipients(self):
        """Open the list of customers, told and left out ones."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_campaign_recipient_action"
        )
        return {**action, "domain": [("campaign_id", "in", self.ids)]}

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def _ensure_can_plan(self):
        self.check_access("write")
        if refused := self.filtered(lambda campaign: not campaign.can_plan):
            refused._refuse(self.env._("A supervisor plans campaigns that are drafts."))
        if without := self.filtered(lambda campaign: not campaign.product_ids):
            without._refuse(self.env._("Choose the models that it concerns."))

    def _ensure_state(self, state, way_out):
        if refused := self.filtered(lambda campaign: campaign.state != state):
            refused._refuse(way_out)

    # ------------------------------------------------------------
    # WHOM IT CONCERNS
    # ------------------------------------------------------------

    def _get_notice_day(self):
        """Return the day of the calls: so many days ahead, today at the earliest."""
        self.ensure_one()
        day = self.date - timedelta(days=self.notice_days)
        return max(day, self.company_id._aftersales_today())

    def _get_unit_domain(self):
        """Domain of the units in use that it concerns, at the places it is for."""
        self.ensure_one()
        places = self._get_place_domain()
        return (
            Domain("company_id", "=", self.company_id.id)
            & Domain("state", "=", "active")
            & Domain("product_id", "in", self.product_ids.ids)
            & Domain("partner_id", "!=", False)
            & (
                Domain("site_id", "any", places)
                | (Domain("site_id", "=", False) & Domain("partner_id", "any", places))
            )
        )

    def _look_up(self):
        """Write down each customer once, however many units he has."""
        self.ensure_one()
        counts = {}
        for partner, count in self.env["aftersales.equipment"]._read_group(
            self._get_unit_domain(), ["partner_id"], ["__count"]
        ):
            customer = partner.commercial_partner_id
            counts[customer] = counts.get(customer, 0) + count
        # Made here alone, from what the campaign says.
        recipients_sudo = self.recipient_ids.sudo()
        recipients_sudo.unlink()
        recipients_sudo.create(self._prepare_recipients(counts))

    def _prepare_recipients(self, counts):
        """Return the values of the recipients, with the reasons to leave them out.

        :param dict counts: ``{customer: number of units concerned}``
        """
        Callback = self.env["aftersales.callback"]
        customers = self.env["res.partner"].union(*counts)
        no_calls = Callback._get_opted_out(customers.mapped("phone_sanitized"))
        no_mails = Callback._get_mail_opted_out(customers.mapped("email"))
        vals_list = []
        for customer, count in counts.items():
            refusal = False
            if not customer.phone:
                refusal = "no_phone"
            elif customer.phone_sanitized in no_calls:
                refusal = "opt_out"
            email = customer.email_normalized
            has_address = customer.street or customer.city
            channel = "mail" if email else "letter" if has_address else False
            vals_list.append(
                {
                    "campaign_id": self.id,
                    "partner_id": customer.id,
                    "unit_count": count,
                    "call_refusal": refusal,
                    "letter_channel": channel,
                    "letter_refusal": "opt_out"
                    if email and email in no_mails
                    else False
                    if channel
                    else "no_address",
                }
            )
        return vals_list

    def _withdraw_open(self, reason):
        self.callback_ids.filtered(
            lambda callback: callback.state == "planned"
        )._withdraw(reason)
