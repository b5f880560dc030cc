"""Rights on people's sheets and sanctions became narrower; rules are not updated alone."""

from odoo import SUPERUSER_ID, api

READ_ONLY = {"perm_write": False, "perm_create": False, "perm_unlink": False}
LED = "[('team_id.supervisor_id', '=', user.id), ('user_id', '!=', user.id)]"
# Name of the rule: domain of the version before, domain from now on, other values.
RULES = {
    "performance_rule_employee": (
        "[('employee_id.user_id', '=', user.id)]",
        "[('user_id', '=', user.id), ('state', '!=', 'draft')]",
        {},
    ),
    "performance_rule_supervisor": (
        "[('employee_id.parent_id.user_id', '=', user.id)]",
        LED,
        {},
    ),
    "performance_line_rule_employee": (
        "[('performance_id.employee_id.user_id', '=', user.id)]",
        "[('performance_id.user_id', '=', user.id), "
        "('performance_id.state', '!=', 'draft')]",
        {},
    ),
    "performance_line_rule_supervisor": (
        "[('performance_id.employee_id.parent_id.user_id', '=', user.id)]",
        LED.replace("('", "('performance_id."),
        {},
    ),
    "sanction_rule_employee": (
        "[('employee_id.user_id', '=', user.id)]",
        "[('user_id', '=', user.id)]",
        READ_ONLY,
    ),
    "sanction_rule_supervisor": (
        "[('employee_id.parent_id.user_id', '=', user.id)]",
        "['&', '|', ('user_id', '=', False), ('user_id', '!=', user.id), "
        "'|', ('employee_id.parent_id.user_id', '=', user.id), "
        "('user_id.aftersales_team_ids.supervisor_id', '=', user.id)]",
        {},
    ),
}


def migrate(cr, version):
    """Narrow the rules that nobody has changed meanwhile."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name, (before, after, values) in RULES.items():
        rule = env.ref(f"aftersales_quality.aftersales_{name}", False)
        if rule and " ".join((rule.domain_force or "").split()) == before:
            rule.write({"domain_force": after, **values})
    # Technicians read and do the actions asked of them by other ways since.
    gone = env.ref("aftersales_quality.aftersales_action_rule_technician", False)
    if gone:
        gone.unlink()
