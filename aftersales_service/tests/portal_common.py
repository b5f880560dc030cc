from lxml import html

from odoo import Command, http
from odoo.tests import HttpCase

from .common import AftersalesCommon

# The smallest contents that are what they say.
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
JPG = b"\xff\xd8\xff\xe0" + b"\0" * 32
PDF = b"%PDF-1.4\n%%EOF"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HTML = b"<html><script>alert(1)</script></html>"
EXE = b"MZ\x90\0" + b"\0" * 64


class PortalCommon(AftersalesCommon, HttpCase):
    """Customers and a dealer with portal access, and helpers to fill in forms."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.farmer_user = cls._portal_user("farmer", cls.farmer)
        cls.other_user = cls._portal_user("other", cls.other_farmer)
        cls.dealer_user = cls._portal_user("dealer", cls.dealer)

    @classmethod
    def _portal_user(cls, login, partner):
        return (
            cls.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": partner.name,
                    "login": login,
                    "password": login,
                    "partner_id": partner.id,
                    "company_id": cls.company.id,
                    "company_ids": [Command.set(cls.company.ids)],
                    "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
                }
            )
        )

    def _login(self, login):
        self.authenticate(login, login)

    def _get(self, url, **kwargs):
        return self.url_open(url, **kwargs)

    def _post(self, url, data=None, files=None, csrf=True, **kwargs):
        """Post a form the way a browser does.

        :param files: list of (name, content)
        """
        data = dict(data or {})
        if csrf:
            data["csrf_token"] = http.Request.csrf_token(self)
        if files:
            kwargs["files"] = [
                ("attachments", (name, content, "image/png")) for name, content in files
            ]
        return self.url_open(url, data=data, **kwargs)

    def _text(self, response):
        """Return the visible text of a page, blanks collapsed."""
        main = html.fromstring(response.text).xpath("//div[@id='wrap']")[0]
        return " ".join(main.text_content().split())

    def _value(self, response, name):
        """Return what a form field of a page holds."""
        page = html.fromstring(response.text)
        field = page.xpath(f"//main//*[@name='{name}']")[0]
        return field.text if field.tag == "textarea" else field.get("value")

    def _assert_home(self, response):
        """The page led to the portal's home: no word about what is there."""
        self.assertEqual(response.url.split("?")[0].rstrip("/")[-3:], "/my")

    def _attachments(self, record):
        return self.env["ir.attachment"].search(
            [("res_model", "=", record._name), ("res_id", "=", record.id)]
        )
