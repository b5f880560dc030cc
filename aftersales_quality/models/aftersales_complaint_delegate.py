from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AftersalesComplaintDelegate(models.Model):
    """Who approves complaints for somebody absent, between two days (R58)."""

    _name = "aftersales.complaint.delegate"
    _description = "Delegate of an Approver"
    _order = "date_from desc, id desc"
    _rec_name = "delegate_id"

    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Absent",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        ondelete="cascade",
    )
    delegate_id = fields.Many2one(
        comodel_name="res.users",
        string="Approves for Him",
        required=True,
        index=True,
        domain="[('share', '=', False), ('id', '!=', user_id)]",
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(string="Until", required=True)

    _days_in_order = models.Constraint(
        "CHECK (date_to >= date_from)", "The last day comes after the first one."
    )
    _somebody_else = models.Constraint(
        "CHECK (user_id <> delegate_id)", "Nobody stands in for himself."
    )

    @api.constrains("delegate_id", "company_id")
    def _check_delegate(self):
        Complaint = self.env["aftersales.complaint"]
        for row in self:
            user = row.delegate_id
            if (
                not user.active
                or user.share
                or row.company_id not in user.company_ids
                or not Complaint.with_user(user).has_access("write")
            ):
                raise ValidationError(
                    self.env._(
                        "%s cannot approve complaints of this company: choose somebody "
                        "of the service desk or of quality.",
                        user.name,
                    )
                )

    @api.depends("user_id", "delegate_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.user_id.name} → {row.delegate_id.name}"

    @api.model
    def _get_delegates(self, companies):
        """Return ``{(company, absent user): delegates}`` of today."""
        found = {}
        today = fields.Date.today()
        # Who stands in for whom decides for everybody, whoever asks.
        rows_sudo = self.sudo().search(
            [
                ("company_id", "in", companies.ids),
                ("date_from", "<=", fields.Date.add(today, days=1)),
                ("date_to", ">=", fields.Date.subtract(today, days=1)),
            ]
        )
        for row in rows_sudo:
            if row.date_from <= row.company_id._aftersales_today() <= row.date_to:
                key = (row.company_id.id, row.user_id.id)
                known = found.get(key, self.env["res.users"])
                found[key] = known | row.delegate_id.with_env(self.env)
        return found
