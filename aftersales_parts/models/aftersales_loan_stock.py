from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command


class AftersalesLoan(models.Model):
    """The goods of a loan: real transfers out, back, and to the scrap."""

    _inherit = "aftersales.loan"

    def _move_out(self):
        """Book goods out of their warehouse to the place of lent goods.

        :raise UserError: when there is not enough on stock
        """
        self._move(
            lambda warehouse: (
                warehouse.lot_stock_id,
                warehouse.company_id._aftersales_get_lent_location(),
            )
        )

    def _move_back(self, damaged):
        """Book goods back from the place of lent goods.

        :param bool damaged: they lie apart until they are repaired
        """
        self._move(
            lambda warehouse: (
                warehouse.company_id._aftersales_get_lent_location(),
                warehouse.company_id._aftersales_get_mending_location()
                if damaged
                else warehouse.lot_stock_id,
            )
        )

    def _move_from_repair(self):
        """Book repaired goods from where they lay apart to the stock."""
        self._move(
            lambda warehouse: (
                warehouse.company_id._aftersales_get_mending_location(),
                warehouse.lot_stock_id,
            )
        )

    def _move(self, get_places):
        """Book the goods, by one transfer for each warehouse and borrower.

        They are made for people without rights on transfers.

        :param function get_places: returns source and target of a warehouse
        :raise UserError: when the goods are not all there
        """
        # Who hands out tools has no right on transfers; the steps before decided.
        loans_sudo = self.sudo()
        for (warehouse, partner), loans in loans_sudo.grouped(
            lambda loan: (
                loan.warehouse_id,
                loan.employee_id.work_contact_id
                if loan.kind == "tool"
                else loan.partner_id,
            )
        ).items():
            source, target = get_places(warehouse)
            picking = loans._create_transfer(warehouse, partner, source, target)
            loans._lock_stock(source)
            for loan in loans:
                loan._take(picking, source)
            picking._action_done()

    def _create_transfer(self, warehouse, partner, source, target):
        """Create and confirm the internal transfer of these loans."""
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": warehouse.int_type_id.id,
                "partner_id": partner.id,
                "location_id": source.id,
                "location_dest_id": target.id,
                "origin": ", ".join(self.mapped("name")),
                "company_id": warehouse.company_id.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": loan.product_id.id,
                            "product_uom_qty": loan.quantity,
                            "product_uom": loan.product_id.uom_id.id,
                            "location_id": source.id,
                            "location_dest_id": target.id,
                            "company_id": warehouse.company_id.id,
                            "aftersales_loan_id": loan.id,
                        }
                    )
                    for loan in self
                ],
            }
        )
        picking.move_ids._action_confirm(merge=False)
        # Core took what came first: the loan names the serial.
        picking.move_ids._do_unreserve()
        return picking

    def _lock_stock(self, location):
        """Let nobody else take from these quantities until this is booked.

        Core takes a second row when the first one is locked; two loans of the last
        piece would both find it.
        """
        self.env["stock.quant"].flush_model()
        self.env.cr.execute(
            """
            SELECT quant.id
              FROM stock_quant quant
              JOIN stock_location place ON place.id = quant.location_id
             WHERE quant.product_id = ANY(%s) AND place.parent_path LIKE %s
             ORDER BY quant.id
               FOR NO KEY UPDATE OF quant
            """,
            [self.product_id.ids, f"{location.parent_path}%"],
        )

    def _take(self, picking, location):
        """Reserve exactly the goods of the loan for its transfer.

        :raise UserError: when they are not all there
        """
        self.ensure_one()
        move = picking.move_ids.filtered(lambda move: move.aftersales_loan_id == self)
        taken = move._update_reserved_quantity(
            self.quantity, location, lot_id=self.lot_id, strict=False
        )
        foreign = move.move_line_ids.filtered("owner_id")
        ours = taken - sum(foreign.mapped("quantity_product_uom"))
        self._ensure_there(ours, location)
        move.picked = True

    def _ensure_there(self, quantity, location):
        """Refuse to book goods that are not where they should be.

        :param float quantity: what is there, of our own and free
        :raise UserError: naming loan, goods and place
        """
        uom = self.product_id.uom_id
        if uom.compare(quantity, self.quantity) < 0:
            goods = (f"{quantity:g}", uom.name, self.lot_id.name)
            raise UserError(
                self.env._(
                    "%(loan)s: only %(goods)s of our own is free at %(place)s. Let it "
                    "be put there, or book less.",
                    loan=self.display_name,
                    goods=" ".join(part for part in goods if part),
                    place=location.display_name,
                )
            )

    def _scrap(self):
        """Take lost goods out of our books."""
        # As in _move.
        loans_sudo = self.sudo()
        for loan in loans_sudo:
            lent = loan.company_id._aftersales_get_lent_location()
            available = loan.env["stock.quant"]._get_available_quantity(
                loan.product_id, lent, lot_id=loan.lot_id
            )
            loan._ensure_there(available, lent)
            Scrap = loan.env["stock.scrap"].with_company(loan.company_id)
            scrap = Scrap.create(
                {
                    "product_id": loan.product_id.id,
                    "scrap_qty": loan.quantity,
                    "product_uom_id": loan.product_id.uom_id.id,
                    "lot_id": loan.lot_id.id,
                    "location_id": lent.id,
                    "origin": loan.name,
                    "company_id": loan.company_id.id,
                }
            )
            scrap.do_scrap()
            scrap.move_ids.aftersales_loan_id = loan
            loan._step({"scrap_id": scrap.id})
