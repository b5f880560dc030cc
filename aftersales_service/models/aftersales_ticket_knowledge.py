from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from .aftersales_ticket import OPEN_STATES


class AftersalesTicket(models.Model):
    """What was reported, what was found, and what helped (R08, R11)."""

    _inherit = "aftersales.ticket"

    fault_id = fields.Many2one(
        comodel_name="aftersales.fault",
        string="Reported Fault",
        domain="[('kind', 'in', ('symptom', 'cause'))]",
        check_company=True,
        index="btree_not_null",
        tracking=True,
        help="The symptom as the customer reports it.",
    )
    found_fault_id = fields.Many2one(
        comodel_name="aftersales.fault",
        domain="[('kind', 'in', ('symptom', 'cause'))]",
        check_company=True,
        index="btree_not_null",
        copy=False,
        tracking=True,
        help="The cause that was really found.",
    )
    found_other = fields.Boolean(
        string="Found Other than Reported",
        compute="_compute_found_other",
        store=True,
        precompute=True,
        help="What was found does not belong to the reported symptom.",
    )
    fault_required = fields.Boolean(related="team_id.fault_required")
    solution_ids = fields.Many2many(
        comodel_name="aftersales.solution",
        string="Known Solutions",
        compute="_compute_solution_ids",
        help="Published solutions that fit the fault and the product, best match "
        "first.",
    )
    used_solution_ids = fields.Many2many(
        comodel_name="aftersales.solution",
        relation="aftersales_ticket_solution_rel",
        string="Used Solutions",
        copy=False,
        readonly=True,
    )
    walk_fault_id = fields.Many2one(
        comodel_name="aftersales.fault",
        string="Place in the Fault Tree",
        copy=False,
        help="Where the search for the fault goes on.",
    )
    walk_answer = fields.Selection(
        selection=[("yes", "Yes"), ("no", "No")],
        string="Answer to the Check",
        copy=False,
    )
    walk_tried_ids = fields.Many2many(
        comodel_name="aftersales.fault",
        relation="aftersales_ticket_walk_tried_rel",
        string="Tried without Success",
        copy=False,
    )
    can_walk = fields.Boolean(compute="_compute_can_walk")
    can_new_solution = fields.Boolean(compute="_compute_can_new_solution")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("fault_id.parent_path", "found_fault_id.parent_path")
    def _compute_found_other(self):
        for ticket in self:
            reported, found = ticket.fault_id, ticket.found_fault_id
            ticket.found_other = bool(
                reported
                and found
                and not (found.parent_path or "").startswith(reported.parent_path or "")
            )

    @api.depends("fault_id", "found_fault_id", "product_id", "symptom", "company_id")
    def _compute_solution_ids(self):
        cases = [ticket._get_solution_case() for ticket in self]
        proposals = self.env["aftersales.solution"]._propose(cases)
        for ticket, solutions in zip(self, proposals, strict=True):
            ticket.solution_ids = solutions

    def _get_solution_case(self):
        self.ensure_one()
        return (
            self.company_id or self.env.company,
            self.product_id._origin,
            (self.found_fault_id | self.fault_id)._origin,
            self.symptom,
        )

    @api.model
    def _propose_solutions(self, product, fault, text=None, company=None, limit=8):
        """Return published solutions for a call that is being registered (R11).

        :param product: product.product, may be empty
        :param fault: aftersales.fault, may be empty
        :param str text: the symptom in the customer's words
        :param company: the current company when empty
        :param int limit: how many at most
        :return: aftersales.solution, best match first
        """
        case = (company or self.env.company, product, fault, text)
        return self.env["aftersales.solution"]._propose([case], limit=limit)[0]

    @api.depends("state")
    @api.depends_context("uid", "su")
    def _compute_can_walk(self):
        is_staff = self.env.su or self.env.user.has_group(
            "aftersales_service.aftersales_service_group_technician"
        )
        for ticket in self:
            ticket.can_walk = is_staff and ticket.state in OPEN_STATES

    @api.depends("state")
    @api.depends_context("uid", "su")
    def _compute_can_new_solution(self):
        is_agent = self.env.su or self.env.user.has_group(
            "aftersales_service.aftersales_service_group_agent"
        )
        for ticket in self:
            ticket.can_new_solution = is_agent and ticket.state in ("solved", "closed")

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    @api.constrains("fault_id", "found_fault_id")
    def _check_fault_kind(self):
        """A fault is what is wrong, not how it is looked for (R08)."""
        # Of the whole batch at once.
        steps = (self.fault_id | self.found_fault_id).filtered(
            lambda fault: fault.kind not in ("symptom", "cause")
        )
        for ticket in self:
            if wrong := (ticket.fault_id | ticket.found_fault_id) & steps:
                raise ValidationError(
                    self.env._(
                        "Ticket %(ticket)s: choose a symptom or a cause, %(fault)s "
                        "is a step to find one.",
                        ticket=ticket.name,
                        fault=wrong[0].name,
                    )
                )

    @api.constrains("found_fault_id")
    def _check_found_fault_kept(self):
        """What a team asks for at solving is not removed afterwards (R11)."""
        finished = self.filtered(lambda ticket: ticket.state in ("solved", "closed"))
        if finished:
            finished._ensure_found_fault()

    def _ensure_can(self, rule, way_out):
        """Ask for the found fault at solving, when the team says so (R11).

        :raise UserError: naming the tickets and the way out
        """
        result = super()._ensure_can(rule, way_out)
        if rule == "can_solve":
            self._ensure_found_fault()
        return result

    def _ensure_found_fault(self):
        """Refuse tickets without a found fault where the team wants one.

        :raise UserError: naming the tickets and the way out
        """
        if missing := self.filtered(
            lambda ticket: ticket.team_id.fault_required and not ticket.found_fault_id
        ):
            missing._refuse(
                self.env._(
                    "The team wants to know what was really wrong: choose the found "
                    "fault on the ticket, or walk the fault tree, then solve it."
                )
            )

    # ------------------------------------------------------------
    # SOLUTIONS
    # ------------------------------------------------------------

    def action_apply_solution(self, solution_id):
        """Take the text of a solution over as resolution, and count its use (R11).

        :param int solution_id: a published solution
        :raise UserError: when the ticket is finished, or the solution not published
        """
        self._ensure_can(
            "can_walk",
            self.env._("Solutions are used on tickets that are being worked on."),
        )
        solution = self.env["aftersales.solution"].browse(solution_id)
        solution.check_access("read")
        if solution.state != "published":
            solution._refuse(self.env._("Only published solutions are used."))
        text = solution._get_plain_text()
        fault = solution.fault_id
        for ticket in self:
            new = solution not in ticket.used_solution_ids
            vals = {"used_solution_ids": [Command.link(solution.id)]}
            if not ticket.fault_id and fault.kind == "symptom":
                vals["fault_id"] = fault.id
            if not ticket.found_fault_id and fault.kind == "cause":
                vals["found_fault_id"] = fault.id
            if text not in (ticket.resolution or ""):
                vals["resolution"] = "\n\n".join(
                    filter(None, (ticket.resolution, text))
                )
            ticket._step(vals)
            if new:
                # The counter is not the technician's to write, its use is.
                solution_sudo = solution.sudo()._by_method()
                solution_sudo.use_count += 1
        return True

    def action_new_solution(self):
        """Write down what helped: a draft prefilled from the ticket (R11).

        :return: action that opens the draft; the one begun before when there is one
        :raise UserError: when the ticket is not solved, or the user is no agent
        """
        self.ensure_one()
        self._ensure_can(
            "can_new_solution",
            self.env._("The desk writes a solution from a ticket that is solved."),
        )
        Solution = self.env["aftersales.solution"]
        solution = Solution.search([("ticket_id", "=", self.id)], limit=1)
        solution = solution or Solution.create(self._prepare_solution())
        return solution._get_form_action()

    def _prepare_solution(self):
        self.ensure_one()
        found = self.found_fault_id or self.fault_id
        parts = (
            (self.env._("Symptom"), self.symptom),
            (self.env._("Found"), self.found_fault_id.name),
            (self.env._("What helps"), self.resolution),
        )
        body = Markup().join(
            Markup("<h3>%s</h3><p>%s</p>")
            % (title, Markup("<br/>").join(text.splitlines()))
            for title, text in parts
            if text
        )
        return {
            "name": self.found_fault_id.name or self.symptom,
            "fault_id": found.id,
            "product_ids": [Command.set(self.product_id.ids)],
            "component_id": self.component_id.id or found.component_id.id,
            "body": body,
            "ticket_id": self.id,
            "company_id": self.company_id.id,
        }

    # ------------------------------------------------------------
    # FAULT TREE
    # ------------------------------------------------------------

    def action_walk(self):
        """Walk the fault tree with the customer on the phone (R11).

        :return: action that opens the cards, where the last walk stopped
        :raise UserError: when the ticket is finished
        """
        self.ensure_one()
        self._ensure_can(
            "can_walk",
            self.env._("The fault tree is walked on tickets being worked on."),
        )
        walk = self.env["aftersales.fault.walk"].create({"ticket_id": self.id})
        return walk._start()
