from odoo import api, fields, models

from .aftersales_nonconformity import OPEN_STATES, REWORKED

LEAD = "aftersales_quality.aftersales_quality_group_lead"
DECIDERS = (LEAD, "aftersales_service.aftersales_service_group_supervisor")
WORKERS = (
    *DECIDERS,
    "aftersales_service.aftersales_service_group_agent",
    "stock.group_stock_user",
)


class AftersalesNonconformity(models.Model):
    """The steps: decided, reworked, inspected again, closed (R52)."""

    _inherit = "aftersales.nonconformity"

    can_decide = fields.Boolean(compute="_compute_can")
    can_hold = fields.Boolean(compute="_compute_can")
    can_split = fields.Boolean(compute="_compute_can")
    can_rework = fields.Boolean(compute="_compute_can")
    can_inspect = fields.Boolean(compute="_compute_can")
    can_close = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")
    can_collect = fields.Boolean(compute="_compute_can")

    @api.depends("state", "disposition", "reworked_by_id", "rework_ids.state")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        user = self.env.user
        decides = self.env.su or any(map(user.has_group, DECIDERS))
        works = self.env.su or any(map(user.has_group, WORKERS))
        for row in self:
            is_open = row.state == "open"
            reworked = row.disposition in REWORKED
            row.can_decide = decides and is_open
            row.can_hold = works and row.state in ("open", "decided")
            row.can_split = decides and is_open
            row.can_rework = works and row.state == "decided" and reworked
            row.can_inspect = (
                works and row.state == "inspection" and user not in row._get_reworkers()
            )
            row.can_close = decides and row.state == "decided" and not reworked
            row.can_cancel = decides and row.state in OPEN_STATES
            row.can_collect = decides and row.state != "cancelled"

    def _get_reworkers(self):
        """Return the users who worked on the goods; none of them inspects them."""
        self.ensure_one()
        # The user of an employee is not for everybody to read.
        repairs_sudo = self.sudo().rework_ids.filtered(lambda r: r.state != "cancel")
        users_sudo = repairs_sudo.aftersales_technician_id.user_id
        users_sudo |= repairs_sudo.aftersales_finished_by_id
        return self.reworked_by_id | users_sudo.sudo(False)  # compared alone

    def _lock(self):
        """Let one person at a time take a step with these rows."""
        # Rows that the user may move on, but perhaps not write.
        self.sudo().lock_for_update(allow_referencing=True)

    def _step(self, vals):
        # Behind the rule of each step.
        return self.sudo()._by_method().write(vals)

    # ------------------------------------------------------------
    # DECISION
    # ------------------------------------------------------------

    def action_decide(self):
        """Decide what becomes of the goods, as their disposition says.

        Scrap leaves the stock, conceded goods go back to it, and goods to be reworked
        are kept apart until they are inspected again (R52).

        :raise UserError: without cause or disposition, for a concession that is not the
            quality lead's, or one without reason and term
        """
        self._ensure_can(
            "can_decide",
            self.env._("Quality, or a supervisor, decides once, while it is open."),
        )
        self._lock()
        self._ensure_decidable()
        self._step(
            {
                "state": "decided",
                "decided_by_id": self.env.uid,
                "decided_on": fields.Datetime.now(),
            }
        )
        # Behind the rule; whoever decides may do none of what it causes by hand.
        self.sudo()._follow_decision()
        self._drop_to_dos()
        return True

    def _ensure_decidable(self):
        """Refuse decisions that lack something.

        :raise UserError: naming what is missing
        """
        if without := self.filtered(lambda row: not row.disposition):
            without._refuse(
                self.env._("Choose a disposition: rework, repair, concession or scrap.")
            )
        if without := self.filtered(lambda row: not row.cause_id):
            without._refuse(self.env._("Name the cause before it is decided upon."))
        gone = self.sudo().filtered(  # the finding is the return's
            lambda row: row.inspection_id.finding == "scrap"
            and row.disposition != "scrap"
        )
        if gone:
            gone._refuse(
                self.env._("The inspection of the return scrapped these goods.")
            )
        conceded = self.filtered(lambda row: row.disposition == "concession")
        if not conceded:
            return
        if not self.env.su and not self.env.user.has_group(LEAD):
            conceded._refuse(self.env._("A concession is the quality lead's to make."))
        unsaid = conceded.filtered(
            lambda row: row.company_id.aftersales_complaint_records
            and not ((row.decision_reason or "").strip() and row.concession_until)
        )
        if unsaid:
            unsaid._refuse(
                self.env._(
                    "A concession says why the goods may be used as they are, and until "
                    "when."
                )
            )

    def _drop_to_dos(self):
        """What was planned to be decided is decided."""
        # To-dos of the quality lead, whoever decided.
        self.sudo().activity_unlink(["mail.mail_activity_data_todo"])

    def action_split(self, quantity):
        """Split a quantity off, to be decided upon by itself.

        :param float quantity: what the new nonconformity is about
        :return: the new nonconformity
        :raise UserError: when not both are left with something
        """
        self.ensure_one()
        self._ensure_can(
            "can_split", self.env._("It is split before anything is decided.")
        )
        self._lock()
        uom = self.uom_id
        rest = self.quantity - (quantity or 0.0)
        if uom.compare(quantity or 0.0, 0.0) <= 0 or uom.compare(rest, 0.0) <= 0:
            self._refuse(
                self.env._(
                    "Split off more than nothing and less than %s.",
                    f"{round(self.quantity, 6):g}",
                )
            )
        self._step({"quantity": rest})
        return self._by_method().create(self._prepare_split(quantity))

    def _prepare_split(self, quantity):
        vals = self.copy_data()[0]
        return {
            **vals,
            "quantity": quantity,
            "inspection_id": self.inspection_id.id,
            "split_from_id": self._get_keeper().id,
            # It is told of already.
            "grave": False,
        }

    # ------------------------------------------------------------
    # REWORK AND INSPECTION
    # ------------------------------------------------------------

    def action_rework(self):
        """Note that the goods are reworked: somebody else inspects them now.

        :raise UserError: when it is not decided so, or a repair order is not done
        """
        self._ensure_can(
            "can_rework",
            self.env._("Only what is decided to be reworked or repaired is reworked."),
        )
        self._lock()
        # Repair orders are the workshop's, their number and state are told.
        open_sudo = self.sudo().rework_ids.filtered(
            lambda repair: repair.state not in ("done", "cancel")
        )
        if open_sudo:
            open_sudo.aftersales_nonconformity_id._refuse(
                self.env._(
                    "Its repair orders are not done: %s",
                    ", ".join(open_sudo.mapped("name")),
                )
            )
        return self._step(
            {
                "state": "inspection",
                "reworked_by_id": self.env.uid,
                "reworked_on": fields.Datetime.now(),
            }
        )

    def action_pass(self, note=None):
        """Pass goods after rework: they go back to stock.

        The nonconformity is closed, unless an action against its cause is still to be
        checked for its effect.

        :param str note: what was measured
        :raise UserError: for whoever reworked them, or when nothing was reworked
        """
        self._ensure_can_inspect(note)
        self._note_check("passed", note)
        for row in self.sudo():  # behind the rule of the step
            row._let_pass()
        self._close_passed()
        return True

    def _close_passed(self):
        """Close what passed; with an action left to check it waits for that."""
        # Whoever inspects need not see the actions.
        waiting = self.filtered(lambda row: row.sudo().action_ids._get_unfinished())
        waiting._step({"state": "decided"})
        (self - waiting)._step({"state": "done", "closed_on": fields.Datetime.now()})

    def action_fail(self, note=None):
        """Fail goods after rework: it is decided anew what becomes of them.

        :param str note: what was found
        :raise UserError: as :meth:`action_pass`
        """
        self._ensure_can_inspect(note)
        self._note_check("failed", note)
        return self._step(
            {
                "state": "open",
                "disposition": False,
                "decided_by_id": False,
                "decided_on": False,
            }
        )

    def _ensure_can_inspect(self, note):
        if own := self.filtered(
            lambda row: row.state == "inspection"
            and self.env.user in row._get_reworkers()
        ):
            own._ensure_can(
                "can_inspect",
                self.env._("Somebody other than who reworked them inspects the goods."),
            )
        self._ensure_can(
            "can_inspect",
            self.env._("Goods are inspected again once they are reworked."),
        )
        self._lock()
        if not (note or "").strip() and (
            unsaid := self.filtered("company_id.aftersales_complaint_records")
        ):
            unsaid._refuse(self.env._("Say what the inspection found."))

    def _note_check(self, result, note):
        # Noted by the step alone.
        Check = self.env["aftersales.nonconformity.check"].sudo()._by_method()
        Check.create(
            [
                {
                    "nonconformity_id": row.id,
                    "user_id": self.env.uid,
                    "date": fields.Datetime.now(),
                    "result": result,
                    "reworked_by_id": row.reworked_by_id.id,
                    "note": (note or "").strip(),
                }
                for row in self
            ]
        )

    # ------------------------------------------------------------
    # END
    # ------------------------------------------------------------

    def action_close(self):
        """Close what was scrapped or conceded; reworked goods close by passing.

        :raise UserError: when goods were not inspected after their rework
        """
        waiting = self.filtered(
            lambda row: row.state in ("decided", "inspection")
            and row.disposition in REWORKED
        )
        if waiting:
            waiting._refuse(
                self.env._(
                    "The goods are inspected again after their rework first; what "
                    "passes is closed by that."
                )
            )
        self._ensure_can(
            "can_close", self.env._("It is decided first what becomes of the goods.")
        )
        return self._step({"state": "done", "closed_on": fields.Datetime.now()})

    def action_cancel(self, reason=None):
        """Cancel what was no nonconformity; what was kept apart is released.

        :param str reason: why, mandatory
        :raise UserError: without a reason; when goods are kept apart and somebody
            without the quality lead's rights cancels
        """
        self._ensure_can(
            "can_cancel", self.env._("Only what is not closed yet is cancelled.")
        )
        if not (reason or "").strip():
            self._refuse(self.env._("Say why it is cancelled."))
        self._lock()
        held = self.filtered("quantity_held")
        if held and not (self.env.su or self.env.user.has_group(LEAD)):
            held._refuse(
                self.env._(
                    "Its goods are kept apart: only the quality lead releases them "
                    "without an inspection."
                )
            )
        for row in held.sudo():  # behind that rule
            row._release(limit=row.quantity)
        self._drop_to_dos()
        return self._step(
            {
                "state": "cancelled",
                "cancel_reason": reason.strip(),
                "closed_on": fields.Datetime.now(),
            }
        )

    # ------------------------------------------------------------
    # SCREENS
    # ------------------------------------------------------------

    def action_view_return(self):
        """Open the return that brought the goods."""
        return self.return_id.get_formview_action()

    def action_view_ticket(self):
        """Open the ticket."""
        return self.ticket_id.get_formview_action()

    def action_view_receipt(self):
        """Open the transfer that the goods were received with."""
        return self.picking_id.get_formview_action()

    def action_view_moves(self):
        """Open the moves of the goods: kept apart, released, scrapped."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "stock.stock_move_action"
        )
        return action | {
            "domain": [
                ("aftersales_nonconformity_id", "=", self._get_keeper().id),
            ],
            "context": {"create": False},
        }
