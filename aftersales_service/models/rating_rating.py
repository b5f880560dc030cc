from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.fields import Domain

from ..tools import mail_text

CARD_MODEL = "aftersales.dispatch"
AGENT = "aftersales_service.aftersales_service_group_agent"
# Name of an item in the world outside, field that keeps it.
ITEMS = {
    "attitude": "aftersales_attitude",
    "skill": "aftersales_skill",
    "arrival": "aftersales_arrival",
    "promise": "aftersales_promise",
}
LEVELS = [
    ("4", "Very satisfied"),
    ("3", "Satisfied"),
    ("2", "Fair"),
    ("1", "Dissatisfied"),
]
MAX_WORDS = 2000
FACTS = frozenset(
    {
        *ITEMS.values(),
        "aftersales_dispatch_id",
        "aftersales_ticket_id",
        "aftersales_technician_id",
        "aftersales_company_id",
        "aftersales_opinion",
        "aftersales_classified_by_id",
        "aftersales_noted_by_id",
        "aftersales_alarm",
        "aftersales_alerted_id",
        "aftersales_send_date",
        "aftersales_sent_date",
        "aftersales_remind_date",
        "aftersales_reminded_date",
        "aftersales_expire_date",
        "aftersales_unsent",
    }
)


class RatingRating(models.Model):
    """The customer's evaluation card of a visit: four items, four levels (R33).

    Odoo lets every employee write ratings, repeat them and read their tokens. Those
    of visits are made, answered and sent by the methods of the card alone, whoever
    else asks; ratings of other documents stay as they are.
    """

    _name = "rating.rating"
    _inherit = ["rating.rating", "aftersales.fact.mixin"]
    _facts = FACTS

    # ------------------------------------------------------------
    # Whose card it is
    # ------------------------------------------------------------
    aftersales_dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch",
        string="Dispatch Order",
        readonly=True,
        copy=False,
        ondelete="cascade",
        index="btree_not_null",
    )
    aftersales_ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        string="Service Ticket",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    aftersales_technician_id = fields.Many2one(
        comodel_name="hr.employee",
        string="Technician",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    aftersales_company_id = fields.Many2one(
        comodel_name="res.company",
        string="Service Company",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    aftersales_visit_date = fields.Datetime(
        related="aftersales_dispatch_id.finish_date", string="Visit on"
    )
    aftersales_product_id = fields.Many2one(related="aftersales_dispatch_id.product_id")
    aftersales_team_id = fields.Many2one(related="aftersales_dispatch_id.team_id")

    # ------------------------------------------------------------
    # Answer
    # ------------------------------------------------------------
    aftersales_attitude = fields.Selection(
        selection=LEVELS, string="Attitude", readonly=True, copy=False
    )
    aftersales_skill = fields.Selection(
        selection=LEVELS, string="Skill", readonly=True, copy=False
    )
    aftersales_arrival = fields.Selection(
        selection=LEVELS, string="Arrival Time", readonly=True, copy=False
    )
    aftersales_promise = fields.Selection(
        selection=LEVELS, string="Promises Kept", readonly=True, copy=False
    )
    aftersales_opinion = fields.Selection(
        selection=[("suggestion", "Suggestion"), ("complaint", "Complaint")],
        string="Kind of Words",
        readonly=True,
        copy=False,
        help="As the customer marked it, or the desk after reading it.",
    )
    aftersales_classified_by_id = fields.Many2one(
        comodel_name="res.users", string="Classed by", readonly=True, copy=False
    )
    aftersales_noted_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Taken by",
        readonly=True,
        copy=False,
        help="Who of the desk noted the answer given on paper or by phone; empty when "
        "the customer answered himself.",
    )
    aftersales_alarm = fields.Boolean(
        string="Bad Marks",
        readonly=True,
        copy=False,
        help="One item at the lowest level, or a mean as low as the company says.",
    )
    aftersales_alerted_id = fields.Many2one(
        comodel_name="res.users", string="Told to", readonly=True, copy=False
    )

    # ------------------------------------------------------------
    # Way to the customer
    # ------------------------------------------------------------
    aftersales_send_date = fields.Datetime(
        string="To Send on", readonly=True, copy=False
    )
    aftersales_sent_date = fields.Datetime(string="Sent on", readonly=True, copy=False)
    aftersales_remind_date = fields.Datetime(
        string="To Remind on", readonly=True, copy=False
    )
    aftersales_reminded_date = fields.Datetime(
        string="Reminded on", readonly=True, copy=False
    )
    aftersales_expire_date = fields.Datetime(
        string="Valid until", readonly=True, copy=False
    )
    aftersales_unsent = fields.Selection(
        selection=[
            ("no_email", "No email address"),
            ("blacklist", "Wants no mail"),
        ],
        string="Not Mailed",
        readonly=True,
        copy=False,
        help="Why no mail was sent: the customer has the link on the service receipt, "
        "or the desk asks him by phone.",
    )
    aftersales_card_state = fields.Selection(
        selection=[
            ("waiting", "To Send"),
            ("sent", "Sent"),
            ("unsent", "Not Mailed"),
            ("answered", "Answered"),
            ("expired", "Expired"),
        ],
        string="Card",
        compute="_compute_aftersales_card_state",
    )
    aftersales_can_classify = fields.Boolean(compute="_compute_aftersales_can_classify")

    _aftersales_card_uniq = models.UniqueIndex(
        "(res_id) WHERE res_model = 'aftersales.dispatch'",
        "A visit has one evaluation card, answered once.",
    )
    _aftersales_send_idx = models.Index(
        "(aftersales_send_date) WHERE res_model = 'aftersales.dispatch' "
        "AND consumed IS NOT TRUE AND aftersales_sent_date IS NULL "
        "AND aftersales_unsent IS NULL"
    )
    _aftersales_remind_idx = models.Index(
        "(aftersales_remind_date) WHERE res_model = 'aftersales.dispatch' "
        "AND consumed IS NOT TRUE AND aftersales_reminded_date IS NULL"
    )
    # Not in the list of levels, or missing: no answer, whoever writes it.
    _aftersales_card_whole = models.Constraint(
        "CHECK (aftersales_dispatch_id IS NULL OR consumed IS NOT TRUE OR ("
        "COALESCE(aftersales_attitude, '') IN ('1', '2', '3', '4') "
        "AND COALESCE(aftersales_skill, '') IN ('1', '2', '3', '4') "
        "AND COALESCE(aftersales_arrival, '') IN ('1', '2', '3', '4') "
        "AND COALESCE(aftersales_promise, '') IN ('1', '2', '3', '4')))",
        "Each of the four items has a level from 1 to 4.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends(
        "consumed",
        "aftersales_sent_date",
        "aftersales_expire_date",
        "aftersales_unsent",
    )
    def _compute_aftersales_card_state(self):
        for rating in self:
            if not rating.aftersales_dispatch_id:
                rating.aftersales_card_state = False
            elif rating.consumed:
                rating.aftersales_card_state = "answered"
            elif rating._is_card_expired():
                rating.aftersales_card_state = "expired"
            elif rating.aftersales_sent_date:
                rating.aftersales_card_state = "sent"
            else:
                unsent = rating.aftersales_unsent
                rating.aftersales_card_state = "unsent" if unsent else "waiting"

    @api.depends("consumed", "feedback")
    @api.depends_context("uid", "su")
    def _compute_aftersales_can_classify(self):
        is_agent = self.env.su or self.env.user.has_group(AGENT)
        for rating in self:
            rating.aftersales_can_classify = bool(
                is_agent
                and rating.aftersales_dispatch_id
                and rating.consumed
                and rating.feedback
                and not rating._is_own_card()
            )

    def _is_card_expired(self, moment=None):
        self.ensure_one()
        expiry = self.aftersales_expire_date
        moment = fields.Datetime.to_datetime(moment) or fields.Datetime.now()
        return bool(expiry) and expiry < moment

    def _is_own_card(self):
        """Tell whether the user is one of those who were at this customer's."""
        self.ensure_one()
        # The users of colleagues are not for every employee to read.
        dispatch_sudo = self.sudo().aftersales_dispatch_id
        return self.env.user in dispatch_sudo._get_people().user_id

    @api.model
    def _get_card_domain(self):
        return Domain("res_model", "=", CARD_MODEL)

    # ------------------------------------------------------------
    # NOBODY WRITES, REPEATS OR READS AROUND IT
    # ------------------------------------------------------------

    @api.model
    def _has_field_access(self, field, operation):
        """Hide the tokens of cards: whoever knows one answers in the customer's name."""
        if field.name == "access_token" and operation == "read" and not self.env.su:
            # A search or a grouping names no record: it would find cards by their token.
            # Of what a rating tells, only its model is read.
            models = set(self.sudo().mapped("res_model"))
            if not models or CARD_MODEL in models:
                return False
        return super()._has_field_access(field, operation)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
            if self._makes_card(vals):
                self._refuse_cards(vals.get("res_name"))
        ratings = super().create(vals_list)
        # Whatever else made them cards.
        ratings._ensure_no_cards()
        return ratings

    @api.model
    def _makes_card(self, vals):
        """Tell whether values, or defaults of the context, name a visit."""
        if self._is_by_method():
            return False
        asked = {**self._get_context_defaults(), **vals}
        model_id = asked.get("res_model_id")
        # The name of a model is no secret.
        model_sudo = self.env["ir.model"].sudo().browse(model_id or [])
        return CARD_MODEL in (asked.get("res_model"), model_sudo.model)

    @api.model
    def _get_context_defaults(self):
        return {
            field: self.env.context.get(f"default_{field}")
            for field in ("res_model", "res_model_id")
        }

    def write(self, vals):
        self._ensure_no_facts(vals)
        self._ensure_no_cards()
        result = super().write(vals)
        if {"res_model_id", "res_model", "res_id"} & vals.keys():
            self._ensure_no_cards()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_card(self):
        # Odoo deletes their messages before, and some ratings with them.
        self.exists()._ensure_no_cards()

    def _ensure_no_cards(self):
        """Refuse what the methods of the card do not do themselves.

        :raise UserError: naming the visits whose cards these are
        """
        if self._is_by_method():
            return
        # Only what kind of rating it is.
        cards_sudo = self.sudo().filtered(lambda r: r.res_model == CARD_MODEL)
        if cards_sudo:
            names = (name for name in cards_sudo.mapped("res_name") if name)
            self._refuse_cards(", ".join(names))

    @api.model
    def _refuse_cards(self, names):
        raise UserError(
            self.env._(
                "The evaluation card of a visit is answered by the customer, once, "
                "on its own page; what he says on paper or by phone the desk notes "
                "with the button of the dispatch order: %s",
                names or self.env._("Dispatch Order"),
            )
        )

    # ------------------------------------------------------------
    # ANSWER
    # ------------------------------------------------------------

    @api.model
    def _get_card_errors(self, levels):
        """Say what is wrong with the levels of an answer.

        :param dict levels: level 1–4 by item: attitude, skill, arrival, promise
        :return: list of texts, empty when it is whole
        """
        titles = self._get_item_titles()
        missing = [titles[item] for item in ITEMS if not levels.get(item)]
        known = {level for level, _name in LEVELS}
        wrong = [
            titles[item]
            for item in ITEMS
            if levels.get(item) and str(levels[item]) not in known
        ]
        errors = []
        if missing:
            errors.append(
                self.env._("Please choose a level for: %s", ", ".join(missing))
            )
        if wrong:
            errors.append(
                self.env._(
                    "Levels go from 1 (dissatisfied) to 4 (very satisfied): %s",
                    ", ".join(wrong),
                )
            )
        return errors

    @api.model
    def _get_item_titles(self):
        """Return ``{item: title}`` in the language of the reader."""
        described = self.fields_get(list(ITEMS.values()), ["string"])
        return {item: described[field]["string"] for item, field in ITEMS.items()}

    @api.model
    def _get_level_titles(self):
        """Return (level, title) pairs, best first, in the language of the reader."""
        return self._fields["aftersales_attitude"]._description_selection(self.env)

    @api.model
    def _get_card_extras(self, typed):
        """Return what an answer says beside the items, by field (hook).

        :param dict typed: what the customer filled in, as texts
        """
        return {}

    def _answer_card(
        self,
        levels,
        words=None,
        opinion=None,
        noted_by=None,
        moment=None,
        extras=None,
    ):
        """Take the customer's answer: the only way to one, and once (R33).

        Of two answers at once, one wins and the other is refused.

        :param dict levels: level 1–4 by item: attitude, skill, arrival, promise
        :param str words: in the customer's words
        :param str opinion: suggestion or complaint, as he marked them
        :param noted_by: user of the desk who takes the answer down, empty when the
            customer himself answers
        :param datetime moment: when he answered, now when empty
        :param dict extras: see :meth:`_get_card_extras`
        :raise UserError: for other levels, a card answered already, or an expired one
        """
        self.ensure_one()
        if errors := self._get_card_errors(levels):
            raise UserError("\n".join(errors))
        if opinion and opinion not in ("suggestion", "complaint"):
            raise UserError(self.env._("Words are a suggestion or a complaint."))
        # Nobody has rights on cards; the token or the desk's right was checked.
        card_sudo = self.sudo()
        try:
            card_sudo.lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._("This card is being answered at this moment.")
            ) from error
        card_sudo.invalidate_recordset(["consumed", "aftersales_expire_date"])
        card_sudo._ensure_open_card(moment)
        values = {field: str(levels[item]) for item, field in ITEMS.items()}
        mean = sum(int(level) for level in values.values()) / len(values)
        company_sudo = card_sudo.aftersales_company_id
        words = mail_text.storable((words or "").strip())[:MAX_WORDS]
        card_sudo._by_method().write(
            {
                **(extras or {}),
                **values,
                "rating": 1 + (mean - 1) * 4 / 3,
                "consumed": True,
                "feedback": words,
                "aftersales_opinion": opinion if words else False,
                "aftersales_noted_by_id": noted_by.id if noted_by else False,
                "aftersales_alarm": "1" in values.values()
                or mean <= company_sudo.aftersales_card_alarm,
            }
        )
        if moment:
            # Odoo takes every answer for one of today.
            card_sudo._by_method().write({"rated_on": moment})
        if card_sudo.aftersales_alarm or card_sudo.aftersales_opinion == "complaint":
            card_sudo._alert_supervisor()

    def _ensure_open_card(self, moment=None):
        self.ensure_one()
        if self.consumed:
            raise UserError(
                self.env._(
                    "%(visit)s: this card was answered on %(day)s, a card is answered "
                    "once.",
                    visit=self.res_name,
                    day=fields.Datetime.context_timestamp(self, self.rated_on).strftime(
                        "%Y-%m-%d %H:%M"
                    ),
                )
            )
        if self._is_card_expired(moment):
            raise UserError(
                self.env._(
                    "%(visit)s: this card was valid until %(day)s. Note on the ticket "
                    "what the customer says.",
                    visit=self.res_name,
                    day=fields.Datetime.context_timestamp(
                        self, self.aftersales_expire_date
                    ).strftime("%Y-%m-%d %H:%M"),
                )
            )

    def action_classify(self, opinion):
        """Class the customer's words as a suggestion or a complaint (R33).

        :param str opinion: suggestion or complaint; a complaint gives the supervisor
            a to-do
        :raise UserError: for others than the desk, for those who were there, and for
            cards without words
        """
        self.check_access("read")
        if opinion not in ("suggestion", "complaint"):
            raise UserError(self.env._("Words are a suggestion or a complaint."))
        if any(not rating.aftersales_can_classify for rating in self):
            raise UserError(
                self.env._(
                    "Only the desk classes what customers wrote, not those who were at "
                    "the customer's."
                )
            )
        # Cards belong to nobody; the right was checked.
        cards_sudo = self.sudo()
        cards_sudo._by_method().write(
            {
                "aftersales_opinion": opinion,
                "aftersales_classified_by_id": self.env.uid,
            }
        )
        if opinion == "complaint":
            for card_sudo in cards_sudo.filtered(lambda c: not c.aftersales_alerted_id):
                card_sudo._alert_supervisor()
        return True
