"""Access rights of the installed add-ons, as Odoo sees them."""

import support

from odoo.tests import TransactionCase, tagged

OUTSIDERS = ("base.group_portal", "base.group_public")


@tagged("post_install", "-at_install")
class TestAccess(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addons = support.addons()
        cls.models = cls.env["ir.model"].search([("model", "=like", "aftersales.%")])
        cls.outsiders = cls.env["res.groups"].union(
            *(cls.env.ref(name) for name in OUTSIDERS)
        )

    def own(self, model):
        """Records of the model that our add-ons created."""
        data = self.env["ir.model.data"].search(
            [("module", "in", self.addons), ("model", "=", model)]
        )
        return self.env[model].browse(data.mapped("res_id")).exists()

    def real_models(self, transient=None):
        """ir.model records of our models that have a table."""
        for record in self.models:
            model = self.env.get(record.model)
            if model is None or model._abstract:
                continue
            if transient is None or model._transient == transient:
                yield record

    def test_addons_are_installed(self):
        """Proves: the checks below look at something."""
        installed = self.env["ir.module.module"].search(
            [("name", "in", self.addons), ("state", "=", "installed")]
        )
        self.assertEqual(set(installed.mapped("name")), set(self.addons))
        self.assertTrue(list(self.real_models()))

    def test_every_model_has_acl(self):
        """Proves: somebody can use each model and each wizard, and never everybody."""
        findings = []
        for record in self.real_models():
            rows = record.access_ids.filtered("active")
            if not rows.filtered(lambda row: row.group_id and row.perm_read):
                findings.append(f"{record.model} has no row that lets a group read")
            findings += [
                f"{record.model}: {row.name} is for everybody"
                for row in rows
                if not row.group_id
            ]
        support.report(sorted(findings), "ACL")

    def test_outsiders_only_read(self):
        """Proves: portal and public users write nothing directly, on no model at all."""
        rows = self.models.access_ids | self.own("ir.model.access")
        findings = [
            f"{row.model_id.model}: {row.name}"
            for row in rows.filtered(lambda row: row.group_id in self.outsiders)
            if row.perm_write or row.perm_create or row.perm_unlink
        ]
        support.report(sorted(findings), "outsiders may write")

    def test_outsiders_see_by_rule(self):
        """Proves: what a portal user may read is narrowed to his own records."""
        findings = [
            record.model
            for record in self.real_models(transient=False)
            for group in record.access_ids.filtered("perm_read").group_id
            & self.outsiders
            if not record.rule_ids.filtered(
                lambda rule, group=group: rule.active
                and rule.perm_read
                and group in rule.groups
            )
        ]
        support.report(sorted(findings), "readable by outsiders without a record rule")

    def restricts_company(self, rule):
        return (
            rule.active
            and "company_id" in (rule.domain_force or "")
            and "company_ids" in rule.domain_force
        )

    def test_company_rules(self):
        """Proves: nobody sees, makes or deletes another company's records."""
        findings = []
        for record in self.real_models(transient=False):
            field = self.env[record.model]._fields.get("company_id")
            if not field or field.comodel_name != "res.company":
                continue
            rules = record.rule_ids.filtered("active")
            local = rules.filtered("groups")
            restricted = (rules - local).filtered(self.restricts_company)
            if restricted:
                findings += [
                    f"{record.model}: {rule.name} leaves an operation open"
                    for rule in restricted
                    if not all(
                        rule[f"perm_{operation}"]
                        for operation in ("read", "write", "create", "unlink")
                    )
                ]
                continue
            insiders = record.access_ids.group_id - self.outsiders
            uncovered = insiders.filtered(
                lambda group, local=local: not (group.all_implied_ids & local.groups)
            )
            if uncovered or not all(map(self.restricts_company, local)):
                findings.append(
                    f"{record.model} has no rule on company_id by company_ids"
                )
        support.report(sorted(findings), "company rules")

    def test_groups_imply_no_core_role(self):
        """Proves: making someone a technician gives him no right in sales, stock or money."""
        groups = self.own("res.groups")
        self.assertTrue(groups)
        # What every employee has, by the settings of the database, is not ours to give.
        implied = (
            groups.all_implied_ids - self.env.ref("base.group_user").all_implied_ids
        )
        names = implied._get_external_ids()
        ours = {*self.addons, "base"}
        findings = [
            f"{group.full_name} implies {name}"
            for group in groups
            for other in group.all_implied_ids & implied
            for name in names[other.id]
            if name.partition(".")[0] not in ours
        ]
        support.report(sorted(findings), "implied groups")
