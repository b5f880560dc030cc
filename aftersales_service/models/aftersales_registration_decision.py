from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError


class AftersalesRegistration(models.Model):
    """What a person makes of a registration: ``can_x`` → ``_ensure`` → ``action_x``."""

    _inherit = "aftersales.registration"

    def action_confirm(self):
        """Register the units to the customers who claim them (agents; R13, R16).

        A unit of this serial number in use is handed over when a dealer or nobody
        holds it, and only linked when the customer holds it already; otherwise a
        voucher is made, with the proof noted.

        :raise UserError: when one is decided already, when another customer holds
            the unit, or when product or unit are not clear
        """
        self._ensure_can(
            "can_confirm", self.env._("Only the desk confirms, and only what is open.")
        )
        units = self._find_units()
        for registration in self:
            # Earlier ones of the batch may have made the unit of a later one.
            found = registration._choose_unit(
                units.get(registration._get_serial_key())
                or self.env["aftersales.equipment"]
            )
            if found:
                registration._ensure_can_hand_over(found)
                registration._hand_over(found)
            else:
                found = registration._create_unit()
                units[registration._get_serial_key()] = found
            registration._decide({"state": "confirmed", "equipment_id": found.id})
            registration._tell_customer(registration._get_confirmation())
        return True

    def action_refuse(self, reason=None):
        """Refuse registrations; the customers are told why (agents).

        :param str reason: in the customer's words, mandatory
        :raise UserError: without a reason, or when one is decided already
        """
        self._ensure_can(
            "can_refuse", self.env._("Only the desk refuses, and only what is open.")
        )
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why it is refused: the customer reads it."))
        self._decide({"state": "refused", "refuse_reason": reason})
        for registration in self:
            registration._tell_customer(registration._get_refusal())
        return True

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def _ensure_can(self, rule, way_out):
        """Refuse a decision where ``can_x`` is false, or where another is under way.

        :raise UserError: naming the registrations, their state and the way out
        """
        self.check_access("write")
        self.lock_for_update()
        self.invalidate_recordset(["state"])
        if refused := self.filtered(lambda registration: not registration[rule]):
            states = dict(self._fields["state"]._description_selection(self.env))
            lines = [f"{r.display_name} ({states[r.state]})" for r in refused]
            raise UserError("\n".join([*lines, way_out]))

    def _choose_unit(self, units):
        """Return the unit meant among those with the serial number.

        :raise UserError: when several products carry it and none was chosen
        """
        self.ensure_one()
        if self.product_id:
            units = units.filtered(lambda unit: unit.product_id == self.product_id)
        if len(units) > 1:
            raise UserError(
                self.env._(
                    "%(registration)s: several units in use have this serial number; "
                    "choose the product first: %(units)s",
                    registration=self.display_name,
                    units=", ".join(units.mapped("display_name")),
                )
            )
        return units

    def _ensure_can_hand_over(self, unit):
        """Nobody takes a unit from another customer by typing its serial number.

        :raise UserError: naming the holder and the way out
        """
        self.ensure_one()
        holder = unit.partner_id.commercial_partner_id
        if (
            not holder
            or holder.aftersales_dealer
            or holder == self.partner_id.commercial_partner_id
        ):
            return
        raise UserError(
            self.env._(
                "%(registration)s: unit %(unit)s is registered to %(holder)s. When it "
                "really changed hands, enter the new holder on the unit and confirm "
                "again; otherwise refuse the registration.",
                registration=self.display_name,
                unit=unit.name,
                holder=holder.display_name,
            )
        )

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _get_holder(self):
        """Return the new holder: an employee registers for his company."""
        self.ensure_one()
        return self.partner_id.commercial_partner_id

    def _hand_over(self, unit):
        """Make the customer the holder, unless he is it already."""
        self.ensure_one()
        unit.action_unarchive()
        if unit.partner_id.commercial_partner_id != self._get_holder():
            unit.action_register_resale(
                self._get_holder().id,
                date=self.purchase_date,
                site_id=self.partner_id.id,
            )

    def _create_unit(self):
        """Make the voucher of a unit this system never delivered.

        :raise UserError: without a product
        """
        self.ensure_one()
        if not self.product_id:
            raise UserError(
                self.env._(
                    "%s: no unit in use has this serial number. Choose the product to "
                    "make its service voucher, or correct the serial number.",
                    self.display_name,
                )
            )
        return (
            self.env["aftersales.equipment"]
            ._by_method()
            .create(self._prepare_equipment_vals())
            .with_env(self.env)
        )

    def _prepare_equipment_vals(self):
        """Return the values of a voucher made from the customer's claim (hook)."""
        self.ensure_one()
        return {
            "source": "customer",
            "company_id": self.company_id.id,
            "product_id": self.product_id.id,
            "serial": " ".join(self.serial.split()),
            "partner_id": self._get_holder().id,
            "site_id": self.partner_id.id,
            "delivery_date": self.purchase_date,
            "registration_date": fields.Date.context_today(self),
            "proof": self._get_proof(),
            "proof_accepted": bool(self.invoice_ref or self.message_attachment_count),
        }

    def _get_proof(self):
        """Return what the customer showed, in words."""
        self.ensure_one()
        parts = [self.env._("Registered by the customer: %s", self.name)]
        if self.invoice_ref:
            parts.append(self.env._("Invoice: %s", self.invoice_ref))
        if self.purchase_date:
            parts.append(self.env._("Bought on: %s", self.purchase_date))
        if self.message_attachment_count:
            parts.append(
                self.env._(
                    "Files with the registration: %s", self.message_attachment_count
                )
            )
        return "\n".join(parts)

    def _decide(self, vals):
        self._by_method().write(
            {
                **vals,
                "decided_by_id": self.env.uid,
                "decide_date": fields.Datetime.now(),
            }
        )
        self.activity_feedback(["mail.mail_activity_data_todo"])

    # ------------------------------------------------------------
    # ANSWER
    # ------------------------------------------------------------

    def _get_confirmation(self):
        """Return the answer to a confirmed registration, in the customer's language."""
        translated = self.with_context(lang=self.partner_id.lang or self.env.lang)
        unit = translated.equipment_id
        return Markup("<p>%s</p><p><a href='%s'>%s</a></p>") % (
            translated.env._(
                "Your registration %(number)s is confirmed: %(product)s, serial number "
                "%(serial)s, is registered to you under service voucher %(voucher)s.",
                number=self.name,
                product=unit.product_id.display_name,
                serial=unit.serial,
                voucher=unit.name,
            ),
            f"{unit.get_base_url()}{unit.get_portal_url()}",
            translated.env._("See your unit"),
        )

    def _get_refusal(self):
        """Return the answer to a refused registration, in the customer's language."""
        translated = self.with_context(lang=self.partner_id.lang or self.env.lang)
        return Markup("<p>%s</p><p>%s</p>") % (
            translated.env._(
                "We could not confirm your registration %(number)s of serial number "
                "%(serial)s.",
                number=self.name,
                serial=self.serial,
            ),
            self.refuse_reason,
        )

    def _tell_customer(self, body):
        """Send the answer; the mail waits in the queue, the decision does not."""
        self.ensure_one()
        self.message_post(
            body=body,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.partner_id.ids,
            email_layout_xmlid="mail.mail_notification_light",
            force_email_lang=self.partner_id.lang or self.env.lang,
            force_send=False,
        )
