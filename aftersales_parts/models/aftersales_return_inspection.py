from odoo import api, fields, models
from odoo.exceptions import UserError

FINDINGS = [
    ("resaleable", "Resaleable"),
    ("rework", "Rework"),
    ("scrap", "Scrap"),
    ("no_fault", "No Fault Found"),
    ("misuse", "Misuse"),
]
# Only these reach saleable stock (R52).
GOOD = ("resaleable", "no_fault")
# What may still be added once the finding is booked.
ADDED_LATER = frozenset({"note", "attachment_ids"})


class AftersalesReturnInspection(models.Model):
    """What the inspection found of returned goods (R52).

    A line may have several: two of five resaleable, three scrap; and again after
    rework. It is typed first and booked then, with the goods, once and for all.
    """

    _name = "aftersales.return.inspection"
    _description = "Finding of an Inspection"
    _inherit = ["aftersales.fact.mixin"]
    _facts = frozenset({"date", "inspector_id"})
    _order = "date desc, id desc"
    _check_company_auto = True

    line_id = fields.Many2one(
        comodel_name="aftersales.return.line",
        string="Line of the Return",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    return_id = fields.Many2one(
        related="line_id.return_id", store=True, index=True, precompute=True
    )
    company_id = fields.Many2one(
        related="line_id.company_id", store=True, index=True, precompute=True
    )
    product_id = fields.Many2one(
        related="line_id.product_id", store=True, index=True, precompute=True
    )
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit of Measure")
    tracking = fields.Selection(related="product_id.tracking")
    lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="Serial or Lot",
        compute="_compute_lot_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
        domain="[('product_id', '=', product_id)]",
    )
    quantity = fields.Float(
        digits="Product Unit",
        default=1.0,
        required=True,
        help="In the unit of measure of the product.",
    )
    finding = fields.Selection(
        selection=FINDINGS,
        required=True,
        help="Resaleable, No Fault Found: the goods go on stock.\n"
        "Rework: they stay in quarantine until they are inspected again.\n"
        "Scrap: they are scrapped.\n"
        "Misuse: they are not taken back, but go to the customer as they are; offer "
        "him a repair.",
    )
    after_rework = fields.Boolean(help="Goods that were reworked and inspected again.")
    note = fields.Text()
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="aftersales_return_inspection_attachment_rel",
        string="Photos",
        bypass_search_access=True,
        copy=False,
    )
    date = fields.Datetime(string="Booked on", readonly=True, copy=False, index=True)
    inspector_id = fields.Many2one(
        comodel_name="res.users", string="Inspected by", readonly=True, copy=False
    )

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "A finding is about more than nothing."
    )

    @api.depends("line_id")
    def _compute_lot_id(self):
        for row in self:
            row.lot_id = row.lot_id or row.line_id.lot_id

    @api.depends("line_id.display_name", "finding")
    def _compute_display_name(self):
        words = dict(self._fields["finding"]._description_selection(self.env))
        for row in self:
            parts = (row.line_id.display_name, words.get(row.finding))
            row.display_name = " · ".join(part for part in parts if part)

    # ------------------------------------------------------------
    # CREATE, WRITE
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        rows = super().create(vals_list)
        rows._keep_photos()
        return rows

    def write(self, vals):
        self._ensure_no_facts(vals)
        if vals.keys() - ADDED_LATER and not self._is_by_method():
            self._ensure_not_booked()
        result = super().write(vals)
        if "attachment_ids" in vals:
            self._keep_photos()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booked(self):
        self._ensure_not_booked()

    def _ensure_not_booked(self):
        """Refuse to change what was booked: goods were moved by it.

        :raise UserError: naming the findings
        """
        if booked := self.filtered("date"):
            raise UserError(
                self.env._(
                    "These findings are booked, the goods went where they send them; "
                    "notes and photos can still be added: %s",
                    ", ".join(booked.mapped("display_name")),
                )
            )

    def _keep_photos(self):
        """Let photos belong to their finding, so that whoever reads it sees them."""
        for row in self.filtered("attachment_ids"):
            # Uploaded by the user, who sees no files of nobody's but his own.
            files_sudo = row.attachment_ids.sudo()
            files_sudo.filtered(
                lambda file, row=row: not file.res_id
                and file.create_uid == row.env.user
            ).write({"res_model": self._name, "res_id": row.id})

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_book(self):
        """Book findings: the goods go where these send them (desk and warehouse).

        :raise UserError: when they are about more than what waits for its inspection
        """
        self.check_access("write")
        self.return_id._ensure_can(
            "can_inspect", self.env._("Only goods that were received are inspected.")
        )
        # Behind that rule; neither the desk nor the warehouse may do all it causes.
        self.sudo()._book()
        return True
