from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import email_normalize

from ..tools.occasion import Occasion

# What is older is history – an import, a correction –, nobody is called about it.
STALE_DAYS = 30

# How a callback that exists already is recognised: field of the source, and the
# states in which it counts.
KNOWN_BY = {
    "solved": ("ticket_id", ("planned",)),
    "delivered": ("picking_id", ("planned", "done", "cancelled")),
    "handed_back": ("custody_id", ("planned", "done")),
}


class AftersalesCallback(models.Model):
    """Planning by rules, in one pass for a whole batch (R34)."""

    _inherit = "aftersales.callback"

    @api.model
    def _plan_event(self, event, occasions):
        """Plan the callbacks that the rules want after something happened.

        Costs nothing without occasions, and otherwise the same few queries for one
        and for a thousand.

        :param str event: event of ``aftersales.callback.rule``
        :param list occasions: of :class:`Occasion`
        :return: the new callbacks
        """
        # What is promised to customers follows what happened, not the rights of who
        # did it.
        Callback = self.sudo().with_context(
            mail_create_nolog=True, mail_create_nosubscribe=True, tracking_disable=True
        )
        chosen = Callback._choose_rules(event, self._drop_stale(occasions))
        if not chosen:
            return self.browse()
        refused = self._get_opted_out(
            number for occasion, _rule in chosen for number in occasion.numbers
        )
        known = Callback._get_known(event, chosen)
        vals_list = [
            Callback._prepare_planned_vals(occasion, rule)
            for occasion, rule in chosen
            if refused.isdisjoint(occasion.numbers)
            and Callback._get_key(event, occasion) not in known
        ]
        callbacks_sudo = Callback._by_method().create(vals_list)
        return callbacks_sudo.with_env(self.env)

    @api.model
    def _drop_stale(self, occasions):
        today = {
            company: company._aftersales_today()
            for company in {occasion.company for occasion in occasions}
        }
        return [
            occasion
            for occasion in occasions
            if (today[occasion.company] - occasion.day).days <= STALE_DAYS
        ]

    @api.model
    def _choose_rules(self, event, occasions):
        """Return (occasion, rule) of those for which there is a rule."""
        if not occasions:
            return []
        companies = self.env["res.company"].union(*{o.company for o in occasions})
        rules = self.env["aftersales.callback.rule"]._get_of_event(event, companies)
        if not rules:
            return []
        chosen, picked = [], {}
        for occasion in occasions:
            key = (
                occasion.company,
                occasion.team,
                occasion.service_kind,
                occasion.kind,
                occasion.round,
            )
            if key not in picked:
                picked[key] = rules._pick(*key)
            if picked[key]:
                chosen.append((occasion, picked[key]))
        return chosen

    @api.model
    def _get_opted_out(self, numbers):
        """Return those of the numbers whose owners want no calls."""
        # The list of opt-outs is for administrators, whether one is on it is not.
        return self.env["phone.blacklist"].sudo()._aftersales_get_refused(numbers)

    @api.model
    def _get_mail_opted_out(self, emails):
        """Return those of the addresses whose owners want no mails."""
        emails = {email_normalize(email) for email in emails if email} - {False}
        if not emails:
            return set()
        # As for the numbers.
        blacklist_sudo = self.env["mail.blacklist"].sudo()
        return set(
            blacklist_sudo.search([("email", "in", list(emails))]).mapped("email")
        )

    @api.model
    def _get_known(self, event, chosen):
        """Return the keys of what is planned already, so that nothing comes twice."""
        if event not in KNOWN_BY:
            return set()
        field, states = KNOWN_BY[event]
        kinds = {rule.kind for _occasion, rule in chosen}
        groups = self._read_group(
            Domain(field, "in", [o.vals[field] for o, _rule in chosen])
            & Domain("kind", "in", list(kinds))
            & Domain("state", "in", states),
            [field, "partner_id"],
        )
        if event == "delivered":
            return {(source.id, partner.id) for source, partner in groups}
        return {source.id for source, _partner in groups}

    @api.model
    def _get_key(self, event, occasion):
        if event not in KNOWN_BY:
            return None
        source = occasion.vals[KNOWN_BY[event][0]]
        if event == "delivered":
            return (source, occasion.vals["partner_id"])
        return source

    @api.model
    def _prepare_planned_vals(self, occasion, rule):
        """Return the values of one callback planned by a rule (hook)."""
        return {
            "kind": rule.kind,
            "channel": "phone",
            "round": rule.round,
            "rule_id": rule.id,
            "company_id": occasion.company.id,
            "team_id": (occasion.team or rule.team_id).id,
            "date_planned": occasion.day + timedelta(days=rule.first_day),
            "date_deadline": occasion.day + timedelta(days=rule.last_day),
            **occasion.vals,
        }

    def _plan_next_round(self):
        """Plan the round after this one, where a rule wants it."""
        return self._plan_event(
            "callback",
            [
                Occasion(
                    company=callback.company_id,
                    team=callback.team_id,
                    service_kind=callback.sudo().ticket_id.service_kind,  # of the case
                    day=callback.company_id._aftersales_today(callback.date_done),
                    numbers=(callback.phone_sanitized,),
                    kind=callback.kind,
                    round=callback.round + 1,
                    vals=callback._prepare_next_round_vals(),
                )
                for callback in self
            ],
        )

    def _prepare_next_round_vals(self):
        self.ensure_one()
        return {
            "partner_id": self.partner_id.id,
            "partner_name": self.partner_name,
            "phone": self.phone,
            "ticket_id": self.ticket_id.id,
            "equipment_id": self.equipment_id.id,
            "picking_id": self.picking_id.id,
            "custody_id": self.custody_id.id,
        }

    def _withdraw_open(self, reason):
        """Take back those that nobody has made yet."""
        if waiting := self.filtered(lambda call: call.state in ("draft", "planned")):
            waiting._withdraw(reason)

    def _withdraw(self, reason):
        """Take planned callbacks back; done ones stay in the register.

        :param str reason: why, in words
        """
        self._by_method().write({"state": "cancelled", "cancel_reason": reason})
