import io

import xlsxwriter

from odoo import api, models
from odoo.exceptions import UserError


class AftersalesImportMixin(models.AbstractModel):
    """Documents that come in by file when a company goes live.

    Odoo's own import does the work, its test run included; this adds a template in
    the words of the user, and messages that name the row.
    """

    _name = "aftersales.import.mixin"
    _description = "Import of After-sales Documents"

    @api.model
    def _get_import_columns(self):
        """Return the columns of the template, in order (hook).

        :return: list of ``(field, needed, example, explanation)``
        """
        return []

    @api.model
    def _get_import_keys(self):
        """Return tuples of fields that no two rows of a file may share (hook)."""
        return [("name",)]

    # ------------------------------------------------------------
    # LOAD
    # ------------------------------------------------------------

    @api.model
    def load(self, fields, data):
        """Load rows of a file; all of them, or none with the reasons by row."""
        if messages := self._find_repeated_rows(fields, data):
            return {"ids": False, "messages": messages, "nextrow": 0}
        result = super().load(fields, data)
        result["messages"] = [
            message
            for message in result["messages"]
            if not self._is_said_already(message, fields, data)
        ]
        return result

    @api.model
    def _is_said_already(self, message, fields, data):
        """Tell whether a row seems to lack what it has, only not recognised.

        That it was not recognised is another message of the same row.
        """
        columns = {
            self._get_missing_text(column[0]): column[0]
            for column in self._get_import_columns()
            if column[1]
        }
        name = columns.get(message["message"])
        if name is None or name not in fields or "rows" not in message:
            return False
        return bool(data[message["rows"]["from"]][fields.index(name)])

    @api.model
    def _get_missing_text(self, name):
        label = self._fields[name]._description_string(self.env)
        return self.env._("The column %s must be filled in.", label)

    @api.model
    def _find_repeated_rows(self, fields, data):
        messages = []
        for key in self._get_import_keys():
            columns = [
                fields.index(name)
                for name in fields
                if name.split("/")[0].split(".")[0] in key
            ]
            if not columns or key[0] not in fields:
                continue
            label = self._fields[key[0]]._description_string(self.env)
            first_seen = {}
            for row, values in enumerate(data):
                value = values[fields.index(key[0])]
                if not value:
                    continue
                seen = tuple(str(values[column]).strip() for column in columns)
                first = first_seen.setdefault(seen, row)
                if first != row:
                    messages.append(
                        {
                            "type": "error",
                            "rows": {"from": row, "to": row},
                            "record": row,
                            "field": key[0],
                            "field_name": label,
                            "message": self.env._(
                                "%(column)s %(value)s is in row %(first)s of the file "
                                "already; this is row %(row)s.",
                                column=label,
                                value=str(value).strip(),
                                # As a person counts, below the row of titles.
                                first=first + 2,
                                row=row + 2,
                            ),
                        }
                    )
        return messages

    def _load_records_create(self, vals_list):
        """Leave out empty cells, so that defaults and what follows from others apply.

        :raise UserError: when a column that must be filled is empty
        """
        vals_list = [
            {
                field: value
                for field, value in vals.items()
                if value is not False and value is not None and value != ""
            }
            for vals in vals_list
        ]
        needed = [column[0] for column in self._get_import_columns() if column[1]]
        for name in needed:
            if any(name not in vals for vals in vals_list):
                raise UserError(self._get_missing_text(name))
        return super()._load_records_create(vals_list)

    # ------------------------------------------------------------
    # TEMPLATE
    # ------------------------------------------------------------

    @api.model
    def _make_import_template(self):
        """Return a workbook with the titles that the import recognises.

        :return: content of an .xlsx file
        """
        columns = self._get_import_columns()
        described = self.fields_get(
            [column[0] for column in columns], ["string", "type", "selection"]
        )
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
            self._write_rows_sheet(book, columns, described)
            self._write_help_sheet(book, columns, described)
        return stream.getvalue()

    @api.model
    def _write_rows_sheet(self, book, columns, described):
        sheet = book.add_worksheet(self._get_sheet_name(self.env._("Rows")))
        title = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E7E2F0"})
        # Text keeps the zeros at the head of numbers.
        text = book.add_format({"num_format": "@"})
        formats = {
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "datetime": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            "float": book.add_format({"num_format": "General"}),
        }
        sheet.freeze_panes(1, 0)
        for index, (name, needed, example, _help) in enumerate(columns):
            field = described[name]
            kind = formats.get(field["type"], text)
            width = max(14, len(field["string"]) + 4, len(str(example)) + 2)
            sheet.set_column(index, index, min(width, 40), kind)
            sheet.write_string(0, index, field["string"], title)
            if field["type"] in ("date", "datetime"):
                sheet.write_datetime(1, index, example, kind)
            elif field["type"] == "float":
                sheet.write_number(1, index, example, kind)
            else:
                sheet.write_string(1, index, example, kind)
            if field["type"] == "selection":
                sheet.data_validation(
                    *(1, index, 5000, index),
                    {
                        "validate": "list",
                        "source": self._get_choices(name, field),
                        "ignore_blank": not needed,
                    },
                )

    @api.model
    def _write_help_sheet(self, book, columns, described):
        sheet = book.add_worksheet(self._get_sheet_name(self.env._("Columns")))
        title = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E7E2F0"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet.set_column(0, 0, 26, wrapped)
        sheet.set_column(1, 1, 12, wrapped)
        sheet.set_column(2, 3, 60, wrapped)
        titles = (
            self.env._("Column"),
            self.env._("Needed"),
            self.env._("What to Write"),
            self.env._("Choices"),
        )
        for index, text in enumerate(titles):
            sheet.write_string(0, index, text, title)
        for row, (name, needed, _example, text) in enumerate(columns, 1):
            field = described[name]
            sheet.write_string(row, 0, field["string"])
            sheet.write_string(
                row, 1, self.env._("yes") if needed else self.env._("no")
            )
            sheet.write_string(row, 2, text)
            if field["type"] == "selection":
                sheet.write_string(row, 3, "\n".join(self._get_choices(name, field)))
        sheet.write_string(
            len(columns) + 2,
            0,
            self.env._(
                "Replace the example in row 2. Choose Test in the import screen first: it "
                "reads everything and writes nothing. A file with an error in one row is "
                "not imported at all."
            ),
            book.add_format(),
        )

    @api.model
    def _get_choices(self, name, field):
        """Return the labels that may be written for a selection (hook)."""
        return [label for _value, label in field["selection"]]

    @api.model
    def _get_sheet_name(self, text):
        # Excel refuses longer names.
        return text[:31]
