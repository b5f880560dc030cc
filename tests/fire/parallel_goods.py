"""What several people do at once with goods and money: the parts floor."""

from datetime import timedelta

from parallel_desk import assign, browse, count, on, own, state
from parallel_world import Case, Ground, again, each, same

from odoo import fields
from odoo.fields import Command

from odoo.addons.aftersales_parts.tests.exchange_common import ExchangeCommon
from odoo.addons.aftersales_parts.tests.job_common import JobCommon
from odoo.addons.aftersales_parts.tests.refund_common import RefundCommon

DESK_USERS = ("supervisor", "manager")


class Goods(RefundCommon, ExchangeCommon, JobCommon, Ground):
    """Sold oil and harvesters, vans with belts, and those who move them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vendor = cls.env["res.partner"].create({"name": "Mill", "lang": "en_US"})
        cls.oil.seller_ids = [Command.create({"partner_id": cls.vendor.id, "price": 5})]

    def _memory(self, **records):
        return {**self.uids, **{name: value.ids for name, value in records.items()}}

    def _serial(self):
        return f"G-{self.env['stock.lot'].search_count([])}"

    def _move(self, quantity=3):
        return self._sold(quantity=quantity).picking_ids.move_ids

    # ------------------------------------------------------------
    # SCENES
    # ------------------------------------------------------------

    def requested(self):
        rma = self._rma((self._move(), 2, {"remedy": "refund"}), description="No")
        return self._memory(rma=rma)

    def authorised(self):
        memory = self.requested()
        self.env["aftersales.return"].browse(memory["rma"]).action_authorise()
        return memory

    def to_refund(self):
        rma = self._came_back(self._move(), 2)
        return self._memory(
            rma=rma, line=rma.line_ids, invoice=rma.line_ids.sale_line_id.invoice_lines
        )

    def to_inspect(self):
        rma = self._came_back(self._move(), 2, inspect=None)
        rows = self.env["aftersales.return.inspection"].create(
            {"line_id": rma.line_ids.id, "finding": "resaleable", "quantity": 2}
        )
        return self._memory(rma=rma, line=rma.line_ids, row=rows)

    def to_exchange(self):
        rma = self._exchange_rma(self._sold(quantity=5), 2)
        self._came(rma)
        return self._memory(rma=rma, line=rma.line_ids)

    def machine_here(self):
        lot = self._lots(self._serial())
        order = self._sold(self.harvester, lots=lot)
        values = {"remedy": "repair", "lot_id": lot.id}
        rma = self._rma((order.picking_ids.move_ids, 1, values), description="No")
        rma.action_authorise()
        self._received(rma)
        return self._memory(rma=rma, line=rma.line_ids, lot=lot)

    def part_asked_for(self):
        self._stock(self.belt, 20)
        request = self.env["aftersales.part.request"].create(
            {
                "technician_id": self.chen.id,
                "line_ids": [
                    Command.create({"product_id": self.belt.id, "quantity": 2})
                ],
            }
        )
        request.action_submit()
        return self._memory(request=request)

    def part_on_site(self):
        person = self._create_technician("On the Road")
        van = person._aftersales_create_van()
        self._stock(self.belt, 5, van)
        visit, line = self._visit_with(1, technician=person)
        visit.action_arrive()
        return self._memory(line=line, van=van)

    def last_belt(self):
        """One belt in a van, and two lines that need it."""
        person = self._create_technician("Nearly Empty")
        van = person._aftersales_create_van()
        self._stock(self.belt, 1, van)
        visits = self.env["aftersales.dispatch"]
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        for hour in (0, 1, 2, 4, 5, 6, 7, 8):
            ticket = self._visit_ticket()
            self._part(ticket)
            start = tomorrow + timedelta(hours=hour)
            visits |= self._dispatch(person, start=start, hours=0.5, ticket=ticket)
        return self._memory(visit=visits, van=van)

    def tool_asked_for(self):
        loan = self.env["aftersales.loan"].create(
            {
                "kind": "tool",
                "employee_id": self.chen.id,
                "product_id": self.oil.id,
            }
        )
        return self._memory(loan=loan)

    def same_loaner(self):
        """One machine that several customers are to borrow."""
        lot = self._lots(self._serial())
        loans = self.env["aftersales.loan"].create(
            [
                {
                    "kind": "loaner",
                    "partner_id": self.farmer.id,
                    "product_id": self.harvester.id,
                    "lot_id": lot.id,
                    "date_due": "2026-12-01",
                    "signed_by": "Wang",
                }
                for _number in range(8)
            ]
        )
        return self._memory(loan=loans, lot=lot)

    def lost_loaner(self):
        memory = self.same_loaner()
        loan = self.env["aftersales.loan"].browse(memory["loan"][:1])
        loan.action_issue()
        loan.action_lose("Stolen")
        return {**memory, "loan": loan.ids}

    def parts_plan(self):
        plan = self.env["aftersales.parts.plan"].create(
            {
                "month": f"20{30 + self.env['aftersales.parts.plan'].search_count([])}-01-15",
                "line_ids": [
                    Command.create(
                        {
                            "product_id": self.oil.id,
                            "warehouse_id": self.warehouse.id,
                            "quantity": 5,
                            "vendor_id": self.vendor.id,
                        }
                    )
                ],
            }
        )
        return self._memory(plan=plan)

    def parcel_here(self):
        parcel = self.env["aftersales.parcel"].create(
            {
                "product_id": self.oil.id,
                "partner_id": self.farmer.id,
                "sender": "Wang, Zhuhai",
            }
        )
        return self._memory(parcel=parcel)


# ---------------------------------------------------------------- acts, facts
def rma(method, *args):
    return on("return", "rma", method, *args)


def credited(env, memory):
    """What is credited of a return, drafts included."""
    lines = env["account.move.line"].search(
        [
            ("aftersales_return_line_id", "in", memory["line"]),
            ("parent_state", "!=", "cancel"),
        ]
    )
    return sum(lines.mapped("quantity"))


def left_in(env, memory):
    quants = env["stock.quant"].search([("location_id", "child_of", memory["van"])])
    return sum(quants.mapped("quantity"))


def reserved_in(env, memory):
    quants = env["stock.quant"].search([("location_id", "child_of", memory["van"])])
    return sum(quants.mapped("reserved_quantity"))


def change_remedy(env, memory):
    browse(env, memory, "return.line", "line")._change_remedy("repair")


def one_remedy(env, memory):
    """A line was refunded, or its remedy is another one; never both."""
    line = browse(env, memory, "return.line", "line")
    return (credited(env, memory) > 0) != (line.remedy != "refund")


Goods.cases = (
    Case(
        "return authorised",
        Goods.requested,
        same(DESK_USERS, rma("action_authorise")),
        count("stock.picking", "rma", "aftersales_return_id"),
    ),
    Case(
        "return authorised and refused",
        Goods.requested,
        each(DESK_USERS, rma("action_authorise"), rma("action_refuse", "Too old")),
        lambda env, m: (state("return", "rma")(env, m)[0] == "authorised")
        == bool(
            browse(env, m, "return", "rma").picking_ids.filtered(
                lambda p: p.state != "cancel"
            )
        ),
    ),
    Case(
        "return refunded",
        Goods.to_refund,
        same(DESK_USERS, rma("action_refund")),
        credited,
    ),
    Case(
        "refunded while the remedy changes",
        Goods.to_refund,
        each(DESK_USERS, rma("action_refund"), change_remedy),
        one_remedy,
    ),
    Case(
        "return inspected",
        Goods.to_inspect,
        same(DESK_USERS, on("return.inspection", "row", "action_book")),
        lambda env, m: browse(env, m, "return.line", "line").quantity_to_inspect,
    ),
    Case(
        "return closed and refunded",
        Goods.to_refund,
        each(DESK_USERS, rma("action_refund"), rma("action_cancel", "Error")),
        lambda env, m: (credited(env, m) <= 2),
    ),
    Case(
        "return exchanged",
        Goods.to_exchange,
        same(DESK_USERS, rma("action_exchange")),
        lambda env, m: sum(
            browse(env, m, "return.line", "line")
            ._get_replacement_moves()
            .mapped("product_qty")
        ),
    ),
    Case(
        "return repaired",
        Goods.machine_here,
        same(DESK_USERS, rma("action_repair")),
        lambda env, m: len(browse(env, m, "return", "rma").repair_ids),
    ),
    Case(
        "part request approved",
        Goods.part_asked_for,
        same(DESK_USERS, on("part.request", "request", "action_approve")),
        lambda env, m: sum(
            browse(env, m, "part.request", "request").picking_ids.move_ids.mapped(
                "product_uom_qty"
            )
        ),
    ),
    Case(
        "part used",
        Goods.part_on_site,
        same(DESK_USERS, on("ticket.line", "line", "action_use")),
        left_in,
    ),
    Case(
        "last part of a van",
        Goods.last_belt,
        own("dispatch", "visit", assign),
        reserved_in,
    ),
    Case(
        "tool handed out",
        Goods.tool_asked_for,
        same(DESK_USERS, on("loan", "loan", "action_issue")),
        lambda env, m: sum(
            browse(env, m, "loan", "loan")
            .move_ids.filtered(lambda x: x.state == "done")
            .mapped("quantity")
        ),
    ),
    Case(
        "loaner lent to several",
        Goods.same_loaner,
        lambda m, n, _p: (
            m["supervisor"],
            lambda env: env["aftersales.loan"].browse(m["loan"][n]).action_issue(),
        ),
        lambda env, m: state("loan", "loan")(env, m).count("out"),
    ),
    Case(
        "loss charged",
        Goods.lost_loaner,
        same(DESK_USERS, on("loan", "loan", "action_charge", 500.0, "Lost")),
        lambda env, m: len(browse(env, m, "loan", "loan").invoice_id),
    ),
    Case(
        "parts plan ordered",
        Goods.parts_plan,
        same(("manager",), on("parts.plan", "plan", "action_confirm")),
        lambda env, m: sum(
            env["purchase.order.line"]
            .search(
                [
                    (
                        "order_id.origin",
                        "in",
                        browse(env, m, "parts.plan", "plan").mapped("name"),
                    )
                ]
            )
            .mapped("product_qty")
        ),
    ),
    Case(
        "parcel received",
        Goods.parcel_here,
        same(("agent", "warehouse_user"), on("parcel", "parcel", "action_receive")),
        lambda env, m: len(browse(env, m, "parcel", "parcel").picking_ids),
    ),
)
Goods.cases += (
    again(
        "authorised again",
        Goods.requested,
        "return",
        "rma",
        "manager",
        "action_authorise",
    ),
    again(
        "refunded again", Goods.to_refund, "return", "rma", "manager", "action_refund"
    ),
    again(
        "lent again", Goods.tool_asked_for, "loan", "loan", "manager", "action_issue"
    ),
)
GOODS = (Goods,)
