from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.credit import LIVING
from ..tools.return_rule import ReturnCase, decide, get_days
from .aftersales_return_workflow import SUPERVISOR


class AftersalesReturnLine(models.Model):
    """What the house rules say of a line, and who may say otherwise (R18, R48)."""

    _inherit = "aftersales.return.line"

    rule_id = fields.Many2one(
        comodel_name="aftersales.return.rule",
        compute="_compute_rule_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The first return rule that these goods meet.",
    )
    rule_reason = fields.Char(
        string="Decided because",
        compute="_compute_rule_reason",
        help="What the return rules say of these goods, and why.",
    )
    is_refused_by_rule = fields.Boolean(
        string="Against the Rules", compute="_compute_rule_reason"
    )
    freight_bearer = fields.Selection(related="rule_id.freight_bearer")
    price_reason = fields.Char(
        string="Other Price because",
        copy=False,
        help="Why another price is credited than the rules say; written by a "
        "supervisor.",
    )
    exception_reason = fields.Char(
        string="Accepted Although",
        copy=False,
        help="Why goods are taken back that the rules refuse; written by a supervisor.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends(
        "reason_id",
        "product_id",
        "move_id",
        "equipment_id",
        "invoice_line_id",
        "company_id",
    )
    def _compute_rule_id(self):
        rules = self.env["aftersales.return.rule"]._get_plain_rules()
        Rule = self.env["aftersales.return.rule"]
        for line in self:
            if line._is_decided():
                line.rule_id = line.rule_id
                continue
            line.rule_id = Rule.browse(decide(rules, line._get_rule_case()) or False)

    @api.depends("rule_id")
    def _compute_price_rule(self):
        for line in self:
            if line._is_decided():
                line.price_rule = line.price_rule
                continue
            # Its terms are for everybody, the row is of who keeps the rules.
            line.price_rule = line.rule_id.sudo().price_rule or "paid"

    @api.depends("rule_id")
    def _compute_inspection_required(self):
        for line in self:
            # See _compute_price_rule.
            rule_sudo = line.rule_id.sudo()
            line.inspection_required = not rule_sudo or rule_sudo.inspection_required

    @api.depends("rule_id", "remedy", "move_id", "equipment_id")
    @api.depends_context("lang")
    def _compute_rule_reason(self):
        for line in self:
            refusals = line._get_rule_refusals()
            line.is_refused_by_rule = bool(refusals)
            # See _compute_price_rule.
            name = line.rule_id.sudo().name or self.env._(
                "No rule names such goods: price paid, inspected on arrival"
            )
            line.rule_reason = " · ".join((name, *refusals))

    def _is_decided(self):
        """Tell whether the line was authorised: it stays as it was decided then."""
        self.ensure_one()
        return bool(self._origin) and self.state not in (False, "draft")

    # ------------------------------------------------------------
    # THE CASE
    # ------------------------------------------------------------

    def _get_rule_case(self):
        """Return what the rules ask of a line."""
        self.ensure_one()
        company = self.company_id or self.return_id.company_id or self.env.company
        # Categories, kinds and prices, for who takes the request.
        product_sudo = self.product_id.sudo()
        template_sudo = product_sudo.product_tmpl_id
        goods_class_sudo = template_sudo._get_aftersales_class()
        path = template_sudo.categ_id.parent_path or ""
        return ReturnCase(
            company=company.id,
            today=company._aftersales_today(),
            reason=self.reason_id.id,
            categories=frozenset(int(part) for part in path.split("/") if part),
            goods_class=goods_class_sudo.id,
            delivered=self._get_delivery_day(company),
            discounted=self._is_discounted(),
            seasons=tuple(
                season._get_period()
                for season in goods_class_sudo.season_ids
                if season.company_id in (company, company.browse())
            ),
        )

    def _get_delivery_day(self, company):
        """Return the day the goods went out where the company works, or None."""
        self.ensure_one()
        # Who returns reads no transfers.
        move_sudo = self.move_id.sudo()
        if move_sudo:
            first_sudo = move_sudo._aftersales_first_move()
            return company._aftersales_today(first_sudo.date)
        return self.equipment_id.delivery_date or None

    def _is_discounted(self):
        """Tell whether the goods were bought at a discount."""
        self.ensure_one()
        # The price on the invoice, else on the order, for who takes the request.
        line_sudo = self.sudo()
        invoice_line_sudo = line_sudo.invoice_line_id
        return (invoice_line_sudo or line_sudo.sale_line_id).discount > 0

    # ------------------------------------------------------------
    # WHAT THE RULES REFUSE
    # ------------------------------------------------------------

    def _get_rule_refusals(self):
        """Return why the rules refuse a line, in words; empty when they do not."""
        self.ensure_one()
        # See _compute_price_rule.
        rule_sudo = self.rule_id.sudo()
        if not rule_sudo:
            return []
        refusals = []
        if self.remedy and self.remedy not in rule_sudo._get_allowed():
            labels = dict(self._fields["remedy"]._description_selection(self.env))
            offered = rule_sudo._say_allowed()
            refusals.append(
                self.env._(
                    "not with the remedy %(remedy)s; offered: %(offered)s",
                    remedy=labels[self.remedy],
                    offered=offered,
                )
                if offered
                else self.env._("not taken back")
            )
        if rule_sudo.window_days and self.remedy in ("refund", "exchange"):
            days = get_days(self._get_rule_case())
            if days is not None and days > rule_sudo.window_days:
                refusals.append(
                    self.env._(
                        "delivered %(days)s days ago, taken back within %(window)s days",
                        days=days,
                        window=rule_sudo.window_days,
                    )
                )
        return refusals

    def _has_other_price(self):
        """Tell whether somebody chose another price than the rules say."""
        self.ensure_one()
        # See _compute_price_rule.
        return self.price_rule != (self.rule_id.sudo().price_rule or "paid")

    def _get_price_reason(self):
        """Return why another price is credited, wherever it was written."""
        self.ensure_one()
        texts = (
            self.price_reason,
            self.note,
            self.return_id.description,
            self.reason_id.name,
        )
        return next((text.strip() for text in texts if (text or "").strip()), "")

    # ------------------------------------------------------------
    # WHO MAY SAY OTHERWISE
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if any(
            vals.get(name)
            for vals in vals_list
            for name in ("price_reason", "exception_reason")
        ):
            self._ensure_may_decide()
        return super().create(vals_list)

    def write(self, vals):
        decided = {"price_reason", "exception_reason"} & vals.keys()
        if any(
            (line[name] or "") != (vals[name] or "")
            for line in self
            for name in decided
        ):
            self._ensure_may_decide()
        if "price_rule" in vals:
            self._ensure_price_changeable(vals)
        return super().write(vals)

    def _ensure_may_decide(self):
        """Refuse exceptions from the rules to all but supervisors.

        :raise UserError: naming the way out
        """
        if not self.env.su and not self.env.user.has_group(SUPERVISOR):
            raise UserError(
                self.env._(
                    "A supervisor decides on exceptions from the return rules and on "
                    "another price; ask yours."
                )
            )

    def _ensure_price_changeable(self, vals):
        """Another price after the authorisation is a supervisor's, with a reason.

        :raise UserError: naming the lines
        """
        changed = self.filtered(
            lambda line: line.price_rule != vals["price_rule"] and line._is_decided()
        )
        if not changed or self._is_by_method():
            return
        changed._ensure_may_decide()
        for line in changed:
            if not (vals.get("price_reason") or line._get_price_reason()):
                raise UserError(
                    self.env._(
                        "%s: say why another price is credited than the rules say.",
                        line.display_name,
                    )
                )
            # Whether it is credited, for who has no right on credit notes.
            if line.sudo()._get_credited(LIVING):
                raise UserError(
                    self.env._(
                        "%s: a credit note exists at the former price; cancel or "
                        "delete it first.",
                        line.display_name,
                    )
                )
