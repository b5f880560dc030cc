"""What several people do at once about complaints, causes and people: the quality floor."""

from parallel_desk import browse, count, on, state
from parallel_world import Case, Ground, again, each, same

from odoo.fields import Command

from odoo.addons.aftersales_quality.tests.nonconformity_common import (
    NonconformityCommon,
)
from odoo.addons.aftersales_quality.tests.performance_common import PerformanceCommon
from odoo.addons.aftersales_quality.tests.sanction_common import SanctionCommon
from odoo.addons.aftersales_quality.tests.supplier_common import SupplierCommon

ORDER = (
    "validated",
    "committed",
    "investigating",
    "proposed",
    "agreed",
    "accountable",
    "improved",
    "archived",
)


class Memory:
    """What the scenes of this floor hand to the others."""

    def _memory(self, **records):
        return {**self.uids, **{name: value.ids for name, value in records.items()}}


class Complaints(Memory, SanctionCommon, Ground):
    """Complaints on their way, and sanctions that follow from them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules.date_from = "2026-01-01"

    def complaint(self, step=None):
        complaint = self._complain()
        if step:
            complaint = self._to(step, complaint)
        return self._memory(complaint=complaint)

    def proposed_above(self):
        """A dear solution, that waits for the quality lead."""
        complaint = self._to("investigating")
        complaint.amount = 30000
        self._step_proposed(complaint)
        return self._memory(complaint=complaint)

    def before(self, step):
        """A complaint on which the step is the next one, with all it needs."""
        number = ORDER.index(step)
        memory = self.complaint(ORDER[number - 1] if number else None)
        complaint = self._mine(
            self.env["aftersales.complaint"].browse(memory["complaint"])
        )
        if step == "committed":
            complaint.liability = "ours"
        if step == "proposed":
            complaint.write(
                {
                    "investigation": "The belt was mounted askew.",
                    "cause_id": self.cause.id,
                    "solution": "A new belt, fitted free of charge.",
                }
            )
        if step == "accountable":
            complaint.write(
                {"responsible_id": self.worker.id, "responsible_note": "First time."}
            )
        if step == "improved":
            self._improve(complaint)
        if step == "archived":
            self._check_effect(complaint)
        return memory

    def sanction(self):
        sanction = self._sanction()
        sanction.with_user(sanction.sudo().user_id).action_speak("It was I.")
        return self._memory(sanction=sanction)

    def approved_sanction(self):
        return self._memory(sanction=self._approved())

    def useless_action(self):
        complaint = self._to("accountable")
        action = self._improve(complaint)
        action._by_method().write({"state": "closed", "effective": "no"})
        return self._memory(action=action)


class Suppliers(Memory, SupplierCommon, Ground):
    """A supplier whose belts failed."""

    def two_claims(self):
        self.env["aftersales.supplier.claim"].search([]).filtered(
            "can_cancel"
        ).action_cancel()
        ticket = self._failed()
        claims = self._claim(ticket_ids=ticket.ids) | self._claim(ticket_ids=ticket.ids)
        for _number in range(6):
            claims |= self._claim(ticket_ids=ticket.ids)
        return self._memory(claim=claims, ticket=ticket)

    def agreed_claim(self):
        return self._memory(claim=self._agreed())


class Failures(Memory, NonconformityCommon, Ground):
    """Pumps of one lot that fail."""

    def failed_pumps(self):
        lot = f"N-{self.env['stock.lot'].search_count([])}"
        receipt = self._bought(lot, 5)
        row = self._fail(
            lot_id=receipt.move_line_ids.lot_id.id, quantity=5, disposition="scrap"
        )
        return self._memory(row=row)

    def containment(self):
        lot = self.env["stock.lot"].create(
            {
                "name": f"C-{self.env['stock.lot'].search_count([])}",
                "product_id": self.harvester.id,
                "company_id": self.company.id,
            }
        )
        unit = self.env["aftersales.equipment"].create(
            {
                "product_id": lot.product_id.id,
                "lot_id": lot.id,
                "partner_id": self.farmer.id,
                "delivery_date": "2026-06-01",
            }
        )
        containment = (
            self.env["aftersales.containment"]
            .with_user(self.quality_lead)
            .create(
                {
                    "title": "Exchange the pump",
                    "product_id": self.harvester.id,
                    "lot_ids": [Command.set(lot.ids)],
                }
            )
        )
        return self._memory(containment=containment, unit=unit)

    def started(self):
        memory = self.containment()
        self.env["aftersales.containment"].browse(memory["containment"]).with_user(
            self.quality_lead
        ).action_start()
        return memory


class Months(Memory, PerformanceCommon, Ground):
    """A month that is measured."""

    def sheet(self, checked=False):
        person = self._create_technician(f"M{self.env['hr.employee'].search_count([])}")
        sheet = self._sheet(person)
        if checked:
            sheet.with_user(self.officer).action_check()
        return self._memory(sheet=sheet, person=person)


# ---------------------------------------------------------------- acts, facts
def complaint(method, *args):
    return on("complaint", "complaint", method, *args)


ACTS = {
    "validated": ("action_validate",),
    "committed": ("action_commit", "2026-06-05 01:00:00"),
    "investigating": ("action_investigate",),
    "proposed": ("action_propose",),
    "agreed": ("action_agree", "note", "Farmer Wang", "On the phone."),
    "accountable": ("action_account",),
    "improved": ("action_improve",),
    "archived": ("action_close", "Belts are aligned with a gauge now."),
}


def collect(memory, number, _people):
    return memory["quality_lead"], lambda env: env["aftersales.supplier.claim"].browse(
        memory["claim"][number]
    ).action_collect()


def claimed_once(env, memory):
    claims = browse(env, memory, "supplier.claim", "claim")
    sources = claims.line_ids.mapped("ticket_line_id")
    return len(claims.line_ids) == len(sources) == 2


def credit_notes(env, memory):
    name = browse(env, memory, "supplier.claim", "claim").name
    return env["account.move"].search_count([("ref", "=", name)])


def pieces(env, memory):
    rows = browse(env, memory, "nonconformity", "row")
    rows |= rows.search([("split_from_id", "in", rows.ids)])
    return sum(rows.mapped("quantity"))


LEADERS = ("supervisor",)
Complaints.cases = (
    *(
        Case(
            f"complaint {step}",
            lambda world, step=step: world.before(step),
            same(LEADERS, complaint(*ACTS[step])),
            state("complaint", "complaint"),
        )
        for step in ORDER
    ),
    Case(
        "complaint approved",
        Complaints.proposed_above,
        same(("quality_lead",), complaint("action_approve", "Fair")),
        lambda env, m: browse(env, m, "complaint", "complaint").approval_ids.mapped(
            "state"
        ),
    ),
    Case(
        "complaint delegated",
        lambda w: w.complaint(),
        each(
            LEADERS,
            on("complaint", "complaint", "action_delegate"),
            complaint("action_validate"),
        ),
        lambda env, m: len(state("complaint", "complaint")(env, m)),
    ),
    Case(
        "sanction approved",
        Complaints.sanction,
        same(("officer",), on("sanction", "sanction", "action_approve")),
        lambda env, m: state("sanction", "sanction")(env, m),
    ),
    Case(
        "sanction approved and refused",
        Complaints.sanction,
        each(
            ("officer",),
            on("sanction", "sanction", "action_approve"),
            on("sanction", "sanction", "action_refuse", "No proof"),
        ),
        lambda env, m: len(state("sanction", "sanction")(env, m)),
    ),
    Case(
        "sanction appealed",
        Complaints.approved_sanction,
        same(("technician",), on("sanction", "sanction", "action_appeal", "It rained")),
        lambda env, m: len(browse(env, m, "sanction", "sanction").activity_ids),
    ),
    Case(
        "action followed up",
        Complaints.useless_action,
        same(("quality_lead",), on("action", "action", "action_follow_up")),
        lambda env, m: len(browse(env, m, "action", "action").follow_up_ids),
    ),
)
Complaints.cases += (
    again(
        "found valid again",
        lambda world: world.complaint(),
        "complaint",
        "complaint",
        "supervisor",
        "action_validate",
    ),
    again(
        "sanctioned again",
        Complaints.sanction,
        "sanction",
        "sanction",
        "officer",
        "action_approve",
    ),
)
Suppliers.cases = (
    Case("costs claimed twice", Suppliers.two_claims, collect, claimed_once),
    Case(
        "claim credited",
        Suppliers.agreed_claim,
        same("quality_lead", on("supplier.claim", "claim", "action_credit")),
        credit_notes,
    ),
)
Failures.cases = (
    Case(
        "nonconformity decided",
        Failures.failed_pumps,
        same(("quality_lead",), on("nonconformity", "row", "action_decide")),
        lambda env, m: state("nonconformity", "row")(env, m),
    ),
    Case(
        "nonconformity split",
        Failures.failed_pumps,
        same(("quality_lead",), on("nonconformity", "row", "action_split", 3)),
        pieces,
    ),
    Case(
        "nonconformity split and decided",
        Failures.failed_pumps,
        each(
            ("quality_lead",),
            on("nonconformity", "row", "action_split", 3),
            on("nonconformity", "row", "action_decide"),
        ),
        pieces,
    ),
    Case(
        "containment begun",
        Failures.containment,
        same(("quality_lead",), on("containment", "containment", "action_start")),
        state("containment", "containment"),
    ),
    Case(
        "tickets of a containment",
        Failures.started,
        same(
            ("quality_lead",), on("containment", "containment", "action_create_tickets")
        ),
        count("aftersales.ticket", "unit", "equipment_id"),
    ),
    Case(
        "campaign of a containment",
        Failures.started,
        same(
            ("quality_lead",),
            on("containment", "containment", "action_create_campaign"),
        ),
        count("aftersales.campaign", "containment", "containment_id"),
    ),
)
Months.cases = (
    Case(
        "month sheet checked while it is measured",
        Months.sheet,
        each(
            ("officer",),
            on("performance", "sheet", "action_check"),
            on("performance", "sheet", "action_recompute"),
        ),
        lambda env, m: state("performance", "sheet")(env, m),
    ),
    Case(
        "month sheet approved",
        lambda w: w.sheet(True),
        same(("officer",), on("performance", "sheet", "action_approve")),
        state("performance", "sheet"),
    ),
)
QUALITY = (Complaints, Suppliers, Failures, Months)
