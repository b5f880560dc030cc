from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import NO_ACCESS

WATCHED = frozenset(
    {"state", "quantity", "old_lot_id", "old_part_wish", "kind", "product_id"}
)


class AftersalesTicketLine(models.Model):
    """The old part: back to us against the new one, or as the customer decides (R47)."""

    _inherit = "aftersales.ticket.line"

    old_part_wish = fields.Selection(
        selection=[
            ("keep", "Customer Keeps It"),
            ("back", "Customer Gives It to Us"),
        ],
        string="Customer's Wish for the Old Part",
        required=True,
        default="keep",
        copy=False,
        help="On work he pays for, the customer decides. Under warranty the old part "
        "comes back against the new one.",
    )
    old_part = fields.Selection(
        selection=[("keep", "Customer Keeps It"), ("back", "Comes Back")],
        compute="_compute_old_part",
        store=True,
        precompute=True,
        help="What becomes of the part that is replaced; empty when nothing is.",
    )
    old_part_ids = fields.One2many(
        comodel_name="aftersales.old.part",
        inverse_name="line_id",
        string="Old Parts",
        copy=False,
        groups=NO_ACCESS,
    )

    @api.depends("kind", "product_id", "share_customer", "old_part_wish")
    def _compute_old_part(self):
        for line in self:
            # Which products leave an old part behind is no secret.
            replaces = (
                line.kind == "part" and line.product_id.sudo().aftersales_old_part_back
            )
            if not replaces:
                line.old_part = False
            elif line.share_customer >= 100:
                line.old_part = line.old_part_wish
            else:
                line.old_part = "back"

    # ------------------------------------------------------------
    # WHAT CHANGES IT
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._sync_old_parts()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if not self._is_by_method() and WATCHED & vals.keys():
            self._sync_old_parts()
            if "old_part_wish" in vals:
                self._update_estimates()
        return result

    def _decide(self):
        result = super()._decide()
        self._sync_old_parts()
        return result

    def _override(self, wish):
        result = super()._override(wish)
        if wish:
            self._sync_old_parts()
        return result

    def _sync_old_parts(self):
        """Bring what is due back to what the lines say; what was received stays."""
        parts = self.filtered(lambda line: line.kind == "part")
        used = parts.filtered(lambda line: line.state == "used" and line.old_part)
        # Only what was ever used can have left something.
        if not (used or any(line._origin.date_done for line in parts)):
            return
        # Who notes the work makes what is due, and nothing else of the list.
        lines_sudo = parts.sudo()
        due = lines_sudo.filtered(
            lambda line: line.state == "used" and line.old_part == "back"
        )
        former = lines_sudo.old_part_ids.filtered(lambda part: part.state == "due")
        former.filtered(lambda part: part.line_id not in due)._by_method().unlink()
        for part in former.exists():
            line = part.line_id
            lot = line.old_lot_id or part.lot_id
            if part.quantity != line.quantity or part.lot_id != lot:
                part._by_method().write({"quantity": line.quantity, "lot_id": lot.id})
        new = due.filtered(lambda line: not line.old_part_ids)
        if new:
            OldPart = lines_sudo.env["aftersales.old.part"]._by_method()
            OldPart.create([line._prepare_old_part() for line in new])

    def _prepare_old_part(self):
        """Return the values of the old part of a line (hook)."""
        self.ensure_one()
        company = self.company_id
        technician = self.dispatch_id.technician_id
        if not technician:
            user = self.ticket_id.user_id.with_company(company)
            technician = user.employee_id
        depot = self._get_vans().aftersales_depot_id[:1] or self._get_depot()
        day = company._aftersales_today(self.date_done)
        return {
            "line_id": self.id,
            "quantity": self.quantity,
            "lot_id": self.old_lot_id.id,
            "technician_id": technician.id,
            "warehouse_id": depot.id,
            "date_due": day + timedelta(days=company.aftersales_old_part_days),
        }

    def _get_estimate_name(self, lang):
        """Say on the order what becomes of the old part: the customer decides."""
        name = super()._get_estimate_name(lang)
        if not self.old_part:
            return name
        env = self.with_context(lang=lang).env
        text = (
            env._("Old part: comes back to us.")
            if self.old_part == "back"
            else env._("Old part: you keep it.")
        )
        return f"{name}\n{text}"
