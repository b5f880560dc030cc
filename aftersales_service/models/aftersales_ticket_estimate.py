from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import NO_ACCESS, Command, Domain

from .aftersales_ticket import OPEN_STATES


class AftersalesTicket(models.Model):
    """From the ticket's lines to an estimate, and back with the answer (R26, R27)."""

    _inherit = "aftersales.ticket"

    # Who serves tickets need not see sales: the links are read by our methods.
    sale_ids = fields.One2many(
        comodel_name="sale.order",
        inverse_name="aftersales_ticket_id",
        string="Orders of the Ticket",
        groups=NO_ACCESS,
    )
    order_ids = fields.Many2many(
        comodel_name="sale.order",
        string="Estimates",
        compute="_compute_order_ids",
        compute_sudo=True,
        search="_search_order_ids",
        help="Estimates for the customer and bills for third parties.",
    )
    order_id = fields.Many2one(
        comodel_name="sale.order",
        string="Estimate",
        compute="_compute_order_id",
        store=True,
        index="btree_not_null",
        copy=False,
        help="The latest estimate that the customer still has to answer, else the "
        "latest he agreed to.",
    )
    estimate_ids = fields.One2many(
        comodel_name="aftersales.estimate",
        inverse_name="ticket_id",
        string="Estimates and Bills",
        readonly=True,
    )
    estimate_count = fields.Integer(
        string="Number of Estimates", compute="_compute_order_ids", compute_sudo=True
    )
    can_estimate = fields.Boolean(compute="_compute_can_estimate")
    needs_consent = fields.Boolean(
        compute="_compute_needs_consent",
        compute_sudo=True,
        help="The customer has not agreed yet to work that he pays for.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("sale_ids")
    def _compute_order_ids(self):
        for ticket in self:
            ticket.order_ids = ticket.sale_ids
            ticket.estimate_count = len(ticket.sale_ids)

    @api.model
    def _search_order_ids(self, operator, value):
        # Searching tickets by their estimates tells nothing about the estimates.
        found = self.sudo()._search(Domain("sale_ids", operator, value))
        return Domain("id", "in", found)

    @api.depends("sale_ids.state", "sale_ids.aftersales_payer")
    def _compute_order_id(self):
        for ticket in self:
            estimates = ticket.sale_ids._aftersales_estimates().sorted("id")
            live = estimates.filtered(lambda order: order.state != "cancel")
            unanswered = live.filtered(lambda order: order.state in ("draft", "sent"))
            ticket.order_id = (unanswered or live)[-1:]

    @api.depends("state", "to_verify", "line_ids.state", "line_ids.estimate_state")
    @api.depends_context("uid", "su")
    def _compute_can_estimate(self):
        for ticket in self:
            ticket.can_estimate = (
                ticket._is_desk()
                and ticket.state in OPEN_STATES
                and not ticket.to_verify
                and bool(ticket._get_unestimated_lines())
            )

    @api.depends("line_ids.state", "line_ids.estimate_state", "line_ids.share_customer")
    def _compute_needs_consent(self):
        for ticket in self:
            ticket.needs_consent = any(
                line.state != "unused"
                and line.share_customer
                and line.amount_list
                and line.estimate_state not in ("agreed", "invoiced")
                for line in ticket.line_ids
            )

    def _is_desk(self):
        return self.env.su or self.env.user.has_group(
            "aftersales_service.aftersales_service_group_agent"
        )

    def _get_unestimated_lines(self):
        """Return the lines of work that are on no live estimate."""
        return self.line_ids.filtered(
            lambda line: line.state != "unused" and not line.estimate_state
        )

    # ------------------------------------------------------------
    # ESTIMATE
    # ------------------------------------------------------------

    def action_estimate(self):
        """Make an estimate of the work that the customer has not been asked about.

        Extra work found later becomes an estimate of its own (R27).

        :return: action that shows the estimate to whoever may see orders, else True
        :raise UserError: without such lines, a customer or products to invoice
        """
        self._ensure_can_estimate()
        made = [ticket._make_estimate().id for ticket in self]
        # Shown only to who may see it.
        orders = self.env["sale.order"].browse(made)
        if len(orders) == 1 and orders.has_access("read"):
            return {
                "type": "ir.actions.act_window",
                "res_model": "sale.order",
                "res_id": orders.id,
                "views": [[False, "form"]],
            }
        return True

    def _ensure_can_estimate(self):
        self._ensure_can(
            "can_estimate",
            self.env._(
                "The desk estimates lines of open tickets that are on no other "
                "estimate: note the work and parts first."
            ),
        )
        for ticket in self:
            if not ticket.partner_id:
                ticket._refuse(self.env._("Say who the customer is."))
            bare = ticket._get_unestimated_lines().filtered(
                lambda line: not line.product_id
            )
            if bare:
                ticket._refuse(
                    self.env._(
                        "Choose the product that these lines are invoiced as: %s",
                        ", ".join(bare.mapped("display_name")),
                    )
                )

    def _make_estimate(self):
        """Create the estimate of one ticket and return it as superuser."""
        self.ensure_one()
        lines = self._get_unestimated_lines()
        # An estimate refused a moment ago gives its lines free.
        self.env["sale.order.line"].flush_model(["state"])
        # The desk has no rights on sales: it offers the lines of its ticket, no more.
        Order = self.env["sale.order"].sudo().with_company(self.company_id)
        order_sudo = Order._by_method().create(self._prepare_estimate_vals(lines))
        self._message_log(
            body=self.env._(
                "Estimate %(order)s: the customer pays %(amount)s before tax",
                order=order_sudo.name,
                amount=order_sudo.currency_id.format(order_sudo.amount_untaxed),
            )
        )
        self.invalidate_recordset(["estimate_ids"])
        return order_sudo

    def _prepare_estimate_vals(self, lines):
        """Return the values of the estimate that offers these lines (hook).

        :param lines: lines of this ticket
        """
        self.ensure_one()
        terms = self._get_estimate_terms()
        vals_list = [line._prepare_estimate_line_vals(**terms) for line in lines]
        vals_list += self._prepare_finding_vals_list(terms["lang"])
        return {
            "partner_id": self.partner_id.id,
            "partner_shipping_id": (self.site_id or self.partner_id).id,
            "company_id": self.company_id.id,
            "pricelist_id": self._get_pricelist().id,
            "fiscal_position_id": terms["fiscal_position"].id,
            "origin": self.name,
            "aftersales_ticket_id": self.id,
            "aftersales_payer": "customer",
            "order_line": [Command.create(vals) for vals in vals_list],
        }

    def _get_estimate_terms(self):
        """Return currency, fiscal position and language of the customer's estimate."""
        self.ensure_one()
        # Taxes follow the customer's address, which the desk need not see.
        partner_sudo = self.partner_id.sudo().with_company(self.company_id)
        position = partner_sudo.env["account.fiscal.position"]._get_fiscal_position(
            partner_sudo, (self.site_id or self.partner_id).with_env(partner_sudo.env)
        )
        currency = self._get_pricelist().currency_id or self.company_id.currency_id
        return {
            "currency": currency,
            "fiscal_position": position,
            "lang": partner_sudo.lang or self.env.lang,
        }

    def _prepare_finding_vals_list(self, lang):
        """Return the note that shows the customer why we refuse, in a list (E11)."""
        self.ensure_one()
        if not (self.exclusion_id and self.finding):
            return []
        return [
            {
                "display_type": "line_note",
                "name": self.with_context(lang=lang).env._(
                    "What we found: %s", self.finding
                ),
                "sequence": 9999,
                "aftersales_is_finding": True,
            }
        ]

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"finding", "exclusion_id"}:
            self._get_open_estimates()._aftersales_update_finding()
        return result

    def _get_open_estimates(self):
        """Return, as superuser, the estimates that nobody has answered yet."""
        # The links are nobody's to read.
        orders_sudo = self.sudo().sale_ids._aftersales_estimates()
        return orders_sudo.filtered(
            lambda order: order.state in ("draft", "sent") and not order.signed_on
        )._by_method()

    def _drop_planned_lines(self):
        result = super()._drop_planned_lines()
        self.line_ids._update_estimates()
        # An estimate that offers nothing any more is not left for an answer.
        empty_sudo = self._get_open_estimates().filtered(
            lambda order: not order.order_line.aftersales_ticket_line_id
        )
        if empty_sudo:
            empty_sudo._action_cancel()
        return result

    # ------------------------------------------------------------
    # ANSWER
    # ------------------------------------------------------------

    def action_note_consent(self, by, note):
        """Note that the customer agreed by word of mouth to the open estimate (R27).

        :param str by: who agreed
        :param str note: when and how, e.g. the number called
        :raise UserError: without an open estimate, or as the estimate's own method
        """
        for ticket in self:
            ticket._get_estimate_to_answer().action_note_consent(by, note)
        return True

    def action_note_refusal(self, by, note):
        """Note that the customer refused the open estimate by word of mouth.

        :param str by: who refused
        :param str note: his words
        :raise UserError: without an open estimate, or as the estimate's own method
        """
        for ticket in self:
            ticket._get_estimate_to_answer().action_note_refusal(by, note)
        return True

    def _get_estimate_to_answer(self):
        self.ensure_one()
        self.check_access("write")
        orders_sudo = self._get_open_estimates()
        if not orders_sudo:
            self._refuse(self.env._("No estimate waits for an answer; make one first."))
        return self.env["aftersales.estimate"].browse(orders_sudo.sorted("id")[-1].id)

    def _await_answer(self):
        """The estimate is with the customer: nothing happens until he answers."""
        for ticket in self.filtered("can_wait"):
            ticket.action_wait("customer")

    def _take_consent(self, order):
        """The customer agreed: work goes on."""
        who = order.signed_by or order.aftersales_consent_by
        ticket = self._in_staff_lang()
        ticket._message_log(
            body=ticket.env._(
                "%(customer)s agreed to estimate %(order)s",
                customer=who or order.partner_id.display_name,
                order=order.name,
            )
        )
        self._stop_awaiting()

    def _take_refusal(self, order, words):
        """The customer refused: his words go to whoever answers for the ticket."""
        if self.state not in OPEN_STATES:
            return
        self._stop_awaiting()
        ticket = self._in_staff_lang()
        summary = ticket.env._("Estimate %s was refused", order.name)
        ticket._message_log(body=f"{summary}: {words}" if words else summary)
        responsible = self.user_id or self.team_id.supervisor_id
        if responsible:
            ticket.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=summary,
                note=words,
                user_id=responsible.id,
            )

    def _in_staff_lang(self):
        """Return the ticket in the language of who reads its story.

        The step may have been the customer's, in his own language.
        """
        self.ensure_one()
        reader = self.user_id or self.team_id.supervisor_id
        lang = reader.lang or self.company_id.partner_id.lang or self.env.lang
        return self.with_context(lang=lang)

    def _stop_awaiting(self):
        if self.state == "waiting" and self.waiting_reason == "customer":
            self.action_resume()

    # ------------------------------------------------------------
    # SCREENS
    # ------------------------------------------------------------

    def action_view_estimates(self):
        """Open the orders of these tickets, for users who may see orders.

        :raise UserError: when there is none
        """
        orders = self.order_ids
        if not orders:
            raise UserError(self.env._("There is no estimate yet."))
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Estimates"),
            "res_model": "sale.order",
        }
        if len(orders) == 1:
            return {**action, "res_id": orders.id, "views": [[False, "form"]]}
        return {
            **action,
            "views": [[False, "list"], [False, "form"]],
            "domain": [("id", "in", orders.ids)],
        }
