"""Two customers, two technicians, two salesmen and one of everything of each."""

from datetime import timedelta

import support
from access.rights_factory import Factory
from freezegun import freeze_time

from odoo import Command, fields

from odoo.addons.aftersales_quality.tests.complaint_common import ComplaintCommon
from odoo.addons.aftersales_service.tests.dispatch_common import DispatchCommon

OURS = tuple(support.addons())
# A Wednesday, noon in Shanghai.
MOMENT = "2026-06-10 04:00:00"
SERVICE = "aftersales_service.aftersales_service_group_"
QUALITY = "aftersales_quality.aftersales_quality_group_"
# Role: user, and the side of the world he is asked about.
ROLES = {
    "public": ("public", "own"),
    "portal": ("portal", "own"),
    "portal_other": ("portal", "other"),
    "employee": ("employee", "own"),
    "salesman": ("salesman", "own"),
    "salesman_other": ("salesman", "other"),
    "stock": ("stock", "own"),
    "technician": ("technician", "own"),
    "technician_other": ("technician", "other"),
    "agent": ("agent", "own"),
    "supervisor": ("supervisor", "own"),
    "supervisor_other": ("supervisor", "other"),
    "manager": ("manager", "own"),
    "quality": ("quality", "own"),
    "performance": ("performance", "own"),
    "accountant": ("accountant", "own"),
    "buyer": ("buyer", "own"),
    "hr": ("hr", "own"),
    "foreigner": ("foreigner", "own"),
}


def our_models(env):
    """Return the names of our models that have records, and of those we give rights on."""
    data = env["ir.model.data"].search(
        [("module", "in", OURS), ("model", "in", ("ir.model.access", "ir.rule"))]
    )
    granted = {
        row.model_id.model
        for name in ("ir.model.access", "ir.rule")
        for row in env[name].browse(
            data.filtered(lambda line, name=name: line.model == name).mapped("res_id")
        )
    }
    own = {
        name for name, model in env.registry.items() if model._original_module in OURS
    }
    return sorted(name for name in own | granted if not env[name]._abstract)


class Cast(ComplaintCommon, DispatchCommon):
    """The scene of the add-ons' tests, with a user for each role."""

    freeze_time = freeze_time(MOMENT)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.other_team = cls.env["aftersales.team"].create(
            {"name": "South", "company_id": cls.company.id}
        )
        cls._stock(cls, cls.oil, 100)
        cls.users = cls._make_users()
        cls.zhou.user_id = cls.users["colleague"]
        cls.team.member_ids = cls.technician
        cls.other_team.member_ids = cls.users["colleague"]
        cls.masters = {name for name, ids in cls._get_ids().items() if ids}
        cls.refused, cls.known = {}, {}
        cls.sides = {
            "own": cls._make_side("own", cls.farmer, cls.chen, cls.salesman, cls.team),
            "other": cls._make_side(
                "other",
                cls.other_farmer,
                cls.zhou,
                cls.users["other_salesman"],
                cls.other_team,
            ),
        }
        cls.env.flush_all()

    # ------------------------------------------------------------
    # PEOPLE
    # ------------------------------------------------------------

    @classmethod
    def _make_users(cls):
        abroad = cls.env["res.company"].create({"name": "Tractor Works"})
        everything = (
            *(f"{SERVICE}manager", f"{QUALITY}lead", f"{QUALITY}performance"),
            *("sales_team.group_sale_salesman_all_leads", "stock.group_stock_user"),
        )
        return {
            "public": cls.env.ref("base.public_user"),
            "portal": cls._user("r_portal", "base.group_portal", partner=cls.farmer),
            "other_portal": cls._user(
                "r_other", "base.group_portal", partner=cls.other_farmer
            ),
            "employee": cls.employee,
            "salesman": cls.salesman,
            "other_salesman": cls._user("r_sales", "sales_team.group_sale_salesman"),
            "stock": cls.warehouse_user,
            "technician": cls.technician,
            "colleague": cls._user("r_colleague", f"{SERVICE}technician"),
            "agent": cls.agent,
            "supervisor": cls.supervisor,
            "manager": cls.manager,
            "quality": cls.quality_lead,
            "performance": cls.officer,
            "accountant": cls.accountant,
            "buyer": cls._user("r_buyer", "purchase.group_purchase_user"),
            "hr": cls._user("r_hr", "hr.group_hr_user"),
            "foreigner": cls._user("r_foreigner", *everything, company=abroad),
        }

    @classmethod
    def _user(cls, login, *groups, partner=None, company=None):
        company = company or cls.company
        return (
            cls.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": partner.name if partner else login,
                    "login": login,
                    "email": f"{login}@fenghe.example",
                    "partner_id": partner and partner.id,
                    "company_id": company.id,
                    "company_ids": [Command.set(company.ids)],
                    "group_ids": [
                        Command.set([cls.env.ref(group).id for group in groups])
                    ],
                }
            )
        )

    # ------------------------------------------------------------
    # RECORDS
    # ------------------------------------------------------------

    @classmethod
    def _make_side(cls, label, partner, technician, salesman, team):
        """Return ``{model: records}`` made for the people of one side."""
        before = cls._get_ids()
        known = cls._make_case(label, partner, technician, salesman, team)
        cls.known[label] = known
        cls._make_work(known)
        factory = Factory(cls.env, known, cls.masters, label)
        there = cls._get_ids()
        for name in our_models(cls.env):
            if there[name] == before[name]:
                factory.make(name)
        cls._make_outcome(factory)
        cls.env.flush_all()
        cls.refused[label] = factory.failed
        after = cls._get_ids()
        return {name: sorted(after[name] - before[name]) for name in after}

    @classmethod
    def _make_case(cls, label, partner, technician, salesman, team):
        """Sell, deliver, serve, take back and complain; return ``{model: record}``."""
        self = cls()  # the builders of the add-ons' tests are methods
        user = technician.user_id
        unit = self._sold_unit(f"{label}-1", partner=partner, user=salesman)
        self._invoice(unit.sale_order_id)
        ticket = self._ticket(
            partner_id=partner.id,
            equipment_id=unit.id,
            service_mode="onsite",
            team_id=team.id,
            company_id=cls.company.id,
        )
        start = fields.Datetime.now() + timedelta(hours=1)
        visit = cls.env["aftersales.dispatch"].create(
            {
                "ticket_id": ticket.id,
                "technician_id": technician.id,
                "date_start": start,
                "date_end": start + timedelta(hours=1),
            }
        )
        visit.action_assign()
        order = self._sell((cls.oil, 3), partner=partner, user=salesman)
        self._deliver(order)
        invoice = self._invoice(order)
        rma = self._rma(
            (order.picking_ids.move_ids, 1, {}),
            company_id=cls.company.id,
            ticket_id=ticket.id,
        )
        complaint = self._complain(
            partner_id=partner.id,
            equipment_id=unit.id,
            ticket_id=ticket.id,
            responsible_id=technician.id,
        )
        records = (
            *(cls.company, partner, technician, user, team, unit, ticket, visit),
            *(order, order.order_line, order.picking_ids, invoice, rma, complaint),
            *(rma.line_ids, order.picking_ids.move_ids, unit.lot_id, cls.warehouse),
            *(cls.harvester, cls.harvester.product_tmpl_id),
        )
        return {record._name: record for record in records}

    @classmethod
    def _make_work(cls, known):
        """Do a visit, take money for it, offer more, and note what it took."""
        ticket, company = known["aftersales.ticket"], {"company_id": cls.company.id}
        technician, moment = known["hr.employee"], fields.Datetime.now()
        later = moment + timedelta(days=1)
        visit = cls.env["aftersales.dispatch"].create(
            {
                "ticket_id": ticket.id,
                "technician_id": technician.id,
                "date_start": moment - timedelta(hours=2),
                "date_end": moment - timedelta(hours=1),
            }
        )
        dates = ("assign_date", "arrive_date", "finish_date")
        visit._step({"state": "done", **dict.fromkeys(dates, moment)})
        visit._create_cards()
        visit.sudo().card_ids._answer_card(
            {"attitude": 4, "skill": 4, "arrival": 4, "promise": 4}
        )
        cls.env["account.payment"]._by_method().create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": known["res.partner"].id,
                "amount": 10,
                "aftersales_dispatch_id": visit.id,
                "aftersales_receipt": f"RC-{visit.id}",
                **company,
            }
        )
        cls.env["sale.order"].create(
            {
                "partner_id": known["res.partner"].id,
                "aftersales_ticket_id": ticket.id,
                "state": "sent",
                "order_line": [Command.create({"product_id": cls.oil.id})],
            }
        )
        used = cls.env["aftersales.ticket.line"].create(
            {
                "ticket_id": ticket.id,
                "kind": "part",
                "product_id": cls.oil.id,
                "quantity": 1,
                "state": "used",
                "date_done": moment,
                "coverage": "goodwill",
                "coverage_reason": "Our part failed",
            }
        )
        used._by_method().write({"cost_unit": 10})
        cls.env["aftersales.ticket"].create(
            {
                "symptom": "Nobody knows him",
                "partner_name": "Unknown",
                "date_open": moment - timedelta(days=9),
                **company,
            }
        )
        cls.env["aftersales.duty"].create(
            {
                "user_id": technician.user_id.id,
                "team_id": known["aftersales.team"].id,
                "date_from": moment,
                "date_to": later,
                **company,
            }
        )
        cls.env["aftersales.complaint.delegate"].create(
            {
                "user_id": cls.supervisor.id,
                "delegate_id": cls.agent.id,
                "date_to": later,
                **company,
            }
        )
        cls.env["aftersales.coverage"].create(
            {
                "equipment_id": known["aftersales.equipment"].id,
                "product_id": cls.oil.id,
                "date_start": moment,
                "date_end": later,
                "source": "extension",
                "reason": "He is loyal",
            }
        )
        # Which skills a grade asks for is told elsewhere.
        cls.env["aftersales.grade"].search([]).skill_ids = False
        van = cls.env["stock.location"].create(
            {
                "name": technician.name,
                "location_id": cls.stock.id,
                "aftersales_technician_id": technician.id,
                "aftersales_depot_id": cls.warehouse.id,
                **company,
            }
        )
        cls._stock(cls, cls.oil, 5, van)

    @classmethod
    def _make_outcome(cls, factory):
        """Lead what the factory made as far as others may see it."""
        made = factory.made
        made["aftersales.sanction"]._by_method().write(
            {"state": "approved", "approve_day": "2026-05-10", "amount": 20}
        )
        cls.env["aftersales.sanction.payroll"].create({"company_id": cls.company.id})
        made["aftersales.figure.book"].write({"date_from": fields.Date.today()})
        made["aftersales.performance"]._by_method().write({"state": "approved"})
        made["aftersales.supplier.claim"]._by_method().write(
            {"state": "sent", "date_sent": fields.Datetime.now()}
        )

    @classmethod
    def _get_ids(cls):
        cls.env.flush_all()
        return {
            name: set(
                cls.env[name].sudo().with_context(active_test=False).search([]).ids
            )
            for name in our_models(cls.env)
        }

    # ------------------------------------------------------------
    # LOOKING
    # ------------------------------------------------------------

    @classmethod
    def get_records(cls, name, side):
        """Return the records of a side; those of its company where there are none."""
        model = cls.env[name].sudo()
        if made := model.browse(cls.sides[side][name]):
            return made
        everything = model.with_context(active_test=False).search([])
        if "company_id" not in model._fields:
            return everything
        return everything.filtered(
            lambda row: row.company_id in (row.company_id.browse(), cls.company)
        )
