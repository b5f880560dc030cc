from odoo import api, fields, models

from .aftersales_loan import AGENT, WAITING_STATES

SUPERVISOR = "aftersales_service.aftersales_service_group_supervisor"
MANAGER = "aftersales_service.aftersales_service_group_manager"
KEEPER = "stock.group_stock_user"


class AftersalesLoan(models.Model):
    """The steps of a loan: ``can_x`` → ``_ensure_can`` → ``action_x``."""

    _inherit = "aftersales.loan"

    can_approve = fields.Boolean(compute="_compute_can")
    can_issue = fields.Boolean(compute="_compute_can")
    can_return = fields.Boolean(compute="_compute_can")
    can_transfer = fields.Boolean(compute="_compute_can")
    can_lose = fields.Boolean(compute="_compute_can")
    can_store = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")

    @api.depends("state", "kind", "to_repair", "user_id")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        user, su = self.env.user, self.env.su
        is_agent = su or user.has_group(AGENT)
        is_keeper = is_agent or user.has_group(KEEPER)
        is_supervisor = su or user.has_group(SUPERVISOR)
        for loan in self:
            loan.can_approve = loan.state == "draft" and self._may_approve(loan.kind)
            loan.can_issue = loan.can_approve or (
                loan.state == "approved" and is_keeper
            )
            loan.can_return = loan.state == "out" and is_keeper
            loan.can_transfer = (
                loan.state == "out" and loan.kind == "tool" and is_supervisor
            )
            loan.can_lose = loan.state == "out" and is_supervisor
            loan.can_store = loan.state == "returned" and loan.to_repair and is_keeper
            # Salesmen take their own requests of samples back.
            loan.can_cancel = loan.state in WAITING_STATES and (
                is_agent or (loan.kind == "sample" and loan.user_id == user)
            )

    @api.model
    def _may_approve(self, kind):
        """Tell whether the user approves loans of a kind (R46, R55)."""
        # A sample leaves the sale: its manager signs.
        group = MANAGER if kind == "sample" else SUPERVISOR
        return self.env.su or self.env.user.has_group(group)

    condition = fields.Selection(
        selection=[("good", "Good"), ("worn", "Worn by Use"), ("damaged", "Damaged")],
        string="Condition at Return",
        readonly=True,
        copy=False,
        help="Worn by Use: fair wear, for which nobody pays.",
    )
    to_repair = fields.Boolean(
        string="Repair before Storage",
        readonly=True,
        copy=False,
        help="Came back damaged: lies apart until it is repaired.",
    )

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def action_approve(self):
        """Allow goods to be lent: a supervisor, for samples a manager (R46, R55).

        :raise UserError: for others, or a sample without its notice
        """
        self._ensure_can(
            "can_approve",
            self.env._(
                "A supervisor approves what is requested, a manager what is put into "
                "a showroom."
            ),
        )
        self._ensure_approval()
        self._step(
            {
                "state": "approved",
                "approved_by_id": self.env.uid,
                "approve_date": fields.Datetime.now(),
            }
        )
        return True

    def action_issue(self):
        """Hand the goods out: they leave the stock and stay ours (R46, R55).

        Who may approve may hand out at once.

        :raise UserError: naming what is missing: serial, date, signature, deposit,
            notice, or goods on stock
        """
        self._lock()
        self._ensure_can(
            "can_issue", self.env._("Only approved loans are handed out, once.")
        )
        self._ensure_issue()
        if waiting := self.filtered(lambda loan: loan.state == "draft"):
            waiting.action_approve()
        self._step(
            {
                "state": "out",
                "date_out": fields.Datetime.now(),
                "issued_by_id": self.env.uid,
            }
        )
        self.flush_recordset()
        self._move_out()
        self._follow_tools()
        return True

    def action_return(self, condition="good", quantity=None, note=None):
        """Take lent goods back after a look at their condition (R46, R55).

        Damaged goods lie apart until they are repaired.

        :param str condition: good, worn or damaged
        :param float quantity: what came back when it is not all of it
        :param str note: what was seen, mandatory for damaged goods
        :return: the loan that was ended
        :raise UserError: when it is not lent, or came back before its notice
        """
        self._lock()
        self._ensure_can("can_return", self.env._("Only lent goods are taken back."))
        if condition not in dict(self._fields["condition"].selection):
            self._refuse(self.env._("Say in which condition it came back."))
        if condition == "damaged" and not (note or "").strip():
            self._refuse(self.env._("Describe the damage."))
        self._ensure_return()
        back = self._part(quantity)
        damaged = condition == "damaged"
        back._move_back(damaged)
        back._end(
            {
                "state": "returned",
                "condition": condition,
                "to_repair": damaged,
                "end_reason": (note or "").strip() or False,
            }
        )
        return back

    def action_store(self, note=None):
        """Put goods that came back damaged on stock, after their repair (R55).

        :param str note: what was done
        :raise UserError: when nothing waits for its repair
        """
        self._lock()
        self._ensure_can(
            "can_store", self.env._("Only goods that came back damaged are stored so.")
        )
        self._move_from_repair()
        self._step({"to_repair": False})
        for loan in self:
            loan.message_post(
                body=note or self.env._("Repaired and put back on stock.")
            )
        return True

    def action_transfer(self, employee_id):
        """Pass tools on to another technician: who leaves gives them away (R46).

        :param int employee_id: who has them from now on
        :return: the loans of the other technician
        :raise UserError: when they are not lent to a technician, or he has them
        """
        self._lock()
        self._ensure_can(
            "can_transfer", self.env._("A supervisor passes on tools that are lent.")
        )
        employee = self.env["hr.employee"].browse(employee_id).exists()
        if not employee or not employee.active or employee in self.employee_id:
            self._refuse(self.env._("Choose another technician, who is still here."))
        now = fields.Datetime.now()
        self._end({"state": "transferred"}, now)
        self.flush_recordset()
        successors = self._by_method().create(
            [loan._prepare_successor(employee, now) for loan in self]
        )
        successors = successors.with_env(self.env)
        (self | successors)._follow_tools()
        return successors

    def action_lose(self, reason, quantity=None):
        """Write goods off that are gone; what is charged is decided apart (R46).

        :param str reason: what happened, mandatory
        :param float quantity: what is gone when it is not all of it
        :return: the loan that was ended
        :raise UserError: when they are not lent, or without a reason
        """
        self._lock()
        self._ensure_can(
            "can_lose", self.env._("A supervisor writes off what is lent and gone.")
        )
        if not (reason or "").strip():
            self._refuse(self.env._("Say what happened to it."))
        gone = self._part(quantity)
        gone._scrap()
        gone._end({"state": "lost", "end_reason": reason.strip()})
        return gone

    def action_cancel(self, reason=None):
        """Cancel loans that do not take place.

        :param str reason: why, mandatory
        :raise UserError: once they are handed out, or while we hold a deposit
        """
        self._lock()
        self._ensure_can(
            "can_cancel", self.env._("What is handed out is taken back instead.")
        )
        if not (reason or "").strip():
            self._refuse(self.env._("Say why it is cancelled."))
        self._ensure_no_deposit()
        self._step({"state": "cancelled", "end_reason": reason.strip()})
        return True

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def _ensure_approval(self):
        """Hook: what is missing before a loan may be approved."""

    def _ensure_issue(self):
        """Refuse to hand out what is not clear yet.

        :raise UserError: naming the loans and what is missing
        """
        if nameless := self.filtered(
            lambda loan: loan.tracking != "none" and not loan.lot_id
        ):
            nameless._refuse(self.env._("Choose the serial or lot that goes out."))
        self._ensure_not_lent()
        customers = self.filtered(lambda loan: loan.kind == "loaner")
        if endless := customers.filtered(lambda loan: not loan.date_due):
            endless._refuse(self.env._("Agree with the customer when it is due back."))
        if unsigned := customers.filtered(lambda loan: not loan.signed_by):
            unsigned._refuse(
                self.env._(
                    "The customer signs the agreement first: on the screen or on the "
                    "printed one; note who signed."
                )
            )

    def _ensure_not_lent(self):
        """Refuse serials that somebody has already; an index holds it under pressure.

        :raise UserError: naming the serial and the loan
        """
        # Also the loans of others count.
        others_sudo = self.sudo().search(
            [
                ("lot_id", "in", self.filtered("serial_only").lot_id.ids),
                ("state", "=", "out"),
            ],
            limit=1,
        )
        if others_sudo:
            self.filtered(lambda loan: loan.lot_id == others_sudo.lot_id)._refuse(
                self.env._(
                    "%(serial)s is lent already with %(loan)s: take it back first.",
                    serial=others_sudo.lot_id.name,
                    loan=others_sudo.name,
                )
            )

    def _ensure_return(self):
        """Hook: what must be so before goods are taken back."""

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _end(self, vals, moment=None):
        self._step(
            {
                **vals,
                "date_in": moment or fields.Datetime.now(),
                "taken_back_by_id": self.env.uid,
            }
        )
        # Nobody has to look after them any more.
        self.activity_unlink(["aftersales_parts.mail_activity_type_aftersales_loan"])
        self._follow_tools()

    def _part(self, quantity):
        """Return the loan of a part of the quantity; the rest stays lent.

        :param float quantity: all when empty
        :raise UserError: when it is more than is lent
        """
        if quantity is None:
            return self
        self.ensure_one()
        uom = self.product_id.uom_id
        if uom.compare(quantity, 0) <= 0 or uom.compare(quantity, self.quantity) > 0:
            self._refuse(
                self.env._(
                    "Between nothing and %(quantity)s %(unit)s of it can be booked.",
                    quantity=f"{self.quantity:g}",
                    unit=uom.name,
                )
            )
        if not uom.compare(quantity, self.quantity):
            return self
        vals = {
            **self._prepare_successor(self.employee_id, self.date_out),
            "quantity": quantity,
        }
        self._step({"quantity": self.quantity - quantity})
        # The warehouse makes no loans, but takes back a part of one.
        Loan = self.sudo()._by_method()
        return Loan.create(vals).with_env(self.env)

    def _prepare_successor(self, employee, date_out):
        """Return the values of a lent loan that goes on from this one."""
        self.ensure_one()
        copied = (
            "kind",
            "partner_id",
            "ticket_id",
            "equipment_id",
            "product_id",
            "lot_id",
            "quantity",
            "warehouse_id",
            "company_id",
            "condition_out",
            "date_due",
            "approve_date",
            "approved_by_id",
            "signed_by",
            "user_id",
        )
        values = self._convert_to_write({name: self[name] for name in copied})
        return {
            **values,
            "employee_id": employee.id,
            "state": "out",
            "date_out": date_out,
            "issued_by_id": self.env.uid,
            "origin_id": self.id,
        }

    def _follow_tools(self):
        """Let the list of tools of technicians follow what is lent to them (R46)."""
        tools = self.filtered(lambda loan: loan.kind == "tool" and loan.employee_id)
        if not tools:
            return
        tools.flush_recordset()
        # Employees are written by human resources; their tools follow the loans, and
        # only those. All of them count, whoever may see them.
        loans_sudo = self.sudo()
        lent = {
            (employee.id, product.id)
            for employee, product in loans_sudo._read_group(
                [
                    ("state", "=", "out"),
                    ("kind", "=", "tool"),
                    ("employee_id", "in", tools.employee_id.ids),
                    ("product_id", "in", tools.product_id.ids),
                ],
                ["employee_id", "product_id"],
            )
        }
        # See above: employees are written, for their tools alone.
        for employee, loans in tools.sudo().grouped("employee_id").items():
            products = loans.product_id
            held = products.filtered(
                lambda product, person=employee: (person.id, product.id) in lent
            )
            known = employee.aftersales_tool_ids
            wanted = (known - products) | held
            if wanted != known:
                employee.aftersales_tool_ids = wanted
