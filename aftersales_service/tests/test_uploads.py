import io

from odoo.tests import BaseCase

from ..tools import network, uploads
from .portal_common import EXE, HTML, JPG, PDF, PNG, SVG


class _File(io.BytesIO):
    def __init__(self, filename, content):
        super().__init__(content)
        self.filename = filename


class TestUploads(BaseCase):
    """Only pictures and PDF come in, by what they contain."""

    def _read(self, *files):
        return uploads.read([_File(name, content) for name, content in files])

    def test_welcome(self):
        sent = self._read(("a.png", PNG), ("b.jpeg", JPG), ("c.pdf", PDF))
        self.assertEqual(
            [name for name, _content in sent.accepted], ["a.png", "b.jpg", "c.pdf"]
        )
        self.assertFalse(sent.refused)

    def test_hostile_content_under_a_harmless_name(self):
        sent = self._read(
            ("a.png", SVG), ("b.png", HTML), ("c.jpg", EXE), ("d.png", b"")
        )
        self.assertFalse(sent.accepted)
        self.assertEqual([reason for _n, reason in sent.refused], ["type"] * 4)

    def test_harmless_content_under_a_hostile_name(self):
        sent = self._read(("../../evil.html", PNG), ("x.svg\0.exe", JPG), ("", PNG))
        self.assertEqual(
            [name for name, _content in sent.accepted], ["evil.png", "x.svg.jpg"]
        )

    def test_too_large_and_too_many(self):
        sent = self._read(("big.png", PNG + b"\0" * uploads.MAX_SIZE))
        self.assertEqual(sent.refused, [("big.png", "size")])
        sent = self._read(*[(f"{index}.png", PNG) for index in range(7)])
        self.assertEqual(len(sent.accepted), uploads.MAX_FILES)
        self.assertEqual(sent.refused, [("5.png", "count"), ("6.png", "count")])

    def test_network_of_an_address(self):
        same = network.network_of("2001:db8:1:2:3::4")
        self.assertEqual(same, network.network_of("2001:db8:1:2:ffff::9%eth0"))
        self.assertNotEqual(same, network.network_of("2001:db8:1:3::4"))
        self.assertEqual(network.network_of("::ffff:192.0.2.1"), "192.0.2.1")
        self.assertEqual(network.network_of("192.0.2.1"), "192.0.2.1")
        self.assertEqual(network.network_of("nonsense"), "nonsense")
        self.assertEqual(network.network_of(None), "")
