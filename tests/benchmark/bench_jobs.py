"""The scheduled actions that look at open work, with what is open and what is due to them."""

from dataclasses import dataclass, field

from odoo.fields import Domain

NOW = "(now() AT TIME ZONE 'UTC')"
# Dates and moments of what is not due for weeks, and of what is.
LATER_DAY = "(CURRENT_DATE + 60 + mod(i, 300)::int)"
LATER = f"({NOW} + (1 + mod(i, 300)) * interval '1 day')"
PAST_DAY = "(CURRENT_DATE - 5)"
PAST = f"({NOW} - interval '3 days')"
SOON_DAY = "(CURRENT_DATE + 10)"
NO_CLOCKS = {
    f"{clock}_{part}": "NULL"
    for clock in ("respond", "arrive", "solve")
    for part in ("deadline", "warning")
}
TOKEN = {"access_token": "md5(random()::text)"}


@dataclass(frozen=True)
class Job:
    """One scheduled action over many records.

    :param name: what it is called in the table
    :param model: whose method it is
    :param method: its method
    :param sample: name of the record of :class:`Samples` that is copied
    :param domain: of what is due, given the model of the sample and the company
    :param open: columns of what is open and not due, as SQL over ``i`` and ``batch``
    :param due: columns of what is due
    :param leaves: model of what the job makes for each of them, if anything
    :param parents: ``(name of a sample, its columns)``: each row has one of its own, whose
        id is called ``parent_id``
    :param quick: whether it belongs to the tests of every change
    """

    name: str
    model: str
    method: str
    sample: str
    domain: object
    open: dict
    due: dict
    leaves: str = ""
    parents: tuple = ()
    quick: bool = False
    same: dict = field(default_factory=dict)


def named(prefix):
    return {"name": f"'{prefix}' || batch || '-' || i"}


def endangered(model, company):
    return model._get_endangered_domain(company)


JOBS = (
    Job(
        "tickets escalated",
        "aftersales.ticket",
        "_cron_escalate",
        "ticket",
        lambda model, company: model._get_due_escalation_domain(),
        open={"next_escalation": LATER},
        due={
            "promised_date": f"{NOW} - interval '10 minutes'",
            "next_escalation": f"{NOW} - interval '10 minutes'",
        },
        same={**named("T"), **TOKEN, **NO_CLOCKS, "state": "'open'"},
        leaves="aftersales.escalation.trace",
        quick=True,
    ),
    Job(
        "statutory remedies checked",
        "aftersales.remedy",
        "_cron_propose",
        "ticket",
        lambda model, company: [("remedy_check_date", "<", "now")],
        open={"remedy_check_date": LATER},
        due={"remedy_check_date": PAST},
        same={
            **named("TR"),
            **TOKEN,
            **NO_CLOCKS,
            "state": "'open'",
            "next_escalation": "NULL",
        },
    ),
    Job(
        "warranty ends announced",
        "aftersales.contract",
        "_cron_follow_dates",
        "unit",
        lambda model, company: model._get_ending_domain(company),
        open={"warranty_end": LATER_DAY},
        due={"warranty_end": SOON_DAY},
        same={
            **named("E"),
            **TOKEN,
            "serial": "'E' || batch || '-' || i",
            "public_code": "md5(random()::text)",
            "warranty_reminded_end": "NULL",
            "state": "'active'",
        },
        leaves="mail.activity",
        quick=True,
    ),
    Job(
        "contract ends announced",
        "aftersales.contract",
        "_cron_follow_dates",
        "contract",
        lambda model, company: model._get_ending_domain(company),
        open={"date_end": LATER_DAY},
        due={"date_end": SOON_DAY},
        same={**named("C"), **TOKEN, "state": "'active'", "reminded_end": "NULL"},
    ),
    Job(
        "evaluation cards sent",
        "rating.rating",
        "_cron_send_cards",
        "card",
        lambda model, company: model._get_to_send_domain(),
        open={"aftersales_send_date": LATER},
        due={"aftersales_send_date": PAST},
        same={
            **TOKEN,
            "res_id": "parent_id",
            "aftersales_dispatch_id": "parent_id",
            "aftersales_expire_date": f"{NOW} + interval '2 years'",
        },
        parents=("visit", {**named("D"), **TOKEN, "invoice_settled": "TRUE"}),
        leaves="mail.mail",
        quick=True,
    ),
    Job(
        "evaluation cards reminded",
        "rating.rating",
        "_cron_send_cards",
        "card",
        lambda model, company: model._get_to_remind_domain(),
        open={"aftersales_remind_date": LATER},
        due={"aftersales_remind_date": PAST},
        same={
            **TOKEN,
            "res_id": "parent_id",
            "aftersales_dispatch_id": "parent_id",
            "aftersales_sent_date": PAST,
            "aftersales_expire_date": f"{NOW} + interval '2 years'",
        },
        parents=("visit", {**named("DR"), **TOKEN, "invoice_settled": "TRUE"}),
        leaves="mail.mail",
    ),
    Job(
        "visits left without check-out",
        "aftersales.dispatch",
        "_cron_report_left",
        "visit",
        lambda model, company: model._get_left_domain(company),
        open={"arrive_date": NOW, "finish_date": NOW},
        due={"assign_date": PAST, "arrive_date": PAST, "finish_date": PAST},
        same={
            **named("DL"),
            **TOKEN,
            "state": "'done'",
            "check_out_date": "NULL",
            "left_without_check_out": "FALSE",
            "invoice_settled": "TRUE",
        },
        leaves="mail.activity",
    ),
    Job(
        "visits settled",
        "aftersales.dispatch",
        "_cron_invoice",
        "visit",
        lambda model, company: model._get_unsettled_domain(),
        open={"invoice_settled": "TRUE"},
        due={"invoice_settled": "FALSE"},
        same={
            **named("DS"),
            **TOKEN,
            "state": "'done'",
            "left_without_check_out": "TRUE",
        },
    ),
    Job(
        "loans overdue",
        "aftersales.loan",
        "_cron_remind",
        "loan",
        lambda model, company: model._get_due_domain(company),
        open={"date_due": LATER_DAY},
        due={"date_due": PAST_DAY},
        same={**named("L"), "state": "'out'", "reminded_due": "NULL"},
        leaves="mail.activity",
    ),
    Job(
        "old parts overdue",
        "aftersales.old.part",
        "_cron_remind",
        "old_part",
        lambda model, company: model._get_remind_domain(),
        open={"date_due": LATER_DAY},
        due={"date_due": PAST_DAY},
        same={"state": "'due'", "remind_date": "NULL", "line_id": "parent_id"},
        parents=("line", {}),
        leaves="mail.activity",
    ),
    Job(
        "returns in danger",
        "aftersales.return",
        "_cron_deadlines",
        "return",
        endangered,
        open={"deadline": LATER_DAY},
        due={"deadline": PAST_DAY},
        same={
            **named("R"),
            **TOKEN,
            "state": "'received'",
            "deadline_reported": "NULL",
        },
        leaves="mail.activity",
    ),
    Job(
        "limits of complaints told",
        "aftersales.complaint",
        "_cron_follow",
        "deadline",
        lambda model, company: model._get_due_domain(),
        open={"date_notice": LATER, "date_due": LATER},
        due={"date_notice": PAST, "date_due": PAST},
        same={"complaint_id": "parent_id", "date_done": "NULL"},
        parents=("complaint", {**named("B"), **TOKEN}),
        leaves="aftersales.complaint.notice",
        quick=True,
    ),
    Job(
        "actions overdue",
        "aftersales.action",
        "_cron_remind",
        "action",
        lambda model, company: model._get_reminders(company)[1][0],
        open={"date_due": LATER_DAY},
        due={"date_due": PAST_DAY},
        same={**named("A"), "state": "'open'", "overdue_told": "NULL"},
    ),
    Job(
        "opinions overdue",
        "aftersales.opinion",
        "_cron_follow",
        "opinion",
        lambda model, company: (
            model._get_late_domain()
            & Domain("late_told", "=", False)
            & Domain("callback_id", "=", False)
        ),
        open={"deadline": LATER},
        due={"deadline": PAST},
        same={**named("O"), "state": "'open'", "late_told": "FALSE"},
        leaves="mail.activity",
    ),
    Job(
        "answers of other departments overdue",
        "aftersales.product.feedback",
        "_cron_remind",
        "feedback",
        lambda model, company: (
            model._get_overdue_domain(company) & Domain("overdue_told", "=", False)
        ),
        open={"date_due": LATER_DAY},
        due={"date_due": PAST_DAY},
        same={**named("F"), "state": "'open'", "overdue_told": "FALSE"},
    ),
    Job(
        "claims on suppliers overdue",
        "aftersales.supplier.claim",
        "_cron_remind",
        "claim",
        lambda model, company: (
            model._get_late_domain(company) & Domain("reminded", "=", False)
        ),
        open={"date_due": LATER_DAY},
        due={"date_due": PAST_DAY},
        same={
            **named("S"),
            "state": "'sent'",
            "reminded": "FALSE",
            "mail_due": "NULL",
        },
        leaves="mail.activity",
    ),
)
