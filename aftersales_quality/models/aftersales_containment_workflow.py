import logging

from psycopg2 import IntegrityError, OperationalError

from odoo import api, fields, models
from odoo.fields import Command

from odoo.addons.aftersales_service.tools.turn import take_turn

LEAD = "aftersales_quality.aftersales_quality_group_lead"
LEADERS = (LEAD, "aftersales_service.aftersales_service_group_supervisor")
# Tickets that are opened at once; what is more is opened in the background.
AT_ONCE = 200
BATCH = 100
_logger = logging.getLogger(__name__)


class AftersalesContainment(models.Model):
    """The steps: goods kept apart, units found, tickets opened, completed (R63)."""

    _inherit = "aftersales.containment"

    tickets_wanted = fields.Boolean(
        readonly=True,
        copy=False,
        help="Each unit gets its ticket, also those found later.",
    )
    can_start = fields.Boolean(compute="_compute_can")
    can_run = fields.Boolean(compute="_compute_can")
    can_close = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")

    @api.depends("state")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        leads = self.env.su or any(map(self.env.user.has_group, LEADERS))
        for record in self:
            record.can_start = leads and record.state == "draft"
            record.can_run = leads and record.state == "running"
            record.can_close = leads and record.state == "running"
            record.can_cancel = leads and record.state in ("draft", "running")

    def _ensure_bounded(self):
        """Refuse to contain everything there is.

        :raise UserError: without a lot, a range of serials or of days
        """
        unbounded = self.filtered(
            lambda record: not record._has_range()
            and (record.tracking == "none" or not record.lot_ids)
        )
        if unbounded:
            unbounded._refuse(
                self.env._(
                    "Say which goods it is about: lots, a range of serial numbers, or "
                    "the days on which they were made."
                )
            )

    # ------------------------------------------------------------
    # START
    # ------------------------------------------------------------

    def action_start(self):
        """Keep what is on stock apart, and list every unit sold and its customer.

        :raise UserError: when it is not said which goods it is about
        """
        self._ensure_can(
            "can_start", self.env._("Quality, or a supervisor, starts what is a draft.")
        )
        self._ensure_bounded()
        # Of two who start it at once, the second one reads that it runs.
        take_turn(self)
        self._by_method().write({"state": "running"})
        return self.action_update()

    def action_update(self):
        """Look again: goods that came on stock are kept apart, new units are listed.

        Run twice it changes nothing more.

        :raise UserError: when it does not run
        """
        self._ensure_can("can_run", self.env._("It is started first."))
        self._ensure_bounded()
        # Behind that rule; units and stock are nobody's to list by hand.
        self.sudo()._update()
        return True

    def _update(self):
        for record in self:
            moved = record._keep_apart()
            rows = record._look_up()
            if moved or rows:
                record.message_post(body=record._say_update(moved, rows))

    def _say_update(self, moved, rows):
        self.ensure_one()
        text = self.env._(
            "Kept apart: %(moved)s. Units added to the list: %(count)s.",
            moved=f"{round(moved, 6):g}",
            count=len(rows),
        )
        if self.reserved_for:
            reserved = self.env._("Reserved and not kept apart: %s", self.reserved_for)
            text = f"{text}\n{reserved}"
        return text

    # ------------------------------------------------------------
    # TICKETS
    # ------------------------------------------------------------

    def action_create_tickets(self):
        """Open one ticket for each unit that has none; many of them in the background.

        :raise UserError: when it does not run
        """
        self._ensure_can("can_run", self.env._("It is started first."))
        # Behind that rule; quality opens no other tickets.
        Unit = self.env["aftersales.containment.unit"].sudo()
        domain = [("containment_id", "in", self.ids), ("ticket_id", "=", False)]
        todo = Unit.search(domain, limit=AT_ONCE, order="id")
        todo._create_tickets()
        self._by_method().write({"tickets_wanted": True})
        cron = self.env.ref(
            "aftersales_quality.ir_cron_aftersales_containment",
            raise_if_not_found=False,
        )
        if cron and Unit.search_count(domain, limit=1):
            cron.sudo()._trigger()  # no more than the button does
        return True

    @api.model
    def _cron_follow(self):
        """List units found since, keep new goods apart, open the tickets still missing.

        Safe when it is killed between two batches, run twice or by two at once: each
        unit is listed once, and each row gets one ticket, under its lock.
        """
        Cron = self.env["ir.cron"]
        running = self.search([("state", "=", "running")], order="id")
        left = Cron._commit_progress(remaining=len(running))
        for record in running:
            if not left:
                return
            try:
                self._follow_one(record)
            except (OperationalError, IntegrityError):
                # Another process is at it.
                self.env.cr.rollback()
            except Exception:
                # The others go on all the same.
                self.env.cr.rollback()
                _logger.exception("Containment %s could not be followed", record.id)
            left = Cron._commit_progress(1)

    @api.model
    def _follow_one(self, record):
        Cron = self.env["ir.cron"]
        record = record.with_company(record.company_id)
        record._update()
        if not record.tickets_wanted:
            return
        Unit = self.env["aftersales.containment.unit"].with_company(record.company_id)
        domain = [("containment_id", "=", record.id), ("ticket_id", "=", False)]
        while Cron._commit_progress():
            todo = Unit.search(domain, limit=BATCH, order="id")
            if not todo._create_tickets():
                return

    # ------------------------------------------------------------
    # CAMPAIGN
    # ------------------------------------------------------------

    def action_create_campaign(self):
        """Tell the customers by a campaign: calls ahead, and a letter after each.

        :raise UserError: when it does not run, or nobody is concerned
        """
        self.ensure_one()
        self._ensure_can("can_run", self.env._("It is started first."))
        if not self.campaign_id:
            if not self.unit_count:
                self._refuse(self.env._("No unit of these goods was found so far."))
            # Behind that rule; supervisors plan the calls of the campaign.
            Campaign = self.env["aftersales.campaign"].sudo()
            self.sudo()._by_method().campaign_id = Campaign.create(  # see above
                self.sudo()._prepare_campaign()  # see above
            )
        return self.action_view_campaign()

    def _prepare_campaign(self):
        """Return the values of the campaign for the customers of these units."""
        return {
            "name": self.title,
            "company_id": self.company_id.id,
            "date": self.date,
            "text": self.notice or self.description,
            "team_id": self.team_id.id,
            "product_ids": [Command.set(self.unit_ids.product_id.ids)],
            "containment_id": self.id,
        }

    # ------------------------------------------------------------
    # END
    # ------------------------------------------------------------

    def action_close(self):
        """Complete it: each unit was served.

        :raise UserError: naming how many units are not
        """
        self._ensure_can("can_close", self.env._("Only what runs is completed."))
        Unit = self.env["aftersales.containment.unit"]
        for record in self:
            left = Unit.search_count(
                [
                    ("containment_id", "=", record.id),
                    ("ticket_state", "not in", ("solved", "closed", "cancelled")),
                ]
            )
            if left:
                record._refuse(
                    self.env._(
                        "%s units are not served yet: solve or cancel their tickets, or "
                        "cancel the containment.",
                        left,
                    )
                )
        return self._by_method().write({"state": "done"})

    def action_cancel(self):
        """Cancel it; what is kept apart stays there until it is released.

        :raise UserError: when it is over
        """
        self._ensure_can(
            "can_cancel", self.env._("Only what is not over is cancelled.")
        )
        return self._by_method().write({"state": "cancelled"})

    def action_release(self):
        """Bring what is kept apart back to stock: the quality lead found it good.

        :raise UserError: for anybody else
        """
        self.check_access("write")
        if not (self.env.su or self.env.user.has_group(LEAD)):
            self._refuse(
                self.env._("Only the quality lead releases goods that are kept apart.")
            )
        if running := self.filtered(lambda record: record.state == "running"):
            running._refuse(
                self.env._("It runs: what is released would be kept apart again.")
            )
        for record in self:
            # Behind that rule; the transfer is nobody's to make by hand.
            moved = record.sudo()._release()
            record._message_log(
                body=self.env._("Released to stock: %s", f"{round(moved, 6):g}")
            )
        return True

    # ------------------------------------------------------------
    # SCREENS
    # ------------------------------------------------------------

    def action_view_units(self):
        """Open the list of units."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_containment_unit_action"
        )
        return action | {"domain": [("containment_id", "in", self.ids)]}

    def action_view_tickets(self):
        """Open the tickets."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_ticket_action"
        )
        return action | {
            "domain": [("containment_unit_ids.containment_id", "in", self.ids)],
            "context": {"create": False},
        }

    def action_view_campaign(self):
        """Open the campaign that tells the customers."""
        return self.campaign_id.get_formview_action()
