from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AftersalesWarrantyPolicy(models.Model):
    """Promise given with a product, per component group (R14).

    What was sold is a snapshot: units take a copy of the terms when they are
    delivered, a later change of the policy changes no sold unit.
    """

    _name = "aftersales.warranty.policy"
    _description = "Warranty Policy"
    _inherit = ["mail.thread"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        help="Empty: for all companies.",
    )
    start_on = fields.Selection(
        selection=[
            ("delivery", "Delivery"),
            ("invoice", "Posted Invoice"),
            ("installation", "Installation"),
            ("registration", "Registration of the Resale"),
        ],
        string="Starts on",
        required=True,
        default="delivery",
        tracking=True,
        help="The terms begin on this day; until it is known, on the delivery.",
    )
    never_before_delivery = fields.Boolean(
        default=True,
        help="Where the other day and the delivery differ, the later one counts.",
    )
    proof_required = fields.Boolean(
        default=True,
        tracking=True,
        help="Free service only against a posted invoice or an accepted proof of "
        "purchase.",
    )
    adds_repair_days = fields.Boolean(
        string="Adds Days in Repair",
        default=True,
        help="Days the unit spends in repair are added back to its terms.",
    )
    restarts_on_replacement = fields.Boolean(
        default=True,
        help="A replacement unit gets full terms of its own; otherwise the rest of "
        "the terms of the replaced unit.",
    )
    date_from = fields.Date(string="Valid from")
    date_to = fields.Date(string="Valid until")
    term_ids = fields.One2many(
        comodel_name="aftersales.warranty.term",
        inverse_name="policy_id",
        string="Terms",
        copy=True,
    )
    note = fields.Html(string="Wording on the Certificate", translate=True)
    equipment_count = fields.Integer(string="Units", compute="_compute_equipment_count")

    _dates_in_order = models.Constraint(
        "CHECK (date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "A warranty policy cannot end before it begins.",
    )

    def _compute_equipment_count(self):
        counts = dict(
            self.env["aftersales.equipment"]._read_group(
                [("warranty_policy_id", "in", self.ids)],
                ["warranty_policy_id"],
                ["__count"],
            )
        )
        for policy in self:
            policy.equipment_count = counts.get(policy, 0)

    @api.constrains("name", "term_ids")
    def _check_terms(self):
        for policy in self:
            if not policy.term_ids:
                raise ValidationError(
                    self.env._(
                        "Warranty policy %s needs at least one term.", policy.name
                    )
                )

    def _is_valid_on(self, day):
        """Tell whether units delivered on a day get this policy."""
        self.ensure_one()
        return (not self.date_from or self.date_from <= day) and (
            not self.date_to or day <= self.date_to
        )

    def _get_repair_promise(self):
        """Return length and kinds of the guarantee of a repaired item, or None."""
        self.ensure_one()
        term = self.term_ids.filtered(lambda term: term._is_repair_guarantee())[:1]
        if not term:
            return None
        return {
            "duration": term.duration,
            "unit": term.duration_unit,
            "kinds": [
                kind for kind in ("labour", "parts", "travel") if term[f"covers_{kind}"]
            ],
        }

    def action_view_equipment(self):
        """Open the units that were sold with these policies."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_equipment_action"
        )
        return {
            **action,
            "domain": [("warranty_policy_id", "in", self.ids)],
            "context": {"create": False},
        }
