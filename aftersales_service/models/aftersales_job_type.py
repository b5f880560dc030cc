from odoo import fields, models


class AftersalesJobType(models.Model):
    """Kind of job, and what it asks of those who are sent (R23, R31, R32, R70)."""

    _name = "aftersales.job.type"
    _description = "Job Type"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        help="Empty: for every company.",
    )
    hours = fields.Float(
        string="Planned Hours",
        default=2.0,
        required=True,
        help="How long such a visit takes, without the way.",
    )
    crew_size = fields.Integer(
        string="Minimum Crew",
        default=1,
        required=True,
        help="How many have to go, the responsible technician included.",
    )
    watcher = fields.Boolean(
        string="With a Watcher",
        help="One of the crew does nothing but watch, as when something is lifted.",
    )
    grade_id = fields.Many2one(
        comodel_name="aftersales.grade",
        string="Lowest Grade",
        ondelete="restrict",
        help="Of the responsible technician.",
    )
    skill_ids = fields.Many2many(
        comodel_name="hr.skill",
        relation="aftersales_job_type_hr_skill_rel",
        string="Skills",
        domain="[('skill_type_id.is_certification', '=', False)]",
        help="The responsible technician has proven all of them.",
    )
    licence_ids = fields.Many2many(
        comodel_name="hr.skill",
        relation="aftersales_job_type_licence_rel",
        string="Licences",
        domain="[('skill_type_id.is_certification', '=', True)]",
        help="Everybody who goes needs all of them, valid on the day of the visit.",
    )
    licence_missing = fields.Selection(
        selection=[("block", "Nobody Goes Without"), ("warn", "Warn the Dispatcher")],
        string="Without Licence",
        required=True,
        default="block",
    )

    _hours_in_a_day = models.Constraint(
        "CHECK (hours > 0 AND hours <= 24)",
        "The planned hours of a job type lie between 0 and 24.",
    )
    _crew_size_positive = models.Constraint(
        "CHECK (crew_size >= 1)",
        "At least one person goes: the minimum crew cannot be smaller than 1.",
    )
    _watcher_needs_crew = models.Constraint(
        "CHECK (watcher IS NOT TRUE OR crew_size >= 2)",
        "Who watches does not work: a job with a watcher needs a crew of at least 2.",
    )
