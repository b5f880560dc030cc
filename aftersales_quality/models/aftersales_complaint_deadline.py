from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_datetime

from ..tools.complaint import due_notices, get_notices, next_notice

TO_DO = "aftersales_quality.mail_activity_type_aftersales_complaint"


class AftersalesComplaintDeadline(models.Model):
    """One time limit of one complaint: due when, met when, who is told next (R60)."""

    _name = "aftersales.complaint.deadline"
    _description = "Deadline of a Complaint"
    _inherit = ["aftersales.fact.mixin"]
    _facts = frozenset(
        {
            "complaint_id",
            "clock_id",
            "step_id",
            "date_start",
            "date_due",
            "date_done",
            "date_notice",
        }
    )
    _order = "complaint_id, date_due, id"
    _rec_name = "clock_id"

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
    partner_id = fields.Many2one(related="complaint_id.partner_id")
    owner_id = fields.Many2one(related="complaint_id.owner_id")
    clock_id = fields.Many2one(
        comodel_name="aftersales.complaint.clock",
        string="Time Limit",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    kind = fields.Selection(related="clock_id.kind")
    legal_reference = fields.Char(related="clock_id.legal_reference")
    step_id = fields.Many2one(
        comodel_name="aftersales.complaint.step",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    date_start = fields.Datetime(string="Counts from", required=True, readonly=True)
    date_due = fields.Datetime(string="Due by", required=True, readonly=True)
    date_done = fields.Datetime(string="Met on", readonly=True)
    date_notice = fields.Datetime(
        string="Next Notice", readonly=True, help="When somebody is told next."
    )
    notice_ids = fields.One2many(
        comodel_name="aftersales.complaint.notice",
        inverse_name="deadline_id",
        string="Told",
        readonly=True,
    )
    state = fields.Selection(
        selection=[
            ("running", "Running"),
            ("late", "Late"),
            ("met", "Met"),
            ("missed", "Missed"),
        ],
        compute="_compute_state",
        search="_search_state",
    )

    _once = models.UniqueIndex(
        "(complaint_id, clock_id, date_start)", "Each limit counts once."
    )
    _notice_idx = models.Index(
        "(date_notice, id) WHERE date_done IS NULL AND date_notice IS NOT NULL"
    )

    @api.depends("date_due", "date_done")
    def _compute_state(self):
        now = fields.Datetime.now()
        for deadline in self:
            late = (deadline.date_done or now) > deadline.date_due
            if deadline.date_done:
                deadline.state = "missed" if late else "met"
            else:
                deadline.state = "late" if late else "running"

    @api.model
    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()

        def done_late(model, alias, query):
            return SQL(
                "%s > %s",
                SQL.identifier(alias, "date_done"),
                SQL.identifier(alias, "date_due"),
            )

        done, late = Domain("date_done", "!=", False), Domain.custom(to_sql=done_late)
        domains = {
            "running": ~done & Domain("date_due", ">=", now),
            "late": ~done & Domain("date_due", "<", now),
            "met": done & ~late,
            "missed": done & late,
        }
        return Domain.OR(domains[state] for state in value if state in domains)

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

    @api.model
    def _get_due_domain(self):
        return Domain("date_done", "=", False) & Domain(
            "date_notice", "<=", fields.Datetime.now()
        )

    def _tell_due(self):
        """Tell those who are to be told now, each once; keep who it was (R60).

        :return: the new notices
        """
        now = fields.Datetime.now()
        clocks = self.env["aftersales.complaint.clock"]._get_plain_clocks()
        notices, following = [], defaultdict(self.browse)
        for deadline in self:
            if deadline.date_done:
                continue
            clock = clocks.get(deadline.clock_id.id) or deadline.clock_id._make_plain()
            told = set(deadline.notice_ids.mapped("moment"))
            whens = get_notices(clock, deadline.date_start, deadline.date_due)
            for moment in due_notices(whens, told, now):
                notices.append(deadline._prepare_notice(moment, now))
                told.add(moment)
            # A warning that comes too late is never given.
            told |= {moment for moment, when in whens if when <= now}
            following[next_notice(whens, told, now)] |= deadline
        for when, deadlines in following.items():
            deadlines._by_method().write({"date_notice": when})
        made = self.env["aftersales.complaint.notice"]._by_method().create(notices)
        made._tell()
        told_now = self.filtered(
            lambda d: d.clock_id.kind != "step"
            and d.clock_id.stop == "told"
            and d.notice_ids
        )
        told_now._by_method().write({"date_done": now, "date_notice": False})
        return made

    def _prepare_notice(self, moment, now):
        """Return the values of a notice, with those it tells."""
        self.ensure_one()
        audience = self.clock_id[f"tell_{moment}"]
        users = self.complaint_id._get_audience(audience)
        return {
            "deadline_id": self.id,
            "complaint_id": self.complaint_id.id,
            "moment": moment,
            "audience": audience,
            "date": now,
            "user_ids": [Command.set(users.ids)],
        }

    def _explain(self):
        """Say in the reader's words what is due when, and what to do."""
        self.ensure_one()
        moment = format_datetime(
            self.env, self.date_due, tz=self.env.context.get("tz"), dt_format="short"
        )
        lines = [
            self.env._(
                "%(limit)s: due by %(moment)s", limit=self.clock_id.name, moment=moment
            ),
            self.clock_id.legal_reference or "",
            self.clock_id.text or "",
        ]
        return Markup("<br/>").join(line for line in lines if line)

    def _drop(self):
        """Forget limits that hold no more; those that somebody was told of are ended."""
        told = self.filtered("notice_ids")
        told.write({"date_done": fields.Datetime.now(), "date_notice": False})
        told._drop_todos()
        (self - told).unlink()

    def _drop_todos(self):
        """Take back the to-dos of limits that are met."""
        # To-dos of others are no longer theirs to do.
        met_sudo = self.sudo()
        going_sudo = met_sudo.complaint_id.deadline_ids.filtered(
            lambda row: not row.date_done
        )
        # A to-do may be about a limit that goes on, too.
        kept_sudo = (going_sudo - met_sudo).notice_ids.activity_ids
        (met_sudo.notice_ids.activity_ids - kept_sudo).unlink()
