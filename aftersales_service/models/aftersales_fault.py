from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

# What may hang on what: a symptom leads to checks, a check to causes, a cause to
# remedies; short trees leave steps out.
PARENTS = {
    "symptom": ("symptom",),
    "check": ("symptom", "check", "cause"),
    "cause": ("symptom", "check", "cause"),
    "remedy": ("symptom", "check", "cause"),
}


class AftersalesFault(models.Model):
    """Step of the fault tree: symptom → check → cause → remedy (R11)."""

    _name = "aftersales.fault"
    _description = "Fault"
    _inherit = ["aftersales.import.mixin"]
    _parent_store = True
    _order = "tree_order, id"
    _rec_names_search = ["name", "code"]
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(copy=False)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        selection=[
            ("symptom", "Symptom"),
            ("check", "Check"),
            ("cause", "Cause"),
            ("remedy", "Fix"),
        ],
        required=True,
        default="symptom",
        index=True,
        help="Symptom: what the customer notices. The topmost ones are the chapters "
        "of the handbook.\n"
        "Check: a question that is answered with yes or no.\n"
        "Cause: what is really broken.\n"
        "Remedy: what is done about it.",
    )
    answer = fields.Selection(
        selection=[("yes", "Yes"), ("no", "No")],
        help="Answer to the check above that leads here.",
    )
    instruction = fields.Text(
        translate=True,
        help="What to say, measure or do here, in words that can be read out.",
    )
    parent_id = fields.Many2one(
        comodel_name="aftersales.fault",
        string="Follows",
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    parent_path = fields.Char(index=True)
    parent_kind = fields.Selection(related="parent_id.kind", string="Kind above")
    child_ids = fields.One2many(
        comodel_name="aftersales.fault", inverse_name="parent_id", string="Next Steps"
    )
    tree_order = fields.Char(
        compute="_compute_tree_order",
        store=True,
        recursive=True,
        index=True,
        help="Sorts a list as the tree is read.",
    )
    indented_name = fields.Char(string="Step", compute="_compute_indented_name")
    complete_name = fields.Char(string="Path", compute="_compute_complete_name")
    component_id = fields.Many2one(
        comodel_name="aftersales.component",
        string="Component Group",
        help="Where on the machine it is.",
    )
    product_ids = fields.Many2many(
        comodel_name="product.product",
        string="Products",
        check_company=True,
        help="Only these products have it. Those of the step above when empty.",
    )
    category_ids = fields.Many2many(
        comodel_name="product.category",
        string="Product Categories",
        help="Only products of these categories have it, and of those beneath them.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", index=True, help="All companies when empty."
    )
    solution_ids = fields.One2many(
        comodel_name="aftersales.solution", inverse_name="fault_id", string="Solutions"
    )
    ticket_count = fields.Integer(compute="_compute_ticket_count")

    _code_uniq = models.UniqueIndex(
        "(code) WHERE code IS NOT NULL", "The code of a fault must be unique."
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("sequence", "parent_id.tree_order")
    def _compute_tree_order(self):
        for fault in self:
            step = f"{max(fault.sequence, 0):05d}.{fault._origin.id or 0:08d}/"
            fault.tree_order = (fault.parent_id.tree_order or "") + step

    @api.depends("name", "parent_id.name", "parent_path")
    @api.depends_context("lang")
    def _compute_complete_name(self):
        for fault in self:
            fault.complete_name = " / ".join(fault._get_steps().mapped("name"))

    @api.depends("name", "parent_path")
    @api.depends_context("lang")
    def _compute_indented_name(self):
        for fault in self:
            depth = max((fault.parent_path or "").count("/") - 1, 0)
            # Lists keep no ordinary spaces at the beginning.
            fault.indented_name = "\u2003" * 2 * depth + (fault.name or "")

    @api.depends("name", "parent_path")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """Name a fault by its symptoms and causes; the checks between are left out."""
        for fault in self:
            steps = fault._get_steps()
            told = steps.filtered(lambda step: step.kind != "check") | fault
            fault.display_name = " / ".join(step.name or "" for step in told)

    def _compute_ticket_count(self):
        """Count the tickets that reported or found this fault, or one beneath it."""
        Ticket = self.env["aftersales.ticket"]
        for fault in self:
            fault.ticket_count = Ticket.search_count(fault._get_ticket_domain())

    def _get_ticket_domain(self):
        return Domain.OR(
            Domain(field, "child_of", self.ids)
            for field in ("fault_id", "found_fault_id")
        )

    def _get_steps(self):
        """Return the way from the chapter down to this step, itself included."""
        self.ensure_one()
        steps, fault = self, self.parent_id
        while fault and fault not in steps:
            steps, fault = fault | steps, fault.parent_id
        return steps

    def _get_root_id(self):
        """Return the id of the chapter."""
        return int(self.parent_path.split("/", 1)[0])

    def _filter_product(self, product):
        """Return the steps that concern a product; all of them without one (R11).

        :param product: product.product, may be empty
        """
        if not product:
            return self
        # The category of a product is no secret to whoever serves it.
        path = product.sudo().categ_id.parent_path or ""
        categories = {int(part) for part in path.split("/") if part}
        # Likewise the list of products of a fault.
        return (
            self.sudo()
            .filtered(
                lambda fault: (
                    not (fault.product_ids or fault.category_ids)
                    or product in fault.product_ids
                    or categories & set(fault.category_ids.ids)
                )
            )
            .with_env(self.env)
        )

    def action_view_tickets(self):
        """Open the tickets that reported or found this fault, or one beneath it."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_ticket_action"
        )
        return {**action, "domain": list(self._get_ticket_domain()), "context": {}}

    # ------------------------------------------------------------
    # CONSTRAINS
    # ------------------------------------------------------------

    @api.constrains("parent_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A fault cannot lead back to itself."))

    @api.constrains("parent_id", "kind")
    def _check_kind(self):
        """Keep the order symptom → check → cause → remedy (R11)."""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for fault in self | self.child_ids:
            above = fault.parent_id.kind
            if not above and fault.kind == "symptom":
                continue
            if above not in PARENTS[fault.kind]:
                raise ValidationError(
                    self.env._(
                        "%(fault)s is a %(kind)s: choose what it follows, one of "
                        "%(parents)s. Only symptoms stand at the top.",
                        fault=fault.name,
                        kind=kinds[fault.kind],
                        parents=", ".join(kinds[kind] for kind in PARENTS[fault.kind]),
                    )
                )

    @api.constrains("parent_id", "answer")
    def _check_answer(self):
        for fault in self:
            if fault.answer and fault.parent_id.kind != "check":
                raise ValidationError(
                    self.env._(
                        "%s has an answer, but what it follows is no check: remove "
                        "one of them.",
                        fault.name,
                    )
                )

    # ------------------------------------------------------------
    # IMPORT
    # ------------------------------------------------------------

    @api.model
    def get_import_templates(self):
        """Offer the template for the fault tree in the import screen."""
        return [
            {
                "label": self.env._("Template for the fault tree"),
                "template": "/aftersales/import_template/aftersales.fault",
            }
        ]

    @api.model
    def _get_import_keys(self):
        return [("code",)]

    @api.model
    def _get_import_columns(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return [
            ("code", False, "E-01", self.env._("Short code; no two rows share one.")),
            (
                "name",
                True,
                self.env._("Engine does not start"),
                self.env._("In the words of the customer, or of the technician."),
            ),
            (
                "kind",
                True,
                kinds["symptom"],
                self.env._("The topmost symptoms are the chapters of the handbook."),
            ),
            (
                "parent_id",
                False,
                "",
                self.env._("Code of the step it follows, from a row further up."),
            ),
            (
                "answer",
                False,
                "",
                self.env._("Below a check: the answer that leads here."),
            ),
            (
                "instruction",
                False,
                "",
                self.env._("What to say, measure or do, ready to be read out."),
            ),
        ]
