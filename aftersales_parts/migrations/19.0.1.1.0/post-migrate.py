from odoo import SUPERUSER_ID, api

READERS = ("technician", "invoice", "salesman", "hr")


def migrate(cr, version):
    """Let those who only read loans read them: salesmen may ask for samples now."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for who in READERS:
        rule = env.ref(f"aftersales_parts.aftersales_loan_rule_{who}", False)
        if rule:
            rule.write(
                {"perm_write": False, "perm_create": False, "perm_unlink": False}
            )
