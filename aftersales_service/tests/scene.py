from unittest.mock import patch

from passlib.context import CryptContext

from odoo import Command
from odoo.tests import new_test_user

# No add-on has this name: nothing updates, exports or removes the records.
MODULE = "__aftersales_scene__"
HASHING = "odoo.addons.base.models.res_users.ResUsersPatchedInTest._crypt_context"
GROUP = "aftersales_service.aftersales_service_group_"
# Name of the record: login, group.
USERS = {
    "technician": ("technician", f"{GROUP}technician"),
    "agent": ("agent", f"{GROUP}agent"),
    "supervisor": ("supervisor", f"{GROUP}supervisor"),
    "manager": ("manager", f"{GROUP}manager"),
    "salesman": ("salesman", "sales_team.group_sale_salesman"),
    "warehouse_user": ("keeper", "stock.group_stock_user"),
    "accountant": ("accountant", "account.group_account_invoice"),
    "employee": ("employee", "base.group_user"),
}


class Scene:
    """A harvester maker with its chart of accounts, people and products.

    It costs more to make than most classes of tests cost to run. A run of many classes
    commits it once (``keep``); each class finds it there, or makes its own.
    """

    def __init__(self, env):
        self.env = env

    def find(self):
        """Return the kept records by name; nothing in a database that keeps none."""
        kept = self.env["ir.model.data"].search([("module", "=", MODULE)])
        return {row.name: self.env[row.model].browse(row.res_id) for row in kept}

    def restart_numbers(self, company):
        """Number the company's documents from 1 again, until this transaction ends.

        A counter of PostgreSQL does not go back with its transaction: the numbers of a class
        would follow from the classes before it.
        """
        counters = self.env["ir.sequence"].search(
            [("company_id", "=", company.id), ("implementation", "=", "standard")]
        )
        counters.number_next = 1

    def keep(self):
        """Make the records, to be found in the same database after a commit."""
        if self.find():
            return
        # As in a test: a hash takes no time, and a company comes with its warehouse.
        quick = CryptContext(["pbkdf2_sha512"], pbkdf2_sha512__rounds=1)
        with (
            patch(HASHING, lambda _users: quick),
            patch("odoo.modules.module.current_test", True),
        ):
            records = self.make()
        self.env["ir.model.data"]._update_xmlids(
            [
                {"xml_id": f"{MODULE}.{name}", "record": record}
                for name, record in records.items()
            ]
        )

    def make(self):
        """Make the records and return them by name."""
        company = self.env["res.company"].create({"name": "Harvester Works"})
        self.env["account.chart.template"].try_loading(
            "generic_coa", company=company, install_demo=False
        )
        self.env = self.env(
            context={
                **self.env.context,
                "allowed_company_ids": company.ids,
                "mail_notrack": True,
            }
        )
        return {
            "company": company,
            "team": self.env["aftersales.team"].create(
                {"name": "Desk", "hazard_look_required": False}
            ),
            **self._make_partners(),
            **self._make_products(),
            **self._make_users(company),
        }

    def _make_partners(self):
        farmer, other, dealer = self.env["res.partner"].create(
            [
                {
                    "lang": "en_US",
                    "name": "Farmer Wang",
                    "phone": "+86 138 0013 8000",
                    "email": "w@example.com",
                },
                {"name": "Farmer Li", "lang": "en_US"},
                {"name": "Dealer Zhao", "is_company": True, "aftersales_dealer": True},
            ]
        )
        return {"farmer": farmer, "other_farmer": other, "dealer": dealer}

    def _make_products(self):
        common = {
            "type": "consu",
            "is_storable": True,
            "invoice_policy": "delivery",
            "list_price": 1000.0,
        }
        harvester, header, oil = self.env["product.product"].create(
            [
                {**common, "name": "Harvester", "tracking": "serial"},
                {**common, "name": "Header", "aftersales_voucher": "line"},
                {**common, "name": "Oil"},
            ]
        )
        return {"harvester": harvester, "header": header, "oil": oil}

    def _make_users(self, company):
        return {
            name: new_test_user(
                self.env,
                login=login,
                groups=f"base.group_user,{group}",
                # Nobody reads the invitations.
                context={"no_reset_password": True},
                lang="en_US",
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
                email=f"{login}@example.com",
            )
            for name, (login, group) in USERS.items()
        }
