from odoo import api, models


class AftersalesCampaignRecipient(models.Model):
    """Who stood on the list of a campaign, and for how long that is known (R66)."""

    _name = "aftersales.campaign.recipient"
    _inherit = ["aftersales.campaign.recipient", "aftersales.person.mixin"]

    _person_links = ("partner_id",)
    _person_fields = frozenset({"partner_id"})

    @api.model
    def _get_person_columns(self):
        return ["name", "create_date", "unit_count", "progress"]

    def _get_last_days(self):
        return {recipient: recipient.campaign_id.date for recipient in self}

    def _erase_person(self, persons):
        """The list has no chatter: the name is all there is to forget."""
        # As in the mixin: managers decided, the lists belong to nobody.
        self.sudo().partner_id = False
