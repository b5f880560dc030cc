from markupsafe import Markup

from odoo import api, fields, models

# What the customer signs, and what is said about the visit.
SIGNED = frozenset(
    {
        "work_done",
        "customer_opinion",
        "result",
        "signature",
        "signed_by",
        "hazard_look",
        "photo_ids",
    }
)


class AftersalesDispatch(models.Model):
    """When a visit may be finished, and that it stays as it was signed (R25)."""

    _inherit = "aftersales.dispatch"

    signature_required = fields.Boolean(related="team_id.signature_required")
    hazard_look_required = fields.Boolean(related="team_id.hazard_look_required")
    hazard_look = fields.Selection(
        selection=[("none", "Nothing Dangerous"), ("found", "Hazard Found")],
        string="Looked for Hazards",
        copy=False,
        help="Power supply, gas, water, structure: what was seen.",
    )
    photo_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="aftersales_dispatch_photo_rel",
        string="Photos",
        copy=False,
    )
    correction_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Corrected by",
        readonly=True,
        copy=False,
        help="Who is correcting the finished visit at the moment.",
    )
    correction_reason = fields.Char(readonly=True, copy=False)
    can_correct = fields.Boolean(compute="_compute_can_correct")
    is_frozen = fields.Boolean(
        compute="_compute_is_frozen",
        help="Finished: what was signed stays as it was.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("state", "correction_user_id")
    @api.depends_context("uid", "su")
    def _compute_can_correct(self):
        is_supervisor = self.env.su or self.env.user.has_group(
            "aftersales_service.aftersales_service_group_supervisor"
        )
        for dispatch in self:
            dispatch.can_correct = (
                is_supervisor
                and dispatch.state == "done"
                and dispatch.correction_user_id != self.env.user
            )

    @api.depends("state", "correction_user_id")
    @api.depends_context("uid", "su")
    def _compute_is_frozen(self):
        for dispatch in self:
            dispatch.is_frozen = (
                dispatch.state in ("done", "failed", "cancelled")
                and not dispatch._is_being_corrected()
            )

    def _is_being_corrected(self):
        """Tell whether the user is the supervisor who corrects the visit."""
        self.ensure_one()
        return (
            self.state == "done"
            and bool(self.correction_user_id)
            and self.correction_user_id == self.env.user
        )

    # ------------------------------------------------------------
    # CREATE, WRITE
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        dispatches = super().create(vals_list)
        signed = dispatches.filtered(lambda dispatch: dispatch.signature)
        if signed:
            signed._step({"signed_on": fields.Datetime.now()})
        return dispatches

    def write(self, vals):
        if self._is_by_method() or not SIGNED & vals.keys():
            return super().write(vals)
        self._ensure_not_frozen()
        self._trace_correction(self, {key: vals[key] for key in SIGNED & vals.keys()})
        result = super().write(vals)
        if "signature" in vals:
            moment = fields.Datetime.now() if vals["signature"] else False
            self._step({"signed_on": moment})
        return result

    def _ensure_not_frozen(self):
        """What was signed is not changed afterwards, but by a supervisor who says why.

        :raise UserError: naming the visits
        """
        if frozen := self.filtered("is_frozen"):
            frozen._refuse(
                self.env._(
                    "The visit is finished and stays as it was signed. A supervisor "
                    "corrects it, with a reason."
                )
            )

    # ------------------------------------------------------------
    # CORRECTION
    # ------------------------------------------------------------

    def action_correct(self, reason=None):
        """Begin to correct a finished visit; each change is kept in the chatter.

        :param str reason: why, mandatory
        :raise UserError: without a reason, when the visit is not finished, or the user
            is no supervisor
        """
        self._ensure_can(
            "can_correct",
            self.env._("Only a supervisor corrects a visit, after it is finished."),
        )
        if not (reason or "").strip():
            self._refuse(self.env._("Say why it is corrected."))
        self._step({"correction_user_id": self.env.uid, "correction_reason": reason})
        body = Markup("<b>%s</b><br/>%s") % (self.env._("Correction"), reason)
        self._message_log_batch(bodies=dict.fromkeys(self.ids, body))
        return True

    def action_end_correction(self):
        """Close the corrected visit again."""
        own = self.filtered(lambda dispatch: dispatch._is_being_corrected())
        return own._step({"correction_user_id": False})

    def _trace_correction(self, records, vals):
        """Keep in the chatter what a correction changes, with the old value.

        :param records: what is changed: the visits, or something of theirs
        :param vals: the new values
        """
        if not self.filtered("correction_user_id"):
            return
        for record in records:
            visit = record if record._name == self._name else record.dispatch_id
            if not visit._is_being_corrected():
                continue
            rows = [
                Markup("<li>%s: %s → %s</li>") % row
                for field in sorted(vals)
                if (row := record._get_change(field, vals[field]))
            ]
            if rows:
                visit._message_log(
                    body=Markup("%s<ul>%s</ul>")
                    % (record.display_name, Markup().join(rows))
                )

    # ------------------------------------------------------------
    # FINISH
    # ------------------------------------------------------------

    def _ensure_complete(self):
        """Refuse to finish visits on which something mandatory is missing.

        :raise UserError: naming all that is missing, of every visit
        """
        result = super()._ensure_complete()
        refused, texts = self.browse(), []
        for dispatch in self:
            if missing := dispatch._get_missing():
                refused |= dispatch
                prefix = f"{dispatch.name}: " if len(self) > 1 else ""
                texts += [f"• {prefix}{text}" for text in missing]
        if refused:
            refused._refuse(
                "\n".join([self.env._("Still missing before it is finished:"), *texts])
            )
        return result

    def _get_missing(self):
        """Return in words what is missing before the visit is finished (hook)."""
        self.ensure_one()
        team = self.team_id
        missing = [
            self.env._("checklist: %s", check.name)
            for check in self.checklist_ids
            if check.required and not check.is_answered
        ]
        missing += [
            self.env._("used or not: %s", line.name or line.product_id.display_name)
            for line in self.line_ids
            if line.state == "planned"
        ]
        if team.fault_required and self.result == "solved" and not self.found_fault_id:
            missing.append(self.env._("the fault that was really found"))
        if team.hazard_look_required and not self.hazard_look:
            missing.append(self.env._("whether anything dangerous was seen"))
        missing += self.hazard_ids._get_missing()
        if self.hazard_look == "found" and not self.hazard_ids:
            missing.append(self.env._("which hazard was found"))
        if self.is_away:
            missing.append(self.env._("when you were back from your absence"))
        if team.signature_required and not self.signature:
            missing.append(self.env._("the customer's signature"))
        if (team.signature_required or self.signature) and not (
            self.signed_by or ""
        ).strip():
            missing.append(self.env._("the name of who signed"))
        return missing
