"""Two customers with one of everything, each record marked with the name of its owner.

A mark is a word that appears nowhere else: whoever reads an answer to somebody else and
finds it there has found a leak.
"""

import io
import logging
import zipfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from odoo import Command, fields
from odoo.tools import SQL

from odoo.addons.aftersales_quality.tests.complaint_common import ComplaintCommon
from odoo.addons.aftersales_service.tests.dispatch_common import DispatchCommon
from odoo.addons.aftersales_service.tests.portal_common import PNG, PortalCommon

OWN, FOREIGN, INTERNAL = "OWNMARKQX", "FOREIGNMARKQX", "INTERNALMARKQX"
# What a visitor may change without being let in: the counters that keep him out, and
# what Odoo keeps of a session.
COUNTERS = {"aftersales_attempt"}
# Where Odoo logs what a visitor did wrong.
EXPECTED_LOGGERS = ("odoo.http", "odoo.sql_db", "odoo.addons.http_routing", "werkzeug")
# Documents of the host beside our own tables.
HOST_TABLES = (
    *("ir_attachment", "mail_message", "mail_followers", "mail_mail", "rating_rating"),
    *("sale_order", "sale_order_line", "stock_picking", "stock_move", "stock_lot"),
    *("account_move", "res_partner", "res_users", "hr_employee", "product_template"),
)


@dataclass
class Customer:
    """One of everything of one customer."""

    mark: str
    unit: object
    ticket: object
    visit: object
    card: object
    complaint: object
    rma: object
    estimate: object
    attachment: object

    def records(self):
        return {
            "unit_id": self.unit,
            "ticket_id": self.ticket,
            "visit_id": self.visit,
            "complaint_id": self.complaint,
            "return_id": self.rma,
            "order_id": self.estimate,
        }


class LogCollector(logging.Handler):
    """Records that tell of something nobody thought of."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.found = []

    def emit(self, record):
        if record.levelno >= logging.ERROR or record.exc_info:
            text = self.format(record).strip().splitlines()
            self.found.append(f"{record.name}: {text[0]} … {text[-1]}")


class RouteWorld(DispatchCommon, ComplaintCommon, PortalCommon):
    """What every proof about doors starts from."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.team.write(
            {
                "supervisor_id": cls.supervisor.id,
                "member_ids": [Command.link(cls.technician.id)],
            }
        )
        # The builders of the add-ons' tests are written for instances.
        cls.make = cls()
        cls.make._stock(cls.oil, 100)
        cls.mine = cls._create_customer(OWN, cls.farmer)
        cls.theirs = cls._create_customer(FOREIGN, cls.other_farmer)
        cls.secret = cls._create_secret()
        cls.env.flush_all()

    # ------------------------------------------------------------
    # BUILDERS
    # ------------------------------------------------------------

    @classmethod
    def _create_customer(cls, mark, partner):
        make = cls.make
        unit = make._sold_unit(f"{mark}-1", partner=partner)
        ticket = make._ticket(
            symptom=f"{mark} symptom",
            partner_id=partner.id,
            equipment_id=unit.id,
            service_mode="onsite",
            company_id=cls.company.id,
        )
        visit = cls._create_visit(ticket)
        visit._step({"state": "assigned", "assign_date": fields.Datetime.now()})
        done = cls._create_visit(ticket)
        moment = fields.Datetime.now()
        done._step(
            {
                "state": "done",
                "assign_date": moment,
                "arrive_date": moment,
                "finish_date": moment,
            }
        )
        done._create_cards()
        order = make._sell((cls.oil, 3), partner=partner)
        make._deliver(order)
        rma = make._rma(
            (order.picking_ids.move_ids, 1, {"note": f"{mark} leaks"}),
            company_id=cls.company.id,
        )
        return Customer(
            mark=mark,
            unit=unit,
            ticket=ticket,
            visit=visit,
            card=done.sudo().card_ids,
            complaint=make._complain(
                partner_id=partner.id,
                description=f"{mark} complaint",
                equipment_id=unit.id,
            ),
            rma=rma,
            estimate=cls._create_estimate(mark, partner, ticket),
            attachment=cls._attach(ticket, mark),
        )

    @classmethod
    def _create_visit(cls, ticket):
        start = fields.Datetime.add(fields.Datetime.now(), hours=1)
        return cls.env["aftersales.dispatch"].create(
            {
                "ticket_id": ticket.id,
                "technician_id": cls.zhou.id,
                "date_start": start,
                "date_end": fields.Datetime.add(start, hours=1),
            }
        )

    @classmethod
    def _create_estimate(cls, mark, partner, ticket):
        return cls.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "aftersales_ticket_id": ticket.id,
                "client_order_ref": f"{mark} order",
                "state": "sent",
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.oil.id,
                            "name": f"{mark} oil",
                            "product_uom_qty": 1,
                        }
                    )
                ],
            }
        )

    @classmethod
    def _attach(cls, record, mark, name="photo.png", content=None):
        return cls.env["ir.attachment"].create(
            {
                "name": f"{mark} {name}",
                "raw": content or PNG + mark.encode(),
                "res_model": record._name,
                "res_id": record.id,
            }
        )

    @classmethod
    def _create_secret(cls):
        """Create what a colleague is accused of, with a proof."""
        sanction = (
            cls.env["aftersales.sanction"]
            .sudo()
            .create(
                {
                    "employee_id": cls.zhou.id,
                    "company_id": cls.company.id,
                    "base_amount": 20,
                    "description": f"{INTERNAL} accused",
                }
            )
        )
        cls._attach(sanction, INTERNAL)
        return sanction

    # ------------------------------------------------------------
    # LOOKING
    # ------------------------------------------------------------

    def _login(self, login):
        self.authenticate(login, login)

    @contextmanager
    def _no_traceback(self, findings, what):
        """Note what the server logs as unexpected meanwhile."""
        collector = LogCollector()
        loggers = [logging.getLogger(name) for name in EXPECTED_LOGGERS]
        with ExitStack() as stack:
            for logger in [logging.getLogger(), *loggers]:
                logger.addHandler(collector)
                stack.callback(logger.removeHandler, collector)
            for logger in loggers:
                # Refusals are expected, and many.
                stack.enter_context(patch.object(logger, "propagate", False))
            yield
        findings += [f"{what}: {text}" for text in collector.found]

    def _forget_attempts(self):
        """Let the limits of a few minutes ago count no more."""
        self.env.cr.execute("DELETE FROM aftersales_attempt")

    def _content(self, response):
        """Return all text of an answer, also that packed into a workbook or archive."""
        if not response.content.startswith(b"PK"):
            return response.text
        with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
            return "\n".join(
                archive.read(name).decode("utf-8", "replace")
                for name in archive.namelist()
            )

    # ------------------------------------------------------------
    # FINGERPRINTS
    # ------------------------------------------------------------

    def _tables(self):
        ours = {
            model._table
            for model in self.env.registry.values()
            if model._name.startswith("aftersales.")
            and not model._abstract
            and model._auto
        }
        return sorted({*ours, *HOST_TABLES} - COUNTERS)

    def _fingerprint(self):
        """Return ``{table: (rows, checksum)}`` of what after-sales keeps."""
        self.env.flush_all()
        query = SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s, count(*), "
                "COALESCE(sum(hashtextextended(t::text, 0)::numeric), 0) FROM %s t",
                table,
                SQL.identifier(table),
            )
            for table in self._tables()
        )
        return {row[0]: row[1:] for row in self.env.execute_query(query)}

    def _records_fingerprint(self, customer):
        """Return the rows of everything of one customer."""
        self.env.flush_all()
        return {
            name: self.env.execute_query(
                SQL(
                    "SELECT t::text FROM %s t WHERE id = %s",
                    SQL.identifier(record._table),
                    record.id,
                )
            )
            for name, record in {
                **customer.records(),
                "card": customer.card,
                "attachment": customer.attachment,
            }.items()
        }

    def _assert_unwritten(self, before, what):
        after = self._fingerprint()
        changed = [table for table in after if after[table] != before[table]]
        self.assertFalse(changed, f"{what}: written although refused")
