from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.aftersales_service.tools.clock import passed

TECHNICIAN = "aftersales_service.aftersales_service_group_technician"
WORKSHOP = (TECHNICIAN, "stock.group_stock_user")
# Hours are reckoned to the quarter.
QUARTER = 4


class RepairOrder(models.Model):
    """The steps of a repair: start, finish, release check, done (R28, R67)."""

    _inherit = "repair.order"

    aftersales_can_start = fields.Boolean(compute="_compute_aftersales_can")
    aftersales_can_finish = fields.Boolean(compute="_compute_aftersales_can")
    aftersales_can_check = fields.Boolean(compute="_compute_aftersales_can")
    aftersales_can_hand_back = fields.Boolean(compute="_compute_aftersales_can")

    @api.depends(
        "state",
        "aftersales_check_state",
        "aftersales_ticket_id",
        "aftersales_technician_id",
        "aftersales_finished_by_id",
        "aftersales_hand_back_date",
    )
    @api.depends_context("uid", "su")
    def _compute_aftersales_can(self):
        works = self.env.su or any(map(self.env.user.has_group, WORKSHOP))
        for repair in self:
            ours = works and repair._aftersales_is_ours()
            waits = repair.aftersales_check_state == "todo"
            under_repair = repair.state == "under_repair"
            repair.aftersales_can_start = ours and repair.state == "confirmed"
            repair.aftersales_can_finish = ours and under_repair and not waits
            repair.aftersales_can_check = (
                ours and under_repair and waits and not repair._is_repairer()
            )
            repair.aftersales_can_hand_back = (
                ours
                and repair.state in ("done", "cancel")
                and bool(repair.aftersales_custody_id)
                and not repair.aftersales_hand_back_date
            )

    def _is_repairer(self):
        """Tell whether the user did this work himself; he does not check it."""
        self.ensure_one()
        # The user of an employee is not for everybody to read.
        technician_sudo = self.aftersales_technician_id.sudo()
        return self.env.user in (
            technician_sudo.user_id | self.aftersales_finished_by_id
        )

    def _aftersales_ensure_can(self, field, rule):
        self.check_access("read")
        if refused := self.filtered(lambda repair: not repair[field]):
            raise UserError(
                self.env._(
                    "%(repairs)s: %(rule)s",
                    repairs=", ".join(refused.mapped("display_name")),
                    rule=rule,
                )
            )

    # ------------------------------------------------------------
    # STEPS OF THE WORKSHOP
    # ------------------------------------------------------------

    def action_aftersales_start(self):
        """Start work on the item, now; whoever starts it is its repairer.

        :raise UserError: when it is not waiting for its repair
        """
        self._aftersales_ensure_can(
            "aftersales_can_start",
            self.env._("Only what waits for its repair is started."),
        )
        # Technicians work on their items without rights on the stock.
        return self.sudo().action_repair_start()

    def action_aftersales_finish(self):
        """Finish the work, now: it is checked next, or done when nobody checks.

        :raise UserError: when nobody works on it
        """
        self._aftersales_ensure_can(
            "aftersales_can_finish",
            self.env._("Only what is worked on is finished, and only once."),
        )
        # As in action_aftersales_start.
        return self.sudo().action_repair_end()

    def action_aftersales_pass(self, note=None):
        """Release the repaired item: the check by somebody else is passed (R67).

        :param str note: what was measured
        :raise UserError: for the repairer himself, or when nothing waits for a check
        """
        self._ensure_can_check()
        self._note_check("passed", note)
        # As in action_aftersales_start.
        return self.sudo().action_repair_end()

    def action_aftersales_fail(self, note=None):
        """Send the item back to work: the check found something (R67).

        :param str note: what was found, mandatory
        :raise UserError: without a finding, for the repairer himself, or when nothing
            waits for a check
        """
        self._ensure_can_check()
        if not (note or "").strip():
            raise UserError(
                self.env._(
                    "%s: say what was found, for the repairer.",
                    ", ".join(self.mapped("display_name")),
                )
            )
        self._note_check("failed", note.strip())
        return True

    def _ensure_can_check(self):
        if own := self.filtered(
            lambda repair: repair.aftersales_check_state == "todo"
            and repair._is_repairer()
        ):
            own._aftersales_ensure_can(
                "aftersales_can_check",
                self.env._("Somebody other than the repairer checks his work."),
            )
        self._aftersales_ensure_can(
            "aftersales_can_check",
            self.env._("Only finished work is checked, before it is released."),
        )

    def _note_check(self, result, note):
        # The check is noted by its step alone; inspectors have no rights on the stock.
        repairs_sudo = self.sudo()
        Check = repairs_sudo.env["aftersales.repair.check"]._by_method()
        Check.create(
            [
                {
                    "repair_id": repair.id,
                    "user_id": self.env.uid,
                    "date": fields.Datetime.now(),
                    "date_finished": repair.aftersales_end_date,
                    "result": result,
                    "note": note,
                }
                for repair in repairs_sudo
            ]
        )
        facts = {"aftersales_check_state": result}
        if result == "failed":
            facts |= {"aftersales_end_date": False, "aftersales_finished_by_id": False}
        repairs_sudo._aftersales_step(facts)
        if result == "failed":
            repairs_sudo._tell_repairer(note)

    def _tell_repairer(self, note):
        for repair in self:
            user = repair.aftersales_technician_id.user_id or repair.user_id
            repair._message_log(body=self.env._("Back to work: %s", note))
            if user:
                repair.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=repair.with_context(lang=user.lang).env._(
                        "Release check failed"
                    ),
                    note=note,
                    user_id=user.id,
                )

    # ------------------------------------------------------------
    # ODOO'S STEPS
    # ------------------------------------------------------------

    def action_repair_start(self):
        result = super().action_repair_start()
        now = fields.Datetime.now()
        for repair in self.filtered(lambda repair: repair._aftersales_is_ours()):
            vals = {}
            if not repair.aftersales_start_date:
                vals["aftersales_start_date"] = now
            if not repair.aftersales_technician_id:
                # Who works where is not for everybody to read, he himself is.
                user_sudo = self.env.user.sudo().with_company(repair.company_id)
                vals["aftersales_technician_id"] = user_sudo.employee_id.id
            if vals:
                repair._aftersales_step(vals)
            repair.aftersales_custody_id.sudo()._set_in_work()  # follows the repair
        return result

    def action_repair_end(self):
        """Finish the work; repairs of tickets wait for their check (R67)."""
        ours = self.filtered(
            lambda repair: repair._aftersales_is_ours()
            and repair.state == "under_repair"
        )
        ours._finish()
        waiting = ours.filtered(lambda repair: repair._needs_check())
        rest = self - waiting
        return super(RepairOrder, rest).action_repair_end() if rest else True

    def _needs_check(self):
        self.ensure_one()
        return (
            self.company_id.aftersales_repair_check
            and self.aftersales_check_state != "passed"
        )

    def _finish(self):
        """Note when the work was finished, by whom and in how many hours."""
        now = fields.Datetime.now()
        for repair in self.filtered(lambda repair: not repair.aftersales_end_date):
            vals = {
                "aftersales_end_date": now,
                "aftersales_finished_by_id": self.env.uid,
            }
            if repair._needs_check():
                vals["aftersales_check_state"] = "todo"
            if not repair.aftersales_hours:
                vals["aftersales_hours"] = repair._reckon_hours(now)
            repair._aftersales_step(vals)

    def _reckon_hours(self, end):
        """Return the working hours between start and finish, to the quarter."""
        self.ensure_one()
        # The calendar holds for whoever finishes.
        company_sudo = self.company_id.sudo()
        timetable = company_sudo.resource_calendar_id._aftersales_get_timetable(
            company_sudo
        )
        seconds = passed(timetable.spans(self.aftersales_start_date or end), end)
        return max(round(seconds / 3600 * QUARTER), 1) / QUARTER

    def action_repair_done(self):
        """Book parts and item, the item as its owner's; checked ones alone (R67)."""
        ours = self.filtered(lambda repair: repair._aftersales_is_ours())
        if not ours:
            return super().action_repair_done()
        ours._ensure_released()
        owners = ours._get_owners()
        ours._ensure_here(owners)
        result = super(
            RepairOrder,
            self.with_context(
                aftersales_owners=tuple(
                    (repair.id, owner.id) for repair, owner in owners.items()
                )
            ),
        ).action_repair_done()
        ours._after_done()
        return result

    def _ensure_released(self):
        if unchecked := self.filtered(lambda repair: repair._needs_check()):
            raise UserError(
                self.env._(
                    "%s: finish the work, then somebody other than the repairer "
                    "checks and releases it.",
                    ", ".join(unchecked.mapped("display_name")),
                )
            )

    # ------------------------------------------------------------
    # OWNER
    # ------------------------------------------------------------

    def _get_owners(self):
        """Return ``{repair: owner of the item, empty when it is ours}``.

        Odoo looks for the owner where parts lie; the item lies elsewhere.
        """
        Quant = self.env["stock.quant"]
        quants = Quant.search(
            Domain.OR(
                Domain("location_id", "=", repair.product_location_src_id.id)
                & Domain("product_id", "=", repair.product_id.id)
                & Domain("lot_id", "=", repair.lot_id.id)
                & Domain("quantity", ">", 0)
                for repair in self
            )
        )
        owners = {}
        for repair in self:
            there = quants.filtered(
                lambda quant, repair=repair: quant.product_id == repair.product_id
                and quant.lot_id == repair.lot_id
                and quant.location_id == repair.product_location_src_id
            )
            wanted = repair.aftersales_custody_id.picking_in_id.owner_id
            wanted = wanted or repair.partner_id
            mine = there.filtered(lambda quant, owner=wanted: quant.owner_id == owner)
            found = (mine or there)[:1]
            if found:
                owners[repair] = found.owner_id
        return owners

    def _ensure_here(self, owners):
        """Refuse to book what is not where it should be: scrapped, or never received.

        :raise UserError: naming the items and the way out
        """
        missing = self.filtered(
            lambda repair: repair.product_id.is_storable
            and repair.aftersales_custody_id
            and repair not in owners
        )
        if missing:
            raise UserError(
                self.env._(
                    "These items are no longer with customers' goods (scrapped, moved "
                    "or never received); cancel the repair, or bring them back there: "
                    "%s",
                    ", ".join(
                        repair.lot_id.display_name or repair.product_id.display_name
                        for repair in missing
                    ),
                )
            )

    # ------------------------------------------------------------
    # DONE
    # ------------------------------------------------------------

    def _after_done(self):
        """The item is repaired: hours and parts are facts, the guarantee begins."""
        self._aftersales_step({"aftersales_release_date": fields.Datetime.now()})
        for repair in self:
            repair._use_lines()
        # The promise follows the work, whoever released it.
        tickets_sudo = self.aftersales_ticket_id.sudo()
        tickets_sudo._grant_repair_guarantee()
        self.aftersales_custody_id.sudo()._set_ready()  # follows the repair

    def action_repair_cancel(self):
        result = super().action_repair_cancel()
        ours = self.filtered(lambda repair: repair._aftersales_is_ours())
        ours._drop_lines()
        ours._aftersales_step({"aftersales_check_state": "none"})
        return result

    def action_repair_cancel_draft(self):
        result = super().action_repair_cancel_draft()
        self.filtered(lambda repair: repair._aftersales_is_ours())._take_lines_again()
        return result

    def action_create_sale_order(self):
        """Ask the customer on the estimate of the ticket, never on a second order."""
        ours = self.filtered(lambda repair: repair._aftersales_is_ours())
        if rest := self - ours:
            return super(RepairOrder, rest).action_create_sale_order()
        return ours.aftersales_ticket_id.action_estimate()
