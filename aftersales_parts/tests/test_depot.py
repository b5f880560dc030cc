from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import PartsCommon


@tagged("post_install", "-at_install")
class TestDepot(PartsCommon):
    """Proves R43: station asks the regional depot, that one the head office."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Warehouse = cls.env["stock.warehouse"]
        cls.region, cls.other = Warehouse.create(
            [
                {
                    "name": name,
                    "code": code,
                    "company_id": cls.company.id,
                    "aftersales_parent_depot_id": cls.warehouse.id,
                }
                for name, code in (("Region", "REG"), ("Other", "OTH"))
            ]
        )
        cls.station = Warehouse.create(
            {
                "name": "Station",
                "code": "STA",
                "company_id": cls.company.id,
                "aftersales_parent_depot_id": cls.region.id,
            }
        )

    def test_parent_depot_makes_the_routes(self):
        self.assertEqual(self.station.resupply_wh_ids, self.region)
        self.assertEqual(self.station.resupply_route_ids.supplier_wh_id, self.region)
        self.assertEqual(
            self.station._get_depot_chain(),
            self.station + self.region + self.warehouse,
        )

    def test_another_parent_changes_the_routes(self):
        self.station.aftersales_parent_depot_id = self.other
        self.assertEqual(self.station.resupply_wh_ids, self.other)
        self.assertEqual(self.station.resupply_route_ids.supplier_wh_id, self.other)
        self.station.aftersales_parent_depot_id = self.region
        self.assertEqual(self.station.resupply_route_ids.supplier_wh_id, self.region)
        self.station.aftersales_parent_depot_id = False
        self.assertFalse(self.station.resupply_wh_ids)
        self.assertFalse(self.station.resupply_route_ids)
        self.assertEqual(self.station._get_depot_chain(), self.station)

    def test_no_depot_supplies_itself(self):
        with self.assertRaisesRegex(ValidationError, "supplied by itself"):
            self.warehouse.aftersales_parent_depot_id = self.station
