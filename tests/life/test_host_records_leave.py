"""What Odoo lets people archive or delete, with records of ours upon it."""

from contextlib import closing

import psycopg2
import support
from freezegun import freeze_time
from lxml import etree

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.aftersales_quality.tests.common import QualityCommon
from odoo.addons.aftersales_service.tests.dispatch_common import DispatchCommon

SHOWN = 10


class Screens:
    """Lists and forms of ours, read as the web client reads them."""

    def __init__(self, env):
        self.env = env
        self.specs = {
            (model._name, kind): self._get_spec(model, kind)
            for model in env.values()
            if self._is_shown(model)
            for kind in ("list", "form")
        }

    def _is_shown(self, model):
        return (
            model._name.startswith("aftersales.")
            and not (model._abstract or model._transient)
            and model.has_access("read")
            and model.sudo().search_count([], limit=1)
        )

    def _get_spec(self, model, kind):
        """Return what the client asks for: the fields of the view, and names."""
        arch = etree.fromstring(model.get_view(view_type=kind)["arch"])
        # Fields of lists within a form are its sub-views' own.
        names = {node.get("name") for node in arch.iterfind(".//field")}
        relational = {"many2one", "one2many", "many2many"}
        fields = model.fields_get(attributes=["type"])
        return {
            name: {"fields": {"display_name": {}}}
            if fields[name]["type"] in relational
            else {}
            for name in names & fields.keys()
        }

    def look(self):
        """Read them all; return what could not be read, one line each."""
        findings = []
        self.env.flush_all()
        self.env.invalidate_all()
        for (name, kind), spec in self.specs.items():
            model = self.env[name].with_context(active_test=False)
            try:
                with closing(self.env.cr.savepoint()):
                    model.web_search_read([], spec, limit=SHOWN)
            except Exception as error:  # reported by name, all of them
                findings.append(f"{kind} of {name}: {type(error).__name__}: {error}")
        return findings


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 04:00:00")
class TestHostRecordsLeave(DispatchCommon, QualityCommon):
    """Proves: what is archived or deleted in Odoo's own screens is refused in words, or
    leaves our lists and forms readable."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref(
            "aftersales_service.aftersales_service_group_manager"
        ) + cls.env.ref("aftersales_quality.aftersales_quality_group_lead")
        cls.team.supervisor_id = cls.supervisor
        cls.zone = cls.env["aftersales.zone"].create(
            {"name": "North", "team_id": cls.team.id, "calendar_id": cls.calendar.id}
        )
        cls.department = cls.env["hr.department"].create(
            {"name": "Assembly", "company_id": cls.company.id}
        )
        cls.labour = cls.env["product.product"].create(
            {"name": "Labour", "type": "service", "list_price": 100}
        )
        cls.site = cls.env["res.partner"].create(
            {
                "name": "Field",
                "parent_id": cls.farmer.id,
                "type": "delivery",
                "street": "9 Field Road",
                "city": "Luoyang",
                "phone": "+86 138 0013 8002",
            }
        )
        cls.vendor = cls.env["res.partner"].create(
            {"name": "Belt Works", "is_company": True}
        )

    def setUp(self):
        super().setUp()
        self._live()
        self.env.flush_all()
        manager = self.manager
        manager.group_ids += self.env.ref(
            "aftersales_quality.aftersales_quality_group_lead"
        )
        self.screens = Screens(self.env(user=manager))
        self.assertGreater(len(self.screens.specs), 30)
        self.assertEqual(self.screens.look(), [])

    def _live(self):
        """Leave records of every floor on the host's records."""
        self.unit = self._sold_unit("LIFE-1", ship_to=self.site)
        self.order = self.unit.sale_line_id.order_id
        self._invoice(self.order)
        ticket = self._ticket(
            equipment_id=self.unit.id,
            service_mode="onsite",
            zone_id=self.zone.id,
            user_id=self.agent.id,
        )
        self.env["aftersales.ticket.line"].create(
            [
                {"ticket_id": ticket.id, "kind": "labour", "product_id": product.id}
                for product in self.labour
            ]
            + [{"ticket_id": ticket.id, "kind": "part", "product_id": self.oil.id}]
        )
        self._assigned(ticket=ticket.with_user(self.agent))
        rma = self._rma(
            (self.unit.move_id, 1, {"remedy": "repair", "lot_id": self.unit.lot_id.id})
        )
        rma.action_authorise()
        self.env["aftersales.contract"].create(
            {
                "partner_id": self.farmer.id,
                "equipment_ids": [Command.set(self.unit.ids)],
                "date_start": "2026-03-01",
                "date_end": "2027-02-28",
            }
        )
        self._complain(
            ticket_id=ticket.id,
            responsible_id=self.zhou.id,
            department_id=self.department.id,
            cause_id=self.cause.id,
        )
        self.env["aftersales.supplier.claim"].create(
            {
                "partner_id": self.vendor.id,
                "line_ids": [Command.create({"name": "Belt", "claimed": 10.0})],
            }
        )
        self.env["aftersales.callback"].create(
            {"partner_id": self.farmer.id, "date_planned": "2026-11-12"}
        )

    def _hosts(self):
        """Records of the host that stand under ours."""
        depot = self.warehouse
        depot._aftersales_ensure_complete()
        return [
            self.order,
            self.order.invoice_ids,
            *self.order.picking_ids,
            self.unit.lot_id,
            self.unit.move_id,
            self.harvester,
            self.harvester.product_tmpl_id,
            self.labour,
            self.oil,
            self.site,
            self.farmer,
            self.vendor,
            self.chen,
            self.zhou,
            self.department,
            self.calendar,
            self.technician,
            self.agent,
            self.supervisor,
            self.salesman,
            depot.aftersales_quarantine_id,
            depot.aftersales_customer_goods_id,
            depot.aftersales_hold_id,
            depot.aftersales_return_type_id,
            depot.aftersales_job_type_id,
            depot.lot_stock_id,
            depot,
            self.company,
        ]

    def _try(self, record, step):
        """Take a step; return what it was refused with."""
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                getattr(record, step)()
                self.env.flush_all()
        except UserError as error:
            self.env.invalidate_all()
            return str(error)
        except psycopg2.errors.ForeignKeyViolation as error:
            # The web client is told which model needs the record.
            self.env.invalidate_all()
            return self.env["res.users"]._sql_error_to_message(error)
        return None

    def _each(self, step):
        findings, done = [], []
        for record in self._hosts():
            if step == "action_archive" and "active" not in record._fields:
                continue
            # Deleted together with another one of them.
            if not (record and record.exists()):
                continue
            name = f"{step} of {record._name} {record.display_name}"
            with self.subTest(name):
                refused = self._try(record, step)
                self.assertNotEqual(refused, "", "a refusal says why")
                if refused is None:
                    done.append(name)
                    if support.FULL:
                        findings += [f"{name}: {one}" for one in self.screens.look()]
        self.assertTrue(done)
        if not support.FULL:
            findings = [f"after {done}: {one}" for one in self.screens.look()]
        self.assertEqual(findings, [], "\n".join(findings))
        return done

    def test_archived(self):
        done = self._each("action_archive")
        self.assertIn("action_archive of hr.employee Zhou Min", done)

    def test_deleted(self):
        self._each("unlink")

    def test_brought_back(self):
        """What was archived comes back whole: our own places work as before."""
        depot = self.warehouse
        depot._aftersales_ensure_complete()
        places = (
            depot.aftersales_quarantine_id
            + depot.aftersales_customer_goods_id
            + depot.aftersales_old_parts_id
        )
        types = depot.aftersales_return_type_id + depot.aftersales_job_type_id
        self.env["stock.picking"].search(
            [("company_id", "=", self.company.id), ("state", "!=", "done")]
        ).action_cancel()
        self.assertIsNone(self._try(depot, "action_archive"))
        self.assertFalse(any(types.mapped("active")))
        depot.action_unarchive()
        self.assertTrue(all(types.mapped("active")))
        self.assertTrue(all(places.mapped("active")))
        unit = self._sold_unit("LIFE-2")
        rma = self._rma(
            (unit.move_id, 1, {"remedy": "refund", "lot_id": unit.lot_id.id})
        )
        rma.action_authorise()
        receipt = self._received(rma)
        self.assertEqual(receipt.location_dest_id, depot.aftersales_quarantine_id)
