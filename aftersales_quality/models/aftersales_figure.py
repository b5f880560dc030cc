from odoo import api, fields, models
from odoo.tools import SQL


class AftersalesFigure(models.Model):
    """One measure of one team and month, counted from its records.

    Nothing is typed here and nothing is true here alone: each row is counted again
    from tickets, visits, cards, complaints and costs when those change. It lets the
    dashboard open at once, however many tickets there are.
    """

    _name = "aftersales.figure"
    _description = "Figure of a Month"
    _order = "month desc, measure, id"
    _rec_name = "measure"

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    month = fields.Date(
        required=True, readonly=True, help="First day of the month it is about."
    )
    measure = fields.Selection(
        selection="_selection_measure", required=True, readonly=True
    )
    team_id = fields.Many2one(
        comodel_name="aftersales.team",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    supplier_id = fields.Many2one(
        comodel_name="res.partner",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    numerator = fields.Float(
        readonly=True, help="What is counted, in the words of the measure."
    )
    denominator = fields.Float(readonly=True, help="Out of how many.")

    _unique_figure = models.UniqueIndex(
        "(company_id, month, measure, COALESCE(team_id, 0), COALESCE(product_id, 0), "
        "COALESCE(supplier_id, 0))",
        "There is one figure of a measure for each month and team.",
    )

    @api.model
    def _selection_measure(self):
        Measures = self.env["aftersales.measure"]
        return [(name, Measures._get_title(name)) for name in Measures._get_names()]

    @api.model
    def _count_month(self, company, month):
        """Count the figures of a month again; what is right already is not touched.

        :param date month: its first day
        """
        # Compiling the query of visits takes longer than running it for a month.
        self.env.cr.execute("SET LOCAL jit = off")
        # Counted for the whole company, whoever looks at it.
        figures_sudo = self.sudo().with_company(company)
        found = {
            (row.measure, row.team_id.id, row.product_id.id, row.supplier_id.id): row
            for row in figures_sudo.search(
                [("company_id", "=", company.id), ("month", "=", month)]
            )
        }
        Measures = self.env["aftersales.measure"]
        vals_list = []
        for key, (numerator, denominator) in Measures._count_month(
            company, month
        ).items():
            row = found.pop(key, None)
            if row is None:
                measure, team_id, product_id, supplier_id = key
                vals_list.append(
                    {
                        "company_id": company.id,
                        "month": month,
                        "measure": measure,
                        "team_id": team_id,
                        "product_id": product_id,
                        "supplier_id": supplier_id,
                        "numerator": numerator,
                        "denominator": denominator,
                    }
                )
            elif (row.numerator, row.denominator) != (numerator, denominator):
                row.write({"numerator": numerator, "denominator": denominator})
        figures_sudo.browse([row.id for row in found.values()]).unlink()
        figures_sudo.create(vals_list)

    @api.model
    def _sum(self, company, months, team=None):
        """Return ``{(measure, month): (numerator, denominator)}`` of some months.

        :param months: first days of months
        :param team: one team, all when empty
        """
        if not months:
            return {}
        self.flush_model()
        # Nobody reads one figure that he may not read all of: see the dashboard.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT measure, month, SUM(numerator), SUM(denominator)
                  FROM aftersales_figure
                 WHERE company_id = %s AND month IN %s AND %s
                 GROUP BY measure, month
                """,
                company.id,
                tuple(months),
                SQL("team_id = %s", team.id) if team else SQL("TRUE"),
            )
        )
        return {(measure, month): (up, down) for measure, month, up, down in rows}

    @api.model
    def _split(self, company, months, measure, field, team=None, limit=10):
        """Return ``[(id, numerator)]`` of the dearest products or suppliers.

        :param str field: product_id or supplier_id
        """
        if not months:
            return []
        self.flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT %(field)s, SUM(numerator) AS amount
                  FROM aftersales_figure
                 WHERE company_id = %(company)s AND month IN %(months)s
                   AND measure = %(measure)s AND %(team)s
                 GROUP BY %(field)s
                HAVING SUM(numerator) <> 0
                 ORDER BY amount DESC, %(field)s
                 LIMIT %(limit)s
                """,
                field=SQL.identifier(field),
                company=company.id,
                months=tuple(months),
                measure=measure,
                team=SQL("team_id = %s", team.id) if team else SQL("TRUE"),
                limit=limit,
            )
        )
