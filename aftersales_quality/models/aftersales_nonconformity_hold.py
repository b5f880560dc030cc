from odoo import models
from odoo.fields import Domain

# Places where failing goods are ours and on stock, so that they can be kept apart.
OURS = ("incoming", "stock")


class AftersalesNonconformity(models.Model):
    """Failing goods on stock are kept apart, scrapped or released (R52)."""

    _inherit = "aftersales.nonconformity"

    def _get_keeper(self):
        """What was split off is kept by the row that it was split from."""
        return self.split_from_id or self

    def _get_hold_domain(self):
        domain = Domain("product_id", "=", self.product_id.id)
        if self.tracking != "none":
            # Which of them fails has to be known.
            domain &= Domain("lot_id", "=", self.lot_id.id or 0)
        elif self.found_at not in OURS:
            # Those on stock are others than what failed elsewhere.
            return Domain.FALSE
        return domain

    def action_hold(self):
        """Keep the goods apart, as far as they are on stock and nobody reserved them.

        Pressed twice it moves nothing more. What is reserved is named on the record.

        :raise UserError: when the nonconformity is settled
        """
        self._ensure_can(
            "can_hold",
            self.env._("Goods are kept apart while it is open what becomes of them."),
        )
        for row in self:
            # Behind that rule; the transfer is nobody's to make by hand.
            row_sudo = row.sudo()
            moved = row_sudo._hold_rest()
            row._message_log(body=row_sudo._say_hold(moved))
        return True

    def _hold_rest(self):
        """Keep apart what is not yet, of all rows that share these goods."""
        self.ensure_one()
        family = self._get_keeper()
        family |= family.split_ids
        wanted = sum(family.filtered(lambda row: not row.closed_on).mapped("quantity"))
        return self._keep_apart(limit=max(wanted - self.quantity_held, 0.0))

    def _say_hold(self, moved):
        self.ensure_one()
        text = self.env._(
            "Kept apart: %(moved)s now, %(held)s in all.",
            moved=f"{round(moved, 6):g}",
            held=f"{round(self.quantity_held, 6):g}",
        )
        if self.reserved_for:
            reserved = self.env._("Reserved and not kept apart: %s", self.reserved_for)
            text = f"{text}\n{reserved}"
        return text

    # ------------------------------------------------------------
    # BY DISPOSITION
    # ------------------------------------------------------------

    def _is_in_rework(self):
        """Tell whether the goods wait in quarantine for the inspection of their return."""
        self.ensure_one()
        finding = self.inspection_id
        return (
            finding.finding == "rework"
            and self.uom_id.compare(self._get_quarantined(), self.quantity) >= 0
        )

    def _get_quarantined(self):
        """Return what of the goods waits for its inspection after rework."""
        line = self.inspection_id.line_id
        lot = line._get_lot_key(self.inspection_id.lot_id)
        return line._get_open_findings().get((lot, True), 0.0)

    def _follow_decision(self):
        """Move the goods as it was decided; each row once, behind its rule."""
        for row in self:
            if row.disposition == "scrap":
                row._scrap()
            elif row.disposition == "concession":
                row._let_pass()
            elif row.found_at in OURS:
                moved = row._hold_rest()
                if moved or row.reserved_for:
                    row._message_log(body=row._say_hold(moved))

    def _let_pass(self):
        """Bring the goods back to stock: inspected, or used as they are."""
        self.ensure_one()
        if self._is_in_rework():
            self._book_finding("resaleable")
        else:
            self._release(limit=self.quantity)

    def _book_finding(self, finding):
        """Book the finding after rework on the return, which moves the goods."""
        Finding = self.env["aftersales.return.inspection"]
        rows = Finding.create(
            {
                "line_id": self.inspection_id.line_id.id,
                "lot_id": self.inspection_id.lot_id.id,
                "quantity": self.quantity,
                "finding": finding,
                "after_rework": True,
                "note": self.name,
            }
        )
        rows.with_context(aftersales_nonconformity=self.name)._book()

    def _scrap(self):
        """Scrap the goods as Odoo scraps: off stock, at their value."""
        self.ensure_one()
        if self._is_in_rework():
            self._book_finding("scrap")
            return
        if self.found_at in OURS:
            self._hold_rest()
        parts = self._take_held(limit=self.quantity)
        scraps = self.env["stock.scrap"].create(
            [
                {
                    "product_id": product.id,
                    "product_uom_id": product.uom_id.id,
                    "company_id": self.company_id.id,
                    "lot_id": lot.id,
                    "location_id": place.id,
                    "scrap_qty": quantity,
                    "origin": self.name,
                }
                for product, lot, place, quantity in parts
            ]
        )
        scraps.with_context(
            aftersales_scrapped={self._hold_link: self._get_keeper().id}
        ).do_scrap()
        self._after_transfer()
