from odoo import models

from ..tools.warranty import last_day


class AftersalesTicket(models.Model):
    """The guarantee that every repair carries itself, paid or not (R14)."""

    _inherit = "aftersales.ticket"

    def action_solve(self):
        result = super().action_solve()
        self._grant_repair_guarantee()
        return result

    def _grant_repair_guarantee(self):
        """Promise what was repaired for the days of the policy, from today on.

        A ticket solved again after a reopening moves its guarantee, it does not
        give a second one.
        """
        # A promise follows the work done, not the rights of who did it.
        Coverage = self.env["aftersales.coverage"].sudo()._by_method()
        known = Coverage.search([("ticket_id", "in", self.ids)]).grouped(
            lambda cover: (cover.ticket_id.id, cover.component_id, cover.product_id)
        )
        vals_list = []
        for ticket in self:
            start = ticket.equipment_id._get_local_day()
            for repaired in ticket._get_repaired():
                vals = ticket._prepare_guarantee_vals(start, *repaired)
                if cover := known.get((ticket.id, *repaired)):
                    cover._by_method().write(
                        {name: vals[name] for name in ("date_start", "date_end")}
                    )
                elif vals["date_end"]:
                    vals_list.append(vals)
        Coverage.create(vals_list)
        self.equipment_id._decide_open_lines()

    def _get_repaired(self):
        """Return the set of (component group, part) that the work done concerns.

        Work on the unit as a whole names nothing that could be promised again.
        """
        self.ensure_one()
        repaired = set()
        # As in _grant_repair_guarantee.
        ticket_sudo = self.sudo()
        no_part = ticket_sudo.env["product.product"]
        for line in ticket_sudo.line_ids if self.equipment_id else ():
            if line.state != "used" or line.kind not in ("part", "labour"):
                continue
            component = line.component_id
            if not component.parent_id:
                component = component.browse()
            part = line.product_id if line.kind == "part" else no_part
            if component or part:
                repaired.add((component, part))
        return repaired

    def _prepare_guarantee_vals(self, start, component, part):
        """Return the values of the guarantee of one repaired item (hook)."""
        self.ensure_one()
        rules = self.equipment_id.warranty_rules or {}
        promise = rules.get("repair") or {
            "duration": self.company_id.aftersales_repair_days,
            "unit": "day",
            "kinds": ["labour", "parts"],
        }
        return {
            "equipment_id": self.equipment_id.id,
            "ticket_id": self.id,
            "component_id": component.id,
            "product_id": part.id,
            "source": "repair",
            "date_start": start,
            "date_end": last_day(start, promise["duration"], promise["unit"]),
            "duration": promise["duration"],
            "duration_unit": promise["unit"],
            **{
                f"covers_{kind}": kind in promise["kinds"]
                for kind in ("labour", "parts", "travel")
            },
        }
