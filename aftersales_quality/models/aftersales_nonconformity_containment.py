from odoo import fields, models


class AftersalesNonconformity(models.Model):
    """From one failing lot to all units of it (R63)."""

    _inherit = "aftersales.nonconformity"

    containment_ids = fields.One2many(
        comodel_name="aftersales.containment",
        inverse_name="nonconformity_id",
        string="Containments",
    )
    containment_count = fields.Integer(compute="_compute_containment_count")

    def _compute_containment_count(self):
        counts = dict(
            self.env["aftersales.containment"]._read_group(
                [("nonconformity_id", "in", self.ids)],
                ["nonconformity_id"],
                ["__count"],
            )
        )
        for row in self:
            row.containment_count = counts.get(row._origin, 0)

    def action_contain(self):
        """Open the containments of the lot, or a new one."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_containment_action"
        )
        action |= {
            "domain": [("nonconformity_id", "=", self.id)],
            "context": {
                "default_nonconformity_id": self.id,
                "default_title": self.description,
            },
        }
        if len(self.containment_ids) <= 1:
            action |= {"views": [(False, "form")], "res_id": self.containment_ids.id}
        return action
