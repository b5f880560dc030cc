from odoo import fields, models


class ProductTemplate(models.Model):
    """What is delivered and installed by our own people (R54)."""

    _inherit = "product.template"

    aftersales_install = fields.Boolean(
        string="Installed by Us",
        help="Selling it plans a visit that delivers and installs it.",
    )
    aftersales_install_type_id = fields.Many2one(
        comodel_name="aftersales.job.type",
        string="Installation Job",
        check_company=True,
        ondelete="restrict",
        help="What the visit asks of those who are sent; delivery and installation when "
        "empty.",
    )

    def _get_aftersales_install_type(self):
        """Return the job type of the visit that installs the first of these products."""
        return self.aftersales_install_type_id[:1] or self.env.ref(
            "aftersales_parts.aftersales_job_type_delivery",
            raise_if_not_found=False,
        )
