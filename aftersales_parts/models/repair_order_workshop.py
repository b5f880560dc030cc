from odoo import api, fields, models

# Written by the steps alone: they carry the rules.
FACTS = frozenset(
    {
        "aftersales_custody_id",
        "aftersales_equipment_id",
        "aftersales_return_line_id",
        "aftersales_start_date",
        "aftersales_end_date",
        "aftersales_finished_by_id",
        "aftersales_release_date",
        "aftersales_hand_back_date",
        "aftersales_check_state",
        "aftersales_previous_id",
        "aftersales_is_comeback",
    }
)


class RepairOrder(models.Model):
    """A customer's item in the workshop: whose, on which ticket, when, by whom (R28)."""

    _name = "repair.order"
    _inherit = ["repair.order", "aftersales.fact.mixin"]
    _facts = FACTS

    aftersales_custody_id = fields.Many2one(
        comodel_name="aftersales.custody",
        string="Item with Us",
        index="btree_not_null",
        readonly=True,
        copy=False,
    )
    aftersales_equipment_id = fields.Many2one(
        comodel_name="aftersales.equipment",
        string="Customer's Unit",
        index="btree_not_null",
        readonly=True,
        check_company=True,
        copy=False,
    )
    aftersales_technician_id = fields.Many2one(
        comodel_name="hr.employee",
        string="Repaired by",
        check_company=True,
        copy=False,
        help="Whose work it is; somebody else checks it.",
    )
    aftersales_line_ids = fields.One2many(
        comodel_name="aftersales.ticket.line",
        inverse_name="repair_id",
        string="Work and Parts",
    )
    aftersales_symptom = fields.Char(
        related="aftersales_ticket_id.symptom", string="Reported Fault"
    )
    aftersales_work_done = fields.Text(
        string="Work Done",
        copy=False,
        help="What was found and done, as it stands on the repair card.",
    )
    aftersales_deadline = fields.Date(
        related="aftersales_return_id.deadline", string="Promised for"
    )

    # ------------------------------------------------------------
    # What happened
    # ------------------------------------------------------------
    aftersales_start_date = fields.Datetime(
        string="Work Started", readonly=True, copy=False
    )
    aftersales_end_date = fields.Datetime(
        string="Work Finished", readonly=True, copy=False
    )
    aftersales_finished_by_id = fields.Many2one(
        comodel_name="res.users", string="Finished by", readonly=True, copy=False
    )
    aftersales_release_date = fields.Datetime(
        string="Released on", readonly=True, copy=False
    )
    aftersales_hand_back_date = fields.Datetime(
        string="Handed Back on", readonly=True, copy=False
    )
    aftersales_hours = fields.Float(
        string="Hours Worked",
        copy=False,
        help="Real hours. Empty: the working hours between start and finish.",
    )
    aftersales_check_ids = fields.One2many(
        comodel_name="aftersales.repair.check",
        inverse_name="repair_id",
        string="Release Checks",
        readonly=True,
    )
    aftersales_check_state = fields.Selection(
        selection=[
            ("none", "Not Due"),
            ("todo", "To Be Checked"),
            ("passed", "Passed"),
            ("failed", "Back to Work"),
        ],
        string="Release Check",
        required=True,
        default="none",
        readonly=True,
        copy=False,
        index=True,
    )
    aftersales_previous_id = fields.Many2one(
        comodel_name="repair.order",
        string="Repaired Before",
        index="btree_not_null",
        readonly=True,
        copy=False,
        help="The last repair of the same item.",
    )
    aftersales_is_comeback = fields.Boolean(
        string="Comeback Repair",
        readonly=True,
        copy=False,
        help="It came back while the guarantee of its last repair was running.",
    )
    aftersales_previous_work = fields.Text(
        related="aftersales_previous_id.aftersales_work_done", string="Work Done Before"
    )
    aftersales_previous_date = fields.Datetime(
        related="aftersales_previous_id.aftersales_release_date",
        string="Released Before on",
    )
    aftersales_previous_by_id = fields.Many2one(
        related="aftersales_previous_id.aftersales_technician_id",
        string="Repaired Before by",
    )

    _aftersales_hours_sane = models.Constraint(
        "CHECK (COALESCE(aftersales_hours, 0) >= 0)",
        "Hours worked are not negative.",
    )
    _aftersales_live_uniq = models.UniqueIndex(
        "(aftersales_custody_id) "
        "WHERE aftersales_custody_id IS NOT NULL AND state <> 'cancel'",
        "This item has a repair order already; finish or cancel it first.",
    )

    # ------------------------------------------------------------
    # CREATE, WRITE
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        repairs = super().create(vals_list)
        repairs.filtered(lambda repair: repair._aftersales_is_ours())._note_comeback()
        return repairs

    def write(self, vals):
        self._ensure_no_facts(vals)
        return super().write(vals)

    def _aftersales_is_ours(self):
        """Tell whether the repair belongs to a ticket of after-sales."""
        self.ensure_one()
        return bool(self.aftersales_ticket_id)

    def _aftersales_step(self, vals):
        """Write the facts of a step."""
        return self._by_method().write(vals)

    # ------------------------------------------------------------
    # COMEBACK
    # ------------------------------------------------------------

    def _note_comeback(self):
        """Find the last repair of the same items, and whether its guarantee runs (R67)."""
        lots = self.lot_id
        units = self.aftersales_equipment_id
        earlier = self.search(
            [
                ("state", "=", "done"),
                ("id", "not in", self.ids),
                ("aftersales_release_date", "!=", False),
                "|",
                ("lot_id", "in", lots.ids),
                ("aftersales_equipment_id", "in", units.ids),
            ],
            order="aftersales_release_date desc, id desc",
        )
        for repair in self:
            last = earlier.filtered(
                lambda other, repair=repair: other.company_id == repair.company_id
                and (
                    (repair.lot_id and other.lot_id == repair.lot_id)
                    or (
                        repair.aftersales_equipment_id
                        and other.aftersales_equipment_id
                        == repair.aftersales_equipment_id
                    )
                )
            )[:1]
            if last:
                repair._aftersales_step(
                    {
                        "aftersales_previous_id": last.id,
                        "aftersales_is_comeback": repair._is_comeback_of(last),
                    }
                )

    def _is_comeback_of(self, last):
        """Tell whether the guarantee of an earlier repair holds on the day of this."""
        self.ensure_one()
        company = self.company_id
        came = self.aftersales_custody_id.date_in or fields.Datetime.now()
        given = last.aftersales_hand_back_date or last.aftersales_release_date
        days = company._aftersales_today(came) - company._aftersales_today(given)
        covers = last.aftersales_ticket_id.repair_coverage_ids.mapped("date_end")
        return days.days <= company.aftersales_repair_days or (
            bool(covers) and company._aftersales_today(came) <= max(covers)
        )

    # ------------------------------------------------------------
    # SCREENS
    # ------------------------------------------------------------

    @api.model
    def get_view(self, view_id=None, view_type="form", **options):
        """Show the workshop's own screens to whoever has no right on the stock."""
        if not (view_id or self.env.su) and not self.env.user.has_group(
            "stock.group_stock_user"
        ):
            own = self.env.ref(
                f"aftersales_parts.repair_order_view_{view_type}_workshop",
                raise_if_not_found=False,
            )
            # Views are nobody's to read, their screens are.
            view_id = own.sudo().id if own else view_id
        return super().get_view(view_id, view_type, **options)

    def action_view_aftersales_ticket(self):
        """Open the ticket of the repair."""
        self.ensure_one()
        return self.aftersales_ticket_id.get_formview_action()

    def action_view_aftersales_return(self):
        """Open the return that brought the item."""
        self.ensure_one()
        return self.aftersales_return_id.get_formview_action()

    def action_view_aftersales_unit(self):
        """Open the unit."""
        self.ensure_one()
        return self.aftersales_equipment_id.get_formview_action()

    def action_view_aftersales_previous(self):
        """Open the repair that this one is compared with."""
        self.ensure_one()
        return self.aftersales_previous_id.get_formview_action()

    def action_aftersales_hand_back(self):
        """Open the hand-back of the item.

        :raise UserError: as the hand-back itself
        """
        return self.aftersales_custody_id._open_hand_back()

    def action_aftersales_report_late(self):
        """Ask why the repair will not be finished in time, for the supervisor (R29)."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_parts.aftersales_return_step_action_late"
        )
        context = {
            "default_step": "late",
            "default_return_ids": self.aftersales_return_id.ids,
        }
        return {**action, "context": context}
