from odoo import fields, models

from ..tools.warranty import Pool


class AftersalesContract(models.Model):
    """What of a contract is used up: counted from the lines it pays for."""

    _inherit = "aftersales.contract"

    visits_included = fields.Integer(
        tracking=True, help="Visits in the whole period; 0 for no limit."
    )
    visits_used = fields.Integer(
        readonly=True, copy=False, help="Tickets with work done under the contract."
    )
    visits_planned = fields.Integer(
        readonly=True, copy=False, help="Tickets with work only planned under it."
    )
    hours_included = fields.Float(
        tracking=True, help="Hours of labour in the whole period; 0 for no limit."
    )
    hours_used = fields.Float(readonly=True, copy=False)
    hours_planned = fields.Float(readonly=True, copy=False)
    line_ids = fields.One2many(
        comodel_name="aftersales.ticket.line",
        inverse_name="contract_id",
        string="Work under the Contract",
    )

    _included_positive = models.Constraint(
        "CHECK (COALESCE(visits_included, 0) >= 0 AND COALESCE(hours_included, 0) >= 0)",
        "A contract cannot include less than nothing.",
    )

    def _lock_limited(self):
        """Let one user at a time count on contracts with a limit.

        The counters are written under this lock: who comes second sees them, or is
        told by the database to try again.
        """
        limited = self.filtered(lambda c: c.visits_included or c.hours_included)
        limited.lock_for_update()

    def _get_pools(self, except_lines=None):
        """Return ``{contract id: Pool}`` of the contracts with a limit.

        :param except_lines: ticket lines that are decided anew
        """
        limited = self.filtered(lambda c: c.visits_included or c.hours_included)
        taken = {contract.id: ({}, 0.0) for contract in limited}
        for contract, ticket, _state, kind, quantity in limited._get_usage(
            except_lines
        ):
            visitors, hours = taken[contract.id]
            visitors[ticket.id] = True
            if kind == "labour":
                hours += quantity
            taken[contract.id] = (visitors, hours)
        return {
            contract.id: Pool(
                visits=contract.visits_included - len(taken[contract.id][0])
                if contract.visits_included
                else None,
                hours=contract.hours_included - taken[contract.id][1]
                if contract.hours_included
                else None,
                visitors=set(taken[contract.id][0]),
            )
            for contract in limited
        }

    def _get_usage(self, except_lines=None):
        """Return (contract, ticket, state, kind, quantity) of the work under them."""
        return self.env["aftersales.ticket.line"]._read_group(
            [
                ("contract_id", "in", self.ids),
                ("state", "in", ("planned", "used")),
                ("id", "not in", except_lines.ids if except_lines else []),
            ],
            ["contract_id", "ticket_id", "state", "kind"],
            ["quantity:sum"],
        )

    def _count_usage(self):
        """Write the counters of contracts whose work has changed."""
        usage = {contract: {"used": {}, "planned": {}} for contract in self}
        hours = {contract: {"used": 0.0, "planned": 0.0} for contract in self}
        for contract, ticket, state, kind, quantity in self._get_usage():
            usage[contract][state][ticket] = True
            if kind == "labour":
                hours[contract][state] += quantity
        for contract in self:
            used = usage[contract]["used"]
            planned = usage[contract]["planned"].keys() - used.keys()
            counted = {
                "visits_used": len(used),
                "visits_planned": len(planned),
                "hours_used": hours[contract]["used"],
                "hours_planned": hours[contract]["planned"],
            }
            if any(contract[field] != value for field, value in counted.items()):
                contract._by_method().write(counted)
