from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


def select_known_mean(model, aggregate_spec, query, known):
    """Return the mean of a field over the rows where something was measured.

    :param model: model that is aggregated
    :param str aggregate_spec: as ``score:avg``
    :param query: query of the aggregation
    :param str known: boolean field that tells whether there is something
    """
    field = aggregate_spec.partition(":")[0]
    return SQL(
        "AVG(%s) FILTER (WHERE %s)",
        model._field_to_sql(model._table, field, query),
        model._field_to_sql(model._table, known, query),
    )


class AftersalesPerformancePartMixin(models.AbstractModel):
    """Figure of a month sheet: measured, never typed, gone with its sheet (R65)."""

    _name = "aftersales.performance.part.mixin"
    _description = "Figure of a Month Sheet"
    _inherit = ["aftersales.fact.mixin"]

    performance_id = fields.Many2one(
        comodel_name="aftersales.performance",
        string="Month Sheet",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="performance_id.company_id", store=True, index=True, precompute=True
    )
    employee_id = fields.Many2one(
        related="performance_id.employee_id", store=True, index=True, precompute=True
    )
    month = fields.Date(related="performance_id.month", store=True, precompute=True)
    month_text = fields.Char(related="performance_id.month_text")

    def _ensure_measured(self):
        """Refuse whatever does not come from measuring the sheet.

        :raise UserError: naming the way out
        """
        if not self._is_by_method():
            raise UserError(
                self.env._(
                    "Figures of a month sheet are measured from the records of the "
                    "month: mend those and recompute the sheet while it is a draft."
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        self._ensure_measured()
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_measured()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_measured(self):
        self._ensure_measured()

    def _open(self, model, ids, title):
        """Return the action that shows records behind a figure.

        :param str model: model of the records
        :param ids: their ids
        :param str title: heading of the list
        """
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", list(ids))],
            "context": {"create": False},
        }
