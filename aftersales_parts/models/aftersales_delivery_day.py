from odoo import api, fields, models
from odoo.exceptions import LockError, UserError

AGENT = "aftersales_service.aftersales_service_group_agent"
STOCK = "stock.group_stock_user"
PURCHASE = "purchase.group_purchase_user"


class AftersalesDeliveryDay(models.Model):
    """The orders of a day: is in stock what they promise, what is to be ordered (R54).

    Made by the evening's job alone; nobody has the right to write it.
    """

    _name = "aftersales.delivery.day"
    _description = "Orders of a Day"
    _inherit = ["aftersales.document.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _mail_post_access = "read"
    _check_company_auto = True

    date = fields.Date(required=True, readonly=True)
    date_to = fields.Datetime(
        string="Confirmed until",
        readonly=True,
        help="Orders that were confirmed later are on the next list.",
    )
    state = fields.Selection(
        selection=[
            ("draft", "Being Listed"),
            ("open", "Goods Missing"),
            ("done", "Done"),
        ],
        required=True,
        readonly=True,
        default="draft",
        index=True,
        tracking=True,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        readonly=True,
        check_company=True,
    )
    line_ids = fields.One2many(
        comodel_name="aftersales.delivery.day.line",
        inverse_name="day_id",
        string="Lines",
        readonly=True,
    )
    order_count = fields.Integer(string="Orders", compute="_compute_counts")
    line_count = fields.Integer(string="Goods", compute="_compute_counts")
    missing_count = fields.Integer(string="Missing", compute="_compute_counts")
    ordered_count = fields.Integer(
        string="Ordered from Vendors", compute="_compute_counts"
    )
    can_order = fields.Boolean(compute="_compute_can_order")

    _date_uniq = models.UniqueIndex(
        "(company_id, date)", "The orders of a day are listed once in a company."
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("date", "name")
    def _compute_display_name(self):
        for day in self:
            day.display_name = " · ".join(filter(None, (day.name, str(day.date or ""))))

    @api.depends("line_ids.state")
    def _compute_counts(self):
        groups = self.env["aftersales.delivery.day.line"]._read_group(
            [("day_id", "in", self.ids)],
            ["day_id", "state"],
            ["__count", "order_id:count_distinct"],
        )
        counts = {(day, state): count for day, state, count, _orders in groups}
        orders = dict(
            self.env["aftersales.delivery.day.line"]._read_group(
                [("day_id", "in", self.ids)], ["day_id"], ["order_id:count_distinct"]
            )
        )
        for day in self:
            day.order_count = orders.get(day, 0)
            day.line_count = sum(n for (one, _s), n in counts.items() if one == day)
            day.missing_count = counts.get((day, "missing"), 0)
            day.ordered_count = counts.get((day, "ordered"), 0)

    @api.depends("state")
    @api.depends_context("uid", "su")
    def _compute_can_order(self):
        user = self.env.user
        may = self.env.su or any(map(user.has_group, (AGENT, STOCK, PURCHASE)))
        for day in self:
            day.can_order = may and day.state == "open"

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def action_order(self):
        """Order what is still missing, by the rules of the warehouse, once (R54).

        What came into stock or was ordered otherwise in the meantime is not ordered
        again.

        :return: notice of what was ordered and what could not be
        :raise UserError: when nothing is missing, or somebody else orders at this moment
        """
        self.check_access("read")
        if refused := self.filtered(lambda day: not day.can_order):
            raise UserError(
                self.env._(
                    "%s: nothing is left to be ordered. The desk, the warehouse and "
                    "the buyers order what a list shows as missing.",
                    ", ".join(refused.mapped("display_name")),
                )
            )
        # Ordered behind the rule above; the desk has no right on purchases.
        days_sudo = self.sudo()
        try:
            days_sudo.lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._(
                    "%s: somebody else orders at this moment. Look again in a minute.",
                    ", ".join(self.mapped("display_name")),
                )
            ) from error
        lines_sudo = days_sudo.line_ids.filtered(lambda line: line.state == "missing")
        lines_sudo._order_missing()
        days_sudo._follow_lines()
        return self._tell_ordered(lines_sudo)

    def _follow_lines(self):
        """Close lists on which nothing is missing any more, and their to-dos."""
        done = self.filtered(
            lambda day: all(line.state != "missing" for line in day.line_ids)
        )
        done.state = "done"
        done.activity_feedback(["mail.mail_activity_data_todo"])
        (self - done).state = "open"

    def _tell_ordered(self, lines_sudo):
        ordered = lines_sudo.filtered(lambda line: line.state == "ordered")
        left = lines_sudo.filtered(lambda line: line.state == "missing")
        message = self.env._("Goods ordered: %s.", len(ordered))
        if left:
            message = self.env._(
                "Goods ordered: %(count)s. Not ordered: %(left)s",
                count=len(ordered),
                left=", ".join(
                    f"{line.product_id.display_name} ({line.obstacle})" for line in left
                ),
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if left else "success",
                "sticky": bool(left),
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_view_lines(self):
        """Open the goods of these lists."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_parts.aftersales_delivery_day_line_action"
        )
        return {**action, "domain": [("day_id", "in", self.ids)], "context": {}}

    def action_view_purchases(self):
        """Open the requests to vendors that were made for these lists.

        For buyers: nobody else may read them.
        """
        action = self.env["ir.actions.act_window"]._for_xml_id("purchase.purchase_rfq")
        domain = [("origin", "ilike", name) for name in self.mapped("name")]
        return {
            **action,
            "domain": ["|"] * (len(domain) - 1) + domain,
            "context": {"create": False},
        }
