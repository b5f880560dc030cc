from odoo import api, fields, models

DAYS = ("wish_days", "callback_attempts", "file_days")


class AftersalesSetup(models.Model):
    """Callbacks and customer files, on the page of the managers (R12, R34, R69)."""

    _inherit = "aftersales.setup"

    wish_days = fields.Integer(
        string="Wishes Answered (Days)",
        compute="_compute_desk_days",
        inverse="_inverse_desk_days",
        help="Days in which the supervisor answers a wish or question of a callback.",
    )
    callback_attempts = fields.Integer(
        string="Attempts of a Callback",
        compute="_compute_desk_days",
        inverse="_inverse_desk_days",
        help="After so many attempts in vain a callback is closed as not reached.",
    )
    file_days = fields.Integer(
        string="Customer File Complete (Days)",
        compute="_compute_desk_days",
        inverse="_inverse_desk_days",
        help="Days after the first contact; what is missing then is listed.",
    )

    @api.depends(*(f"company_id.aftersales_{field}" for field in DAYS))
    def _compute_desk_days(self):
        for setup in self:
            for field in DAYS:
                setup[field] = setup.company_id[f"aftersales_{field}"]

    def _inverse_desk_days(self):
        for setup in self:
            # Managers decide on the days of their desk, on nothing else.
            company_sudo = setup.company_id.sudo()
            company_sudo.write({f"aftersales_{field}": setup[field] for field in DAYS})
