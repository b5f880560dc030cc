from .models.res_company import SEQUENCES


def post_init_hook(env):
    """Give companies the numbers that this floor needs."""
    env["res.company"].search([])._aftersales_create_sequences()


def uninstall_hook(env):
    """Take to-dos and records of ours along, leave what belongs to Odoo's own books."""
    env["ir.sequence"].with_context(active_test=False).search(
        [("code", "in", [code for code, _name, _prefix in SEQUENCES])]
    ).unlink()
    own = env["ir.model.data"].search([("module", "=", "aftersales_quality")])
    models = own.filtered(lambda data: data.model == "ir.model").mapped("res_id")
    kinds = own.filtered(lambda data: data.model == "mail.activity.type")
    others = env["ir.model.data"].search(
        [
            ("model", "=", "ir.model"),
            ("res_id", "in", models),
            ("module", "!=", "aftersales_quality"),
        ]
    )
    # To-dos go first: their kinds and their documents leave with us.
    env["mail.activity"].with_context(active_test=False).search(
        [
            "|",
            ("activity_type_id", "in", kinds.mapped("res_id")),
            ("res_model_id", "in", list(set(models) - set(others.mapped("res_id")))),
        ]
    ).unlink()
    own.filtered(
        lambda data: data.model.startswith("aftersales.") or "_demo" in data.name
    ).unlink()
    # The app is again for the people of the floors below.
    root = env.ref("aftersales_service.aftersales_service_menu_root")
    root.group_ids -= env.ref("hr.group_hr_user")
