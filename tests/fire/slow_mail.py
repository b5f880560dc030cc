"""Do what sends mails, with a mail server that takes its time.

Usage: slow_mail.py CONFIGURATION DATABASE PORT

test_locks.py makes the database and the mail server, and judges what arrives there. The last
line printed names what was done.
"""

import json
import sys

from stage import Stage

from odoo import api
from odoo.service.model import retrying

NOW = "2026-06-02 01:00:00"


def make_world(stage, port):
    """A desk, a customer with an address, a registration; return their ids."""
    from odoo.addons.aftersales_service.tests.scene import Scene

    with stage.env() as env:
        Scene(env).keep()
        kept = Scene(env).find()
        company, farmer = kept["company"], kept["farmer"]
        env["ir.mail_server"].search([]).active = False
        env["ir.mail_server"].create(
            {"name": "Slow", "smtp_host": "127.0.0.1", "smtp_port": int(port)}
        )
        env = env(context={**env.context, "allowed_company_ids": company.ids})
        tickets = env["aftersales.ticket"].create(
            [
                {"symptom": "Leaks", "partner_id": farmer.id, "user_id": False}
                for _number in range(3)
            ]
        )
        registration = env["aftersales.registration"].create(
            {"serial": "X-1", "partner_id": farmer.id, "company_id": company.id}
        )
        return {
            "company": company.ids,
            "agent": kept["agent"].id,
            "colleague": kept["supervisor"].id,
            "farmer": farmer.id,
            "tickets": tickets.ids,
            "registration": registration.ids,
        }


def answer(env, ids):
    """Write to the customer from the ticket, and go on with it."""
    ticket = env["aftersales.ticket"].browse(ids["tickets"][0])
    ticket.action_open()
    partner = env["res.partner"].browse(ids["farmer"])
    body = "We come."
    ticket.message_post(
        body=body, partner_ids=partner.ids, subtype_xmlid="mail.mt_comment"
    )


def assign(env, ids):
    """Give a ticket to a colleague, who is told by mail."""
    ticket = env["aftersales.ticket"].browse(ids["tickets"][1])
    ticket.user_id = ids["colleague"]


def refuse(env, ids):
    """Refuse a registration; the customer is told why."""
    env["aftersales.registration"].browse(ids["registration"]).action_refuse("Blurred")


def send_queue(env, _ids):
    """What steps have put into the queue goes out as the scheduled action sends it."""
    env["mail.mail"].sudo().process_email_queue()


def main(configuration, database, port):
    stage = Stage(configuration, database, NOW)
    ids = make_world(stage, port)
    told = []
    for name, act in (
        ("answered", answer),
        ("assigned", assign),
        ("refused", refuse),
        ("queued", send_queue),
    ):
        with stage.registry.cursor() as cr:
            context = {"lang": "en_US", "allowed_company_ids": ids["company"]}
            env = api.Environment(cr, ids["agent"], context)
            retrying(lambda act=act, env=env: act(env, ids), env)
        told.append(name)
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
