from odoo import api, fields, models


class AftersalesAuditPoint(models.Model):
    """One point of a check: what was looked at, and what is put right until when."""

    _name = "aftersales.audit.point"
    _description = "Point of a Spot Check"
    _inherit = ["aftersales.fact.mixin"]
    _facts = frozenset({"action_id"})
    _order = "audit_id, sequence, id"

    audit_id = fields.Many2one(
        comodel_name="aftersales.audit",
        string="Check",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="audit_id.company_id", store=True, index=True, precompute=True
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Point", required=True)
    result = fields.Selection(
        selection=[
            ("ok", "In Order"),
            ("not_ok", "Not in Order"),
            ("none", "Not Looked at"),
        ],
        string="What Was Found",
    )
    finding = fields.Text()
    measure = fields.Char(string="Put Right by", help="What is done about it.")
    owner_id = fields.Many2one(
        comodel_name="res.users",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Who puts it right.",
    )
    date_due = fields.Date(string="Until")
    action_id = fields.Many2one(
        comodel_name="aftersales.action",
        string="Improvement Action",
        readonly=True,
        index="btree_not_null",
        copy=False,
    )
    action_state = fields.Selection(
        related="action_id.state", string="Put Right", related_sudo=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        points = super().create(vals_list)
        if not self._is_by_method():
            points.audit_id._ensure_draft({"point_ids": True})
        return points

    def write(self, vals):
        self._ensure_no_facts(vals)
        if not self._is_by_method():
            self.audit_id._ensure_draft({"point_ids": True})
        return super().write(vals)

    def unlink(self):
        self.audit_id._ensure_draft({"point_ids": True})
        return super().unlink()

    def _get_failed(self):
        return self.filtered(lambda point: point.result == "not_ok")

    def _ensure_complete(self):
        """Refuse points not in order without finding, owner and day.

        :raise UserError: naming the points
        """
        vague = self._get_failed().filtered(
            lambda p: not ((p.finding or "").strip() and p.owner_id and p.date_due)
        )
        if vague:
            vague.audit_id._refuse(
                self.env._(
                    "Say of each point not in order what you saw, who puts it right "
                    "and until when: %s",
                    ", ".join(vague.mapped("name")),
                )
            )

    def _decide_actions(self):
        """Give each point not in order its corrective action."""
        for point in self._get_failed().filtered(lambda p: not p.action_id):
            words = (point.measure, f"{point.name}: {point.finding}")
            point._by_method().action_id = self.env["aftersales.action"].create(
                {
                    "kind": "corrective",
                    "description": "\n".join(text for text in words if text),
                    "owner_id": point.owner_id.id,
                    "date_due": point.date_due,
                    "company_id": point.company_id.id,
                }
            )
