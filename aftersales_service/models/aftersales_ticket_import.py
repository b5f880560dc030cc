from datetime import datetime, timedelta

from odoo import api, fields, models

from .aftersales_ticket import OPEN_STATES


class AftersalesTicket(models.Model):
    """Open tickets of the old call register, from a file (R01)."""

    _name = "aftersales.ticket"
    _inherit = ["aftersales.ticket", "aftersales.import.mixin"]

    # A file may bring the numbers of the books it replaces; afterwards the number
    # is a fact, see FACTS.
    name = fields.Char(readonly=False)

    @api.model
    def load(self, fields, data):
        """Load tickets, and note in the first steps that it was done."""
        result = super().load(fields, data)
        if result["ids"]:
            company = self.env.company
            company._aftersales_mark_step("import_tickets", "done")
            # Written now, so that a test run takes it back with the rows.
            company.flush_recordset()
        return result

    @api.model
    def _get_import_columns(self):
        tomorrow = datetime.combine(
            fields.Date.context_today(self) + timedelta(days=1), datetime.min.time()
        )
        return [
            (
                "name",
                False,
                "",
                self.env._(
                    "Number in the old register. Leave it empty and the ticket gets the "
                    "next number."
                ),
            ),
            (
                "date_open",
                False,
                datetime.combine(
                    fields.Date.context_today(self) - timedelta(days=3),
                    datetime.min.time(),
                ).replace(hour=9),
                self.env._(
                    "When the call came, as noted in the old register; now when empty."
                ),
            ),
            (
                "partner_id",
                False,
                "Wang Jianguo",
                self.env._(
                    "Exact name, email or reference of a contact that exists. Leave it "
                    "empty and the holder of the unit is taken."
                ),
            ),
            (
                "partner_name",
                False,
                "Wang Xiaoming",
                self.env._("Who called, when it was not the customer himself."),
            ),
            ("partner_phone", False, "+86 138 0013 8000", self.env._("To call back.")),
            (
                "equipment_id",
                False,
                "H5-2024-0017",
                self.env._(
                    "Serial number or voucher number of a unit that is registered. Import "
                    "the units first."
                ),
            ),
            (
                "symptom",
                True,
                self.env._("Does not start"),
                self.env._("What the customer reports, in one line."),
            ),
            (
                "channel",
                False,
                self._get_label("channel", "phone"),
                self.env._("How the call reached us; phone when empty."),
            ),
            (
                "service_kind",
                False,
                self._get_label("service_kind", "warranty"),
                self.env._("Who pays; paid by the customer when empty."),
            ),
            (
                "state",
                False,
                self._get_label("state", "waiting"),
                self.env._("Where it stands today; new when empty."),
            ),
            (
                "waiting_reason",
                False,
                self._get_label("waiting_reason", "parts"),
                self.env._("For waiting tickets: what they wait for."),
            ),
            (
                "promised_date",
                False,
                tomorrow + timedelta(hours=9),
                self.env._("What was promised to the customer: date and time."),
            ),
            (
                "user_id",
                False,
                "",
                self.env._(
                    "Exact name or login of a user. A ticket in progress without a "
                    "responsible goes to whoever imports the file."
                ),
            ),
        ]

    @api.model
    def _get_label(self, name, value):
        return dict(self._fields[name]._description_selection(self.env))[value]

    @api.model
    def _get_choices(self, name, field):
        if name != "state":
            return super()._get_choices(name, field)
        return [label for value, label in field["selection"] if value in OPEN_STATES]
