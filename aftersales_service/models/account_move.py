from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    aftersales_equipment_count = fields.Integer(
        string="Units", compute="_compute_aftersales_equipment_count"
    )

    def _compute_aftersales_equipment_count(self):
        units = self._aftersales_units()
        for move in self:
            lines = move.invoice_line_ids
            move.aftersales_equipment_count = len(
                units.filtered(lambda unit, lines=lines: unit.invoice_line_ids & lines)
            )

    def _aftersales_units(self):
        """Return the units sold on these invoices that the user may see."""
        Equipment = self.env["aftersales.equipment"]
        if not Equipment.has_access("read"):
            return Equipment
        return Equipment.search([("invoice_line_ids", "in", self.invoice_line_ids.ids)])

    def _post(self, soft=True):
        posted = super()._post(soft)
        posted._aftersales_allocate()
        return posted

    def button_draft(self):
        result = super().button_draft()
        self._aftersales_allocate()
        return result

    def button_cancel(self):
        result = super().button_cancel()
        self._aftersales_allocate()
        return result

    def _aftersales_allocate(self):
        """Match the units of the invoiced order lines with their invoices again."""
        lines = self.filtered(
            lambda move: move.move_type in ("out_invoice", "out_refund")
        ).invoice_line_ids
        sale_lines = lines.sale_line_ids.filtered("aftersales_has_units")
        if sale_lines:
            self.env["aftersales.equipment"]._allocate_invoices(sale_lines)
        sold_cover = lines.sale_line_ids.filtered("aftersales_has_cover")
        if sold_cover:
            sold_cover._aftersales_follow_cover()

    def _aftersales_ask_to_post(self):
        """Ask accounting to post these draft invoices of visits today (R26)."""
        model = self.env["ir.model"]._get("account.move")
        todo = self.env.ref("mail.mail_activity_data_todo")
        vals_list = []
        for company, moves in self.grouped("company_id").items():
            poster = company._aftersales_poster()
            day = company._aftersales_today()
            words = moves.with_context(lang=poster.lang or self.env.lang).env
            vals_list += [
                {
                    "activity_type_id": todo.id,
                    "res_model_id": model.id,
                    "res_id": move.id,
                    "user_id": poster.id,
                    "date_deadline": day,
                    "summary": words._(
                        "Post today: service visit done (%s)", move.invoice_origin
                    ),
                }
                for move in moves
                if poster
            ]
        self.env["mail.activity"].create(vals_list)

    def action_view_aftersales_equipment(self):
        """Open the units sold on this invoice."""
        return self._aftersales_units()._get_list_action()

    def action_aftersales_request_service(self):
        """Open the form that registers a ticket for a unit of this invoice."""
        self.ensure_one()
        return self.env["aftersales.ticket.request"]._get_action(invoice=self)
