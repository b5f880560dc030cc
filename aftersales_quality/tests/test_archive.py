import io
import zipfile
from datetime import timedelta

from freezegun import freeze_time
from openpyxl import load_workbook

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import QualityCommon


@tagged("post_install", "-at_install")
class TestArchive(QualityCommon):
    """Finished records stay for years, and one customer's file is complete (R66)."""

    def test_finished_records_are_kept(self):
        claim = self.env["aftersales.supplier.claim"].create(
            {"partner_id": self.dealer.id}
        )
        action = self.env["aftersales.action"].create({"description": "New belt"})
        nonconformity = self.env["aftersales.nonconformity"].create(
            {"product_id": self.harvester.id}
        )
        for record, state in (
            (claim, "refused"),
            (action, "closed"),
            (nonconformity, "done"),
        ):
            record.flush_recordset()
            self.env.cr.execute(
                f"UPDATE {record._table} SET state = %s WHERE id = %s",
                [state, record.id],
            )
            record.invalidate_recordset()
            with self.assertRaises(UserError):
                record.with_user(self.manager).unlink()
            later = fields.Datetime.now() + timedelta(days=2 * 365)
            with (
                freeze_time(later),
                self.assertRaisesRegex(UserError, "kept until"),
            ):
                record._ensure_not_kept()

    def test_whole_file_of_a_customer(self):
        ticket = self._ticket()
        complaint = self._complain(ticket_id=ticket.id)
        nonconformity = self.env["aftersales.nonconformity"].create(
            {"product_id": self.harvester.id, "complaint_id": complaint.id}
        )
        action = self.env["aftersales.action"].create(
            {"description": "New belt", "complaint_id": complaint.id}
        )
        claim = self.env["aftersales.supplier.claim"].create(
            {"partner_id": self.dealer.id, "complaint_id": complaint.id}
        )
        self.env["ir.attachment"].create(
            {
                "name": "photo.txt",
                "raw": b"x",
                "res_model": complaint._name,
                "res_id": complaint.id,
            }
        )
        self._stock(self.oil, 2)
        order = self._sold(self.oil, 2)
        rma = self._rma(
            (order.order_line.move_ids, 1, {"remedy": "refund"}),
            partner_id=self.farmer.id,
        )
        with self.farmer.with_user(self.manager)._aftersales_make_file() as stream:
            archive = zipfile.ZipFile(io.BytesIO(stream.read()))
        self.assertTrue(any("photo" in name for name in archive.namelist()))
        book = next(name for name in archive.namelist() if name.endswith(".xlsx"))
        cells = {
            str(cell)
            for sheet in load_workbook(io.BytesIO(archive.read(book)))
            for row in sheet.iter_rows(values_only=True)
            for cell in row
        }
        for record in (ticket, complaint, nonconformity, action, claim, rma):
            self.assertIn(record.name, cells)
        with self.assertRaises(UserError):
            self.farmer.with_user(self.supervisor)._aftersales_make_file()
