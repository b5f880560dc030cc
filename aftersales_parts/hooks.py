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
