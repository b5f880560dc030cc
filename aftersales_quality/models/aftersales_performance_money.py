from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL


class AftersalesPerformanceMeasure(models.AbstractModel):
    """What customers paid in a month for what was sold on visits (R65)."""

    _inherit = "aftersales.performance.measure"

    @api.model
    def _get_commissions(self, span, employees):
        """Return ``{employee id: {rule id: (sold lines, base)}}`` of the month."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT employee_id, rule_id, COUNT(DISTINCT id), SUM(base) "
                "FROM (%s) row GROUP BY employee_id, rule_id",
                self._query_commissions(span, employees),
            )
        )
        commissions = defaultdict(dict)
        for employee_id, rule_id, count, base in rows:
            commissions[employee_id][rule_id] = (count, float(base or 0.0))
        return commissions

    @api.model
    def _find_sold_lines(self, span, employees, rule):
        """Return the ids of the ticket lines that a commission counts."""
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT id FROM (%s) row WHERE rule_id = %s",
                self._query_commissions(span, employees),
                rule.id,
            )
        )
        return [row[0] for row in rows]

    @api.model
    def _query_commissions(self, span, employees):
        """Return what was sold by technicians and paid for in the month.

        Money and the share of an invoice it paid decide: half a payment is half a
        commission, and what is paid back with a credit note is taken off. A part sold
        below its cost takes nothing from the technician.
        """
        return SQL(
            """
            SELECT seller.employee_id, work.id, rule.id AS rule_id,
                   paid.share * CASE WHEN rule.basis = 'cash' THEN -item.balance
                       ELSE SIGN(-item.balance) * GREATEST(
                           ABS(item.balance)
                           - COALESCE(work.cost_unit, 0) * ABS(item.quantity), 0)
                       END AS base
              FROM (%(paid)s) paid
              JOIN account_move_line item ON item.move_id = paid.move_id
                                         AND item.display_type = 'product'
              JOIN sale_order_line_invoice_rel link ON link.invoice_line_id = item.id
              JOIN sale_order_line offer ON offer.id = link.order_line_id
              JOIN aftersales_ticket_line work
                ON work.id = offer.aftersales_ticket_line_id
              LEFT JOIN aftersales_dispatch visit ON visit.id = work.dispatch_id
              CROSS JOIN LATERAL (
                    SELECT COALESCE(visit.technician_id, work.employee_id)
                           AS employee_id) seller
              JOIN product_product product ON product.id = item.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
              LEFT JOIN product_category category ON category.id = template.categ_id
              JOIN LATERAL (
                    SELECT rule.id, rule.basis
                      FROM aftersales_performance_commission rule
                      LEFT JOIN product_category scope ON scope.id = rule.categ_id
                     WHERE rule.active
                       AND (rule.company_id IS NULL OR rule.company_id = %(company)s)
                       AND CASE WHEN scope.id IS NULL THEN work.kind = 'part'
                           ELSE STARTS_WITH(category.parent_path, scope.parent_path)
                           END
                     ORDER BY LENGTH(scope.parent_path) DESC NULLS LAST,
                              rule.company_id NULLS LAST, rule.id
                     LIMIT 1) rule ON TRUE
             WHERE work.company_id = %(company)s
               AND seller.employee_id IN %(people)s
            """,
            paid=self._query_paid(span),
            **self._get_terms(span, employees),
        )

    @api.model
    def _query_paid(self, span):
        """Return which share of customer invoices was paid in the month.

        A credit note set off against its own invoice is no money, on either side.
        Payments without an entry of their own count on their day, for all invoices
        that they were made for.
        """
        return SQL(
            """
            WITH entry AS (
                SELECT own.move_id, other.move_id AS other_id,
                       part.debit_amount_currency AS amount
                  FROM account_partial_reconcile part
                  JOIN account_move_line own ON own.id = part.debit_move_id
                  JOIN account_move_line other ON other.id = part.credit_move_id
                 WHERE part.company_id = %(company)s
                   AND part.max_date >= %(first)s AND part.max_date < %(last)s
                 UNION ALL
                SELECT own.move_id, other.move_id, part.credit_amount_currency
                  FROM account_partial_reconcile part
                  JOIN account_move_line own ON own.id = part.credit_move_id
                  JOIN account_move_line other ON other.id = part.debit_move_id
                 WHERE part.company_id = %(company)s
                   AND part.max_date >= %(first)s AND part.max_date < %(last)s
            ), direct AS (
                SELECT link.invoice_id, payment.id, payment.date, payment.amount
                  FROM account_payment payment
                  JOIN account_move__account_payment link
                    ON link.payment_id = payment.id
                 WHERE payment.move_id IS NULL
                   AND payment.company_id = %(company)s
                   AND payment.state IN ('in_process', 'paid')
            )
            SELECT move.id AS move_id,
                   LEAST(SUM(entry.amount) / NULLIF(ABS(move.amount_total), 0), 1)
                       AS share
              FROM entry
              JOIN account_move move ON move.id = entry.move_id
              JOIN account_move other ON other.id = entry.other_id
             WHERE move.state = 'posted'
               AND (move.move_type IN ('out_invoice', 'out_receipt')
                    AND other.reversed_entry_id IS DISTINCT FROM move.id
                 OR move.move_type = 'out_refund'
                    AND move.reversed_entry_id IS DISTINCT FROM other.id)
               AND NOT EXISTS (SELECT FROM direct WHERE direct.invoice_id = move.id)
             GROUP BY move.id
             UNION ALL
            SELECT move.id,
                   LEAST(SUM(direct.amount / NULLIF(whole.total, 0)), 1)
              FROM direct
              JOIN account_move move ON move.id = direct.invoice_id
              CROSS JOIN LATERAL (
                    SELECT SUM(ABS(paid.amount_total)) AS total
                      FROM direct same
                      JOIN account_move paid ON paid.id = same.invoice_id
                     WHERE same.id = direct.id) whole
             WHERE move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
               AND direct.date >= %(first)s AND direct.date < %(last)s
             GROUP BY move.id
            """,
            company=span.company.id,
            first=span.first,
            last=span.end,
        )
