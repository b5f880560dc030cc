import logging

from psycopg2 import IntegrityError, OperationalError

from odoo import api, fields, models

_logger = logging.getLogger(__name__)

# Numbered documents of the department: code, English name, prefix.
SEQUENCES = (
    ("aftersales.equipment", "Service Voucher", "SV"),
    ("aftersales.ticket", "Service Ticket", "ST"),
    ("aftersales.registration", "Unit Registration", "UR"),
    ("aftersales.erasure", "Erasure Request", "ER"),
    ("aftersales.contract", "Service Contract", "SC"),
    ("aftersales.dispatch", "Dispatch Order", "DO"),
    ("aftersales.training", "Training", "TR"),
    ("aftersales.collection", "Receipt of Collected Money", "CR"),
)


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_retention_years = fields.Integer(
        string="After-sales records kept (years)",
        default=3,
        help="How long records of served units and tickets are kept before a request "
        "for erasure may remove the person from them.",
    )
    aftersales_goodwill_limit = fields.Monetary(
        string="Goodwill of a supervisor",
        default=1000,
        help="What a supervisor may give away on one ticket against the rules of the "
        "warranty; more needs the after-sales manager.",
    )
    aftersales_repair_days = fields.Integer(
        string="Guarantee of a repair (days)",
        default=30,
        help="How long a repaired item is guaranteed when the unit has no policy that "
        "says otherwise.",
    )
    aftersales_pricelist_id = fields.Many2one(
        comodel_name="product.pricelist",
        string="Service price list",
        check_company=True,
        help="Prices of labour, parts and travel on tickets; the customer's own list "
        "when empty.",
    )
    aftersales_discount_limit = fields.Float(
        string="Discount of an estimate (%)",
        default=10,
        help="How far an estimate may stay below the service price list; more needs "
        "the general manager.",
    )
    aftersales_general_manager_id = fields.Many2one(
        comodel_name="res.users",
        string="General manager",
        domain="[('share', '=', False), ('company_ids', 'in', id)]",
        help="Who approves estimates far below the price list; the after-sales "
        "managers when empty.",
    )
    aftersales_marked_steps = fields.Json(
        string="First steps marked by hand",
        help="Steps of going live that somebody marked as done or as not needed.",
    )

    _aftersales_retention_positive = models.Constraint(
        "CHECK (aftersales_retention_years >= 0)",
        "Records cannot be kept for a negative number of years.",
    )
    _aftersales_goodwill_positive = models.Constraint(
        "CHECK (COALESCE(aftersales_goodwill_limit, 0) >= 0)",
        "The limit of goodwill cannot be negative.",
    )
    _aftersales_discount_range = models.Constraint(
        "CHECK (COALESCE(aftersales_discount_limit, 0) BETWEEN 0 AND 100)",
        "The discount of an estimate lies between 0 and 100 %.",
    )
    _aftersales_repair_positive = models.Constraint(
        "CHECK (COALESCE(aftersales_repair_days, 0) >= 0)",
        "A guarantee cannot last less than nothing.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._aftersales_create_sequences()
        return companies

    @api.model
    def _aftersales_get_sequences(self):
        """Return code, name and prefix of each numbered document."""
        return SEQUENCES

    def _aftersales_create_sequences(self):
        """Give each company its own numbers; existing sequences stay as they are."""
        # Companies are created by people without rights on sequences.
        Sequence = self.env["ir.sequence"].sudo()
        sequences = self._aftersales_get_sequences()
        codes = [code for code, _name, _prefix in sequences]
        known = {
            (sequence.code, sequence.company_id)
            for sequence in Sequence.search(
                [("code", "in", codes), ("company_id", "in", self.ids)]
            )
        }
        Sequence.create(
            [
                {
                    "name": f"{name} ({company.name})",
                    "code": code,
                    "prefix": f"{prefix}/%(year)s/",
                    "padding": 5,
                    "company_id": company.id,
                }
                for company in self
                for code, name, prefix in sequences
                if (code, company) not in known
            ]
        )

    def _aftersales_mark_step(self, code, mark):
        """Note a step of going live as done, as not needed, or as neither.

        :param str code: code of the step
        :param mark: ``done``, ``skipped`` or None
        """
        for company in self:
            marks = {**(company.aftersales_marked_steps or {}), code: mark}
            if marks.get(code) != (company.aftersales_marked_steps or {}).get(code):
                # Nothing else of the company is written.
                company.sudo().aftersales_marked_steps = marks

    def _aftersales_keep_ahead(self, code, names):
        """Let the next numbers begin after numbers that a file or a person brought.

        :param str code: code of the sequence, e.g. ``aftersales.ticket``
        :param names: numbers given to new documents of this company
        """
        self.ensure_one()
        # Whoever imports documents moves the counter on, never back.
        sequence = self.env["ir.sequence"].sudo().with_company(self)
        sequence = sequence.search(
            [("code", "=", code), ("company_id", "=", self.id)], limit=1
        )
        if sequence and not sequence.use_date_range:
            highest = max(
                (sequence._aftersales_parse(name) for name in names), default=0
            )
            if highest >= sequence._aftersales_upcoming():
                sequence.number_next = highest + 1

    def _aftersales_next_numbers(self, code, count):
        """Return the next ``count`` numbers of one document of this company.

        A company without a sequence of its own gets one.

        :param str code: code of the sequence, e.g. ``aftersales.ticket``
        :param int count: how many numbers to draw
        :return: list of strings
        """
        self.ensure_one()
        # Whoever registers a document draws its number.
        Sequence = self.env["ir.sequence"].sudo().with_company(self)
        sequence = Sequence.search_fetch(
            [("code", "=", code), ("company_id", "in", [self.id, False])],
            order="company_id",
            limit=1,
        )
        if not sequence:
            self._aftersales_create_sequences()
            return self._aftersales_next_numbers(code, count)
        return sequence._aftersales_next_many(count)

    # ------------------------------------------------------------
    # SCHEDULED
    # ------------------------------------------------------------

    @api.model
    def _aftersales_run_each(self, step, label):
        """Take a step of a scheduled action in each company, while there is time.

        What fails in one company is logged and tried again with the next run; the
        others are served all the same.

        :param step: function of a company; safe in two processes at once
        :param str label: what the step makes, for the log
        """
        Cron = self.env["ir.cron"]
        companies = self.search([("active", "=", True)])
        left = Cron._commit_progress(remaining=len(companies))
        for company in companies:
            if not left:
                break
            try:
                step(company)
            except (OperationalError, IntegrityError):
                # Another process is at it.
                self.env.cr.rollback()
                self.env.invalidate_all()
            except Exception:
                self.env.cr.rollback()
                self.env.invalidate_all()
                _logger.exception("No %s of company %s", label, company.id)
            left = Cron._commit_progress(1)
