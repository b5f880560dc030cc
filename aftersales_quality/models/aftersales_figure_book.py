import logging
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.period import months_of

_logger = logging.getLogger(__name__)

# A transaction may write with a time that lies before its end by as much.
OVERLAP = timedelta(hours=1)
# Months counted before the dashboard opens the first time; older ones by the job.
FIRST_MONTHS = 13


class AftersalesFigureBook(models.Model):
    """Up to when the figures of a company are counted, and what to count again."""

    _name = "aftersales.figure.book"
    _description = "Book of the Figures"
    _rec_name = "company_id"

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    date_seen = fields.Datetime(
        string="Counted until", readonly=True, help="Changes until then are counted."
    )
    date_from = fields.Date(
        string="Counted from", readonly=True, help="The oldest month that is counted."
    )

    _company_unique = models.UniqueIndex(
        "(company_id)", "A company has one book of figures."
    )

    # ------------------------------------------------------------
    # SCHEDULED
    # ------------------------------------------------------------

    @api.model
    def _cron_count(self):
        """Count what changed, then older months that were never counted, then again.

        Last of all the months of the year are counted anew, once a night: what left no
        trace – a row that was deleted – is right the next morning. Safe when run twice
        or by two processes.
        """
        Cron = self.env["ir.cron"]
        companies = self.env["aftersales.team"].search([("active", "=", True)])
        companies = companies.company_id
        left = Cron._commit_progress(remaining=len(companies))
        for company in companies:
            if not left:
                break
            try:
                self._refresh(company)
                left = Cron._commit_progress()
                if left:
                    left = self._count_older(company)
            except Exception:
                # The other companies have their figures all the same.
                self.env.cr.rollback()
                _logger.exception("No figures of company %s", company.id)
            left = Cron._commit_progress(1)

    @api.model
    def _count_older(self, company):
        """Count the months before those in the book, and the last year once again.

        :return: seconds left for the job
        """
        Cron, Figure = self.env["ir.cron"], self.env["aftersales.figure"]
        book = self._get_book(company)
        first = self._get_first_month(company)
        left = True
        while left and book.date_from > first:
            if not (book := book.try_lock_for_update()):
                return left
            month = book.date_from - relativedelta(months=1)
            Figure._count_month(company, month)
            book.date_from = month
            left = Cron._commit_progress()
        this_month = company._aftersales_today().replace(day=1)
        for month in months_of(
            max(book.date_from, this_month - relativedelta(months=FIRST_MONTHS)),
            this_month,
        ):
            if not left:
                break
            if book.try_lock_for_update():
                Figure._count_month(company, month)
            left = Cron._commit_progress()
        return left

    # ------------------------------------------------------------
    # WHAT CHANGED
    # ------------------------------------------------------------

    @api.model
    def _get_book(self, company):
        """Return the book of a company under sudo, made when there is none."""
        # Nobody writes into it but these methods.
        Book = self.sudo()
        book = Book.search([("company_id", "=", company.id)])
        if not book:
            month = company._aftersales_today().replace(day=1)
            # Two may open the dashboard first at the same time. Nothing is counted
            # yet: all months up to the present one are before the book.
            self.env.execute_query(
                SQL(
                    """
                    INSERT INTO aftersales_figure_book (company_id, date_from)
                    VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING id
                    """,
                    company.id,
                    month + relativedelta(months=1),
                )
            )
            book = Book.search([("company_id", "=", company.id)])
        return book

    @api.model
    def _refresh(self, company):
        """Count again the months in which something changed since the last time.

        Whoever comes while another counts goes on with the figures as they are.

        :return: moment up to which the figures are counted
        """
        book = self._get_book(company)
        if not book.try_lock_for_update():
            return book.date_seen
        self.env.flush_all()
        now = fields.Datetime.now()
        this_month = company._aftersales_today().replace(day=1)
        months = self._get_changed_months(company, book.date_seen)
        oldest = max(
            this_month - relativedelta(months=FIRST_MONTHS - 1),
            self._get_first_month(company),
        )
        months |= {
            month for month in months_of(oldest, this_month) if month < book.date_from
        }
        date_from = min(book.date_from, oldest)
        Figure = self.env["aftersales.figure"]
        for month in sorted(months):
            # Older ones are for the job, later ones have no end yet.
            if date_from <= month <= this_month:
                Figure._count_month(company, month)
        book.write({"date_seen": now, "date_from": date_from})
        return now

    @api.model
    def _get_first_month(self, company):
        """Return the month of the oldest ticket, this one when there is none."""
        # Only when it was.
        Ticket = self.env["aftersales.ticket"].sudo().with_context(active_test=False)
        oldest = Ticket.search_fetch(
            [("company_id", "=", company.id)], ["date_open"], order="date_open", limit=1
        )
        return company._aftersales_today(oldest.date_open or None).replace(day=1)

    @api.model
    def _get_changed_months(self, company, seen):
        """Return the months with rows written since a moment.

        Found by the indexes on the moment of the last change: it costs what changed,
        not what exists.
        """
        if not seen:
            return set()
        days = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT date_trunc('month', moment AT TIME ZONE 'UTC'
                                           AT TIME ZONE %(zone)s)::date
                  FROM (%(moments)s) changed WHERE moment IS NOT NULL
                """,
                zone=company.sudo().partner_id.tz or "UTC",  # no secret
                moments=SQL(" UNION ALL ").join(
                    self._get_changes(company, seen - OVERLAP, seen)
                ),
            )
        )
        return {month for (month,) in days}

    @api.model
    def _get_changes(self, company, since, seen):
        """Return queries of moments whose months are to be counted again (hook)."""
        now = fields.Datetime.now()
        window = timedelta(days=company.sudo().aftersales_first_fix_days)  # no secret
        values = {
            "company": company.id,
            "since": since,
            "now": now,
            "window": window,
            "settled": seen - window,
            "unsettled": now - window,
        }
        return [
            SQL(query, **values)  # pylint: disable=sql-injection
            for query in (
                # A ticket: of its call, of its solutions, and when it was reopened of
                # all months since, as solutions that no longer count leave no date.
                """SELECT day.moment FROM aftersales_ticket t
                     CROSS JOIN LATERAL (
                         VALUES (t.date_open), (t.solve_date), (t.done_date)
                     ) day (moment)
                    WHERE t.company_id = %(company)s AND t.write_date >= %(since)s""",
                """SELECT day.moment FROM aftersales_ticket t
                     CROSS JOIN LATERAL generate_series(
                         t.date_open, %(now)s, interval '20 days') day (moment)
                    WHERE t.company_id = %(company)s AND t.write_date >= %(since)s
                      AND t.reopen_count > 0""",
                # Visits of a changed ticket, and those it shows not to have helped.
                """SELECT COALESCE(d.finish_date, d.arrive_date, d.date_start)
                     FROM aftersales_ticket t
                     JOIN aftersales_dispatch d
                       ON d.ticket_id = t.id OR d.ticket_id = t.repeat_of_id
                    WHERE t.company_id = %(company)s AND t.write_date >= %(since)s""",
                """SELECT COALESCE(d.finish_date, d.arrive_date, d.date_start)
                     FROM aftersales_ticket t
                     JOIN aftersales_ticket e ON e.equipment_id = t.equipment_id
                     JOIN aftersales_dispatch d ON d.ticket_id = e.id
                      AND COALESCE(d.finish_date, d.arrive_date, d.date_start)
                          BETWEEN t.date_open - %(window)s AND t.date_open
                    WHERE t.company_id = %(company)s AND t.write_date >= %(since)s""",
                """SELECT COALESCE(d.finish_date, d.arrive_date, d.date_start)
                     FROM aftersales_dispatch d
                    WHERE d.company_id = %(company)s AND d.write_date >= %(since)s""",
                # Visits whose days to look back ended meanwhile.
                """SELECT COALESCE(finish_date, arrive_date, date_start)
                     FROM aftersales_dispatch
                    WHERE state IN ('on_site', 'done', 'failed')
                      AND company_id = %(company)s
                      AND COALESCE(finish_date, arrive_date, date_start)
                          BETWEEN %(settled)s AND %(unsettled)s""",
                """SELECT day.moment FROM rating_rating r
                     CROSS JOIN LATERAL (
                         VALUES (r.rated_on), (r.aftersales_send_date)
                     ) day (moment)
                    WHERE r.res_model = 'aftersales.dispatch'
                      AND r.aftersales_company_id = %(company)s
                      AND r.write_date >= %(since)s""",
                """SELECT l.date_done FROM aftersales_ticket_line l
                    WHERE l.company_id = %(company)s AND l.write_date >= %(since)s""",
                """SELECT c.date FROM aftersales_complaint c
                    WHERE c.company_id = %(company)s AND c.write_date >= %(since)s""",
                """SELECT e.delivery_date::timestamp + interval '12 hours'
                     FROM aftersales_equipment e
                    WHERE e.company_id = %(company)s AND e.write_date >= %(since)s""",
                # Goods are moved on the day they are booked.
                """SELECT m.date FROM stock_move m
                    WHERE m.company_id = %(company)s AND m.date >= %(since)s
                      AND m.date <= %(now)s AND m.state = 'done'""",
            )
        ]
