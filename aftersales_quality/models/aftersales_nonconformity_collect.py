from odoo import api, fields, models

READERS = (
    "aftersales_quality.aftersales_quality_group_lead,"
    "aftersales_service.aftersales_service_group_supervisor"
)


class AftersalesNonconformity(models.Model):
    """What it cost, collected from the records of the work (R63)."""

    _inherit = "aftersales.nonconformity"

    currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    cost_ids = fields.One2many(
        comodel_name="aftersales.nonconformity.cost",
        inverse_name="nonconformity_id",
        string="Costs",
        groups=READERS,
    )
    cost_total = fields.Monetary(
        string="Cost",
        compute="_compute_cost_total",
        store=True,
        groups=READERS,
    )

    @api.depends("cost_ids.amount")
    def _compute_cost_total(self):
        for row in self:
            row.cost_total = sum(row.cost_ids.mapped("amount"))

    def action_collect_costs(self):
        """Collect what it cost: rework, scrapped goods, work under warranty.

        Each source counts once, for the nonconformity that collected it first; collected
        again, its amount follows the source.

        :raise UserError: when it is cancelled
        """
        self._ensure_can(
            "can_collect",
            self.env._("Quality, or a supervisor, collects the costs."),
        )
        # Values of stock and hours, which whoever collects may not read by himself.
        rows_sudo = self.sudo()
        wanted = {}
        for vals in (
            *rows_sudo._prepare_scrap_costs(),
            *rows_sudo._prepare_rework_costs(),
            *rows_sudo._prepare_line_costs(),
        ):
            wanted.setdefault((vals["res_model"], vals["res_id"]), vals)
        Cost = rows_sudo.env["aftersales.nonconformity.cost"]._by_method()
        known = {
            (cost.res_model, cost.res_id): cost
            for cost in Cost.search(
                [
                    ("res_model", "in", list({model for model, _id in wanted})),
                    ("res_id", "in", [res_id for _model, res_id in wanted]),
                ]
            )
        }
        for key, cost in known.items():
            vals = wanted.pop(key, None)
            if not vals or cost.nonconformity_id.id != vals["nonconformity_id"]:
                continue
            if cost.currency_id.compare_amounts(cost.amount, vals["amount"]):
                cost.amount = vals["amount"]
        Cost.create(
            [vals for vals in wanted.values() if vals["amount"]]  # nothing to count
        )
        return True

    def _prepare_cost(self, source, kind, name, amount, date, document):
        self.ensure_one()
        return {
            "nonconformity_id": self.id,
            "kind": kind,
            "name": name,
            "amount": self.currency_id.round(amount),
            "date": date,
            "res_model": source._name,
            "res_id": source.id,
            "document": document,
        }

    def _prepare_scrap_costs(self):
        """Return the values of goods that were scrapped, as the stock books say."""
        own = self.env["stock.move"].search(
            [
                ("state", "=", "done"),
                ("location_dest_id.usage", "=", "inventory"),
                ("location_id.usage", "=", "internal"),
                "|",
                ("aftersales_nonconformity_id", "in", self._get_keepers().ids),
                ("aftersales_return_line_id", "in", self._get_scrapped_lines().ids),
            ]
        )
        vals_list = []
        for row in self.filtered(lambda row: row.disposition == "scrap"):
            keeper = row._get_keeper()
            moves = own.filtered(
                lambda move, row=row, keeper=keeper: move.aftersales_nonconformity_id
                == keeper
                or (
                    move.aftersales_return_line_id
                    and move.aftersales_return_line_id == row.inspection_id.line_id
                    and (not row.lot_id or row.lot_id in move.lot_ids)
                )
            )
            vals_list += [
                row._prepare_cost(
                    move,
                    "scrap",
                    move.product_id.display_name,
                    abs(move.value),
                    move.date.date(),
                    move.scrap_id.name or move.reference,
                )
                for move in moves
            ]
        return vals_list

    def _get_keepers(self):
        return self.browse().union(*(row._get_keeper() for row in self))

    def _get_scrapped_lines(self):
        return self.filtered(
            lambda row: row.disposition == "scrap"
        ).inspection_id.line_id

    def _prepare_rework_costs(self):
        """Return parts and hours of the repair orders that are no ticket's."""
        vals_list = []
        for row in self:
            done = row.rework_ids.filtered(lambda repair: repair.state == "done")
            for repair in done - done.filtered("aftersales_ticket_id"):
                common = (repair.write_date.date(), repair.name)
                vals_list += [
                    row._prepare_cost(
                        move,
                        "rework",
                        move.product_id.display_name,
                        abs(move.value),
                        *common,
                    )
                    for move in repair.move_ids
                    if move.state == "done" and move.repair_line_type == "add"
                ]
                hours = repair.aftersales_hours
                employee = repair.aftersales_technician_id
                vals_list.append(
                    row._prepare_cost(
                        repair,
                        "rework",
                        self.env._("%s hours of work", f"{hours:g}"),
                        hours * employee.hourly_cost,
                        *common,
                    )
                )
        return vals_list

    def _prepare_line_costs(self):
        """Return our share of what was used on tickets: repairs and warranty work."""
        repairs = self.rework_ids.filtered("aftersales_ticket_id")
        containments = self.containment_ids
        tickets = self.ticket_id | containments.unit_ids.ticket_id
        lines = self.env["aftersales.ticket.line"].search(
            [
                ("state", "=", "used"),
                ("share_company", ">", 0),
                "|",
                ("ticket_id", "in", tickets.ids),
                ("repair_id", "in", repairs.ids),
            ]
        )
        vals_list = []
        for row in self:
            own = row.ticket_id | row.containment_ids.unit_ids.ticket_id
            for line in lines:
                reworks = line.repair_id and line.repair_id in row.rework_ids
                if not reworks and line.ticket_id not in own:
                    continue
                vals_list.append(
                    row._prepare_cost(
                        line,
                        "rework" if reworks else "warranty",
                        line.name or line.product_id.display_name,
                        line.cost_total * line.share_company / 100,
                        line.date_done.date(),
                        line.ticket_id.name,
                    )
                )
        return vals_list
