from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .ir_sequence import MAX_DIGITS


class AftersalesNumbering(models.Model):
    """The numbers of one company's documents, for managers without system rights.

    A window on the sequences of the department and on nothing else: it has no
    table, and what is written goes through the rules below into the sequence.
    """

    _name = "aftersales.numbering"
    _description = "Numbering"
    _auto = False
    _rec_name = "document"
    _order = "company_id, id"
    _depends = {"ir.sequence": ["active", "code", "company_id"]}

    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    setup_id = fields.Many2one(comodel_name="aftersales.setup", readonly=True)
    code = fields.Char(readonly=True)
    document = fields.Char(compute="_compute_document")
    prefix = fields.Char(
        compute="_compute_prefix",
        inverse="_inverse_format",
        help="What stands before the number. %(year)s, %(y)s, %(month)s and %(day)s "
        "stand for the day on which the document is made.",
    )
    padding = fields.Integer(
        string="Digits",
        compute="_compute_padding",
        inverse="_inverse_format",
        help="Shorter numbers are filled up with zeros.",
    )
    number_next = fields.Integer(
        string="Next Number", compute="_compute_number_next", inverse="_inverse_format"
    )
    by_period = fields.Boolean(
        string="Numbered by Period",
        compute="_compute_by_period",
        help="An administrator let the numbers begin anew each period.",
    )
    example = fields.Char(string="Next Document", compute="_compute_example")

    @property
    def _table_query(self):
        return SQL(
            """SELECT id, code, company_id, company_id AS setup_id
            FROM ir_sequence
            WHERE active AND company_id IS NOT NULL AND code IN %s""",
            tuple(
                code
                for code, _name, _prefix in self.env[
                    "res.company"
                ]._aftersales_get_sequences()
            ),
        )

    def _sequence_sudo(self):
        """Return the sequence behind one row."""
        self.ensure_one()
        # Managers of after-sales own the numbers of their documents, no others.
        return self.env["ir.sequence"].sudo().browse(self._origin.id)

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_document(self):
        for numbering in self:
            # The name of the document alone.
            model = self.env["ir.model"].sudo()._get(numbering.code)
            numbering.document = model.name

    # One method for each field: what one method computes is written together.

    @api.depends("code")
    def _compute_prefix(self):
        for numbering in self:
            numbering.prefix = numbering._sequence_sudo().prefix

    @api.depends("code")
    def _compute_padding(self):
        for numbering in self:
            numbering.padding = numbering._sequence_sudo().padding

    @api.depends("code")
    def _compute_by_period(self):
        for numbering in self:
            numbering.by_period = numbering._sequence_sudo().use_date_range

    @api.depends("code")
    def _compute_number_next(self):
        for numbering in self:
            numbering.number_next = numbering._sequence_sudo()._aftersales_upcoming()

    @api.depends("prefix", "padding", "number_next")
    def _compute_example(self):
        for numbering in self:
            sequence = numbering._sequence_sudo()
            shown = sequence.new(
                {
                    "name": sequence.name,
                    "prefix": numbering.prefix,
                    "suffix": sequence.suffix,
                    "padding": max(numbering.padding, 0),
                }
            )
            numbering.example = shown.get_next_char(numbering.number_next or 1)

    def _inverse_format(self):
        """Change the sequence, when no number is given twice.

        :raise UserError: when the number would go back into used ones
        """
        for numbering in self:
            sequence = numbering._sequence_sudo()
            numbering._ensure_format()
            vals = {
                field: numbering[field]
                for field in ("prefix", "padding")
                if (numbering[field] or False) != (sequence[field] or False)
            }
            number_next = numbering.number_next
            moved = (
                not sequence.use_date_range
                and number_next != sequence._aftersales_upcoming()
            )
            if not (vals or moved):
                continue
            sequence.write(vals)
            if not sequence.use_date_range:
                numbering._ensure_not_used(sequence, number_next)
            if moved:
                sequence.number_next = number_next
        self.invalidate_recordset()

    def _ensure_format(self):
        self.ensure_one()
        if not 0 <= self.padding <= MAX_DIGITS:
            raise UserError(
                self.env._(
                    "%(document)s: a number has at most %(count)s digits.",
                    document=self.document,
                    count=MAX_DIGITS,
                )
            )
        if not self.by_period and not 0 < self.number_next < 10**9:
            raise UserError(
                self.env._(
                    "%s: the next number must be 1 or more, and below a thousand million.",
                    self.document,
                )
            )

    def _ensure_not_used(self, sequence, number_next):
        """Numbers go on: none is given to a second document (R66)."""
        highest = sequence._aftersales_highest_used()
        if number_next <= highest:
            raise UserError(
                self.env._(
                    "%(document)s: the number %(used)s is used already. With this prefix "
                    "the next number must be %(free)s or more; a new prefix may begin "
                    "with 1.",
                    document=self.document,
                    used=sequence.get_next_char(highest),
                    free=highest + 1,
                )
            )
