from odoo import api, fields, models
from odoo.tools import SQL


class AftersalesMissingFile(models.Model):
    """Customers whose file is missing or incomplete days after the first contact (R12).

    No table and nothing to keep in step: read from tickets, contacts and units.
    """

    _name = "aftersales.missing.file"
    _description = "Incomplete Customer File"
    _auto = False
    _order = "date_first, id"
    _rec_name = "contact"
    _depends = {
        "aftersales.ticket": [
            "active",
            "company_id",
            "date_open",
            "equipment_id",
            "file_ok",
            "partner_email",
            "partner_id",
            "partner_name",
            "partner_phone",
            "service_kind",
            "state",
            "user_id",
        ],
        "aftersales.equipment": ["company_id", "partner_id", "state"],
        "res.partner": [
            "aftersales_file_ok",
            "commercial_partner_id",
            "phone",
            "street",
            "city",
        ],
        "res.company": ["aftersales_file_days"],
    }

    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket", string="First Ticket", readonly=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Responsible", readonly=True
    )
    contact = fields.Char(string="Customer or Caller", readonly=True)
    date_first = fields.Datetime(string="First Contact", readonly=True)
    no_contact = fields.Boolean(string="Without Contact", readonly=True)
    no_phone = fields.Boolean(string="Without Phone", readonly=True)
    no_address = fields.Boolean(string="Without Address", readonly=True)
    no_unit = fields.Boolean(string="Without Unit", readonly=True)
    missing = fields.Char(string="What Is Missing", compute="_compute_missing")

    @property
    def _table_query(self):
        """One row for each caller without contact and each incomplete contact.

        A contact's company and colleagues are one file: what one of them has, the
        file has.
        """
        return SQL(
            """WITH first_contact AS (
                SELECT ticket.company_id,
                    person.commercial_partner_id AS partner_id,
                    (ARRAY_AGG(ticket.id ORDER BY ticket.date_open, ticket.id))[1]
                        AS ticket_id
                FROM aftersales_ticket AS ticket
                JOIN res_partner AS person ON person.id = ticket.partner_id
                WHERE ticket.active AND ticket.state <> 'cancelled'
                    AND ticket.service_kind <> 'internal'
                GROUP BY ticket.company_id, person.commercial_partner_id
            ), file AS (
                SELECT ticket.id * 2 + 1 AS id, first_contact.company_id,
                    first_contact.partner_id, ticket.id AS ticket_id, ticket.user_id,
                    partner.name AS contact, ticket.date_open AS date_first,
                    FALSE AS no_contact,
                    NOT EXISTS (
                        SELECT FROM res_partner AS member
                        WHERE member.commercial_partner_id = partner.id
                            AND COALESCE(member.phone, '') <> ''
                    ) AS no_phone,
                    NOT EXISTS (
                        SELECT FROM res_partner AS member
                        WHERE member.commercial_partner_id = partner.id
                            AND (COALESCE(member.street, '') <> ''
                                OR COALESCE(member.city, '') <> '')
                    ) AS no_address,
                    NOT EXISTS (
                        SELECT FROM aftersales_equipment AS unit
                        JOIN res_partner AS member ON member.id = unit.partner_id
                        WHERE member.commercial_partner_id = partner.id
                            AND unit.company_id = first_contact.company_id
                    ) AS no_unit
                FROM first_contact
                JOIN aftersales_ticket AS ticket ON ticket.id = first_contact.ticket_id
                JOIN res_partner AS partner ON partner.id = first_contact.partner_id
                WHERE partner.active AND partner.aftersales_file_ok IS NOT TRUE
                UNION ALL
                SELECT ticket.id * 2, ticket.company_id, NULL, ticket.id,
                    ticket.user_id,
                    COALESCE(ticket.partner_name, ticket.partner_phone,
                        ticket.partner_email),
                    ticket.date_open, TRUE,
                    COALESCE(ticket.partner_phone, '') = '', TRUE,
                    ticket.equipment_id IS NULL
                FROM aftersales_ticket AS ticket
                WHERE ticket.active AND ticket.partner_id IS NULL
                    AND ticket.state <> 'cancelled'
                    AND ticket.service_kind <> 'internal'
                    AND ticket.file_ok IS NOT TRUE
            )
            SELECT file.* FROM file
            JOIN res_company AS company ON company.id = file.company_id
            WHERE (file.no_contact OR file.no_phone OR file.no_address OR file.no_unit)
                AND file.date_first <= %s::timestamp
                    - COALESCE(company.aftersales_file_days, 2) * INTERVAL '1 day'""",
            fields.Datetime.now(),
        )

    @api.depends("no_contact", "no_phone", "no_address", "no_unit")
    @api.depends_context("lang")
    def _compute_missing(self):
        for file in self:
            missing = (
                (file.no_contact, self.env._("contact")),
                (file.no_phone, self.env._("phone")),
                (file.no_address and not file.no_contact, self.env._("address")),
                (file.no_unit, self.env._("unit")),
            )
            file.missing = ", ".join(word for lacks, word in missing if lacks)

    def action_open(self):
        """Open where the file is completed: the contact, or the ticket without one."""
        self.ensure_one()
        return self.env["aftersales.equipment"]._get_form_action(
            self.partner_id or self.ticket_id
        )

    def action_complete(self):
        """Take files off the list for which nothing more is expected."""
        self.check_access("read")
        # Whoever keeps the list may say that a file is complete, and nothing else.
        partners_sudo = self.partner_id.sudo()
        partners_sudo.aftersales_file_ok = True
        tickets_sudo = self.filtered("no_contact").ticket_id.sudo()  # likewise
        tickets_sudo.file_ok = True
        return True
