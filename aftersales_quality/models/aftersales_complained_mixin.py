from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesComplainedMixin(models.AbstractModel):
    """Document that complaints come from: count, open, record (R58)."""

    _name = "aftersales.complained.mixin"
    _description = "Document with Complaints"

    # Field of the complaint that names the document.
    _complaint_field = ""

    aftersales_complaint_count = fields.Integer(
        string="Number of Complaints", compute="_compute_aftersales_complaint_count"
    )

    @api.depends_context("uid")
    def _compute_aftersales_complaint_count(self):
        complaints = self._aftersales_find_complaints()
        for record in self:
            found = complaints.get(record._origin.id, ())
            record.aftersales_complaint_count = len(found)

    def _aftersales_find_complaints(self):
        """Return ``{id of the record: ids of its complaints}`` the user may see."""
        Complaint = self.env["aftersales.complaint"]
        if not self.ids or not Complaint.has_access("read"):
            return {}
        name = self._complaint_field
        groups = Complaint._read_group(
            [(name, "in", self.ids)], [name], ["id:array_agg"]
        )
        return {record.id: set(ids) for record, ids in groups}

    def action_view_aftersales_complaints(self):
        """Open the complaints of these documents."""
        ids = set().union(*self._aftersales_find_complaints().values())
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_complaint_action"
        )
        action |= {"domain": [("id", "in", sorted(ids))], "context": {"create": False}}
        if len(ids) == 1:
            action |= {"views": [(False, "form")], "res_id": min(ids)}
        return action

    def action_aftersales_complain(self):
        """Open the form that records what a customer complains about here.

        :raise AccessError: when the user may not read the document
        :raise UserError: when there is nothing to complain about any more, or a
            complaint needs more to start from than this
        """
        self.ensure_one()
        Request = self.env["aftersales.complaint.request"]
        values = self._aftersales_complaint_values()
        if not values.keys() <= Request._fields.keys():
            raise UserError(
                self.env._(
                    "A complaint is recorded from the customer or from a document of "
                    "his: a ticket, a visit, an order."
                )
            )
        return Request._open_for(**values)

    def _aftersales_complaint_values(self):
        """Hook: what the form knows when it is opened from this document."""
        self.ensure_one()
        return {self._complaint_field: self.id}
