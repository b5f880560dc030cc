from datetime import date

from odoo import api, fields, models
from odoo.fields import Domain


class AftersalesEquipment(models.Model):
    """Units sold before go-live, from a file (R13, R16)."""

    _name = "aftersales.equipment"
    _inherit = ["aftersales.equipment", "aftersales.import.mixin"]

    # A file may bring the numbers of the books it replaces; afterwards the number
    # is a fact, see FACTS.
    name = fields.Char(readonly=False)

    @api.model
    def _get_import_keys(self):
        return [*super()._get_import_keys(), ("serial", "product_id")]

    @api.model
    def _get_import_columns(self):
        return [
            (
                "name",
                False,
                "SV/2024/00017",
                self.env._(
                    "Number of the voucher in the old books. Leave it empty and the unit "
                    "gets the next number."
                ),
            ),
            (
                "product_id",
                True,
                "H5",
                self.env._(
                    "Reference or exact name of a product that exists in Odoo. With two "
                    "products of one name write the reference."
                ),
            ),
            (
                "serial",
                False,
                "H5-2024-0017",
                self.env._(
                    "Number on the type plate. It may have one voucher in use only; new "
                    "numbers are registered as serial numbers of the product."
                ),
            ),
            (
                "quantity",
                False,
                1,
                self.env._(
                    "Pieces without serial number; 1 when empty. A unit with serial "
                    "number is one piece."
                ),
            ),
            (
                "partner_id",
                False,
                "Wang Jianguo",
                self.env._(
                    "Who has the unit: exact name, email or reference of a contact that "
                    "exists. With two contacts of one name write the email or reference."
                ),
            ),
            (
                "dealer_id",
                False,
                "",
                self.env._("Who bought it from us, when he is not the holder."),
            ),
            (
                "site_id",
                False,
                "",
                self.env._(
                    "Contact with the address where the unit stands, when it is not the "
                    "holder's own."
                ),
            ),
            ("delivery_date", False, date(2024, 5, 17), self.env._("Year-month-day.")),
            (
                "installation_date",
                False,
                date(2024, 5, 20),
                self.env._("Year-month-day, not before the delivery."),
            ),
            (
                "proof",
                False,
                self.env._("Invoice 2024-0815 of 2024-05-17"),
                self.env._(
                    "What proves the purchase: number and date of the invoice, warranty "
                    "card. A person accepts it later on the unit."
                ),
            ),
        ]

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Find units; from a file only by exact voucher or serial number.

        :raise ValueError: when the text means several units in use, as the import
            wants it to show the message at its row
        """
        if not (self.env.context.get("import_file") and operator == "=" and name):
            return super().name_search(name, domain, operator, limit)
        text = name.strip().split(" · ")[0]
        units = self.search(
            Domain(domain or Domain.TRUE)
            & (Domain("name", "=", text) | Domain("serial", "=", text))
        )
        units = units.filtered(lambda unit: unit.state == "active") or units[:1]
        if len(units) > 1:
            message = self.env._(
                "%(text)s means several units (%(units)s): write the number of the "
                "voucher.",
                text=text,
                units=", ".join(units.mapped("name")),
            )
            # The import fills in row and field by itself.
            raise ValueError(message.replace("%", "%%"))
        return [(unit.id, unit.display_name) for unit in units]
