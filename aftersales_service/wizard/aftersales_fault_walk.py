from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class AftersalesFaultWalk(models.TransientModel):
    """Walk through the fault tree with one hand: symptom → check → cause → remedy.

    Where the walk stands is kept on the ticket, so that whoever takes the next call
    goes on there (R11).
    """

    _name = "aftersales.fault.walk"
    _description = "Walk through the Fault Tree"

    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    fault_id = fields.Many2one(related="ticket_id.walk_fault_id")
    kind = fields.Selection(related="fault_id.kind")
    title = fields.Char(compute="_compute_texts")
    path = fields.Char(compute="_compute_texts")
    instruction = fields.Text(related="fault_id.instruction")
    tried = fields.Char(compute="_compute_texts")
    card_ids = fields.One2many(
        comodel_name="aftersales.fault.walk.card",
        inverse_name="walk_id",
        readonly=True,
    )

    @api.depends("ticket_id.walk_fault_id", "ticket_id.walk_tried_ids")
    @api.depends_context("lang")
    def _compute_texts(self):
        for walk in self:
            fault = walk.fault_id
            walk.title = fault.name or self.env._("What does the customer notice?")
            walk.path = fault and walk._describe(fault.parent_id)
            walk.tried = ", ".join(walk.ticket_id.walk_tried_ids.mapped("name"))

    # ------------------------------------------------------------
    # BUTTONS
    # ------------------------------------------------------------

    def action_back(self):
        """Go one step up."""
        self._ensure_walking()
        ticket = self.ticket_id
        if ticket.walk_answer:
            return self._go(ticket.walk_fault_id)
        return self._go(ticket.walk_fault_id.parent_id)

    def action_restart(self):
        """Begin again at the chapters; what was tried is forgotten."""
        self._ensure_walking()
        self.ticket_id.walk_tried_ids = [Command.clear()]
        return self._go(self.env["aftersales.fault"])

    def action_stop(self):
        """Leave it to somebody else: what was tried is noted on the ticket."""
        self._ensure_walking()
        path = self._describe(self.fault_id) or self.env._("nothing chosen")
        self._note(self.env._("Fault tree, not found yet"), path)
        return {"type": "ir.actions.act_window_close"}

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _start(self):
        """Show where the last walk stopped, else what follows the reported fault."""
        self.ensure_one()
        ticket = self.ticket_id
        if not ticket.walk_fault_id:
            ticket.walk_fault_id = ticket.fault_id
        return self._show()

    def _show(self):
        """Return the action that shows the cards of where the walk stands."""
        self.ensure_one()
        # What is read through the ticket has changed with it.
        self.invalidate_recordset()
        self.card_ids = [
            Command.clear(),
            *(
                Command.create({"number": number, **card})
                for number, card in enumerate(self._get_cards(), 1)
            ),
        ]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Find the Fault: %s", self.ticket_id.name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "large"},
        }

    def _go(self, fault, answer=False):
        self.ticket_id.write({"walk_fault_id": fault.id, "walk_answer": answer})
        return self._show()

    def _choose(self, act, fault):
        """Do what a card says.

        :param str act: go, yes, no, helped, failed or found
        :param fault: the step it leads to
        :raise UserError: when the ticket is finished meanwhile
        """
        self._ensure_walking()
        if act == "go":
            return self._go(fault)
        if act in ("yes", "no"):
            return self._answer(fault, act)
        if act == "failed":
            return self._exclude(fault)
        return self._finish(fault, helped=act == "helped")

    def _answer(self, check, answer):
        """Follow the answer to a check; a dead end excludes it."""
        steps = self._get_steps(check).filtered(lambda step: step.answer == answer)
        if not steps:
            return self._exclude(check)
        if len(steps) == 1:
            return self._go(steps)
        return self._go(check, answer)

    def _exclude(self, fault):
        self.ticket_id.walk_tried_ids = [Command.link(fault.id)]
        return self._go(fault.parent_id)

    def _finish(self, fault, helped):
        """Write down what was reported, what was found and what helped."""
        ticket = self.ticket_id
        steps = fault._get_steps()
        symptom = steps.filtered(lambda step: step.kind == "symptom")[-1:]
        cause = steps.filtered(lambda step: step.kind == "cause")[-1:]
        vals = {
            "found_fault_id": (cause or symptom).id,
            "walk_fault_id": False,
            "walk_answer": False,
            "walk_tried_ids": [Command.clear()],
        }
        if not ticket.fault_id:
            vals["fault_id"] = symptom.id
        lines = [self.env._("Found: %s", (cause or symptom).name)]
        if helped:
            lines.append(self.env._("Helped: %s", fault.name))
        text = "\n".join(lines)
        if text not in (ticket.resolution or ""):
            vals["resolution"] = "\n".join(filter(None, (ticket.resolution, text)))
        headline = (
            self.env._("Fault tree, solved")
            if helped
            else self.env._("Fault tree, cause found")
        )
        self._note(headline, self._describe(fault))
        ticket.write(vals)
        return {"type": "ir.actions.act_window_close"}

    def _ensure_walking(self):
        """Refuse to go on when the ticket was finished meanwhile.

        :raise UserError: naming the ticket and the way out
        """
        self.ensure_one()
        if not self.ticket_id.can_walk:
            raise UserError(
                self.env._(
                    "Ticket %s was finished meanwhile: close this and reopen it to go "
                    "on.",
                    self.ticket_id.display_name,
                )
            )

    # ------------------------------------------------------------
    # CARDS
    # ------------------------------------------------------------

    def _get_steps(self, fault):
        """Return what may follow a step for the product of the ticket."""
        steps = self.env["aftersales.fault"].search(
            [
                ("parent_id", "=", fault.id),
                ("company_id", "in", [False, self.ticket_id.company_id.id]),
            ],
            order="sequence, id",
        )
        return steps._filter_product(self.ticket_id.product_id)

    def _get_cards(self):
        """Return the values of the cards to choose from."""
        fault = self.fault_id
        steps = self._get_steps(fault)
        if fault.kind == "check":
            cards = self._get_answer_cards(fault, steps)
        else:
            cards = [self._get_step_card(step) for step in steps]
        if fault.kind == "remedy":
            cards += [
                {
                    "act": "helped",
                    "fault_id": fault.id,
                    "name": self.env._("It helped"),
                    "note": self.env._("Notes the cause and the remedy."),
                },
                {
                    "act": "failed",
                    "fault_id": fault.id,
                    "name": self.env._("It did not help"),
                    "note": self.env._("Back to what else can be tried."),
                },
            ]
        elif fault.kind == "cause":
            cards.append(
                {
                    "act": "found",
                    "fault_id": fault.id,
                    "name": self.env._("This is the cause"),
                    "note": self.env._("Note it, the repair comes later."),
                }
            )
        return cards

    def _get_answer_cards(self, check, steps):
        answer = self.ticket_id.walk_answer
        if answer:
            return [
                self._get_step_card(step) for step in steps if step.answer == answer
            ]
        labels = dict(steps._fields["answer"]._description_selection(self.env))
        cards = [
            {"act": act, "fault_id": check.id, "name": label}
            for act, label in labels.items()
        ]
        free = [self._get_step_card(step) for step in steps if not step.answer]
        return cards + free

    def _get_step_card(self, step):
        return {
            "act": "go",
            "fault_id": step.id,
            "name": step.name,
            "note": step.kind == "remedy" and step.instruction,
            "tried": step in self.ticket_id.walk_tried_ids,
        }

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _describe(self, fault):
        """Return the way to a step in words, with the answers given."""
        if not fault:
            return ""
        answers = dict(fault._fields["answer"]._description_selection(self.env))
        words = []
        for step in fault._get_steps():
            if step.answer and words:
                words[-1] += f" {answers[step.answer]}"
            words.append(step.name)
        return " › ".join(words)

    def _note(self, headline, path):
        tried = self.ticket_id.walk_tried_ids
        if tried:
            path = self.env._(
                "%(path)s (tried without success: %(tried)s)",
                path=path,
                tried=", ".join(tried.mapped("name")),
            )
        self.ticket_id._tell(headline, path)
