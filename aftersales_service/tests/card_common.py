from datetime import timedelta

from freezegun import freeze_time

from odoo import fields

from .clock_common import local
from .dispatch_common import DispatchCommon

# A Tuesday, nine in the morning in Shanghai.
TODAY = local("2026-06-02 09:00")
GOOD = {"attitude": 4, "skill": 3, "arrival": 4, "promise": 3}


class CardCommon(DispatchCommon):
    """Visits that are done, and the evaluation cards of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.supervisor_id = cls.supervisor
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})

    def _running(self, technician=None, start=None, **values):
        """Return a visit whose technician is on site."""
        visit = self._dispatch(
            technician,
            start=start or fields.Datetime.now(),
            hours=1.0,
            ticket=self._visit_ticket(**values),
        )
        visit.action_assign()
        visit.action_arrive()
        return visit

    def _done(self, *args, **kwargs):
        """Return a finished visit, as the desk sees it."""
        visit = self._running(*args, **kwargs)
        visit.action_finish()
        return visit

    def _done_before(self, count, **values):
        """Return visits finished long ago, without cards."""
        now = fields.Datetime.now()
        ticket = self._visit_ticket(**values)
        visits = self.env["aftersales.dispatch"].create(
            [
                {
                    "ticket_id": ticket.id,
                    "technician_id": self.chen.id,
                    "date_start": now,
                    "date_end": now + timedelta(hours=1),
                }
                for _number in range(count)
            ]
        )
        visits._step(
            {
                "state": "done",
                "assign_date": now,
                "arrive_date": now,
                "finish_date": now,
            }
        )
        return visits

    def _card(self, visit):
        cards = visit.sudo().card_ids
        # Read together, as a search would.
        return cards.browse(cards.ids)

    def _run(self, moment):
        """Run the job as the server would, with its commits."""
        cron = self.env.ref("aftersales_service.ir_cron_aftersales_card")
        with freeze_time(moment), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def _mails(self, partner=None):
        return self.env["mail.mail"].search(
            [("recipient_ids", "in", (partner or self.farmer).ids)], order="id"
        )
