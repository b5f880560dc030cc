from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Command

from .aftersales_complaint_clock import AUDIENCES, MOMENTS

TO_DO = "aftersales_quality.mail_activity_type_aftersales_complaint"


class AftersalesComplaintNotice(models.Model):
    """Who was told of a deadline when (R09, R60)."""

    _name = "aftersales.complaint.notice"
    _description = "Notice of a Complaint"
    _inherit = ["aftersales.fact.mixin"]
    _facts = frozenset(
        {"deadline_id", "complaint_id", "moment", "audience", "date", "user_ids"}
    )
    _order = "date desc, id desc"
    _rec_name = "deadline_id"

    deadline_id = fields.Many2one(
        comodel_name="aftersales.complaint.deadline",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    complaint_id = fields.Many2one(
        comodel_name="aftersales.complaint",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="complaint_id.company_id", store=True, index=True, precompute=True
    )
    moment = fields.Selection(selection=MOMENTS, required=True, readonly=True)
    audience = fields.Selection(selection=AUDIENCES, readonly=True)
    date = fields.Datetime(string="Told on", required=True, readonly=True)
    user_ids = fields.Many2many(
        comodel_name="res.users",
        relation="aftersales_complaint_notice_res_users_rel",
        string="Told",
        readonly=True,
    )
    outcome = fields.Selection(
        selection=[("told", "Told"), ("nobody", "Nobody Is Named")],
        compute="_compute_outcome",
        store=True,
        index=True,
    )
    activity_ids = fields.Many2many(
        comodel_name="mail.activity",
        relation="aftersales_complaint_notice_mail_activity_rel",
        string="To-dos",
        readonly=True,
    )

    _once = models.UniqueIndex("(deadline_id, moment)", "Each notice is given once.")

    @api.depends("user_ids")
    def _compute_outcome(self):
        for notice in self:
            notice.outcome = "told" if notice.user_ids else "nobody"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        return super().write(vals)

    # ------------------------------------------------------------
    # TELLING
    # ------------------------------------------------------------

    def _tell(self):
        """Tell the users of these notices: a to-do for each complaint, one mail for all."""
        per_user = defaultdict(self.browse)
        for notice in self:
            for user in notice.user_ids:
                per_user[user] |= notice
        self._plan_activities(per_user)
        self._queue_mails(per_user)

    def _plan_activities(self, per_user):
        planned, vals_list = [], []
        for user, told in per_user.items():
            seen = told.complaint_id.with_user(user).with_context(
                allowed_company_ids=user.company_ids.ids
            )
            # A to-do is for those who may open the complaint, a mail for the others.
            seen = set(seen._filtered_access("read").ids)
            told = told.filtered(lambda notice, ids=seen: notice.complaint_id.id in ids)
            for complaint, notices in told.grouped("complaint_id").items():
                words = notices._in_words_of(user)
                planned.append(notices)
                vals_list.append(
                    complaint._prepare_todo(
                        user,
                        TO_DO,
                        words[-1:].deadline_id.clock_id.name,
                        # Once, though a limit may be near and over at the same time.
                        Markup("<br/>").join(
                            deadline._explain() for deadline in words.deadline_id
                        ),
                    )
                )
        activities = self.env["mail.activity"].with_context(
            mail_activity_quick_update=True
        )
        made = defaultdict(list)
        for notices, activity in zip(
            planned, activities.create(vals_list), strict=True
        ):
            for notice in notices:
                made[notice].append(activity.id)
        for notice, ids in made.items():
            notice.activity_ids = [Command.set(ids)]

    def _queue_mails(self, per_user):
        """Queue one mail for each user, however many complaints it is about."""
        vals_list = []
        for user, notices in per_user.items():
            notices = notices.filtered("deadline_id.clock_id.by_mail")
            if not (notices and user.email):
                continue
            words = notices._in_words_of(user)
            company = notices.company_id[:1]
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
        self.env["mail.mail"].create(vals_list)

    def _in_words_of(self, user):
        return self.with_context(
            lang=user.lang or self.env.lang,
            tz=user.tz or self.company_id.partner_id[:1].tz or "UTC",
        )

    def _get_subject(self):
        if len(self.complaint_id) == 1:
            name = self[:1].deadline_id.clock_id.name
            return f"{name}: {self.complaint_id.display_name}"
        return self.env._("%s complaints need you", len(self.complaint_id))

    def _get_mail_body(self):
        rows = Markup().join(
            Markup("<li><a href='%s'>%s</a><br/>%s</li>")
            % (
                notice.complaint_id._notify_get_action_link("view"),
                notice.complaint_id.display_name,
                notice.deadline_id._explain(),
            )
            for notice in self
        )
        return Markup("<p>%s</p><ul>%s</ul>") % (
            self.env._("These complaints need you:"),
            rows,
        )
