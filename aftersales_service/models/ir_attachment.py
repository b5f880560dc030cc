import re
import shutil

from odoo import models

_UNSAFE = re.compile(r"[\x00-\x1f\x7f<>:\"/\\|?*]+")


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _aftersales_path(self, folder):
        """Return where the file lies in the file of a person; None for mere links."""
        self.ensure_one()
        if self.type != "binary":
            return None
        name = _UNSAFE.sub("_", self.name or "").strip(" .")[-100:] or "file"
        return f"files/{_UNSAFE.sub('-', folder)}/{self.id}_{name}"

    def _aftersales_copy_into(self, archive, path):
        """Copy the content into an open archive, without loading it as a whole."""
        self.ensure_one()
        with archive.open(path, "w") as target:
            if self.store_fname:
                with open(self._full_path(self.store_fname), "rb") as source:
                    shutil.copyfileobj(source, target)
            else:
                target.write(self.raw or b"")
