"""The people, rules and customers of the desks that are compared."""

from datetime import date, timedelta

from bench_rows import SYMPTOMS

from odoo import Command

BATCH = 1000
GROUP = "aftersales_service.aftersales_service_group_"


class People:
    """Part of the bench: what there is before anything is measured."""

    # ------------------------------------------------------------
    # PEOPLE AND RULES
    # ------------------------------------------------------------

    def prepare(self):
        """Set the desks up: the same person works at all of them."""
        self.boss, self.chief, self.clerk = self.env["res.users"].create(
            [
                {
                    "name": login.title(),
                    "login": login,
                    "email": f"{login}@example.com",
                    "group_ids": [
                        Command.link(self.env.ref(name).id)
                        for name in (
                            GROUP + group,
                            "helpdesk_mgmt.group_helpdesk_user",
                            "fieldservice.group_fsm_dispatcher",
                            "project.group_project_user",
                            "maintenance.group_equipment_manager",
                            "stock.group_stock_user",
                        )
                    ],
                }
                for login, group in (
                    ("boss", "manager"),
                    ("chief", "supervisor"),
                    ("clerk", "agent"),
                )
            ]
        )
        head = self.env["hr.employee"].create({"name": "Boss", "user_id": self.boss.id})
        self.env["hr.employee"].create(
            {"name": "Chief", "user_id": self.chief.id, "parent_id": head.id}
        )
        self._prepare_desk()
        self._prepare_helpdesk()
        self._prepare_orders()
        self._prepare_core()
        self.cr.commit()  # pylint: disable=invalid-commit

    def _prepare_desk(self):
        self.team = self.env["aftersales.team"].search([], limit=1)
        self.team.supervisor_id = self.chief
        self.zones = self.env["aftersales.zone"].create(
            [
                {"name": f"Zone {i}", "arrive_hours": 6 + i, "zip_prefixes": f"10{i}"}
                for i in range(5)
            ]
        )
        self.faults = self.env["aftersales.fault"].create(
            [{"name": symptom} for symptom in SYMPTOMS]
        )
        policy = self.env["aftersales.warranty.policy"].create(
            {
                "name": "Harvesters",
                "start_on": "delivery",
                "term_ids": [
                    Command.create(
                        {
                            "component_id": self.env.ref(
                                f"aftersales_service.aftersales_component_{code}"
                            ).id,
                            "duration": months,
                            "duration_unit": "month",
                        }
                    )
                    for code, months in (("machine", 12), ("main", 24))
                ],
            }
        )
        self.product = self.env["product.product"].create(
            {
                "name": "Harvester",
                "type": "consu",
                "is_storable": True,
                "tracking": "serial",
                "aftersales_policy_id": policy.id,
            }
        )
        self.customers = self.env["res.partner"].create(
            [
                {
                    "name": f"Wang {i}",
                    "phone": f"+86 138 0000 {i:04}",
                    "email": f"wang{i}@example.com",
                    "zip": f"10{i % 5}000",
                    "country_id": self.env.ref("base.cn").id,
                }
                for i in range(BATCH)
            ]
        )
        self.units = self.env["aftersales.equipment"].create(
            [
                {
                    "product_id": self.product.id,
                    "serial": f"W{i:05}",
                    "partner_id": customer.id,
                    "delivery_date": date.today() - timedelta(days=i % 500),
                    "proof_accepted": True,
                }
                for i, customer in enumerate(self.customers)
            ]
        )
        # Repairs that a tenth of the calls repeat.
        self._create_tickets(BATCH, step=10).action_solve()

    def _prepare_helpdesk(self):
        self.sla_team, self.plain_team = self.env["helpdesk.ticket.team"].create(
            [
                {
                    "name": name,
                    "use_sla": use_sla,
                    "resource_calendar_id": self.env.company.resource_calendar_id.id,
                }
                for name, use_sla in (("Helpdesk", True), ("Simple helpdesk", False))
            ]
        )
        # As many promises as our tickets have: answer, arrival, solution.
        stages = self.env["helpdesk.ticket.stage"]
        self.env["helpdesk.sla"].create(
            [
                {
                    "name": name,
                    "team_ids": [Command.link(self.sla_team.id)],
                    "hours": hours,
                    "stage_id": stages.search([("name", "=", stage)], limit=1).id,
                }
                for name, hours, stage in (
                    ("Answered", 1, "In Progress"),
                    ("Arrived", 6, "In Progress"),
                    ("Solved", 24, "Done"),
                )
            ]
        )

    def _prepare_orders(self):
        self.fsm_team = self.env["fsm.team"].create({"name": "Field"})
        stages = self.env["fsm.stage"]
        self.stages = stages.search([("stage_type", "=", "order")])
        for name, sequence in (("Scheduled", 20), ("Started", 30)):
            # One by one: this model cannot make several at once.
            self.stages += stages.create(
                {"name": name, "stage_type": "order", "sequence": sequence}
            )
        self.persons = self.env["fsm.person"].create(
            [{"name": f"Worker {i}"} for i in range(20)]
        )
        self.location = self.env["fsm.location"].create(
            {"name": "Location", "owner_id": self.customers[0].id}
        )
        self.order = self.env["fsm.order"].create(
            {"location_id": self.location.id, "team_id": self.fsm_team.id}
        )
