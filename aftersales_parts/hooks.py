from .models.res_company import SEQUENCES

# Operations and places that warehouses have from this floor.
TYPES = (
    "aftersales_return_type_id",
    "aftersales_inspection_type_id",
    "aftersales_custody_type_id",
    "aftersales_job_type_id",
)
PLACES = (
    "aftersales_quarantine_id",
    "aftersales_hold_id",
    "aftersales_customer_goods_id",
    "aftersales_old_parts_id",
)
LOAN_PLACES = ("aftersales_lent_location_id", "aftersales_mending_location_id")


def post_init_hook(env):
    """Give companies the numbers, and warehouses the places, that this floor needs."""
    env["res.company"].search([])._aftersales_create_sequences()
    env["stock.warehouse"].search([])._aftersales_complete()


def uninstall_hook(env):
    """Let what the demonstration sold, moved and invoiced stay as it is.

    As on the floor below: Odoo's own books bind these records together, so deleting some
    of them by their external ids would tear the others apart. What is ours goes with its
    tables; record by record, those that are referred to could not go.
    """
    _leave_warehouses(env)
    env["ir.sequence"].with_context(active_test=False).search(
        [("code", "in", [code for code, _name, _prefix in SEQUENCES])]
    ).unlink()
    own = env["ir.model.data"].search([("module", "=", "aftersales_parts")])
    # To-dos go first: their kinds and their documents leave with us.
    models = own.filtered(lambda data: data.model == "ir.model").mapped("res_id")
    kinds = own.filtered(lambda data: data.model == "mail.activity.type")
    env["mail.activity"].with_context(active_test=False).search(
        [
            "|",
            ("activity_type_id", "in", kinds.mapped("res_id")),
            ("res_model_id", "in", _get_own_models(env, models)),
        ]
    ).unlink()
    own.filtered(
        lambda data: data.model.startswith("aftersales.") or "_demo" in data.name
    ).unlink()


def _leave_warehouses(env):
    """Archive what warehouses have from this floor; goods that lie there stay in sight.

    Transfers were made with these operations, so they are not deleted. Installed again,
    this floor takes them back.
    """
    depots = env["stock.warehouse"].with_context(active_test=False).search([])
    depots.aftersales_van_route_id.action_archive()
    for name in TYPES:
        depots[name].action_archive()
    for name in PLACES:
        _archive_empty(depots[name])
    companies = env["res.company"].with_context(active_test=False).search([])
    for name in LOAN_PLACES:
        _archive_empty(companies[name])


def _archive_empty(places):
    """Archive places in which nothing lies."""
    for place in places.filtered("active"):
        goods = [("location_id", "child_of", place.id), ("quantity", "!=", 0)]
        if not places.env["stock.quant"].search_count(goods, limit=1):
            place.action_archive()


def _get_own_models(env, ids):
    """Return which of these models are ours alone: others were only extended."""
    others = env["ir.model.data"].search(
        [
            ("model", "=", "ir.model"),
            ("res_id", "in", ids),
            ("module", "!=", "aftersales_parts"),
        ]
    )
    return list(set(ids) - set(others.mapped("res_id")))
