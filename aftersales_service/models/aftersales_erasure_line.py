from odoo import api, fields, models
from odoo.tools import format_date


class AftersalesErasureLine(models.Model):
    """One record of the person, without naming him: erased, or kept and why."""

    _name = "aftersales.erasure.line"
    _description = "Record of an Erasure Request"
    _order = "keep_until, id"

    erasure_id = fields.Many2one(
        comodel_name="aftersales.erasure",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="erasure_id.company_id", store=True)
    res_model = fields.Char(string="Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", required=True, readonly=True
    )
    kind = fields.Char(compute="_compute_kind")
    document = fields.Char(required=True, readonly=True)
    verdict = fields.Selection(
        selection=[
            ("past", "Erase"),
            ("retention", "Keep"),
            ("open_ticket", "Ticket Open"),
            ("in_use", "Unit in Use"),
            ("pending", "To Be Decided"),
            ("in_force", "Contract in Force"),
        ],
        required=True,
        readonly=True,
    )
    last_day = fields.Date(
        string="Retention Starts",
        readonly=True,
        help="The day from which on it is kept.",
    )
    keep_until = fields.Date(string="Kept until", readonly=True)
    reason = fields.Char(compute="_compute_reason")

    @api.depends("res_model")
    @api.depends_context("lang")
    def _compute_kind(self):
        for line in self:
            # The name of the document alone.
            line.kind = self.env["ir.model"].sudo()._get(line.res_model).name

    @api.depends("verdict", "keep_until", "erasure_id.state")
    @api.depends_context("lang")
    def _compute_reason(self):
        for line in self:
            line.reason = line._get_reason()

    def _get_reason(self):
        """Say in the language of the context what happens to the record, and why."""
        self.ensure_one()
        years = self.company_id.aftersales_retention_years
        if self.verdict == "past":
            if self.erasure_id.state == "done":
                return self.env._(
                    "Name, address, contact data, messages and files were erased."
                )
            return self.env._("Its time of %s years is over.", years)
        if self.verdict == "retention":
            return self.env._(
                "Service records are kept %(years)s years after their last day as proof "
                "of the work done and for claims under warranty, here until %(date)s.",
                years=years,
                date=format_date(self.env, self.keep_until),
            )
        if self.verdict == "open_ticket":
            return self.env._(
                "The service is not finished yet; kept %s years after it is closed.",
                years,
            )
        if self.verdict == "in_use":
            return self.env._(
                "The unit is in use and needs its record for warranty, service and safety; "
                "kept %s years after it leaves use.",
                years,
            )
        if self.verdict == "in_force":
            return self.env._(
                "The contract has not ended yet; kept %s years after its end.", years
            )
        return self.env._(
            "The registration is not decided yet; kept %s years afterwards.", years
        )

    def action_open(self):
        """Open the record, if it still is there and ours to see."""
        self.ensure_one()
        record = self.env[self.res_model].browse(self.res_id)
        record.check_access("read")
        return self.env["aftersales.equipment"]._get_form_action(record)
