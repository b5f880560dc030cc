from odoo import fields, models


class AftersalesNonconformingMixin(models.AbstractModel):
    """Document of failing goods: count, open and record their nonconformities."""

    _name = "aftersales.nonconforming.mixin"
    _description = "Document with Nonconformities"

    # Field of the nonconformity that names the document.
    _nonconformity_field = ""

    aftersales_nonconformity_count = fields.Integer(
        string="Number of Nonconformities",
        compute="_compute_aftersales_nonconformity_count",
    )
    aftersales_can_nonconform = fields.Boolean(
        compute="_compute_aftersales_nonconformity_count"
    )

    def _compute_aftersales_nonconformity_count(self):
        Row = self.env["aftersales.nonconformity"]
        counts = {}
        if self.ids and Row.has_access("read"):
            field = self._nonconformity_field
            groups = Row._read_group([(field, "in", self.ids)], [field], ["__count"])
            counts = {source.id: count for source, count in groups}
        creates = Row.has_access("create")
        for record in self:
            record.aftersales_nonconformity_count = counts.get(record.id, 0)
            record.aftersales_can_nonconform = (
                creates and record._aftersales_may_nonconform()
            )

    def _aftersales_may_nonconform(self):
        """Hook: tell whether goods of the document can be found failing (yet)."""
        self.ensure_one()
        return bool(self.id)

    def _prepare_aftersales_nonconformity(self):
        """Hook: defaults of a new nonconformity of the document."""
        return {f"default_{self._nonconformity_field}": self.id}

    def action_view_aftersales_nonconformities(self):
        """Open the nonconformities of the document; the form when there is one."""
        self.ensure_one()
        field = self._nonconformity_field
        rows = self.env["aftersales.nonconformity"].search([(field, "=", self.id)])
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_nonconformity_action"
        )
        action |= {
            "domain": [(field, "=", self.id)],
            "context": self._prepare_aftersales_nonconformity(),
        }
        if len(rows) == 1:
            action |= {"views": [(False, "form")], "res_id": rows.id}
        return action

    def action_aftersales_nonconformity(self):
        """Open a new nonconformity of the document's goods."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_nonconformity_action"
        )
        return action | {
            "views": [(False, "form")],
            "context": self._prepare_aftersales_nonconformity(),
        }
