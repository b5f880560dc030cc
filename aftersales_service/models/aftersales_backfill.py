from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

# Problems tried again while the user waits.
RETRIED_AT_ONCE = 500

UNDER_WAY = ("running", "paused")


class AftersalesBackfill(models.Model):
    """Makes the vouchers of deliveries older than the add-on, in the background.

    The record holds what was asked for. What was done is in its batches, which are
    only ever added: whoever pauses or cancels never meets the work on the same row.
    """

    _name = "aftersales.backfill"
    _description = "Units for Past Deliveries"
    _inherit = ["aftersales.document.mixin", "mail.thread"]
    _facts = frozenset({"state", "user_id", "total_count", "batch_ids", "error_ids"})
    _order = "id desc"
    _check_company_auto = True

    date_from = fields.Date(
        string="Delivered from", help="All deliveries since the beginning when empty."
    )
    date_to = fields.Date(
        string="Delivered until", required=True, default=fields.Date.context_today
    )
    product_ids = fields.Many2many(
        comodel_name="product.product",
        string="Products",
        domain="[('aftersales_voucher', '!=', 'none')]",
        help="All products that make vouchers when empty.",
    )
    categ_ids = fields.Many2many(
        comodel_name="product.category", string="Product Categories"
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("running", "Running"),
            ("paused", "Paused"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        help="Draft: nothing happens yet.\n"
        "Running: worked off in the background, batch by batch.\n"
        "Paused: stops after the present batch and goes on where it stopped.\n"
        "Done: all deliveries were looked at.\n"
        "Cancelled: stopped for good; the vouchers made so far stay.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Started by", readonly=True, copy=False
    )
    delivery_count = fields.Integer(
        string="Deliveries without Voucher",
        compute="_compute_preview",
        compute_sudo=True,
    )
    expected_unit_count = fields.Integer(
        string="Vouchers to Make", compute="_compute_preview", compute_sudo=True
    )
    return_count = fields.Integer(
        string="Returns to Look at", compute="_compute_preview", compute_sudo=True
    )
    total_count = fields.Integer(string="Transfers", readonly=True, copy=False)
    batch_ids = fields.One2many(
        comodel_name="aftersales.backfill.batch",
        inverse_name="backfill_id",
        string="Batches",
        readonly=True,
    )
    error_ids = fields.One2many(
        comodel_name="aftersales.backfill.error",
        inverse_name="backfill_id",
        string="Problems",
        readonly=True,
    )
    done_count = fields.Integer(
        string="Transfers Looked at", compute="_compute_progress"
    )
    unit_count = fields.Integer(string="Vouchers Made", compute="_compute_progress")
    returned_count = fields.Integer(
        string="Units Returned", compute="_compute_progress"
    )
    error_count = fields.Integer(string="Problems Found", compute="_compute_progress")
    progress = fields.Float(compute="_compute_progress")
    can_start = fields.Boolean(compute="_compute_can")
    can_pause = fields.Boolean(compute="_compute_can")
    can_continue = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")
    can_retry = fields.Boolean(compute="_compute_can")

    _under_way_uniq = models.UniqueIndex(
        "(company_id) WHERE state IN ('running', 'paused')",
        "The past deliveries of this company are being worked off already.",
    )
    _dates_order = models.Constraint(
        "CHECK (date_from IS NULL OR date_from <= date_to)",
        "The period must begin before it ends.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("company_id", "date_from", "date_to", "product_ids", "categ_ids")
    def _compute_preview(self):
        for backfill in self:
            waiting = backfill._get_waiting_domain()
            Move = self.env["stock.move"]
            backfill.delivery_count = Move.search_count(waiting)
            backfill.expected_unit_count = backfill._count_expected_units(waiting)
            backfill.return_count = Move.search_count(
                backfill._get_move_domain() & self._get_return_domain()
            )

    @api.model
    def _count_expected_units(self, domain):
        """Count the vouchers that deliveries will make: one per serial or per line."""
        Move = self.env["stock.move"]
        per_line = Move.search_count(
            domain & Domain("product_id.aftersales_voucher", "=", "line")
        )
        per_lot = Move._search(
            domain & Domain("product_id.aftersales_voucher", "=", "serial")
        )
        self.env["stock.move.line"].flush_model(["move_id", "lot_id", "quantity"])
        [(lots,)] = self.env.execute_query(
            SQL(
                """SELECT COUNT(*) FROM (
                    SELECT DISTINCT move_id, lot_id FROM stock_move_line
                    WHERE quantity > 0 AND move_id IN %s
                ) AS voucher""",
                per_lot.subselect(),
            )
        )
        return per_line + lots

    @api.depends("batch_ids", "error_ids", "total_count", "state")
    def _compute_progress(self):
        sums = {
            backfill: figures
            for backfill, *figures in self.env["aftersales.backfill.batch"]._read_group(
                [("backfill_id", "in", self.ids)],
                ["backfill_id"],
                ["move_count:sum", "unit_count:sum", "returned_count:sum"],
            )
        }
        errors = dict(
            self.env["aftersales.backfill.error"]._read_group(
                [("backfill_id", "in", self.ids)], ["backfill_id"], ["__count"]
            )
        )
        for backfill in self:
            done, units, returned = sums.get(backfill._origin, (0, 0, 0))
            backfill.done_count = done
            backfill.unit_count = units
            backfill.returned_count = returned
            backfill.error_count = errors.get(backfill._origin, 0)
            if backfill.state == "done":
                backfill.progress = 100.0
            else:
                # Deliveries of today may have come on top of the total.
                backfill.progress = min(
                    100.0 * done / (backfill.total_count or 1), 99.0
                )

    @api.depends("state", "error_ids")
    def _compute_can(self):
        for backfill in self:
            backfill.can_start = backfill.state == "draft"
            backfill.can_pause = backfill.state == "running"
            backfill.can_continue = backfill.state == "paused"
            backfill.can_cancel = backfill.state in UNDER_WAY
            backfill.can_retry = backfill.state != "running" and bool(
                backfill.error_ids
            )

    @api.depends("date_from", "date_to", "company_id")
    def _compute_display_name(self):
        for backfill in self:
            dates = (backfill.date_from, backfill.date_to)
            backfill.display_name = " – ".join(
                fields.Date.to_string(date) if date else "…" for date in dates
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        asked = {"company_id", "date_from", "date_to", "product_ids", "categ_ids"}
        if asked & vals.keys() and any(backfill.state != "draft" for backfill in self):
            raise UserError(
                self.env._(
                    "What was started stays as it was asked for; cancel it and start "
                    "another one. Nothing is made twice."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        if any(backfill.state != "draft" for backfill in self):
            raise UserError(
                self.env._(
                    "What was started is kept, it says where vouchers come from."
                )
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_start(self):
        """Begin to work off the past deliveries in the background.

        :raise UserError: when there is nothing to do, or another one of the company
            is under way
        """
        self._ensure_can("can_start", self.env._("Only a draft can be started."))
        for backfill in self:
            backfill._ensure_alone()
            total = self.env["stock.move"].sudo()  # counted, not read
            total = total.search_count(
                backfill._get_move_domain() & self._get_concerned_domain()
            )
            if not total:
                raise UserError(
                    self.env._(
                        "There is no delivery in this period of a product that makes "
                        "vouchers. Check the period, and the service voucher of the "
                        "products."
                    )
                )
            backfill._by_method().write(
                {"state": "running", "user_id": self.env.uid, "total_count": total}
            )
        self._trigger()
        return True

    def action_pause(self):
        """Stop after the present batch, to go on later.

        :raise UserError: when it does not run
        """
        self._ensure_can("can_pause", self.env._("Only what runs can be paused."))
        return self._by_method().write({"state": "paused"})

    def action_continue(self):
        """Go on where it stopped.

        :raise UserError: when it is not paused
        """
        self._ensure_can("can_continue", self.env._("Only what is paused can go on."))
        self._by_method().write({"state": "running"})
        self._trigger()
        return True

    def action_cancel(self):
        """Stop for good; the vouchers made so far stay.

        :raise UserError: when it is not under way
        """
        self._ensure_can(
            "can_cancel", self.env._("Only what is under way is cancelled.")
        )
        return self._by_method().write({"state": "cancelled"})

    def action_retry(self):
        """Look at the transfers with problems again, once their cause is mended.

        :raise UserError: when there are none, or while it runs
        """
        self._ensure_can(
            "can_retry",
            self.env._("There must be problems, and it must not run meanwhile."),
        )
        for backfill in self:
            # Made and removed by the work itself.
            errors = backfill.sudo().error_ids[:RETRIED_AT_ONCE]
            moves = errors.move_id.sorted(lambda move: (move.date, move.id))
            errors.unlink()
            backfill._handle(moves, last=None)
        return True

    def action_refresh(self):
        """Show the present progress."""
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_view_units(self):
        """Open the vouchers of this period's deliveries."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_equipment_action"
        )
        domain = Domain("company_id", "=", self.company_id.id)
        domain &= Domain("source", "=", "delivery")
        domain &= Domain("delivery_date", "<=", self.date_to)
        if self.date_from:
            domain &= Domain("delivery_date", ">=", self.date_from)
        return {**action, "domain": list(domain), "context": {"create": False}}

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def _ensure_can(self, rule, way_out):
        self.check_access("write")
        if any(not backfill[rule] for backfill in self):
            raise UserError(way_out)

    def _ensure_alone(self):
        others = self.search(
            [("company_id", "=", self.company_id.id), ("state", "in", UNDER_WAY)],
            limit=1,
        )
        if others:
            raise UserError(
                self.env._(
                    "The past deliveries of %(company)s are being worked off already "
                    "(%(period)s). Wait for it, or cancel it first.",
                    company=self.company_id.name,
                    period=others.display_name,
                )
            )
