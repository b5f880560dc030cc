from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

STAFF = "aftersales_service.aftersales_service_group_technician"
AGENT = "aftersales_service.aftersales_service_group_agent"


class AftersalesDispatch(models.Model):
    """Every finished job has one evaluation card, without sampling (R33)."""

    _inherit = "aftersales.dispatch"

    card_ids = fields.One2many(
        comodel_name="rating.rating",
        inverse_name="aftersales_dispatch_id",
        string="Evaluation Card",
        readonly=True,
        copy=False,
        groups=STAFF,
    )
    card_state = fields.Selection(
        selection=lambda self: self.env["rating.rating"]
        ._fields["aftersales_card_state"]
        ._description_selection(self.env),
        string="Card",
        compute="_compute_card",
        groups=STAFF,
    )
    card_value = fields.Float(
        string="Evaluation",
        compute="_compute_card",
        digits=(3, 1),
        groups=STAFF,
        help="What the customer thinks of the visit, from 1 to 5.",
    )
    can_note_card = fields.Boolean(compute="_compute_can_note_card", groups=STAFF)

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("card_ids.consumed", "card_ids.rating")
    @api.depends_context("uid", "su")
    def _compute_card(self):
        for dispatch in self:
            card = dispatch.card_ids
            dispatch.card_state = card.aftersales_card_state
            dispatch.card_value = card.rating if card.consumed else 0.0

    @api.depends("state", "card_ids.consumed", "card_ids.aftersales_expire_date")
    @api.depends_context("uid", "su")
    def _compute_can_note_card(self):
        """The desk notes what was said on paper or by phone; never of one's own job."""
        is_agent = self.env.su or self.env.user.has_group(AGENT)
        for dispatch in self:
            card = dispatch.card_ids
            dispatch.can_note_card = bool(
                is_agent
                and card
                and not card.consumed
                and not card._is_card_expired()
                and not card._is_own_card()
            )

    # ------------------------------------------------------------
    # CREATION
    # ------------------------------------------------------------

    def _after_finish(self):
        result = super()._after_finish()
        self._create_cards()
        return result

    def _create_cards(self):
        """Make the card of each done visit at a customer's that has none yet.

        Nothing is sent: the office does so later. A constant number of queries.
        """
        # Cards, contacts and the way of the company are not the technician's to read.
        done_sudo = self.sudo().filtered(
            lambda d: d.state == "done" and d.ticket_id.service_kind != "internal"
        )
        Card = self.env["rating.rating"].sudo()._by_method()  # as above
        known = Card.search(
            Card._get_card_domain() & Domain("res_id", "in", done_sudo.ids)
        )
        missing_sudo = done_sudo - done_sudo.browse(known.mapped("res_id"))
        if not missing_sudo:
            return
        missing_sudo._ensure_rated_contacts()
        model_id = self.env["ir.model"]._get_id(self._name)
        Card.create([visit._prepare_card(model_id) for visit in missing_sudo])
        missing_sudo.invalidate_recordset(["card_ids"])
        if any(c.aftersales_card_when == "at_once" for c in missing_sudo.company_id):
            job = self.env.ref("aftersales_service.ir_cron_aftersales_card")
            job.sudo()._trigger()  # the office's job, woken

    def _ensure_rated_contacts(self):
        """See that those who are rated have a contact; called under sudo."""
        technicians = self.technician_id
        nameless = technicians.filtered(lambda t: not t.work_contact_id)
        if nameless:
            nameless._create_work_contacts()

    def _prepare_card(self, model_id):
        """Return the values of the card of one visit; called under sudo.

        :param int model_id: record of this model
        """
        self.ensure_one()
        company = self.company_id
        send, expire = company._aftersales_card_dates(self.finish_date)
        return {
            "res_model_id": model_id,
            "res_model": self._name,
            "res_id": self.id,
            "res_name": self.display_name,
            "partner_id": self.partner_id.id,
            "rated_partner_id": self._rating_get_operator().id,
            "aftersales_dispatch_id": self.id,
            "aftersales_ticket_id": self.ticket_id.id,
            "aftersales_technician_id": self.technician_id.id,
            "aftersales_company_id": company.id,
            "aftersales_send_date": send,
            "aftersales_expire_date": expire,
        }

    # ------------------------------------------------------------
    # FOR THE RECEIPT AND THE DESK
    # ------------------------------------------------------------

    def _get_card_url(self):
        """Return the address of the card to be printed on the receipt, or False.

        For the customer's paper alone: whoever knows it answers in his name.
        """
        self.ensure_one()
        card_sudo = self.sudo().card_ids  # see above
        if not card_sudo or card_sudo.consumed or card_sudo._is_card_expired():
            return False
        return card_sudo._get_card_link()

    def action_note_card(
        self, attitude, skill, arrival, promise, words=None, opinion=None
    ):
        """Note the answer a customer gave on paper or by phone (R33).

        It is marked as taken by the user.

        :param attitude: level 1 (dissatisfied) to 4 (very satisfied), as the others
        :param skill: how good the work was
        :param arrival: whether he came in time
        :param promise: whether what was promised was done
        :param str words: what the customer said
        :param str opinion: suggestion or complaint
        :raise UserError: for others than the desk, for those who were there, for
            other levels, and for cards that are answered or expired
        """
        self.ensure_one()
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group(AGENT)):
            raise UserError(self.env._("Only the desk notes what customers answer."))
        card_sudo = self.sudo().card_ids  # belongs to nobody; the right was checked
        if not card_sudo:
            self._refuse(
                self.env._(
                    "It has no evaluation card: only finished visits at customers have."
                )
            )
        if not self.env.su and card_sudo._is_own_card():
            self._refuse(
                self.env._("Nobody notes the evaluation of a visit he was on himself.")
            )
        card_sudo._answer_card(
            {
                "attitude": attitude,
                "skill": skill,
                "arrival": arrival,
                "promise": promise,
            },
            words=words,
            opinion=opinion,
            noted_by=self.env.user,
        )
        self.invalidate_recordset(["card_state", "card_value", "can_note_card"])
        return True

    def action_open_card_note(self):
        """Ask for the answer to note.

        :raise UserError: when this user may not note it, or it is answered
        """
        self.ensure_one()
        if not self.can_note_card:
            self._refuse(
                self.env._(
                    "The desk notes answers to cards that are open, not those who were "
                    "at the customer's."
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customer's Answer"),
            "res_model": "aftersales.card.note",
            "view_mode": "form",
            "target": "new",
            "context": {"default_dispatch_id": self.id},
        }

    def action_view_card(self):
        """Open the card of this visit."""
        self.ensure_one()
        return self.card_ids._get_cards_action()

    # ------------------------------------------------------------
    # ODOO'S OWN WAYS TO RATE
    # ------------------------------------------------------------

    def _rating_get_operator(self):
        """The technician is rated, whether or not he has a user."""
        self.ensure_one()
        return self.sudo().technician_id.work_contact_id  # the contact alone

    def _rating_get_access_token(self, partner=None):
        raise UserError(
            self.env._("The evaluation card of a visit is sent by the office alone.")
        )

    def rating_apply(self, rate, *args, **kwargs):
        """Refuse: a visit is evaluated on its card, item by item.

        :raise UserError: always
        """
        raise UserError(
            self.env._(
                "A visit is evaluated by the customer on its card, item by item and "
                "once."
            )
        )
