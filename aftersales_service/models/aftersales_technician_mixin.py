from odoo import api, fields, models
from odoo.tools import SQL

AGENT = "aftersales_service.aftersales_service_group_agent"


class AftersalesTechnicianMixin(models.AbstractModel):
    """What the department knows of a technician, on both faces of an employee.

    Most people see employees through the public model only. Whatever is missing there,
    or hidden by a group, makes the employee unreadable for them: each field is on both,
    and what is not for the user is empty rather than refused.
    """

    _name = "aftersales.technician.mixin"
    _description = "File of a Technician"

    aftersales_assessment_ids = fields.One2many(
        comodel_name="aftersales.assessment",
        inverse_name="employee_id",
        string="Assessments",
        readonly=True,
    )
    aftersales_licence_ids = fields.One2many(
        comodel_name="hr.employee.skill",
        inverse_name="employee_id",
        string="Licences and Certificates",
        domain=[("skill_type_id.is_certification", "=", True)],
        readonly=True,
    )
    aftersales_zone_ids = fields.Many2many(
        comodel_name="aftersales.zone",
        relation="aftersales_zone_hr_employee_rel",
        column1="hr_employee_id",
        column2="aftersales_zone_id",
        string="Service Zones",
        readonly=True,
        help="Named on the zone.",
    )
    aftersales_tool_ids = fields.Many2many(
        comodel_name="product.product",
        relation="aftersales_technician_product_rel",
        column1="employee_id",
        column2="product_id",
        string="Tools Issued",
        help="What he has with him for good.",
    )
    aftersales_visit_count = fields.Integer(
        string="Visits", compute="_compute_aftersales_visits"
    )
    aftersales_open_visit_count = fields.Integer(
        string="Open Visits", compute="_compute_aftersales_visits"
    )
    aftersales_repeat_count = fields.Integer(
        string="Faults That Came Back",
        compute="_compute_aftersales_visits",
        help="Tickets for a fault that came back after his repair.",
    )
    aftersales_rating_avg = fields.Float(
        string="Average Rating", compute="_compute_aftersales_rating"
    )
    aftersales_rating_count = fields.Integer(
        string="Evaluations", compute="_compute_aftersales_rating"
    )

    @api.depends_context("uid")
    def _compute_aftersales_visits(self):
        """Count visits, and repairs that did not last."""
        shown = self._aftersales_get_shown(AGENT)
        # Read together, by the number that both faces of an employee share.
        self.env["aftersales.dispatch"].flush_model()
        self.env["aftersales.ticket"].flush_model(["repeat_of_id"])
        visits = SQL(
            """
            SELECT technician_id,
                   COUNT(*) FILTER (WHERE state <> 'cancelled'),
                   COUNT(*) FILTER (
                       WHERE state IN ('draft', 'assigned', 'accepted', 'on_site'))
              FROM aftersales_dispatch
             WHERE technician_id = ANY(%s) AND active
             GROUP BY technician_id
            """,
            shown.ids,
        )
        rows = {row[0]: row[1:] for row in self.env.execute_query(visits)}
        repeats = SQL(
            """
            SELECT visit.technician_id, COUNT(DISTINCT ticket.id)
              FROM aftersales_ticket ticket
              JOIN aftersales_dispatch visit
                ON visit.ticket_id = ticket.repeat_of_id AND visit.state = 'done'
             WHERE visit.technician_id = ANY(%s)
             GROUP BY visit.technician_id
            """,
            shown.ids,
        )
        repeated = dict(self.env.execute_query(repeats))
        for person in self:
            key = person._origin.id
            total, still_open = rows.get(key, (0, 0))
            person.aftersales_visit_count = total
            person.aftersales_open_visit_count = still_open
            person.aftersales_repeat_count = repeated.get(key, 0)

    @api.depends_context("uid")
    @api.depends("work_contact_id")
    def _compute_aftersales_rating(self):
        shown = self._aftersales_get_shown(AGENT)
        ratings = self._aftersales_get_ratings(shown.work_contact_id)
        for person in self:
            average, count = ratings.get(person.work_contact_id.id, (0.0, 0))
            person.aftersales_rating_avg = average
            person.aftersales_rating_count = count

    def _aftersales_get_shown(self, *groups):
        """Return these people if the user is in one of the groups, else nobody."""
        if self.env.su or any(map(self.env.user.has_group, groups)):
            return self
        return self.browse()

    @api.model
    def _aftersales_get_ratings(self, partners):
        """Return ``{partner id: (mean of the evaluations, number)}`` of visits."""
        if not partners:
            return {}
        # Evaluations are hidden; only their mean is told.
        Rating = self.env["rating.rating"].sudo()
        return {
            partner.id: (average, count)
            for partner, average, count in Rating._read_group(
                [
                    ("res_model", "=", "aftersales.dispatch"),
                    ("consumed", "=", True),
                    ("rated_partner_id", "in", partners.ids),
                ],
                ["rated_partner_id"],
                ["rating:avg", "__count"],
            )
        }

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_view_aftersales_visits(self):
        """Open the visits of the technicians, led by them or in the crew."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_dispatch_action"
        )
        people = ["|", ("technician_id", "in", self.ids), ("crew_ids", "in", self.ids)]
        return {**action, "domain": people, "context": {}}

    def action_aftersales_assess(self):
        """Open a new assessment of the technician."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_assessment_action"
        )
        return {
            **action,
            "views": [(False, "form")],
            "context": {"default_employee_id": self.id},
        }
