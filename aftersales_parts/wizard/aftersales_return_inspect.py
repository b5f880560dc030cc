from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesReturnInspect(models.TransientModel):
    """Notes what the inspection of returned goods found, and books it (R52)."""

    _name = "aftersales.return.inspect"
    _description = "Note Findings"

    line_ids = fields.One2many(
        comodel_name="aftersales.return.inspect.line",
        inverse_name="wizard_id",
        string="Goods",
    )
    return_line_ids = fields.Many2many(
        comodel_name="aftersales.return.line",
        compute="_compute_return_line_ids",
        help="What may be inspected here.",
    )

    @api.depends("line_ids.return_line_id")
    def _compute_return_line_ids(self):
        for wizard in self:
            wizard.return_line_ids = wizard.line_ids.return_line_id

    @api.model
    def default_get(self, fields):
        vals = super().default_get(fields)
        if "line_ids" in fields:
            vals["line_ids"] = [
                (0, 0, row)
                for line in self._get_lines_to_inspect()
                for row in line._prepare_inspect_rows()
            ]
        return vals

    @api.model
    def _get_lines_to_inspect(self):
        """Return the lines of the records that the form was opened from."""
        context = self.env.context
        Lines = self.env["aftersales.return.line"]
        records = self.env[context.get("active_model") or Lines._name].browse(
            context.get("active_ids") or context.get("active_id") or ()
        )
        if records._name == "stock.picking":
            return records.move_ids.aftersales_return_line_id
        if records._name == "aftersales.return":
            return records.line_ids
        return records if records._name == Lines._name else Lines

    @api.model
    def _get_action(self, lines):
        """Return the action that opens the form for some lines."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Note Findings"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "active_model": lines._name,
                "active_ids": lines.ids,
                "dialog_size": "extra-large",
            },
        }

    def action_apply(self):
        """Book the findings that were noted; the other goods wait.

        :raise UserError: when none was noted, or as the booking itself
        """
        self.ensure_one()
        noted = self.line_ids.filtered("finding")
        if not noted:
            raise UserError(
                self.env._("Say of at least one of the goods what was found.")
            )
        rows = self.env["aftersales.return.inspection"].create(
            [row._prepare_inspection() for row in noted]
        )
        rows.action_book()
        return {"type": "ir.actions.act_window_close"}
