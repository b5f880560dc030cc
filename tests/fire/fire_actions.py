"""Actions of several steps, each one press of a button.

An action does what is still to do: who presses again after a crash finds the button again,
or finds that it is done.
"""


def _validate(pickings):
    for picking in pickings.filtered(lambda p: p.state not in ("done", "cancel")):
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()


def _deliver(picking):
    _validate(picking)


def _authorise(rma):
    if rma.state == "draft":
        rma.action_authorise()


def _receive(rma):
    _validate(rma.line_ids._get_expected_moves().picking_id)


def _inspect(rma):
    if rma.state == "received" and rma.line_ids.quantity_to_inspect:
        rma.line_ids.inspection = "resaleable"
        rma.action_inspect()


def _refund(rma):
    if not rma.refund_ids:
        rma.action_refund()


def _post(rma):
    rma.refund_ids.filtered(lambda move: move.state == "draft").action_post()


def _exchange(rma):
    if not rma.line_ids._get_replacement_moves():
        rma.action_exchange()


def _repair(rma):
    if not rma.repair_ids:
        rma.action_repair()


def _finish(visit):
    if visit.state == "on_site":
        visit.action_finish()


def _solve(ticket):
    if ticket.state not in ("solved", "closed"):
        ticket.action_solve()


def _close(ticket):
    if ticket.state == "solved":
        ticket.action_close()


def _credit(claim):
    if not claim.refund_id:
        claim.action_credit()


def _plan(campaign):
    if not campaign.recipient_ids:
        campaign.action_plan()


def _start(backfill):
    if backfill.state == "draft":
        backfill.action_start()


# Name, name in the world, what is done to it; in the order in which they follow.
ACTIONS = (
    ("validate a delivery of serials", "delivery", _deliver),
    ("authorise a return", "refund", _authorise),
    ("receive a return", "refund", _receive),
    ("inspect a return", "refund", _inspect),
    ("credit a return", "refund", _refund),
    ("post the credit note", "refund", _post),
    ("authorise an exchange", "exchange", _authorise),
    ("receive an exchange", "exchange", _receive),
    ("inspect an exchange", "exchange", _inspect),
    ("exchange", "exchange", _exchange),
    ("authorise a repair", "repair", _authorise),
    ("receive a repair", "repair", _receive),
    ("repair", "repair", _repair),
    ("finish a visit", "visit", _finish),
    ("solve a ticket", "ticket", _solve),
    ("close a ticket", "ticket", _close),
    ("credit of a supplier", "claim", _credit),
    ("plan a campaign", "campaign", _plan),
    ("work off past deliveries", "backfill", _start),
)
MODELS = {
    "delivery": "stock.picking",
    "refund": "aftersales.return",
    "exchange": "aftersales.return",
    "repair": "aftersales.return",
    "visit": "aftersales.dispatch",
    "ticket": "aftersales.ticket",
    "claim": "aftersales.supplier.claim",
    "campaign": "aftersales.campaign",
    "backfill": "aftersales.backfill",
    "complaint": "aftersales.complaint",
}
# Steps of a complaint, as its scene in the add-on's own tests takes them.
COMPLAINT = (
    "validated",
    "committed",
    "investigating",
    "proposed",
    "agreed",
    "accountable",
    "improved",
    "archived",
)


def get_actions(world):
    """Return ``{name: function of an environment}``.

    :param dict world: ids by name, as ``fire_world`` tells them
    """
    actions = {
        name: _bind(function, MODELS[key], world[key])
        for name, key, function in ACTIONS
    }
    for step in COMPLAINT:
        actions[f"complaint {step}"] = _step(step, world)
    return actions


def _bind(function, model, ids):
    def action(env):
        records = env[model].browse(ids)
        company = records.company_id
        function(records.with_context(allowed_company_ids=company.ids))

    return action


def _step(step, world):
    def action(env):
        # Only here: the tests' classes are found by pytest, this file is not one.
        from fire_world import World

        company = env["aftersales.complaint"].browse(world["complaint"]).company_id
        env = env(context={**env.context, "allowed_company_ids": company.ids})
        scene = World.over(env, world)
        complaint = env["aftersales.complaint"].browse(world["complaint"])
        if complaint.state != step:
            scene._to(step, complaint)

    return action
