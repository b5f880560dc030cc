from odoo import api, fields, models

from ..tools import sanction as rule

GROUPS = (
    "aftersales_quality.aftersales_quality_group_performance",
    "hr.group_hr_user",
)
WORDS = "aftersales_quality.mail_activity_type_aftersales_sanction_words"
DECIDE = "aftersales_quality.mail_activity_type_aftersales_sanction_decide"


class AftersalesSanction(models.Model):
    """Nobody is sanctioned unheard: his own words stand on the record (R61)."""

    _inherit = "aftersales.sanction"

    statement = fields.Text(string="His Own Words", readonly=True, copy=False)
    statement_date = fields.Datetime(string="Heard on", readonly=True, copy=False)
    statement_by_id = fields.Many2one(
        comodel_name="res.users", string="Noted by", readonly=True, copy=False
    )
    declined = fields.Boolean(string="Declined to Speak", readonly=True, copy=False)
    witness_id = fields.Many2one(comodel_name="res.users", readonly=True, copy=False)
    appeal = fields.Text(readonly=True, copy=False)
    appeal_date = fields.Datetime(string="Appealed on", readonly=True, copy=False)
    can_speak = fields.Boolean(compute="_compute_can_speak")
    can_note = fields.Boolean(compute="_compute_can_speak")
    can_appeal = fields.Boolean(compute="_compute_can_speak")

    @api.depends("state", "nature", "user_id", "approve_day", "appeal_date")
    @api.depends_context("uid", "su")
    def _compute_can_speak(self):
        for sanction in self:
            own = sanction._is_own()
            asked = sanction.nature == "sanction" and sanction.state == "draft"
            sanction.can_speak = asked and own
            sanction.can_note = asked and not own and sanction._is_leader()
            sanction.can_appeal = (
                own
                and sanction.nature == "sanction"
                and sanction.state == "approved"
                and not sanction.reverses_id
                and not sanction.appeal_date
                and sanction._is_appeal_open()
            )

    def _is_leader(self):
        """Tell whether the user leads the employee, or works on everybody's."""
        self.ensure_one()
        user = self.env.user
        if self.env.su or any(user.has_group(group) for group in GROUPS):
            return True
        # Who leads whom is no secret.
        sanction_sudo = self.sudo()
        leaders_sudo = (
            sanction_sudo.employee_id.parent_id.user_id
            | sanction_sudo.user_id.aftersales_team_ids.supervisor_id
            | sanction_sudo.company_id.aftersales_general_manager_id
        )
        return user in leaders_sudo

    def _is_appeal_open(self):
        self.ensure_one()
        # How long an appeal is open is no secret.
        days = self.company_id.sudo().aftersales_appeal_days
        today = self.company_id._aftersales_today()
        return bool(
            days and self.approve_day and today <= rule.last_day(self.approve_day, days)
        )

    def action_speak(self, statement):
        """Put one's own words on one's own record (R61).

        :param str statement: what the employee says about it
        :raise UserError: without words, for the record of another, or when it is not
            asked any more
        """
        self._lock()
        self._ensure_can(
            "can_speak",
            self.env._(
                "The employee himself writes his words, while it is proposed; his "
                "leader notes those of who declines, with a witness."
            ),
        )
        statement = (statement or "").strip()
        if not statement:
            self._refuse(self.env._("Write what you have to say about it."))
        return self._hear({"statement": statement})

    def action_decline(self, witness_id, statement=None):
        """Note that the employee declined to speak, before a witness (R61).

        The words of an employee without a user are taken down here.

        :param int witness_id: user who was there, neither the employee nor the noter
        :param str statement: words of an employee who cannot write them himself
        :raise UserError: for one's own record, without a witness, or with words for an
            employee who writes them himself
        """
        self._lock()
        self._ensure_can(
            "can_note",
            self.env._(
                "Whoever leads the employee notes it, while it is proposed, nobody of "
                "himself."
            ),
        )
        witness = self.env["res.users"].browse(witness_id).exists()
        if not witness or witness == self.env.user or witness in self.user_id:
            self._refuse(
                self.env._(
                    "Name a witness: neither the employee nor who notes it himself."
                )
            )
        statement = (statement or "").strip()
        if statement and (able := self.filtered("user_id")):
            able._refuse(
                self.env._(
                    "This employee has a user: he writes his words himself, or "
                    "declines."
                )
            )
        return self._hear(
            {
                "statement": statement,
                "declined": not statement,
                "witness_id": witness.id,
            }
        )

    def _hear(self, vals):
        self._step(
            {
                **vals,
                "state": "heard",
                "statement_date": fields.Datetime.now(),
                "statement_by_id": self.env.uid,
            }
        )
        # The employee's to-do is done, whoever noted it.
        self.sudo().activity_feedback([WORDS])
        self._ask_next()
        return True

    def action_appeal(self, text):
        """Appeal once against an approved sanction; the decider looks at it again.

        :param str text: why
        :raise UserError: without a reason, for another's, twice, or too late
        """
        self._lock()
        self._ensure_can(
            "can_appeal",
            self.env._(
                "The employee appeals once, against his own approved sanction, within "
                "the days of the settings."
            ),
        )
        text = (text or "").strip()
        if not text:
            self._refuse(self.env._("Say why you appeal."))
        self._step({"appeal": text, "appeal_date": fields.Datetime.now()})
        self._give_to_dos(
            DECIDE,
            lambda sanction: sanction._get_deciders()[:1],
            lambda env: env._("Appeal: look at it again"),
        )
        return True
