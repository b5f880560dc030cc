from odoo import fields, models


class AftersalesReturnedMixin(models.AbstractModel):
    """Document of another application that returns belong to: count, open, request."""

    _name = "aftersales.returned.mixin"
    _description = "Document with Returns"

    aftersales_return_count = fields.Integer(
        string="Number of Returns", compute="_compute_aftersales_return_count"
    )
    aftersales_can_return = fields.Boolean(compute="_compute_aftersales_can_return")

    def _compute_aftersales_return_count(self):
        returns = self._aftersales_find_returns()
        for record in self:
            record.aftersales_return_count = len(returns.get(record.id, ()))

    def _compute_aftersales_can_return(self):
        """Hook: tell whether goods of the document may come back at all."""
        self.aftersales_can_return = bool(self.ids)

    def _aftersales_find_returns(self):
        """Return ``{id of the record: ids of its returns}`` the user may see."""
        Line = self.env["aftersales.return.line"]
        if not self.ids or not Line.has_access("read"):
            return {}
        name, domain = self._aftersales_return_path()
        found = {}
        for source, returns in Line._read_group(
            domain, [name], ["return_id:recordset"]
        ):
            for record_id in self._aftersales_of_return_source(source):
                found.setdefault(record_id, set()).update(returns.ids)
        return found

    def _aftersales_return_path(self):
        """Hook: field of a return line that leads to these records, and its domain."""
        return "return_id", [("return_id", "in", self.ids)]

    def _aftersales_of_return_source(self, source):
        """Hook: ids of the records that a value of that field belongs to."""
        return source.ids

    def action_view_aftersales_returns(self):
        """Open the returns of these documents."""
        ids = set().union(*self._aftersales_find_returns().values())
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_parts.aftersales_return_action"
        )
        action |= {"domain": [("id", "in", sorted(ids))], "context": {"create": False}}
        if len(ids) == 1:
            action |= {"views": [(False, "form")], "res_id": min(ids)}
        return action

    def action_aftersales_return_goods(self):
        """Open the form that requests a return of what these documents delivered.

        :raise UserError: when nothing of it may come back
        """
        Request = self.env["aftersales.return.request"]
        return Request._open_for(**self._aftersales_return_documents())

    def _aftersales_return_documents(self):
        """Hook: these records by the name the form knows them by."""
        return {}
