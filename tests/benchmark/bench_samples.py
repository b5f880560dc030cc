"""One record of each kind of open work, to be copied."""

from datetime import date, datetime, timedelta

from odoo.fields import Command

GROUP = "aftersales_service.aftersales_service_group_"


class Samples:
    """Part of a bench: the department, and one of everything it works on."""

    def prepare(self):
        """Make the department with its people."""
        self.company = self.env.company
        self.chief = self.env["res.users"].create(
            {
                "name": "Chief",
                "login": "chief",
                "email": "chief@example.com",
                "group_ids": [Command.link(self.env.ref(f"{GROUP}manager").id)],
            }
        )
        self.lead = self.env["res.users"].create(
            {
                "name": "Lead",
                "login": "lead",
                "email": "lead@example.com",
                "group_ids": [
                    Command.link(
                        self.env.ref(
                            "aftersales_quality.aftersales_quality_group_lead"
                        ).id
                    )
                ],
            }
        )
        self.team = self.env["aftersales.team"].search([], limit=1)
        self.team.supervisor_id = self.chief
        self.company.write(
            {
                "aftersales_quality_lead_id": self.lead.id,
                "aftersales_warranty_notice_days": 30,
                "aftersales_contract_notice_days": 30,
            }
        )
        self.farmer, self.supplier = self.env["res.partner"].create(
            [
                {"name": "Farmer Wang", "email": "wang@example.com"},
                {"name": "Belt Works", "email": "belts@example.com"},
            ]
        )
        self.product, self.belt = self.env["product.product"].create(
            [
                {"name": "Harvester", "type": "consu", "is_storable": True},
                {"name": "Belt", "type": "consu", "is_storable": True},
            ]
        )
        self.technician = self.env["hr.employee"].create(
            {"name": "Technician", "aftersales_technician": True}
        )
        self.samples = {}

    def get_sample(self, name):
        """Return the record of a kind, made when it is asked for first."""
        if name not in self.samples:
            self.samples[name] = getattr(self, f"_make_{name}")()
            self.env.flush_all()
        return self.samples[name]

    # ------------------------------------------------------------
    # SERVICE
    # ------------------------------------------------------------

    def _make_ticket(self):
        return self.env["aftersales.ticket"].create(
            {
                "symptom": "Leaks",
                "partner_id": self.farmer.id,
                "team_id": self.team.id,
                "user_id": self.chief.id,
            }
        )

    def _make_unit(self):
        return self.env["aftersales.equipment"].create(
            {
                "product_id": self.product.id,
                "serial": "E1",
                "partner_id": self.farmer.id,
                "delivery_date": date.today() - timedelta(days=30),
                "proof_accepted": True,
            }
        )

    def _make_contract(self):
        return self.env["aftersales.contract"].create(
            {
                "partner_id": self.farmer.id,
                "date_start": date.today() - timedelta(days=30),
                "date_end": date.today() + timedelta(days=300),
            }
        )

    def _make_visit(self):
        moment = datetime.now().replace(microsecond=0)
        visit = self.env["aftersales.dispatch"].create(
            {
                "ticket_id": self.get_sample("ticket").id,
                "technician_id": self.technician.id,
                "date_start": moment,
            }
        )
        visit._step(
            {
                "state": "done",
                "assign_date": moment,
                "arrive_date": moment,
                "finish_date": moment,
                "check_out_date": moment,
                "invoice_settled": True,
            }
        )
        return visit

    def _make_card(self):
        visit = self.get_sample("visit")
        return visit._create_cards() or self.env["rating.rating"].search(
            [("aftersales_dispatch_id", "=", visit.id)]
        )

    def _make_line(self):
        return self.env["aftersales.ticket.line"].create(
            {
                "ticket_id": self.get_sample("ticket").id,
                "kind": "part",
                "product_id": self.belt.id,
                "quantity": 1,
            }
        )

    # ------------------------------------------------------------
    # PARTS
    # ------------------------------------------------------------

    def _make_loan(self):
        return self.env["aftersales.loan"].create(
            {
                "kind": "tool",
                "employee_id": self.technician.id,
                "product_id": self.product.id,
                "date_due": date.today() + timedelta(days=300),
                "user_id": self.chief.id,
            }
        )

    def _make_old_part(self):
        warehouse = self.env["stock.warehouse"].search([], limit=1)
        return (
            self.env["aftersales.old.part"]
            ._by_method()
            .create(
                {
                    "line_id": self.get_sample("line").id,
                    "company_id": self.company.id,
                    "ticket_id": self.get_sample("ticket").id,
                    "partner_id": self.farmer.id,
                    "product_id": self.belt.id,
                    "technician_id": self.technician.id,
                    "warehouse_id": warehouse.id,
                    "quantity": 1,
                    "date_due": date.today() + timedelta(days=300),
                }
            )
        )

    def _make_return(self):
        return self.env["aftersales.return"].create({"partner_id": self.farmer.id})

    # ------------------------------------------------------------
    # QUALITY
    # ------------------------------------------------------------

    def _make_complaint(self):
        return self.env["aftersales.complaint"].create(
            {"partner_id": self.farmer.id, "description": "Broken again"}
        )

    def _make_deadline(self):
        return self.get_sample("complaint").deadline_ids[:1]

    def _make_action(self):
        return self.env["aftersales.action"].create(
            {
                "description": "Align belts",
                "owner_id": self.chief.id,
                "date_due": date.today() + timedelta(days=300),
            }
        )

    def _make_opinion(self):
        return self.env["aftersales.opinion"].create(
            {
                "kind": "suggestion",
                "partner_id": self.farmer.id,
                "description": "A bigger tank",
            }
        )

    def _make_feedback(self):
        return self.env["aftersales.product.feedback"].create(
            {
                "kind": "design",
                "product_id": self.product.id,
                "description": "The belt slips",
            }
        )

    def _make_claim(self):
        return self.env["aftersales.supplier.claim"].create(
            {"partner_id": self.supplier.id, "user_id": self.chief.id}
        )
