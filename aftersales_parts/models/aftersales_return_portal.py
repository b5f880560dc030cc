from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import plaintext2html

from .aftersales_return import HOLDING_STATES

# More than these in one form helps nobody; others are found by their order or unit.
MAX_DELIVERIES = 200


class AftersalesReturn(models.Model):
    """The customer's own hand in a return, on the portal (R48, R49).

    Customers have no right to write returns, nor to read transfers and invoices.
    These methods are the narrow ways in: private, so that no call from outside reaches
    them, and each writes only what its form asks for. The creator stays the customer.
    """

    _inherit = "aftersales.return"

    @api.model
    def _get_portal_domain(self):
        """Domain of the returns of the present customer."""
        customer = self.env.user.commercial_partner_id
        return Domain("partner_id", "child_of", customer.id)

    # ------------------------------------------------------------
    # WHAT MAY COME BACK
    # ------------------------------------------------------------

    @api.model
    def _portal_offer(self, order=None, unit=None):
        """Return what the present customer may send back, newest first.

        :param order: only of this order, which he may read
        :param unit: only this unit, which he may read
        :return: list of dicts, see :meth:`AftersalesReturnLine._offer`, each with the
            ``key`` its input is named by; and whether there is more
        """
        Line = self.env["aftersales.return.line"]
        customer = self.env.user.commercial_partner_id
        company = (order or unit or self.env.user).company_id
        domain = Line._get_delivery_domain(company)
        lots = None
        # What he may see was checked by his own rights on order and unit, or is his.
        units_sudo = self.env["aftersales.equipment"].sudo()
        if unit:
            unit.check_access("read")
            units_sudo = unit.sudo()  # just checked
            domain &= Domain("id", "in", units_sudo.move_id.ids)
            lots = units_sudo.lot_id or None
        elif order:
            order.check_access("read")
            domain &= Domain("sale_line_id.order_id", "=", order.id)
        else:
            domain &= Line._get_customer_domain(customer)
            units_sudo = units_sudo.search(
                Domain("partner_id", "child_of", customer.id)
                & Domain("company_id", "=", company.id)
                & Domain("move_id", "=", False),
                limit=MAX_DELIVERIES,
            )
        Move = self.env["stock.move"].sudo()  # see above
        moves_sudo = Move.search(
            domain, order="date desc, id desc", limit=MAX_DELIVERIES + 1
        )
        rows = Line._offer(moves_sudo[:MAX_DELIVERIES], lots=lots)
        rows += [
            Line._offer_unit(old)
            for old in units_sudo
            if not old.move_id and old.state == "active"
        ]
        products = self.env["product.product"].sudo()  # names of his own goods
        for row in rows:
            product = products.browse(row["product_id"])
            row["key"] = "-".join(str(part or 0) for part in Line._get_offer_key(row))
            row["product_name"] = product.with_context(
                display_default_code=False
            ).display_name
            row["uom_name"] = product.uom_id.name
            row["is_serial"] = product.tracking == "serial"
        return rows, len(moves_sudo) > MAX_DELIVERIES

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    @api.model
    def _portal_request(self, rows, quantities, values, files=()):
        """Request the return of what the present customer chose.

        :param rows: what was offered to him, see :meth:`_portal_offer`
        :param dict quantities: ``{key of the row: quantity}``
        :param dict values: reason_id, remedy, note, description, phone as chosen
        :param files: accepted files as (name, content)
        :return: the return, as the portal user sees it
        :raise UserError: when something chosen is not offered, or too much of it
        """
        offered = {row["key"]: row for row in rows}
        if set(quantities) - set(offered):
            raise UserError(
                self.env._(
                    "Some of the goods are not yours to return, or were returned in the "
                    "meantime. Please choose again."
                )
            )
        if not quantities:
            raise UserError(self.env._("Choose first what you want to return."))
        # Reasons are for everybody to read; the company's own come with its returns.
        reasons_sudo = self.env["aftersales.return.reason"].sudo()
        reason = reasons_sudo.browse(values.get("reason_id") or ())
        chosen = [(offered[key], quantity) for key, quantity in quantities.items()]
        for row, quantity in chosen:
            if quantity <= 0 or quantity > row["returnable_quantity"] + 1e-6:
                raise UserError(
                    self.env._(
                        "%(product)s: at most %(quantity)s can come back.",
                        product=row["product_name"],
                        quantity=f"{row['returnable_quantity']:g}",
                    )
                )
        if not values.get("note") and (not reason or reason.fault_required):
            raise UserError(self.env._("Say in a few words what is wrong."))
        author = self.env.user.partner_id
        company = self._get_offered_company(chosen)
        vals = {
            "partner_id": author.id,
            "company_id": company.id,
            "user_id": False,
            "description": values.get("description") or False,
            "line_ids": [
                Command.create(self._prepare_portal_line(row, quantity, reason, values))
                for row, quantity in chosen
            ],
        }
        if values.get("phone"):
            vals["partner_phone"] = values["phone"]
        rma_sudo = self.sudo().create(vals)  # see the class
        rma_sudo.message_subscribe(partner_ids=author.ids)
        if files:
            rma_sudo._post_from_customer("", author, files)
        return rma_sudo.with_env(self.env)

    @api.model
    def _get_offered_company(self, chosen):
        """Return the company that delivered what was chosen."""
        for row, _quantity in chosen:
            # Whose delivery or unit it is, nothing else of them.
            if row["move_id"]:
                return self.env["stock.move"].sudo().browse(row["move_id"]).company_id
            unit_sudo = self.env["aftersales.equipment"].sudo()  # as above
            return unit_sudo.browse(row["equipment_id"]).company_id
        return self.env.company

    @api.model
    def _prepare_portal_line(self, row, quantity, reason, values):
        """Return the values of a line the customer asks for (hook)."""
        remedy = row.get("remedy") or values.get("remedy") or reason.remedy
        return {
            "product_id": row["product_id"],
            "move_id": row["move_id"],
            "lot_id": row["lot_id"],
            "equipment_id": row["equipment_id"],
            "invoice_line_id": row["invoice_line_id"],
            "quantity": quantity,
            "reason_id": reason.id,
            "remedy": remedy or "repair",
            "note": values.get("note"),
        }

    def _can_portal_cancel(self):
        """Tell whether the customer may still withdraw the request himself."""
        self.ensure_one()
        return self.state == "draft"

    def _portal_cancel(self, author):
        """Withdraw a request because the customer says so.

        The caller has checked that he may see it.

        :param author: contact of the customer
        :raise UserError: once it was authorised
        """
        self.ensure_one()
        if not self._can_portal_cancel():
            self._refuse(
                self.env._("It is authorised already; call us to stop the return.")
            )
        rma_sudo = self.sudo()  # see the class; the step still checks the state
        rma_sudo.action_cancel(self.env._("Withdrawn by the customer"))
        rma_sudo._post_from_customer(
            self.env._("The customer withdraws the request."), author
        )

    def _post_from_customer(self, body, author, files=()):
        """Post what the customer did or sent; mails wait in the queue."""
        self.ensure_one()
        return self.message_post(
            body=plaintext2html(body) if body else "",
            author_id=author.id,
            attachments=list(files),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            force_send=False,
        )

    # ------------------------------------------------------------
    # WHAT THE CUSTOMER READS
    # ------------------------------------------------------------

    def _get_portal_text(self):
        """Say to the customer where his return stands and what he does next."""
        self.ensure_one()
        waits = self.waits_for
        if self.state == "draft":
            return self.env._(
                "We look at your request. Please do not send anything yet: you get a "
                "label once it is authorised."
            )
        if self.state == "authorised":
            return self.env._(
                "Your return is authorised. Print the label, stick it on the outside of "
                "the parcel and send it by courier."
            )
        if self.state == "refused":
            return self.env._(
                "We cannot take the goods back. Please do not send them: they would go "
                "back at your cost."
            )
        if self.state == "cancelled":
            return self.env._("This return does not take place.")
        if self.state == "done":
            return self.env._("This return is settled.")
        texts = {
            "inspection": self.env._("Your goods are here and are being inspected."),
            "refund": self.env._("Your goods are here. The credit note is being made."),
            "exchange": self.env._("Your goods are here. The replacement is prepared."),
            "repair": self.env._("Your goods are here and are being repaired."),
            "send_back": self.env._("Your goods are on their way back to you."),
        }
        return texts.get(waits) or self.env._("All is settled on our side.")

    def _get_portal_refunds(self):
        """Return the posted credit notes of a return."""
        self.ensure_one()
        # The customer's own papers, found by his own return.
        refunds_sudo = self.sudo().refund_ids
        customer = self.sudo().partner_id.commercial_partner_id
        return refunds_sudo.filtered(
            lambda refund: refund.state == "posted"
            and refund.commercial_partner_id == customer
        )

    def _has_label(self):
        """Tell whether there is a label to print."""
        self.ensure_one()
        return self.state in HOLDING_STATES
