from odoo import api, fields, models


class AftersalesContract(models.Model):
    """The steps of a contract: ``can_x`` → ``_ensure_can_x`` → ``action_x``."""

    _inherit = "aftersales.contract"

    can_confirm = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")

    @api.depends("state")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        is_supervisor = self._is_supervisor()
        for contract in self:
            state = contract.state
            contract.can_confirm = is_supervisor and state == "draft"
            contract.can_cancel = is_supervisor and state in ("draft", "active")

    # ------------------------------------------------------------
    # CONFIRM
    # ------------------------------------------------------------

    def action_confirm(self):
        """Let contracts begin: their units are covered from now on (supervisors).

        :raise UserError: when one is no draft, or lacks customer, units or dates, or
            a unit is another holder's, no longer in use or under another contract
        """
        self._ensure_can(
            "can_confirm", self.env._("A supervisor confirms contracts in draft.")
        )
        self._ensure_ready()
        self._activate()
        return True

    def _ensure_ready(self):
        """Refuse what cannot be promised.

        :raise UserError: naming the contract and what is missing
        """
        self._ensure_complete()
        for contract in self:
            contract._ensure_units(contract.equipment_ids)
        self._ensure_no_overlap()

    def _ensure_complete(self):
        for contract in self:
            if not contract.equipment_ids:
                contract._refuse(self.env._("Name the units it covers."))
            if not (
                contract.covers_labour
                or contract.covers_parts
                or contract.covers_travel
            ):
                contract._refuse(
                    self.env._("Say what it covers: labour, parts or travel.")
                )

    def _activate(self):
        """Give the promises of contracts that are ready."""
        self._by_method().write(
            {
                "state": "active",
                "cancel_reason": False,
                "cancel_date": False,
                "taken_back": False,
            }
        )
        self._sync_coverage()
        self.equipment_ids._decide_open_lines()

    # ------------------------------------------------------------
    # CANCEL
    # ------------------------------------------------------------

    def action_cancel(self, reason=None):
        """End contracts before their time; today is the last covered day.

        :param str reason: why, mandatory
        :raise UserError: without a reason, or for others than supervisors
        """
        self._ensure_can(
            "can_cancel",
            self.env._("A supervisor cancels contracts that have not ended."),
        )
        if not (reason or "").strip():
            self._refuse(self.env._("Say why it is cancelled."))
        self._cancel(reason)
        return True

    def _cancel(self, reason):
        """End contracts with their cover; today is the last covered day."""
        for company, contracts in self.grouped("company_id").items():
            contracts._by_method().write(
                {
                    "state": "cancelled",
                    "cancel_reason": reason,
                    "cancel_date": company._aftersales_today(),
                }
            )
        self._sync_coverage(reason)
        self.equipment_ids._decide_open_lines()

    # ------------------------------------------------------------
    # EXPIRE
    # ------------------------------------------------------------

    def _expire(self):
        """Note that contracts are over; their cover ended with its last day."""
        self._by_method().write({"state": "expired"})

    def _follow_terms(self, former_units):
        """Keep the cover of the units in step with changed terms.

        :param former_units: units before the change, some of which may be gone
        """
        self._ensure_no_overlap()
        prolonged = self.filtered(
            lambda contract: contract.state == "expired"
            and contract.date_end >= contract.company_id._aftersales_today()
        )
        prolonged._by_method().write({"state": "active"})
        self._sync_coverage(self.env._("The contract was changed."))
        (former_units | self.equipment_ids)._decide_open_lines()
