from odoo import api, fields, models


class AftersalesDispatchStep(models.TransientModel):
    """Asks for what a step of a visit needs: a reason, a person, a new time."""

    _name = "aftersales.dispatch.step"
    _description = "Step of a Visit"

    dispatch_ids = fields.Many2many(
        comodel_name="aftersales.dispatch",
        string="Dispatch Orders",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    step = fields.Selection(
        selection=[
            ("assign", "Assign All the Same"),
            ("reschedule", "Postpone"),
            ("fail", "Give Up"),
            ("cancel", "Cancel"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Char()
    requested_by = fields.Selection(
        selection=lambda self: self.env["aftersales.reschedule"]
        ._fields["requested_by"]
        ._description_selection(self.env),
        string="Postponed by",
        default="company",
    )
    date_start = fields.Datetime(
        string="New Start",
        compute="_compute_dates",
        store=True,
        readonly=False,
    )
    date_end = fields.Datetime(
        string="New End",
        compute="_compute_date_end",
        store=True,
        readonly=False,
        help="Empty: as long as before.",
    )
    refusal_text = fields.Text(
        string="What Speaks against It", compute="_compute_refusal_text"
    )

    @api.depends("dispatch_ids")
    def _compute_dates(self):
        for wizard in self:
            visit = wizard.dispatch_ids[:1]
            wizard.date_start = len(wizard.dispatch_ids) == 1 and visit.date_start

    @api.depends("date_start")
    def _compute_date_end(self):
        """Keep the length of the visit when its start moves."""
        for wizard in self:
            visit = wizard.dispatch_ids[:1]
            start, old = wizard.date_start, visit.date_start
            wizard.date_end = (
                start and old and visit.date_end and start + (visit.date_end - old)
            )

    @api.depends("dispatch_ids", "step")
    def _compute_refusal_text(self):
        for wizard in self:
            visits = wizard.dispatch_ids if wizard.step == "assign" else None
            wizard.refusal_text = visits and "\n".join(
                text for visit in visits for text in visit._get_drop_refusals()
            )

    def action_apply(self):
        """Take the step with what was asked for.

        :raise UserError: as the step itself
        """
        self.ensure_one()
        visits = self.dispatch_ids
        if self.step == "assign":
            visits.action_assign(reason=self.reason)
        elif self.step == "reschedule":
            visits.action_reschedule(
                self.date_start, self.date_end, self.reason, self.requested_by
            )
        elif self.step == "fail":
            visits.action_fail(self.reason)
        else:
            visits.action_cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
