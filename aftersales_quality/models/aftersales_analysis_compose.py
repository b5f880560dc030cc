import io

from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import models
from odoo.tools import formatLang

from ..tools.analysis_book import Labels, write
from ..tools.pareto import Case, pareto

# Bars in the mail; all of them are in the workbook.
BARS_IN_MAIL = 10
# Cases read at once for the workbook.
BATCH = 1000
CELL = Markup("<td style='padding:3px 8px;border-bottom:1px solid #ddd;%s'>%s</td>")
HEAD = Markup("<th style='padding:3px 8px;border-bottom:1px solid #888;%s'>%s</th>")
LEFT, RIGHT = "text-align:left", "text-align:right;white-space:nowrap;width:12%"


class AftersalesAnalysis(models.Model):
    """The Paretos of a month as a page and as a workbook, in the reader's language."""

    _inherit = "aftersales.analysis"

    def _get_domain(self):
        self.ensure_one()
        return self._get_cases_domain(
            self.company_id,
            self.month,
            self.month + relativedelta(months=1),
            self.department_id,
        )

    def _get_sections(self, limit=0):
        """Return (title, bars) of each Pareto; one query each.

        :param int limit: bars at most, 0 for all
        """
        self.ensure_one()
        Cases = self.env["aftersales.quality.analysis"]
        sections = []
        for name, title in self._get_dimensions():
            groups = Cases._read_group(
                self._get_domain(), [name], ["__count", "quantity:sum", "cost:sum"]
            )
            cases = [
                Case(self._say_key(name, key), count, quantity or 0.0, cost or 0.0)
                for key, count, quantity, cost in groups
            ]
            sections.append((title, pareto(cases, limit, self.env._("All others"))))
        return sections

    def _say_key(self, name, key):
        """Return the label of a bar."""
        if name == "service_months":
            if key is None or key is False:
                return self.env._("Not known")
            return self.env._("%s months", key)
        # Readers of the analysis read the names in it.
        return key.sudo().display_name or self.env._("Not known")

    # ------------------------------------------------------------
    # PAGE
    # ------------------------------------------------------------

    def _make_body(self):
        """Return figures and Paretos as HTML."""
        self.ensure_one()
        figures = (
            (self.env._("Cases"), self.case_count),
            (self.env._("the month before"), self.previous_count),
            (self.env._("Quantity"), f"{round(self.quantity, 6):g}"),
            (self.env._("Cost"), self._say_money(self.cost)),
        )
        parts = [
            Markup("<p>%s</p>")
            % Markup(", ").join(
                Markup("%s: <b>%s</b>") % (label, figure) for label, figure in figures
            )
        ]
        for title, bars in self._get_sections(BARS_IN_MAIL):
            if any(bar.label != self.env._("Not known") for bar in bars):
                parts.append(self._make_table(title, bars))
        return Markup().join(parts)

    def _make_table(self, title, bars):
        heads = (
            (title, LEFT),
            (self.env._("Cases"), RIGHT),
            (self.env._("Quantity"), RIGHT),
            (self.env._("Cost"), RIGHT),
            (self.env._("Share"), RIGHT),
            (self.env._("Cumulated"), RIGHT),
        )
        rows = [
            (
                (bar.label, LEFT),
                (bar.count, RIGHT),
                (f"{round(bar.quantity, 6):g}", RIGHT),
                (self._say_money(bar.cost), RIGHT),
                (f"{bar.share:.0%}", RIGHT),
                (f"{bar.cumulated:.0%}", RIGHT),
            )
            for bar in bars
        ]
        return Markup(
            "<table style='border-collapse:collapse;width:100%%;margin:12px 0'>"
            "<thead><tr>%s</tr></thead><tbody>%s</tbody></table>"
        ) % (
            Markup().join(HEAD % (style, text) for text, style in heads),
            Markup().join(
                Markup("<tr>%s</tr>")
                % Markup().join(CELL % (style, text) for text, style in row)
                for row in rows
            ),
        )

    def _say_money(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    # ------------------------------------------------------------
    # WORKBOOK
    # ------------------------------------------------------------

    def _make_workbook(self):
        """Return all Paretos and every case as a spreadsheet."""
        self.ensure_one()
        stream = io.BytesIO()
        columns = self._get_columns()
        labels = Labels(
            title=self.display_name,
            cases=self.env._("Cases"),
            count=self.env._("Cases"),
            quantity=self.env._("Quantity"),
            cost=self.env._("Cost"),
            share=self.env._("Share"),
            cumulated=self.env._("Cumulated"),
            heads=[(title, width) for title, width, _value in columns],
        )
        write(stream, self._get_sections(), self._get_rows(columns), labels)
        return stream.getvalue()

    def _get_rows(self, columns):
        """Yield the cases of the workbook, a batch of them in memory at a time."""
        Cases = self.env["aftersales.quality.analysis"]
        ids = Cases.search(self._get_domain(), order="date, id").ids
        for start in range(0, len(ids), BATCH):
            # Readers of the analysis read the names in it.
            cases_sudo = Cases.sudo().browse(ids[start : start + BATCH])
            for case in cases_sudo:
                yield [value(case) for _title, _width, value in columns]
            cases_sudo.invalidate_recordset(flush=False)

    def _get_columns(self):
        """Return (title, width, value of a case) of each column (hook)."""
        model = self.env["aftersales.quality.analysis"]

        def title(name):
            return model._fields[name]._description_string(self.env)

        def label(name):
            words = dict(model._fields[name]._description_selection(self.env))
            return lambda case: words.get(case[name], "")

        return [
            (self.env._("Number"), 16, lambda case: case.document),
            (title("date"), 12, lambda case: case.date),
            (title("source"), 16, label("source")),
            (title("product_id"), 30, lambda case: case.product_id.display_name),
            (title("lot_id"), 20, lambda case: case.lot_id.name),
            (title("supplier_id"), 24, lambda case: case.supplier_id.name),
            (title("cause_id"), 36, lambda case: case.cause_id.display_name),
            (title("department_id"), 20, lambda case: case.department_id.name),
            (title("disposition"), 14, label("disposition")),
            (
                title("service_months"),
                10,
                lambda case: case.service_months if case.is_dated else "",
            ),
            (title("quantity"), 10, lambda case: case.quantity),
            (title("cost"), 12, lambda case: case.cost),
        ]
