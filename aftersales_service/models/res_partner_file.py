import tempfile
import zipfile

import xlsxwriter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, html2plaintext
from odoo.tools.misc import split_every

# Rows read at once: the file of a customer of many years fits into memory, whatever
# its size.
CHUNK = 500


class ResPartner(models.Model):
    """The whole after-sales file of a person, and the request to erase it."""

    _inherit = "res.partner"

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_aftersales_file(self):
        """Download all that after-sales knows about a contact (right of access).

        :raise UserError: for others than managers of after-sales
        """
        self.ensure_one()
        self._ensure_aftersales_manager()
        return {
            "type": "ir.actions.act_url",
            "url": f"/aftersales/partner_file/{self.id}",
            "target": "download",
        }

    def action_aftersales_erase(self):
        """Open the erasure request of a contact, a new one when none is to decide.

        :raise UserError: for others than managers of after-sales
        """
        self.ensure_one()
        self._ensure_aftersales_manager()
        Erasure = self.env["aftersales.erasure"]
        erasure = Erasure.search(
            [
                ("partner_id", "=", self.id),
                ("company_id", "=", self.env.company.id),
                ("state", "=", "draft"),
            ],
            limit=1,
        )
        if erasure:
            erasure.action_look_up()
        else:
            erasure = Erasure.create({"partner_id": self.id})
        return self.env["aftersales.equipment"]._get_form_action(erasure)

    def _ensure_aftersales_manager(self):
        group = "aftersales_service.aftersales_service_group_manager"
        if not (self.env.su or self.env.user.has_group(group)):
            raise UserError(
                self.env._(
                    "Only a manager of after-sales may take out a person's file."
                )
            )

    # ------------------------------------------------------------
    # WHO AND WHERE
    # ------------------------------------------------------------

    def _aftersales_persons(self):
        """Return the contact with everybody below it, archived ones included."""
        persons = self.with_context(active_test=False)
        return persons.search([("id", "child_of", self.ids)]).with_context(
            active_test=True
        )

    @api.model
    def _get_aftersales_person_models(self):
        """Return the models with records about persons (hook of the upper floors)."""
        return [
            "aftersales.equipment",
            "aftersales.ticket",
            "aftersales.registration",
            "aftersales.contract",
            "aftersales.missed.call",
        ]

    @api.model
    def _get_aftersales_file_extras(self, persons, found):
        """Return further records for the file, by model (hook of the upper floors).

        They say nothing about the person themselves, so nothing is erased of them.

        :param found: records of :meth:`_get_aftersales_person_models`
        """
        return []

    @api.model
    def _get_aftersales_file_columns(self, records):
        """Return the columns of records in the file (hook of the upper floors)."""
        return records._get_person_columns()

    # ------------------------------------------------------------
    # FILE
    # ------------------------------------------------------------

    def _aftersales_make_file(self):
        """Write the file of a contact: a workbook, and the files of its records.

        What the user may read of his companies goes in, read in small portions.

        :return: open temporary file of a .zip, at its beginning
        """
        self.ensure_one()
        self._ensure_aftersales_manager()
        self.check_access("read")
        persons = self._aftersales_persons()
        found = []
        for model in self._get_aftersales_person_models():
            Model = self.env[model].with_context(active_test=False)
            found.append(Model.search(Model._get_person_domain(persons), order="id"))
        found += self._get_aftersales_file_extras(persons, found)
        # Closed by whoever sends it.
        target = tempfile.TemporaryFile()  # noqa: SIM115
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            with tempfile.NamedTemporaryFile(suffix=".xlsx") as workbook:
                paths = self._aftersales_write_workbook(workbook.name, persons, found)
                archive.write(workbook.name, self.env._("After-sales file") + ".xlsx")
            for attachment, path in paths:
                attachment._aftersales_copy_into(archive, path)
        target.seek(0)
        return target

    def _aftersales_write_workbook(self, path, persons, found):
        options = {"constant_memory": True, "strings_to_formulas": False}
        with xlsxwriter.Workbook(path, options) as book:
            persons._aftersales_write_sheet(
                book,
                self.env._("Contacts"),
                ["name", "type", "email", "phone", "contact_address", "vat", "ref"],
            )
            for records in found:
                # The name of the document alone.
                name = self.env["ir.model"].sudo()._get(records._name).name
                columns = self._get_aftersales_file_columns(records)
                self.browse()._aftersales_write_sheet(book, name, columns, records)
            self._aftersales_write_messages(book, found)
            return self._aftersales_write_attachments(book, found)

    def _aftersales_write_sheet(self, book, name, columns, records=None):
        """Write one sheet with a title row and a row for each record."""
        records = self if records is None else records
        titles = records.fields_get(columns, ["string"])
        sheet = self._aftersales_add_sheet(
            book, name, [titles[column]["string"] for column in columns]
        )
        row = 1
        for ids in split_every(CHUNK, records.ids):
            for record in records.browse(ids):
                for index, column in enumerate(columns):
                    text = self._aftersales_to_text(record, column)
                    sheet.write_string(row, index, text)
                row += 1
            # What is written is not needed again.
            self.env.invalidate_all()

    @api.model
    def _aftersales_add_sheet(self, book, name, titles):
        sheet = book.add_worksheet(name[:31])
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(titles) - 1, 22)
        bold = book.add_format({"bold": True, "bottom": 1})
        for index, title in enumerate(titles):
            sheet.write_string(0, index, title, bold)
        return sheet

    @api.model
    def _aftersales_to_text(self, record, name):
        """Return a value as a person reads it."""
        field, value = record._fields[name], record[name]
        if value is False or value is None:
            return ""
        if field.type == "selection":
            labels = dict(field._description_selection(self.env))
            return labels.get(value, value)
        if field.type == "html":
            return html2plaintext(value)
        if field.type == "many2one":
            return value.display_name or ""
        if field.type == "date":
            return format_date(self.env, value)
        if field.type == "datetime":
            local = fields.Datetime.context_timestamp(record, value)
            return local.strftime("%Y-%m-%d %H:%M")
        return str(value)

    @api.model
    def _aftersales_get_names(self, records):
        """Return ``{id: name}``, and read nothing else of all these records."""
        records.fetch(["name"])
        return {record.id: record.name for record in records}

    @api.model
    def _aftersales_write_messages(self, book, found):
        """Write what was said, oldest first; notes of our own people are marked."""
        sheet = self._aftersales_add_sheet(
            book,
            self.env._("Messages"),
            [
                self.env._("Record"),
                self.env._("Date"),
                self.env._("From"),
                self.env._("Kind"),
                self.env._("Subject"),
                self.env._("Text"),
            ],
        )
        row = 1
        for records in found:
            names = self._aftersales_get_names(records)
            for ids in split_every(CHUNK, records.ids):
                messages = self.env["mail.message"].search(
                    [("model", "=", records._name), ("res_id", "in", ids)],
                    order="res_id, date, id",
                )
                for message in messages:
                    text = html2plaintext(message.body or "")
                    if not text:
                        continue
                    values = (
                        names[message.res_id],
                        self._aftersales_to_text(message, "date"),
                        message.author_id.name or message.email_from or "",
                        self.env._("Internal note")
                        if message.is_internal
                        else self._aftersales_to_text(message, "message_type"),
                        message.subject or "",
                        text,
                    )
                    for index, value in enumerate(values):
                        # More does not fit into a cell.
                        sheet.write_string(row, index, value[:32767])
                    row += 1
                messages.invalidate_recordset()

    @api.model
    def _aftersales_write_attachments(self, book, found):
        """Write the list of files and return them with their paths in the archive."""
        sheet = self._aftersales_add_sheet(
            book,
            self.env._("Files"),
            [
                self.env._("Record"),
                self.env._("Name"),
                self.env._("Size (bytes)"),
                self.env._("Date"),
                self.env._("In This Archive"),
            ],
        )
        paths, row = [], 1
        for records in found:
            names = self._aftersales_get_names(records)
            attachments = self.env["ir.attachment"].search(
                [("res_model", "=", records._name), ("res_id", "in", records.ids)],
                order="res_id, id",
            )
            for attachment in attachments:
                path = attachment._aftersales_path(names[attachment.res_id])
                if path:
                    paths.append((attachment, path))
                values = (
                    names[attachment.res_id],
                    attachment.name or "",
                    str(attachment.file_size),
                    self._aftersales_to_text(attachment, "create_date"),
                    path or attachment.url or "",
                )
                for index, value in enumerate(values):
                    sheet.write_string(row, index, value)
                row += 1
        return paths
