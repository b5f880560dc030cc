from odoo import fields, models
from odoo.tools import SQL

from .aftersales_action import KINDS


class AftersalesActionReport(models.Model):
    """Figures of improvement actions, each to be recomputed from rows.

    One row for each action, on the day it is due, and one for each effect check, on its
    day. A rate is the mean of 100 and 0 over the rows it is about, empty on the others:

    * open: actions not done or not checked;
    * on time: done by the day they were due / due until today;
    * effective: checks that showed an effect / checks;
    * recurred: effective checks after which the cause came again / effective checks;
    * days to close: from the decision to the check that closed the action.
    """

    _name = "aftersales.action.report"
    _description = "Figures of Actions"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "action_id"
    _depends = {
        "aftersales.action": [
            "state",
            "kind",
            "date",
            "date_due",
            "date_done",
            "owner_id",
            "cause_id",
            "department_id",
            "product_id",
            "company_id",
        ],
        "aftersales.action.check": [
            "action_id",
            "date",
            "effective",
            "recurrence_date",
        ],
        "res.partner": ["tz"],
    }

    date = fields.Date(string="Due or Checked on", readonly=True)
    action_id = fields.Many2one("aftersales.action", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    kind = fields.Selection(selection=KINDS, readonly=True)
    owner_id = fields.Many2one("res.users", readonly=True)
    cause_id = fields.Many2one("aftersales.cause", readonly=True)
    department_id = fields.Many2one("hr.department", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    open_count = fields.Integer(string="Open Actions", readonly=True)
    due_count = fields.Integer(string="Actions Due", readonly=True)
    on_time_rate = fields.Float(string="On Time (%)", aggregator="avg", readonly=True)
    check_count = fields.Integer(string="Checks", readonly=True)
    effective_rate = fields.Float(
        string="Found Effective", aggregator="avg", readonly=True
    )
    recurrence_rate = fields.Float(
        string="Came Again (%)", aggregator="avg", readonly=True
    )
    close_days = fields.Float(string="Days to Close", aggregator="avg", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT figure.*, action.company_id, action.kind, action.owner_id,
                   action.cause_id, action.department_id, action.product_id
              FROM (%s UNION ALL %s) figure
              JOIN aftersales_action action ON action.id = figure.action_id
            """,
            self._query_actions(),
            self._query_checks(),
        )

    def _query_actions(self):
        """Return the actions that were not cancelled: open or not, done on time or not.

        What is neither done nor due yet has no punctuality.
        """
        return SQL(
            """
            SELECT action.id * 2 AS id, action.id AS action_id,
                   COALESCE(action.date_due, action.date) AS date,
                   (action.state IN ('open', 'done'))::int AS open_count,
                   due.is_due::int AS due_count,
                   CASE WHEN due.is_due THEN COALESCE(
                        action.date_done <= action.date_due, FALSE)::int * 100
                   END::float8 AS on_time_rate,
                   0 AS check_count, NULL::float8 AS effective_rate,
                   NULL::float8 AS recurrence_rate, NULL::float8 AS close_days
              FROM aftersales_action action
              JOIN res_company company ON company.id = action.company_id
              JOIN res_partner home ON home.id = company.partner_id
             CROSS JOIN LATERAL (
                    SELECT action.date_due IS NOT NULL
                       AND (action.date_done IS NOT NULL
                            OR action.date_due < (%(now)s AT TIME ZONE 'UTC'
                               AT TIME ZONE COALESCE(home.tz, 'UTC'))::date)
                        AS is_due) due
             WHERE action.state <> 'cancelled'
            """,
            now=fields.Datetime.now(),
        )

    def _query_checks(self):
        """Return the effect checks of actions that were not cancelled."""
        return SQL(
            """
            SELECT looked.id * 2 + 1, looked.action_id, looked.date, 0, 0, NULL::float8,
                   1, (looked.effective = 'yes')::int * 100::float8,
                   CASE WHEN looked.effective = 'yes' THEN
                        (looked.recurrence_date IS NOT NULL)::int * 100 END::float8,
                   (looked.date - action.date)::float8
              FROM aftersales_action_check looked
              JOIN aftersales_action action ON action.id = looked.action_id
             WHERE action.state <> 'cancelled'
            """
        )
