from odoo import api, fields, models


class AftersalesProductClass(models.Model):
    """Kind of goods that the laws tell apart: general goods, farm machines, cars …"""

    _name = "aftersales.product.class"
    _description = "Kind of Goods"
    _order = "sequence, name, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    season_ids = fields.One2many(
        comodel_name="aftersales.season",
        inverse_name="class_id",
        string="Busy Seasons",
        copy=True,
        help="When the goods are needed most; some laws then give more.",
    )
    rule_ids = fields.One2many(
        comodel_name="aftersales.remedy.rule",
        inverse_name="product_class_id",
        string="Rules",
    )
    rule_count = fields.Integer(string="Number of Rules", compute="_compute_rule_count")

    _code_uniq = models.UniqueIndex(
        "(code)", "The code of a kind of goods must be unique."
    )

    @api.depends("rule_ids")
    def _compute_rule_count(self):
        counts = dict(
            self.env["aftersales.remedy.rule"]._read_group(
                [("product_class_id", "in", self.ids)],
                ["product_class_id"],
                ["__count"],
            )
        )
        for product_class in self:
            product_class.rule_count = counts.get(product_class, 0)

    def action_view_rules(self):
        """Open the rules for these kinds of goods."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_remedy_rule_action"
        )
        return {
            **action,
            "domain": [("product_class_id", "in", self.ids)],
            "context": {
                "default_product_class_id": self.id if len(self) == 1 else False
            },
        }
