from odoo import api, fields, models

NAMES = {
    "repair_check": "aftersales_repair_check",
    "pay_before": "aftersales_pay_before",
    "unclaimed_days": "aftersales_unclaimed_days",
}


class AftersalesSetup(models.Model):
    """The rules of the workshop, on the page of its managers (R51, R67)."""

    _inherit = "aftersales.setup"

    repair_check = fields.Boolean(
        string="Release Check of Repairs",
        compute="_compute_workshop",
        inverse="_inverse_repair_check",
        help="Somebody other than the repairer checks what was repaired before the "
        "customer gets it back.",
    )
    pay_before = fields.Boolean(
        string="Paid before Hand-Back",
        compute="_compute_workshop",
        inverse="_inverse_pay_before",
        help="Customers without payment terms pay for a repair before they get their "
        "goods back.",
    )
    unclaimed_days = fields.Integer(
        string="Unclaimed after (Days)",
        compute="_compute_workshop",
        inverse="_inverse_unclaimed_days",
        help="Repaired goods that nobody has fetched for so long are reminded of.",
    )

    @api.depends(*(f"company_id.{name}" for name in NAMES.values()))
    def _compute_workshop(self):
        for setup in self:
            for name, field in NAMES.items():
                setup[name] = setup.company_id[field]

    def _inverse_repair_check(self):
        self._write_workshop("repair_check")

    def _inverse_pay_before(self):
        self._write_workshop("pay_before")

    def _inverse_unclaimed_days(self):
        self._write_workshop("unclaimed_days")

    def _write_workshop(self, name):
        for setup in self:
            # Managers decide on their workshop, on nothing else of the company.
            setup.company_id.sudo()[NAMES[name]] = setup[name]
