from odoo import api, models, tools


class AftersalesPlainRuleMixin(models.AbstractModel):
    """Rows of rules that decide often and change seldom: read once, as plain values."""

    _name = "aftersales.plain.rule.mixin"
    _description = "Rule Read as Plain Values"

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self.env.registry.clear_cache()
        return rules

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    @tools.ormcache()
    def _get_plain_rules(self):
        """Return the active rules of all companies as plain values, in their order."""
        # Rules hold for everybody, whoever works on what they decide. What they name
        # is a condition also when it is archived.
        rules_sudo = self.sudo().with_context(active_test=False)
        rules_sudo = rules_sudo.search([("active", "=", True)])
        return tuple(rule._get_plain() for rule in rules_sudo)

    def _get_plain(self):
        """Hook: return a rule as a plain value."""
