import logging
from datetime import timedelta

from markupsafe import Markup
from psycopg2 import IntegrityError, OperationalError

from odoo import api, models
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

# Orders between two commits.
BATCH_SIZE = 100
# Orders that were being confirmed while the last list was made.
OVERLAP = timedelta(days=1)


class AftersalesDeliveryDay(models.Model):
    """The evening: the orders confirmed since the last list, their stock checked (R54)."""

    _inherit = "aftersales.delivery.day"

    @api.model
    def _cron_list(self):
        """List the orders of the day, once in the evening of each company.

        Runs often and does something only on the evenings of working days. Safe in two
        processes at once, when killed, and when run twice.
        """
        Cron = self.env["ir.cron"]
        companies = self.env["res.company"].search([("active", "=", True)])
        left = Cron._commit_progress(remaining=len(companies))
        for company in companies:
            if not left:
                break
            try:
                self.with_company(company)._end_day(company)
            except (OperationalError, IntegrityError):
                # Another process is at it.
                self.env.cr.rollback()
            except Exception:
                # The other companies have their lists all the same.
                self.env.cr.rollback()
                _logger.exception("No orders of the day of company %s", company.id)
            left = Cron._commit_progress(1)

    @api.model
    def _end_day(self, company):
        now, hour = company._aftersales_now(), company.aftersales_delivery_hour
        today = now.date()
        if not hour or now.hour + now.minute / 60 < hour:
            return
        begin, _end = company._aftersales_day_bounds(today)
        until = begin + timedelta(hours=hour)
        listed = company.aftersales_delivery_listed
        if (listed and listed >= until) or not company._aftersales_works_on(today):
            return
        since = (listed or until) - OVERLAP
        last_id = 0
        while True:
            if not company.try_lock_for_update(allow_referencing=True):
                return
            orders = self._get_unlisted(company, since, until, last_id)
            if not orders:
                break
            last_id = orders[-1].id
            self._get_day(company, today, until)._list_orders(orders)
            if not self.env["ir.cron"]._commit_progress():
                return
        company.aftersales_delivery_listed = until
        # Another process finds the day noted, or is told to look again.
        company.flush_recordset(["aftersales_delivery_listed"])
        self.search(
            [("company_id", "=", company.id), ("state", "=", "draft")]
        )._finish_list()

    @api.model
    def _get_unlisted(self, company, since, until, last_id):
        """Return the next orders that are not listed yet."""
        return self.env["sale.order"].search(
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "sale")
            & Domain("date_order", ">", since)
            & Domain("date_order", "<=", until)
            & Domain("id", ">", last_id)
            & Domain("aftersales_delivery_line_ids", "=", False),
            order="id",
            limit=BATCH_SIZE,
        )

    @api.model
    def _get_day(self, company, today, until):
        """Return the list of a day, a new one when there is none."""
        day = self.search([("company_id", "=", company.id), ("date", "=", today)])
        if day:
            day.date_to = until
            return day
        vals = {
            "company_id": company.id,
            "date": today,
            "date_to": until,
            "user_id": self._get_responsible(company).id,
        }
        self._number([vals])
        return self.create(vals)

    @api.model
    def _get_responsible(self, company):
        return company.aftersales_delivery_user_id or company._aftersales_supervisor()

    # ------------------------------------------------------------
    # LINES
    # ------------------------------------------------------------

    def _list_orders(self, orders):
        """Add the goods of orders, with the stock as it is now.

        A number of queries that depends on the warehouses, not on the orders.
        """
        self.ensure_one()
        vals_list = [
            self._prepare_line(line, quantity)
            for line in orders.order_line
            if not line.display_type
            and line.product_id.type == "consu"
            and (quantity := self._get_open_quantity(line)) > 0
        ]
        self._check_stock(vals_list)
        self.env["aftersales.delivery.day.line"].create(vals_list)

    @api.model
    def _get_open_quantity(self, line):
        quantity = line.product_uom_qty - line.qty_delivered
        return line.product_uom_id._compute_quantity(quantity, line.product_id.uom_id)

    def _prepare_line(self, line, quantity):
        order = line.order_id
        return {
            "day_id": self.id,
            "sale_line_id": line.id,
            "order_id": order.id,
            "product_id": line.product_id.id,
            "warehouse_id": (line.warehouse_id or order.warehouse_id).id,
            "date_planned": order.commitment_date or line._expected_date(),
            "quantity": quantity,
        }

    def _check_stock(self, vals_list):
        """Say of each line what is reserved, what is free for it, what is missing."""
        self.ensure_one()
        SaleLine = self.env["sale.order.line"]
        lines = SaleLine.browse([vals["sale_line_id"] for vals in vals_list])
        free = self._get_free(lines)
        for vals, line in zip(vals_list, lines, strict=True):
            product, quantity = line.product_id, vals["quantity"]
            if not product.is_storable:
                continue
            key = (vals["warehouse_id"], product.id)
            reserved = min(self._get_reserved(line), quantity)
            taken = max(min(free.get(key, 0.0), quantity - reserved), 0.0)
            free[key] = free.get(key, 0.0) - taken
            missing = quantity - reserved - taken
            short = product.uom_id.compare(missing, 0) > 0
            vals |= {
                "reserved_quantity": reserved,
                "free_quantity": taken,
                "missing_quantity": missing if short else 0.0,
                "state": self._get_line_state(line) if short else "available",
            }

    @api.model
    def _get_line_state(self, line):
        """Goods that are made or bought for the very order are on order already."""
        by_order = line.move_ids.filtered(
            lambda move: move.procure_method == "make_to_order"
            and move.location_dest_id.usage == "customer"
            and move.move_orig_ids.picking_type_id.filtered(
                lambda kind: kind.code == "incoming"
            )
        )
        return "covered" if by_order else "missing"

    @api.model
    def _get_reserved(self, line):
        """Return what of the stock is kept for an order line, or has left the shelf."""
        product, place = line.product_id, line.warehouse_id.lot_stock_id.parent_path
        if not place:
            return 0.0
        quantity = 0.0
        for move in line.move_ids:
            leaves = move.location_id.parent_path.startswith(place)
            stays = move.location_dest_id.parent_path.startswith(place)
            if move.state != "cancel" and leaves and not stays:
                quantity += move.product_uom._compute_quantity(
                    move.quantity, product.uom_id
                )
        delivered = line.product_uom_id._compute_quantity(
            line.qty_delivered, product.uom_id
        )
        return max(quantity - delivered, 0.0)

    def _get_free(self, lines):
        """Return ``{(warehouse id, product id): quantity}`` nobody has been promised."""
        self.ensure_one()
        free = {}
        storable = lines.filtered(lambda line: line.product_id.is_storable)
        for warehouse, group in storable.grouped("warehouse_id").items():
            place = warehouse.lot_stock_id
            products = group.product_id.with_context(location=place.id)
            # What moved since the last batch counts.
            products.invalidate_recordset(["free_qty"])
            for product in products:
                free[warehouse.id, product.id] = max(product.free_qty, 0.0)
        promised = self.env["aftersales.delivery.day.line"]._read_group(
            [("day_id", "=", self.id), ("free_quantity", ">", 0)],
            ["warehouse_id", "product_id"],
            ["free_quantity:sum"],
        )
        for warehouse, product, quantity in promised:
            key = (warehouse.id, product.id)
            if key in free:
                free[key] = max(free[key] - quantity, 0.0)
        return free

    # ------------------------------------------------------------
    # TELLING
    # ------------------------------------------------------------

    def _finish_list(self):
        """Close the lists and tell who minds the deliveries what is missing."""
        for day in self:
            day._follow_lines()
            user = day.user_id
            if not user:
                continue
            talk = day.with_context(lang=user.lang or self.env.lang)
            talk.message_post(
                body=talk._make_summary(),
                subject=talk.env._(
                    "Orders of the day: %(count)s, goods missing: %(missing)s",
                    count=talk.order_count,
                    missing=talk.missing_count,
                ),
                partner_ids=user.partner_id.ids,
                author_id=talk.company_id.partner_id.id,
            )
            if day.state == "open":
                day.with_context(mail_activity_quick_update=True).activity_schedule(
                    "mail.mail_activity_data_todo",
                    date_deadline=day.company_id._aftersales_next_working_day(day.date),
                    summary=talk.env._("Order what is missing"),
                    user_id=user.id,
                )

    def _make_summary(self):
        """Return what is missing as HTML."""
        self.ensure_one()
        missing = self.line_ids.filtered(lambda line: line.state == "missing")
        if not missing:
            return Markup("<p>%s</p>") % self.env._(
                "Everything that was sold is in stock."
            )
        rows = [
            Markup("<li>%s</li>")
            % self.env._(
                "%(quantity)s × %(product)s for %(order)s, %(customer)s",
                quantity=f"{round(line.missing_quantity, 6):g}",
                product=line.product_id.display_name,
                order=line.order_id.name,
                customer=line.partner_id.display_name,
            )
            for line in missing[:30]
        ]
        if len(missing) > len(rows):
            more = self.env._("… and %s more", len(missing) - len(rows))
            rows.append(Markup("<li>%s</li>") % more)
        return Markup("<p>%s</p><ul>%s</ul>") % (
            self.env._("These goods are missing and have to be ordered:"),
            Markup().join(rows),
        )
