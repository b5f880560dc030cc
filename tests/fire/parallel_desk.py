"""What several people of the desk and in the field do at once: the service floor."""

from datetime import timedelta

from parallel_world import Case, Ground, again, each, same

from odoo import fields

from odoo.addons.aftersales_service.tests.card_common import CardCommon
from odoo.addons.aftersales_service.tests.contract_common import ContractCommon

DESK_USERS = ("agent", "supervisor")
BELT = {"kind": "part", "coverage": "customer", "coverage_reason": "Asked for"}


class Desk(CardCommon, ContractCommon, Ground):
    """A desk with technicians, warranties and contracts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.supervisor_id = cls.supervisor
        cls.company.aftersales_travel_minutes = 30
        cls.labour.invoice_policy = "delivery"

    def _memory(self, **records):
        return {**self.uids, **{name: value.ids for name, value in records.items()}}

    # ------------------------------------------------------------
    # SCENES
    # ------------------------------------------------------------

    def new_ticket(self):
        return self._memory(ticket=self._visit_ticket())

    def open_ticket(self):
        ticket = self._visit_ticket()
        ticket.action_open()
        return self._memory(ticket=ticket)

    def solved_ticket(self):
        memory = self.open_ticket()
        self.env["aftersales.ticket"].browse(memory["ticket"]).action_solve()
        return memory

    def two_tickets(self):
        return self._memory(ticket=self._visit_ticket() | self._visit_ticket())

    def billable_ticket(self):
        ticket = self._ticket(user_id=self.agent.id)
        self._line(ticket, self.belt, quantity=2)
        return self._memory(ticket=ticket)

    def drafted_visits(self, count=8, minutes=45, **values):
        """Visits of one technician that overlap, each of a ticket of its own."""
        person = self._create_technician("Wanted by All")
        start = fields.Datetime.now() + timedelta(days=1)
        visits = self.env["aftersales.dispatch"]
        for number in range(count):
            begin = start + timedelta(minutes=minutes * number)
            visits |= self._dispatch(person, begin, hours=1.0, **values)
        return self._memory(visit=visits, person=person)

    def assigned_visits(self):
        """Two visits of one technician, hours apart."""
        memory = self.drafted_visits(2, 240)
        self.env["aftersales.dispatch"].browse(memory["visit"]).action_assign()
        return memory

    def visit_on_site(self):
        person = self._create_technician("On Site")
        visit = self._running(person)
        return self._memory(visit=visit, ticket=visit.ticket_id)

    def hours_of_one_person(self):
        """Tickets on which the same technician works, and what he may still note."""
        person = self._create_technician("Works a Lot")
        tickets = self._ticket()
        for _number in range(7):
            tickets |= self._ticket()
        return self._memory(ticket=tickets, person=person)

    def sold_contract(self):
        unit = self._proven_unit(self._serial())
        contract = self._contract(unit, product_id=self.care.id, price=900)
        return self._memory(contract=contract, unit=unit)

    def last_visit(self):
        unit = self.env["aftersales.equipment"].create(
            {
                "product_id": self.harvester.id,
                "serial": self._serial(),
                "partner_id": self.farmer.id,
                "delivery_date": "2020-01-01",
            }
        )
        contract = self._contract(unit, visits_included=1, covers_labour=True)
        tickets = self.env["aftersales.ticket"]
        for _number in range(8):
            tickets |= self._ticket(equipment_id=unit.id, partner_id=unit.partner_id.id)
        return self._memory(contract=contract, ticket=tickets)

    def unit_of_dealer(self):
        unit = self._sold_unit(self._serial(), partner=self.dealer)
        buyers = self.env["res.partner"].create([{"name": f"B{i}"} for i in range(8)])
        return self._memory(unit=unit, buyer=buyers)

    def unit_of_farmer(self):
        unit = self._proven_unit(self._serial())
        tickets = self.env["aftersales.ticket"]
        for _number in range(8):
            tickets |= self._ticket(equipment_id=unit.id)
        return self._memory(unit=unit, ticket=tickets)

    def ordered_extensions(self):
        """Orders that each lengthen the cover of the same unit."""
        unit = self._proven_unit(self._serial())
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": unit.partner_id.id,
                    "user_id": self.salesman.id,
                    "order_line": [
                        fields.Command.create(
                            {
                                "product_id": self.longer.id,
                                "aftersales_equipment_ids": [
                                    fields.Command.set(unit.ids)
                                ],
                            }
                        )
                    ],
                }
                for _number in range(8)
            ]
        )
        return self._memory(unit=unit, order=orders)

    def due_call(self):
        call = self.env["aftersales.callback"].create(
            {
                "partner_id": self.farmer.id,
                "date_planned": fields.Date.today(),
                "user_id": self.agent.id,
                "state": "planned",
            }
        )
        return self._memory(call=call)

    def drafted_campaign(self):
        units = self._proven_unit(self._serial()) | self._proven_unit(self._serial())
        return self._memory(unit=units)

    def visit_plan(self):
        plan = self.env["aftersales.visit.plan"].create({"year": 2027, "quarter": "1"})
        return self._memory(plan=plan)

    def empty_day(self):
        person = self._create_technician("Reported Twice")
        visit = self._running(person)
        visit.action_finish()
        return self._memory(person=person)

    def _serial(self):
        return f"P-{self.env['stock.lot'].search_count([])}"


# ---------------------------------------------------------------- acts, facts
def browse(env, memory, model, name):
    return env[f"aftersales.{model}"].browse(memory[name])


def count(model, name, field, *domain):
    """Facts: how many records hang on what the memory holds."""

    def facts(env, memory):
        return env[model].search_count([(field, "in", memory[name]), *domain])

    return facts


def time_for_the_way(env, memory):
    """Tell whether the visits of a technician leave him time for the way."""
    slots = env["aftersales.dispatch.slot"].search(
        [("employee_id", "in", memory["person"])], order="date_start"
    )
    gaps = [
        (after.date_start - before.date_end).total_seconds() / 60
        for before, after in zip(slots, slots[1:], strict=False)
    ]
    return bool(slots) and all(gap >= 30 for gap in gaps)


def hours_noted(env, memory):
    lines = env["aftersales.ticket.line"].search(
        [("employee_id", "in", memory["person"])]
    )
    return sum(lines.mapped("quantity")) <= 24


def own(model, name, act):
    """Acts: each on a record of his own, who meets the others elsewhere."""

    def acts(memory, number, _people):
        return memory["agent"], lambda env: act(
            env[f"aftersales.{model}"].browse(memory[name][number]), memory
        )

    return acts


def assign(visits, _memory):
    visits.action_assign()


def drag(env, memory):
    """Put both visits on the same hour, as on the board."""
    visits = browse(env, memory, "dispatch", "visit")
    start = visits[0].date_start + timedelta(days=1)
    visits[env.uid % 2].write(
        {"date_start": start, "date_end": start + timedelta(hours=1)}
    )


def note_hours(ticket, memory):
    ticket.env["aftersales.ticket.line"].create(
        {
            "ticket_id": ticket.id,
            "kind": "labour",
            "quantity": 13,
            "state": "used",
            "employee_id": memory["person"][0],
        }
    )


def plan_labour(ticket, _memory):
    ticket.env["aftersales.ticket.line"].create(
        {"ticket_id": ticket.id, "kind": "labour"}
    )


def resell(unit_env, memory):
    unit = browse(unit_env, memory, "equipment", "unit")
    unit.action_register_resale(memory["buyer"][0])


def merge_into_each_other(memory, number, _people):
    first, second = memory["ticket"][:: -1 if number % 2 else 1]
    return memory["agent"], lambda env: env["aftersales.ticket"].browse(
        first
    ).action_merge(second)


def on(model, name, method, *args):
    """Press a button of what the memory holds."""

    def act(env, memory):
        return getattr(browse(env, memory, model, name), method)(*args)

    return act


def ticket(method, *args):
    return on("ticket", "ticket", method, *args)


def visit(method, *args):
    return on("dispatch", "visit", method, *args)


def state(model, name):
    def facts(env, memory):
        return browse(env, memory, model, name).mapped("state")

    return facts


def confirm_extension(memory, number, _people):
    return memory["salesman"], lambda env: env["sale.order"].browse(
        memory["order"][number]
    ).action_confirm()


def extensions_follow(env, memory):
    """Tell whether the extensions of the unit follow each other."""
    covers = browse(env, memory, "equipment", "unit").coverage_ids.filtered(
        lambda cover: cover.source == "extension"
    )
    return bool(covers) and len(covers) == len(set(covers.mapped("date_start")))


def tried_often_enough(env, memory):
    """Tell whether the attempts that were noted, and they alone, ended the call."""
    call = browse(env, memory, "callback", "call")
    enough = call.company_id.aftersales_callback_attempts
    return (len(call.attempt_ids) >= enough) == (call.state != "planned")


def hand_in(ticket_record, _memory):
    ticket_record.action_hand_in()


def compose_day(env, memory):
    Report = env["aftersales.daily.report"].sudo()
    people = env["hr.employee"].sudo().browse(memory["person"])
    Report._compose(env.company, fields.Date.context_today(Report), people)


Desk.cases = (
    Case(
        "ticket solved",
        Desk.open_ticket,
        same(DESK_USERS, ticket("action_solve")),
        lambda env, m: (
            state("ticket", "ticket")(env, m),
            count("aftersales.callback", "ticket", "ticket_id")(env, m),
        ),
    ),
    Case(
        "ticket solved and cancelled",
        Desk.open_ticket,
        each(
            DESK_USERS, ticket("action_solve"), ticket("action_cancel", "Wrong number")
        ),
        lambda env, m: state("ticket", "ticket")(env, m)[0] in ("solved", "cancelled"),
    ),
    Case(
        "ticket closed and reopened",
        Desk.solved_ticket,
        each(DESK_USERS, ticket("action_close"), ticket("action_reopen", "Again")),
        lambda env, m: len(state("ticket", "ticket")(env, m)),
    ),
    Case(
        "tickets merged into each other",
        Desk.two_tickets,
        merge_into_each_other,
        lambda env, m: sorted(state("ticket", "ticket")(env, m)),
    ),
    Case(
        "visit drafted",
        Desk.open_ticket,
        same(DESK_USERS, ticket("action_dispatch")),
        count("aftersales.dispatch", "ticket", "ticket_id"),
    ),
    Case(
        "estimate",
        Desk.billable_ticket,
        same(DESK_USERS, ticket("action_estimate")),
        count("sale.order", "ticket", "aftersales_ticket_id"),
    ),
    Case(
        "overlapping visits assigned",
        Desk.drafted_visits,
        own("dispatch", "visit", assign),
        time_for_the_way,
    ),
    Case(
        "visits without time for the way",
        lambda w: w.drafted_visits(8, 75),
        own("dispatch", "visit", assign),
        time_for_the_way,
    ),
    Case(
        "visit dragged", Desk.assigned_visits, same(DESK_USERS, drag), time_for_the_way
    ),
    Case(
        "visit finished",
        Desk.visit_on_site,
        same(DESK_USERS, visit("action_finish")),
        lambda env, m: (
            state("dispatch", "visit")(env, m),
            count("rating.rating", "visit", "aftersales_dispatch_id")(env, m),
        ),
    ),
    Case(
        "visit finished and given up",
        Desk.visit_on_site,
        each(
            ("agent", "manager"),
            visit("action_finish"),
            visit("action_fail", "No power"),
        ),
        lambda env, m: state("dispatch", "visit")(env, m)[0] in ("done", "failed"),
    ),
    Case(
        "hours of one person",
        Desk.hours_of_one_person,
        own("ticket", "ticket", note_hours),
        hours_noted,
    ),
    Case(
        "contract renewed",
        Desk.sold_contract,
        same(DESK_USERS, on("contract", "contract", "action_renew")),
        lambda env, m: len(browse(env, m, "contract", "contract").renewal_ids),
    ),
    Case(
        "last visit of a contract",
        Desk.last_visit,
        own("ticket", "ticket", plan_labour),
        lambda env, m: browse(env, m, "contract", "contract").visits_planned,
    ),
    Case(
        "unit resold",
        Desk.unit_of_dealer,
        same(DESK_USERS, resell),
        lambda env, m: browse(env, m, "equipment", "unit").dealer_id.name,
    ),
    Case(
        "unit handed in on several tickets",
        Desk.unit_of_farmer,
        own("ticket", "ticket", hand_in),
        count("aftersales.custody", "unit", "equipment_id"),
    ),
    Case(
        "extensions confirmed",
        Desk.ordered_extensions,
        confirm_extension,
        extensions_follow,
    ),
    Case(
        "call without answer",
        Desk.due_call,
        same(DESK_USERS, on("callback", "call", "action_unreachable")),
        tried_often_enough,
    ),
    Case(
        "call noted",
        Desk.due_call,
        same(DESK_USERS, on("callback", "call", "action_solved")),
        count("aftersales.callback.attempt", "call", "callback_id"),
    ),
    Case(
        "visit plan",
        Desk.visit_plan,
        same(("supervisor", "manager"), on("visit.plan", "plan", "action_generate")),
        lambda env, m: len(browse(env, m, "visit.plan", "plan").visit_ids)
        == len(browse(env, m, "visit.plan", "plan").visit_ids.partner_id),
    ),
    Case(
        "report of a day",
        Desk.empty_day,
        same(DESK_USERS, compose_day),
        count("aftersales.daily.report", "person", "employee_id"),
    ),
)
Desk.cases += (
    again(
        "solved again", Desk.open_ticket, "ticket", "ticket", "agent", "action_solve"
    ),
    again(
        "assigned again",
        lambda world: world.drafted_visits(1),
        "dispatch",
        "visit",
        "agent",
        "action_assign",
    ),
)
DESK = (Desk,)
