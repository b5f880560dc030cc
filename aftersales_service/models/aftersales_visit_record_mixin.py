from odoo import api, fields, models


class AftersalesVisitRecordMixin(models.AbstractModel):
    """What was found or happened on a visit, beside its work: whose, where, when.

    Sub-models bring the field ``kind``.
    """

    _name = "aftersales.visit.record.mixin"
    _description = "Record of a Visit"
    _inherit = ["aftersales.fact.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch",
        string="Dispatch Order",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    ticket_id = fields.Many2one(
        related="dispatch_id.ticket_id", store=True, index=True, precompute=True
    )
    company_id = fields.Many2one(
        related="dispatch_id.company_id", store=True, index=True, precompute=True
    )
    partner_id = fields.Many2one(
        related="dispatch_id.partner_id",
        string="Customer",
        store=True,
        index="btree_not_null",
        precompute=True,
    )
    customer_label = fields.Char(related="dispatch_id.customer_label")
    technician_id = fields.Many2one(related="dispatch_id.technician_id")
    date = fields.Datetime(
        required=True, default=lambda self: fields.Datetime.now(), copy=False
    )
    description = fields.Text(required=True)

    @api.depends("kind", "dispatch_id.name")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for record in self:
            parts = (record.dispatch_id.name, kinds.get(record.kind))
            record.display_name = " · ".join(part for part in parts if part)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        records = super().create(vals_list)
        visits = records.dispatch_id
        if idle := visits.filtered(lambda v: v.state in ("draft", "cancelled")):
            idle._refuse(
                self.env._("This is recorded on visits that take place, not before.")
            )
        return records

    def action_open_phone(self):
        """Open the record over the visit."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [[False, "form"]],
            "target": "new",
        }
