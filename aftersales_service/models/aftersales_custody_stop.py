from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AftersalesCustodyStop(models.Model):
    """A time in which an item lay with us without being our turn."""

    _name = "aftersales.custody.stop"
    _description = "Stop of the Repair Clock"
    _order = "custody_id, date_begin, id"

    custody_id = fields.Many2one(
        comodel_name="aftersales.custody",
        string="Item in Repair",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="custody_id.company_id", store=True, index=True, precompute=True
    )
    reason_id = fields.Many2one(
        comodel_name="aftersales.custody.reason",
        required=True,
        index=True,
        ondelete="restrict",
    )
    date_begin = fields.Datetime(
        string="Begins", required=True, default=fields.Datetime.now
    )
    date_end = fields.Datetime(string="Until", help="Empty while it lasts.")
    note = fields.Char(
        string="Remark",
        help="What the repairer notes on the record, e.g. the part that the maker has "
        "not supplied.",
    )

    _dates_in_order = models.Constraint(
        "CHECK (date_end IS NULL OR date_begin <= date_end)",
        "A stop cannot end before it begins.",
    )
    _running_uniq = models.UniqueIndex(
        "(custody_id) WHERE date_end IS NULL",
        "The clock of this item stands already.",
    )

    @api.constrains("custody_id", "date_begin", "date_end")
    def _check_inside(self):
        """A stop lies within the stay, and no two of them overlap."""
        now = fields.Datetime.now()
        for custody, stops in self.grouped("custody_id").items():
            last = custody.date_out or now
            for stop in stops:
                end = stop.date_end or last
                if (
                    stop.date_begin < custody.date_in
                    or end > last
                    or not (stop.date_begin <= end)
                ):
                    raise ValidationError(
                        self.env._(
                            "%(custody)s: a stop (%(reason)s) lies between hand-in and "
                            "hand-back, and not in the future.",
                            custody=custody.display_name,
                            reason=stop.reason_id.name,
                        )
                    )
            ordered = custody.stop_ids.sorted("date_begin")
            for before, after in zip(ordered, ordered[1:], strict=False):
                if (before.date_end or last) > after.date_begin:
                    raise ValidationError(
                        self.env._(
                            "%(custody)s: two stops overlap (%(one)s, %(other)s).",
                            custody=custody.display_name,
                            one=before.reason_id.name,
                            other=after.reason_id.name,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        # The index on running stops must know which have ended.
        self.flush_model(["date_end"])
        stops = super().create(vals_list)
        stops.custody_id._ensure_can_correct()
        stops.custody_id._follow_change()
        return stops

    def write(self, vals):
        self.custody_id._ensure_can_correct()
        before = self.custody_id
        result = super().write(vals)
        (before | self.custody_id)._ensure_can_correct()
        (before | self.custody_id)._follow_change()
        return result

    def unlink(self):
        custodies = self.custody_id
        custodies._ensure_can_correct()
        result = super().unlink()
        custodies.exists()._follow_change()
        return result
