from datetime import timedelta

from markupsafe import escape

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# The certificate is handed over within three days of acceptance (R20).
HAND_OVER_DAYS = 3
SERIALS_IN_NOTE = 20
# Whoever meets the customer may hand it over.
HANDING_GROUPS = (
    "aftersales_service.aftersales_service_group_technician,"
    "sales_team.group_sale_salesman,stock.group_stock_user"
)


class AftersalesEquipment(models.Model):
    """How the customer gets the warranty certificate of his unit (R20)."""

    _inherit = "aftersales.equipment"

    certificate_activity_id = fields.Many2one(
        comodel_name="mail.activity",
        string="To-do of the Certificate",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_user",
        help="One to-do for all units of a delivery.",
    )
    acceptance_date = fields.Date(
        string="Accepted on",
        compute="_compute_acceptance_date",
        help="Day of the installation, else of the delivery.",
    )
    certificate_overdue = fields.Boolean(
        compute="_compute_certificate_overdue",
        search="_search_certificate_overdue",
        groups="base.group_user",
        help="Accepted more than three days ago, under warranty, and the customer has "
        "no certificate yet.",
    )
    can_hand_over = fields.Boolean(compute="_compute_can_hand_over")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("installation_date", "delivery_date")
    def _compute_acceptance_date(self):
        for unit in self:
            unit.acceptance_date = unit.installation_date or unit.delivery_date

    @api.depends("state", "certificate_date", "acceptance_date", "warranty_end")
    def _compute_certificate_overdue(self):
        today = fields.Date.context_today(self)
        for unit in self:
            unit.certificate_overdue = bool(
                unit._is_to_hand_over()
                and unit.acceptance_date
                and unit.acceptance_date + timedelta(days=HAND_OVER_DAYS) < today
                and unit.warranty_end >= today
            )

    def _search_certificate_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        last = today - timedelta(days=HAND_OVER_DAYS + 1)
        accepted = Domain("installation_date", "<=", last) | (
            Domain("installation_date", "=", False)
            & Domain("delivery_date", "<=", last)
        )
        overdue = (
            self._get_to_hand_over_domain()
            & accepted
            & Domain("warranty_end", ">=", today)
        )
        domains = {True: overdue, False: ~overdue}
        return Domain.OR(domains[bool(flag)] for flag in value)

    @api.depends("state", "certificate_date", "warranty_end", "clearance")
    @api.depends_context("uid")
    def _compute_can_hand_over(self):
        """Shows the button and decides in :meth:`action_hand_over_certificate`."""
        handing = self._may_hand_over()
        for unit in self:
            unit.can_hand_over = handing and unit._is_to_hand_over()

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def _is_to_hand_over(self):
        """Tell whether the customer still waits for the certificate of the unit."""
        self.ensure_one()
        return (
            self.state == "active"
            and not self.certificate_date
            and self._is_certified()
        )

    @api.model
    def _get_to_hand_over_domain(self):
        return (
            Domain("state", "=", "active")
            & Domain("certificate_date", "=", False)
            & self._get_certified_domain()
        )

    @api.model
    def _may_hand_over(self):
        return self.env.su or self.env.user.has_groups(HANDING_GROUPS)

    def _ensure_can_hand_over(self, day):
        """Refuse what cannot be handed over, with the reason.

        :raise UserError: naming the units
        """
        if not self._may_hand_over():
            raise UserError(
                self.env._(
                    "Only after-sales, sales and warehouse staff hand over warranty "
                    "certificates."
                )
            )
        self._ensure_in_use()
        self._ensure_certified()
        if known := self.filtered("certificate_date"):
            raise UserError(
                self.env._(
                    "The customer already has the certificate of: %s",
                    ", ".join(known.mapped("display_name")),
                )
            )
        if day > fields.Date.context_today(self):
            raise UserError(
                self.env._("A certificate cannot have been handed over in the future.")
            )
        early = self.filtered(
            lambda unit: unit.delivery_date and unit.delivery_date > day
        )
        if early:
            raise UserError(
                self.env._(
                    "These units were delivered only after the certificate would have "
                    "been handed over: %s",
                    ", ".join(early.mapped("display_name")),
                )
            )

    def _ensure_certified(self):
        """Refuse a certificate where there is no promise of ours.

        :raise UserError: naming the units
        """
        if bare := self.filtered(lambda unit: not unit._is_certified()):
            raise UserError(
                self.env._(
                    "There is no warranty of ours to certify: %s. Look at the "
                    "warranty policy of the product; clearance goods and goods of "
                    "another maker get no certificate.",
                    ", ".join(bare.mapped("display_name")),
                )
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_hand_over_certificate(self, date=None):
        """Note that the customer has the certificates of these units (R20).

        The to-do of a delivery is done with its last certificate.

        :param date: the day, today when empty
        :raise UserError: when one of the units has no warranty, is no longer in use or
            has its certificate already, or when the user does not meet customers
        """
        day = fields.Date.to_date(date) or fields.Date.context_today(self)
        self.check_access("read")
        self._ensure_can_hand_over(day)
        # Salesmen and the warehouse read units; this one fact is theirs to note.
        self.sudo()._by_method().write({"certificate_date": day})
        self._follow_hand_over()
        return True

    def action_print_certificate(self):
        """Print the certificates of these units.

        :raise UserError: when one of them has no warranty
        """
        self._ensure_certified()
        report = self.env.ref("aftersales_service.action_report_aftersales_certificate")
        return report.report_action(self)

    def action_send_certificate(self):
        """Put a mail to each holder into the queue, with his certificate attached.

        :raise UserError: when a unit has no warranty, or its holder no email address
        """
        self.check_access("read")
        self._ensure_certified()
        if not self._may_hand_over():
            raise UserError(
                self.env._(
                    "Only after-sales, sales and warehouse staff send warranty "
                    "certificates."
                )
            )
        # Whether the holder has an address, nothing else.
        silent = self.filtered(lambda unit: not unit.sudo().partner_id.email)
        if silent:
            raise UserError(
                self.env._(
                    "The holder has no email address; print the certificate instead: "
                    "%s",
                    ", ".join(silent.mapped("display_name")),
                )
            )
        template = self.env.ref(
            "aftersales_service.mail_template_aftersales_certificate"
        )
        # Salesmen may not write on units; what goes out is this template alone.
        self.sudo().message_post_with_source(
            template,
            subtype_xmlid="mail.mt_note",
            email_layout_xmlid="mail.mail_notification_light",
            force_send=False,
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "The certificate goes to: %s",
                    # As above: names of the holders just written to.
                    ", ".join(self.sudo().partner_id.mapped("display_name")),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _get_certificate_filename(self):
        self.ensure_one()
        number = self.name.replace("/", "-")
        return self.env._("Warranty Certificate %s", number)

    # ------------------------------------------------------------
    # TO-DO
    # ------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if "installation_date" in vals:
            self._follow_hand_over()
        return result

    def _close(self, state, reason, date=None):
        result = super()._close(state, reason, date)
        self._follow_hand_over()
        return result

    def _plan_hand_over(self):
        """Ask to hand over the certificates of newly delivered units.

        One to-do for each delivery, order and customer, on its first unit, for the
        salesman of the order, else for the supervisor of the service team.
        """
        waiting = self.filtered(
            lambda unit: unit.partner_id and unit._is_to_hand_over()
        )
        if not waiting:
            return
        groups = list(
            waiting.grouped(
                lambda unit: (
                    unit.picking_id or unit.move_id,
                    unit.sale_order_id,
                    unit.partner_id,
                )
            ).values()
        )
        supervisors = self._get_supervisors(waiting.company_id)
        activity_type = self.env.ref(
            "aftersales_service.mail_activity_type_aftersales_certificate"
        )
        # The list of to-dos tells him; a mail for every delivery would not be read.
        Activity = self.env["mail.activity"].with_context(
            mail_activity_quick_update=True
        )
        activities = Activity.create(
            [
                {
                    "activity_type_id": activity_type.id,
                    "automated": True,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "user_id": user.id,
                    **units._prepare_hand_over_vals(user),
                }
                for units in groups
                for user in units._get_hand_over_user(supervisors)
            ]
        )
        for units, activity in zip(groups, activities, strict=True):
            units._by_method().write({"certificate_activity_id": activity.id})

    @api.model
    def _get_supervisors(self, companies):
        """Return ``{company: supervisor of its first service team that has one}``."""
        teams = self.env["aftersales.team"].search(
            [("company_id", "in", companies.ids), ("supervisor_id", "!=", False)]
        )
        supervisors = {}
        for team in teams:
            supervisors.setdefault(team.company_id, team.supervisor_id)
        return supervisors

    def _get_hand_over_user(self, supervisors):
        """Return who hands over the certificates of one delivery."""
        salesman = self[:1].sale_order_id.user_id
        if salesman.active and salesman.has_groups(HANDING_GROUPS):
            return salesman
        return supervisors.get(self[:1].company_id) or self.env.user

    def _prepare_hand_over_vals(self, user):
        """Return what a to-do says about the units it is for, in its user's language."""
        env = self.with_context(lang=user.lang or self.env.lang).env
        first = self[:1]
        if len(self) == 1:
            summary = env._("Hand over the warranty certificate")
        else:
            summary = env._("Hand over %s warranty certificates", len(self))
        accepted = min(filter(None, self.mapped("acceptance_date")), default=None)
        accepted = accepted or fields.Date.context_today(self)
        serials = [unit.serial or unit.name for unit in self[:SERIALS_IN_NOTE]]
        if len(self) > SERIALS_IN_NOTE:
            serials.append("…")
        parts = (
            first.partner_id.display_name,
            first.picking_id.name,
            first.order_ref,
            ", ".join(serials),
        )
        return {
            "res_id": first.id,
            "summary": summary,
            "note": escape(" · ".join(part for part in parts if part)),
            "date_deadline": accepted + timedelta(days=HAND_OVER_DAYS),
        }

    def _follow_hand_over(self):
        """Let to-dos follow: less units to serve, none, or another deadline."""
        # To-dos are the salesman's; they follow the facts, whoever notes those.
        units_sudo = self.sudo()
        activities_sudo = units_sudo.certificate_activity_id.filtered("active")
        if not activities_sudo:
            return
        domain = Domain("certificate_activity_id", "in", activities_sudo.ids)
        units_sudo = units_sudo.with_context(active_test=False).search(
            domain, order="id"
        )
        done = dropped = activities_sudo.browse()
        for activity, units in units_sudo.grouped("certificate_activity_id").items():
            waiting = units.filtered(lambda unit: unit._is_to_hand_over())
            if waiting:
                activity.write(waiting._prepare_hand_over_vals(activity.user_id))
            elif any(units.mapped("certificate_date")):
                done |= activity
            else:
                dropped |= activity
        done.with_user(self.env.user).sudo()._action_done()  # as above
        dropped.unlink()
