from markupsafe import Markup

from odoo import api, fields, models

from .aftersales_dispatch import BOOKED_STATES


class AftersalesDispatch(models.Model):
    """The crew hears of its visits: given, moved, taken away (R22, R24)."""

    _inherit = "aftersales.dispatch"

    told_user_ids = fields.Many2many(
        comodel_name="res.users",
        relation="aftersales_dispatch_told_user_rel",
        string="Crew That Was Told",
        readonly=True,
        copy=False,
    )
    told_start = fields.Datetime(
        string="Time the Crew Was Told", readonly=True, copy=False
    )
    call_text = fields.Char(
        string="Tell by Phone",
        compute="_compute_call_text",
        help="Who of the crew has no user and is told by the dispatcher.",
    )

    @api.depends("technician_id", "crew_ids", "state")
    def _compute_call_text(self):
        # Names and phones of those whom the dispatcher calls.
        for dispatch in self.sudo():
            people = dispatch._get_people().filtered(lambda person: not person.user_id)
            given = dispatch.state in ("assigned", "accepted")
            dispatch.call_text = given and ", ".join(
                " ".join(filter(None, (person.name, person.work_phone)))
                for person in people
            )

    def _after_assignment(self):
        result = super()._after_assignment()
        self._drop_hand_backs()
        self._tell_crew()
        return result

    def _after_reschedule(self):
        result = super()._after_reschedule()
        self._tell_crew()
        return result

    def _end(self, state, reason, way_out):
        result = super()._end(state, reason, way_out)
        self._drop_hand_backs()
        self._tell_crew()
        return result

    def _tell_crew(self):
        """Tell who goes, and who does not go any more; each in his own language."""
        # Who is told, and in which language: nothing else of colleagues is read.
        for visit in self.sudo():
            booked = visit.state in BOOKED_STATES
            now_users = visit.user_ids if booked else visit.user_ids.browse()
            told = visit.told_user_ids
            moved = visit.told_start and visit.told_start != visit.date_start
            for user in told - now_users:
                visit._tell(user, "gone")
            for user in now_users - told:
                visit._tell(user, "given")
            for user in (now_users & told) if moved else ():
                visit._tell(user, "moved")
            start = visit.date_start if booked else False
            if now_users != told or visit.told_start != start:
                visit._step(
                    {
                        "told_user_ids": [fields.Command.set(now_users.ids)],
                        "told_start": start,
                    }
                )

    def _tell(self, user, what):
        """Tell one of the crew; nobody is told what he did himself."""
        self.ensure_one()
        if user == self.env.user or not user.active:
            return
        visit = self.with_context(lang=user.lang or self.env.lang, tz=user.tz)
        when = visit.date_start and visit._get_local_text(visit.date_start)
        subject = {
            "given": visit.env._("New job: %s", visit.display_name),
            "moved": visit.env._("Moved: %s", visit.display_name),
            "gone": visit.env._("No longer your job: %s", visit.display_name),
        }[what]
        lines = [subject]
        if what != "gone":
            lines += [when, visit.customer_label, visit.site_id.display_name]
        elif visit.end_reason:
            lines.append(visit.end_reason)
        visit.message_notify(
            partner_ids=user.partner_id.ids,
            subject=subject,
            body=Markup("<br/>").join(line for line in lines if line),
            email_layout_xmlid="mail.mail_notification_light",
            force_send=False,
        )
