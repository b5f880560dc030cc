from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare, format_date

from ..tools.turn import take_turn

# What a finished visit keeps of its lines; who pays is decided elsewhere.
FROZEN = frozenset(
    {
        "ticket_id",
        "dispatch_id",
        "kind",
        "product_id",
        "name",
        "quantity",
        "price_unit",
        "state",
        "date_done",
        "employee_id",
        "old_lot_id",
        "new_lot_id",
    }
)
DAY_HOURS = 24.0


class AftersalesTicketLine(models.Model):
    """Parts and hours of a visit: whose time, within a day, as it was signed (R25)."""

    _inherit = "aftersales.ticket.line"

    # ------------------------------------------------------------
    # CREATE, WRITE
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        self._default_technician(vals_list)
        for vals in vals_list:
            if vals.get("state") == "used" and not vals.get("date_done"):
                # A form says that it knows no time: now.
                vals["date_done"] = fields.Datetime.now()
        lines = super().create(vals_list)
        if not self._is_by_method():
            lines._ensure_visit_open()
        return lines

    def write(self, vals):
        if self._is_by_method() or not FROZEN & vals.keys():
            return super().write(vals)
        self._ensure_visit_open()
        changes = {key: vals[key] for key in FROZEN & vals.keys()}
        self.dispatch_id._trace_correction(self, changes)
        result = super().write(vals)
        if "dispatch_id" in vals:
            self._ensure_visit_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_finished_visit(self):
        """What was signed stays."""
        self._ensure_visit_open()

    @api.model
    def _default_technician(self, vals_list):
        """Whose time it is when nobody says so: the technician's of the visit."""
        nameless = [
            vals
            for vals in vals_list
            if vals.get("dispatch_id")
            and vals.get("kind") == "labour"
            and not vals.get("employee_id")
        ]
        visits = self.env["aftersales.dispatch"].browse(
            {vals["dispatch_id"] for vals in nameless}
        )
        # Who is sent is known to everybody on the visit.
        technicians = {visit.id: visit.sudo().technician_id.id for visit in visits}
        for vals in nameless:
            vals["employee_id"] = technicians[vals["dispatch_id"]]

    def _note_use(self, vals):
        if "employee_id" not in vals:
            for line in self:
                if line.kind == "labour" and not line.employee_id and line.dispatch_id:
                    # As in _default_technician.
                    visit_sudo = line.dispatch_id.sudo()
                    line._by_method().employee_id = visit_sudo.technician_id
        return super()._note_use(vals)

    def _ensure_visit_open(self):
        """Refuse to change what was signed at the end of a visit.

        :raise UserError: naming the visits and the way out
        """
        self.dispatch_id.filtered(
            lambda dispatch: dispatch.state == "done"
        )._ensure_not_frozen()

    def action_open_phone(self):
        """Open the small form, to change quantity or serial on site.

        :raise UserError: when the line belongs to no visit
        """
        self.ensure_one()
        if not self.dispatch_id:
            raise UserError(self.env._("This line belongs to no visit."))
        action = self.dispatch_id._get_line_action(self.kind, self.name)
        return {**action, "res_id": self.id, "context": {}}

    # ------------------------------------------------------------
    # HOURS
    # ------------------------------------------------------------

    @api.constrains(
        "kind", "quantity", "product_id", "state", "date_done", "employee_id"
    )
    def _check_hours_of_a_day(self):
        """Nobody works more than 24 hours a day (R25)."""
        done = self.filtered(
            lambda line: line.kind == "labour"
            and line.state == "used"
            and line.employee_id
            and line.date_done
        )
        if not done:
            return
        days = {(line.employee_id.id, line._get_done_day()) for line in done}
        # Nobody else notes hours of these people while they are added up.
        take_turn(done.employee_id)
        moments = done.mapped("date_done")
        # The hours of one person add up over all tickets.
        others_sudo = self.sudo().search(
            [
                ("kind", "=", "labour"),
                ("state", "=", "used"),
                ("employee_id", "in", done.employee_id.ids),
                ("date_done", ">=", min(moments) - timedelta(days=1)),
                ("date_done", "<=", max(moments) + timedelta(days=1)),
            ]
        )
        totals = {}
        for line in others_sudo:
            key = (line.employee_id.id, line._get_done_day())
            if key in days:
                totals[key] = totals.get(key, 0.0) + line._get_hours()
        # The colleague is named to whoever notes his hours.
        for line in done.sudo():
            day = line._get_done_day()
            total = totals.get((line.employee_id.id, day), 0.0)
            if float_compare(total, DAY_HOURS, precision_digits=2) > 0:
                raise ValidationError(
                    self.env._(
                        "%(person)s would have worked %(hours)s hours on %(day)s. A "
                        "day has 24: check quantity and day of the line.",
                        person=line.employee_id.name,
                        hours=f"{total:g}",
                        day=format_date(self.env, day),
                    )
                )

    def _get_done_day(self):
        self.ensure_one()
        return self.company_id._aftersales_today(self.date_done)

    def _get_hours(self):
        """Return the quantity in hours, as it is when its unit is no time."""
        self.ensure_one()
        hour = self.env.ref("uom.product_uom_hour", raise_if_not_found=False)
        if not hour or not self.uom_id or not self.uom_id._has_common_reference(hour):
            return self.quantity
        return self.uom_id._compute_quantity(self.quantity, hour, round=False)
