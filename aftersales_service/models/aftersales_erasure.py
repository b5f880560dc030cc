from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class AftersalesErasure(models.Model):
    """A person asked to be forgotten: what is erased, what is kept until when (R66)."""

    _name = "aftersales.erasure"
    _description = "Erasure Request"
    _inherit = ["aftersales.document.mixin", "mail.thread"]
    _facts = frozenset({"name", "state", "user_id", "date_done", "line_ids"})
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    # Set null: whoever erases the contact itself is not held up by this record.
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Person",
        index="btree_not_null",
        ondelete="set null",
        help="The contact with everybody below it.",
    )
    date_request = fields.Date(
        string="Asked on", required=True, default=fields.Date.context_today
    )
    state = fields.Selection(
        selection=[("draft", "To Decide"), ("done", "Decided")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Decided by", readonly=True, copy=False
    )
    date_done = fields.Datetime(string="Decided on", readonly=True, copy=False)
    line_ids = fields.One2many(
        comodel_name="aftersales.erasure.line",
        inverse_name="erasure_id",
        string="Records",
        readonly=True,
    )
    past_count = fields.Integer(string="To Erase", compute="_compute_counts")
    kept_count = fields.Integer(string="To Keep", compute="_compute_counts")

    @api.depends("line_ids.verdict")
    def _compute_counts(self):
        for erasure in self:
            past = erasure.line_ids.filtered(lambda line: line.verdict == "past")
            erasure.past_count = len(past)
            erasure.kept_count = len(erasure.line_ids - past)

    @api.depends("name", "partner_id.name")
    def _compute_display_name(self):
        for erasure in self:
            parts = (erasure.name, erasure.partner_id.name)
            erasure.display_name = " · ".join(part for part in parts if part)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            self._ensure_no_facts(vals)
        self._number(vals_list)
        erasures = super().create(vals_list)
        erasures._look_up()
        return erasures

    def write(self, vals):
        self._ensure_no_facts(vals)
        asked = {"partner_id", "company_id", "date_request"} & vals.keys()
        if asked and not self._is_by_method():
            self._ensure_to_decide()
        result = super().write(vals)
        if asked - {"date_request"}:
            self._look_up()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self._ensure_to_decide()

    def _ensure_to_decide(self):
        if decided := self.filtered(lambda erasure: erasure.state != "draft"):
            raise UserError(
                self.env._(
                    "These requests are decided and stay as they are: %s",
                    ", ".join(decided.mapped("name")),
                )
            )

    # ------------------------------------------------------------
    # WHAT THERE IS
    # ------------------------------------------------------------

    def _find_records(self):
        """Return the after-sales records of the person in this company, by model."""
        self.ensure_one()
        persons = self.partner_id._aftersales_persons()
        found = []
        for model in persons._get_aftersales_person_models():
            # A decision for good looks at all records, archived ones included.
            Model = self.env[model].sudo().with_context(active_test=False)
            domain = Model._get_person_domain(persons)
            company = [("company_id", "=", self.company_id.id)]
            found.append(Model.search(domain & Domain(company), order="id"))
        return found

    def _look_up(self):
        """Write down what may be erased today, and what is kept until when."""
        # Lines are made here alone.
        Line = self.env["aftersales.erasure.line"].sudo()
        self.sudo().line_ids.unlink()  # see above
        vals_list = []
        for erasure in self.filtered("partner_id"):
            for records in erasure._find_records():
                for record, verdict in records._get_erasure_verdicts().items():
                    vals_list.append(
                        {
                            "erasure_id": erasure.id,
                            "res_model": record._name,
                            "res_id": record.id,
                            "document": record._get_erased_label(),
                            "verdict": verdict[0],
                            "last_day": verdict[1],
                            "keep_until": verdict[2],
                        }
                    )
        Line.create(vals_list)
        self.invalidate_recordset(["line_ids"])

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_look_up(self):
        """Look again, when tickets were closed or units left use meanwhile.

        :raise UserError: once it is decided
        """
        self._ensure_manager()
        self._ensure_to_decide()
        self._look_up()
        return True

    def action_erase(self):
        """Erase the person from all records past their time, for good (R66).

        What must be kept is left as it is and named in the answer. Orders,
        deliveries and invoices are not touched.

        :raise UserError: for others than managers, without a person, or once decided
        """
        self._ensure_manager()
        self._ensure_to_decide()
        for erasure in self:
            if not erasure.partner_id:
                raise UserError(self.env._("Say who asked to be erased."))
            # Of two managers at once, the second is told that it is being decided.
            erasure.lock_for_update()
            erasure._look_up()
            persons = erasure.partner_id._aftersales_persons()
            for records in erasure._find_records():
                verdicts = records._get_erasure_verdicts()
                past = records.filtered(lambda r, v=verdicts: v[r][0] == "past")
                past.with_env(self.env)._erase_person(persons)
        self._by_method().write(
            {
                "state": "done",
                "user_id": self.env.uid,
                "date_done": fields.Datetime.now(),
            }
        )
        return True

    def action_print(self):
        """Print the answer to the person.

        :raise UserError: before it is decided
        """
        self._ensure_decided()
        report = self.env.ref("aftersales_service.action_report_aftersales_erasure")
        return report.report_action(self)

    def action_send(self):
        """Write the answer as a mail, with the letter attached.

        :raise UserError: before it is decided
        """
        self.ensure_one()
        self._ensure_decided()
        template = self.env.ref("aftersales_service.mail_template_aftersales_erasure")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send Answer"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_template_id": template.id,
                "default_composition_mode": "comment",
                "force_email": True,
            },
        }

    def _ensure_manager(self):
        group = "aftersales_service.aftersales_service_group_manager"
        if not (self.env.su or self.env.user.has_group(group)):
            raise UserError(self.env._("Only a manager of after-sales decides this."))

    def _ensure_decided(self):
        if any(erasure.state != "done" for erasure in self):
            raise UserError(
                self.env._("Decide first: the answer says what was erased and kept.")
            )

    # ------------------------------------------------------------
    # ANSWER
    # ------------------------------------------------------------

    def _get_answer_lang(self):
        """Return the language of the person."""
        self.ensure_one()
        return self.partner_id.lang or self.env.lang

    def _get_answer_filename(self):
        self.ensure_one()
        return self.env._("Answer to request %s", self.name.replace("/", "-"))
