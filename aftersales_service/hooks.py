from .models.res_company import SEQUENCES


def post_init_hook(env):
    """Give every existing company the numbers of the department."""
    env["res.company"].search([])._aftersales_create_sequences()


def uninstall_hook(env):
    """Let the orders, transfers and invoices of the demonstration stay as they are.

    They are bound together by Odoo's own books: deleting some of them by their
    external ids would tear the others apart. What is ours goes with its tables;
    record by record, those that are referred to could not go.
    """
    env["ir.sequence"].with_context(active_test=False).search(
        [("code", "in", [code for code, _name, _prefix in SEQUENCES])]
    ).unlink()
    names = env["ir.model.data"].search(
        [
            ("module", "=", "aftersales_service"),
            "|",
            ("model", "=like", "aftersales.%"),
            ("name", "=like", r"%\_demo%"),
        ]
    )
    # Products on orders stay with them.
    used = env["sale.order.line"].search([("product_id", "!=", False)]).product_id
    used_ids = {
        "product.product": set(used.ids),
        "product.template": set(used.product_tmpl_id.ids),
    }
    env["ir.model.data"].search(
        [("module", "=", "aftersales_service"), ("model", "in", list(used_ids))]
    ).filtered(lambda data: data.res_id in used_ids[data.model]).unlink()
    # Teams take their mail addresses along; a call says which team missed it, a report
    # whose day it is.
    env.cr.execute("DELETE FROM aftersales_missed_call")
    env.cr.execute("DELETE FROM aftersales_daily_report")
    names.exists().filtered(
        lambda data: data.model != "aftersales.team"
        and not data.model.startswith("mail.activity")
    ).unlink()
    # Their kinds go with us, and cannot go while to-dos have them.
    activities = env["mail.activity"].with_context(active_test=False)
    activities.search([("res_model", "=like", "aftersales.%")]).unlink()
