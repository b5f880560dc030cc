import logging
from datetime import datetime, time, timedelta

import pytz
from psycopg2 import Error, OperationalError

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# Moves handled between two commits: some seconds of work, after which a pause is
# obeyed and a killed server has lost nothing but this batch.
BATCH_SIZE = 200


class AftersalesBackfill(models.Model):
    """Which past transfers are looked at, and the work itself."""

    _inherit = "aftersales.backfill"

    # ------------------------------------------------------------
    # WHICH TRANSFERS
    # ------------------------------------------------------------

    def _get_tz(self):
        user = self.user_id or self.env.user
        return pytz.timezone(self.company_id.partner_id.tz or user.tz or "UTC")

    def _get_moment(self, day):
        """Return the UTC moment at which a day begins where the company works."""
        local = self._get_tz().localize(datetime.combine(day, time.min))
        return local.astimezone(pytz.UTC).replace(tzinfo=None)

    def _get_move_domain(self):
        """Domain of the done moves of the products and the period asked for."""
        self.ensure_one()
        domain = (
            Domain("state", "=", "done")
            & Domain("company_id", "=", self.company_id.id)
            & Domain("product_id.aftersales_voucher", "!=", "none")
        )
        if self.date_from:
            domain &= Domain("date", ">=", self._get_moment(self.date_from))
        if self.date_to:
            after = self._get_moment(self.date_to + timedelta(days=1))
            domain &= Domain("date", "<", after)
        products = Domain.FALSE
        if self.product_ids:
            products |= Domain("product_id", "in", self.product_ids._origin.ids)
        if self.categ_ids:
            products |= Domain(
                "product_id.categ_id", "child_of", self.categ_ids._origin.ids
            )
        return domain if products.is_false() else domain & products

    @api.model
    def _get_delivery_domain(self):
        return Domain("location_dest_id.usage", "=", "customer") & Domain(
            "location_id.usage", "!=", "customer"
        )

    @api.model
    def _get_return_domain(self):
        return (
            Domain("to_refund", "=", True)
            & Domain("location_id.usage", "=", "customer")
            & Domain("location_dest_id.usage", "!=", "customer")
        )

    @api.model
    def _get_concerned_domain(self):
        return self._get_delivery_domain() | self._get_return_domain()

    def _get_waiting_domain(self):
        """Domain of the deliveries that have no voucher yet; no hand-backs."""
        Equipment = self.env["aftersales.equipment"].with_context(active_test=False)
        known = Equipment._search([("move_id", "!=", False)])
        return (
            self._get_move_domain()
            & self._get_delivery_domain()
            & Domain("origin_returned_move_id", "=", False)
            & Domain("id", "not in", known.subselect("move_id"))
        )

    def _get_next_moves(self):
        """Return the next batch after the last one, oldest first."""
        domain = self._get_move_domain() & self._get_concerned_domain()
        last = self.env["aftersales.backfill.batch"].search(
            [("backfill_id", "=", self.id), ("cursor_id", "!=", 0)],
            order="id desc",
            limit=1,
        )
        Move = self.env["stock.move"]
        query = Move._search(domain, order="date, id", limit=BATCH_SIZE)
        if last:
            # A domain compares whole seconds, which imported transfers need not have.
            query.add_where(
                SQL(
                    "(%s, %s) > (%s, %s)",
                    SQL.identifier(query.table, "date"),
                    SQL.identifier(query.table, "id"),
                    last.cursor_date,
                    last.cursor_id,
                )
            )
        return Move.browse(query)

    # ------------------------------------------------------------
    # WORK
    # ------------------------------------------------------------

    @api.model
    def _trigger(self):
        cron = self.env.ref("aftersales_service.ir_cron_aftersales_backfill")
        cron.sudo()._trigger()  # only wakes our own job

    @api.model
    def _cron_run(self):
        """Work off what runs, batch by batch, each one committed.

        Safe in two processes at once (the record is locked during a batch), when
        killed between two batches, and when run twice.
        """
        for backfill in self.search([("state", "=", "running")], order="id"):
            if not backfill._run():
                # Out of time: the job is called again for the rest.
                return

    def _run(self):
        """Work off batches until done, paused or out of time.

        :return: seconds left for this call, 0 when out of time
        """
        self.ensure_one()
        Cron = self.env["ir.cron"]
        # The lock comes first in its transaction, so that the state read after it
        # is the one that was last committed.
        seconds = Cron._commit_progress(remaining=1)
        while seconds:
            locked = self.try_lock_for_update(allow_referencing=True)
            locked.invalidate_recordset()
            if not locked or locked.state != "running":
                # Another process is at it, or somebody paused it.
                return Cron._commit_progress(remaining=0)
            moves = self._get_next_moves()
            if moves:
                self._handle(moves, last=moves[-1])
                left = max(self.total_count - self.done_count, 1)
                seconds = Cron._commit_progress(len(moves), remaining=left)
            else:
                self._by_method().write({"state": "done"})
                return Cron._commit_progress(remaining=0)
        return seconds

    def _handle(self, moves, last):
        """Replay moves and note what came of it.

        :param moves: done moves, oldest first
        :param last: the move after which the next batch begins, None to leave it
        """
        # Neither managers nor the job itself own transfers and orders; what is
        # written follows the done moves of this company alone.
        Equipment = self.env["aftersales.equipment"].with_user(self.user_id).sudo()
        Equipment = Equipment.with_company(self.company_id).with_context(
            lang=self.user_id.lang, tz=self._get_tz().zone
        )
        figures, errors = self._replay(Equipment, moves)
        # Managers only read what the job writes down.
        self.env["aftersales.backfill.error"].sudo().create(errors)
        self.env["aftersales.backfill.batch"].sudo().create(
            {
                "backfill_id": self.id,
                "move_count": len(moves) if last else 0,
                "cursor_date": last and last.date,
                "cursor_id": last and last.id,
                "error_count": len(errors),
                **figures,
            }
        )
        self.invalidate_recordset()

    def _replay(self, Equipment, moves):
        """Replay moves together, or one by one when one of them cannot be.

        :return: figures, values of the problems
        """
        try:
            return self._try_replay(Equipment, moves), []
        except OperationalError:
            # The database itself gave up (lock, shutdown): nothing wrong here.
            raise
        except Exception as error:
            _logger.info("Past deliveries, one by one after: %s", error)
        figures, errors = {"unit_count": 0, "returned_count": 0}, []
        for move in moves:
            try:
                for key, value in self._try_replay(Equipment, move).items():
                    figures[key] += value
            except OperationalError:
                raise
            except Exception as error:
                errors.append(self._prepare_error_vals(move, error))
        return figures, errors

    def _try_replay(self, Equipment, moves):
        with self.env.cr.savepoint():
            made, returned = Equipment._replay(
                Equipment.env["stock.move"].browse(moves.ids)
            )
            return {"unit_count": len(made), "returned_count": len(returned)}

    def _prepare_error_vals(self, move, error):
        if isinstance(error, UserError):
            message = str(error)
        elif isinstance(error, Error):
            message = self._sql_error_to_message(error)
        else:
            _logger.warning("No voucher for move %s", move.id, exc_info=error)
            message = self.env._("Unexpected: %s", error)
        return {"backfill_id": self.id, "move_id": move.id, "message": message}
