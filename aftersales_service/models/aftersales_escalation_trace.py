from collections import defaultdict

from markupsafe import Markup

from odoo import fields, models
from odoo.fields import Command
from odoo.tools import format_datetime


class AftersalesEscalationTrace(models.Model):
    """Who was told of a ticket when, by which step, for which deadline (R09)."""

    _name = "aftersales.escalation.trace"
    _description = "Escalation Trace"
    _order = "date DESC, id DESC"
    _rec_name = "step_id"

    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    step_id = fields.Many2one(
        comodel_name="aftersales.escalation",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    round = fields.Integer(
        readonly=True,
        required=True,
        default=0,
        help="How often the ticket had been reopened: a reopened ticket takes its "
        "steps anew.",
    )
    date = fields.Datetime(string="Told on", required=True, readonly=True)
    clock = fields.Selection(
        selection=lambda self: self.env["aftersales.escalation"]
        ._fields["clock"]
        ._description_selection(self.env),
        required=True,
        readonly=True,
    )
    moment = fields.Selection(
        selection=lambda self: self.env["aftersales.escalation"]
        ._fields["moment"]
        ._description_selection(self.env),
        readonly=True,
    )
    deadline = fields.Datetime(
        readonly=True, help="The moment of the clock that the step counted from."
    )
    user_ids = fields.Many2many(
        comodel_name="res.users",
        relation="aftersales_escalation_trace_res_users_rel",
        string="Told",
        readonly=True,
    )
    outcome = fields.Selection(
        selection=[
            ("told", "Told"),
            ("no_responsible", "Nobody: no responsible and no supervisor"),
            ("no_supervisor", "Nobody: the team has no supervisor"),
            ("no_manager", "Nobody: the ones told before have no manager here"),
            ("no_predecessor", "Nobody: no step before has told anybody"),
            ("no_user", "Nobody: the users are archived or not of this company"),
            ("no_address", "Nobody: the users have no mail address"),
        ],
        required=True,
        readonly=True,
        index=True,
    )
    activity_ids = fields.Many2many(
        comodel_name="mail.activity",
        relation="aftersales_escalation_trace_mail_activity_rel",
        string="To-dos",
        readonly=True,
    )
    company_id = fields.Many2one(
        related="ticket_id.company_id", store=True, precompute=True, index=True
    )
    team_id = fields.Many2one(
        related="ticket_id.team_id", store=True, precompute=True, string="Team"
    )
    partner_id = fields.Many2one(related="ticket_id.partner_id", string="Customer")

    _once = models.UniqueIndex(
        "(ticket_id, step_id, round)", "Each step is taken once per ticket."
    )

    # ------------------------------------------------------------
    # TELLING
    # ------------------------------------------------------------

    def _tell(self):
        """Tell the users of these traces: a to-do for each, one mail for all.

        Mails are queued; to-dos are made without the mail that Odoo sends with them,
        so that nobody gets two.
        """
        per_user = defaultdict(self.browse)
        for trace in self:
            for user in trace.user_ids:
                per_user[user] |= trace
        self._plan_activities(per_user)
        self._queue_mails(per_user)

    def _plan_activities(self, per_user):
        kind = self.env.ref(
            "aftersales_service.mail_activity_type_aftersales_escalation",
            raise_if_not_found=False,
        ) or self.env.ref("mail.mail_activity_data_todo")
        model_id = self.env["ir.model"]._get_id("aftersales.ticket")
        planned, vals_list = [], []
        for user, told in per_user.items():
            told = told.filtered(lambda trace: trace.step_id.by_activity)
            # Steps that fell due together are one thing to do.
            for ticket, traces in told.grouped("ticket_id").items():
                words = traces._in_words_of(user)
                planned.append(traces)
                vals_list.append(
                    {
                        "activity_type_id": kind.id,
                        "res_model_id": model_id,
                        "res_id": ticket.id,
                        "user_id": user.id,
                        "date_deadline": ticket.company_id._aftersales_today(),
                        "summary": words[-1:].step_id.name,
                        "note": Markup().join(trace._explain() for trace in words),
                    }
                )
        activities = self.env["mail.activity"].with_context(
            mail_activity_quick_update=True
        )
        made = defaultdict(list)
        for traces, activity in zip(planned, activities.create(vals_list), strict=True):
            for trace in traces:
                made[trace].append(activity.id)
        for trace, ids in made.items():
            trace.activity_ids = [Command.set(ids)]

    def _queue_mails(self, per_user):
        """Queue one mail for each user, however many tickets it is about."""
        vals_list = []
        for user, traces in per_user.items():
            traces = traces.filtered(lambda trace: trace.step_id.by_mail)
            if not (traces and user.email):
                continue
            words = traces._in_words_of(user)
            company = traces.company_id[:1]
            vals_list.append(
                {
                    "subject": words._get_subject(),
                    "body_html": words._get_mail_body(),
                    "recipient_ids": [Command.link(user.partner_id.id)],
                    "email_from": company.email_formatted
                    or self.env.user.email_formatted,
                    "author_id": company.partner_id.id,
                    "auto_delete": True,
                }
            )
            if not all(trace.step_id.by_activity for trace in traces):
                # Who is told by mail alone may open the ticket, too.
                traces.ticket_id.message_subscribe(partner_ids=user.partner_id.ids)
        self.env["mail.mail"].create(vals_list)

    def _in_words_of(self, user):
        return self.with_context(
            lang=user.lang or self.env.lang,
            tz=user.tz or self.company_id.partner_id[:1].tz or "UTC",
        )

    def _get_subject(self):
        if len(self) == 1:
            return f"{self.step_id.name}: {self.ticket_id.display_name}"
        return self.env._("%s escalated service tickets", len(self.ticket_id))

    def _get_mail_body(self):
        rows = Markup().join(
            Markup("<li><b>%s</b>: <a href='%s'>%s</a>%s%s</li>")
            % (
                trace.step_id.name,
                trace.ticket_id._notify_get_action_link("view"),
                trace.ticket_id.display_name,
                Markup(" · %s") % trace.ticket_id.customer_label
                if trace.ticket_id.customer_label
                else "",
                trace._explain(),
            )
            for trace in self
        )
        return Markup("<p>%s</p><ul>%s</ul>") % (
            self.env._("These service tickets need you:"),
            rows,
        )

    def _explain(self):
        """Say in the reader's words which deadline it is about, and what to do."""
        self.ensure_one()
        labels = dict(self._fields["clock"]._description_selection(self.env))
        moment = format_datetime(
            self.env, self.deadline, tz=self.env.context.get("tz"), dt_format="short"
        )
        if self.clock == "registered":
            reason = self.env._("Registered on %s", moment)
        elif self.clock == "promise":
            reason = self.env._("Promised for %s", moment)
        elif self.moment == "warning":
            reason = self.env._(
                "%(clock)s at risk since %(moment)s",
                clock=labels[self.clock],
                moment=moment,
            )
        else:
            reason = self.env._(
                "%(clock)s was due on %(moment)s",
                clock=labels[self.clock],
                moment=moment,
            )
        text = self.step_id.text
        return Markup("<p>%s%s</p>") % (
            reason,
            Markup("<br/>%s") % text if text else "",
        )
