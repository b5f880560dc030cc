from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .aftersales_return import HOLDING_STATES

# What an open return waits for, in the order of work.
WAITING = [
    ("authorisation", "Authorisation"),
    ("approval", "Approval"),
    ("goods", "Goods on Their Way"),
    ("inspection", "Inspection"),
    ("refund", "Credit Note"),
    ("exchange", "Replacement"),
    ("repair", "Repair and Hand-back"),
    ("send_back", "Sending Back"),
    ("closing", "Closing"),
]


class AftersalesReturn(models.Model):
    """What the screens of a return show: value, documents, what is waited for."""

    _inherit = "aftersales.return"

    amount_paid = fields.Monetary(
        string="Value of the Goods",
        compute="_compute_amount_paid",
        store=True,
        help="Net price paid for what is to come back.",
    )
    waits_for = fields.Selection(
        selection=WAITING, compute="_compute_waits_for", search="_search_waits_for"
    )
    waiting_text = fields.Char(compute="_compute_waiting_text")
    picking_count = fields.Integer(compute="_compute_document_counts")
    refund_count = fields.Integer(compute="_compute_document_counts")
    repair_count = fields.Integer(compute="_compute_document_counts")
    order_count = fields.Integer(compute="_compute_document_counts")
    equipment_count = fields.Integer(compute="_compute_document_counts")
    product_names = fields.Char(string="Goods", compute="_compute_product_names")

    # ------------------------------------------------------------
    # VALUE AND GOODS
    # ------------------------------------------------------------

    @api.depends("line_ids.amount_paid")
    def _compute_amount_paid(self):
        for rma in self:
            rma.amount_paid = sum(rma.line_ids.mapped("amount_paid"))

    @api.depends("line_ids.product_id", "line_ids.quantity")
    @api.depends_context("lang")
    def _compute_product_names(self):
        for rma in self:
            # A list of goods, as it is on the return itself.
            products_sudo = rma.line_ids.product_id.sudo()
            names = products_sudo.with_context(display_default_code=False)
            first = names[:2].mapped("display_name")
            more = len(names) - len(first)
            rma.product_names = ", ".join(first) + (f" +{more}" if more else "")

    # ------------------------------------------------------------
    # WHAT IS WAITED FOR
    # ------------------------------------------------------------

    @api.depends(
        "state",
        "approval_user_id",
        "line_ids.remedy",
        "line_ids.inspection",
        "line_ids.inspection_required",
        "line_ids.quantity_received",
        "line_ids.quantity_refunded",
        "line_ids.quantity_replaced",
        "line_ids.quantity_given_back",
    )
    def _compute_waits_for(self):
        for rma in self:
            rma.waits_for = rma._get_waits_for()

    def _get_waits_for(self):
        """Return what a return waits for, the first of it in the order of work."""
        self.ensure_one()
        if self.state == "draft":
            return "approval" if self.approval_user_id else "authorisation"
        if self.state == "authorised":
            return "goods"
        if self.state not in HOLDING_STATES:
            return False
        if any(line._waits_for_inspection() for line in self.line_ids):
            return "inspection"
        open_remedies = {
            line.remedy for line in self.line_ids if not line._is_settled()
        }
        for step, _label in WAITING:
            if step in open_remedies:
                return step
        return "closing"

    def _search_waits_for(self, operator, value):
        if operator != "in":
            return NotImplemented
        steps = set(value)
        domain = Domain.FALSE
        if "authorisation" in steps:
            domain |= Domain("state", "=", "draft") & Domain(
                "approval_user_id", "=", False
            )
        if "approval" in steps:
            domain |= Domain("state", "=", "draft") & Domain(
                "approval_user_id", "!=", False
            )
        if "goods" in steps:
            domain |= Domain("state", "=", "authorised")
        if False in steps:
            domain |= Domain("state", "in", ("done", "refused", "cancelled"))
        if steps - {"authorisation", "approval", "goods", False}:
            # What lies here: as many as the shelves hold, not as there ever were.
            here = self.search([("state", "in", ("received", "inspected"))])
            found = here.filtered(lambda rma: rma.waits_for in steps)
            domain |= Domain("id", "in", found.ids)
        return domain

    @api.depends("waits_for", "end_reason", "state")
    @api.depends_context("lang", "uid")
    def _compute_waiting_text(self):
        for rma in self:
            rma.waiting_text = rma._say_waiting()

    def _say_waiting(self):
        """Say what is waited for, or how it ended."""
        self.ensure_one()
        lines = self.line_ids
        products = ", ".join(
            lines.filtered(lambda line: not line._is_settled())
            .product_id.sudo()  # names of goods that are on the return itself
            .with_context(display_default_code=False)
            .mapped("display_name")[:3]
        )
        # The name of a colleague.
        approver = self.approval_user_id.sudo().name
        texts = {
            "authorisation": self.env._(
                "Waits for the desk: authorise it, and the customer gets the label."
            ),
            "approval": self.env._("Waits for the approval of %s.", approver),
            "goods": self.env._("Waits for the goods, which the customer sends."),
            "inspection": self.env._(
                "The goods are here and wait for their inspection."
            ),
            "refund": self.env._("Waits for the posted credit note: %s.", products),
            "exchange": self.env._("Waits for the replacement: %s.", products),
            "repair": self.env._("Waits for repair and hand-back: %s.", products),
            "send_back": self.env._("Waits for being sent back: %s.", products),
            "closing": self.env._("All is settled: close it."),
        }
        if text := texts.get(self.waits_for):
            return text
        return self.end_reason or ""

    # ------------------------------------------------------------
    # DOCUMENTS
    # ------------------------------------------------------------

    def _compute_document_counts(self):
        for name, records in self._get_documents().items():
            for rma in self:
                rma[f"{name}_count"] = len(records.get(rma.id, ()))

    def _get_documents(self):
        """Return ``{kind: {id of the return: ids of its documents}}``."""
        documents = {
            "picking": self._group_documents("stock.picking"),
            "refund": self._group_documents("account.move"),
            "repair": self._group_documents("repair.order"),
            "order": {},
            "equipment": {},
        }
        for line in self.line_ids:
            # Which orders and units they are is counted; opening them takes rights.
            order_sudo = line.sale_line_id.sudo().order_id
            unit_sudo = line.equipment_id.sudo()
            if order_sudo:
                documents["order"].setdefault(line.return_id.id, set()).add(
                    order_sudo.id
                )
            if unit_sudo:
                documents["equipment"].setdefault(line.return_id.id, set()).add(
                    unit_sudo.id
                )
        return documents

    def _group_documents(self, model):
        # How many there are is shown to all who see the return.
        groups = self.env[model].sudo()
        return {
            rma.id: ids
            for rma, ids in groups._read_group(
                [("aftersales_return_id", "in", self.ids)],
                ["aftersales_return_id"],
                ["id:array_agg"],
            )
        }

    def _open_kind(self, kind, model):
        ids = set().union(*self._get_documents()[kind].values())
        records = self.env[model].browse(sorted(ids))._filtered_access("read")
        if ids and not records:
            raise UserError(
                self.env._(
                    "You have no right to open these documents; ask those who keep them."
                )
            )
        return self._open_documents(records)

    def action_view_pickings(self):
        """Open the transfers of the return."""
        return self._open_kind("picking", "stock.picking")

    def action_view_refunds(self):
        """Open the credit notes of the return."""
        return self._open_kind("refund", "account.move")

    def action_view_repairs(self):
        """Open the repair orders of the return."""
        return self._open_kind("repair", "repair.order")

    def action_view_orders(self):
        """Open the orders the goods were sold with."""
        return self._open_kind("order", "sale.order")

    def action_view_equipment(self):
        """Open the units that come back."""
        return self._open_kind("equipment", "aftersales.equipment")

    def action_add_lines(self):
        """Choose more goods of the customer for this return."""
        self.ensure_one()
        self._ensure_open_to_lines()
        return self.env["aftersales.return.request"]._open_for(rma=self)

    def _ensure_open_to_lines(self):
        """Refuse more goods once returns are authorised.

        :raise UserError: naming the returns and the way out
        """
        if closed := self.filtered(lambda rma: rma.state != "draft"):
            closed._refuse(
                self.env._(
                    "Goods are added while it is requested; request another return for "
                    "more."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_not_begun(self):
        if begun := self.filtered(
            lambda rma: rma.state in HOLDING_STATES or rma.state == "done"
        ):
            begun._refuse(
                self.env._("Only requested, refused and cancelled returns are deleted.")
            )
