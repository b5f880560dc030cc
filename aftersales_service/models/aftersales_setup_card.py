from odoo import api, fields, models

# Field of the page, field of the company.
SETTINGS = {
    "card_when": "aftersales_card_when",
    "card_hour": "aftersales_card_hour",
    "card_reminder_days": "aftersales_card_reminder_days",
    "card_valid_days": "aftersales_card_valid_days",
    "card_alarm": "aftersales_card_alarm",
}


class AftersalesSetup(models.Model):
    """How customers are asked what they think, on the page of managers (R33)."""

    _inherit = "aftersales.setup"

    card_when = fields.Selection(
        selection=[
            ("next_day", "The next day"),
            ("at_once", "As soon as the visit is finished"),
        ],
        string="Card Is Sent",
        compute="_compute_card_settings",
        inverse="_inverse_card_settings",
    )
    card_hour = fields.Float(
        string="At", compute="_compute_card_settings", inverse="_inverse_card_settings"
    )
    card_reminder_days = fields.Integer(
        string="Reminder",
        compute="_compute_card_settings",
        inverse="_inverse_card_settings",
        help="Days after which a customer who has not answered is reminded, once; 0 for "
        "never.",
    )
    card_valid_days = fields.Integer(
        string="Valid For",
        compute="_compute_card_settings",
        inverse="_inverse_card_settings",
        help="Days after which a card cannot be answered any more.",
    )
    card_alarm = fields.Float(
        string="Bad Marks",
        digits=(3, 2),
        compute="_compute_card_settings",
        inverse="_inverse_card_settings",
        help="A mean of the four items as low as this reaches the supervisor at once, "
        "as does any item at the lowest level.",
    )

    @api.depends(*(f"company_id.{field}" for field in SETTINGS.values()))
    def _compute_card_settings(self):
        for setup in self:
            for field, source in SETTINGS.items():
                setup[field] = setup.company_id[source]

    def _inverse_card_settings(self):
        for setup in self:
            # Managers decide on their cards, on nothing else of the company.
            setup.company_id.sudo().write(
                {source: setup[field] for field, source in SETTINGS.items()}
            )
