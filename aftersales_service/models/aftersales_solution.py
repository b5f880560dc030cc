from odoo import api, fields, models
from odoo.tools import is_html_empty

# What a reader of the handbook relies on: changed by a new review alone.
TEXTS = frozenset(
    {"name", "body", "fault_id", "product_ids", "component_id", "company_id"}
)


class AftersalesSolution(models.Model):
    """Entry of the service handbook: what helps against a fault (R11)."""

    _name = "aftersales.solution"
    _description = "Solution"
    _inherit = ["aftersales.fact.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "use_count desc, id desc"
    _check_company_auto = True
    _facts = frozenset(
        {
            "state",
            "reviewer_id",
            "date_published",
            "date_retired",
            "revises_id",
            "use_count",
            "edition_id",
            "withdrawn_edition_id",
        }
    )

    name = fields.Char(
        string="Title", required=True, translate=True, index="trigram", tracking=True
    )
    fault_id = fields.Many2one(
        comodel_name="aftersales.fault",
        domain="[('kind', 'in', ('symptom', 'cause'))]",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="What it helps against: a cause, or a symptom as long as the cause is "
        "not known.",
    )
    product_ids = fields.Many2many(
        comodel_name="product.product",
        string="Products",
        check_company=True,
        help="Products it holds for; all of them when empty.",
    )
    component_id = fields.Many2one(
        comodel_name="aftersales.component", string="Component Group"
    )
    body = fields.Html(string="Solution", translate=True, sanitize_overridable=False)
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("review", "In Review"),
            ("published", "Published"),
            ("retired", "Retired"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
        help="Draft: being written.\n"
        "In Review: the supervisor reads it.\n"
        "Published: proposed on tickets, part of the handbook.\n"
        "Retired: no longer valid, kept as a record.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    author_id = fields.Many2one(
        comodel_name="res.users",
        default=lambda self: self.env.user,
        readonly=True,
        copy=False,
    )
    reviewer_id = fields.Many2one(comodel_name="res.users", readonly=True, copy=False)
    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        string="From Ticket",
        check_company=True,
        index="btree_not_null",
        readonly=True,
        copy=False,
    )
    date_published = fields.Datetime(string="Published on", readonly=True, copy=False)
    date_retired = fields.Datetime(string="Retired on", readonly=True, copy=False)
    revises_id = fields.Many2one(
        comodel_name="aftersales.solution",
        string="New Version of",
        index="btree_not_null",
        readonly=True,
        copy=False,
        check_company=True,
    )
    revision_ids = fields.One2many(
        comodel_name="aftersales.solution",
        inverse_name="revises_id",
        string="Newer Versions",
    )
    edition_id = fields.Many2one(
        comodel_name="aftersales.edition",
        string="First in Edition",
        index="btree_not_null",
        readonly=True,
        copy=False,
        check_company=True,
    )
    withdrawn_edition_id = fields.Many2one(
        comodel_name="aftersales.edition",
        string="Withdrawn in Edition",
        index="btree_not_null",
        readonly=True,
        copy=False,
        check_company=True,
    )
    use_count = fields.Integer(
        string="Used",
        default=0,
        readonly=True,
        copy=False,
        help="How many tickets were solved with it.",
    )

    can_submit = fields.Boolean(compute="_compute_can")
    can_publish = fields.Boolean(compute="_compute_can")
    can_send_back = fields.Boolean(compute="_compute_can")
    can_revise = fields.Boolean(compute="_compute_can")
    can_retire = fields.Boolean(compute="_compute_can")
    can_edit = fields.Boolean(compute="_compute_can")

    _published_idx = models.Index(
        "(company_id, fault_id) WHERE state = 'published'",
    )
    _revision_uniq = models.UniqueIndex(
        "(revises_id) WHERE revises_id IS NOT NULL AND state IN ('draft', 'review')",
        "A new version of this solution is being written already.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("state", "revision_ids.state")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        writes = self._is_allowed("agent")
        reviews = self._is_allowed("supervisor")
        for solution in self:
            state = solution.state
            revised = any(
                revision.state in ("draft", "review")
                for revision in solution.revision_ids
            )
            solution.can_submit = writes and state == "draft"
            solution.can_publish = reviews and state == "review"
            solution.can_send_back = reviews and state == "review"
            solution.can_revise = writes and state == "published" and not revised
            solution.can_retire = reviews and state == "published"
            solution.can_edit = (writes and state == "draft") or (
                reviews and state == "review"
            )

    @api.model
    def _is_allowed(self, level):
        return self.env.su or self.env.user.has_group(
            f"aftersales_service.aftersales_service_group_{level}"
        )

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        if not TEXTS.isdisjoint(vals):
            self._ensure_editable()
        return super().write(vals)

    def update_field_translations(self, field_name, translations, source_lang=""):
        """Translate a text; a published one only through a new version (R11)."""
        if field_name in TEXTS:
            self._ensure_editable()
        return super().update_field_translations(
            field_name, translations, source_lang=source_lang
        )

    def _ensure_editable(self):
        """Refuse to change what readers rely on.

        :raise UserError: naming the solutions and the way out
        """
        if self._is_by_method():
            return
        self.check_access("write")
        if fixed := self.filtered(lambda solution: not solution.can_edit):
            fixed._refuse(
                self.env._(
                    "The text is fixed. A published solution is changed by a new "
                    "version that is reviewed again; what is in review, by a "
                    "supervisor, or send it back first."
                )
            )

    def _step(self, vals):
        return self._by_method().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        """What was published stays on record (R66)."""
        if kept := self.filtered(lambda solution: solution.state != "draft"):
            kept._refuse(self.env._("Only drafts are deleted; retire the others."))

    def _ensure_complete(self):
        """A reviewer gets a text and the place in the handbook (R11)."""
        if missing := self.filtered(
            lambda solution: not solution.fault_id or is_html_empty(solution.body)
        ):
            missing._refuse(
                self.env._("Write the solution and choose the fault it helps against.")
            )
