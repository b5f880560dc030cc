from odoo import api, fields, models
from odoo.tools import SQL


class AftersalesContainmentUnit(models.Model):
    """One unit, or one delivery, that a containment concerns (R63)."""

    _name = "aftersales.containment.unit"
    _description = "Unit of a Containment"
    _inherit = ["aftersales.person.mixin"]
    _order = "containment_id, id"
    _check_company_auto = True
    _person_links = ("partner_id",)
    _person_fields = frozenset({"partner_id"})

    containment_id = fields.Many2one(
        comodel_name="aftersales.containment",
        required=True,
        index=True,
        ondelete="cascade",
    )
    name = fields.Char(related="containment_id.name", string="Containment Number")
    company_id = fields.Many2one(
        related="containment_id.company_id", store=True, index=True, precompute=True
    )
    equipment_id = fields.Many2one(
        comodel_name="aftersales.equipment",
        string="Unit",
        index="btree_not_null",
        ondelete="restrict",
    )
    product_id = fields.Many2one(comodel_name="product.product", index=True)
    lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="Lot/Serial Number",
        index="btree_not_null",
        help="The failing lot, also when it is a part of the unit.",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", index="btree_not_null"
    )
    phone = fields.Char(related="partner_id.phone")
    quantity = fields.Float(digits="Product Unit", default=1.0)
    reason = fields.Selection(
        selection=[
            ("sold", "Sold"),
            ("built_in", "Built in"),
            ("delivered", "Delivered without Voucher"),
        ],
        string="Concerned Because",
        required=True,
    )
    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    ticket_state = fields.Selection(
        related="ticket_id.state", string="Ticket Status", store=True
    )

    _unit_uniq = models.UniqueIndex(
        "(containment_id, equipment_id) WHERE equipment_id IS NOT NULL",
        "This unit is on the list already.",
    )
    _delivery_uniq = models.UniqueIndex(
        "(containment_id, partner_id, lot_id) WHERE equipment_id IS NULL",
        "This delivery is on the list already.",
    )
    _ticket_uniq = models.UniqueIndex(
        "(ticket_id) WHERE ticket_id IS NOT NULL", "A ticket is for one unit."
    )
    _todo_idx = models.Index("(containment_id) WHERE ticket_id IS NULL")

    @api.depends("containment_id.name", "equipment_id", "partner_id")
    def _compute_display_name(self):
        for row in self:
            whose = row.equipment_id.display_name or row.partner_id.display_name
            parts = (row.containment_id.name, whose)
            row.display_name = " · ".join(part for part in parts if part)

    # ------------------------------------------------------------
    # TICKETS
    # ------------------------------------------------------------

    def _lock(self):
        """Return these rows without those another process is at, locked."""
        if not self:
            return self
        self.flush_recordset(["ticket_id"])
        self.env.cr.execute(
            SQL(
                "SELECT id FROM aftersales_containment_unit WHERE id IN %s "
                "AND ticket_id IS NULL ORDER BY id FOR NO KEY UPDATE SKIP LOCKED",
                tuple(self.ids),
            )
        )
        return self.browse([row_id for (row_id,) in self.env.cr.fetchall()])

    def _create_tickets(self):
        """Open one ticket for each of these rows that has none; return the rows."""
        rows = self._lock()
        if rows:
            tickets = self.env["aftersales.ticket"].create(
                [row._prepare_ticket() for row in rows]
            )
            for row, ticket in zip(rows, tickets, strict=True):
                row.ticket_id = ticket
        return rows

    def _prepare_ticket(self):
        """Return the values of the ticket of one unit."""
        self.ensure_one()
        containment = self.containment_id
        vals = {
            "company_id": containment.company_id.id,
            "symptom": containment.title,
            "description": containment.description,
            "channel": "letter",
            "service_kind": "warranty",
            "service_mode": "onsite",
            "partner_id": self.partner_id.id,
        }
        if containment.team_id:
            vals["team_id"] = containment.team_id.id
        if self.equipment_id:
            vals["equipment_id"] = self.equipment_id.id
        else:
            vals |= {"product_id": self.product_id.id, "lot_id": self.lot_id.id}
        return vals

    # ------------------------------------------------------------
    # PERSONS
    # ------------------------------------------------------------

    @api.model
    def _get_person_columns(self):
        return ["name", "product_id", "create_date", "ticket_state"]

    def _get_last_days(self):
        return {row: row.containment_id.date for row in self}

    def _erase_person(self, persons):
        """The list has no chatter: the name is all there is to forget."""
        # As in the mixin: managers decided, the lists belong to nobody.
        self.sudo().partner_id = False
