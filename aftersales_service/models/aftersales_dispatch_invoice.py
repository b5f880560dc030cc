from odoo import api, fields, models
from odoo.fields import Domain

BATCH_SIZE = 50


class AftersalesDispatch(models.Model):
    """What finished visits leave to invoice, drafted the same day (R26).

    Posting stays with accounting. What is covered by warranty or contract has no
    invoice.
    """

    _inherit = "aftersales.dispatch"

    invoice_settled = fields.Boolean(
        readonly=True,
        copy=False,
        help="Nothing is left to draft: invoiced, or nothing to invoice.",
    )
    invoice_obstacle = fields.Char(
        string="Not Invoiced Because", readonly=True, copy=False
    )
    invoice_open = fields.Boolean(
        string="Done, Not Invoiced",
        compute="_compute_invoice_open",
        search="_search_invoice_open",
        help="The visit is done, and the customer agreed to work that no invoice names.",
    )
    invoice_text = fields.Char(
        string="Invoices",
        compute="_compute_invoice_text",
        help="Invoices of the ticket's work, and whether they are posted.",
    )

    _unsettled_idx = models.Index(
        "(company_id, id) WHERE state = 'done' AND invoice_settled IS NOT TRUE"
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    def _compute_invoice_open(self):
        found = self.search(Domain("id", "in", self.ids) & self._get_uninvoiced())
        for dispatch in self:
            dispatch.invoice_open = dispatch in found

    @api.model
    def _search_invoice_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_uninvoiced()

    @api.model
    def _get_uninvoiced(self):
        """Domain of done visits of tickets with work to invoice."""
        # Which ticket has work to invoice tells nothing of the orders.
        tickets_sudo = self.env["aftersales.ticket"].sudo()
        tickets = tickets_sudo._search(
            Domain(
                "sale_ids",
                "any",
                Domain("aftersales_payer", "!=", "third_party")
                & Domain("state", "=", "sale")
                & Domain("amount_total", ">", 0)
                & Domain("invoice_status", "=", "to invoice"),
            )
        )
        return Domain("state", "=", "done") & Domain("ticket_id", "in", tickets)

    def _compute_invoice_text(self):
        # Whether there is an invoice is no secret, what it says is.
        orders_sudo = self.ticket_id._get_customer_orders()
        Move = self.env["account.move"]
        states = dict(Move._fields["state"]._description_selection(self.env))
        texts = {}
        for order in orders_sudo:
            texts.setdefault(order.aftersales_ticket_id.id, []).extend(
                f"{move.name} ({states[move.state]})"
                if move.state == "posted"
                else move.display_name
                for move in order.invoice_ids
                if move.state != "cancel"
            )
        for dispatch in self:
            dispatch.invoice_text = ", ".join(texts.get(dispatch.ticket_id.id, ()))

    # ------------------------------------------------------------
    # SAME DAY
    # ------------------------------------------------------------

    def _after_finish(self):
        """Let the invoices be drafted at once, without keeping the technician."""
        result = super()._after_finish()
        cron = self.env.ref(
            "aftersales_service.ir_cron_aftersales_invoice", raise_if_not_found=False
        )
        if cron:
            # Who finishes a visit starts the job, no more.
            cron.sudo()._trigger()
        return result

    @api.model
    def _get_unsettled_domain(self):
        return Domain("state", "=", "done") & Domain("invoice_settled", "=", False)

    @api.model
    def _cron_invoice(self):
        """Draft the invoices of finished visits, in batches.

        Each visit is locked, handled and committed with its mark: safe in two
        processes, when killed, and when run twice.
        """
        Cron = self.env["ir.cron"]
        domain = self._get_unsettled_domain()
        seconds = Cron._commit_progress(remaining=self.search_count(domain))
        last = 0
        while seconds:
            batch = self.search(
                domain & Domain("id", ">", last), limit=BATCH_SIZE, order="id"
            )
            if not batch:
                break
            last = batch[-1].id
            batch = batch.try_lock_for_update(allow_referencing=True)
            batch._draft_invoices()
            seconds = Cron._commit_progress(len(batch))
        if seconds:
            Cron._commit_progress(remaining=0)

    def _draft_invoices(self):
        """Draft the invoices of these visits, or note why it cannot be.

        Left for later is what still waits: planned work on the same order, and items
        in our workshop, invoiced on the day of hand-back.
        """
        # The job runs as the system; all orders of the tickets are settled alike.
        orders_sudo = self.sudo().ticket_id._get_customer_orders()
        due_sudo = orders_sudo.filtered(
            lambda order: order.state == "sale"
            and order.invoice_status == "to invoice"
            and not order.currency_id.is_zero(order.amount_total)
        )
        ready_sudo = due_sudo.filtered(lambda order: order._aftersales_is_settled())
        obstacles = ready_sudo._aftersales_draft_invoices()
        waiting = (due_sudo - ready_sudo).aftersales_ticket_id
        failed = {
            order.aftersales_ticket_id.id: text for order, text in obstacles.items()
        }
        by_outcome = self.grouped(
            lambda dispatch: (
                dispatch.ticket_id.id not in failed
                and dispatch.ticket_id.id not in waiting.ids,
                failed.get(dispatch.ticket_id.id, False),
            )
        )
        for (settled, obstacle), visits in by_outcome.items():
            visits._by_method().write(
                {"invoice_settled": settled, "invoice_obstacle": obstacle}
            )
