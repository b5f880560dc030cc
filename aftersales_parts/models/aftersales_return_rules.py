from odoo import models

from .aftersales_return_workflow import SUPERVISOR


class AftersalesReturn(models.Model):
    """Goods come back as the house rules say, or a supervisor says why not (R18, R48)."""

    _inherit = "aftersales.return"

    def _ensure_complete(self):
        result = super()._ensure_complete()
        self._ensure_rules()
        return result

    def _ensure_rules(self):
        """Refuse what the return rules refuse, unless a supervisor made an exception.

        :raise UserError: naming the goods, the rule and the way out
        """
        is_supervisor = self.env.su or self.env.user.has_group(SUPERVISOR)
        for rma in self:
            refused = rma.line_ids.filtered(
                lambda line: line.is_refused_by_rule and not line.exception_reason
            )
            if refused:
                rma._refuse(
                    self.env._(
                        "The return rules refuse these goods: %s. Choose another "
                        "remedy; or let a supervisor write on the line why they are "
                        "accepted although.",
                        "; ".join(rma._say_rules(refused)),
                    )
                )
            priced = rma.line_ids.filtered(lambda line: line._has_other_price())
            if priced and not is_supervisor and not all(priced.mapped("price_reason")):
                rma._refuse(
                    self.env._(
                        "Another price than the rules say is authorised by a "
                        "supervisor: %s",
                        "; ".join(rma._say_rules(priced)),
                    )
                )

    def _say_rules(self, lines):
        return [f"{line.product_id.display_name}: {line.rule_reason}" for line in lines]

    def _after_authorisation(self):
        result = super()._after_authorisation()
        for rma in self:
            notes = [
                self.env._(
                    "%(product)s: accepted although the rules refuse it (%(rule)s): "
                    "%(reason)s",
                    product=line.product_id.display_name,
                    rule=line.rule_reason,
                    reason=line.exception_reason,
                )
                for line in rma.line_ids
                if line.exception_reason and line.is_refused_by_rule
            ] + [
                self.env._(
                    "%(product)s: another price than the rules say: %(reason)s",
                    product=line.product_id.display_name,
                    reason=line._get_price_reason(),
                )
                for line in rma.line_ids
                if line._has_other_price()
            ]
            if notes:
                rma.message_post(body="\n".join(notes))
        return result
