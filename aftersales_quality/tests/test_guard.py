from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import QualityCommon


@tagged("post_install", "-at_install")
class TestGuard(QualityCommon):
    """Steps are taken by buttons, never typed (R58)."""

    def test_state_cannot_be_typed(self):
        complaint = self._complain()
        self.assertTrue(complaint.name.startswith("CP"), complaint.name)
        with self.assertRaisesRegex(UserError, complaint.name):
            complaint.write({"state": "archived"})
        with self.assertRaisesRegex(UserError, "Step"):
            self._complain(state="agreed")
