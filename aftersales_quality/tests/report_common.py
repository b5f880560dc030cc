from freezegun import freeze_time

from odoo.addons.aftersales_service.tests.clock_common import local
from odoo.addons.aftersales_service.tests.report_common import ReportCommon

from .common import QualityCommon


class FigureCommon(ReportCommon, QualityCommon):
    """June and July of a desk with two technicians, seen from the 20th of August."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.supervisor_id = cls.supervisor
        cls.company.partner_id.lang = "en_US"
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.units = cls.env["aftersales.equipment"].create(
            [
                {
                    "name": f"V{number}",
                    "partner_id": cls.farmer.id,
                    "product_id": cls.harvester.id,
                    "delivery_date": f"2026-0{6 + number // 4}-01",
                }
                for number in range(6)
            ]
        )

    def _visit(self, opened, arrive, finish, unit=None, **values):
        """Return a visit that was made, noted when it was finished."""
        if unit is not None:
            values["equipment_id"] = self.units[unit].id
        with freeze_time(local(finish)):
            visit = self._made(opened, arrive, arrive, finish, **values)
            self.env.flush_all()
        return visit

    def _answered(self, visit, moment, levels, **extras):
        """Answer the card of a visit; levels of its four items."""
        items = ("attitude", "skill", "arrival", "promise")
        with freeze_time(local(moment)):
            card = visit.sudo().card_ids
            card._answer_card(
                dict(zip(items, levels, strict=True)),
                moment=local(moment),
                extras=card._get_card_extras(extras),
            )
            self.env.flush_all()
        return card
