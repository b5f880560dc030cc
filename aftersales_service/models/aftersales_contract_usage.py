from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..tools.warranty import Pool


class AftersalesContract(models.Model):
    """What of a contract is used up: counted from the lines it pays for."""

    _inherit = "aftersales.contract"

    visits_included = fields.Integer(
        compute="_compute_visits_included",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Visits in the whole period; 0 for no limit.",
    )
    visits_used = fields.Integer(
        readonly=True, copy=False, help="Tickets with work done under the contract."
    )
    visits_planned = fields.Integer(
        readonly=True, copy=False, help="Tickets with work only planned under it."
    )
    hours_included = fields.Float(
        compute="_compute_hours_included",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Hours of labour in the whole period; 0 for no limit.",
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

    @api.depends("product_id")
    def _compute_visits_included(self):
        self._take_over("visits_included", 0)

    @api.depends("product_id")
    def _compute_hours_included(self):
        self._take_over("hours_included", 0.0)

    @api.constrains("visits_included", "hours_included")
    def _check_included(self):
        """What was used cannot be taken out of the contract again."""
        for contract in self:
            visits, hours = contract.visits_included, contract.hours_included
            if (visits and visits < contract.visits_used) or (
                hours and hours < contract.hours_used
            ):
                raise ValidationError(
                    self.env._(
                        "%(contract)s: %(visits)s visits and %(hours)s hours are used "
                        "already; it cannot include less.",
                        contract=contract.display_name,
                        visits=contract.visits_used,
                        hours=f"{contract.hours_used:g}",
                    )
                )

    def _lock_limited(self):
        """Let one user at a time count on contracts with a limit.

        Who comes second waits. The counters are written under this lock, so that he
        then counts anew by what the first one left (the database makes him repeat).
        """
        limited = self.filtered(lambda c: c.visits_included or c.hours_included)
        if limited:
            # Not lock_for_update, which refuses instead of waiting; in the order of
            # the ids, so that two users never wait for each other.
            self.env.cr.execute(
                SQL(
                    "SELECT id FROM aftersales_contract WHERE id IN %s "
                    "ORDER BY id FOR NO KEY UPDATE",
                    tuple(limited.ids),
                )
            )

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
