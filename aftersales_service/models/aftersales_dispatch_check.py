from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .aftersales_checklist_point import KINDS

# What the technician says; all else is the copy of the point.
ANSWERS = frozenset({"answer", "reason", "number", "text", "image"})
COPIED = (
    "sequence",
    "name",
    "section",
    "kind",
    "required",
    "unit",
    "number_min",
    "number_max",
    "help_text",
)
TRANSLATED = ("name", "section", "unit", "help_text")
FACTS = frozenset(
    {
        "dispatch_id",
        "checklist_id",
        "point_id",
        *COPIED,
        "answered_on",
        "answered_by_id",
    }
)


class AftersalesDispatchCheck(models.Model):
    """Point of a checklist on one visit, as it was when somebody was sent (R25)."""

    _name = "aftersales.dispatch.check"
    _description = "Checked Point of a Visit"
    _inherit = ["aftersales.fact.mixin"]
    _facts = FACTS
    _order = "dispatch_id, checklist_id, sequence, id"

    dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="dispatch_id.company_id", store=True, precompute=True
    )
    checklist_id = fields.Many2one(
        comodel_name="aftersales.checklist",
        index="btree_not_null",
        ondelete="set null",
    )
    point_id = fields.Many2one(
        comodel_name="aftersales.checklist.point",
        index="btree_not_null",
        ondelete="set null",
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="What to Look at", required=True, translate=True)
    section = fields.Char(translate=True)
    kind = fields.Selection(selection=KINDS, required=True, default="check")
    required = fields.Boolean()
    unit = fields.Char(string="Unit of Measure", translate=True)
    number_min = fields.Float(string="At Least", digits=(16, 4))
    number_max = fields.Float(string="At Most", digits=(16, 4))
    help_text = fields.Text(string="Explanation", translate=True)

    answer = fields.Selection(
        selection=[("ok", "OK"), ("not_ok", "Not OK"), ("na", "Not Applicable")],
        copy=False,
    )
    reason = fields.Char(
        copy=False, help="Why it does not apply, or what is not in order."
    )
    number = fields.Float(string="Measured", digits=(16, 4), copy=False)
    text = fields.Text(string="Note", copy=False)
    image = fields.Image(
        string="Photo", max_width=1920, max_height=1920, copy=False, attachment=True
    )
    answered_on = fields.Datetime(readonly=True, copy=False)
    answered_by_id = fields.Many2one(
        comodel_name="res.users", string="Answered by", readonly=True, copy=False
    )
    is_answered = fields.Boolean(compute="_compute_is_answered", store=True)
    is_flagged = fields.Boolean(
        string="Not in Order",
        compute="_compute_is_flagged",
        store=True,
        help="Not OK, or a number outside its limits.",
    )
    can_answer = fields.Boolean(compute="_compute_can_answer")

    _reason_when_not_applicable = models.Constraint(
        "CHECK (answer IS DISTINCT FROM 'na' OR COALESCE(TRIM(reason), '') <> '')",
        "Say why a point of the checklist does not apply.",
    )
    _photo_not_skipped = models.Constraint(
        "CHECK (answer IS DISTINCT FROM 'na' OR kind <> 'photo' "
        "OR required IS NOT TRUE)",
        "This photo cannot be skipped: take it.",
    )
    _flagged_idx = models.Index("(company_id, point_id) WHERE is_flagged")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("kind", "answer", "text", "image", "answered_on")
    def _compute_is_answered(self):
        for check in self:
            if check.answer == "na":
                check.is_answered = True
            elif check.kind == "photo":
                check.is_answered = bool(check.image)
            elif check.kind == "number":
                check.is_answered = bool(check.answered_on)
            elif check.kind == "text":
                check.is_answered = bool((check.text or "").strip())
            else:
                check.is_answered = bool(check.answer)

    @api.depends("kind", "answer", "number", "number_min", "number_max", "is_answered")
    def _compute_is_flagged(self):
        for check in self:
            outside = (
                check.kind == "number"
                and check.is_answered
                and check.answer != "na"
                and bool(check.number_min or check.number_max)
                and not check.number_min <= check.number <= check.number_max
            )
            check.is_flagged = check.answer == "not_ok" or outside

    @api.depends("dispatch_id.can_answer")
    def _compute_can_answer(self):
        for check in self:
            check.can_answer = check.dispatch_id.can_answer

    # ------------------------------------------------------------
    # CREATE, WRITE
    # ------------------------------------------------------------

    @api.model
    def _copy_points(self, points_by_visit):
        """Copy points of checklists onto visits, in one batch.

        :param points_by_visit: list of (visit, points)
        :return: the copies, as superuser
        """
        vals_list = [
            {
                "dispatch_id": dispatch.id,
                "checklist_id": point.checklist_id.id,
                "point_id": point.id,
                **{field: point[field] for field in COPIED},
            }
            for dispatch, points in points_by_visit
            for point in points
        ]
        # Whoever assigns the visit gives it its list, but answers nothing.
        checks_sudo = self.sudo()._by_method().create(vals_list)
        checks_sudo._copy_translations()
        return checks_sudo

    def _copy_translations(self):
        """Take over every language of the points: each reader has his own."""
        if not self:
            return
        self.flush_recordset()
        table = SQL.identifier(self._table)
        sets = SQL(", ").join(
            SQL("%s = p.%s", SQL.identifier(field), SQL.identifier(field))
            for field in TRANSLATED
        )
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s FROM aftersales_checklist_point p "
                "WHERE p.id = %s.point_id AND %s.id IN %s",
                table,
                sets,
                table,
                table,
                tuple(self.ids),
            )
        )
        self.invalidate_recordset(TRANSLATED)

    def write(self, vals):
        self._ensure_no_facts(vals)
        if self._is_by_method() or not ANSWERS & vals.keys():
            return super().write(vals)
        self._ensure_can_answer()
        self.dispatch_id._trace_correction(self, vals)
        result = super().write(vals)
        given = self.filtered(lambda check: check._is_given(vals))
        given._stamp()
        (self - given)._by_method().write(
            {"answered_on": False, "answered_by_id": False}
        )
        return result

    def _is_given(self, vals):
        """Tell whether there is an answer after a write; a number may well be 0."""
        self.ensure_one()
        kept = "number" in vals or ("answer" not in vals and self.answered_on)
        number = self.kind == "number" and kept
        return bool(self.answer or self.text or self.image or number)

    def _stamp(self):
        """Note who answered, and when."""
        return self._by_method().write(
            {"answered_on": fields.Datetime.now(), "answered_by_id": self.env.uid}
        )

    def _ensure_can_answer(self):
        """Only those of the visit answer, and only until it is done.

        :raise UserError: naming the visits
        """
        self.check_access("write")
        if refused := self.filtered(lambda check: not check.can_answer):
            refused.dispatch_id._refuse(
                self.env._(
                    "The checklist is answered by those who are sent, after they are "
                    "and until the visit is finished. Later a supervisor corrects it."
                )
            )

    # ------------------------------------------------------------
    # ANSWERS
    # ------------------------------------------------------------

    def action_ok(self):
        """Answer: in order (R25).

        :raise UserError: when the visit is finished, or somebody else's
        """
        self._ensure_checked_by_word()
        self.write({"answer": "ok", "reason": False})
        return True

    def action_not_ok(self):
        """Answer: not in order (R25).

        :raise UserError: when the visit is finished, or somebody else's
        """
        self._ensure_checked_by_word()
        self.write({"answer": "not_ok"})
        return True

    def _ensure_checked_by_word(self):
        """Numbers, texts and photos are not ticked off.

        :raise UserError: naming the points
        """
        if wrong := self.filtered(lambda check: check.kind != "check"):
            raise UserError(
                self.env._(
                    "Open these points and note what is asked for: %s",
                    ", ".join(wrong.mapped("name")),
                )
            )

    def action_note(self):
        """Confirm the number, text or photo; a number may be 0 (R25).

        :raise UserError: when the visit is finished, or somebody else's
        """
        self._ensure_can_answer()
        self.filtered(lambda check: check.kind == "number")._stamp()
        return {"type": "ir.actions.act_window_close"}

    def action_open(self):
        """Open the point: number, text, photo, or why it does not apply."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [[False, "form"]],
            "target": "new",
        }
